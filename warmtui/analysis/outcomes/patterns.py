"""Writing long lists of words and patterns so that they can be read, one per line."""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def phrases(text: str) -> tuple[str, ...]:
    """Return the lines of a text, in order, without the white space around them."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def any_of(*patterns: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return the pattern that matches where one of the given ones does."""
    return re.compile("|".join(patterns), flags)


def begins(*patterns: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return the pattern that matches one of the given ones after white space, for use with `match`.

    The white space is never given back, or a result of nothing else would cost its length squared.
    """
    return re.compile(rf"\s*+(?:{'|'.join(patterns)})", flags)
