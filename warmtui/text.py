"""Text that any encoding can carry, and JSON that every Python can read."""

from __future__ import annotations

import re
from typing import TypeVar

T = TypeVar("T")

MAX_JSON_DEPTH = 1_000
"""Levels of nested JSON that are read: Python 3.11 stops about there, later versions would go on."""

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
