"""A long text with a line to search it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from warmtui.tui.commands import Command, bindings
from warmtui.tui.text.text_view import TextView

__all__ = ["DetailView", "TextView"]


class DetailView(Vertical):
    """A `TextView` that asks for words to search when `/` is pressed.

    Args:
        text: what to show first; `show` gives it another.
    """

    KEYS = (
        Command(
            id="text.end_search", key="escape", action="end_search", title="End the search", palette=False
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    DEFAULT_CSS = """
    DetailView {
        height: 1fr;
        & > Input { display: none; }
        &.-asking > Input { display: block; }
    }
    """

    def __init__(
        self,
        text: str = "",
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._view = TextView(text)
        self._input = Input(placeholder="search: enter keeps the matches, esc ends it", compact=True)

    @property
    def view(self) -> TextView:
        """The text itself; focus this."""
        return self._view

    def compose(self) -> ComposeResult:
        """Put the search line below the text."""
        yield self._view
        yield self._input

    def show(self, text: str, *, heading: Sequence[Text] = (), keep_place: bool = False) -> None:
        """Show another text; as `TextView.show`."""
        self._view.show(text, heading=heading, keep_place=keep_place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to the screen while nothing is searched."""
        return action != "end_search" or self.has_class("-asking") or bool(self._view.words)

    def action_end_search(self) -> None:
        """Forget the words and go back to the text."""
        self._close()
        self._input.clear()
        self._view.search("")

    def _close(self) -> None:
        self.remove_class("-asking")
        self._view.focus()

    @on(TextView.SearchAsked)
    def _ask(self, message: TextView.SearchAsked) -> None:
        message.stop()
        self.add_class("-asking")
        self._input.focus()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._view.search(message.value)

    @on(Input.Submitted)
    def _done(self, message: Input.Submitted) -> None:
        message.stop()
        self._close()
