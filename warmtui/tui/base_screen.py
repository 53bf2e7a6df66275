"""What every screen has: breadcrumbs, the workspace, Esc that goes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual import events, on
from textual.binding import BindingType
from textual.messages import Prune
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from warmtui.display import display_text
from warmtui.tui.commands import Command, bindings, states
from warmtui.tui.list.row_messages import Marked, Moved
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.app import WarmtuiApp


REGREY_DELAY = 0.06
"""Seconds after the last move or action, before the footer follows, so that a held key is not waited for."""
REGREY_SECONDS = 0.5
"""Between two looks at what can be done, for what changes without a key, such as sessions read."""


def key(name: str, pressed: str, action: str, title: str, label: str = "", **more: Any) -> Command:
    """Return a command; the arguments in the order in which tables of keys are read."""
    return Command(id=name, key=pressed, action=action, title=title, label=label, **more)


def returns_to(screen: Screen[Any]) -> str:
    """Return what a screen is called that the app comes back to; empty for the others."""
    return screen.RETURNS if isinstance(screen, BaseScreen) else ""


class BaseScreen(Screen[None]):
    """A screen of the app: breadcrumbs above, keys below, Esc goes back."""

    RETURNS: ClassVar[str] = ""
    """What this screen is called in `Place.screen`; empty where the app does not come back to."""

    KEYS: ClassVar[tuple[Command, ...]] = (key("room.back", "escape", "screen.back", "Back", palette=False),)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

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
        """Say what happened, in a toast; strangers' text in it is cleaned."""
        self.notify(display_text(words), severity=severity, timeout=4, markup=False)

    _leaving = False

    @property
    def laid_out(self) -> bool:
        """Whether its widgets are there to be drawn on: from the first ones until the screen is left."""
        return bool(self.children) and not self._leaving

    @on(Prune)
    def _end_workers(self) -> None:
        """End what works for this screen while its widgets are still there.

        Textual ends workers last: one that goes on meanwhile looks for widgets that have left.
        """
        self._leaving = True
        self.workers.cancel_node(self)

    # what cannot be done now

    _states: Mapping[str, bool | None] | None = None
    """What could be done when the footer was drawn."""
    _regreying: Timer | None = None

    @on(events.Mount)
    def _look_now_and_then(self) -> None:
        self.set_interval(REGREY_SECONDS, self._regrey)

    @on(Moved)
    @on(Marked)
    @on(events.ScreenResume)
    def regrey(self) -> None:
        """Have the footer follow soon; the app asks for it after every action too."""
        if self._regreying is not None:
            self._regreying.stop()
        self._regreying = self.set_timer(REGREY_DELAY, self._regrey)

    def _regrey(self) -> None:
        """Draw the footer again if what can be done differs: drawing it takes longer than asking."""
        if not self.is_current:
            return
        now = states(self.focused or self)
        if now != self._states:
            self._states = now
            self.refresh_bindings()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can.

        The key of such an action is grey, and pressing it says the reason. The reason is part of a sentence
        and of our own words, without strangers' text.
        """
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what has a reason not to run."""
        return None if self.is_mounted and self.why_not(action, parameters) else True

    def attempt(self, action: str) -> None:
        """Run one of this screen's actions that did not come by its own key, or say why it cannot run."""
        self.call_later(self.app.run_action, action, self)

    def type_into(self, box: Input) -> None:
        """Open a line that is hidden until it is typed into, with the focus at once.

        Only what is displayed can be focused, and styles follow a class one frame later: of words typed fast,
        the first letters would be keys of the screen.
        """
        box.add_class("-open")
        self.app.stylesheet.apply(box)
        self.set_focus(box)

    def action_back(self) -> None:
        """Go back."""
        self.shell.back()
