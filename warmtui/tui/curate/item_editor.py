"""One item of the template: read as a text, edited in a field for each of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static, TextArea

from warmtui.curation.editing import Field
from warmtui.display import display_text
from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.curate.pane_keys import EDIT, OUTSIDE, REMOVE
from warmtui.tui.widgets.choice import Choice
from warmtui.tui.widgets.fields import SHOWN, JsonField, LineField, TextField
from warmtui.tui.widgets.paint import WARNING, content

LINES = ("line", "list")
"""Kinds of fields that are edited on one line."""
TURNING = frozenset({"space", "h", "l"})
"""Letters that choose another value."""


class ItemForm(Vertical):
    """The fields of the item that is being edited."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("field.next", "tab", "go(1)", "Next field", "next field", palette=False, also=("down",)),
        key("field.previous", "shift+tab", "go(-1)", "Previous field", palette=False, also=("up",)),
        key("field.outside", "ctrl+o", "outside", "Edit this field in $EDITOR", "$EDITOR", palette=False),
        key("field.leave", "escape", "leave", "Done editing", "done", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def on_key(self, event: events.Key) -> None:
        """Keep letters from the screen also where they are no text: x would take the item out."""
        if isinstance(self.app.focused, Choice) and event.is_printable and event.key not in TURNING:
            event.stop()

    def action_go(self, step: int) -> None:
        """Go to the next field, from the last to the first."""
        self.editor.go(step)

    def action_outside(self) -> None:
        """Have the field edited in $EDITOR."""
        field = self.editor.focused_field()
        if field is not None:
            self.post_message(ItemEditor.Outside(self.editor, self.editor.item, field.name))

    def action_leave(self) -> None:
        """End editing."""
        self.post_message(ItemEditor.Left(self.editor))

    @property
    def editor(self) -> ItemEditor:
        """The pane that this is in."""
        pane = self.parent
        assert isinstance(pane, ItemEditor)
        return pane


class ItemEditor(VerticalScroll, can_focus=True):
    """Reads as a text of the item under the cursor; `edit` turns it into fields. Typing changes the draft."""

    DEFAULT_CSS = """
    ItemEditor { scrollbar-size: 1 1; }
    ItemEditor ItemForm { height: auto; display: none; }
    ItemEditor.-editing ItemForm { display: block; }
    ItemEditor.-editing > #reading { display: none; }
    ItemEditor:focus > #reading { background: $primary 8%; }
    ItemEditor Label { color: $text-muted; }
    ItemEditor Input, ItemEditor Input:focus { border: none; height: 1; padding: 0 1; background: $boost; }
    ItemEditor TextArea, ItemEditor TextArea:focus {
        border: none; height: auto; min-height: 1; max-height: 14; padding: 0 1; background: $boost;
    }
    ItemEditor Input:focus, ItemEditor TextArea:focus { background: $primary 15%; }
    ItemEditor .error { color: $text-error; height: auto; display: none; }
    ItemEditor .error.-shown { display: block; }
    ItemEditor .title { text-style: bold; }
    """
    KEYS: ClassVar[tuple[Command, ...]] = (
        EDIT,
        OUTSIDE,
        REMOVE,
        key("reading.down", "j", "scroll_down", "Down", palette=False),
        key("reading.up", "k", "scroll_up", "Up", palette=False),
        key("reading.left", "h", "screen.pane(-1)", "To the list", palette=False, also=("left",)),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

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
        """Esc: back to where one came from."""

        editor: ItemEditor

        @property
        def control(self) -> ItemEditor:
            """The editor."""
            return self.editor

    @dataclass
    class Outside(Message):
        """A field is to be edited in $EDITOR."""

        editor: ItemEditor
        item: str
        field: str

        @property
        def control(self) -> ItemEditor:
            """The editor."""
            return self.editor

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.item = ""
        """The item that is being edited; empty while one only reads."""
        self._fields: tuple[Field, ...] = ()
        self._errors: dict[int, str] = {}
        """What is said below the fields, by number; laying them out again takes time."""
        self._read: object = None
        self._text = Text()

    def compose(self) -> ComposeResult:
        """Lay out the text, and the place of the fields."""
        yield Static("", id="reading", markup=False)
        yield ItemForm()

    def on_mount(self) -> None:
        """Follow the theme: a text has the colours of the one it was made under."""
        shown = self.query_one("#reading", Static)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: shown.update(content(self._text)))

    # reading

    @property
    def editing(self) -> bool:
        """Whether fields are shown."""
        return bool(self.item)

    @property
    def room(self) -> int:
        """Cells of a line of the text."""
        return max(24, self.content_size.width or 24)

    def read(self, text: Text, subject: object) -> None:
        """Show a text while nothing is edited.

        Args:
            text: the item, laid out.
            subject: which item it is; showing the same one again does not scroll.
        """
        if text != self._text or text.spans != self._text.spans:
            self._text = text
            self.query_one("#reading", Static).update(content(text))
        if subject != self._read:
            self.scroll_home(animate=False)
        self._read = subject

    # what cannot be done now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out scrolling where there is nothing to scroll."""
        return None if self.why_not(action, parameters) else super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in ("scroll_down", "scroll_up") and not self.allow_vertical_scroll:
            return "all of it is in sight"
        return ""

    # editing

    async def edit(self, item: str, title: str, fields: Sequence[Field], at: str = "") -> None:
        """Show an item's fields and go to one of them.

        Args:
            item: its id.
            title: what it is, in a line.
            fields: its fields, at least one.
            at: the name of the field to go to; one that is not valid has the cursor where it is not.
        """
        form = self.query_one(ItemForm)
        if item != self.item or [one.name for one in fields] != [one.name for one in self._fields]:
            self.item = ""  # what is typed meanwhile belongs to neither
            self._errors.clear()
            await form.remove_children()
            widgets: list[Widget] = [Static(content(Text(title)), classes="title")]
            for number, field in enumerate(fields):
                widgets.append(Label(_label(field), markup=False))
                widgets.append(_widget(number, field))
                widgets.append(Static("", id=f"error-{number}", classes="error", markup=False))
            await form.mount_all(widgets)
        self.item, self._fields = item, tuple(fields)
        self.add_class("-editing")
        for number, field in enumerate(fields):
            self._show_error(number, field)
        names = [one.name for one in fields]
        chosen = names.index(at) if at in names else 0
        widget = self.query_one(f"#field-{chosen}")
        widget.focus()
        if isinstance(widget, JsonField):
            widget.go_to_error()

    async def leave(self) -> None:
        """Show the text again."""
        self.item, self._fields, self._read = "", (), None
        self.remove_class("-editing")
        await self.query_one(ItemForm).remove_children()

    def take(self, fields: Sequence[Field], typed: str = "") -> None:
        """Take in what the fields are now.

        What is being typed stays as it is, though the draft may keep it in another form; what was changed
        from elsewhere, such as by undo, is shown.

        Args:
            fields: of the item being edited.
            typed: the name of the field that was typed in, if it was.
        """
        for number, (before, field) in enumerate(zip(self._fields, fields, strict=True)):
            widget = self.query_one(f"#field-{number}")
            if (
                field.text != before.text
                and field.name != typed
                and isinstance(widget, LineField | TextField | Choice)
            ):
                widget.show(field.text)
            self._show_error(number, field)
        self._fields = tuple(fields)

    def focused_field(self) -> Field | None:
        """Return the field that the keyboard is in."""
        for number, field in enumerate(self._fields):
            if self.query_one(f"#field-{number}").has_focus:
                return field
        return None

    def go(self, step: int) -> None:
        """Go to the next or previous field."""
        field = self.focused_field()
        if field is not None:
            at = (self._fields.index(field) + step) % len(self._fields)
            self.query_one(f"#field-{at}").focus()

    def _show_error(self, number: int, field: Field) -> None:
        words = "" if field.error is None else f"! {display_text(field.error.in_words())}"
        if words != self._errors.get(number, ""):
            self._errors[number] = words
            shown = self.query_one(f"#error-{number}", Static)
            shown.update(content(Text(words, WARNING)))
            shown.set_class(bool(words), "-shown")
        widget = self.query_one(f"#field-{number}")
        if isinstance(widget, JsonField):
            widget.mark(field.error)

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _changed(self, event: Input.Changed | TextArea.Changed) -> None:
        event.stop()
        widget = event.control
        if not self.editing or not isinstance(widget, LineField | TextField):
            return
        field = self._fields[int((widget.id or "").removeprefix("field-"))]
        before, text = widget.true, widget.typed()
        if text != before:
            self.post_message(self.Typed(self, self.item, field.name, text))

    @on(Choice.Chosen)
    def _chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        if self.editing:
            field = self._fields[int((event.choice.id or "").removeprefix("field-"))]
            self.post_message(self.Typed(self, self.item, field.name, event.choice.value))


def _label(field: Field) -> str:
    """Return a field's label with what can be typed, or what of it is not shown."""
    if field.kind == "list":
        return f"{field.label} (between commas)"
    if field.kind == "lines":
        return f"{field.label} (one a line)"
    if len(field.text) > SHOWN:
        return f"{field.label} (the first {SHOWN:,} of {len(field.text):,} characters; ctrl+o for all)"
    return field.label


def _widget(number: int, field: Field) -> LineField | TextField | Choice:
    name = f"field-{number}"
    if field.kind == "choice":
        # what a file from elsewhere holds may be none of them
        values = field.choices if field.text in field.choices else (field.text, *field.choices)
        return Choice([(one, one.replace("_", " ") or "not said") for one in values], field.text, id=name)
    if field.kind in LINES:
        return LineField(field.text, field.placeholder, id=name)
    if field.kind == "json":
        return JsonField(field.text, field.placeholder, id=name)
    return TextField(field.text, field.placeholder, id=name)
