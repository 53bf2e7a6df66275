"""What every screen has: breadcrumbs, the workspace, Esc that goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from textual.binding import BindingType
from textual.screen import Screen

from warmtui.display import display_text
from warmtui.tui.commands import Command, bindings
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.app import WarmtuiApp


def key(name: str, pressed: str, action: str, title: str, label: str = "", **more: Any) -> Command:
    """Return a command; the arguments in the order in which tables of keys are read."""
    return Command(id=name, key=pressed, action=action, title=title, label=label, **more)


class Room(Screen[None]):
    """A screen of the app: breadcrumbs above, keys below, Esc goes back."""

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

    def action_back(self) -> None:
        """Go back."""
        self.shell.back()
