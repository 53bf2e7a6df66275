"""The filter language: its fields, and how a text is cut into words and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from warmtui.analysis.tools import TASK_TYPES

FieldKind = Literal["text", "type", "folder", "tool", "number", "moment"]


class FilterField(NamedTuple):
    """A field of the filter language."""

    kind: FieldKind
    takes: str
    """What it accepts, for messages."""
    example: str
    label: str
    """What it means, for completion."""


_MOMENT = "a day like 2026-11-20, today or yesterday, or an age like 12h, 7d or 2w"
FIELDS: dict[str, FilterField] = {
    "tool": FilterField("tool", "the name of a tool", "tool:terminal", "used this tool"),
    "errors": FilterField(
        "number", "a number or a percentage", "errors<5%", "failed calls; with % their share"
    ),
    "messages": FilterField("number", "a number", "messages>100", "how many messages"),
    "calls": FilterField("number", "a number", "calls>20", "how many tool calls"),
    "score": FilterField("number", "a number from 0 to 100", "score>90", "proficiency score, 0 to 100"),
    "tokens": FilterField("number", "a number such as 100k or 1.5M", "tokens>100k", "how many tokens"),
    "cost": FilterField("number", "an amount in US dollars", "cost>1", "what it cost, in US dollars"),
    "unread": FilterField("number", "a number", "unread>0", "how many things were not understood"),
    "agent": FilterField("text", "the name of an agent", "agent:hermes", "which program wrote it"),
    "channel": FilterField("text", "the name of a channel", "channel:cli", "where the person was"),
    "model": FilterField("text", "the name of a model", "model:opus", "which model"),
    "type": FilterField(
        "type", f"{', '.join(TASK_TYPES[:-1])} or {TASK_TYPES[-1]}", "type:code", "what most calls did"
    ),
    "since": FilterField("moment", _MOMENT, "since:7d", "last active then or later"),
    "until": FilterField("moment", _MOMENT, "until:yesterday", "last active then or before"),
    "cwd": FilterField("folder", "a folder", "cwd:~/shop", "the folder it worked in"),
    "project": FilterField("text", "the name of a project", "project:shop", "last folder of its path"),
    "title": FilterField("text", "words of a title", "title:ledger", "words of the title"),
}

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
    name_start: int
    """Where the field's name begins."""
    values_start: int
    """Where its values begin."""


class TermValue(NamedTuple):
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


def values(text: str, word: Word) -> list[TermValue]:
    """Return the alternatives of a term, empty ones included."""
    at, end = word.values_start, word.end
    if '"' not in text[at:end] and "," not in text[at:end]:
        return [TermValue(text[at:end], at, end, at < end, False)]
    found: list[TermValue] = []
    while True:
        match = _VALUE.match(text, at, end)
        assert match is not None  # every part may be empty
        quoted, plain = match["quoted"] or "", match["plain"]
        whole = unquoted(quoted) + plain
        closed = len(quoted) > 1
        found.append(TermValue(whole, at, match.end(), bool(whole) or closed, bool(quoted)))
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


def meant_by(name: str) -> str | None:
    """Return the field whose name differs by a single typo, None if there is none.

    >>> meant_by("chanel")
    'channel'
    """
    for known in FIELDS:
        if known != name and abs(len(known) - len(name)) <= 1 and _single_typo(known, name):
            return known
    return None


def _single_typo(first: str, second: str) -> bool:
    """Whether a letter was added, left out or changed, or two neighbours swapped."""
    short, long = sorted((first, second), key=len)
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1]
    return short[at + 1 :] == long[at + 1 :] or swapped + short[at + 2 :] == long[at:]
