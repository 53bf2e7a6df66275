"""One plain spelling for text that is written to escape a pattern, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

# Letters of other scripts that are drawn like Latin ones (the frequent ones of Unicode's confusables.txt).
_TWINS = dict(
    zip(
        "аеорсухіјѕԁһӏԛԝкмтοαιρυνεκτɡɩ‘’“”–—‐‑",
        "aeopcyxijsdhlqwkmtoaipuvektgi''\"\"----",
        strict=True,
    )
)
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKD", character).lower()
    return "".join(
        _TWINS.get(one, " " if one.isspace() and one not in " \n" else one)
        for one in folded
        if one not in _BLANK and unicodedata.category(one) not in {"Cf", "Mn"}
    )


class _Table(dict[int, str]):
    """For `str.translate`: each character folded once."""

    def __missing__(self, code: int) -> str:
        folded = chr(code) if code < 0x80 else _fold_character(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


_TABLE_LIMIT = 20_000
_TABLE = _Table()


def fold_characters(text: str) -> str:
    """Return `text` with look-alikes as Latin letters, accents and invisible characters dropped, lower case.

    The words of a rule are folded the same way, so that both agree in any script.
    """
    return text.lower() if text.isascii() else text.translate(_TABLE).lower()


# Backslash runs and entities are bounded, so that a long run costs its length only.
_ESCAPED_SPACE = r"\\{1,4}[nrt]"
_TOKEN = re.compile(
    rf"(?P<space>(?:{_ESCAPED_SPACE}|[^\S \n])(?:{_ESCAPED_SPACE}|\s)*|[ \n](?:{_ESCAPED_SPACE}|\s)+)"
    r"|(?P<unicode>\\{1,4}u[0-9a-fA-F]{4}|\\{1,4}x[0-9a-fA-F]{2}|&#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});)"
    r"|(?P<quoted>\\{1,4}[\"'/`]|&(?:quot|nbsp|lt|gt);)"
    r"|(?P<apart>(?<![A-Za-z0-9])[A-Za-z](?P<by>[ ._*|-])[A-Za-z](?:(?P=by)[A-Za-z]){3,}(?![A-Za-z0-9]))"
    r"|(?P<other>[^\x00-\x7f]+)"
)
_ENTITIES = {"&quot;": '"', "&nbsp;": " ", "&lt;": "<", "&gt;": ">"}
# Spelled-out letters lose the gaps between words; these are put back.
_GLUED = re.compile(
    r"ignore|disregard|forget|override|previous|prior|above|earlier|instructions?|rules|prompts?|system|"
    r"you(?=are|must|r)|are|must|now|all|any|your|the"
)
_SPELLED = tuple(
    by.join(letters)
    for letters in ("ignor", "disreg", "forge", "overr", "youar", "youmu", "syste")
    for by in " ._*|-"
)


def is_disguised(text: str, lowered: str) -> bool:
    """Tell whether letters are escaped or spelled out, so that only a full folding shows the words."""
    return (
        "\\u" in lowered
        or "\\x" in lowered
        or "&#" in lowered
        or any(spelled in lowered for spelled in _SPELLED)
    )


class _Part(NamedTuple):
    text: str
    raw_start: int
    raw_end: int
    even: bool
    """One character for one: offsets inside carry over."""


class Folded:
    """A folded text that knows where each part stood in the original."""

    def __init__(self, text: str) -> None:
        parts = list(_parts(text))
        self.text = "".join(part.text for part in parts)
        self._parts = [part for part in parts if part.text]
        starts: list[int] = []
        at = 0
        for part in self._parts:
            starts.append(at)
            at += len(part.text)
        self._starts = starts

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Turn offsets into the folded text, `start < end`, into offsets into the original."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        one, other = self._parts[first], self._parts[last]
        raw_start = one.raw_start + (start - self._starts[first] if one.even else 0)
        raw_end = other.raw_start + end - self._starts[last] if other.even else other.raw_end
        return raw_start, raw_end


def _parts(text: str) -> Iterator[_Part]:
    at = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if start > at:
            yield _Part(text[at:start].lower(), at, start, even=True)
        yield from _token(match, text, start, end)
        at = end
    if at < len(text):
        yield _Part(text[at:].lower(), at, len(text), even=True)


def _token(match: re.Match[str], text: str, start: int, end: int) -> Iterator[_Part]:
    raw = match.group()
    kind = match.lastgroup
    if kind == "space":
        newline = "\n" in raw or "\r" in raw or "\\n" in raw or "\\r" in raw
        yield _Part("\n" if newline else " ", start, end, even=False)
    elif kind == "unicode":
        yield _Part(_fold_character(_decoded(raw)), start, end, even=False)
    elif kind == "quoted":
        yield _Part(_ENTITIES.get(raw, raw[-1]), start, end, even=False)
    elif kind == "other":
        folded = [_TABLE[ord(one)] for one in raw]
        if all(len(one) == 1 for one in folded):
            yield _Part("".join(folded), start, end, even=True)
        else:
            for offset, one in enumerate(folded, start):
                yield _Part(one, offset, offset + 1, even=False)
    else:
        letters = raw[::2].lower()
        yield _Part(_GLUED.sub(r" \g<0> ", letters).replace("  ", " ").strip(), start, end, even=False)


def _decoded(raw: str) -> str:
    if raw.startswith("&"):
        digits = raw[2:-1]
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    else:
        code = int(raw.lstrip("\\")[1:], 16)
    return chr(code) if code < 0x110000 else ""
