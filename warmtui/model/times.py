"""Moments as text, the one way they are written everywhere."""

from __future__ import annotations

from functools import lru_cache
from math import floor
from time import gmtime

LAST = 253_402_300_799.0
"""The last second of the year 9999. Later times are on no calendar, so they are not taken for times."""


def ago(seconds: float | None, now: float, *, minutes: str = "min") -> str:
    """Return how long ago a moment was, in the largest unit that fits.

    Args:
        seconds: the moment, Unix seconds.
        now: the clock, Unix seconds.
        minutes: how minutes are written.

    >>> ago(0, 7300), ago(0, 300), ago(0, 59), ago(10, 0), ago(None, 0)
    ('2 h', '5 min', 'now', 'now', '–')
    """
    if seconds is None:
        return "–"
    past = max(0.0, now - seconds)
    for unit, length in (("d", 86_400), ("h", 3600), (minutes, 60)):
        if past >= length:
            return f"{int(past // length)} {unit}"
    return "now"


def in_calendar(seconds: float) -> float | None:
    """Return Unix seconds, None when they lie more than that many seconds before or after 1970."""
    return float(seconds) if -LAST <= seconds <= LAST else None


def iso(seconds: float | None) -> str | None:
    """Return Unix seconds as ISO 8601 UTC with `Z`; None for None and for times beyond the calendar.

    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    if seconds is None:
        return None
    try:
        whole = floor(seconds)
        more, micro = divmod(round((seconds - whole) * 1_000_000), 1_000_000)
        number, second = divmod(whole + more, 86_400)
        day = _day(number)
    except (ValueError, OverflowError, OSError):
        return None
    if not day:
        return None
    fraction = f".{micro // 1000:03}" if seconds % 1 else ""
    return f"{day}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}{fraction}Z"


@lru_cache(maxsize=4_096)
def _day(number: int) -> str:
    """Return a day, counted from 1970, as text; empty if beyond the calendar. A history has few days."""
    year, month, day, *_ = gmtime(86_400 * number)
    return f"{year:04}-{month:02}-{day:02}" if 1 <= year <= 9999 else ""
