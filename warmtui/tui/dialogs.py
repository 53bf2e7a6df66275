"""Questions over a screen: a form with fields, and answers to choose by letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.text_list import Piece, TextRows
from warmtui.tui.widgets.fields import Choice, PathInput
from warmtui.tui.widgets.paint import ACCENT, WARNING, content
from warmtui.workspace.settings import SettingProblem

NAMES_SHOWN = 24
"""How many matching file names are listed; more would fill the dialog."""


class FormField(NamedTuple):
    """One field of a form."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    options: tuple[tuple[str, str], ...] = ()
    """The choices, each value with its label; empty for a field to type in."""
    path: bool = False
    """It is a path, completed while it is typed."""


class Form(ModalScreen[dict[str, str] | None]):
    """A form; its result is the fields by name, or None if the person left it.

    Args:
        title: what it is about.
        fields: its fields.
        note: a line below them.
        answer: what Enter does, for the line of keys.
        describe: returns what the answer would do, shown below the fields as they are filled; untrusted text
            in it is cleaned.
        warning: what the person should know before answering, in the colour of warnings.
        first: the name of the field that gets the focus; empty for the first one.
    """

    DEFAULT_CSS = """
    Form { align: center middle; }
    Form > VerticalScroll {
        width: 72; max-width: 96%; height: auto; max-height: 96%;
        padding: 1 2; background: $panel; border: round $primary; scrollbar-size: 1 1;
    }
    Form Label { margin-top: 1; color: $text-muted; }
    Form Input { border: none; height: 1; padding: 0 1; background: $boost; }
    Form Input:focus { border: none; }
    Form .title { text-style: bold; }
    Form .keys { margin-top: 1; color: $text-muted; }
    Form .description { margin-top: 1; }
    Form .fits { color: $text-muted; display: none; }
    Form .fits.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", show=False),
        Binding("enter", "answer", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("ctrl+s", "answer", show=False),
    ]

    def __init__(
        self,
        title: str,
        fields: Sequence[FormField],
        *,
        note: str = "",
        answer: str = "save",
        describe: Callable[[Mapping[str, str]], str] | None = None,
        warning: str = "",
        first: str = "",
    ) -> None:
        super().__init__()
        self._title, self._fields, self._note, self._answer = title, tuple(fields), note, answer
        self._describe, self._warning, self._first = describe, warning, first
        self._inputs = {field.name: _input(field) for field in fields}

    def compose(self) -> ComposeResult:
        """Lay out the fields."""
        with VerticalScroll(can_focus=False):
            yield Static(content(Text(self._title)), classes="title")
            for field in self._fields:
                yield Label(field.label, markup=False)
                yield self._inputs[field.name]
                if field.path:
                    yield Static("", classes="fits", markup=False)
            if self._describe is not None:
                yield Static("", classes="description", markup=False)
            if self._warning:
                yield Static(content(Text(f"! {self._warning}", WARNING)), classes="description")
            if self._note:
                yield Static(content(Text(self._note)), classes="keys")
            yield Static(self._keys(), classes="keys", markup=False)

    def _keys(self) -> str:
        keys = [f"enter {self._answer}"]
        if len(self._fields) > 1:
            keys.append("up and down between fields")
        if any(field.options for field in self._fields):
            keys.append("left and right choose")
        if any(field.path for field in self._fields):
            keys.append("tab or right completes")
        return " · ".join([*keys, "esc back"])

    def on_mount(self) -> None:
        """Focus the field that is asked first, and say what the answer would do."""
        if self._first:
            self._inputs[self._first].focus()
        # is_mounted, which the description waits for, becomes true only after this
        self.call_after_refresh(self._update_description)

    def values(self) -> dict[str, str]:
        """Return the values of the fields by name."""
        return {name: field.value.strip() for name, field in self._inputs.items()}

    @on(Input.Changed)
    @on(Choice.Chosen)
    def _update_description(self) -> None:
        if self._describe is not None and self.is_mounted:
            words = self._describe(self.values())
            self.query_one(".description", Static).update(content(Text(words)))

    @on(PathInput.Fits)
    def _fits(self, event: PathInput.Fits) -> None:
        more = f" and {len(event.names) - NAMES_SHOWN} more" if len(event.names) > NAMES_SHOWN else ""
        line = self.query_one(".fits", Static)
        line.set_class(bool(event.names), "-shown")
        line.update(content(Text("  ".join(event.names[:NAMES_SHOWN]) + more)))

    def action_answer(self) -> None:
        """Answer with the values of the fields."""
        self.dismiss(self.values())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer()


def _input(field: FormField) -> Choice | Input:
    name = f"ask-{field.name}"
    if field.options:
        return Choice(field.options, field.value, id=name)
    if field.path:
        return PathInput(field.value, placeholder=field.placeholder, id=name)
    return Input(field.value, placeholder=field.placeholder, id=name, classes="-line")


class Answer(NamedTuple):
    """One answer."""

    key: str
    """The letter of the answer, which the dialog returns."""
    words: str


class Choose(ModalScreen[str | None]):
    """A dialog with answers to choose by letter, or with the arrows and Enter; None when it was left.

    Args:
        title: the question.
        answers: in their order; none of their letters is j or k, which move.
        reading: the text to read first, in a list of its own, to which Tab goes.
    """

    DEFAULT_CSS = """
    Choose { align: center middle; }
    Choose > Vertical {
        width: 96%; max-width: 110; height: auto; max-height: 96%;
        padding: 1 2; background: $panel; border: round $primary;
    }
    Choose.-short > Vertical { max-width: 72; }
    Choose .title { text-style: bold; margin-bottom: 1; }
    Choose RowList { height: auto; max-height: 100%; min-height: 4; background: $panel; }
    Choose #reading { height: 1fr; margin-bottom: 1; }
    Choose.-reading > Vertical { height: 96%; }
    Choose OptionList { height: auto; border: none; padding: 0; background: $panel; }
    Choose OptionList:focus { border: none; }
    Choose .keys { margin-top: 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", show=False),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
    ]

    def __init__(self, title: str, answers: Sequence[Answer], *, reading: Sequence[Piece] = ()) -> None:
        super().__init__(classes="-reading" if reading else "-short")
        self._title, self._answers, self._reading = title, tuple(answers), tuple(reading)

    def compose(self) -> ComposeResult:
        """Lay out the question, the text to read, and the answers."""
        with Vertical():
            yield Static(content(Text(self._title)), classes="title")
            if self._reading:
                yield RowList(TextRows(self._reading), id="reading")
            yield OptionList(*map(_option, self._answers), id="answers")
            reading = "tab to the text and back · " if self._reading else ""
            yield Static(f"{reading}the letter, or enter on one · esc back", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Focus the answers, the first highlighted."""
        answers = self.query_one(OptionList)
        answers.highlighted = 0
        answers.focus()

    def on_key(self, event: events.Key) -> None:
        """Answer by letter."""
        if any(answer.key == event.key for answer in self._answers):
            event.stop()
            self.dismiss(event.key)

    def action_step(self, step: int) -> None:
        """Go down or up among the answers."""
        answers = self.query_one(OptionList)
        (answers.action_cursor_down if step > 0 else answers.action_cursor_up)()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)


def _option(answer: Answer) -> Option:
    line = Text.assemble((f"{answer.key}  ", f"bold {ACCENT}"), answer.words)
    return Option(content(line), id=answer.key)


def settings_dialog(path: Path, problems: tuple[SettingProblem, ...]) -> Choose:
    """Return a dialog about the settings file, in the words of `warmtui doctor`.

    Args:
        path: the file; it need not exist.
        problems: those that were found in it when the app started.

    Returns:
        The dialog; its answer is `c` to copy the path.
    """
    # Only this dialog needs the checks; they would slow the start of the app.
    from warmtui.workspace.doctor import settings_checks

    findings = [
        Piece(f"{finding.text}. {finding.remedy}" if finding.remedy else finding.text)
        for finding in settings_checks(path, problems)
    ]
    how = "One TOML file: theme, signs, thresholds, paths, keys. It is read when warmtui starts."
    answers = (Answer("c", "copy its path"),)
    return Choose(f"Settings: {path}", answers, reading=[*findings, Piece(""), Piece(how)])
