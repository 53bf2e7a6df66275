"""The fields of forms: a line, a text, JSON, a path, and a choice between a few values.

The first three take untrusted text: they show it sanitised and edit it unchanged. Textual's own inputs hand
escape sequences to the terminal, and its text area splits and joins lines at characters that nothing else
takes for line breaks. So these fields hold a text in which a harmless character replaces each such character,
and every edit made there is applied to the true text.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static, TextArea

from warmtui.curation.editing import InvalidText
from warmtui.display import COMBINING_CAP, display_text
from warmtui.tui.text.styled_lines import Span, json_marks
from warmtui.tui.widgets.cells import clean_in_place
from warmtui.tui.widgets.glyphs import ASCII, glyphs_of
from warmtui.tui.widgets.paint import MUTED, content, parse_style
from warmtui.workspace.path_completion import complete

SHOWN = 20_000
"""Characters that a text area holds; the rest stays unchanged, and $EDITOR can edit all of it."""
BAD = "reverse $text-error"


def shown_in_place(text: str, *, lines: bool = True) -> str:
    r"""Return a text that is safe to show, with one character for each.

    >>> shown_in_place("a\x1b[2J\u2028b")
    'a␛[2J�b'

    Args:
        text: anything.
        lines: whether line breaks and tabs stay; else they show as ⏎ and blank.
    """
    if lines and "\t" in text:
        return "\t".join(shown_in_place(part) for part in text.split("\t"))
    cleaned = clean_in_place(text, lines=lines)
    if cleaned is not None:
        return cleaned
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        shown = display_text(char) if lines or char != "\n" else "⏎"
        fits = len(shown) == 1 and marks <= COMBINING_CAP
        kept.append(shown if fits else " " if char == "\t" else "\ufffd")
    return "".join(kept)


def apply_edit(true: str, before: str, after: str) -> str:
    r"""Apply an edit made to the sanitised text to the original.

    >>> apply_edit("a\x1bb", "a␛b", "a␛xb")
    'a\x1bxb'

    Args:
        true: the text.
        before: as it was shown, character for character.
        after: as it is shown now; one piece of it differs.
    """
    # what both sides share is unchanged, so it is taken from the true text
    room = min(len(before), len(after))
    start = next((at for at in range(room) if before[at] != after[at]), room)
    room -= start
    end = next((at for at in range(room) if before[-1 - at] != after[-1 - at]), room)
    return true[:start] + after[start : len(after) - end] + true[len(true) - end :]


class LineField(Input):
    """One line.

    Args:
        text: what is edited; may hold anything.
        placeholder: what is sent while the field is empty.
    """

    def __init__(self, text: str, placeholder: str = "", *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(shown_in_place(text, lines=False), placeholder, id=id, select_on_focus=False)
        self.true = text
        self._before = self.value

    def validate_value(self, value: str) -> str:
        """Sanitise what is pasted or typed."""
        return shown_in_place(value, lines=False)

    def show(self, text: str) -> None:
        """Show another text without posting `Changed`."""
        self.true = text
        with self.prevent(Input.Changed):
            self.value = self._before = shown_in_place(text, lines=False)

    def typed(self) -> str:
        """Return the text with what was typed since the last call."""
        self.true = apply_edit(self.true, self._before, self.value)
        self._before = self.value
        return self.true


class TextField(TextArea):
    """Several lines.

    Args:
        text: what is edited; may hold anything.
        placeholder: what is sent while the field is empty.
    """

    def __init__(self, text: str, placeholder: str = "", *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(
            shown_in_place(text[:SHOWN]),
            id=id,
            soft_wrap=True,
            tab_behavior="focus",
            placeholder=placeholder,
            highlight_cursor_line=False,
        )
        self.true = text
        self._before = self.text
        self._rest = text[SHOWN:]

    def edit(self, edit: Edit) -> EditResult:
        """Sanitise what is pasted or typed."""
        edit.text = shown_in_place(edit.text)
        return super().edit(edit)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go a line down; from the last line, leave the key to the form."""
        if not select and self.navigator.is_last_wrapped_line(self.selection.end):
            raise SkipAction
        super().action_cursor_down(select)

    def action_cursor_up(self, select: bool = False) -> None:
        """Go a line up; from the first line, leave the key to the form."""
        if not select and self.navigator.is_first_wrapped_line(self.selection.end):
            raise SkipAction
        super().action_cursor_up(select)

    def show(self, text: str) -> None:
        """Show another text without posting `Changed`."""
        self.true, self._rest = text, text[SHOWN:]
        with self.prevent(TextArea.Changed):
            self.load_text(shown_in_place(text[:SHOWN]))
        self._before = self.text

    def typed(self) -> str:
        """Return the text with what was typed since the last call."""
        head = self.true[: len(self.true) - len(self._rest)]
        after = self.text
        self.true = apply_edit(head, self._before, after) + self._rest
        self._before = after
        return self.true


class JsonField(TextField):
    """JSON, coloured as it is typed, with a mark on the character that makes it invalid."""

    _marks: tuple[str, list[list[Span]]] = ("", [[]])
    _error: InvalidText | None = None

    def mark(self, error: InvalidText | None) -> None:
        """Mark where the text is not valid; None for a text that is."""
        if error != self._error:
            self._error = error
            self.notify_style_update()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """Return a line with its colours."""
        line = super().get_line(line_index)
        if self._marks[0] != (text := self.text):
            self._marks = text, json_marks(text)
        lines = self._marks[1]
        for span in lines[line_index] if line_index < len(lines) else ():
            if (
                span.style != MUTED
            ):  # a colour that is blended with the background has none to blend with here
                line.stylize(parse_style(span.style).rich_style, span.start, span.end)
        if self._error is not None and self._error.line == line_index + 1:
            if not line.plain:
                line.append(" ")
            at = min(max(self._error.column, 1), len(line)) - 1
            line.stylize(parse_style(BAD).rich_style, at, at + 1)
        return line

    def go_to_error(self) -> None:
        """Put the cursor where the text is not valid."""
        if self._error is not None and self._error.line:
            self.move_cursor((self._error.line - 1, max(0, self._error.column - 1)))


class PathInput(Input):
    """A path, from the current folder, absolute or from `~`.

    Right arrow at the end takes the whole of what is offered. Tab goes as far as is certain and says what
    fits; where it can do neither, it goes on to the next field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "complete", show=False)]

    @dataclass
    class Fits(Message):
        """Tab was pressed: the names that continue the input, none when there is only one."""

        names: tuple[str, ...]

    def __init__(self, value: str, *, placeholder: str = "", id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(value, placeholder=placeholder, id=id, classes="-line", suggester=_Paths())

    def action_complete(self) -> None:
        """Complete as far as is certain, else post the names that fit, else go to the next field."""
        found = complete(self.value)
        if found.text != self.value:
            self.value = found.text
            self.cursor_position = len(found.text)
            found = complete(found.text)
        elif len(found.fits) < 2:
            self.post_message(self.Fits(()))
            self.screen.focus_next()
            return
        self.post_message(self.Fits(found.fits if len(found.fits) > 1 else ()))


class _Paths(Suggester):
    """Suggests the first path that continues the input."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return a path that begins with the input."""
        found = await asyncio.to_thread(complete, value)
        if not found.fits or not value or value.endswith("/"):
            return None
        head = value[: value.rfind("/") + 1]
        return head + found.fits[0]


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

    class Chosen(Message):
        """Another value was chosen."""

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
        self.post_message(self.Chosen())

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
                self.post_message(self.Chosen())
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
