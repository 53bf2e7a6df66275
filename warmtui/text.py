"""Text that any encoding can carry."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Return `text` with each lone surrogate as U+FFFD; no file, database or terminal can hold one."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
