"""Timeline: what happened in this session, message by message and call by call?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
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
from warmtui.tui.base_screen import key
from warmtui.tui.commands import bindings
from warmtui.tui.dialogs.waiting import waited
from warmtui.tui.list.row_messages import Sideways
from warmtui.tui.text.text_view import COPIED, TextView
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.timeline.fix_navigation import TimelineFixes
from warmtui.tui.timeline.message_pane import MessagePane
from warmtui.tui.timeline.prepared import Prepared
from warmtui.tui.timeline.search import rows_with
from warmtui.tui.timeline.session_reader import follow
from warmtui.tui.timeline.timeline_list import NOTHING, TimelineList
from warmtui.tui.timeline.timeline_rows import TimelineRows
from warmtui.tui.widgets.cells import clean, clip
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING, content
from warmtui.workspace.reader import JudgedSession, OnProgress
from warmtui.workspace.session_table import SessionKey

SETTLED_SECONDS = 0.1
"""After the cursor stopped, before the text follows it, which is costly to draw."""
PATH = " warmtui › Sessions › "
BOTH_FROM = 140
"""Cells from which the pane stands beside the list."""


class TimelineScreen(TimelineFixes):
    """Every message and call of one session, live.

    Args:
        session_key: which session of the workspace's feed.
        message_id: on which message the cursor begins; empty for the first.
        words: what is searched for from the start, so that n goes to it; Esc leaves all the same.
    """

    RETURNS = "timeline"
    KEYS: ClassVar = (
        key("timeline.search", "slash", "search", "Search in the session", "search", show_key="/"),
        key("timeline.next_match", "n", "match(1)", "Next match", palette=False),
        key("timeline.previous_match", "N", "match(-1)", "Previous match", palette=False),
        key("timeline.draft", "c", "draft", "Put the call into the draft", "draft"),
        key("timeline.copy", "y", "copy", "Copy the message, or the call with its result", "copy"),
        key("timeline.pane", "tab", "pane", "Between the list and the text", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
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
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (BOTH_FROM, "-both")]
        self.session_key = session_key
        self._begin_at = message_id
        self.rows = TimelineRows(glyphs_of(self))
        self.judged: JudgedSession | None = None
        """The whole session; None until it is read."""
        self._counted = ""
        """How much there is, in words; empty until all is read."""
        self.words = words
        """What is searched for."""
        self._given = bool(words)
        """Whether the words came with the session rather than from here."""
        self._found: list[int] = []
        """Rows that have the words, in order."""
        self._opened_by_search: str | None = None
        self._search_from = 0
        self._trouble = ""
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, search, list, text and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Input(placeholder="words in any message, argument or result", id="find")
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield TimelineList(self.rows, id="timeline")
            yield MessagePane(id="message")
        yield KeyFooter(lambda action: action == "fix")  # the reader names its key

    def on_mount(self) -> None:
        """Start reading."""
        self.table.focus()
        self._draw_crumbs()
        self._follow()

    @property
    def table(self) -> TimelineList:
        """The list."""
        return self.query_one("#timeline", TimelineList)

    @property
    def pane(self) -> MessagePane:
        """The text in full."""
        return self.query_one("#message", MessagePane)

    def current(self) -> Entry | None:
        """Return the entry under the cursor."""
        return self.rows.entry(self.table.cursor)

    # reading

    @work(exclusive=True, group="timeline")
    async def _follow(self) -> None:
        """Show the session, and what changes in it, for as long as the screen is open."""
        looks = follow(self.workspace, self.session_key, self._begin_at, lambda: self.rows.words_width)
        async for seen in looks:
            self._tell(seen.trouble)
            if seen.prepared is not None:
                self._take(seen.prepared, whole=seen.whole)
                if not seen.whole:
                    await self._drawn()

    async def _drawn(self) -> None:
        """Wait until what was put on the screen is drawn: reading on would slow that down."""
        drawn = asyncio.Event()
        self.call_after_refresh(drawn.set)
        with suppress(TimeoutError):
            await asyncio.wait_for(drawn.wait(), SETTLED_SECONDS)

    def _take(self, prepared: Prepared, *, whole: bool) -> None:
        """Show what was read: the cursor stays, at the end it goes along."""
        before, table = len(self.rows), self.table
        at_end = before > 0 and table.cursor == before - 1
        self.judged = prepared.judged if whole else None
        self.forget_fixes(prepared.judged)
        self._counted = prepared.counted if whole else ""
        self.rows.put(prepared)
        table.empty = "This session has no messages yet.\nThey appear here as soon as the agent writes them."
        table.refresh_rows(keep_cursor=before > 0)
        if not before and self._begin_at:
            table.goto(next((i for i, one in enumerate(self.rows.entries) if one.holds(self._begin_at)), 0))
        if at_end and len(self.rows) > before:
            table.action_edge(1)
        if self.words:
            self._search(jump=False)
        self._draw_crumbs()
        self._settle()

    def _tell(self, trouble: str) -> None:
        """Say what could not be read, and stop saying it when it can."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        line = self.query_one(".problem", Static)
        line.set_class(bool(trouble), "-shown")
        line.update(content(Text(trouble)))
        if not len(self.rows):
            self.table.empty = trouble
        self._draw_crumbs()

    def _draw_crumbs(self) -> None:
        row = self.workspace.feed.rows.get(self.session_key)
        title = (row.header.title or row.words or row.header.id) if row else self.session_key.id
        told = Text()
        if self.words:
            told.append(self._match_words(), "" if self._found else WARNING)
        elif len(self.rows):
            here = self.current()
            if here is not None and here.position >= 0:
                told.append(f"{here.position + 1:,} of ", FAINT)
            told.append(self._counted or "reading the rest …", MUTED)
        # figures are of no use when they are cut; a title is
        room = self.size.width - len(PATH) - told.cell_len - 4
        text = Text(f"{PATH}{clip(title, max(8, room))}  ").append_text(told)
        self.query_one(".crumbs", Static).update(content(text), layout=False)

    # the text in full

    @on(TimelineList.Sideways, "#timeline")
    def _to_the_text(self, event: Sideways) -> None:
        """Go right from what cannot be unfolded further."""
        self.action_read()

    @on(TimelineList.Moved, "#timeline")
    def _moved(self) -> None:
        self._draw_crumbs()
        self._settle()

    @on(TimelineList.Folded, "#timeline")
    def _settle(self) -> None:
        """Have the text follow soon."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLED_SECONDS, self._settled)

    def _settled(self) -> None:
        self._show_in_pane()

    def _show_in_pane(self) -> None:
        if self.pane.display:
            self.pane.show_entry(self.current(), self.words, fixes=self.fixes, judged=self.judged)
            self.want_fixes()

    @on(TimelineList.Opened, "#timeline")
    def action_read(self) -> None:
        """Read the entry under the cursor in full."""
        if self.current() is None:
            return
        self.add_class("-reading")
        self.pane.view.focus()
        # it knows its width only once the new style shows it
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
        if self.query_one("#find", Input).has_class("-open"):
            self._end_search()
        elif self.has_class("-reading"):
            self._close_pane()
        elif self.words and not self._given:
            self._end_search()
        else:
            super().action_back()

    # searching

    def action_search(self) -> None:
        """Open the search."""
        self._search_from = self.table.cursor
        self.type_into(self.query_one("#find", Input))

    @on(Input.Changed, "#find")
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self.words:
            self.words, self._given = event.value, False
        self._search(jump=True)

    @on(Input.Submitted, "#find")
    def _search_done(self, event: Input.Submitted) -> None:
        event.input.remove_class("-open")
        self.table.focus()
        if not event.value:
            self._end_search()

    @work(exclusive=True, group="search")
    async def _search(self, *, jump: bool) -> None:
        """Look through all rows, a slice at a time, and go to the first match from where the search began."""
        found = await rows_with(self.rows.entries, self.words)
        self._found = found
        if self._given and self.judged is not None and not found:
            self.words = ""  # the session was found for its title
        self.rows.look_for(self.words)
        self.table.refresh_rows()
        if jump and found:
            self.table.goto(next((index for index in found if index >= self._search_from), found[0]))
            self._show_match()
        self._draw_crumbs()
        self._settle()

    def _show_match(self) -> None:
        """Unfold the row under the cursor if the words stand in what is folded, and scroll to them."""
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
        self.table.go(set(self._found).__contains__, step, "match")
        self._show_match()

    def _match_words(self) -> str:
        shown = clean(self.words[:40])
        if not self._found:
            return f"no match for “{shown}”"
        here, many = self.table.cursor, len(self._found)
        if here in self._found:
            return f"match {self._found.index(here) + 1:,} of {many:,} for “{shown}”"
        there = "matches for “{}”, n goes to the next" if many > 1 else "match for “{}”, n goes to it"
        return f"{many:,} {there.format(shown)}"

    def _end_search(self) -> None:
        box = self.query_one("#find", Input)
        box.remove_class("-open")
        box.value = self.words = ""
        self._opened_by_search = None
        self._search(jump=False)
        self.table.focus()

    # taking along

    def action_copy(self) -> None:
        """Copy the entry, without what a terminal would obey when it is pasted."""
        here = self.current()
        if here is None:
            return
        text = here.whole()
        shown = text[:COPIED]
        self.app.copy_to_clipboard("\t".join(map(display_text, shown.split("\t"))))
        self._say_copied(len(shown), len(text))

    @on(TextView.Copied)
    def _copied(self, event: TextView.Copied) -> None:
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

        async def put(told: OnProgress) -> bool:
            findings = await self.workspace.findings_of(self.session_key)
            await self.shell.put_into_draft(findings, call)
            return True

        try:
            done = await waited(self.app, "Finding what the call teaches", 1, put)
        except WarmtuiError as error:
            self.say(str(error), "error")
            return
        if done is None:
            self.say("given up")

    # what cannot be done now

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in ("read", "copy", "search") and not len(self.rows):
            return NOTHING
        if action == "draft" and ((here := self.current()) is None or here.call is None):
            return "only a call can be put into a draft; ] and arrows go to one"
        if action == "match" and not self._found:
            return f"nothing has “{clean(self.words[:40])}”" if self.words else "/ searches first"
        return super().why_not(action, parameters)
