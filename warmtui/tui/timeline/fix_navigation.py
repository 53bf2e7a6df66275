"""What fixed a failed call, and what a call fixed: looked for when it is asked about, and gone to."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from textual import work
from textual.binding import BindingType

from warmtui.errors import WarmtuiError
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.dialogs.waiting import GIVEN_UP, waited
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.timeline.fix_lines import NOT_FIXED, fix_of, other_end
from warmtui.tui.timeline.message_pane import MessagePane
from warmtui.tui.timeline.session_reader import grew_from
from warmtui.tui.timeline.timeline_list import TimelineList
from warmtui.tui.timeline.timeline_rows import TimelineRows
from warmtui.workspace.call_fixes import CallFixes
from warmtui.workspace.reader import JudgedSession, OnProgress
from warmtui.workspace.session_table import SessionKey

REST = 3
"""Times as long as a look took, until a session that grew is looked through again."""


class TimelineFixes(BaseScreen):
    """Knowing and going to the other end of a fix; use `TimelineScreen`."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("timeline.fix", "x", "fix", "To the call that fixed it, or to what this call fixed", "its fix"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    session_key: SessionKey
    rows: TimelineRows
    judged: JudgedSession | None
    fixes: CallFixes | None = None
    """What is known to have fixed what; None until it was looked for."""
    _fixes_in: JudgedSession | None = None
    """What they were looked for in."""
    _seeking = False

    @property
    def table(self) -> TimelineList:
        """The list."""
        raise NotImplementedError

    @property
    def pane(self) -> MessagePane:
        """The text in full."""
        raise NotImplementedError

    def current(self) -> Entry | None:
        """Return the entry under the cursor."""
        raise NotImplementedError

    def _show_in_pane(self) -> None:
        raise NotImplementedError

    def forget_fixes(self, judged: JudgedSession) -> None:
        """Forget what was found in a session that did not only grow: its calls are numbered anew."""
        if self._fixes_in is not None and not grew_from(self._fixes_in, judged):
            self.fixes = self._fixes_in = None

    def want_fixes(self) -> None:
        """Have the fixes looked for where a call is read in full; nothing else needs them."""
        if self._wanted:
            self._seek()

    @property
    def _wanted(self) -> bool:
        here = self.current()
        unknown = self.judged is not None and self.judged is not self._fixes_in
        return unknown and self.pane.display and here is not None and here.call is not None

    @work(group="fixes")
    async def _seek(self) -> None:
        """Look for the fixes until they are those of the session as it stands."""
        if self._seeking:
            return
        self._seeking = True
        try:
            while self._wanted:
                started = time.monotonic()
                await self._look()
                self._show_in_pane()
                self.regrey()
                await asyncio.sleep(REST * (time.monotonic() - started))
        finally:
            self._seeking = False

    async def _look(self) -> None:
        judged = self.judged
        if judged is None:
            return
        try:
            found = await self.workspace.fixes_of(self.session_key, judged)
        except WarmtuiError as error:
            self.say(str(error), "error")
            found = CallFixes(())
        self.fixes, self._fixes_in = found, judged

    @work(exclusive=True, group="fix")
    async def action_fix(self) -> None:
        """Go from a call that failed to the one that fixed it, and from that to what it fixed."""
        here = self.current()
        if here is None:
            return

        async def look(told: OnProgress) -> bool:
            await self._look()
            return True

        if self.fixes is None and not await waited(self.app, "Finding what fixed it", 1, look):
            self.say(GIVEN_UP)
            return
        found = fix_of(here, self.fixes)
        end = other_end(here, found) if found is not None else -1
        row = next((row for row, one in enumerate(self.rows.entries) if one.call_index == end >= 0), None)
        if row is None:
            self.say(self._no_fix(here))
        else:
            self.table.goto(row)

    @staticmethod
    def _no_fix(here: Entry) -> str:
        return NOT_FIXED if here.failed else "this call fixed nothing"

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why there is no fix to go to; empty when there is, or when it is not known yet."""
        if action != "fix":
            return super().why_not(action, parameters)
        here = self.current()
        if here is None or here.call is None:
            return "only a call is fixed or fixes; ] goes to one that failed"
        if self.judged is None:
            return "the session is still being read"
        return self._no_fix(here) if self.fixes is not None and fix_of(here, self.fixes) is None else ""
