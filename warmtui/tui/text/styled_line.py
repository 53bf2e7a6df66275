"""Lines of long text with their styles: how every view of long text wraps and cuts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from warmtui.display import display_text
from warmtui.tui.widgets.cells import clean, wrap

S = TypeVar("S")


class StyledLine(NamedTuple):
    """A line with its styles."""

    text: str
    spans: tuple[tuple[int, int, str], ...] = ()
    indent: int = 0
    """Blanks before the text, also before each line it is wrapped into."""

    def indent_in(self, width: int) -> int:
        """Return the indent, at most half of the width."""
        return min(self.indent, width // 2)

    def wrapped(self, width: int) -> list[tuple[int, int]]:
        """Return where the text is cut for a width, as pairs of start and end."""
        return wrap(self.text, width - self.indent_in(width))

    def cut(self, start: int, end: int, width: int) -> str:
        """Return one piece of the wrapped text, indented, without blanks at its end."""
        return " " * self.indent_in(width) + self.text[start:end].rstrip(" ")


def cut_spans(
    spans: Iterable[tuple[int, int, S]], start: int, end: int, indent: int
) -> list[tuple[int, int, S]]:
    """Return the styles of one piece of a line.

    Args:
        spans: of the line: start, end and style.
        start: of the piece.
        end: of the piece.
        indent: blanks before it.
    """
    return [
        (indent + max(span_start, start) - start, indent + min(span_end, end) - start, style)
        for span_start, span_end, style in spans
        if span_start < end and span_end > start
    ]


def plain_lines(text: str) -> list[StyledLine]:
    """Return untrusted text in sanitised lines."""
    return [StyledLine(clean(line)) for line in display_text(text).split("\n")]
