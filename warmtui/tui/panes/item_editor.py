"""The editor of one item: its fields, each in an input of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Label, Static, TextArea

from warmtui.curation.editing import Field
from warmtui.display import display_text
from warmtui.tui.widgets.paint import MUTED, content

LINES = ("line", "choice", "list")
SHOWN = 200_000
"""Characters of a field that are edited here; a longer one is for $EDITOR."""


class ItemEditor(VerticalScroll, can_focus=False):
    """Fields of the item under the cursor. Typing changes the draft at once."""

    DEFAULT_CSS = """
    ItemEditor { scrollbar-size: 1 1; }
    ItemEditor Label { color: $text-muted; margin-top: 1; }
    ItemEditor Input { border: none; height: 1; padding: 0 1; background: $boost; }
    ItemEditor TextArea { border: none; height: auto; min-height: 1; max-height: 14; padding: 0 1; }
    ItemEditor .error { color: $text-error; }
    ItemEditor .hint { color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "done editing")]

    @dataclass
    class Typed(Message):
        """A field was changed by hand."""

        editor: ItemEditor
        item: str
        field: str
        text: str

        @property
        def control(self) -> ItemEditor:
            """The editor."""
            return self.editor

    @dataclass
    class Left(Message):
        """Esc: back to the list."""

        editor: ItemEditor

        @property
        def control(self) -> ItemEditor:
            """The editor."""
            return self.editor

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.item = ""
        self._fields: tuple[Field, ...] = ()
        self._filling = False
        self._wanted = False
        """Whether the first field is to be gone to once it is there."""

    def compose(self) -> ComposeResult:
        """Lay out what is shown without an item."""
        yield Static("Pick something on the left; its fields are edited here.", classes="hint", markup=False)

    async def show(self, item: str, title: str, fields: tuple[Field, ...], notes: tuple[str, ...]) -> None:
        """Show an item.

        Args:
            item: its id; empty to show nothing.
            title: what it is, in a line.
            fields: its fields.
            notes: what is to be looked at in it.
        """
        if item == self.item and [one.name for one in fields] == [one.name for one in self._fields]:
            self._refill(fields)
            return
        self._filling = True
        self.item, self._fields = "", ()
        await self.remove_children()
        widgets: list[Static | Label | Input | TextArea] = [Static(content(Text(title, "bold")))]
        widgets += [Static(content(Text(note, MUTED))) for note in notes]
        for number, field in enumerate(fields):
            label = f"{field.label} ({', '.join(field.choices)})" if field.choices else field.label
            widgets.append(Label(display_text(label), markup=False))
            widgets.append(_input(number, field))
            widgets.append(Static(_error(field), id=f"error-{number}", classes="error", markup=False))
        await self.mount_all(widgets)
        self.item, self._fields = item, fields
        self._filling = False
        if self._wanted and fields:
            self.edit()

    def edit(self) -> None:
        """Go to the first field; at once, or as soon as it is there."""
        self._wanted = not self._fields
        if self._fields:
            self.query_one("#field-0").focus()

    def _refill(self, fields: tuple[Field, ...]) -> None:
        """Show changes that came from elsewhere (undo), and errors; what is being typed stays."""
        self._filling = True
        for number, field in enumerate(fields):
            widget = self.query_one(f"#field-{number}")
            if isinstance(widget, Input) and widget.value != field.text:
                with widget.prevent(Input.Changed):
                    widget.value = field.text
            elif isinstance(widget, TextArea) and widget.text != field.text:
                with widget.prevent(TextArea.Changed):
                    widget.text = field.text
            self.query_one(f"#error-{number}", Static).update(_error(field))
        self._fields = fields
        self._filling = False

    @on(Input.Changed)
    def _line_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed(event.input.id or "", event.value)

    @on(TextArea.Changed)
    def _text_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._typed(event.text_area.id or "", event.text_area.text)

    def _typed(self, name: str, text: str) -> None:
        if self._filling or not name.startswith("field-"):
            return
        field = self._fields[int(name.removeprefix("field-"))]
        if text != field.text:
            self.post_message(self.Typed(self, self.item, field.name, text))

    def action_leave(self) -> None:
        """Go back to the list."""
        self.post_message(self.Left(self))


def _error(field: Field) -> str:
    return "" if field.error is None else display_text(field.error.in_words())


def _input(number: int, field: Field) -> Input | TextArea:
    if field.kind in LINES:
        return Input(field.text, placeholder=field.placeholder, id=f"field-{number}", select_on_focus=False)
    area = TextArea(field.text[:SHOWN], id=f"field-{number}", soft_wrap=True, tab_behavior="focus")
    area.show_line_numbers = False
    return area
