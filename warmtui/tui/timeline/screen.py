"""Timeline: what happened in this session, message by message and call by call?"""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from warmtui.display import display_text
from warmtui.errors import WarmtuiError
from warmtui.model.session import SessionHeader, SessionKey
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.text.text_view import COPIED, TextView
from warmtui.tui.timeline.entries import Entry, rows_with
from warmtui.tui.timeline.message_pane import NOT_FIXED, MessagePane, fix_of, other_end
from warmtui.tui.timeline.timeline_list import NOTHING, Prepared, TimelineList, TimelineRows, prepare
from warmtui.tui.wait import GIVEN_UP, waited
from warmtui.tui.widgets.cells import clean, clip
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING
from warmtui.workspace.call_fixes import CallFixes
from warmtui.workspace.reader import JudgedSession, OnProgress

SETTLED_SECONDS = 0.1
"""Seconds from when the cursor stops until the text follows, which is costly to draw."""
POLL_SECONDS = 0.5
"""Seconds between two checks whether the session grew."""
PAUSE_FACTOR = 3
"""A session that grew is searched for fixes again after this many times as long as the last search took."""
BREADCRUMBS = " warmtui › Sessions › "
PANE_WIDTH = 140
"""From this many cells of the screen on, the pane is beside the list."""
NO_FIX = "this call fixed nothing"


class TimelineScreen(BaseScreen):
    """Every message and call of one session, live.

    Args:
        session_key: which session of the workspace's feed.
        message_id: on which message the cursor begins; empty for the first.
        words: what to search for from the start, so that n goes to it; Esc still leaves the screen.
    """

    RETURNS = "timeline"
    KEYS: ClassVar = (
        key("timeline.search", "slash", "search", "Search in the session", "search", show_key="/"),
        key("timeline.next_match", "n", "match(1)", "Next match", palette=False),
        key("timeline.previous_match", "N", "match(-1)", "Previous match", palette=False),
        key("timeline.draft", "c", "draft", "Put the call into the draft", "draft"),
        key("timeline.copy", "y", "copy", "Copy the message, or the call with its result", "copy"),
        key("timeline.pane", "tab", "pane", "Between the list and the text", palette=False),
        key("timeline.fix", "x", "fix", "To the call that fixed it, or to what this call fixed", "its fix"),
    )
    # The footer begins with x; the help ends with it.
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[-1], *KEYS[:-1])]
    DEFAULT_CSS = """
    TimelineScreen {
        & #timeline { width: 1fr; }
        & #message { display: none; width: 1fr; }
        &.-both #message { display: block; border-left: solid $panel; }
        &.-reading #message { display: block; }
        &.-reading #timeline { display: none; }
        &.-both.-reading #timeline { display: block; }
        & #find { height: 1; border: none; padding: 0 1; background: $boost; display: none; }
        & #find.-open { display: block; }
    }
    """

    def __init__(self, session_key: SessionKey, message_id: str = "", words: str = "") -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (PANE_WIDTH, "-both")]
        self.session_key = session_key
        self.rows = TimelineRows(glyphs_of(self))
        self.table, self.pane = TimelineList(self.rows), MessagePane()
        self._find_input = Input(placeholder="words in any message, argument or result", id="find")
        self.judged: JudgedSession | None = None
        """The session; None until it is read."""
        self.words = words
        """What is searched for."""
        self.fixes: CallFixes | None = None
        """Which calls fixed which; None until asked for."""
        self._fixes_in: JudgedSession | None = None
        """The session as it was when `fixes` were searched for."""
        self._searching_fixes = False
        self._begin_at = message_id
        self._counts = ""
        """How many messages and calls there are, in words; empty until they are read."""
        self._words_given = bool(words)
        """Whether the words came with the session instead of being typed here."""
        self._matches: list[int] = []
        """Rows that have the words, in order."""
        self._opened_by_search: str | None = None
        self._search_from = 0
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, search, list, text and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield self._find_input
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield self.table
            yield self.pane
        yield KeyFooter(lambda action: action == "fix")  # the reader names its key

    def on_mount(self) -> None:
        """Start reading."""
        self.table.focus()
        self._update_crumbs()
        self._follow()

    def current(self) -> Entry | None:
        """Return the entry under the cursor."""
        return self.rows.entry(self.table.cursor)

    # reading

    @work(exclusive=True, group="timeline")
    async def _follow(self) -> None:
        """Show the session, and read it again whenever it changed, for as long as the screen is open."""
        stamp: tuple[object, ...] | None = None
        while True:
            row, started = self.workspace.sessions.table.get(self.session_key), time.monotonic()
            if row is None:
                self.problem = "the session is gone from its source; this is what was read before"
            elif (now := _stamp(row.header)) != stamp:
                try:
                    judged = await self.workspace.sessions.read(self.session_key)
                except WarmtuiError as error:
                    self.problem = str(error)
                else:
                    stamp = now
                    prepared = await asyncio.to_thread(prepare, judged, self.rows.words_width)
                    self.problem = _unread(judged)
                    self._show(prepared)
            # A session that takes long to read is read less often.
            await asyncio.sleep(max(POLL_SECONDS, 2 * (time.monotonic() - started)))

    def _show(self, prepared: Prepared) -> None:
        # The cursor stays on its row, or at the end if it was there, to follow a running agent.
        before, table = len(self.rows), self.table
        at_end = before > 0 and table.cursor == before - 1
        self.judged, self._counts = prepared.judged, prepared.counts
        if self._fixes_in is not None and not _only_grew(self._fixes_in, prepared.judged):
            self.fixes = self._fixes_in = None
        self.rows.put(prepared)
        table.empty = "This session has no messages yet.\nThey appear here as soon as the agent writes them."
        table.refresh_rows(keep_cursor=before > 0)
        if not before and self._begin_at:
            rows = enumerate(self.rows.entries)
            table.goto(next((row for row, entry in rows if entry.holds(self._begin_at)), 0))
        if at_end and len(self.rows) > before:
            table.action_edge(1)
        if self.words:
            self._search(jump=False)
        self._update_crumbs()
        self._settle()
        self.regrey()

    def watch_problem(self, problem: str) -> None:
        """Show the problem, in place of the list while nothing is listed."""
        super().watch_problem(problem)
        if not len(self.rows):
            self.table.empty = problem

    @on(TimelineList.Moved, "#timeline")
    def _update_crumbs(self) -> None:
        row = self.workspace.sessions.table.get(self.session_key)
        title = (row.header.title or row.words or row.header.id) if row else self.session_key.id
        figures = Text()
        if self.words:
            figures.append(self._match_words(), "" if self._matches else WARNING)
        elif self._counts:
            here = self.current()
            if here is not None and here.position >= 0:
                figures.append(f"{here.position + 1:,} of ", FAINT)
            figures.append(self._counts, MUTED)
        # Figures are useless when cut short; a title is not.
        room = self.size.width - len(BREADCRUMBS) - figures.cell_len - 4
        self.crumbs = Text(f"{BREADCRUMBS}{clip(title, max(8, room))}  ").append_text(figures)

    # the text in full

    @on(TimelineList.Moved, "#timeline")
    @on(TimelineList.Folded)
    def _settle(self) -> None:
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_SECONDS, self._show_in_pane)

    def _show_in_pane(self) -> None:
        if self.pane.display:
            self.pane.show_entry(self.current(), self.words, fixes=self.fixes, judged=self.judged)
            if self._fixes_wanted:
                self._follow_fixes()

    @on(TimelineList.Opened, "#timeline")
    @on(TimelineList.Sideways, "#timeline")  # from a row that cannot be unfolded further
    def action_read(self) -> None:
        """Read the entry under the cursor in full."""
        if self.current() is None:
            return
        self.add_class("-reading")
        self.pane.view.focus()
        # The pane knows its width only once the new style shows it.
        self.call_after_refresh(self._read_now)

    def _read_now(self) -> None:
        self.pane.view.focus()
        self._show_in_pane()

    def action_pane(self) -> None:
        """Go between list and text."""
        if self.pane.view.has_focus:
            self._close_pane()
        else:
            self.action_read()

    def _close_pane(self) -> None:
        self.remove_class("-reading")
        self.call_after_refresh(self.table.focus)
        self.table.focus()

    def action_back(self) -> None:
        """Close the text, then the search, then the timeline."""
        if self._find_input.has_class("-open"):
            self._end_search()
        elif self.has_class("-reading"):
            self._close_pane()
        elif self.words and not self._words_given:
            self._end_search()
        else:
            super().action_back()

    # searching

    def action_search(self) -> None:
        """Open the search."""
        self._search_from = self.table.cursor
        self.type_into(self._find_input)

    @on(Input.Changed, "#find")
    def _on_words_typed(self, event: Input.Changed) -> None:
        if event.value != self.words:
            self.words, self._words_given = event.value, False
        self._search(jump=True)

    @on(Input.Submitted, "#find")
    def _on_search_submitted(self, event: Input.Submitted) -> None:
        event.input.remove_class("-open")
        self.table.focus()
        if not event.value:
            self._end_search()

    @work(exclusive=True, group="search")
    async def _search(self, *, jump: bool) -> None:
        """Search all rows, a slice at a time, and go to the first match from where the search began."""
        self._matches = await rows_with(self.rows.entries, self.words)
        if self._words_given and self.judged is not None and not self._matches:
            self.words = ""  # The session was found for its title.
        self.rows.highlight(self.words)
        self.table.refresh_rows()
        if jump and self._matches:
            ahead = (row for row in self._matches if row >= self._search_from)
            self.table.goto(next(ahead, self._matches[0]))
            self._show_match()
        self._update_crumbs()
        self._settle()

    def _show_match(self) -> None:
        """Unfold the row under the cursor if the words are in its folded part, and scroll to them."""
        here = self.current()
        if here is None or not self.words:
            return
        if self._opened_by_search not in (None, here.key):
            self.rows.fold([str(self._opened_by_search)])
            self._opened_by_search = None
        index = self.table.cursor
        if self.rows.line_found(index) is None and self.rows.can_unfold(index):
            self.rows.unfold([here.key])
            self._opened_by_search = here.key
        self.table.refresh_rows()
        self.table.reveal()
        line = self.rows.line_found(index)
        if line is not None:
            self.table.reveal_line(line)

    def action_match(self, step: int) -> None:
        """Go to the next or previous row that has the words searched for."""
        self.table.go(set(self._matches).__contains__, step, "match")
        self._show_match()

    def _match_words(self) -> str:
        shown = clean(self.words[:40])
        if not self._matches:
            return f"no match for “{shown}”"
        here, many = self.table.cursor, len(self._matches)
        if here in self._matches:
            return f"match {self._matches.index(here) + 1:,} of {many:,} for “{shown}”"
        there = "matches for “{}”, n goes to the next" if many > 1 else "match for “{}”, n goes to it"
        return f"{many:,} {there.format(shown)}"

    def _end_search(self) -> None:
        self._find_input.remove_class("-open")
        self._find_input.value = self.words = ""
        self._opened_by_search = None
        self._search(jump=False)
        self.table.focus()

    # fixes

    @property
    def _fixes_wanted(self) -> bool:
        """Whether the pane shows a call whose fix is not known; nothing else needs the fixes."""
        here = self.current()
        unknown = self.judged is not None and self.judged is not self._fixes_in
        return unknown and self.pane.display and here is not None and here.call is not None

    @work(group="fixes")
    async def _follow_fixes(self) -> None:
        """Search for fixes until they match the session as it is now."""
        if self._searching_fixes:
            return
        self._searching_fixes = True
        try:
            while self._fixes_wanted:
                started = time.monotonic()
                await self._find_fixes()
                self._show_in_pane()
                self.regrey()
                await asyncio.sleep(PAUSE_FACTOR * (time.monotonic() - started))
        finally:
            self._searching_fixes = False

    async def _find_fixes(self) -> None:
        judged = self.judged
        if judged is None:
            return
        try:
            found = await self.workspace.sessions.fixes_of(self.session_key, judged)
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

        async def find(_on_progress: OnProgress) -> bool:
            await self._find_fixes()
            return True

        if self.fixes is None and not await waited(self.app, "Finding what fixed it", 1, find):
            self.say(GIVEN_UP)
            return
        fix = fix_of(here, self.fixes)
        end = other_end(here, fix) if fix is not None else -1
        rows = enumerate(self.rows.entries)
        row = next((row for row, entry in rows if entry.call_index == end >= 0), None)
        if row is None:
            self.say(NOT_FIXED if here.failed else NO_FIX)
        else:
            self.table.goto(row)

    # copying, and adding to the draft

    def action_copy(self) -> None:
        """Copy the entry without control characters, which a terminal would obey when it is pasted."""
        here = self.current()
        if here is None:
            return
        text = here.whole()
        shown = text[:COPIED]
        self.app.copy_to_clipboard("\t".join(map(display_text, shown.split("\t"))))
        self._say_copied(len(shown), len(text))

    @on(TextView.Copied)
    def _on_text_copied(self, event: TextView.Copied) -> None:
        self._say_copied(event.characters, event.of)

    def _say_copied(self, characters: int, of: int) -> None:
        cut = f" of {of:,}, all a terminal takes" if characters < of else ""
        self.notify(f"copied {characters:,} characters{cut}", timeout=2, markup=False)

    @work(exclusive=True, group="draft")
    async def action_draft(self) -> None:
        """Put the call under the cursor into the draft."""
        here = self.current()
        if here is None or here.call is None:
            return
        call = here.call_index

        async def put(_on_progress: OnProgress) -> bool:
            findings = await self.workspace.sessions.findings_of(self.session_key)
            await self.shell.put_into_draft(findings, call)
            return True

        try:
            done = await waited(self.app, "Finding what the call teaches", 1, put)
        except WarmtuiError as error:
            self.say(str(error), "error")
            return
        if done is None:
            self.say("given up")

    # actions that cannot run now

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in ("read", "copy", "search") and not len(self.rows):
            return NOTHING
        if action == "draft" and ((here := self.current()) is None or here.call is None):
            return "only a call can be put into a draft; ] and arrows go to one"
        if action == "match" and not self._matches:
            return f"nothing has “{clean(self.words[:40])}”" if self.words else "/ searches first"
        if action == "fix":
            return self._why_no_fix()
        return super().why_not(action, parameters)

    def _why_no_fix(self) -> str:
        here = self.current()
        if here is None or here.call is None:
            return "only a call is fixed or fixes; ] goes to one that failed"
        if self.judged is None:
            return "the session is still being read"
        # Fixes are searched for when they are wanted; until then any call may have one.
        if self.fixes is None or fix_of(here, self.fixes) is not None:
            return ""
        return NOT_FIXED if here.failed else NO_FIX


def _stamp(header: SessionHeader) -> tuple[object, ...]:
    return header.rows, header.stamp, header.last_active_at, header.ended_at, header.title


def _only_grew(before: JudgedSession, now: JudgedSession) -> bool:
    # If the last call is where it was, all calls before it kept their indexes.
    last = len(before.calls) - 1
    return last < 0 or (last < len(now.calls) and now.calls[last].message_id == before.calls[last].message_id)


def _unread(judged: JudgedSession) -> str:
    problems = judged.session.problems
    if not problems:
        return ""
    more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
    return f"{problems[0].place}: {problems[0].text}{more}"
