"""Text that any encoding can carry, JSON that every Python can read, moments and counts in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T")

MAX_JSON_DEPTH = 1_000
"""Levels of nested JSON that are read: Python 3.11 stops about there, later versions would go on."""

LAST = 253_402_300_799.0
"""The last second of the year 9999. Later times are on no calendar, so they are not taken for times."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Return `text` with each lone surrogate as U+FFFD; no file, database or terminal can hold one."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def limit_depth(value: T) -> T:
    """Return a decoded JSON value that is nested no deeper than every Python can read.

    Raises:
        RecursionError: it has more than `MAX_JSON_DEPTH` levels.
    """
    level: list[object] = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return value
    raise RecursionError("JSON is nested too deeply")


def counted(number: int, thing: str) -> str:
    """Write how many of a thing there are.

    >>> counted(1, "call"), counted(0, "call"), counted(1_200, "call")
    ('1 call', '0 calls', '1,200 calls')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"


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
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    precision = "milliseconds" if seconds % 1 else "seconds"
    return moment.isoformat(timespec=precision).replace("+00:00", "Z")
