"""A question with a few answers, a key each, and a text to read before answering."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.text_rows import Piece, TextRows
from warmtui.tui.widgets.paint import ACCENT, content
from warmtui.workspace.settings import SettingProblem


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
        Binding("escape", "leave", "back", show=False),
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
            yield OptionList(
                *(Option(content(_line(answer)), id=answer.key) for answer in self._answers), id="answers"
            )
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

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)


def _line(answer: Answer) -> Text:
    return Text().append(f"{answer.key}  ", f"bold {ACCENT}").append(answer.words)


def settings_dialog(path: Path, problems: tuple[SettingProblem, ...]) -> Choose:
    """Return a dialog about the settings file, in the words of doctor; it answers with `c` to copy its path.

    Args:
        path: the file; it need not exist.
        problems: in the settings, found when the app started.
    """
    # only this dialog needs the checks
    from warmtui.workspace.doctor import settings_checks

    findings = [
        Piece(f"{finding.text}. {finding.remedy}" if finding.remedy else finding.text)
        for finding in settings_checks(path, problems)
    ]
    how = "One TOML file: theme, signs, thresholds, paths, keys. It is read when warmtui starts."
    answers = (Answer("c", "copy its path"),)
    return Choose(f"Settings: {path}", answers, reading=[*findings, Piece(""), Piece(how)])
