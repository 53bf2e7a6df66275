"""Completions at the cursor of a filter that is being typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from warmtui.analysis.filters.language import FIELDS, TermValue, Word, in_quotes, unquoted, values, words
from warmtui.analysis.tools import TASK_TYPES

_MOMENTS = ("today", "yesterday", "12h", "7d", "2w")
_KNOWN: dict[str, Sequence[str]] = {"type": TASK_TYPES, "since": _MOMENTS, "until": _MOMENTS}


class Completion(NamedTuple):
    """Replace `text[start:end]` by `replacement`."""

    start: int
    end: int
    replacement: str
    label: str
    """How a list shows it."""


def complete(text: str, cursor: int, known: Mapping[str, Sequence[str]]) -> tuple[Completion, ...]:
    """Complete a field's name or a value of the field at the cursor.

    Args:
        text: the filter as typed so far.
        cursor: index of the character after the cursor.
        known: values by field, best first; task types, days and ages need not be given.

    Returns:
        First what begins with the typed text, then what contains it, each in the given order. Nothing for
        numbers, and for free text that begins no field's name. Unprintable values are left out.
    """
    cursor = max(0, min(cursor, len(text)))
    word = _at(text, cursor)
    if word is None:
        return tuple(_fields("", cursor, cursor))
    if not word.field:
        minus = text.startswith("-", word.start)
        begin = word.start + minus
        return tuple(_fields(text[begin:cursor], begin, word.end)) if begin <= cursor else ()
    if cursor < word.values_start:
        return tuple(_fields(text[word.name_start : cursor], word.name_start, word.values_start))
    return tuple(_values(text, cursor, word, known.get(word.field) or _KNOWN.get(word.field, ())))


def _at(text: str, cursor: int) -> Word | None:
    """Return the word at or before the cursor."""
    for word in words(text):
        if word.start < cursor <= word.end:
            return word
        if word.start >= cursor:
            break
    return None


def _fields(typed: str, start: int, end: int) -> Iterator[Completion]:
    begun = typed.lower()
    for name, field in FIELDS.items():
        if name.startswith(begun):
            for sign in ("<", ">") if field.kind == "number" else (":",):
                yield Completion(start, end, f"{name}{sign}", f"{name}{sign} {field.label}")


def _values(text: str, cursor: int, word: Word, known: Sequence[str]) -> Iterator[Completion]:
    given = values(text, word)
    here = next(value for value in given if cursor <= value.end)
    typed = _typed(text, cursor, here)
    others = {value.text.casefold() for value in given if value is not here}
    inside: list[str] = []
    for value in known:
        folded = value.casefold()
        if not value or folded in others or value == here.text or not value.isprintable():
            continue
        if folded.startswith(typed):
            yield Completion(here.start, here.end, in_quotes(value), value)
        elif typed in folded:
            inside.append(value)
    for value in inside:
        yield Completion(here.start, here.end, in_quotes(value), value)


def _typed(text: str, cursor: int, here: TermValue) -> str:
    part = text[here.start : cursor]
    return (unquoted(part) if here.quoted else part).casefold()
