"""The list of a timeline: its rows with folds and search matches, and moving to errors and turns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.message import Message

from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.list.text_list import TallRowList
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

MATCH = "underline on $warning 40%"
"""The style of words that are searched for."""
NUMBER, LABEL, FOLD = 6, 15, 2
"""Cells for a message's number, its author or the call's outcome, and the sign for folding."""
NARROW = 56
"""Below this many cells the numbers go, and labels become short."""
NOTHING = "there is nothing in this session yet"


class Prepared(NamedTuple):
    """A session ready to be shown: all that takes time in proportion to its length."""

    judged: JudgedSession
    entries: list[Entry]
    index_by_key: dict[str, int]
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
    """Entries of a timeline, folded or not."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.entries: list[Entry] = []
        self.unfolded: set[str] = set()
        """Keys of entries that are shown whole."""
        self.failures = 0
        """Calls that failed."""
        self._index_by_key: dict[str, int] = {}
        self._heights: list[int] = []
        """Heights of folded entries at the current width; -1 where not known yet."""
        self._bodies: dict[str, list[Text]] = {}
        """Lines of unfolded entries, at the current width."""
        self._width = 0
        self._pattern: re.Pattern[str] | None = None

    def put(self, prepared: Prepared) -> None:
        """Show these entries; those that stay keep their folds."""
        entries, index_by_key = prepared.entries, prepared.index_by_key
        for name in list(self._bodies):
            index = index_by_key.get(name)
            if index is None or entries[index] != self.entries[self._index_by_key[name]]:
                del self._bodies[name]
        # The list may have been resized while the session was prepared in a thread.
        measured = prepared.width > 0 and prepared.width == self.words_width
        self._heights = list(prepared.heights) if measured else [-1] * len(entries)
        self.entries, self._index_by_key, self.failures = entries, index_by_key, prepared.failures

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
        self.unfolded.update(name for name in keys if self.can_unfold(self._index_by_key[name]))

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
        return self._index_by_key.get(key)

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
        # Cells before the words.
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
            body = self._bodies[entry.key] = unfolded_lines(entry, self.words_width)
        return body

    def _lines(self, entry: Entry) -> list[Text]:
        if entry.key in self.unfolded:
            return self._body(entry)
        return folded_lines(entry, self.words_width, self.glyphs)

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return an entry's lines."""
        entry = self.entries[index]
        if entry.kind == "cut":
            rule = self.glyphs.thin
            words = clip(entry.text, max(1, width - 8), self.glyphs.more)
            return [Text(f"{rule * 3} {words} ".ljust(width, rule), WARNING)]
        unfolded = entry.key in self.unfolded
        lines = []
        for number, line in enumerate(self._lines(entry)):
            shown = self._margin(entry, unfolded) if not number else Text(" " * self._left)
            shown.append_text(line)
            if self._pattern is not None:
                for match in self._pattern.finditer(shown.plain, min(self._left, len(shown.plain))):
                    shown.stylize(MATCH, match.start(), match.end())
            lines.append(shown)
        return lines

    def _margin(self, entry: Entry, unfolded: bool) -> Text:
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


class TimelineList(TallRowList):
    """Messages and calls in order."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("timeline.read", "enter", "open", "Read it in full", "read"),
        key("timeline.fold", "space", "fold", "Fold or unfold", "fold"),
        key("timeline.fold_turn", "f", "fold_turn", "Fold or unfold the whole turn"),
        key("timeline.fold_all", "F", "fold_all", "Fold everything"),
        key("timeline.next_error", "right_square_bracket", "error(1)", "Next error", "error", show_key="]"),
        key("timeline.previous_error", "left_square_bracket", "error(-1)", "Previous error"),
        key("timeline.next_turn", "right_curly_bracket", "turn(1)", "Next turn", "turn", show_key="}"),
        key("timeline.previous_turn", "left_curly_bracket", "turn(-1)", "Previous turn"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    class Folded(Message):
        """Rows were folded or unfolded."""

    def __init__(self, rows: TimelineRows) -> None:
        super().__init__(rows, id="timeline", empty="Reading the session …")
        self.rows = rows

    def current(self) -> Entry | None:
        """Return the entry under the cursor."""
        return self.rows.entry(self.cursor)

    # folding

    def _show_folds(self) -> None:
        """Show rows that were folded or unfolded; the cursor's row stays in place if it fits in the view."""
        self.refresh_rows()
        self.reveal()
        self.post_message(self.Folded())

    @on(TallRowList.Sideways)
    def _sideways(self, event: TallRowList.Sideways) -> None:
        """Unfold to the right; fold to the left, from a folded row go to where its turn begins."""
        if event.step > 0:
            if not self.rows.can_unfold(event.index):
                return
            self.rows.unfold([event.key])
            self._show_folds()
        elif event.key in self.rows.unfolded:
            self.rows.fold([event.key])
            self._show_folds()
        else:
            self.goto(self.rows.turn_of(event.index).start)
        event.stop()

    def action_fold(self) -> None:
        """Fold or unfold the entry under the cursor."""
        self._toggle([self.rows.key(self.cursor)])

    def action_fold_turn(self) -> None:
        """Fold or unfold the turn under the cursor."""
        self._toggle([self.rows.key(index) for index in self.rows.turn_of(self.cursor)])

    def _toggle(self, keys: Sequence[str]) -> None:
        if self.rows.unfolded.isdisjoint(keys):
            self.rows.unfold(keys)
        else:
            self.rows.fold(keys)
        self._show_folds()

    def action_fold_all(self) -> None:
        """Fold everything."""
        self.rows.unfolded.clear()
        self._show_folds()

    # moving

    def action_error(self, step: int) -> None:
        """Go to the next or previous call that failed."""
        self.go(lambda index: self.rows.entries[index].failed, step, "error")

    def action_turn(self, step: int) -> None:
        """Go to the next or previous message of the person."""
        self.go(lambda index: self.rows.entries[index].from_person, step, "turn")

    def go(self, match: Callable[[int], bool], step: int, what: str) -> None:
        """Go to the next or previous row that matches, around the ends; a toast says when it went around.

        Args:
            match: asked for rows by number.
            step: 1 for the next, -1 for the previous.
            what: the row in a word.
        """
        before = self.cursor
        found = self.goto_next(match, forward=step > 0)
        if found is None:
            self.notify(f"there is no other {what} in this session", timeout=2, markup=False)
        elif (found > before) != (step > 0):
            end = "first" if step > 0 else "last"
            self.notify(f"on from the other end: the {end} {what}", timeout=2, markup=False)

    # actions that cannot run now

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in ("fold", "fold_turn", "error", "turn") and not len(self.rows):
            return NOTHING
        here = self.current()
        if action == "fold" and not (
            here is not None and (here.key in self.rows.unfolded or self.rows.can_unfold(self.cursor))
        ):
            return "all of it is shown already"
        if action == "fold_all" and not self.rows.unfolded:
            return "nothing is unfolded"
        if action == "error" and not self.rows.failures:
            return "no call failed in this session"
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out actions that cannot run now."""
        return None if self.why_not(action, parameters) else super().check_action(action, parameters)
