"""Helpers to write word lists and regular expressions readably, one alternative per line."""

from __future__ import annotations

import re


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def any_of(*patterns: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return a pattern that matches any of the given ones."""
    return re.compile("|".join(patterns), flags)


def begins(*patterns: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return a pattern that matches white space and then any of the given ones; use it with `match`.

    The white space is matched possessively: a text of only white space would cost its length squared.
    """
    return re.compile(rf"\s*+(?:{'|'.join(patterns)})", flags)
