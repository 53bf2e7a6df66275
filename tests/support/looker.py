"""Leading hostile sessions and templates through the app, and looking at everything that is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

from hostile import fill_library, write_sessions
from pilots import hostile_characters, screen_text, session_keys, wait_for
from textual.pilot import Pilot
from textual.screen import Screen

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.workspace import Workspace

S = TypeVar("S", bound=Screen[Any])


class Looker:
    """Drives the app and looks at every screen it comes to."""

    def __init__(self, app: WarmtuiApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def look(self, *keys: str, until: Callable[[], object] | None = None, what: str = "") -> None:
        """Press keys one by one; look at the screen after each, and once more when something holds."""
        for key in keys:
            await self.pilot.press(key)
            self.expect_harmless(key)
        if until is not None:
            await wait_for(self.pilot, until, what or f"what follows {keys}")
        self.expect_harmless(what or str(keys))

    async def to(self, kind: type[S], *keys: str, until: Callable[[S], object] = lambda _: True) -> S:
        """Press keys and wait for a kind of screen on which something holds; return it."""
        await self.look(
            *keys,
            until=lambda: isinstance(screen := self.app.screen, kind) and screen.is_mounted and until(screen),
            what=f"{kind.__name__} after {keys}",
        )
        screen = self.app.screen
        assert isinstance(screen, kind)
        return screen

    def expect_harmless(self, after: str) -> None:
        """Assert that nothing on the screen acts."""
        width, _height = self.app.size
        for strip in self.app.screen._compositor.render_strips():
            assert not hostile_characters(strip.text), f"after {after}: {strip.text!r}"
            assert strip.cell_length == width, f"after {after}: {strip.text!r}"
            for segment in strip:
                style = segment.style
                assert style is None or not style.link, f"after {after}: a link in {segment.text!r}"
                clicked = str(style.meta.get("@click", "")) if style is not None else ""
                assert "quit" not in clicked, f"after {after}: a button in {segment.text!r}"

    def shows(self, words: str) -> bool:
        """Return whether words are on the screen; they are never, when it hides what it should show."""
        return words in screen_text(self.pilot).replace("\n", "")

    async def sessions(self, count: int = 6) -> SessionsScreen:
        """Wait for the list with all its figures."""
        feed = self.app.workspace.sessions.feed
        return await self.to(
            SessionsScreen, until=lambda screen: len(screen.rows) == count and not feed.waiting
        )

    async def on_session(self, name: str) -> SessionsScreen:
        """Put the cursor on a session."""

        def listed(screen: SessionsScreen) -> list[str]:
            return [key.id for key in session_keys(screen.rows)]

        feed = self.app.workspace.sessions.feed
        screen = await self.to(
            SessionsScreen, until=lambda screen: name in listed(screen) and not feed.waiting
        )
        screen.table.goto(listed(screen).index(name))
        return screen


async def opened(folder: Path, *, big: bool = False) -> AsyncIterator[WarmtuiApp]:
    """Yield the app on hostile sessions and templates.

    Args:
        folder: where they are written.
        big: also texts of 5 MB and of 250,000 lines.
    """
    write_sessions(folder / "state.db", big=big)
    environ = {
        "HOME": str(folder),
        "WARMTUI_LIBRARY": str(folder / "library.db"),
        "HERMES_HOME": str(folder / "hermes"),
    }
    await fill_library(folder / "library.db")
    async with Workspace.open(sources=[str(folder / "state.db")], environ=environ) as workspace:
        yield WarmtuiApp(workspace)
