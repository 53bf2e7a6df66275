"""Looking for words in a whole timeline without keeping keys waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from warmtui.tui.timeline.entries import Entry

SLICE = 0.01
"""Seconds of searching between two redraws."""


async def rows_with(entries: Sequence[Entry], words: str) -> list[int]:
    """Return which entries have words in any of their texts, whatever their case.

    Args:
        entries: of a timeline.
        words: as typed; empty for none.

    Returns:
        Positions, in order. Other work is let in between; cancel it to search for something else.
    """
    folded, found, start = words.casefold(), list[int](), time.monotonic()
    if not folded:
        return found
    for index, entry in enumerate(entries):
        if entry.has(folded):
            found.append(index)
        if time.monotonic() - start > SLICE:
            await asyncio.sleep(0)
            start = time.monotonic()
    return found
