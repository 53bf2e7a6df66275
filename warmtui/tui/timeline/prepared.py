"""A timeline made ready to be shown, in a thread: its rows, where each stands, how tall each is."""

from __future__ import annotations

from typing import NamedTuple

from warmtui.tui.timeline.entries import Entry, entries_of, session_counts
from warmtui.tui.timeline.entry_lines import folded_height
from warmtui.workspace.reader import JudgedSession


class Prepared(NamedTuple):
    """What `TimelineRows.put` takes: all that costs time in proportion to a session's length."""

    judged: JudgedSession
    entries: list[Entry]
    places: dict[str, int]
    """Index of each entry by its key."""
    heights: list[int]
    """Lines of each entry, folded, at `width`."""
    width: int
    """Cells for an entry's words; 0 where it was not known yet, and then neither are the heights."""
    failures: int
    """Calls that failed."""
    counted: str
    """How much there is, in words."""


def prepare(judged: JudgedSession, width: int, before: Prepared | None = None) -> Prepared:
    """Make a session ready to be shown; pure, so that it may run anywhere.

    Args:
        judged: the session, or its beginning.
        width: cells for an entry's words; 0 when not known yet.
        before: what was shown of it so far: what stays the same is not measured again.
    """
    entries = entries_of(judged)
    heights: list[int] = []
    if width:
        if before is not None and before.width == width:
            old, known = before.entries, before.heights
            for entry, was, height in zip(entries, old, known, strict=False):
                heights.append(height if entry == was else folded_height(entry, width))
        heights += [folded_height(entry, width) for entry in entries[len(heights) :]]
    return Prepared(
        judged,
        entries,
        {entry.key: index for index, entry in enumerate(entries)},
        heights,
        width,
        sum(entry.failed for entry in entries),
        session_counts(judged),
    )
