"""Lines of long text with their styles: plain or JSON, wrapped and cut for a width."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import orjson

from warmtui.display import display_text
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.paint import ACCENT, MUTED, OK, PRIMARY, WARNING

LAID_OUT = 200_000
"""Above this many characters, JSON is shown as written: laying out more takes too long."""
INDENT = 2
DEEPEST = 24
"""Levels that are indented; deeper ones would leave no room to read."""
MARKED = 50_000
"""Above this many characters, JSON that is being edited is not coloured: every key scans all of it."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_BREAKS = re.compile(r"(?:[^\\]|\\[^n])*?(?:\\n|\Z)", re.DOTALL)
# a string without an end goes up to the end of its line: looking further would colour what follows it
_TOKEN_AS_TYPED = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++')
_NUMBER = re.compile(r"-?\d[\d.eE+-]*\Z")

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


# JSON laid out


def json_lines(text: str) -> list[StyledLine] | None:
    """Lay JSON out in lines; no character of any value changes.

    Numbers, escapes and double keys stay as they were written, which reading and writing it again would not
    keep. Line breaks inside strings are followed, so that a tool's output reads like output.

    Args:
        text: what may be a JSON object or array.

    Returns:
        Its lines; None when it is something else, not valid, or too long.
    """
    if len(text) > LAID_OUT or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    writer = _Writer()
    tokens = _TOKEN.findall(text)
    for number, token in enumerate(tokens):
        following = tokens[number + 1] if number + 1 < len(tokens) else ""
        writer.take(token, following)
    writer.end_line()
    return writer.lines


class _Writer:
    """Lays tokens out in lines."""

    def __init__(self) -> None:
        self.lines: list[StyledLine] = []
        self._parts: list[str] = []
        self._spans: list[tuple[int, int, str]] = []
        self._length = 0
        self._depth = 0
        self._indent = 0

    def take(self, token: str, following: str) -> None:
        """Add a token, given the one after it."""
        style = _style(token, following)
        if token in ("{", "["):
            self._add(token, style)
            if following not in ("}", "]"):
                self.end_line()
            self._depth += 1
        elif token in ("}", "]"):
            if self._parts and self._parts[-1] not in ("{", "["):
                self.end_line()
            self._depth -= 1
            self._add(token, style)
        elif token == ",":
            self._add(token, style)
            self.end_line()
        elif token.startswith('"'):
            self._string(token, style)
        else:
            self._add(": " if token == ":" else token, style)

    def _string(self, token: str, style: str) -> None:
        """Add a string, on a new line after each line break in it."""
        first, *others = [piece for piece in _BREAKS.findall(token) if piece]
        self._add(first, style)
        self._depth += 1
        for piece in others:
            if piece != '"':
                self.end_line()
            self._add(piece, style)
        self._depth -= 1

    def _add(self, text: str, style: str) -> None:
        text = clean(text)
        if not self._parts:
            self._indent = INDENT * min(self._depth, DEEPEST)
        self._parts.append(text)
        self._spans.append((self._length, self._length + len(text), style))
        self._length += len(text)

    def end_line(self) -> None:
        """Finish the line if there is anything on it."""
        if self._parts:
            self.lines.append(StyledLine("".join(self._parts), tuple(self._spans), self._indent))
        self._parts, self._spans, self._length = [], [], 0


# JSON as it is written


class Span(NamedTuple):
    """A piece of one line and its colour."""

    start: int
    """Offset in characters from the beginning of the line."""
    end: int
    style: str


def json_marks(text: str) -> list[list[Span]]:
    r"""Return the colours of a text, line by line.

    >>> json_marks('{"a": 1}')[0][1]
    Span(start=1, end=4, style='$text-primary')

    Args:
        text: JSON, whole or half typed.

    Returns:
        A list for each line of the text, in the order of the line; nothing but names, values and signs that
        JSON knows is coloured. Only empty lists for a text of more than `MARKED` characters.
    """
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    lines: list[list[Span]] = [[] for _ in starts]
    if len(text) > MARKED:
        return lines
    tokens = list(_TOKEN_AS_TYPED.finditer(text))
    for number, token in enumerate(tokens):
        following = tokens[number + 1][0] if number + 1 < len(tokens) else ""
        style = _style(token[0], following)
        if style:
            line = bisect_right(starts, token.start()) - 1
            begin = starts[line]
            lines[line].append(Span(token.start() - begin, token.end() - begin, style))
    return lines


def _style(token: str, following: str) -> str:
    """Return the colour of a token of JSON, given the one after it; empty for what JSON does not know."""
    if token[0] == '"':
        return PRIMARY if following == ":" else OK
    if token in "{}[],:":
        return MUTED
    if token in ("true", "false", "null"):
        return WARNING
    return ACCENT if _NUMBER.match(token) else ""
