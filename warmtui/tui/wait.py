"""A line that shows the progress of long work; Esc cancels it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.paint import MUTED, content
from warmtui.workspace.reader import OnProgress

T = TypeVar("T")
LOOKING = "Looking for what is worth keeping"
GIVEN_UP = "given up; nothing was changed"
AFTER_SECONDS = 0.5
"""Seconds of work before the line is shown."""


class WaitingScreen(ModalScreen[None]):
    """One line over the screen below, with the progress of the work.

    Args:
        words: what is being done; may hold untrusted text.
        of: how many things there are to do.
        give_up: called when Esc is pressed.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("waiting.cancel", "escape", "give_up", "Give it up", "cancel"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    DEFAULT_CSS = """
    WaitingScreen {
        align: center bottom;
        background: $background 40%;
        & > Static { width: 100%; height: 1; padding: 0 1; background: $panel; }
    }
    """

    def __init__(self, words: str, of: int, give_up: Callable[[], object]) -> None:
        super().__init__()
        self._words, self._of, self._give_up = words, of, give_up
        self._done = 0

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        yield Static(self._line())

    def show(self, done: int) -> None:
        """Show the progress."""
        self._done = done
        # The work may report progress before the line is mounted.
        for line in self.query(Static):
            line.update(self._line())

    def _line(self) -> Content:
        text = Text(f"{clip(self._words, max(8, self.app.size.width - 30))} … ")
        if self._of > 1:
            text.append(f"{self._done:,} of {self._of:,}  ")
        return content(text.append("esc gives it up", MUTED))

    def action_give_up(self) -> None:
        """Cancel the work."""
        self._give_up()


async def waited(app: App[None], words: str, of: int, work: Callable[[OnProgress], Awaitable[T]]) -> T | None:
    """Do work; show its progress once it takes long, and let Esc cancel it.

    Args:
        app: the app.
        words: what is being done.
        of: how many things there are to do.
        work: called with a function that takes its progress.

    Returns:
        The result of the work; None when it was cancelled.
    """
    screen: WaitingScreen | None = None

    def progress(done: int, of: int) -> None:
        if screen is not None:
            screen.show(done)

    task = asyncio.ensure_future(work(progress))
    try:
        await asyncio.wait([task], timeout=AFTER_SECONDS)
        if not task.done():
            screen = WaitingScreen(words, of, task.cancel)
            app.push_screen(screen)
            await asyncio.wait([task])
        return None if task.cancelled() else task.result()
    finally:
        task.cancel()
        if screen is not None and screen in app.screen_stack:
            await screen.dismiss()
