"""Read a quoted or bare value from source code, a shell line, JSON, or JSON inside JSON."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 8192
"""Characters of a value that are read at most; a private key of 4,096 bits in PEM has 3,300."""


class Value(NamedTuple):
    """The place of a value in a text."""

    start: int
    end: int
    quoted: bool


_OPEN = re.compile(r"""(?P<prefix>[bBrRuUfF@]{0,2})(?P<slashes>\\{0,15})(?P<quote>\"{3}|'{3}|["'`])""")


def quoted_value(text: str, position: int) -> Value | None:
    """Read the quoted string that opens at `position`, at any depth of JSON escaping.

    A quote after n backslashes is closed by the next quote after n backslashes. A quote after more of them is
    part of the value. A quote after fewer closes something around the value, which ends there unterminated. A
    raw line break ends an unterminated value too.

    Args:
        text: any text.
        position: offset of the opening quote, with its backslashes or a prefix like `b`.

    Returns:
        The place between the quotes, or None if no quote opens there.
    """
    opened = _OPEN.match(text, position)
    if opened is None:
        return None
    quote = opened["quote"]
    depth = len(opened["slashes"])
    start = opened.end()
    limit = min(len(text), start + LONGEST)
    if quote[0] != '"' or depth == 0:
        line = text.find("\n", start, limit) if len(quote) == 1 else -1
        limit = line if line >= 0 else limit
    at = start
    while (at := text.find(quote, at, limit)) >= 0:
        slashes = _slashes_before(text, at, start)
        if slashes < depth:
            return Value(start, at - slashes, True)
        if slashes % (2 * (depth + 1)) == depth:
            return Value(start, at - depth, True)
        at += len(quote)
    return Value(start, _whole_escapes(text, start, limit), True)


def _slashes_before(text: str, at: int, start: int) -> int:
    low = max(start, at - 64)
    segment = text[low:at]
    return len(segment) - len(segment.rstrip("\\"))


def _whole_escapes(text: str, start: int, end: int) -> int:
    """Move `end` back over backslashes, so that no escape is split."""
    return end - _slashes_before(text, end, start)


_ESCAPE_STOPS = r"""\\++(?![nrtbf"'`/]|u00[0-3][0-9a-fA-F]|x1[bB]|033|u20[23][0-9])"""
_WORD = re.compile(rf"""(?:[^\s\x00-\x1f"'`\\;&|<>()\[\]{{}}‹›]|{_ESCAPE_STOPS})+""")
_LINE = re.compile(rf"""(?:[^\s\x00-\x1f"'`\\‹›]|{_ESCAPE_STOPS})+""")
_QUERY = re.compile(r"""[^\s\x00-\x1f"'`\\;&#|<>()\[\]{}‹›]+""")
_LINE_END = re.compile(r"""[ \t]*(?:\r?\n|\\{1,7}[nr]|\Z|["']|\\{1,7}")""")
_NEXT_FIELD = re.compile(r"""[,&](?=\s*["']?[\w.-]{1,40}["']?\s*[:=])""")


def bare_value(text: str, position: int, *, query: bool = False, line: bool = False) -> Value | None:
    """Read an unquoted value, without the closing punctuation of a sentence or list; None if there is none.

    Args:
        text: any text.
        position: where it begins.
        query: it is in a URL's query, so `&` and `#` end it.
        line: it stands alone on its line, and is the whole rest of the line if that is a single word.
    """
    end = min(len(text), position + LONGEST)
    if line:
        match = _LINE.match(text, position, end)
        if (
            match
            and _LINE_END.match(text, match.end())
            and not _NEXT_FIELD.search(text, position, match.end())
        ):
            return Value(position, _trim(text, position, match.end(), ",;"), False)
    match = (_QUERY if query else _WORD).match(text, position, end)
    if match is None:
        return None
    stop = match.end()
    field = _NEXT_FIELD.search(text, position, min(stop + 64, len(text)))
    if field and field.start() < stop:
        stop = field.start()
    stop = _trim(text, position, stop, ".,:;")
    return Value(position, stop, False) if stop > position else None


def _trim(text: str, start: int, end: int, characters: str) -> int:
    while end > start and text[end - 1] in characters:
        end -= 1
    return end
