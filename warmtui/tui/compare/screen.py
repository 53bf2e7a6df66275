"""Compare: what did the first session do differently from the second?"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from warmtui.curation.editing import DraftState
from warmtui.errors import WarmtuiError
from warmtui.model.comparison import Comparison
from warmtui.model.session import SessionKey
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.compare.rows import CompareRows, call_words
from warmtui.tui.curate.draft_session import DraftSession, pick_call
from warmtui.tui.list.row_list import RowList
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED
from warmtui.workspace.findings import Findings, compare_findings

NO_CALL = "only a call can be put into a draft; they stand turn by turn, further down"


class CompareScreen(BaseScreen):
    """Two sessions side by side, scrolling together: figures, habits, and their calls in step.

    Args:
        first: the session on the left.
        second: the session on the right.
    """

    DEFAULT_CSS = """
    CompareScreen #compared { width: 1fr; padding: 0 1 0 0; }
    CompareScreen .status { height: 4; padding: 0 1; background: $panel; }
    """
    KEYS: ClassVar = (
        key("compare.next", "n", "difference(1)", "Next difference", "difference", show_key="n/N"),
        key("compare.next_also", "right_square_bracket", "difference(1)", "Next difference", palette=False),
        key("compare.previous", "N", "difference(-1)", "Previous difference"),
        key(
            "compare.previous_also",
            "left_square_bracket",
            "difference(-1)",
            "Previous difference",
            palette=False,
        ),
        key("compare.side", "tab", "other_side", "Work on the other side", "other side"),
        key("compare.draft", "c", "draft", "Put the call into the draft of its session", "into draft"),
        key("compare.open", "enter", "timeline", "Open the timeline, at the call", "timeline"),
        key("compare.undo", "z", "undo", "Take the call out of the draft again"),
        key("compare.swap", "s", "swap", "Swap the sides", "swap"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, first: SessionKey, second: SessionKey) -> None:
        super().__init__()
        self.keys: tuple[SessionKey, SessionKey] = (first, second)
        self.rows = CompareRows(glyphs_of(self))
        self.table = RowList(
            self.rows, opens=False, id="compared", empty="Reading both sessions …\nEsc leaves."
        )
        self.comparison: Comparison | None = None
        self.found: tuple[Findings, ...] = ()
        self._taken: list[tuple[DraftSession, DraftState]] = []
        """Drafts that got a call here, with the state of each after that."""

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, the list, the status below it and the keys."""
        yield Static("", classes="crumbs", markup=False)
        yield self.table
        yield Static("", classes="status", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start reading."""
        self.table.focus()
        self._update_crumbs()
        self._read()

    @work(exclusive=True, group="compare")
    async def _read(self) -> None:
        """Read both sessions and compare them."""
        try:
            self.found = tuple([await self.workspace.sessions.findings_of(key) for key in self.keys])
        except WarmtuiError as error:
            if self.query(RowList):
                self.table.empty = f"{error.what}\n{error.remedy}"
            self.say(str(error), "error")
            return
        if await self._compare():
            self.table.goto(self.rows.starts[0] if self.rows.starts else 0)

    async def _compare(self) -> bool:
        """Compare what was found and show it; False when the screen was left meanwhile."""
        # not in the sources' thread, so that the list of sessions is still read meanwhile
        self.comparison = await asyncio.to_thread(compare_findings, self.found)
        if not self.query(RowList):
            return False
        self.rows.put(self.comparison)
        self.table.refresh_rows(keep_cursor=True)
        self._update_crumbs()
        self._update_status()
        self.regrey()
        return True

    # breadcrumbs and status

    @on(RowList.Moved, "#compared")
    def _update_crumbs(self) -> None:
        text = Text(" warmtui › Compare  ")
        starts = self.rows.starts
        if self.comparison is not None:
            at = bisect_right(starts, self.table.cursor)
            text.append(f"difference {at} of {len(starts)}" if starts else "no differences", MUTED)
            caution = "  a description of these two, not a test"
            # cut short, it would say the opposite
            text.append(caution if text.cell_len + len(caution) < self.size.width else "  not a test", FAINT)
        self.crumbs = text

    @on(RowList.Moved, "#compared")
    def _update_status(self) -> None:
        """Describe the row under the cursor in full, one side below the other."""
        entry = self.rows.entry(self.table.cursor)
        text = Text()
        # two lines a side; wide characters at a break may cost a cell
        room = max(20, self.size.width - 6)
        for side in (0, 1):
            if entry is None or entry.kind == "remark":
                break
            call = entry.calls[side]
            words = call_words(call) if call is not None else f"{entry.label} {entry.cells[side]}".strip()
            look = "" if side == self.rows.side else FAINT
            if entry.kind == "step" and call is None:
                words, look = "–", FAINT
            lines = words.split("\n")[:2] if call is not None else [words]
            for sign, line in zip((side + 1, " "), lines, strict=False):
                text.append(f"{sign} {clip(line, room)}\n", look)
        self.status = text

    def on_resize(self) -> None:
        """Cut the status to the new width."""
        self._update_status()

    # keys

    def call_side(self) -> int | None:
        """Return the side whose call is meant: the chosen one, or the only one that has a call here."""
        entry = self.rows.entry(self.table.cursor)
        if entry is None:
            return None
        sides = (self.rows.side, 1 - self.rows.side)
        return next((side for side in sides if entry.calls[side] is not None), None)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in ("difference", "swap", "draft") and self.comparison is None:
            return "both sessions are still being read"
        if action == "difference" and not self.rows.starts:
            return "the two do not differ in anything"
        if action == "draft" and self.call_side() is None:
            return NO_CALL
        if action == "undo" and not self._taken:
            return "no call was put into a draft here"
        if action == "undo" and self._taken[-1][0].state is not self._taken[-1][1]:
            return "the draft was changed since; z takes that back in Curate"
        return ""

    def action_difference(self, step: int) -> None:
        """Go to the next or previous stretch of rows that differ, around the ends."""
        starts, here = self.rows.starts, self.table.cursor
        onward = starts if step > 0 else starts[::-1]
        to = next((row for row in onward if (row - here) * step > 0), None)
        if to is None:
            self.say(f"on from the other end: the {'first' if step > 0 else 'last'} difference")
        self.table.goto(onward[0] if to is None else to)

    def action_other_side(self) -> None:
        """Work on the other side."""
        self._to_side(1 - self.rows.side)

    @on(RowList.Sideways, "#compared")
    def _sideways(self, event: RowList.Sideways) -> None:
        self._to_side(0 if event.step < 0 else 1)

    def _to_side(self, side: int) -> None:
        self.rows.side = side
        self.table.refresh_rows(keep_cursor=True)
        self._update_status()

    @work(exclusive=True, group="compare")
    async def action_swap(self) -> None:
        """Swap the sides; the keys go on working on the same session."""
        self.keys = (self.keys[1], self.keys[0])
        self.found = self.found[::-1]
        self.rows.side = 1 - self.rows.side
        self.shell.compared = self.keys
        await self._compare()

    @on(RowList.Opened, "#compared")
    def action_timeline(self) -> None:
        """Open the timeline of the side, at the call under the cursor where there is one."""
        from warmtui.tui.timeline.screen import TimelineScreen

        entry, side, message = self.rows.entry(self.table.cursor), self.call_side(), ""
        if entry is not None and side is not None and (call := entry.calls[side]) is not None:
            judged = self.found[side].judged.calls[call.index]
            message = judged.result.id if judged.result is not None else judged.message_id
        self.shell.push_screen(TimelineScreen(self.keys[self.rows.side if side is None else side], message))

    @work(exclusive=True, group="draft")
    async def action_draft(self) -> None:
        """Put the call under the cursor into the draft of its session."""
        entry, side = self.rows.entry(self.table.cursor), self.call_side()
        if entry is None or side is None:
            return
        call = entry.calls[side]
        if call is None:
            return
        drafts = [self.shell.draft] if self.shell.draft is not None else []
        try:
            done = await pick_call(self.workspace, drafts, self.keys[side], self.found[side], call.index)
        except WarmtuiError as error:
            self.say(str(error), "error")
            return
        words = done.words
        if done.draft is not None:
            self.shell.draft = done.draft
            if done.changed:
                self._taken.append((done.draft, done.draft.state))
                words += ", z takes it out"
                self.regrey()
        self.say(words, "information" if done.draft is not None else "warning")

    @work(exclusive=True, group="draft")
    async def action_undo(self) -> None:
        """Take the call that was last put into a draft out again."""
        draft, _ = self._taken.pop()
        words = draft.undo()
        await draft.autosave()
        self.say(draft.autosave_error or f"undone: {words}")
        self.regrey()
