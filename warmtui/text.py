"""Text that any encoding can carry, JSON that every Python can read, moments and counts in words, tokens."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

T = TypeVar("T")

JSON_ERRORS = (ValueError, RecursionError)
"""What decoding hostile JSON can raise; the errors of both decoders are ValueErrors."""
MAX_JSON_DEPTH = 1_000
"""Levels of nested JSON that are read: Python 3.11 stops about there, later versions would go on."""

LAST = 253_402_300_799.0
"""The last second of the year 9999. Later times are on no calendar, so they are not taken for times."""

CHARACTERS_PER_TOKEN = 4
TOKEN_OVERHEAD = 4
"""Tokens that a message or a call costs besides its text."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"\d{19}")


def without_surrogates(text: str) -> str:
    """Return `text` with each lone surrogate as U+FFFD; no file, database or terminal can hold one."""
    if text.isascii():
        return text
    try:
        text.encode()  # far quicker than a search
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def decode_utf8(raw: bytes) -> str:
    """Decode bytes that should be UTF-8; what is not becomes U+FFFD, one per lone surrogate."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    try:
        return without_surrogates(raw.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")


def load_json(text: str | bytes, *, exact: bool = False) -> Any:
    """Decode one JSON value, with orjson where it can.

    Args:
        text: the JSON. Lone surrogates in it stay in the strings of the value.
        exact: keep integers past 64 bits, which orjson turns into floats; for `str` only.

    Raises:
        ValueError: the text is not JSON.
        RecursionError: it is nested too deeply.
    """
    if not exact or not _LONG_NUMBER.search(str(text)):
        try:
            return orjson.loads(text)
        except ValueError:
            pass  # It may hold lone surrogates or NaN, which the standard library reads.
    return limit_depth(json.loads(text))


def dump_json(value: object) -> str:
    """Encode a decoded JSON value as compact text; lone surrogates become U+FFFD."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return without_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


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


def estimate_tokens(text: str) -> int:
    """Return the estimated tokens of a text, which are shown with "≈": ceil(characters / 4).

    >>> estimate_tokens("12345")
    2
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def short_tokens(tokens: int, estimated: bool, about: str = "≈") -> str:
    """Write a number of tokens in at most six letters, or seven with the sign of an estimate.

    An estimate of nothing is –: there was nothing that could be read.

    >>> short_tokens(950, False), short_tokens(12_345, True), short_tokens(999_960, False)
    ('950', '≈12.3k', '1M')
    >>> short_tokens(0, True), short_tokens(0, False)
    ('–', '0')
    """
    if estimated and not tokens:
        return "–"
    number = f"{tokens:,}"
    # 999,950 would be rounded to 1000k
    for limit, size, letter in ((999_950, 1_000, "k"), (999_950_000, 1_000_000, "M"), (None, 10**9, "G")):
        if tokens < 1_000:
            break
        if limit is None or tokens < limit:
            number = f"{tokens / size:.1f}".removesuffix(".0") + letter
            break
    return f"{about if estimated else ''}{number}"


def dollars(amount: float | None) -> str:
    """Write US dollars; – where the amount is not known.

    >>> dollars(1234.5), dollars(0.004), dollars(0), dollars(None)
    ('$1,234.50', '<$0.01', '$0.00', '–')
    """
    if amount is None:
        return "–"
    return "<$0.01" if 0 < amount < 0.005 else f"${amount:,.2f}"


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
    # Ages are cut, never rounded up: 119 minutes are 1 h.
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
