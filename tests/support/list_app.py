"""A row source and an app around one list, for tests of what a list does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from pilots import screen_lines, screen_text, wait_for
from rich.text import Text
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
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


class ListUi:
    """A list on a terminal: keys in, and what it draws."""

    def __init__(self, app: ListApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def list(self) -> RowList:
        """The list."""
        return self.app.list

    @property
    def source(self) -> Words:
        """Where the rows of the list come from."""
        assert isinstance(self.list.source, Words)
        return self.list.source

    @property
    def lines(self) -> Sequence[str]:
        """What is on the screen, a string per line."""
        return screen_lines(self.pilot)

    @property
    def text(self) -> str:
        """What is on the screen, lines without their trailing blanks."""
        return screen_text(self.pilot)

    @property
    def cursor(self) -> tuple[int, str]:
        """The screen line that bears the cursor's sign, and its word."""
        found = [
            (y, (*line[1:].strip(" ●").split(), "")[0])
            for y, line in enumerate(self.lines)
            if line.startswith("▸")
        ]
        assert len(found) == 1, self.lines
        return found[0]

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until they are done."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def click(self, x: int, y: int, **how: Any) -> None:
        """Click on a cell of the list, and wait until that is done."""
        await self.pilot.click(RowList, offset=(x, y), **how)
        await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()

    async def goto(self, *indices: int) -> None:
        """Put the cursor on rows, one after the other."""
        for index in indices:
            self.list.goto(index)
        await self.pilot.pause()

    async def put(self, words: Iterable[str]) -> None:
        """Give the list other rows."""
        self.source.words = [*words]
        self.list.refresh_rows()
        await self.pilot.pause()

    async def pause(self) -> None:
        """Wait until everything is done and drawn."""
        await self.pilot.pause()

    async def until(self, predicate: Callable[[], object], what: str = "") -> None:
        """Wait until the predicate holds."""
        await wait_for(self.pilot, predicate, what)


@asynccontextmanager
async def shown(
    rows: int | RowSource, *, size: tuple[int, int] = (40, 10), app: type[ListApp] = ListApp, **options: Any
) -> AsyncIterator[ListUi]:
    """Show a list of rows, or of so many words, on a terminal of so many columns and lines."""
    source = Words(numbered(rows)) if isinstance(rows, int) else rows
    listing = app(lambda: RowList(source, **options))
    async with listing.run_test(size=size) as pilot:
        yield ListUi(listing, pilot)


def numbered(count: int) -> list[str]:
    """Return so many words: w0, w1, …"""
    return [f"w{number}" for number in range(count)]
