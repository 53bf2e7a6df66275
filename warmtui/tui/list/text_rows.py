"""Long lines of text as rows, wrapped: exact JSON, differences, whatever is read from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.text import Text

from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.paint import Line

CHUNK = 2_000
"""Characters of one row: a longer line goes on in the next, so that no row takes long to draw."""


class Piece(NamedTuple):
    """A text, its style, and how far it is set in; it may hold line breaks."""

    text: str
    style: str = ""
    indent: int = 0


class TextRows(RowSource):
    """Texts one below the other.

    Args:
        pieces: the texts.
    """

    variable = True

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._lines: list[Piece] = []
        self._heights: list[int] = []
        self.put(pieces)

    def put(self, pieces: Iterable[Piece]) -> None:
        """Show other texts."""
        self._lines = [
            Piece(clean(line[at : at + CHUNK]), style, indent)
            for text, style, indent in pieces
            for line in text.split("\n")
            for at in range(0, max(1, len(line)), CHUNK)
        ]
        self._heights = [1] * len(self._lines)

    @property
    def lines(self) -> list[str]:
        """The lines as they are shown, unwrapped."""
        return [line.text for line in self._lines]

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
        self._heights = [len(wrap(line.text, width - line.indent)) for line in self._lines]

    def height(self, index: int) -> int:
        """Return how many lines a row is wrapped into."""
        return self._heights[index]

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a row's lines."""
        text, style, indent = self._lines[index]
        return [
            Text(" " * indent + text[start:end].rstrip(" "), style)
            for start, end in wrap(text, width - indent)
        ]
