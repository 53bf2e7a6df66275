"""JSON laid out in lines for reading; no character of any value changes.

Numbers, escapes and double keys stay as they were written, which reading and writing it again would not
keep. Line breaks inside strings are followed, so that a tool's output reads like output.
"""

from __future__ import annotations

import re

import orjson

from warmtui.tui.text.styled_line import StyledLine
from warmtui.tui.widgets.cells import clean
from warmtui.tui.widgets.paint import ACCENT, MUTED, OK, PRIMARY, WARNING

CAP = 200_000
"""Above this many characters, JSON is shown as written: laying out more takes too long."""
INDENT = 2
DEEPEST = 24
"""Levels that are indented; deeper ones would leave no room to read."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_BREAKS = re.compile(r"(?:[^\\]|\\[^n])*?(?:\\n|\Z)", re.DOTALL)


def json_lines(text: str) -> list[StyledLine] | None:
    """Lay JSON out in lines.

    Args:
        text: what may be a JSON object or array.

    Returns:
        Its lines; None when it is something else, not valid, or too long.
    """
    if len(text) > CAP or text.lstrip()[:1] not in ("{", "["):
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
        if token in ("{", "["):
            self._add(token, MUTED)
            if following not in ("}", "]"):
                self.end_line()
            self._depth += 1
        elif token in ("}", "]"):
            if self._parts and self._parts[-1] not in ("{", "["):
                self.end_line()
            self._depth -= 1
            self._add(token, MUTED)
        elif token == ",":
            self._add(token, MUTED)
            self.end_line()
        elif token == ":":
            self._add(": ", MUTED)
        elif token.startswith('"'):
            self._string(token, PRIMARY if following == ":" else OK)
        else:
            self._add(token, WARNING if token in ("true", "false", "null") else ACCENT)

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
