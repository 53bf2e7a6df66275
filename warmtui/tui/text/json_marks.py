"""The colours of JSON text that stays as it is written, valid or not."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from warmtui.tui.widgets.paint import ACCENT, MUTED, OK, PRIMARY, WARNING

CAP = 50_000
"""Above this many characters, nothing is coloured: every key scans the whole text."""
# a string without an end goes up to the end of its line: looking further would colour what follows it
_TOKEN = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++')
_NUMBER = re.compile(r"-?\d[\d.eE+-]*\Z")


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
        JSON knows is coloured. Only empty lists for a text of more than `CAP` characters.
    """
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    lines: list[list[Span]] = [[] for _ in starts]
    if len(text) > CAP:
        return lines
    tokens = list(_TOKEN.finditer(text))
    for number, token in enumerate(tokens):
        following = tokens[number + 1][0] if number + 1 < len(tokens) else ""
        style = _style(token[0], following)
        if style:
            line = bisect_right(starts, token.start()) - 1
            begin = starts[line]
            lines[line].append(Span(token.start() - begin, token.end() - begin, style))
    return lines


def _style(token: str, following: str) -> str:
    if token[0] == '"':
        return PRIMARY if following == ":" else OK
    if token in "{}[],:":
        return MUTED
    if token in ("true", "false", "null"):
        return WARNING
    return ACCENT if _NUMBER.match(token) else ""
