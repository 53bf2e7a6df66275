"""Positions of rows of unequal height: sums in blocks, so that folding one of 250,000 rows is cheap."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

BLOCK = 512
"""Rows per block: with 250,000 rows a look-up walks at most 512 numbers and a change sums 490."""


class Heights:
    """Heights of rows in lines, and the sums of them.

    Args:
        heights: of each row, in lines, at least 1; None for `count` rows of one line each.
        count: how many rows there are, where `heights` is None.
    """

    def __init__(self, heights: Iterable[int] | None, count: int = 0) -> None:
        self._rows: array[int] | None = None if heights is None else array("L", heights)
        self._count = count if self._rows is None else len(self._rows)
        self._sums: list[int] = []
        self._starts: list[int] = [0]
        if self._rows is not None:
            self._sums = [sum(self._rows[at : at + BLOCK]) for at in range(0, self._count, BLOCK)]
            self._add_up()

    def _add_up(self) -> None:
        self._starts = [0, *accumulate(self._sums)]

    def __len__(self) -> int:
        return self._count

    @property
    def total(self) -> int:
        """All lines."""
        return self._count if self._rows is None else self._starts[-1]

    def of(self, index: int) -> int:
        """Return how many lines a row has."""
        return 1 if self._rows is None else self._rows[index]

    def start(self, index: int) -> int:
        """Return the line on which a row begins; of the number of rows: the total."""
        if self._rows is None:
            return index
        block, rest = divmod(index, BLOCK)
        return self._starts[block] + sum(self._rows[block * BLOCK : block * BLOCK + rest])

    def row_at(self, line: int) -> tuple[int, int]:
        """Return the row that holds a line, and which of its lines it is.

        Args:
            line: from 0 to below `total`.
        """
        if self._rows is None:
            return line, 0
        # no row has no lines, so starts are strictly ascending
        block = bisect_right(self._starts, line) - 1
        rest = line - self._starts[block]
        index = block * BLOCK
        while rest >= self._rows[index]:
            rest -= self._rows[index]
            index += 1
        return index, rest

    def change(self, index: int, height: int) -> bool:
        """Set the height of a row; return whether it changed."""
        if self._rows is None or self._rows[index] == height:
            return False
        self._sums[index // BLOCK] += height - self._rows[index]
        self._rows[index] = height
        self._add_up()
        return True
