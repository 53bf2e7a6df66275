"""Text as rows, wrapped, so that only what is in sight is drawn; and a list to read it in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.text import Text

from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.paint import Line, cut

CHUNK = 2_000
"""Characters of one row: a longer line goes on in the next, so that no row takes long to draw."""


class Piece(NamedTuple):
    """A text, its style and its indent; it may hold line breaks."""

    text: str
    style: str = ""
    indent: int = 0


class _Row(NamedTuple):
    text: Text
    indent: int


class TextRows(RowSource):
    """Texts one below the other.

    Args:
        pieces: the texts.
    """

    variable = True

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._rows: list[_Row] = []
        self._heights: list[int] = []
        self.put(pieces)

    def put(self, pieces: Iterable[Piece]) -> None:
        """Show other texts."""
        self._put(
            _Row(Text(clean(line[at : at + CHUNK]), style), indent)
            for text, style, indent in pieces
            for line in text.split("\n")
            for at in range(0, max(1, len(line)), CHUNK)
        )

    def put_text(self, text: Text) -> None:
        """Show a text in several styles instead; its lines are short."""
        self._put(_Row(_clean(line), 0) for line in text.split("\n", allow_blank=True))

    def _put(self, rows: Iterable[_Row]) -> None:
        self._rows = list(rows)
        self._heights = [1] * len(self._rows)

    @property
    def lines(self) -> list[str]:
        """The lines as they are shown, unwrapped."""
        return [row.text.plain for row in self._rows]

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """Return the row's number."""
        return str(index)

    def index_of(self, key: str) -> int | None:
        """Return where the row of that number is."""
        index = int(key)
        return index if index < len(self._rows) else None

    def resize(self, width: int) -> None:
        """Wrap to a width."""
        self._heights = [max(1, len(wrap(row.text.plain, width - row.indent))) for row in self._rows]

    def height(self, index: int) -> int:
        """Return how many lines a row is wrapped into."""
        return self._heights[index]

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a row's lines."""
        text, indent = self._rows[index]
        lines = [cut(text, start, end) for start, end in wrap(text.plain, width - indent)]
        for line in lines:
            line.pad_left(indent)
        return lines


def _clean(line: Text) -> Text:
    """Return a line sanitised; our own styles in it keep their places."""
    if (plain := clean(line.plain)) == line.plain:
        return line
    if len(plain) == len(line.plain):
        return Text(plain, line.style, spans=line.spans)
    return Text(plain, line.spans[0].style if line.spans else line.style)


class TallRowList(RowList):
    """A list whose rows may be taller than the view: keys scroll through such a row before they leave it."""

    DEFAULT_CSS = """
    TallRowList {
        & > .rows--cursor { background: $foreground 6%; }
        &:focus > .rows--cursor { background: $primary 15%; text-style: none; }
    }
    """

    def reveal_line(self, part: int) -> None:
        """Scroll as little as needed to see one line of the cursor's row.

        Args:
            part: which of its lines, from 0.
        """
        line = self._heights.start(self.cursor) + part
        top, view = self.scroll_offset.y, self._view_height
        if not top <= line < top + view:
            self._scroll(max(0, line - view // 3))

    def action_step(self, step: int) -> None:
        """Scroll through a tall row, else go to the next or previous row."""
        if self._read_on(step):
            return
        before, top = self.cursor, self.scroll_offset.y
        super().action_step(step)
        if self.cursor == before:
            self._scroll(top)
        elif step < 0:
            self._show_end()

    def action_page(self, pages: float) -> None:
        """Scroll through a tall row by pages, else as in any list."""
        if self._read_on(int(pages * self._view_height)):
            return
        before, top = self.cursor, self.scroll_offset.y
        super().action_page(pages)
        if self.cursor == before:
            self._scroll(top)

    def _read_on(self, lines: int) -> bool:
        """Scroll to more of the cursor's row; return whether there was any."""
        if not len(self._heights):
            return False
        start, top, view = self._heights.start(self.cursor), self.scroll_offset.y, self._view_height
        end = start + self._heights.of(self.cursor)
        if end - start <= view or end <= top or start >= top + view:
            return False
        if lines > 0 and end > top + view:
            self._scroll(min(top + lines, end - view))
            return True
        if lines < 0 and start < top:
            self._scroll(max(top + lines, start))
            return True
        return False

    def _show_end(self) -> None:
        """Show the end of a row that was entered from below."""
        height, view = self._heights.of(self.cursor), self._view_height
        if height > view:
            self._scroll(self._heights.start(self.cursor) + height - view)
