"""The base of every screen: breadcrumbs, a line for problems, the workspace, and Esc to go back."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from rich.text import Text
from textual import events, on
from textual.binding import BindingType
from textual.messages import Prune
from textual.reactive import var
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from warmtui.errors import WarmtuiError
from warmtui.tui.commands import Command, bindings
from warmtui.tui.list.row_list import RowList
from warmtui.tui.widgets.paint import content
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.app import WarmtuiApp

T = TypeVar("T")
REGREY_DELAY = 0.06
"""Seconds from the last move or action until the footer is updated, so that a held key stays fast."""


def key(name: str, pressed: str, action: str, title: str, label: str = "", **more: Any) -> Command:
    """Return a command; the order of the arguments suits the tables of keys."""
    return Command(id=name, key=pressed, action=action, title=title, label=label, **more)


class BaseScreen(Screen[None]):
    """A screen of the app: breadcrumbs above, keys below, Esc goes back."""

    RETURNS: ClassVar[str] = ""
    """The name under which the app restores this screen (`Place.screen`); empty if it never does."""

    KEYS: ClassVar[tuple[Command, ...]] = (key("room.back", "escape", "screen.back", "Back", palette=False),)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    crumbs: var[Text] = var(Text, init=False)
    """The breadcrumbs and the figures beside them, for the widget of class `crumbs`."""
    problem: var[str] = var("", init=False)
    """What cannot be read or makes no sense, for the widget of class `problem`; hidden while empty."""
    status: var[Text] = var(Text, init=False)
    """What is shown below the screen's lists, for the widget of class `status`."""

    @property
    def shell(self) -> WarmtuiApp:
        """The app, with its workspace."""
        from warmtui.tui.app import WarmtuiApp

        app = self.app
        assert isinstance(app, WarmtuiApp)
        return app

    @property
    def workspace(self) -> Workspace:
        """The workspace."""
        return self.shell.workspace

    def say(self, words: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """Show what happened in a toast; untrusted text in it is sanitised."""
        self.shell.say(words, severity)

    async def result_or_say(self, work: Awaitable[T]) -> T | None:
        """Return the result of some work; say what went wrong and return None if it fails."""
        try:
            return await work
        except WarmtuiError as error:
            self.say(str(error), "error")
            return None

    def watch_crumbs(self, crumbs: Text) -> None:
        """Draw the breadcrumbs."""
        for line in self.query(".crumbs").results(Static):
            line.update(content(crumbs), layout=False)

    def watch_status(self, status: Text) -> None:
        """Draw the status."""
        for lines in self.query(".status").results(Static):
            lines.update(content(status), layout=False)

    def watch_problem(self, problem: str) -> None:
        """Show the problem, or hide its line."""
        for line in self.query(".problem").results(Static):
            line.set_class(bool(problem), "-shown")
            line.update(content(Text(problem)))

    _leaving = False

    @property
    def laid_out(self) -> bool:
        """Whether the screen's widgets can be drawn on: from the first one until the screen is left."""
        return bool(self.children) and not self._leaving

    @on(Prune)
    def _end_workers(self) -> None:
        """End this screen's workers while its widgets are still there.

        Textual ends workers last: one that goes on meanwhile would look for widgets that are gone.
        """
        self._leaving = True
        for worker in self.workers:
            if self in worker.node.ancestors_with_self:
                worker.cancel()

    # actions that cannot run now

    _regreying: Timer | None = None

    @on(RowList.Moved)
    @on(RowList.Marked)
    @on(Worker.StateChanged)
    @on(events.ScreenResume)
    def regrey(self) -> None:
        """Update the footer soon. The app also calls this after every action."""
        # each call starts the wait anew, so a held key updates the footer once
        if self._regreying is not None:
            self._regreying.stop()
        self._regreying = self.set_timer(REGREY_DELAY, self._regrey)

    def _regrey(self) -> None:
        if self.is_current:
            self.refresh_bindings()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can.

        The key of such an action is grey, and pressing it shows the reason. The reason is part of a sentence
        and holds no untrusted text.
        """
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out actions that cannot run now."""
        return None if self.is_mounted and self.why_not(action, parameters) else True

    def attempt(self, action: str) -> None:
        """Run an action of this screen without its key being pressed, or say why it cannot run."""
        self.call_later(self.app.run_action, action, self)

    def type_into(self, box: Input) -> None:
        """Open an input that is hidden until it is typed into, with the focus at once.

        Only what is displayed can be focused, and styles follow a class one frame later: when typing
        fast, the first letters would count as keys of the screen.
        """
        box.add_class("-open")
        self.app.stylesheet.apply(box)
        self.set_focus(box)

    def action_back(self) -> None:
        """Go back."""
        self.shell.back()
