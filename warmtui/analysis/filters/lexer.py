"""Cutting the text of a filter into words, each at its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from warmtui.analysis.filters.fields import FIELDS

_NUMBERS = "|".join(name for name, field in FIELDS.items() if field.kind == "number")
_QUOTED = r'"(?:[^"]|"")*"?'
_ONE = rf"(?:{_QUOTED})?[^\s,]*"
# nothing behind a name can fail any more, so there is no backtracking; possessive all the same
_WORD = re.compile(
    rf"""\s*+(?:
        (?P<minus>-?)
        (?:
            (?P<number>{_NUMBERS}) \s*+ (?P<than>[<>]=?) (?:\s++(?=[\d.]))?
          | (?P<name>{"|".join(FIELDS)}) (?P<sign>[<>]=?|:)
        )
        (?P<values>{_ONE}(?:,{_ONE})*+(?(number)(?:\s++%(?!\S))?))
      | (?P<free>{_QUOTED}\S*+|\S++)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_VALUE = re.compile(rf"(?P<quoted>{_QUOTED})?(?P<plain>[^\s,]*)")


class Word(NamedTuple):
    """One term or one free word."""

    start: int
    end: int
    field: str
    """In lower case; "" for a free word."""
    sign: str
    """`:` or a comparison."""
    negated: bool
    name_at: int
    """Where the field's name begins."""
    values_at: int
    """Where its values begin."""


class Value(NamedTuple):
    """One of the alternatives of a term."""

    text: str
    """Without quotes."""
    start: int
    end: int
    given: bool
    """There is something, if only closed quotes with nothing in them."""
    quoted: bool


def words(text: str) -> Iterator[Word]:
    """Yield the words of a filter in order; linear in the length of `text`."""
    # spaces that no word follows would be tried from each of them on
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
        assert match is not None  # every part of it may be empty
        quoted, plain = match["quoted"] or "", match["plain"]
        whole = unquoted(quoted) + plain
        closed = len(quoted) > 1
        found.append(Value(whole, at, match.end(), bool(whole) or closed, bool(quoted)))
        at = match.end() + 1  # behind the comma
        if at > end:
            return found


def unquoted(text: str) -> str:
    """Return what quotes hold; the closing one may be missing."""
    if not text:
        return ""
    # doubled quotes come in pairs, so an odd run at the end holds the closing one
    run = len(text) - 1 - len(text[1:].rstrip('"'))
    return text[1 : -1 if run % 2 else None].replace('""', '"')


def in_quotes(text: str) -> str:
    """Return a value as it has to be typed: in quotes only where it needs them."""
    if text and not text.startswith('"') and not any(one == "," or one.isspace() for one in text):
        return text
    return '"' + text.replace('"', '""') + '"'
