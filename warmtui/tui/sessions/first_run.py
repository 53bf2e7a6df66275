"""First run: which sessions were found where, and where to begin."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.widgets import Static

from warmtui import registry
from warmtui.curation.candidates import CandidateKind, worth
from warmtui.curation.editing import Pick
from warmtui.errors import WarmtuiError
from warmtui.model.conditions import Selection
from warmtui.model.session import SessionKey
from warmtui.model.stats import SessionRow
from warmtui.text import counted
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.terminal import ignore_interrupts, until_enter
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, Line, content
from warmtui.workspace.findings import Findings
from warmtui.workspace.workers import child_python

LOOKED_AT = 60
"""How many of the newest sessions are searched for candidates: a few seconds of work."""
SHOWN = 3
PATIENCE = 2.0
"""Seconds to wait for the list to be judged, before sessions are searched without figures."""


KINDS: tuple[tuple[CandidateKind, str, str], ...] = (
    ("recovery", "error with what fixed it", "errors with what fixed them"),
    ("preference", "thing you asked for", "things you asked for"),
    ("convention", "way of doing things here", "ways of doing things here"),
    ("tool_example", "call that worked", "calls that worked"),
    ("dead_end", "dead end", "dead ends"),
    ("known_noise", "known failure", "known failures"),
    ("marker", "place that was used again", "places that were used again"),
    ("user_patterns", "way of asking", "ways of asking"),
)


class Worth(NamedTuple):
    """What one session is worth."""

    key: SessionKey
    title: str
    points: int
    """As `candidates.worth` counts."""
    reason: str


def worth_of(found: Findings) -> Worth:
    """Return what a session is worth, with the reason in words."""
    header = found.judged.session.header
    kept = {candidate.key: candidate for candidate in found.candidates if candidate.worth_keeping}
    counts = Counter(candidate.kind for candidate in kept.values())
    parts = [
        f"{counts[kind]} {singular if counts[kind] == 1 else plural}"
        for kind, singular, plural in KINDS
        if counts[kind]
    ]
    words = next(
        (message.text for message in found.judged.session.messages if message.origin == "person"), ""
    )
    return Worth(
        SessionKey(header.source, header.id),
        header.title or words[:200] or header.id,
        worth(found.candidates),
        ", ".join(parts),
    )


class WorthRows(RowSource):
    """Sessions, the one most worth a template first."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.found: tuple[Worth, ...] = ()

    def __len__(self) -> int:
        return len(self.found)

    def key(self, index: int) -> str:
        """Return the session's key."""
        return "\0".join(self.found[index].key)

    def height(self, index: int) -> int:
        """Return two lines: which session, and why."""
        return 2

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a session with its reason."""
        worth = self.found[index]
        more = self.glyphs.more
        first = Text(clip(worth.title, max(4, width - 30), more)).append(
            f"  {clip(worth.key.id, 28, more)}", FAINT
        )
        return [first, Text(clip(f"  {worth.reason}", width, more), MUTED)]


class FirstRunScreen(BaseScreen):
    """Which sessions were found where, and those most worth a template. The list below is read meanwhile."""

    DEFAULT_CSS = """
    FirstRunScreen #where { height: auto; max-height: 60%; padding: 1 2; }
    FirstRunScreen #where.-alone { max-height: 90%; }
    FirstRunScreen #worth { padding: 0 1; }
    """
    KEYS: ClassVar = (
        key("first.take", "enter", "take", "Make a template of it and preview it", "preview a template"),
        key("first.demo", "d", "demo", "Open the demo on bundled recordings", "demo"),
        key("first.waiting", "w", "app.waiting", "Drafts made of what recurs, that wait for you"),
        key("first.list", "f", "back", "To the list of sessions", "all sessions"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    AUTO_FOCUS = "#worth"

    def __init__(self) -> None:
        super().__init__()
        self.rows = WorthRows(glyphs_of(self))
        self.table = RowList(self.rows, opens=False, id="worth")
        self.done = self.of = 0
        """How many sessions were searched, of how many; both 0 before the search began."""
        self._error = ""

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, what was found, the sessions and the keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Static("", id="where", markup=False)
        yield self.table
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start searching."""
        self._draw()
        self._search()
        self.set_interval(0.5, self._draw)

    def sessions(self) -> list[SessionRow]:
        """Return the newest sessions known to have calls."""
        asked = Selection(empty=False, archived=False, subagents=False)
        rows = self.workspace.sessions.table.first(asked, 10 * LOOKED_AT)
        return [row for row in rows if row.stats is None or row.stats.calls][:LOOKED_AT]

    @work(exclusive=True, group="search")
    async def _search(self) -> None:
        """Search sessions for candidates, the newest first; leaving the screen ends it."""
        started, waiting = time.monotonic(), True
        feed = self.workspace.sessions.feed
        while waiting:
            await asyncio.sleep(0.05)
            waiting = not feed.rows or (feed.waiting > 0 and time.monotonic() - started < PATIENCE)
        chosen = self.sessions()
        self.of = len(chosen)
        found: list[Worth] = []
        for row in chosen:
            try:
                worth = worth_of(await self.workspace.sessions.findings_of(row.key))
            except WarmtuiError as error:
                self._error = str(error)
            else:
                if worth.points:
                    found.append(worth)
            self.done += 1
            best = tuple(sorted(found, key=lambda worth: -worth.points)[:SHOWN])
            if best != self.rows.found:
                self.rows.found = best
                # a cursor that was not moved stays on the best
                self.table.refresh_rows(keep_cursor=self.table.cursor > 0)
                self.regrey()
            self._draw()

    # what is shown

    def _draw(self) -> None:
        crumbs = Text(" warmtui › Where to begin  ")
        if self.done < self.of:
            crumbs.append(f"looking at session {self.done + 1} of {self.of}, esc leaves", MUTED)
        self.crumbs = crumbs
        found = bool(self.workspace.sessions.table)
        where = self.query_one("#where", Static)
        where.update(content(self._found() if found else self._nothing()))
        where.set_class(not found, "-alone")
        if not found:
            self.table.empty = ""
        elif self.done < self.of or not self.of:
            self.table.empty = "Looking for what is worth keeping …"
        else:
            self.table.empty = "No session holds anything above the bar yet.\nc on any session picks by hand."

    def _found(self) -> Text:
        """Say what was found where."""
        text = Text("Found\n", ACCENT)
        rows = [
            (agent, f"{counted(full, 'session')}{f', {empty:,} empty' if empty else ''}", source)
            for agent, source, full, empty in self.workspace.sessions.table.places()
        ]
        agents, counts = (max((len(row[at]) for row in rows), default=0) for at in (0, 1))
        for agent, count, source in rows:
            text.append(f"  {agent:<{agents}}  {count:<{counts}}").append(f"  {source}\n", FAINT)
        for agent, why in self._missing():
            text.append(f"  no {agent} sessions: {why}\n", FAINT)
        for problem in self.workspace.sessions.failures()[:2]:
            text.append(f"  ! {problem.place}: {problem.text}\n", WARNING)
        if self._error:
            text.append(f"  ! {self._error}\n", WARNING)
        if words := self.shell.waiting_words():
            text.append(f"\n{words[0].upper()}{words[1:]}", ACCENT)
            text.append("   made of what recurs in your projects, nothing is saved yet\n", MUTED)
        text.append("\nA template hands the next session what worked: calls, fixes, places.\n", MUTED)
        looked = f"the newest {self.of:,}" if self.of else "the newest"
        text.append(f"Most worth one, of {looked} with calls", ACCENT)
        return text.append("   enter drafts it and shows what is sent", MUTED)

    def _nothing(self) -> Text:
        """Say where sessions were searched for, and how to name other places."""
        text = Text("No sessions found\n", ACCENT)
        for agent, why in self._missing():
            text.append(f"  {agent}: {why}\n")
        try:
            for path in self.workspace.sessions.paths():
                text.append(f"  looked in {path}\n")
        except WarmtuiError as error:
            if self.workspace.context.sources:
                text.append(f"  {error.what}\n", WARNING)
        for problem in self.workspace.sessions.failures()[:3]:
            text.append(f"  ! {problem.text}\n", WARNING)
        text.append(
            "\nTo look around press d: the demo, on bundled recordings and a throwaway library\n", MUTED
        )
        text.append("\nPoint it at sessions\n", ACCENT)
        for command, meaning in registry.examples():
            text.append(f"  {command:<40} {meaning}\n")
        return text.append("\nSessions appear here as soon as an agent writes them.", FAINT)

    def _missing(self) -> list[tuple[str, str]]:
        """Return the agents that were looked for and have no sessions, and why."""
        context = self.workspace.context
        home = context.folders().home
        missing = [] if context.sources else registry.missing(context.environ)
        return [(agent, why.replace(f"{home}/", "~/")) for agent, why in missing]

    # keys

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why there is no template to make yet; empty when there is."""
        if action == "take" and not len(self.rows):
            return "no session that is worth a template was found yet"
        return ""

    @on(RowList.Opened, "#worth")
    def action_take(self) -> None:
        """Open the draft of the session, the suggestion taken, and its preview."""
        if 0 <= self.table.cursor < len(self.rows):
            self._take(self.rows.found[self.table.cursor].key)

    @work(exclusive=True, group="open_draft")
    async def _take(self, session: SessionKey) -> None:
        from warmtui.tui.preview.screen import PreviewScreen

        opening = partial(DraftSession.of_sessions, self.workspace, [session])
        if (draft := await self.shell.wait_for_draft(opening)) is None:
            return
        # what was picked before stays as it was left
        if draft.state.seed.is_empty():
            draft.apply(Pick(draft.suggestion(), suggested=True))
        self.shell.open_draft(draft)
        if not draft.state.seed.is_empty():
            self.app.push_screen(PreviewScreen(draft))

    def action_demo(self) -> None:
        """Open the demo in this terminal; leaving it comes back here."""
        try:
            with self.app.suspend():
                with ignore_interrupts():
                    code = subprocess.call(child_python("-m", "warmtui", "demo"))
                if code:
                    until_enter(f"the demo returned {code}")
        except SuspendNotSupported:
            self.say("this terminal cannot be handed to the demo; run: warmtui demo", "warning")
            return
        if code:
            self.say(f"the demo returned {code}", "warning")
