"""Sessions: which of my sessions are worth learning from?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
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
from warmtui.model.summary import SessionSummary
from warmtui.tui.commands import bindings
from warmtui.tui.panes.profile_pane import ProfilePane
from warmtui.tui.remembering import Place, recall, remember
from warmtui.tui.room import Room, key, returns_to
from warmtui.tui.rows.session_rows import SORTS, SessionRows, key_text
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING, content
from warmtui.tui.widgets.row_messages import HeaderClicked
from warmtui.tui.widgets.rows import RowList
from warmtui.workspace.feed import Changes, SessionKey, SessionRow
from warmtui.workspace.profiles import Profiles

POLL_SECONDS = 0.2
"""Between two looks at the sources; a look at an unchanged database costs microseconds."""
SLICE_SECONDS = 0.025
"""Of judging between two redraws, so that keys are never waited for."""
SEARCH_DELAY = 0.12
"""After the last key, before messages are searched."""
PROFILE_DELAY = 0.12
"""After the cursor stopped, before a profile is made."""


class FilterSuggester(Suggester):
    """Completes the field or value that is being typed; the right arrow takes it.

    Args:
        values: gives known values by field.
    """

    def __init__(self, values: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._values = values

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole text with the first completion, when that continues what is typed."""
        for one in complete(value, len(value), self._values())[:5]:
            whole = value[: one.start] + one.replacement
            if whole.startswith(value) and whole != value:
                return whole
        return None


class SessionsScreen(Room):
    """The home screen: a live list, and the profile of the session under the cursor."""

    AUTO_FOCUS = "#sessions"
    RETURNS = "sessions"
    KEYS: ClassVar = (
        key("sessions.open", "enter", "timeline", "Open the timeline", "timeline"),
        key("sessions.curate", "c", "curate", "Curate a template from it", "curate"),
        key("sessions.compare", "m", "compare", "Compare the marked sessions", "compare"),
        key("sessions.build", "b", "build", "Curate from all marked sessions", "build"),
        key("sessions.templates", "t", "app.go('templates')", "Go to the templates", "templates"),
        key("sessions.first", "f", "first_run", "What was found, and where to begin", "first run"),
        key("sessions.filter", "slash", "filter", "Filter the list", "filter", show_key="/"),
        key("sessions.sort", "s", "sort", "Sort by the next column", "sort"),
        key("sessions.reverse", "S", "reverse", "Reverse the order"),
        key("sessions.empty", "e", "show_or_hide('empty')", "Show or hide empty sessions"),
        key("sessions.subagents", "u", "show_or_hide('subagents')", "Show or hide subagents' sessions"),
        key("sessions.archived", "a", "show_or_hide('archived')", "Show or hide archived sessions"),
        key("sessions.pane", "tab", "pane", "Show the profile, or go to it", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self) -> None:
        super().__init__()
        self.rows = SessionRows({}, glyphs_of(self))
        self.filter: Filter = parse("", now=time.time())
        self.hidden = {"empty": True, "subagents": False, "archived": True}
        self._arranged_at = 0.0
        self._pending = False
        self._profile_timer: Timer | None = None
        self._troubles: tuple[str, ...] = ()
        self._return_to: SessionKey | None = None
        """The session that had the cursor when the app was left, until it is there again."""
        self._return_screen = "sessions"
        self._found: frozenset[SessionKey] = frozenset()
        """Sessions whose messages hold the free text."""

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, filter, list, profile and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Input(
            placeholder="tool:terminal errors<5% messages>100 since:7d words",
            id="filter",
            suggester=FilterSuggester(self._values),
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
        self.profiles = Profiles(self.workspace)
        self.table.focus()
        self._restore()
        self.set_interval(1.0, self._draw_crumbs)

    @property
    def table(self) -> RowList:
        """The list of sessions."""
        return self.query_one("#sessions", RowList)

    @property
    def begun(self) -> bool:
        """Whether the person has moved, marked or filtered."""
        return self.table.cursor > 0 or bool(self.table.marked or self.filter.terms or self.filter.free_text)

    def current(self) -> SessionRow | None:
        """Return the session under the cursor."""
        return self.rows.session(self.table.cursor)

    def chosen(self) -> list[SessionRow]:
        """Return the marked sessions in their order, else the one under the cursor."""
        keys = set(self.table.marked)
        found = [self.rows.rows[key] for key in self.rows.keys if key_text(key) in keys]
        row = self.current()
        return found or ([row] if row else [])

    # where the person was

    @work(exclusive=True, group="place")
    async def _restore(self) -> None:
        place = await recall(self.workspace)
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
        self._follow()
        self._return_screen = place.screen
        if place.screen == "templates" and self.is_current:
            self.shell.action_go("templates")

    @work(exclusive=True, group="place")
    async def _remember(self) -> None:
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
            theme=self.app.theme,
            # a screen that is not returned to, such as a form or the preview, stands on one that may be
            screen=next((name for one in reversed(self.app.screen_stack) if (name := returns_to(one))), ""),
            session=() if row is None else tuple(row.key),
        )

    def _return(self) -> None:
        """Put the cursor where it was when the app was left, once that session is there."""
        if self._return_to is None or (self.table.cursor > 0 and self.is_current):
            self._return_to = None
        elif self.table.goto_key(key_text(self._return_to)):
            key, self._return_to = self._return_to, None
            if self._return_screen == "timeline" and self.is_current:
                self._open(key)

    # reading

    @work(exclusive=True, group="feed")
    async def _follow(self) -> None:
        """Keep the list up to date for as long as the app is open."""
        with suppress(WarmtuiError):  # said when all is listed
            self._take(await self.workspace.begin())
        force = True
        while True:
            try:
                changes = await self.workspace.refresh(force=force)
                force = False
            except WarmtuiError as error:
                self._tell((str(error),))
                self.table.empty = f"{error.what}\n{error.remedy}"
                await asyncio.sleep(1.0)
                force = True
                continue
            self._tell(tuple(changes.problems))
            self._take(changes)
            if self.workspace.feed.waiting:
                judged = await self.workspace.judge(SLICE_SECONDS, self._in_sight())
                self._take(judged)
                await asyncio.sleep(0)
            else:
                if self._pending:
                    self._arrange()
                await asyncio.sleep(POLL_SECONDS)

    def _in_sight(self) -> list[SessionKey]:
        """Return the sessions on screen, to be judged first."""
        top = int(self.table.scroll_y)
        keys = self.rows.keys[top : top + self.table.size.height]
        return [key for key in keys if (row := self.rows.rows.get(key)) and row.summary is None]

    def _take(self, changes: Changes) -> None:
        """Show what changed: figures at once, a new order at most five times a second."""
        if not changes:
            return
        self.rows.rows = self.workspace.feed.rows
        known = {key_text(key) for key in changes.updated}
        self.table.update_keys(known)
        self._pending = True
        if time.monotonic() - self._arranged_at > 0.2:
            self._arrange()
        row = self.current()
        if row is not None and row.key in changes.updated:
            self._profile_soon()

    def _arrange(self) -> None:
        before = len(self.rows)
        self.rows.arrange(self._keep)
        self.table.refresh_rows(keep_cursor=True)
        self._arranged_at = time.monotonic()
        self._pending = False
        if not before and len(self.rows):
            self.table.goto(0)
        self._return()
        self.table.empty = self._nothing()
        self._draw_crumbs()

    def _keep(self, row: SessionRow) -> bool:
        header = row.header
        empty = not header.rows or (row.summary is not None and not row.summary.messages)
        if self.hidden["empty"] and empty:
            return False
        if self.hidden["archived"] and header.archived:
            return False
        if self.hidden["subagents"] and header.kind == "subagent":
            return False
        if not self.filter.terms and not self.filter.free_text:
            return True
        return self._matches(row)

    def _matches(self, row: SessionRow) -> bool:
        summary = row.summary
        if summary is None:
            if self.filter.needs_figures or self.filter.needs_tools:
                return False
            summary = SessionSummary(row.header, 0, 0)
        if not self.filter.matches(summary, tools=row.tools):
            return False
        words = self.filter.free_text.casefold()
        if not words or row.key in self._found:
            return True
        return words in f"{row.header.title or ''} {row.words} {row.header.id}".casefold()

    @work(exclusive=True, group="search")
    async def _search(self, words: str) -> None:
        """Look for free text in all messages, once typing pauses."""
        await asyncio.sleep(SEARCH_DELAY)
        found = await self.workspace.search(words)
        if found is None or words != self.filter.free_text:
            return
        self._found = found.keys
        self._tell(found.notes)
        self._arrange()

    def _values(self) -> dict[str, list[str]]:
        """Return the values that filters can name, from what is listed."""
        rows = list(self.workspace.feed.rows.values())
        found: dict[str, set[str]] = {"agent": set(), "channel": set(), "model": set(), "tool": set()}
        for row in rows:
            found["agent"].add(row.header.agent)
            found["channel"].add(row.header.channel or "")
            found["model"].add(row.header.model or "")
            found["tool"] |= row.tools
        return {name: sorted(values - {""}) for name, values in found.items()}

    def _nothing(self) -> str:
        if self.filter.terms or self.filter.free_text:
            return "No session fits the filter.\nEsc clears it."
        return "No sessions yet.\nThey appear here as soon as an agent writes them."

    def _tell(self, troubles: tuple[str, ...]) -> None:
        """Say what could not be read, and stop saying it when it can."""
        if troubles == self._troubles:
            return
        self._troubles = troubles
        line = self.query_one(".problem", Static)
        line.set_class(bool(troubles), "-shown")
        line.update(content(Text("\n".join(troubles[:3]))))

    def _draw_crumbs(self) -> None:
        feed = self.workspace.feed
        text = Text(" warmtui › Sessions  ")
        if feed.waiting:
            done = len(feed.rows) - feed.waiting
            text.append(f"judging {done:,} of {len(feed.rows):,}  ", MUTED)
        elif feed.read_at is not None:
            ago = int(time.monotonic() - feed.read_at)
            text.append(
                "● live" if not self._troubles else "● not readable", WARNING if self._troubles else ""
            )
            text.append(f", read {ago} s ago  " if ago else "  ", FAINT)
        text.append(f"{len(self.rows):,} of {len(feed.rows):,}", MUTED)
        empty = sum(1 for row in list(feed.rows.values()) if not row.header.rows)
        if empty and self.hidden["empty"]:
            text.append(f" · {empty:,} empty hidden", FAINT)
        self.query_one(".crumbs", Static).update(content(text))

    # the profile

    @on(RowList.Moved, "#sessions")
    def _moved(self) -> None:
        pane, row = self.query_one(ProfilePane), self.current()
        # what is made for the session before matters no more, and would slow down what follows
        self.workers.cancel_group(self, "profile")
        kept = self.profiles.kept(row.key) if row is not None else None
        if kept is not None:
            pane.show_profile(kept)
        else:
            pane.show_row(row)
            self._profile_soon()

    def _profile_soon(self) -> None:
        if self._profile_timer is not None:
            self._profile_timer.stop()
        self._profile_timer = self.set_timer(PROFILE_DELAY, self._profile)

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
            self.query_one(ProfilePane).show_profile(profile)

    # keys

    def action_back(self) -> None:
        """Close what is open, then clear the filter."""
        box = self.query_one("#filter", Input)
        if box.has_class("-open"):
            box.value = ""
            box.remove_class("-open")
            self.table.focus()
        elif self.has_class("-profile"):
            self.remove_class("-profile")
            self.table.focus()
        elif self.table.marked:
            self.table.clear_marks()

    def action_filter(self) -> None:
        """Open the filter."""
        box = self.query_one("#filter", Input)
        box.add_class("-open")
        # it can be focused only once the new style shows it
        self.call_after_refresh(box.focus)

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        environ = self.workspace.environ
        zone = datetime.now().astimezone().tzinfo or UTC
        self.filter = parse(event.value, now=time.time(), home=environ.get("HOME"), zone=zone)
        self._found = frozenset()
        if self.filter.free_text:
            self._search(self.filter.free_text)
        line = self.query_one(".problem", Static)
        problems = [problem.text for problem in self.filter.problems]
        line.set_class(bool(problems), "-shown")
        line.update(content(Text("\n".join(problems[:2]))))
        self._arrange()
        self._remember()

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.input.remove_class("-open")
        self.table.focus()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if action in ("curate", "timeline") and self.current() is None:
            return "there is no session here"
        if action in ("compare", "build") and len(self.chosen()) < 2:
            return f"mark two{'' if action == 'compare' else ' or more'} sessions with space first"
        return ""

    def action_curate(self) -> None:
        """Curate a template from the session under the cursor."""
        row = self.current()
        if row is not None:
            self._open_desk([row.key])

    def action_build(self) -> None:
        """Curate one template from all marked sessions."""
        self._open_desk([row.key for row in self.chosen()])

    def action_first_run(self) -> None:
        """Show what was found and where to begin."""
        from warmtui.tui.screens.first_run import FirstRunScreen

        self.shell.push_screen(FirstRunScreen())

    def action_compare(self) -> None:
        """Put the first two marked sessions side by side."""
        marked = [row.key for row in self.chosen()]
        if len(marked) > 2:
            self.say(f"the first two of {len(marked)} marked sessions")
        if len(marked) > 1:
            self.shell.compare(*marked[:2])

    @work(exclusive=True, group="desk")
    async def _open_desk(self, keys: list[SessionKey]) -> None:
        from warmtui.tui.desk import Desk
        from warmtui.tui.dialogs.waiting import waited

        what = "Looking for what is worth keeping"
        try:
            desk = await waited(
                self.app, what, len(keys), lambda told: Desk.of_sessions(self.workspace, keys, told)
            )
        except WarmtuiError as error:
            self.say(str(error), "error")
            return
        if desk is None:
            self.say("given up; nothing was changed")
        else:
            self.shell.open_desk(desk)

    @on(RowList.Opened, "#sessions")
    def action_timeline(self) -> None:
        """Open the timeline of the session under the cursor."""
        row = self.current()
        if row is not None:
            self._open(row.key)

    def _open(self, key: SessionKey) -> None:
        from warmtui.tui.screens.timeline import TimelineScreen

        self.shell.push_screen(TimelineScreen(key))

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.rows.sort = SORTS[(SORTS.index(self.rows.sort) + 1) % len(SORTS)]
        self._arrange()
        self._remember()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.rows.reverse = not self.rows.reverse
        self._arrange()
        self._remember()

    @on(RowList.HeaderClicked, "#sessions")
    def _header_clicked(self, event: HeaderClicked) -> None:
        name = self.rows.column_at(event.x)
        if name in SORTS:
            self.rows.reverse = not self.rows.reverse if name == self.rows.sort else False
            self.rows.sort = name
            self._arrange()

    def action_show_or_hide(self, what: str) -> None:
        """Show or hide a kind of sessions."""
        self.hidden[what] = not self.hidden[what]
        self._arrange()
        self._remember()
        shown = "hidden" if self.hidden[what] else "shown"
        self.notify(f"{what} sessions are {shown}", timeout=2, markup=False)

    def action_pane(self) -> None:
        """Show the profile where it has no room beside the list, or move between the two."""
        pane = self.query_one(ProfilePane)
        if pane.has_focus:
            self.remove_class("-profile")
            self.table.focus()
        else:
            self.add_class("-profile")
            pane.focus()
