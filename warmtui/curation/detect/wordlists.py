"""Lists of words, written as words."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Split a text at its white space.

    Args:
        text: words apart by spaces or line breaks.

    Returns:
        The words, each once.
    """
    return frozenset(text.split())
