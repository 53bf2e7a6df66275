"""The app: its screens, the keys that work everywhere, and the workspace that all screens share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events, work
from textual.actions import ActionParseResult
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.reactive import var
from textual.screen import Screen
from textual.signal import Signal
from textual.widgets import Input

from warmtui.display import display_text
from warmtui.errors import WarmtuiError
from warmtui.model.session import SessionKey
from warmtui.text import counted
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import CommandProvider, bindings, helps, key_name, why_not
from warmtui.tui.configuration import check
from warmtui.tui.list.row_list import RowList
from warmtui.tui.themes import Themes, default_theme, offer_themes
from warmtui.tui.widgets.glyphs import ASCII, UNICODE, Glyphs, PlainSigns, use_signs
from warmtui.tui.widgets.paint import SanitizeFilter
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from concurrent.futures import Future

    from textual.driver import Driver

    # the first screen is painted before these are loaded
    from warmtui.tui.curate.draft_session import DraftSession
    from warmtui.tui.start import Preload
    from warmtui.tui.ui_state import Place
    from warmtui.workspace.findings import Findings
    from warmtui.workspace.reader import OnProgress

NOT_YET = "are not in this version"
"""Why two keys of the navigation are grey."""
NOT_KEPT = "the draft was not kept"
"""Shown before and after the app ends where the library cannot be written."""


class WarmtuiApp(App[None]):
    """warmtui in a terminal.

    Args:
        workspace: an open workspace; the caller closes it.
        ascii_only: draw with ASCII signs.
        welcome: show the first-run screen once sessions were found, unless the person has begun already.
        preload: the first rows, which may still be being read.
        driver_class: the terminal driver; None for Textual's own.
    """

    TITLE = "warmtui"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {CommandProvider}
    CSS_PATH: ClassVar = ["styles/base.tcss", "styles/app.tcss"]
    KEYS: ClassVar = (
        key("app.sessions", "1", "app.go('sessions')", "Sessions"),
        key("app.curate", "2", "app.go('curate')", "Curate the draft"),
        key("app.preview", "3", "app.go('preview')", "Preview and export the draft"),
        key("app.templates", "4", "app.go('templates')", "Templates"),
        key("app.compare", "5", "app.go('compare')", "Compare marked sessions"),
        key("app.experiments", "6", "app.go('experiments')", "Experiments"),
        key("app.insights", "7", "app.go('insights')", "Insights"),
        key("app.theme", "ctrl+t", "app.change_theme", "Choose a theme"),
        key(
            "app.settings",
            "comma",
            "app.settings",
            "Settings: where they are and what is wrong",
            show_key=",",
        ),
        key("app.help", "question_mark", "app.keys", "All keys", show_key="?"),
        key("app.quit", "q", "app.quit", "Quit; nothing is lost", "quit"),
    )
    BINDINGS: ClassVar = [
        *bindings(*KEYS),
        Binding("ctrl+c", "quit", show=False, system=True),
    ]

    draft: var[DraftSession | None] = var(None, bindings=True)
    """The draft that is open."""
    kept_draft: var[str] = var("", bindings=True)
    """The name of the draft saved last before this start; key 2 opens it while no draft is open."""
    waiting_drafts: var[int] = var(0, bindings=True)
    """How many drafts that `warmtui auto` made wait for the person."""
    compared: var[tuple[SessionKey, SessionKey] | None] = var(None, bindings=True)
    """The two sessions that were compared last."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        ascii_only: bool = False,
        welcome: bool = False,
        preload: Future[Preload] | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self._sanitize = SanitizeFilter()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
        self.workspace = workspace
        self.welcome = welcome
        self.preload = preload
        self._warned_of: DraftSession | None = None
        """The draft whose failed autosave the person was warned of."""
        self.place: Place | None = None
        """Where the person was when the app was left."""
        self._warned_until = 0.0
        """When the last warning goes, in monotonic seconds."""
        self.sessions_changed: Signal[set[SessionKey]] = Signal(self, "sessions_changed")
        """Published with the keys of sessions that agents wrote or that were judged, on any screen."""
        self.glyphs: Glyphs = ASCII if ascii_only else UNICODE
        use_signs(self, ascii_signs=ascii_only)
        offer_themes(self)
        self.configuration = check(workspace.settings, workspace.context.locations.config)
        self.theme = self.configuration.theme or default_theme(workspace.context.environ)
        self.set_keymap(self.configuration.keymap)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Sanitise all that goes to the terminal, and turn it into ASCII where nothing else can be shown."""
        plain = [PlainSigns()] if self.has_class("-ascii") else []
        return [*super().get_line_filters(), self._sanitize, *plain]

    def get_default_screen(self) -> Screen[Any]:
        """Open on the sessions; pushed over a default screen, they would be painted second."""
        from warmtui.tui.sessions.screen import SessionsScreen

        return SessionsScreen()

    def on_mount(self) -> None:
        """Report wrong settings, and find the draft to go on with."""
        self._report_settings()
        for text in self.workspace.unsaved:
            self.say(f"an edit was interrupted; its text is kept in {text}", "warning", 8)
        # the code of the library takes a fifth of the time to the first paint, which does not need it
        self.call_after_refresh(self._find_draft)
        if self.welcome:
            self._welcome()

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Lend the terminal to another program, and take it back even if that fails.

        Textual takes it back only after a block without an exception, and leaves a dead terminal otherwise.
        """
        failed: BaseException | None = None
        with super().suspend():
            try:
                yield
            except BaseException as error:
                failed = error
        if failed is not None:
            raise failed

    async def action_quit(self) -> None:
        """End the app; warn once before if the draft cannot be saved."""
        draft = self.draft
        if draft is not None and draft.unsaved:
            await draft.autosave()
            if draft.autosave_error and self._warned_of is not draft:
                self._warned_of = draft
                words = f"{NOT_KEPT}: {draft.autosave_error} · quitting again loses what was changed since"
                self.say(words, "warning", 12)
                return
        self.exit()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the app, and note in `place` where the person was, for the next start."""
        from warmtui.tui.sessions.screen import SessionsScreen

        for screen in self.screen_stack:
            if isinstance(screen, SessionsScreen) and screen.is_mounted:
                self.place = screen.place()
        super().exit(result, return_code, message)

    def _report_settings(self) -> None:
        """Name the settings whose defaults hold because they are wrong; doctor explains them."""
        problems = (*self.workspace.settings_problems, *self.configuration.problems)
        if not problems:
            return
        names = [problem.place or problem.text for problem in problems[:3]] + ["…"] * (len(problems) > 3)
        words = f"wrong in the settings, so the default holds: {', '.join(names)} · warmtui doctor explains"
        self.say(words, "warning", 8)

    @work(exclusive=True, group="draft")
    async def _find_draft(self) -> None:
        from warmtui.tui.ui_state import last_draft

        self.kept_draft = await last_draft(self.workspace)
        self.count_waiting()

    @work(exclusive=True, group="waiting")
    async def count_waiting(self) -> None:
        """Count the drafts that wait again: one may have been saved or dropped."""
        from warmtui.tui.ui_state import count_waiting

        self.waiting_drafts = await count_waiting(self.workspace)

    def waiting_words(self) -> str:
        """Say how many drafts wait, and the key that shows them; empty without any."""
        if not self.waiting_drafts:
            return ""
        waits = "draft waits" if self.waiting_drafts == 1 else "drafts wait"
        return f"{self.waiting_drafts:,} {waits}, key w shows {'it' if self.waiting_drafts == 1 else 'them'}"

    def action_waiting(self) -> None:
        """Show the drafts that wait."""
        from warmtui.tui.sessions.waiting_drafts import WaitingDraftsScreen

        self.push_screen(WaitingDraftsScreen())

    @work(exclusive=True, group="welcome")
    async def _welcome(self) -> None:
        """Show the first-run screen once the sources were read, unless the person has begun already."""
        from warmtui.tui.sessions.first_run import FirstRunScreen
        from warmtui.tui.sessions.screen import SessionsScreen

        while self.welcome:
            await asyncio.sleep(0.05)
            screen = self.screen
            found = bool(self.workspace.sessions.table)
            self.welcome = not (found or (isinstance(screen, SessionsScreen) and screen.table.looked))
        screen = self.screen
        if isinstance(screen, SessionsScreen) and not screen.begun:
            self.push_screen(FirstRunScreen())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out screens that do not exist yet, or have nothing to show."""
        return None if self.why_not(action, parameters) else True

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action == "waiting" and not self.waiting_drafts:
            return "no draft waits; the command warmtui auto makes drafts of what recurs"
        place = str(parameters[0]) if action == "go" and parameters else ""
        if place in ("experiments", "insights"):
            return f"{place} {NOT_YET}"
        if place in ("curate", "preview") and self.draft is None and not self.kept_draft:
            return "no draft is open; c on a session starts one"
        if place == "compare" and self.compared is None:
            return "mark two sessions with space, then m compares them"
        return ""

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, or say why it cannot run now; a grey key goes no further than that."""
        if reason := why_not(default_namespace or self, action):
            self.say(reason)
            return True
        done = await super().run_action(action, default_namespace, namespaces)
        if done and isinstance(self.screen, BaseScreen):
            self.screen.regrey()
        return done

    async def on_event(self, event: events.Event) -> None:
        """Handle the keys of a list at once.

        Sent through the list and back, `/` would arrive after the letters that follow it. A list handles keys
        by bindings alone, so it misses nothing.
        """
        fresh = isinstance(event, events.Key) and not event.is_forwarded
        if fresh and isinstance(self.focused, RowList):
            assert isinstance(event, events.Key)
            for priority in (True, False):
                if await self._check_bindings(event.key, priority=priority):
                    return
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Pass on to an input what was typed right after the key that opened it, and went to the list.

        An input keeps printable keys to itself, so those that arrive here went to the list.
        """
        box = self.focused
        if isinstance(box, Input) and event.is_printable:
            event.prevent_default()
            box.post_message(events.Key(event.key, event.character))

    def pop_screen(self) -> AwaitComplete:
        """Leave a screen; its workers end first, so that they draw on no widget that is gone."""
        screen = self.screen
        for worker in self.workers:
            if screen in worker.node.ancestors_with_self:
                worker.cancel()
        return super().pop_screen()

    def action_go(self, place: str) -> None:
        """Go to a screen by its name."""
        if place == "sessions":
            while len(self.screen_stack) > 1:
                self.pop_screen()
        elif place in ("curate", "preview"):
            self._go_to_draft(place)
        elif place == "templates":
            self._go_to_templates()
        elif place == "compare":
            self.compare()

    def _go_to_draft(self, place: str) -> None:
        """Go to the open draft."""
        from warmtui.tui.curate.screen import CurateScreen
        from warmtui.tui.preview.screen import PreviewScreen

        if self.draft is None:
            self._resume(place)
        elif place == "curate" and not isinstance(self.screen, CurateScreen):
            self.push_screen(CurateScreen(self.draft))
        elif place == "preview" and not isinstance(self.screen, PreviewScreen):
            self.push_screen(PreviewScreen(self.draft))

    @work(exclusive=True, group="open_draft")
    async def _resume(self, place: str) -> None:
        """Open the draft that was saved last."""
        from warmtui.tui.ui_state import resume_draft

        resume = partial(resume_draft, self.workspace, self.kept_draft)
        if draft := await self.wait_for_draft(resume, severity="warning"):
            self.open_draft(draft)
            if place == "preview":
                self._go_to_draft(place)

    async def wait_for_draft(
        self,
        opening: Callable[[OnProgress], Awaitable[DraftSession]],
        sessions: int = 1,
        severity: SeverityLevel = "error",
    ) -> DraftSession | None:
        """Open a draft of some sessions, with its progress; say why there is none.

        Args:
            opening: opens it; called with a function that takes its progress.
            sessions: of how many sessions it is.
            severity: of the toast after an error.
        """
        from warmtui.tui.wait import GIVEN_UP, LOOKING, waited

        try:
            draft = await waited(self, LOOKING, sessions, opening)
        except WarmtuiError as error:
            self.say(str(error), severity)
            return None
        if draft is None:
            self.say(GIVEN_UP)
        elif draft.unread:
            missing = len(draft.unread)
            words = f"{counted(missing, 'session')} left out: {draft.unread[0].text}"
            self.say(words, "warning")
        return draft

    def compare(self, *keys: SessionKey) -> None:
        """Put two sessions side by side; without keys, those compared last."""
        from warmtui.tui.compare.screen import CompareScreen

        if len(keys) > 1:
            self.compared = keys[0], keys[1]
        if self.compared is not None and (keys or not isinstance(self.screen, CompareScreen)):
            self.push_screen(CompareScreen(*self.compared))

    def _go_to_templates(self) -> None:
        """Go to the library, back to it if it is open already."""
        from warmtui.tui.templates.screen import TemplatesScreen

        if not any(isinstance(screen, TemplatesScreen) for screen in self.screen_stack):
            self.push_screen(TemplatesScreen())
        # screens opened from it, such as a preview, are left on the way
        while not isinstance(self.screen, TemplatesScreen):
            self.pop_screen()

    def open_draft(self, draft: DraftSession) -> None:
        """Open a draft and go to it."""
        from warmtui.tui.curate.screen import CurateScreen

        self.draft = draft
        self.push_screen(CurateScreen(draft))

    async def put_into_draft(self, findings: Findings, call_index: int) -> None:
        """Put a call into its session's draft, and say what became of it."""
        from warmtui.tui.curate.draft_session import pick_call

        header = findings.judged.session.header
        drafts = [self.draft] if self.draft is not None else []
        session = SessionKey(header.source, header.id)
        done = await pick_call(self.workspace, drafts, session, findings, call_index)
        if done.draft is not None:
            self.draft = done.draft
        self.say(done.words, "warning" if done.draft is None else "information")

    def say(self, words: str, severity: SeverityLevel = "information", timeout: float = 4) -> None:
        """Show what happened in a toast; untrusted text in it is sanitised."""
        self.notify(display_text(words), severity=severity, timeout=timeout, markup=False)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a toast in place of the previous one; only a warning stays for its full time.

        Otherwise a key pressed again and again would fill the screen with its toasts.
        """
        now = time.monotonic()
        # an information toast would otherwise push out a warning that was not read yet
        if now >= self._warned_until:
            self.clear_notifications()
        if severity != "information":
            self._warned_until = now + (self.NOTIFICATION_TIMEOUT if timeout is None else timeout)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    def get_key_display(self, binding: Binding) -> str:
        """Return how the footer writes a key."""
        return binding.key_display or key_name(binding.key, ascii_only=self.has_class("-ascii"))

    @work(exclusive=True, group="settings")
    async def action_settings(self) -> None:
        """Show where the settings are and what is wrong in them."""
        from warmtui.tui.dialogs import settings_dialog

        path = self.workspace.context.locations.config
        problems = (*self.workspace.settings_problems, *self.configuration.problems)
        if await self.push_screen_wait(settings_dialog(path, problems)) == "c":
            self.copy_to_clipboard(display_text(str(path)))
            self.say("copied the path", timeout=2)

    def search_themes(self) -> None:
        """Choose a theme, starting from the current one."""
        self.push_screen(CommandPalette(providers=[Themes], placeholder="Search for themes …"))

    def action_keys(self) -> None:
        """Show every key that works now."""
        from warmtui.tui.help import HelpScreen

        self.push_screen(HelpScreen(helps(self.screen.focused or self.screen)))

    def back(self) -> None:
        """Leave a screen; the first one stays."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
