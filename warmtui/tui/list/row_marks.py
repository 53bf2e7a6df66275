"""Marked rows, and a range that is being chosen."""

from __future__ import annotations

from collections.abc import Iterable


class Marks:
    """Marked rows, by key so that sorting and filtering keep them, and a range that is being chosen.

    A range begins at a row and reaches to the cursor; its rows show as marked until it is taken or given up.
    """

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.anchor_key: str | None = None
        self.anchor = 0
        """Where the row of `anchor_key` is; the list corrects it when rows change."""

    @property
    def ranging(self) -> bool:
        """Whether a range is being chosen."""
        return self.anchor_key is not None

    def begin(self, index: int, key: str) -> None:
        """Start a range at a row."""
        self.anchor, self.anchor_key = index, key

    def give_up(self) -> None:
        """Forget the range, not the marks."""
        self.anchor_key = None

    def span(self, cursor: int) -> range:
        """Return the rows of the range; empty when there is none."""
        if not self.ranging:
            return range(0)
        return range(min(self.anchor, cursor), max(self.anchor, cursor) + 1)

    def toggle(self, keys: Iterable[str]) -> None:
        """Mark all of the keys, or unmark them when all are marked."""
        chosen = set(keys)
        self.keys = self.keys - chosen if chosen <= self.keys else self.keys | chosen
