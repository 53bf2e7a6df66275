"""A row source and an app around one list, for tests of what a list does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widgets import Footer

from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.paint import Line


class Words(RowSource):
    """Rows of one line each, named by themselves; counts how often each is drawn."""

    def __init__(self, words: Iterable[str], *, head: str | None = None) -> None:
        self.words = list(words)
        self.head = head
        self.drawn: list[str] = []

    def __len__(self) -> int:
        return len(self.words)

    def key(self, index: int) -> str:
        return self.words[index]

    def header(self, width: int) -> Line | None:
        return None if self.head is None else Text(self.head)

    def selectable(self, index: int) -> bool:
        return not self.words[index].startswith("#")

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        self.drawn.append(self.words[index])
        return [Text(self.words[index])]


class Folded(Words):
    """Rows that unfold to as many lines as `open` says."""

    variable: ClassVar[bool] = True

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(words)
        self.open: dict[str, int] = {}

    def height(self, index: int) -> int:
        return self.open.get(self.words[index], 1)

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        word = self.words[index]
        return [Text(word), *(Text(f"  {word} line {number}") for number in range(1, self.height(index)))]


class ListApp(App[None]):
    """One focused list; what it says is kept."""

    def __init__(self, make: Callable[[], RowList], *, footer: bool = False) -> None:
        super().__init__()
        self.make = make
        self.footer = footer
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.make()
        if self.footer:
            yield Footer()

    def on_mount(self) -> None:
        self.list.focus()

    @property
    def list(self) -> RowList:
        return self.query_one(RowList)

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self.said.append(message)

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        self.said.append(message)

    def on_row_list_marked(self, message: RowList.Marked) -> None:
        self.said.append(message)

    def on_row_list_sideways(self, message: RowList.Sideways) -> None:
        self.said.append(message)

    def on_row_list_header_clicked(self, message: RowList.HeaderClicked) -> None:
        self.said.append(message)

    def last(self, kind: type[Any]) -> Any:
        """Return the last message of a kind; fails when there was none."""
        return [message for message in self.said if isinstance(message, kind)][-1]


def numbered(count: int) -> list[str]:
    """Return so many words: w0, w1, …"""
    return [f"w{number}" for number in range(count)]
