"""One question with a few fields, answered by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from warmtui.tui.widgets.paint import content


class Ask(NamedTuple):
    """One field of a form."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""


class Form(ModalScreen[dict[str, str] | None]):
    """A form; it gives the fields by name, or None when it was left.

    Args:
        title: what it is about.
        asks: its fields; the first has the focus.
        note: a line below them.
        answer: what Enter does, for the line of keys.
    """

    DEFAULT_CSS = """
    Form { align: center middle; }
    Form > Vertical {
        width: 72; max-width: 96%; height: auto; max-height: 96%;
        padding: 1 2; background: $panel; border: round $primary;
    }
    Form Label { margin-top: 1; color: $text-muted; }
    Form Input { border: none; height: 1; padding: 0 1; background: $boost; }
    Form Input:focus { border: none; }
    Form .title { text-style: bold; }
    Form .keys { margin-top: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("ctrl+s", "answer", show=False),
    ]

    def __init__(self, title: str, asks: Sequence[Ask], *, note: str = "", answer: str = "save") -> None:
        super().__init__()
        self._title, self._asks, self._note, self._answer = title, tuple(asks), note, answer

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        with Vertical():
            yield Static(content(Text(self._title)), classes="title")
            for ask in self._asks:
                yield Label(ask.label, markup=False)
                yield Input(ask.value, placeholder=ask.placeholder, id=f"ask-{ask.name}")
            if self._note:
                yield Static(content(Text(self._note)), classes="keys")
            yield Static(f"enter {self._answer} · up and down between fields · esc back", classes="keys")

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def action_answer(self) -> None:
        """Give what stands in the fields."""
        self.dismiss(
            {ask.name: self.query_one(f"#ask-{ask.name}", Input).value.strip() for ask in self._asks}
        )

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer()
