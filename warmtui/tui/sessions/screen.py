"""Sessions: which of my sessions are worth learning from?"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from warmtui.errors import SourceError, WarmtuiError
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.list.row_list import RowList
from warmtui.tui.sessions.profile_pane import ProfilePane
from warmtui.tui.sessions.session_filter import FilterSuggester, one_phrase
from warmtui.tui.sessions.session_reader import SessionsReading
from warmtui.tui.sessions.session_rows import SORTS
from warmtui.tui.themes import default_theme
from warmtui.tui.ui_state import Place, recall, remember
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.workspace.profile_cache import ProfileCache
from warmtui.workspace.session_table import SessionKey, SessionRow

PROFILE_DELAY = 0.12
"""After the cursor stopped, before a profile is made."""
TYPING_DELAY = 0.4
"""The same while a filter is typed: its next letter will list other sessions."""


class SessionsScreen(SessionsReading):
    """The home screen: a live list, and the profile of the session under the cursor."""

    AUTO_FOCUS = "#sessions"
    RETURNS = "sessions"
    KEYS: ClassVar = (
        key("sessions.open", "enter", "timeline", "Open the timeline", "timeline"),
        key("sessions.curate", "c", "curate", "Curate a template from it", "curate"),
        key("sessions.compare", "m", "compare", "Compare two marked, or the marked with this", "compare"),
        key("sessions.build", "b", "build", "Curate from all marked sessions", "build"),
        key("sessions.templates", "t", "app.go('templates')", "Go to the templates", "templates"),
        key("sessions.first", "f", "first_run", "What was found, and where to begin", "first run"),
        key("sessions.filter", "slash", "filter", "Filter the list", "filter", show_key="/"),
        key("sessions.sort", "s", "sort", "Sort by the next column", "sort"),
        key("sessions.reverse", "S", "reverse", "Reverse the order"),
        key("sessions.empty", "e", "show_or_hide('empty')", "Show or hide empty sessions"),
        key("sessions.subagents", "u", "show_or_hide('subagents')", "Show or hide subagents' sessions"),
        key("sessions.archived", "a", "show_or_hide('archived')", "Show or hide archived sessions"),
        key("sessions.pane", "tab", "pane", "Between the list and the profile", "profile", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self) -> None:
        super().__init__()
        self._profile_timer: Timer | None = None
        self._return_to: SessionKey | None = None
        """The session that had the cursor when the app was left, until it is there again."""
        self._return_screen = "sessions"

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, filter, list, profile and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Input(
            placeholder="tool:terminal errors<5% messages>100 since:7d words",
            id="filter",
            suggester=FilterSuggester(self.values),
        )
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield RowList(
                self.rows,
                markable=True,
                pin_top=True,
                opens=False,
                id="sessions",
                empty="Reading sessions …",
            )
            yield ProfilePane(id="profile")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Start reading."""
        self.profiles = ProfileCache(self.workspace)
        self.table.focus()
        early = self.shell.early
        if early is not None and early.done() and early.exception() is None:
            self._take_place(early.result().place)
            if (selected := early.result().selected) is not None:
                self.show_selected(selected)
        else:
            self._restore()
        self.set_interval(1.0, self.draw_crumbs)

    @property
    def begun(self) -> bool:
        """Whether the person has moved, marked or filtered."""
        return self.table.cursor > 0 or bool(self.table.marked or self.filter.terms or self.filter.free_text)

    def current(self) -> SessionRow | None:
        """Return the session under the cursor."""
        return self.rows.session(self.table.cursor)

    def chosen(self) -> list[SessionRow]:
        """Return the marked sessions in their order, those the filter hides last; else the current one."""
        found = self.rows.of_keys(self.table.marked) if self.table.marked else []
        row = self.current()
        return found or ([row] if row else [])

    def pair(self) -> list[SessionKey]:
        """Return the sessions to compare: all marked ones, or the only one and that under the cursor."""
        marked, row = [one.key for one in self.chosen()] if self.table.marked else [], self.current()
        return [*marked, row.key] if len(marked) == 1 and row and row.key not in marked else marked

    @on(RowList.Marked, "#sessions")
    def _marked(self) -> None:
        self.draw_crumbs()

    # where the person was

    @work(exclusive=True, group="place")
    async def _restore(self) -> None:
        early = self.shell.early
        if early is not None:
            with suppress(WarmtuiError):  # what cannot be read is said when all is listed
                self._take_place((await asyncio.wrap_future(early)).place)
                return
        self._take_place(await recall(self.workspace))

    def _take_place(self, place: Place) -> None:
        """Go where the person was, and begin to read."""
        if place.sort in SORTS:
            self.rows.sort, self.rows.reverse = place.sort, place.reverse
        for kind in place.shown:
            if kind in self.hidden:
                self.hidden[kind] = False
        if place.theme in self.app.available_themes and not self.shell.configuration.theme:
            self.app.theme = place.theme
        if place.filter:
            box = self.query_one("#filter", Input)
            box.add_class("-open")
            box.value = place.filter
        if len(place.session) == 2:
            self._return_to = SessionKey(*place.session)
        self.follow()
        self._return_screen = place.screen
        if place.screen == "templates" and self.is_current:
            self.shell.action_go("templates")

    @work(exclusive=True, group="place")
    async def remember(self) -> None:
        """Keep where the person is, for the next start, once they stay there."""
        await asyncio.sleep(0.5)
        await remember(self.workspace, self.place())

    def place(self) -> Place:
        """Return where the person is, for the next start."""
        row = self.current()
        return Place(
            sort=self.rows.sort,
            reverse=self.rows.reverse,
            filter=self.query_one("#filter", Input).value,
            shown=tuple(kind for kind, hidden in self.hidden.items() if not hidden and kind != "subagents"),
            theme="" if self.app.theme == default_theme(self.workspace.environ) else self.app.theme,
            # a screen that is not returned to, such as a form or the preview, stands on one that may be
            screen=next(
                (
                    name
                    for one in reversed(self.app.screen_stack)
                    if (name := one.RETURNS if isinstance(one, BaseScreen) else "")
                ),
                "",
            ),
            session=() if row is None else tuple(row.key),
        )

    def arranged(self) -> None:
        """Put the cursor where it was when the app was left, once that session is there."""
        if self._return_to is None or (self.table.cursor > 0 and self.is_current):
            self._return_to = None
        elif (there := self.rows.key_of(self._return_to)) and self.table.goto_key(there):
            key, self._return_to = self._return_to, None
            if self._return_screen == "timeline" and self.is_current:
                self._open(key)

    # the profile

    @on(RowList.Moved, "#sessions")
    def _moved(self) -> None:
        pane, row = self.query_one(ProfilePane), self.current()
        # what is made for the session before matters no more, and would slow down what follows
        self.workers.cancel_group(self, "profile")
        kept = self.profiles.kept(row.key) if row is not None else None
        if kept is not None:
            pane.show_profile(kept, row.words if row is not None else "")
        else:
            pane.show_row(row)
            self.profile_soon()

    def profile_soon(self) -> None:
        """Make the profile of the session under the cursor, once it stays there."""
        if self._profile_timer is not None:
            self._profile_timer.stop()
        typing = self.query_one("#filter", Input).has_focus
        self._profile_timer = self.set_timer(TYPING_DELAY if typing else PROFILE_DELAY, self._profile)

    @work(exclusive=True, group="profile")
    async def _profile(self) -> None:
        row = self.current()
        if row is None or not row.header.rows:
            return
        try:
            profile = await self.profiles.of(row.key)
        except SourceError as error:
            self.query_one(ProfilePane).show_trouble(str(error))
            return
        except WarmtuiError:
            return  # it went away between two looks; the list says so
        now = self.current()
        if now is not None and now.key == row.key:
            self.query_one(ProfilePane).show_profile(profile, now.words)

    # keys

    @property
    def closes_profile(self) -> bool:
        """Whether the profile stands below the list, where Esc takes its lines back."""
        return self.has_class("-profile", "-narrow")

    def action_back(self) -> None:
        """Close what is open, then clear the filter."""
        box = self.query_one("#filter", Input)
        if box.has_class("-open"):
            box.value = ""
            box.remove_class("-open")
            self.table.focus()
        elif self.query_one(ProfilePane).has_focus or self.closes_profile:
            self.remove_class("-profile")
            self.table.focus()
        elif self.table.marked:
            self.table.clear_marks()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if action in ("curate", "timeline") and self.current() is None:
            return "there is no session here"
        if action == "compare" and len(self.pair()) < 2:
            return "go to the other session first" if self.pair() else "mark two sessions with space first"
        if action == "build" and len(self.chosen()) < 2:
            return "mark two or more sessions with space first"
        return super().why_not(action, parameters)

    def action_curate(self) -> None:
        """Curate a template from the session under the cursor."""
        row = self.current()
        if row is not None:
            self._open_draft([row.key])

    def action_build(self) -> None:
        """Curate one template from all marked sessions."""
        self._open_draft([row.key for row in self.chosen()])

    def action_first_run(self) -> None:
        """Show what was found and where to begin."""
        from warmtui.tui.sessions.first_run import FirstRunScreen

        self.shell.push_screen(FirstRunScreen())

    def action_compare(self) -> None:
        """Put two sessions side by side."""
        keys = self.pair()
        if len(keys) > 2:
            self.say(f"the first two of {len(keys)} marked sessions")
        if len(keys) > 1:
            self.shell.compare(*keys[:2])

    @work(exclusive=True, group="open_draft")
    async def _open_draft(self, keys: list[SessionKey]) -> None:
        from warmtui.tui.curate.draft_session import DraftSession
        from warmtui.tui.dialogs.waiting import GIVEN_UP, LOOKING, waited

        try:
            draft = await waited(
                self.app,
                LOOKING,
                len(keys),
                lambda told: DraftSession.of_sessions(self.workspace, keys, told),
            )
        except WarmtuiError as error:
            self.say(str(error), "error")
            return
        if draft is None:
            self.say(GIVEN_UP)
        else:
            self.shell.open_draft(draft)

    @on(RowList.Opened, "#sessions")
    def action_timeline(self) -> None:
        """Open the timeline of the session under the cursor."""
        row = self.current()
        if row is not None:
            self._open(row.key)

    def _open(self, key: SessionKey) -> None:
        from warmtui.tui.timeline.screen import TimelineScreen

        self.shell.push_screen(TimelineScreen(key, words=one_phrase(self.filter.free_text)))

    @on(RowList.Sideways, "#sessions")
    def _sideways(self, event: RowList.Sideways) -> None:
        """Go right, to the profile."""
        if event.step > 0:
            self.action_pane()

    def action_pane(self) -> None:
        """Go between list and profile; where it has no room beside the list it opens below."""
        pane = self.query_one(ProfilePane)
        if pane.has_focus:
            self.table.focus()
        else:
            self.add_class("-profile")
            pane.focus()
