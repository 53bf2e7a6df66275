"""What a row list tells its screen.

`RowList` carries these as attributes: `@on(RowList.Moved, "#sessions")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from warmtui.tui.list.row_list import RowList


@dataclass
class RowMessage(Message, namespace="row_list"):
    """Anything a row list says."""

    row_list: RowList

    @property
    def control(self) -> RowList:
        """The list, so that `@on` can select it by id."""
        return self.row_list


@dataclass
class Moved(RowMessage, namespace="row_list"):
    """The cursor came to stand on a row of another key: moved, or its row went away."""

    index: int
    """-1 when there are no rows."""
    key: str | None

    def can_replace(self, message: Message) -> bool:
        """Let only the last of a burst be heard."""
        return isinstance(message, Moved) and message.row_list is self.row_list


@dataclass
class Opened(RowMessage, namespace="row_list"):
    """Enter or a double click on a row."""

    index: int
    key: str


@dataclass
class Sideways(RowMessage, namespace="row_list"):
    """Left or h (step -1), right or l (step 1): to fold and unfold, or to change pane."""

    index: int
    key: str
    step: int


@dataclass
class Marked(RowMessage, namespace="row_list"):
    """Marks changed; `control.marked` has them, a range that is still being chosen included."""

    count: int


@dataclass
class HeaderClicked(RowMessage, namespace="row_list"):
    """A click on the line above the rows."""

    x: int
    """Cells from where rows begin, as `columns.Layout.at` takes it."""


@dataclass
class NotFound(RowMessage, namespace="row_list"):
    """n or N found no row that matches."""
