"""What every screen has: its workers end before its widgets go."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static
from ui import opened

from warmtui.tui.base_screen import BaseScreen


class Lingering(Widget):
    """A widget that takes its time to leave, so that its neighbours are gone while the screen still is."""

    def __init__(self) -> None:
        super().__init__()
        self.leaving = asyncio.Event()

    async def on_unmount(self) -> None:
        self.leaving.set()
        await asyncio.sleep(0.1)


class Waiting(BaseScreen):
    """A screen whose worker draws once what it waits for is there."""

    def __init__(self) -> None:
        super().__init__()
        self.lingering = Lingering()
        self.drawn: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("words", id="words")
        yield self.lingering

    async def draw(self) -> None:
        """Draw when the other widgets are gone already."""
        await self.lingering.leaving.wait()
        await asyncio.sleep(0.01)
        self.drawn.append(str(self.query_one("#words", Static).visual))

    def on_mount(self) -> None:
        self.run_worker(self.draw())


@pytest.mark.parametrize("leave", ["back", "end"])
async def test_a_screen_that_is_left_draws_no_more(tmp_path: Path, leave: str) -> None:
    async with opened(tmp_path) as ui:
        screen = Waiting()
        await ui.app.push_screen(screen)
        await ui.until(lambda: screen.query("#words"), "the screen")
        if leave == "back":
            await ui.app.pop_screen()
    assert not screen.laid_out
    assert screen.lingering.leaving.is_set()
    assert screen.drawn == []
