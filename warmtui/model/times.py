"""Moments as text, the one way they are written everywhere."""

from __future__ import annotations

from datetime import UTC, datetime

LAST = 253_402_300_799.0
"""The last second of the year 9999: what no calendar holds is no moment, and `age` cannot count it."""


def in_calendar(seconds: float) -> float | None:
    """Return Unix seconds, None when they lie more than that many seconds before or after 1970."""
    return float(seconds) if -LAST <= seconds <= LAST else None


def iso(seconds: float | None) -> str | None:
    """Return Unix seconds as ISO 8601 UTC with `Z`; None for None and for what no calendar holds.

    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    if seconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds" if seconds % 1 else "seconds").replace("+00:00", "Z")
