"""A choice between a few values, made with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from warmtui.tui.widgets.glyphs import ASCII, glyphs_of
from warmtui.tui.widgets.paint import MUTED, content


class Choice(Static, can_focus=True):
    """A value of several.

    Args:
        options: values with the words that are shown, in their order.
        value: which is chosen first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "turn(1)", "next", show=False),
        Binding("left,h", "turn(-1)", "previous", show=False),
    ]
    DEFAULT_CSS = """
    Choice { height: 1; padding: 0 1; background: $boost; }
    Choice:focus { background: $primary 25%; text-style: bold; }
    """

    @dataclass
    class Chosen(Message):
        """Another value was chosen."""

        choice: Choice

        @property
        def control(self) -> Choice:
            """The choice."""
            return self.choice

    def __init__(self, options: Sequence[tuple[str, str]], value: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._options = tuple(options)
        self.value = value if value in dict(options) else self._options[0][0]
        self._typed = ""
        """The digits typed so far of a value that is a number."""

    def on_mount(self) -> None:
        """Show the value."""
        self._draw()

    def action_turn(self, step: int) -> None:
        """Choose the next or previous value."""
        at = [value for value, _ in self._options].index(self.value)
        self.value = self._options[(at + step) % len(self._options)][0]
        self._draw()
        self.post_message(self.Chosen(self))

    def show(self, value: str) -> None:
        """Show another of the values without posting `Chosen`."""
        if value in dict(self._options):
            self.value = value
            self._draw()

    def on_key(self, event: events.Key) -> None:
        """Go to the value that a number begins: 1 then 2 to 12, or to 2 where there are fewer."""
        if not (event.character or "").isdigit():
            return
        for typed in (self._typed + event.key, event.key):
            found = next((value for value, _ in self._options if value.startswith(typed)), None)
            if found is not None:
                self._typed, self.value = typed, found
                self._draw()
                self.post_message(self.Chosen(self))
                event.stop()
                return

    def on_blur(self) -> None:
        """Start over with the next number."""
        self._typed = ""

    def _draw(self) -> None:
        at = [value for value, _ in self._options].index(self.value)
        left, right = "<>" if glyphs_of(self) == ASCII else "‹›"
        text = Text(f"{left} ", MUTED).append(dict(self._options)[self.value], "$foreground")
        text.append(f" {right}  {at + 1} of {len(self._options)}", MUTED)
        self.update(content(text))
