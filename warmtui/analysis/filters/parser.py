"""The parser of filters: from text to conditions."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import NamedTuple, cast

from warmtui.analysis.filters.language import FIELDS, Word, meant_by, values, words
from warmtui.analysis.filters.moments import TimeSpan, moment, unfinished
from warmtui.analysis.tools import TASK_TYPES
from warmtui.model.conditions import (
    ActiveSince,
    ActiveUntil,
    AnyOf,
    Condition,
    ErrorShareIs,
    Figure,
    FigureIs,
    Holds,
    InFolder,
    IsEmpty,
    Not,
    Operator,
    TextField,
)

LIMIT = 2_048
"""Characters that are read, as many as by Hermes' own search (`MAX_FTS5_QUERY_CHARS`, 0.19.0)."""
SHOWN = 30
"""Characters of a wrong value that a message repeats."""
_NUMBER = re.compile(r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?)(?:\.([0-9]{1,6}))?(%|[kKmM]?)")
_NUMBER_BEGUN = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*,[0-9]{0,2}|[0-9]*\.")
_SCALES = {"k": 3, "m": 6}
"""Decimal places that the letter after a number of tokens stands for."""
_DIGITS = 15
"""Digits that a float holds exactly."""
_NUMBERS = ", ".join(name for name, field in FIELDS.items() if field.kind == "number")
_SLIP = re.compile(r"-?([A-Za-z]{2,12})([<>]=?|:)(\S)")
_JUDGED = frozenset({"errors", "messages", "calls", "score", "tokens", "cost", "unread", "type", "tool"})
"""Fields that need the calls of a session judged."""


class FilterProblem(NamedTuple):
    """A mistake, and where it is: `text[start:end]`."""

    start: int
    end: int
    text: str


class Filter(NamedTuple):
    """A parsed filter."""

    text: str
    terms: tuple[Word, ...]
    """Terms without a mistake; those that are still being typed match everything."""
    problems: tuple[FilterProblem, ...]
    """Mistakes; the terms that have one match everything and are not in `terms`."""
    free_text: str
    """Words without a field, as typed with their quotes, joined by a space."""
    conditions: tuple[Condition, ...]
    """One for each complete term; a session must meet all."""
    judged: bool
    """Whether a condition needs figures or tools, which are known once the session's calls are judged."""


class _Context(NamedTuple):
    text: str
    now: float
    home: str | None
    zone: tzinfo


_Read = Condition | FilterProblem | None
"""The result of reading a term: None while it is unfinished."""


def parse(
    text: str, *, now: float, home: str | None = None, zone: tzinfo = UTC, finished: bool = False
) -> Filter:
    """Parse a filter; no input raises.

    Args:
        text: the filter, as the package describes it; only `LIMIT` characters are read.
        now: Unix seconds, from which ages and `today` count.
        home: the path that `~` stands for.
        zone: the time zone of `today` and of dates.
        finished: a term that is not complete is a mistake, because nothing more will be typed.
    """
    terms: list[Word] = []
    conditions: list[Condition] = []
    problems: list[FilterProblem] = []
    free: list[str] = []
    judged = False
    if len(text) > LIMIT:
        problems.append(FilterProblem(LIMIT, len(text), f"only the first {LIMIT:,} characters are read"))
        text = text[:LIMIT]
    context = _Context(text, now, home, zone)
    for word in words(text):
        if not word.field:
            slip = _slip(text, word)
            if slip is None:
                free.append(text[word.start : word.end])
            else:
                problems.append(slip)
            continue
        read = _read(word, context)
        if read is None and finished:
            read = FilterProblem(word.name_start, word.end, _takes(word))
        if isinstance(read, FilterProblem):
            problems.append(read)
            continue
        terms.append(word)
        if read is not None:
            conditions.append(Not(read) if word.negated else read)
            judged = judged or word.field in _JUDGED
    problems.sort()
    return Filter(text, tuple(terms), tuple(problems), " ".join(free), tuple(conditions), judged)


def _slip(text: str, word: Word) -> FilterProblem | None:
    """Return the mistake of a free word that looks like a term: `chanel:cli`, `tokens>500`."""
    found = _SLIP.match(text, word.start, word.end)
    if found is None:
        return None
    name, sign, next_letter = found.groups()
    meant = meant_by(name.lower())
    about_numbers = meant is not None and FIELDS[meant].kind == "number"
    if (about_numbers or sign != ":") and next_letter not in "0123456789.":
        return None  # `Error:no` and `List<String>` are text of a message
    if meant is None and sign == ":":
        return None  # so is `http://…`
    instead = f"did you mean {meant}?" if meant else f"numbers are asked of {_NUMBERS}."
    message = f"there is no field '{name}'; {instead} In quotes it is searched as text"
    return FilterProblem(found.start(1), found.end(1), message)


def _read(word: Word, context: _Context) -> _Read:
    kind = FIELDS[word.field].kind
    if kind == "number":
        return _number(word, context)
    if word.sign != ":":
        example = FIELDS[word.field].example
        message = f"{word.field} takes a colon, as in {example}, not '{word.sign}'"
        return FilterProblem(word.name_start, word.values_start, message)
    if kind == "moment":
        return _moment(word, context)
    given = [value for value in values(context.text, word) if value.given]
    if kind == "type":
        for value in given:
            if not any(value.text.lower() in known for known in TASK_TYPES):
                return _wrong(word, value.text, value.start, value.end)
    if not given:
        return None
    each = tuple(_text(word, value.text, context) for value in given)
    return each[0] if len(each) == 1 else AnyOf(each)


def _text(word: Word, value: str, context: _Context) -> Condition:
    field = cast(TextField, word.field)
    if not value:
        return IsEmpty(field)
    if FIELDS[field].kind != "folder":
        return Holds(field, value.casefold())
    home = context.home
    if home is not None and (value == "~" or value.startswith("~/")):
        value = home.rstrip("/") + value[1:]
    return InFolder(value.casefold())


def _number(word: Word, context: _Context) -> _Read:
    # a comma may separate thousands here, so the values are read as one text
    raw = "".join(context.text[word.values_start : word.end].replace('"', "").split())
    if not raw:
        return None
    found = _NUMBER.fullmatch(raw)
    digits = found[1].replace(",", "") if found else ""
    decimals = found[2] or "" if found else ""
    if found is None or not (digits or decimals) or len(digits) > _DIGITS:
        if word.end == len(context.text) and _NUMBER_BEGUN.fullmatch(raw):
            return None
        return _wrong(word, raw, word.values_start, word.end)
    sign = cast(Operator, word.sign)
    unit = found[3].lower()
    scale = _SCALES.get(unit, 0) if word.field == "tokens" else 0
    bound = float(f"{digits or 0}.{decimals or 0}e{scale}")
    if unit == "%" and word.field == "errors":
        if sign == ":":
            message = "a percentage is hardly ever exact: use errors< or errors>"
            return FilterProblem(word.name_start, word.end, message)
        return ErrorShareIs(sign, int(digits + decimals), 10 ** len(decimals))
    fitting = {"tokens": ("", "k", "m"), "score": ("", "%")}.get(word.field, ("",))
    if unit not in fitting or (word.field == "score" and bound > 100):
        return _wrong(word, raw, word.values_start, word.end)
    return FigureIs(cast(Figure, word.field), sign, bound)


def _moment(word: Word, context: _Context) -> _Read:
    raw = context.text[word.values_start : word.end].replace('"', "")
    if not raw:
        return None
    span = moment(raw, context.now, context.zone)
    if span is not None:
        return _active(word.field, span)
    if word.end == len(context.text) and unfinished(raw):
        return None
    return _wrong(word, raw, word.values_start, word.end)


def _active(field: str, span: TimeSpan) -> Condition:
    """Return the condition of `since`, from a day's start on, or of `until`, up to its end."""
    if field == "since":
        return ActiveSince(span.start)
    return ActiveUntil(span.end, inclusive=span.start == span.end)


def _wrong(word: Word, value: str, start: int, end: int) -> FilterProblem:
    shown = value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"
    return FilterProblem(start, end, f"{_takes(word)}, not '{shown}'")


def _takes(word: Word) -> str:
    return f"{word.field}{word.sign} takes {FIELDS[word.field].takes}"
