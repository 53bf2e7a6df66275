"""Decode untrusted text."""

from __future__ import annotations

from typing import Any

import orjson

from warmtui.text import limit_depth
from warmtui.text import without_surrogates as without_surrogates

JSON_ERRORS = (ValueError, RecursionError)
"""What decoding hostile JSON can raise (both decoders' errors are ValueErrors)."""


def decode_utf8(raw: bytes) -> str:
    """Decode bytes that should be UTF-8; what is not becomes U+FFFD, one per lone surrogate."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return without_surrogates(
            raw.decode("utf-8", "surrogatepass") if _passes(raw) else raw.decode("utf-8", "replace")
        )


def _passes(raw: bytes) -> bool:
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def loads(text: str | bytes) -> Any:
    """Decode one JSON value: orjson first, the standard library where orjson refuses.

    Returns:
        The value; its strings may hold lone surrogates, which `without_surrogates` mends.

    Raises:
        ValueError: the text is not JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        import json

        return limit_depth(json.loads(text))


def dumps(value: object) -> str:
    """Encode a decoded JSON value as compact text, whatever strings and numbers it holds."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        import json

        return without_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def stored_text(value: object) -> str:
    """Return what a column of any SQLite type holds as text."""
    return decode_utf8(value) if isinstance(value, bytes) else str(value)
