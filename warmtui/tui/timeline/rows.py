"""The rows of a timeline: folds, search matches, heights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rich.text import Text

from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.timeline.entries import Entry, entries_of, session_counts
from warmtui.tui.timeline.entry_lines import (
    can_unfold,
    folded_height,
    folded_lines,
    label,
    unfolded_lines,
)
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import FAINT, WARNING, Line
from warmtui.workspace.reader import JudgedSession

FOUND = "underline on $warning 40%"
NUMBER, LABEL, FOLD = 6, 15, 2
"""Cells for a message's number, its author or the call's outcome, and the sign for folding."""
NARROW = 56
"""Below this many cells the numbers go, and labels become short."""


class Prepared(NamedTuple):
    """A session ready to be shown: all that takes time in proportion to its length."""

    judged: JudgedSession
    entries: list[Entry]
    places: dict[str, int]
    """Index of each entry by its key."""
    heights: list[int]
    """Lines of each entry, folded, at `width`; empty where the width was not known yet."""
    width: int
    """Cells for an entry's words; 0 where it was not known yet."""
    failures: int
    """Calls that failed."""
    counts: str
    """How many messages and calls there are, in words."""


def prepare(judged: JudgedSession, width: int) -> Prepared:
    """Prepare a session for `TimelineRows.put`; pure, so that it may run in a thread.

    Args:
        judged: the session.
        width: cells for an entry's words; 0 when not known yet.
    """
    entries = entries_of(judged)
    return Prepared(
        judged,
        entries,
        {entry.key: index for index, entry in enumerate(entries)},
        [folded_height(entry, width) for entry in entries] if width else [],
        width,
        sum(entry.failed for entry in entries),
        session_counts(judged),
    )


class TimelineRows(RowSource):
    """Entries of a timeline, folded or not.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.entries: list[Entry] = []
        self.unfolded: set[str] = set()
        """Keys of entries that are shown whole."""
        self.failures = 0
        """Calls that failed."""
        self._places: dict[str, int] = {}
        self._heights: list[int] = []
        """Heights of folded entries at the current width; -1 where not known yet."""
        self._bodies: dict[str, list[Text]] = {}
        """Lines of unfolded entries, at the current width."""
        self._width = 0
        self._pattern: re.Pattern[str] | None = None

    def put(self, prepared: Prepared) -> None:
        """Show these entries; those that stay keep their folds."""
        entries, places = prepared.entries, prepared.places
        for key in list(self._bodies):
            place = places.get(key)
            if place is None or entries[place] != self.entries[self._places[key]]:
                del self._bodies[key]
        measured = prepared.width > 0 and prepared.width == self.words_width
        self._heights = list(prepared.heights) if measured else [-1] * len(entries)
        self.entries, self._places, self.failures = entries, places, prepared.failures

    def entry(self, index: int) -> Entry | None:
        """Return the entry at a position, None when there is none."""
        return self.entries[index] if 0 <= index < len(self.entries) else None

    def turn_of(self, index: int) -> range:
        """Return the rows of the turn that a row belongs to, its first row included."""
        start = index
        while start > 0 and not self.entries[start].from_person:
            start -= 1
        end = index + 1
        while end < len(self.entries) and not self.entries[end].from_person:
            end += 1
        return range(start, end)

    # folding

    def fold(self, keys: Sequence[str]) -> None:
        """Fold these entries."""
        self.unfolded.difference_update(keys)

    def unfold(self, keys: Sequence[str]) -> None:
        """Unfold those of these entries that have more to show."""
        for key in keys:
            if self.can_unfold(self._places[key]):
                self.unfolded.add(key)

    def can_unfold(self, index: int) -> bool:
        """Return whether a row is folded and unfolding it shows more."""
        entry = self.entries[index]
        return entry.key not in self.unfolded and can_unfold(entry, self.words_width, self.glyphs)

    # searching

    def highlight(self, words: str) -> None:
        """Highlight words; empty to stop."""
        self._pattern = re.compile(re.escape(words), re.IGNORECASE) if words else None

    def line_found(self, index: int) -> int | None:
        """Return the first line of a row, as it is shown, that has the words looked for."""
        if self._pattern is None:
            return None
        lines = self._lines(self.entries[index])
        return next((n for n, line in enumerate(lines) if self._pattern.search(line.plain)), None)

    # rows

    def __len__(self) -> int:
        return len(self.entries)

    def key(self, index: int) -> str:
        """Return the entry's lasting name."""
        return self.entries[index].key

    def index_of(self, key: str) -> int | None:
        """Return the index of an entry."""
        return self._places.get(key)

    def selectable(self, index: int) -> bool:
        """Return whether it takes the cursor; a compaction is only a divider."""
        return self.entries[index].kind != "cut"

    def resize(self, width: int) -> None:
        """Measure again when the width changed."""
        if width != self._width:
            self._width = width
            self._heights = [-1] * len(self.entries)
            self._bodies.clear()

    def height(self, index: int) -> int:
        """Return how many lines a row has, cached for folded entries."""
        entry = self.entries[index]
        if self.unfolded and entry.key in self.unfolded:
            return len(self._body(entry))
        known = self._heights[index]
        if known < 0:
            known = self._heights[index] = folded_height(entry, self.words_width)
        return known

    @property
    def _left(self) -> int:
        """Cells before the words."""
        if self._width < NARROW:
            return min(LABEL, self._width // 3) + FOLD
        return NUMBER + LABEL + FOLD

    @property
    def words_width(self) -> int:
        """Cells for an entry's words; 0 before the list was laid out."""
        return max(8, self._width - self._left) if self._width else 0

    def _body(self, entry: Entry) -> list[Text]:
        body = self._bodies.get(entry.key)
        if body is None:
            body = self._bodies[entry.key] = unfolded_lines(entry, self.words_width, self.glyphs)
        return body

    def _lines(self, entry: Entry) -> list[Text]:
        if entry.key in self.unfolded:
            return self._body(entry)
        return folded_lines(entry, self.words_width, self.glyphs)

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return an entry's lines."""
        entry = self.entries[index]
        if entry.kind == "cut":
            return [self._divider(entry.text, width)]
        unfolded = entry.key in self.unfolded
        lines = []
        for number, line in enumerate(self._lines(entry)):
            shown = self._margin(entry, index, unfolded) if not number else Text(" " * self._left)
            shown.append_text(line)
            self._mark_found(shown)
            lines.append(shown)
        return lines

    def _margin(self, entry: Entry, index: int, unfolded: bool) -> Text:
        """Return what precedes an entry's first line: number, label, sign for folding."""
        room = self._left - FOLD
        text = Text()
        if self._width >= NARROW:
            number = str(entry.position + 1) if entry.position >= 0 else ""
            text.append(f"{clip(number, NUMBER - 1):>{NUMBER - 1}} ", FAINT)
            room -= NUMBER
        who = label(entry, self.glyphs)
        text.append(clip(who.plain, room - 1, self.glyphs.more).ljust(room), who.style)
        if unfolded or can_unfold(entry, self.words_width, self.glyphs):
            text.append(f"{self.glyphs.unfolded if unfolded else self.glyphs.folded} ", FAINT)
        else:
            text.append(" " * FOLD)
        return text

    def _divider(self, words: str, width: int) -> Text:
        rule = self.glyphs.thin
        words = clip(words, max(1, width - 8), self.glyphs.more)
        return Text(f"{rule * 3} {words} ".ljust(width, rule), WARNING)

    def _mark_found(self, line: Text) -> None:
        if self._pattern is not None:
            for match in self._pattern.finditer(line.plain, min(self._left, len(line.plain))):
                line.stylize(FOUND, match.start(), match.end())
