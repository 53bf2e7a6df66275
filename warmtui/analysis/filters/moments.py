"""Days and ages, as a person types them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_AGE = re.compile(r"([0-9]{1,6})([hdw])")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_UNFINISHED = re.compile(r"[0-9]{1,6}|[0-9]{4}-[0-9]?|[0-9]{4}-[0-9]{2}-[0-9]?")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800}
_WORDS = ("today", "yesterday")


class TimeSpan(NamedTuple):
    """The time a moment covers, in Unix seconds; for an age both ends are equal."""

    start: float
    end: float
    """Exclusive."""


def moment(text: str, now: float, zone: tzinfo) -> TimeSpan | None:
    """Parse a day, a month, a year, `today`, `yesterday` or an age.

    Args:
        text: the typed text, in any case.
        now: Unix seconds.
        zone: the time zone of the days.

    Returns:
        The time it covers; None if it is none of these, or not in the calendar.
    """
    text = text.lower()
    if age := _AGE.fullmatch(text):
        then = now - int(age[1]) * _SECONDS[age[2]]
        return TimeSpan(then, then)
    if text in _WORDS:
        today = datetime.fromtimestamp(now, zone).date()
        return _days(today - timedelta(days=_WORDS.index(text)), 1, zone)
    if found := _DAY.fullmatch(text):
        year, month, day = (int(part) if part else None for part in found.groups())
        try:
            first = date(year or 0, month or 1, day or 1)
        except ValueError:
            return None
        if day:
            return _days(first, 1, zone)
        # 31 days after the first of a month is in the next month, 366 after New Year in the next year
        last = first.toordinal() + (31 if month else 366)
        if last > date.max.toordinal():
            return TimeSpan(_midnight(first, zone), math.inf)
        after = date.fromordinal(last)
        return TimeSpan(_midnight(first, zone), _midnight(after.replace(day=1), zone))
    return None


def unfinished(text: str) -> bool:
    """Whether more letters can complete a moment.

    >>> unfinished("tod"), unfinished("2026-1"), unfinished("tomorrow")
    (True, True, False)
    """
    return bool(_UNFINISHED.fullmatch(text)) or any(word.startswith(text.lower()) for word in _WORDS)


def _days(first: date, count: int, zone: tzinfo) -> TimeSpan:
    try:
        end = _midnight(first + timedelta(days=count), zone)
    except OverflowError:  # the calendar's last day
        end = math.inf
    return TimeSpan(_midnight(first, zone), end)


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()
