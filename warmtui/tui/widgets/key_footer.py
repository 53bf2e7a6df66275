"""The line of keys at the bottom: those that work now, and always the key of the help.

One widget that draws one line. Textual's own footer has a widget per key and makes all of them anew
whenever a key turns grey: a quarter of the time to the first paint, and felt at every move of the focus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.screen import Screen
from textual.widget import Widget

FIRST = 1
"""Screens on the stack while the first one is shown, from which Esc leads nowhere."""
WIDE = 110
"""From this many cells on, all keys are shown; the same as the app's breakpoint."""
HELP = "app.keys"
"""The action whose key is always in the corner: the help, which lists all the others."""
BACK = "screen.back"
"""The action beside it wherever there is a screen to go back to."""


class FooterKey(NamedTuple):
    """One key of the line."""

    key: str
    display: str
    label: str
    action: str
    enabled: bool

    @property
    def text(self) -> str:
        """The key and its label."""
        return f" {self.display} {self.label} "


class KeyFooter(Widget):
    """The keys that can be pressed now, those that can do nothing dimmed.

    Args:
        spared: returns whether a narrow footer leaves an action out.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-footer--key", "key-footer--label", "key-footer--edge"}
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        color: $footer-foreground;
        background: $footer-background;
        .key-footer--key { color: $footer-key-foreground; text-style: bold; }
        .key-footer--label { color: $footer-description-foreground; }
        .key-footer--edge { color: $foreground 20%; }
    }
    """

    def __init__(self, spared: Callable[[str], bool] | None = None) -> None:
        super().__init__()
        self._spared = spared
        self.shown: tuple[FooterKey, ...] = ()
        """All keys that belong here, back and help last; as many are drawn as have room."""
        self._places: list[tuple[range, FooterKey]] = []
        """The cells of each key as it was drawn."""

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._changed(self.screen)

    def _changed(self, screen: Screen[object]) -> None:
        """Draw the line again if its keys changed."""
        if not (self.is_attached and screen is self.screen and screen.app.app_focus):
            return
        corner = {HELP: "help"} if len(screen.app.screen_stack) <= FIRST else {BACK: "back", HELP: "help"}
        found: dict[str, FooterKey] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            # several keys may have one action; the first one stands for it
            if binding.action in corner or (binding.show and binding.action not in found):
                display = self.app.get_key_display(binding)
                label = corner.get(binding.action, binding.description)
                found[binding.action] = FooterKey(binding.key, display, label, binding.action, active.enabled)
        last = [found.pop(action) for action in corner if action in found]
        shown = (*found.values(), *last)
        if shown != self.shown:
            self.shown = shown
            self.refresh()

    def render(self) -> Text:
        """Return the line; what has no room is left out whole."""
        room = self.size.width
        narrow = self.app.size.width < WIDE
        line = Text(no_wrap=True, end="")
        self._places = []
        key_style = self.get_component_rich_style("key-footer--key", partial=True)
        label_style = self.get_component_rich_style("key-footer--label", partial=True)
        last = [key for key in self.shown if key.action in (BACK, HELP)]
        corner = 1 + sum(cell_len(key.text) for key in last) if last else 0
        for key in self.shown[: len(self.shown) - len(last)]:
            if narrow and self._spared is not None and self._spared(key.action):
                continue
            if line.cell_len + cell_len(key.text) > room - corner:
                continue
            self._add(line, key, key_style, label_style)
        if last:
            line.append(" " * max(0, room - corner - line.cell_len))
            edge_style = self.get_component_rich_style("key-footer--edge", partial=True)
            line.append("|" if self.app.has_class("-ascii") else "▏", edge_style)
            for key in last:
                self._add(line, key, key_style, label_style)
        line.truncate(room)
        return line

    def _add(self, line: Text, key: FooterKey, key_style: Style, label_style: Style) -> None:
        start = line.cell_len
        dim = Style(dim=not key.enabled)
        line.append(f" {key.display} ", key_style + dim)
        line.append(f"{key.label} ", label_style + dim)
        self._places.append((range(start, line.cell_len), key))

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        for cells, key in self._places:
            if event.x in cells:
                self.app.simulate_key(key.key)
