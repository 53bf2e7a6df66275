"""Sessions: which of my sessions are worth learning from?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.suggester import Suggester
from textual.timer import Timer
from textual.widgets import Input, Static

from warmtui.analysis.filters import Filter, complete, parse
from warmtui.errors import SourceError, WarmtuiError
from warmtui.model.session import SessionKey
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.list.row_list import RowList
from warmtui.tui.sessions.profile_pane import ProfilePane
from warmtui.tui.sessions.session_list import SORTS, SessionList
from warmtui.tui.themes import default_theme
from warmtui.tui.ui_state import Place, recall, remember
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING
from warmtui.workspace.profile_cache import ProfileCache
from warmtui.workspace.sessions import Sessions

LEARN_SECONDS = 1.0
"""The least number of seconds between two queries for the values that a filter can name."""
PROFILE_DELAY = 0.12
"""Seconds after the cursor stopped before a profile is made."""
TYPING_DELAY = 0.4
"""The same while a filter is typed: its next letter will list other sessions."""
REMEMBER_DELAY = 0.5
"""Seconds after the last change of sort, filter or kinds before it is saved for the next start."""
KINDS = {"empty": "empty", "archived": "archived", "subagents": "subagent"}
"""Kinds of sessions that can be hidden, and the words for them."""


class FilterSuggester(Suggester):
    """Completes the field or value that is being typed; the right arrow takes it.

    Args:
        values: returns the values that a filter can name, by field.
    """

    def __init__(self, values: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._values = values

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole text with the first completion, when that continues what is typed."""
        for completion in complete(value, len(value), self._values())[:5]:
            whole = value[: completion.start] + completion.replacement
            if whole.startswith(value) and whole != value:
                return whole
        return None


class FilterInput(Input):
    """An input for a filter, with completion of fields and of the values that the sessions have.

    Args:
        sessions: those that are filtered.
    """

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(
            placeholder="tool:terminal errors<5% messages>100 since:7d words",
            id="filter",
            suggester=FilterSuggester(lambda: self.values),
        )
        self.values: Mapping[str, Sequence[str]] = {}
        """The values that a filter can name, by field, as far as they are known."""
        self.outdated = True
        """Whether sessions changed since the values were learned."""
        self._sessions = sessions
        self._learned_at = 0.0

    def learn(self) -> None:
        """Learn what values fields have, while the filter is open and sessions changed."""
        waited = time.monotonic() - self._learned_at > LEARN_SECONDS
        if self.has_class("-open") and self.outdated and waited:
            self.outdated, self._learned_at = False, time.monotonic()
            self._query_values()

    @work(exclusive=True, group="learn")
    async def _query_values(self) -> None:
        self.values = await self._sessions.values_of_fields()


class SessionsScreen(BaseScreen):
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
        key("sessions.waiting", "w", "app.waiting", "Drafts made of what recurs, that wait for you"),
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
        self.table = SessionList(self.workspace.sessions, glyphs_of(self))
        self.rows = self.table.rows
        self.filter_input = FilterInput(self.workspace.sessions)
        self._profile_timer: Timer | None = None
        self._return_to: SessionKey | None = None
        """The session that had the cursor when the app was left, until it is there again."""
        self._return_screen = "sessions"

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, filter, list, profile and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield self.filter_input
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield self.table
            yield ProfilePane(id="profile")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Count the drafts that wait: one may have been saved on the screen before."""
        self.shell.count_waiting()

    def on_mount(self) -> None:
        """Start reading."""
        self.profiles = ProfileCache(self.workspace)
        self.table.focus()
        self.watch(self.table, "troubles", self._update_problem, init=False)
        preload = self.shell.preload
        if preload is not None and preload.done() and preload.exception() is None:
            self._go_to_place(preload.result().place)
            self.table.show_selected(preload.result().selected)
            self._update_crumbs()  # in the first paint
        else:
            self._restore()
        self.set_interval(1.0, self._update_crumbs)

    @property
    def filter(self) -> Filter:
        """The filter of the list."""
        return self.table.filter

    @property
    def begun(self) -> bool:
        """Whether the person has moved, marked or filtered."""
        return self.table.cursor > 0 or bool(self.table.marked or self.filter.terms or self.filter.free_text)

    def pair(self) -> list[SessionKey]:
        """Return the sessions to compare: all marked ones, or the only one and that under the cursor."""
        marked = [row.key for row in self.table.chosen()] if self.table.marked else []
        row = self.table.current()
        return [*marked, row.key] if len(marked) == 1 and row and row.key not in marked else marked

    # the list

    @on(SessionList.Listed)
    def _on_listed(self) -> None:
        self._return()
        self._update_problem()
        self._update_crumbs()
        self.filter_input.learn()
        self.regrey()

    @on(SessionList.Updated)
    def _on_updated(self, event: SessionList.Updated) -> None:
        self.filter_input.outdated = True
        self.shell.sessions_changed.publish(event.keys)
        row = self.table.current()
        if row is not None and row.key in event.keys:
            self._profile_soon()

    def _update_problem(self) -> None:
        """Say what is wrong with the filter, how it was searched and what could not be read."""
        problems = [problem.text for problem in self.filter.problems[:2]]
        self.problem = "\n".join([*problems, *self.table.notes, *self.table.troubles][:3])

    @on(RowList.Marked, "#sessions")
    def _update_crumbs(self) -> None:
        """Say how current the list is, and how much of everything it shows."""
        feed, table = self.workspace.sessions.feed, self.table
        text = Text(" warmtui › Sessions  ")
        if feed.waiting:
            text.append(f"judging {max(0, table.total - feed.waiting):,} of {table.total:,}  ", MUTED)
        elif feed.read_at is not None:
            ago = int(time.monotonic() - feed.read_at)
            text.append(
                "● live" if not table.troubles else "● not readable", WARNING if table.troubles else ""
            )
            text.append(f", read {ago} s ago  " if ago else "  ", FAINT)
        text.append(f"{len(self.rows):,} of {table.total:,}", MUTED)
        hidden = ", ".join(
            f"{count:,} {KINDS[kind]}" for kind, count in sorted(table.hides().items()) if count
        )
        if hidden:
            text.append(f" · {hidden} hidden", FAINT)
        if table.marked:
            text.append(f" · {len(table.marked):,} marked", ACCENT)
        if self.rows.sorted_by:
            text.append(f" · {self.rows.sorted_by}", MUTED)
        if words := self.shell.waiting_words():
            text.append(f" · {words}", ACCENT)
        if self.shell.kept_draft and self.shell.draft is None:
            text.append(" · a draft is kept, key 2 opens it", FAINT)
        self.crumbs = text

    # where the person was

    @work(exclusive=True, group="place")
    async def _restore(self) -> None:
        if self.shell.preload is not None:
            with suppress(WarmtuiError):  # what cannot be read is reported when everything is listed
                self._go_to_place((await asyncio.wrap_future(self.shell.preload)).place)
                return
        self._go_to_place(await recall(self.workspace))

    def _go_to_place(self, place: Place) -> None:
        """Go where the person was, and begin to read."""
        table = self.table
        if place.sort in SORTS:
            self.rows.sort, self.rows.reverse = place.sort, place.reverse
        for kind in place.shown:
            if kind in table.hidden:
                table.hidden[kind] = False
        if place.theme in self.app.available_themes and not self.shell.configuration.theme:
            self.app.theme = place.theme
        if place.filter:
            self.filter_input.add_class("-open")
            self.filter_input.value = place.filter
        if len(place.session) == 2:
            self._return_to = SessionKey(*place.session)
        table.follow(preloaded=self.shell.preload is not None)
        self._return_screen = place.screen
        if place.screen == "templates" and self.is_current:
            self.shell.action_go("templates")

    def _return(self) -> None:
        """Put the cursor where it was when the app was left, once that session is there."""
        if self._return_to is None or (self.table.cursor > 0 and self.is_current):
            self._return_to = None
        elif (there := self.rows.key_of(self._return_to)) and self.table.goto_key(there):
            session, self._return_to = self._return_to, None
            if self._return_screen == "timeline" and self.is_current:
                self._open(session)

    @on(SessionList.Rearranged)
    @work(exclusive=True, group="place")
    async def _remember(self) -> None:
        """Save where the person is, for the next start, once they stay there."""
        await asyncio.sleep(REMEMBER_DELAY)
        await remember(self.workspace, self.place())

    def place(self) -> Place:
        """Return where the person is, for the next start."""
        row = self.table.current()
        # a screen that is never restored, such as a form or the preview, is above one that may be
        names = [
            screen.RETURNS for screen in reversed(self.app.screen_stack) if isinstance(screen, BaseScreen)
        ]
        return Place(
            sort=self.rows.sort,
            reverse=self.rows.reverse,
            filter=self.filter_input.value,
            shown=tuple(
                kind for kind, hidden in self.table.hidden.items() if not hidden and kind != "subagents"
            ),
            theme="" if self.app.theme == default_theme(self.workspace.context.environ) else self.app.theme,
            screen=next((name for name in names if name), ""),
            session=() if row is None else tuple(row.key),
        )

    # the profile

    @on(RowList.Moved, "#sessions")
    def _on_moved(self) -> None:
        pane, row = self.query_one(ProfilePane), self.table.current()
        # the profile of the previous session is no longer wanted, and would slow down the next one
        self.workers.cancel_group(self, "profile")
        kept = self.profiles.kept(row.key) if row is not None else None
        if kept is not None:
            pane.show_profile(kept, row.words if row is not None else "")
        else:
            pane.show_row(row)
            self._profile_soon()

    def _profile_soon(self) -> None:
        """Make the profile of the session under the cursor, once it stays there."""
        if self._profile_timer is not None:
            self._profile_timer.stop()
        typing = self.filter_input.has_focus
        self._profile_timer = self.set_timer(TYPING_DELAY if typing else PROFILE_DELAY, self._profile)

    @work(exclusive=True, group="profile")
    async def _profile(self) -> None:
        row = self.table.current()
        if row is None or not row.header.rows:
            return
        try:
            profile = await self.profiles.of(row.key)
        except SourceError as error:
            self.query_one(ProfilePane).show_error(str(error))
            return
        except WarmtuiError:
            return  # it went away meanwhile; the list says so
        now = self.table.current()
        if now is not None and now.key == row.key:
            self.query_one(ProfilePane).show_profile(profile, now.words)

    # the filter

    def action_filter(self) -> None:
        """Open the filter."""
        self.type_into(self.filter_input)
        self.filter_input.learn()

    @on(Input.Changed, "#filter")
    def _on_filter_changed(self, event: Input.Changed) -> None:
        home = self.workspace.context.environ.get("HOME")
        zone = datetime.now().astimezone().tzinfo or UTC
        self.table.apply_filter(parse(event.value, now=time.time(), home=home, zone=zone))
        self._update_problem()
        self._remember()

    @on(Input.Submitted, "#filter")
    def _on_filter_submitted(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.input.remove_class("-open")
        self.table.focus()

    # keys

    @property
    def closes_profile(self) -> bool:
        """Whether the profile is below the list, where Esc closes it to make room."""
        return self.has_class("-profile", "-narrow")

    def action_back(self) -> None:
        """Close what is open, then clear the filter."""
        if self.filter_input.has_class("-open"):
            self.filter_input.value = ""
            self.filter_input.remove_class("-open")
            self.table.focus()
        elif self.query_one(ProfilePane).has_focus or self.closes_profile:
            self.remove_class("-profile")
            self.table.focus()
        elif self.table.marked:
            self.table.clear_marks()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if action in ("curate", "timeline") and self.table.current() is None:
            return "there is no session here"
        if action == "compare" and len(self.pair()) < 2:
            return "go to the other session first" if self.pair() else "mark two sessions with space first"
        if action == "build" and len(self.table.chosen()) < 2:
            return "mark two or more sessions with space first"
        if action == "show_or_hide" and not any(parameters[0] in kinds for kinds in self.table.kinds):
            return f"there are no {KINDS[str(parameters[0])]} sessions"
        return super().why_not(action, parameters)

    def action_sort(self) -> None:
        """Sort by the next column."""
        order = SORTS[(SORTS.index(self.rows.sort) + 1) % len(SORTS)]
        self.table.sort_by(order, reverse=self.rows.reverse)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.table.sort_by(self.rows.sort, reverse=not self.rows.reverse)

    def action_show_or_hide(self, kind: str) -> None:
        """Show or hide a kind of sessions, and say how many those are."""
        before = self.table.hides()[kind]
        self.table.toggle_kind(kind)
        hidden = self.table.hidden[kind]
        count, done = (self.table.hides()[kind], "hidden") if hidden else (before, "shown")
        plural = "session is" if count == 1 else "sessions are"
        self.shell.say(f"{count:,} {KINDS[kind]} {plural} {done}", timeout=2)

    def action_curate(self) -> None:
        """Curate a template from the session under the cursor."""
        row = self.table.current()
        if row is not None:
            self._open_draft([row.key])

    def action_build(self) -> None:
        """Curate one template from all marked sessions."""
        self._open_draft([row.key for row in self.table.chosen()])

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

        opening = partial(DraftSession.of_sessions, self.workspace, keys)
        if draft := await self.shell.wait_for_draft(opening, len(keys)):
            self.shell.open_draft(draft)

    @on(RowList.Opened, "#sessions")
    def action_timeline(self) -> None:
        """Open the timeline of the session under the cursor."""
        row = self.table.current()
        if row is not None:
            self._open(row.key)

    def _open(self, session: SessionKey) -> None:
        from warmtui.tui.timeline.screen import TimelineScreen

        self.shell.push_screen(TimelineScreen(session, words=one_phrase(self.filter.free_text)))

    @on(RowList.Sideways, "#sessions")
    def _on_sideways(self, event: RowList.Sideways) -> None:
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


def one_phrase(free_text: str) -> str:
    """Return a word or phrase of the filter that one can go to in a message; words apart give none.

    >>> one_phrase("coupon"), one_phrase('"not found"'), one_phrase("coupon cart")
    ('coupon', 'not found', '')
    """
    words = free_text[1:-1] if len(free_text) > 2 and free_text[0] == free_text[-1] == '"' else free_text
    return "" if '"' in words or (" " in words and words == free_text) else words
