"""Counts in words."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """Write how many of a thing there are.

    >>> counted(1, "call"), counted(0, "call"), counted(1_200, "call")
    ('1 call', '0 calls', '1,200 calls')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"
