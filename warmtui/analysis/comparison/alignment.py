"""Alignment of sequences: which of their items belong beside each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import isqrt
from typing import Literal, NamedTuple, TypeVar

Likeness = Literal[0, 1, 2]
"""How alike two items are: different, similar, identical."""

Item = TypeVar("Item", bound=Hashable)
First = TypeVar("First", bound=Hashable)
Second = TypeVar("Second", bound=Hashable)

MAX_CELLS = 250_000
"""Pairs of items in a table. Longer sequences are first cut into the same number of stretches, and an item is
then searched only in the corresponding stretch of the other sequence."""


class Aligned(NamedTuple):
    """A row of items beside each other."""

    items: tuple[int | None, ...]
    """The position of each sequence's item; None for a sequence without an item here."""
    alike: bool
    """Whether they are alike; otherwise they only happen to be in the same place."""


def align(sequences: Sequence[Sequence[Item]], likeness: Callable[[Item, Item], Likeness]) -> list[Aligned]:
    """Align two or more sequences, so that as many items as possible are beside similar ones.

    Two sequences are aligned by their longest common subsequence; among those of equal length the one with
    most identical items wins. Each further sequence is aligned with the rows so far; it is as similar to a
    row as to the most similar item in it. Items left between two rows are put side by side in order.

    Args:
        sequences: their items; equal items are identical.
        likeness: how alike two items are; symmetric.

    Returns:
        Rows in order; each item of each sequence is in exactly one, in the order of its sequence.
    """
    rows: list[list[int | None]] = []
    for number, sequence in enumerate(sequences):
        held = [tuple({sequences[s][i]: None for s, i in enumerate(row) if i is not None}) for row in rows]
        pairs = common_subsequence(
            held, sequence, lambda row, item: max(likeness(other, item) for other in row)
        )
        rows = _merged(rows, len(sequence), pairs, number)
    return _packed(rows, len(sequences))


def _merged(
    rows: list[list[int | None]], length: int, pairs: list[tuple[int, int]], number: int
) -> list[list[int | None]]:
    """Add a sequence to the rows: matched items to their rows, the others after the items they follow."""
    merged: list[list[int | None]] = []
    row = item = 0
    for next_row, next_item in [*pairs, (len(rows), length)]:
        merged += [[*unmatched, None] for unmatched in rows[row:next_row]]
        merged += [[None] * number + [position] for position in range(item, next_item)]
        if next_row < len(rows):
            merged.append([*rows[next_row], next_item])
        row, item = next_row + 1, next_item + 1
    return merged


def _packed(rows: list[list[int | None]], width: int) -> list[Aligned]:
    """Put single items side by side, within each run of such rows."""
    packed: list[Aligned] = []
    alone: list[list[int]] = [[] for _ in range(width)]
    """The single items of the run so far, by sequence."""

    def flush() -> None:
        for place in range(max(map(len, alone), default=0)):
            items = tuple(column[place] if place < len(column) else None for column in alone)
            packed.append(Aligned(items, alike=False))
        for column in alone:
            column.clear()

    for row in rows:
        present = [(column, item) for column, item in enumerate(row) if item is not None]
        if len(present) == 1:
            column, item = present[0]
            alone[column].append(item)
        else:
            flush()
            packed.append(Aligned(tuple(row), alike=True))
    flush()
    return packed


def common_subsequence(
    first: Sequence[First], second: Sequence[Second], likeness: Callable[[First, Second], Likeness]
) -> list[tuple[int, int]]:
    """Return the longest common subsequence of two sequences that has the most identical items.

    Returns:
        Pairs of positions, both ascending; past `MAX_CELLS` the longest within each stretch.
    """
    n, m, start, end = len(first), len(second), 0, 0
    # equal beginnings and endings need no table
    while start < min(n, m) and likeness(first[start], second[start]) == 2:
        start += 1
    while end < min(n, m) - start and likeness(first[n - 1 - end], second[m - 1 - end]) == 2:
        end += 1
    pairs = [(i, i) for i in range(start)]
    rows, columns = n - start - end, m - start - end
    parts = isqrt(max(0, rows * columns - 1) // MAX_CELLS) + 1
    for part in range(parts):
        top, left = start + rows * part // parts, start + columns * part // parts
        bottom, right = start + rows * (part + 1) // parts, start + columns * (part + 1) // parts
        pairs += [(top + i, left + j) for i, j in _longest(first[top:bottom], second[left:right], likeness)]
    return pairs + [(n - back, m - back) for back in range(end, 0, -1)]


def _longest(
    first: Sequence[First], second: Sequence[Second], likeness: Callable[[First, Second], Likeness]
) -> list[tuple[int, int]]:
    """Align one stretch with the textbook table, from its end to its start."""
    height, width = len(first), len(second)
    pair_worth = min(height, width) + 1
    """More than the extra worth of all identical pairs together."""
    worth = (0, pair_worth, pair_worth + 1)
    items = dict.fromkeys(second)
    known = {row: {item: worth[likeness(row, item)] for item in items} for row in dict.fromkeys(first)}
    weights = [[known[row][item] for item in second] for row in first]
    table = [[0] * (width + 1)]
    for weight in reversed(weights):
        below = table[-1]
        if not any(weight):
            table.append(below)
            continue
        here = [0] * (width + 1)
        best = 0
        for j in range(width - 1, -1, -1):
            if below[j] > best:
                best = below[j]
            if weight[j] and weight[j] + below[j + 1] > best:
                best = weight[j] + below[j + 1]
            here[j] = best
        table.append(here)
    table.reverse()
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < height and j < width:
        if weights[i][j] and table[i][j] == weights[i][j] + table[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif table[i][j] == table[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
