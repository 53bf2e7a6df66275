"""The rows of a list, by number, made when they come into view; and which of them are marked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from warmtui.tui.widgets.paint import Line


class RowState(NamedTuple):
    """The state of a row that is drawn. The list itself draws cursor and mark; most rows ignore this."""

    cursor: bool
    marked: bool
    focused: bool


class RowSource(ABC):
    """The rows of a `RowList`. Subclass it; only `__len__`, `key` and `render` must be written.

    Nothing here may be slow: `render` is asked for each row that comes into sight, `key` for each row when
    a key is looked for. Untrusted text goes through `cells.clip`, `columns.Layout.row` or `display_line`.
    Change the rows in the event loop only, and call `RowList.refresh_rows` or `update_keys` right after.
    """

    variable: ClassVar[bool] = False
    """Whether rows have other heights than one line."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def key(self, index: int) -> str:
        """Return the name of the row, which never changes; unique in the source."""

    @abstractmethod
    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return the row's lines for `width` cells: as many as `height` says, else they are cut or filled."""

    def height(self, index: int) -> int:
        """Return the row's lines, at least 1; asked only when `variable`."""
        return 1

    def resize(self, width: int) -> None:  # noqa: B027 - most sources need not know
        """Take the width of the rows; called before heights are asked, and when it changes."""

    def header(self, width: int) -> Line | None:
        """Return a line that stays above the rows, or None."""
        return None

    def selectable(self, index: int) -> bool:
        """Return whether the row takes the cursor; False for headings between rows."""
        return True

    def index_of(self, key: str) -> int | None:
        """Return where the row of a key is; override it where the source has an index."""
        return next((index for index in range(len(self)) if self.key(index) == key), None)


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
