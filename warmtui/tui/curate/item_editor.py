"""The right pane of the Curate screen: an item laid out to read, or a form to edit it in."""

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
from textual.reactive import var
from textual.widgets import Input, Label, Static, TextArea

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    DraftState,
    EditorField,
    Pick,
    apply,
    fields_of,
    heading,
)
from warmtui.curation.editing.state import find_item
from warmtui.display import display_text
from warmtui.model.template import BY_HAND
from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.curate.lists import EDIT, EDIT_EXTERNALLY, REMOVE
from warmtui.tui.text.styled_lines import json_marks
from warmtui.tui.widgets.cells import clean_in_place, clip
from warmtui.tui.widgets.fields import SHOWN, Choice, JsonField, LineField, TextField
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, WARNING, content

FIELD_LENGTH = 1_200
"""Most characters shown of a field; the editor and the preview have all of them."""
LINE_WIDTH = 300
"""Cells of a text on a line of its own, such as a title, which may have any length."""
MAX_NOTES = 4
"""Problems that are named above an item; n goes through all of them."""
LABEL_WIDTH = 12
"""Cells of a label beside its value, with the gap between them."""
CHOICE_KEYS = frozenset({"space", "h", "l"})
"""Printable keys that choose another value."""


def item_id_of(candidate: Candidate) -> str:
    """Return the id of the item that a candidate becomes: the kind for items that exist only once."""
    return str(getattr(candidate.record, "id", "") or candidate.kind)


def item_text(
    draft: DraftSession, item: str, candidate: Candidate | None, *, width: int, glyphs: Glyphs
) -> Text:
    """Lay out an item of the draft, or what a candidate would become.

    Args:
        draft: the draft.
        item: the item's id; empty when the cursor is on nothing that is picked.
        candidate: the candidate under the cursor, if there is one.
        width: cells of a line; short values are beside their label.
        glyphs: the signs to draw with.
    """
    state = draft.state
    if item:
        title = heading(state.seed, item)
        notes = [problem.text for problem in draft.problems() if problem.item == item][:MAX_NOTES]
    elif candidate is not None:
        item, state = item_id_of(candidate), apply(DraftState(), Pick((draft.offers[candidate.id],)))
        title = "Not picked; space picks it"
        notes = [f"reads like an instruction: {flag}" for flag in candidate.flags]
    else:
        return Text("Nothing is picked here yet.\n", "bold")
    text = Text(f"{clip(title, LINE_WIDTH)}\n", "bold")
    for note in notes:
        text.append(f"{clip(note, LINE_WIDTH)}\n", WARNING)
    for field in fields_of(state, item):
        _append_field(text, field, width, glyphs)
    if candidate is not None and candidate.reasons:
        text.append(f"{clip(', '.join(candidate.reasons), 3 * LINE_WIDTH)}\n", FAINT)
    found = find_item(state.seed, item)
    if found is not None:
        origin = found.item.provenance
        source = next((source for source in state.sources if source.id == origin.session_id), None)
        name = (source.title if source is not None else None) or origin.session_id
        message = f", id {clip(origin.message_id, LINE_WIDTH)}" if origin.message_id else ""
        words = f"From {clip(name, LINE_WIDTH)}{message} · o reads on there"
        if (seen := max(1 + len(found.item.also_seen), getattr(found.item, "seen", 1))) > 1:
            words = f"Seen in {seen} sessions. {words}"
        if origin == BY_HAND:
            words = "Written by hand"
        text.append(f"{clip(words, 3 * LINE_WIDTH)}\n", FAINT)
    return text


def _append_field(text: Text, field: EditorField, width: int, glyphs: Glyphs) -> None:
    value = field.text[:FIELD_LENGTH].rstrip("\n")
    if not value:
        # An empty field is shown only if its placeholder is sent instead.
        if field.placeholder:
            text.append(field.label.ljust(LABEL_WIDTH), MUTED)
            text.append(f"{field.placeholder} (written by warmtui)\n", FAINT)
        return
    beside = "\n" not in value and len(field.label) < LABEL_WIDTH and len(value) <= width - LABEL_WIDTH
    text.append(field.label.ljust(LABEL_WIDTH) if beside else f"{field.label}\n", MUTED)
    text.append_text(_json(value) if field.kind == "json" else Text(value)).append("\n")
    if len(field.text) > FIELD_LENGTH:
        text.append(f"{glyphs.more} {len(field.text) - FIELD_LENGTH:,} more characters\n", FAINT)
    if field.error is not None:
        text.append(f"! {field.error.in_words()}\n", ERROR)


def _json(value: str) -> Text:
    # Cleaning may move characters; the colours would then be on the wrong ones.
    if clean_in_place(value, lines=True) is None:
        return Text(value)
    text = Text()
    for number, (line, spans) in enumerate(zip(value.split("\n"), json_marks(value), strict=True)):
        text.append("\n" if number else "")
        start = len(text)
        text.append(line)
        for span in spans:
            text.stylize(span.style, start + span.start, start + span.end)
    return text


class FieldRow(Vertical):
    """One field of an item: its label, its input and, below, why its text is not valid."""

    error: var[str] = var("", init=False)
    """Why the text is invalid, as it is shown; empty if it is valid."""

    def __init__(self, item: str, field: EditorField) -> None:
        super().__init__()
        self.item, self.field = item, field
        self._input = _input(field)

    def compose(self) -> ComposeResult:
        """Lay out label, input and error."""
        yield Label(_label(self.field), markup=False)
        yield self._input
        yield Static("", classes="error", markup=False)

    def on_mount(self) -> None:
        """Show an error that is there from the start."""
        self._show_error()

    @property
    def in_use(self) -> bool:
        """Whether the input has the focus."""
        return self._input.has_focus

    def focus_input(self, *, at_error: bool = False) -> None:
        """Focus the input, if asked with the cursor on the invalid part."""
        self._input.focus()
        if at_error and isinstance(self._input, JsonField):
            self._input.go_to_error()

    def update_field(self, field: EditorField, *, typed: bool) -> None:
        """Show the field as it is in the new state of the draft.

        If the change was typed here, the input keeps its text, though the draft may store it in another form.
        """
        changed, self.field = field.text != self.field.text, field
        if changed and not typed:
            self._input.show(field.text)
        self._show_error()

    def _show_error(self) -> None:
        error = self.field.error
        self.error = "" if error is None else f"! {display_text(error.in_words())}"
        if isinstance(self._input, JsonField):
            self._input.mark(error)

    def watch_error(self, error: str) -> None:
        """Show the error, or hide its line."""
        line = self.query_one(".error", Static)
        line.update(content(Text(error, WARNING)))
        line.set_class(bool(error), "-shown")

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Choice.Chosen)
    def _changed(self, event: Message) -> None:
        event.stop()
        if isinstance(self._input, Choice):
            text = self._input.value
        else:
            before, text = self._input.true, self._input.typed()
            if text == before:
                return
        self.post_message(ItemEditor.Typed(self.item, self.field.name, text))


class ItemForm(Vertical):
    """The fields of the item that is being edited, at least one, below a title."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("field.next", "tab", "go(1)", "Next field", "next field", palette=False, also=("down",)),
        key("field.previous", "shift+tab", "go(-1)", "Previous field", palette=False, also=("up",)),
        key("field.outside", "ctrl+o", "outside", "Edit this field in $EDITOR", "$EDITOR", palette=False),
        key("field.leave", "escape", "leave", "Done editing", "done", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, item: str, title: str, fields: Sequence[EditorField]) -> None:
        super().__init__()
        self.item, self._title = item, title
        self.rows = tuple(FieldRow(item, field) for field in fields)

    def compose(self) -> ComposeResult:
        """Lay out the title and the fields."""
        yield Static(content(Text(self._title)), classes="title")
        yield from self.rows

    def name_item(self, title: str) -> None:
        """Show another title: a note of another kind has another name."""
        if title != self._title:
            self._title = title
            self.query_one(".title", Static).update(content(Text(title)))

    @property
    def names(self) -> list[str]:
        """The names of the fields."""
        return [row.field.name for row in self.rows]

    @property
    def focused_row(self) -> FieldRow | None:
        """The field that has the focus."""
        return next((row for row in self.rows if row.in_use), None)

    def on_key(self, event: events.Key) -> None:
        """Keep letters typed on a choice from the screen, where x would remove the item."""
        if isinstance(self.app.focused, Choice) and event.is_printable and event.key not in CHOICE_KEYS:
            event.stop()

    def action_go(self, step: int) -> None:
        """Go to the next or previous field, from the last to the first."""
        if (row := self.focused_row) is not None:
            self.rows[(self.rows.index(row) + step) % len(self.rows)].focus_input()

    def action_outside(self) -> None:
        """Ask the screen to edit the field in $EDITOR."""
        if (row := self.focused_row) is not None:
            self.post_message(ItemEditor.ExternalEditorWanted(self.item, row.field.name))

    def action_leave(self) -> None:
        """End editing."""
        self.post_message(ItemEditor.Left())


class ItemEditor(VerticalScroll, can_focus=True):
    """Shows the item under the cursor as text; `edit` puts a form in its place. Typing changes the draft."""

    DEFAULT_CSS = """
    ItemEditor { scrollbar-size: 1 1; }
    ItemEditor ItemForm, ItemEditor FieldRow { height: auto; }
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
        EDIT_EXTERNALLY,
        REMOVE,
        key("reading.down", "j", "scroll_down", "Down", palette=False),
        key("reading.up", "k", "scroll_up", "Up", palette=False),
        key("reading.left", "h", "screen.pane(-1)", "To the list", palette=False, also=("left",)),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    @dataclass
    class Typed(Message):
        """A field was changed by hand."""

        item: str
        field: str
        text: str

    @dataclass
    class Left(Message):
        """Editing ended with Esc."""

    @dataclass
    class ExternalEditorWanted(Message):
        """A field is to be edited in $EDITOR."""

        item: str
        field: str

    def __init__(self) -> None:
        super().__init__(id="editor", classes="pane")
        self._form: ItemForm | None = None
        self._text = Text()
        self._subject: object = None

    def compose(self) -> ComposeResult:
        """Lay out the text; a form is mounted when it is wanted."""
        yield Static("", id="reading", markup=False)

    def on_mount(self) -> None:
        """Follow the theme: a text keeps the colours of the theme it was made under."""
        reading = self.query_one("#reading", Static)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: reading.update(content(self._text)))

    # reading

    @property
    def item(self) -> str:
        """The id of the item that is being edited; empty while reading."""
        return "" if self._form is None else self._form.item

    @property
    def editing(self) -> bool:
        """Whether a form is shown."""
        return self._form is not None

    @property
    def text_width(self) -> int:
        """The cells of a line of the text."""
        return max(24, self.content_size.width or 24)

    def read(self, text: Text, subject: object) -> None:
        """Show a text while nothing is edited; a text of another subject is shown from its top."""
        if text != self._text or text.spans != self._text.spans:
            self._text = text
            self.query_one("#reading", Static).update(content(text))
        if subject != self._subject:
            self.scroll_home(animate=False)
        self._subject = subject

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what cannot run now."""
        return None if self.why_not(action, parameters) else super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty if it can."""
        if action in ("scroll_down", "scroll_up") and not self.allow_vertical_scroll:
            return "all of it is in sight"
        return ""

    # editing

    async def edit(self, item: str, title: str, fields: Sequence[EditorField], focus: str = "") -> None:
        """Show an item's fields in a form and focus one of them.

        Args:
            item: the item's id.
            title: a line that names the item.
            fields: its fields, at least one.
            focus: the name of the field to focus, the first otherwise; the cursor goes to what is not valid.
        """
        form = self._form
        if form is None or form.item != item or form.names != [field.name for field in fields]:
            await self._remove_form()
            form = ItemForm(item, title, fields)
            await self.mount(form)
            self._form = form
        else:
            self.update_fields(title, fields)
        self.add_class("-editing")
        form.rows[form.names.index(focus) if focus in form.names else 0].focus_input(at_error=True)

    async def leave(self) -> None:
        """Show the text again."""
        self._subject = None
        self.remove_class("-editing")
        await self._remove_form()

    async def _remove_form(self) -> None:
        form, self._form = self._form, None
        if form is not None:
            await form.remove()

    def update_fields(self, title: str, fields: Sequence[EditorField], typed: str = "") -> None:
        """Show the edited item as it is now; the input of the field typed in keeps its text."""
        if self._form is not None:
            self._form.name_item(title)
            for row, field in zip(self._form.rows, fields, strict=True):
                row.update_field(field, typed=field.name == typed)


def _label(field: EditorField) -> str:
    if field.kind == "list":
        return f"{field.label} (between commas)"
    if field.kind == "lines":
        return f"{field.label} (one a line)"
    if len(field.text) > SHOWN:
        return f"{field.label} (the first {SHOWN:,} of {len(field.text):,} characters; ctrl+o for all)"
    return field.label


def _input(field: EditorField) -> LineField | TextField | Choice:
    if field.kind == "choice":
        # A value from a foreign file may be none of the choices.
        values = field.choices if field.text in field.choices else (field.text, *field.choices)
        options = [(value, value.replace("_", " ") or "not said") for value in values]
        return Choice(options, field.text, id="input")
    if field.kind in ("line", "list"):
        return LineField(field.text, field.placeholder, id="input")
    if field.kind == "json":
        return JsonField(field.text, field.placeholder, id="input")
    return TextField(field.text, field.placeholder, id="input")
