"""Normalised text: one plain spelling for text that is written to evade a pattern.

Offsets can be mapped back to the original.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

# Letters of other scripts that are drawn like Latin ones (the frequent ones of Unicode's confusables.txt).
_TWINS = dict(
    zip(
        "аеорсухіјѕԁһӏԛԝкмтοαιρυνεκτɡɩ‘’“”–—‐‑",
        "aeopcyxijsdhlqwkmtoaipuvektgi''\"\"----",
        strict=True,
    )
)
_LONGEST = 4
"""A ligature stands for at most three letters; ﷺ would give eighteen."""
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKD", character)[:_LONGEST].lower()
    return "".join(
        _TWINS.get(letter, " " if letter.isspace() and letter not in " \n" else letter)
        for letter in folded
        if letter not in _BLANK and unicodedata.category(letter) not in {"Cf", "Mn"}
    )


class _Table(dict[int, str]):
    """A table for `str.translate` that folds each character once."""

    def __missing__(self, code: int) -> str:
        folded = chr(code) if code < 0x80 else _fold_character(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


_TABLE_LIMIT = 20_000
_TABLE = _Table()


def fold_characters(text: str) -> str:
    """Return a text in lower case, look-alikes as Latin letters, without accents and invisible characters.

    Patterns and hints are folded the same way, so that both agree in any script.
    """
    return text.lower() if text.isascii() else text.translate(_TABLE).lower()


# The pattern begins with a class, so plain text is skipped fast. Runs of backslashes are bounded, so the cost
# of a long run is linear.
_SPACES = r"(?:\\{1,4}[nrt]|\s)"
_TOKEN = re.compile(
    r"[\s\\&\x80-\U0010ffff](?:"
    rf"(?<=[ \n]){_SPACES}+|(?<=[^\S \n]){_SPACES}*|(?<=\\)\\{{0,3}}[nrt]{_SPACES}*"
    r"|(?<=\\)\\{0,3}(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\"'/`])"
    r"|(?<=&)(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7})|quot|nbsp|lt|gt);"
    r"|(?<=[\x80-\U0010ffff])[\x80-\U0010ffff]*)"
)
_LETTERS = r"(?<![A-Za-z0-9])[A-Za-z](?P<by>[ ._*|-])[A-Za-z](?:(?P=by){1,3}[A-Za-z]){3,}(?![A-Za-z0-9])"
_NOT_LETTERS = re.compile("[^A-Za-z]+")
_TOKEN_OR_LETTERS = re.compile(f"{_LETTERS}|{_TOKEN.pattern}")
_ENTITIES = {"&quot;": '"', "&nbsp;": " ", "&lt;": "<", "&gt;": ">"}
# Spelled-out letters lose the gaps between words; these are put back.
_GLUED = re.compile(
    r"ignore|disregard|forget|override|previous|prior|above|earlier|instructions?|rules|prompts?|system|"
    r"you(?=are|must|r)|are|must|now|all|any|your|the"
)
_SPELLED = tuple(by.join(letters) for letters in ("ignor", "disre", "forge", "syste") for by in " ._*-")


def _is_spelled(lowered: str) -> bool:
    """Return whether the first word of an order is written letter by letter."""
    return any(spelled in lowered for spelled in _SPELLED)


def is_disguised(lowered: str) -> bool:
    """Return whether letters are escaped or spelled out, so that only `Normalized` shows the words."""
    return "\\u" in lowered or "\\x" in lowered or "&#" in lowered or _is_spelled(lowered)


class _Segment(NamedTuple):
    text: str
    start: int
    """Offset in the original."""
    end: int

    @property
    def even(self) -> bool:
        """Whether each of its characters corresponds to one of the original."""
        return len(self.text) == self.end - self.start


class Normalized:
    """A normalised text that maps its offsets to the original."""

    def __init__(self, text: str) -> None:
        self._segments = list(_segments(text))
        self._starts = list(accumulate((len(segment.text) for segment in self._segments), initial=0))
        self.text = "".join(segment.text for segment in self._segments)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Map offsets into the normalised text, `start < end`, to offsets into the original."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        begins, ends = self._segments[first], self._segments[last]
        return (
            begins.start + (start - self._starts[first] if begins.even else 0),
            ends.start + end - self._starts[last] if ends.even else ends.end,
        )


def _segments(text: str) -> Iterator[_Segment]:
    token = _TOKEN_OR_LETTERS if _is_spelled(fold_characters(text)) else _TOKEN
    at = 0
    for match in token.finditer(text):
        start, end = match.span()
        if start > at:
            yield _Segment(text[at:start].lower(), at, start)
        at = end
        if match[0].isascii() or match[0][0].isspace():
            yield _Segment(_token(match[0]), start, end)
            continue
        # a run whose letters map one to one needs only one segment
        folded = [_TABLE[ord(letter)] for letter in match[0]]
        if all(len(letters) == 1 for letters in folded):
            yield _Segment("".join(folded), start, end)
        else:
            for offset, letters in enumerate(folded, start):
                yield _Segment(letters, offset, offset + 1)
    if at < len(text):
        yield _Segment(text[at:].lower(), at, len(text))


def _token(raw: str) -> str:
    """Normalise white space, an escape, an entity, or letters that are spelled out."""
    if raw[0].isalpha():
        return _GLUED.sub(r" \g<0> ", _NOT_LETTERS.sub("", raw).lower()).replace("  ", " ").strip()
    if raw[0] == "&":
        return _fold_character(_decoded(raw)) if raw[1] == "#" else _ENTITIES[raw]
    if raw[0] == "\\":
        escaped = raw.lstrip("\\")
        if escaped[0] in "ux":
            return _fold_character(_decoded(raw))
        if escaped[0] not in "nrt":
            return escaped
    return "\n" if "\n" in raw or "\r" in raw or "\\n" in raw or "\\r" in raw else " "


def _decoded(raw: str) -> str:
    if raw.startswith("&"):
        digits = raw[2:-1]
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    else:
        code = int(raw.lstrip("\\")[1:], 16)
    return chr(code) if code < 0x110000 else " "
