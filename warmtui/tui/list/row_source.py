"""The rows of a list, by number, made when they come into view."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
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
