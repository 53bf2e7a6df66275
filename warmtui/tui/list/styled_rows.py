"""A text in several looks as rows, wrapped, a row per line, so that only what is in sight is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.paint import Line, cut


class StyledRows(RowSource):
    """The lines of a text."""

    variable = True

    def __init__(self) -> None:
        self._lines: list[Text] = []
        self._heights: list[int] = []

    def put(self, text: Text) -> None:
        """Show another text."""
        self._lines = [_clean(line) for line in text.split("\n", allow_blank=True)]
        self._heights = [1] * len(self._lines)

    @property
    def lines(self) -> list[str]:
        """The lines as they are shown, unwrapped."""
        return [line.plain for line in self._lines]

    def __len__(self) -> int:
        return len(self._lines)

    def key(self, index: int) -> str:
        """Return the row's number."""
        return str(index)

    def index_of(self, key: str) -> int | None:
        """Return where the row of that number is."""
        index = int(key)
        return index if index < len(self._lines) else None

    def resize(self, width: int) -> None:
        """Wrap to a width."""
        self._heights = [max(1, len(wrap(line.plain, width))) for line in self._lines]

    def height(self, index: int) -> int:
        """Return how many lines a row is wrapped into."""
        return self._heights[index]

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a row's lines."""
        line = self._lines[index]
        return [cut(line, start, end) for start, end in wrap(line.plain, width)]


def _clean(line: Text) -> Text:
    """Return a line without what a terminal would obey; our own marks in it keep their places."""
    if (plain := clean(line.plain)) == line.plain:
        return line
    if len(plain) == len(line.plain):
        return Text(plain, line.style, spans=line.spans)
    return Text(plain, line.spans[0].style if line.spans else line.style)
