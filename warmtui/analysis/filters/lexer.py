"""The lexer of filters: from text to words and values with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from warmtui.analysis.filters.fields import FIELDS

_NUMBERS = "|".join(name for name, field in FIELDS.items() if field.kind == "number")
_QUOTED = r'"(?:[^"]|"")*"?'
_VALUE_TEXT = rf"(?:{_QUOTED})?[^\s,]*"
# after a name nothing can fail, so nothing backtracks; the quantifiers are possessive all the same
_WORD = re.compile(
    rf"""\s*+(?:
        (?P<minus>-?)
        (?:
            (?P<number>{_NUMBERS}) \s*+ (?P<than>[<>]=?) (?:\s++(?=[\d.]))?
          | (?P<name>{"|".join(FIELDS)}) (?P<sign>[<>]=?|:)
        )
        (?P<values>{_VALUE_TEXT}(?:,{_VALUE_TEXT})*+(?(number)(?:\s++%(?!\S))?))
      | (?P<free>{_QUOTED}\S*+|\S++)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_VALUE = re.compile(rf"(?P<quoted>{_QUOTED})?(?P<plain>[^\s,]*)")


class Word(NamedTuple):
    """A term or a free word."""

    start: int
    end: int
    field: str
    """The field's name in lower case; empty for a free word."""
    sign: str
    """`:` or a comparison."""
    negated: bool
    name_at: int
    """Where the field's name begins."""
    values_at: int
    """Where its values begin."""


class Value(NamedTuple):
    """An alternative of a term."""

    text: str
    """The value without quotes."""
    start: int
    end: int
    given: bool
    """Whether anything was typed, even if only a pair of quotes."""
    quoted: bool


def words(text: str) -> Iterator[Word]:
    """Yield the words of a filter in order; linear in the length of `text`."""
    # trailing spaces would be matched once from each of them
    for found in _WORD.finditer(text, 0, len(text.rstrip())):
        start, end = found.start("free"), found.end()
        if start >= 0:
            yield Word(start, end, "", "", False, start, end)
            continue
        name = found["number"] or found["name"]
        at = found.start("number") if found["number"] else found.start("name")
        sign = found["than"] or found["sign"]
        negated = bool(found["minus"])
        yield Word(at - negated, end, name.lower(), sign, negated, at, found.start("values"))


def values(text: str, word: Word) -> list[Value]:
    """Return the alternatives of a term, empty ones included."""
    at, end = word.values_at, word.end
    if '"' not in text[at:end] and "," not in text[at:end]:
        return [Value(text[at:end], at, end, at < end, False)]
    found: list[Value] = []
    while True:
        match = _VALUE.match(text, at, end)
        assert match is not None  # every part may be empty
        quoted, plain = match["quoted"] or "", match["plain"]
        whole = unquoted(quoted) + plain
        closed = len(quoted) > 1
        found.append(Value(whole, at, match.end(), bool(whole) or closed, bool(quoted)))
        at = match.end() + 1  # after the comma
        if at > end:
            return found


def unquoted(text: str) -> str:
    """Return the text inside quotes; the closing quote may be missing."""
    if not text:
        return ""
    # quotes inside are doubled, so an odd run at the end includes the closing quote
    run = len(text) - 1 - len(text[1:].rstrip('"'))
    return text[1 : -1 if run % 2 else None].replace('""', '"')


def in_quotes(text: str) -> str:
    """Return a value as it must be typed: in quotes if it needs them."""
    if text and not text.startswith('"') and not any(char == "," or char.isspace() for char in text):
        return text
    return '"' + text.replace('"', '""') + '"'
