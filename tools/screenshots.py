"""Make the README's screenshots from the bundled recordings.

usage: python tools/screenshots.py [FOLDER]      (default: assets/screenshots)
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual.pilot import Pilot
from textual.widgets import Input

from warmtui.cli.care import recording
from warmtui.tui.app import WarmtuiApp
from warmtui.workspace import Workspace

SIZE = (140, 36)
NOW = 1_795_171_200.0
"""Just after the recordings, so that ages are the same in every picture."""


def svg(app: WarmtuiApp) -> str:
    """Return the screen as a picture in which every viewer keeps the spaces that text begins with."""
    return app.export_screenshot(title="warmtui").replace("<text ", '<text xml:space="preserve" ')


async def until(pilot: Pilot[Any], ready: Callable[[], object]) -> None:
    """Wait until something is on the screen, ten seconds at most."""
    for _ in range(500):
        if ready():
            break
        await pilot.pause(0.02)
    await pilot.pause(0.6)


async def shoot(folder: Path) -> None:
    """Go through the app and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        source = Path(home) / "state.db"
        shutil.copyfile(recording("state.db"), source)
        environ = {"HOME": home, "WARMTUI_LIBRARY": str(Path(home) / "library.db")}
        async with Workspace.open(sources=[str(source)], environ=environ, now=lambda: NOW) as workspace:
            app = WarmtuiApp(workspace)
            async with app.run_test(size=SIZE) as pilot:

                def picture(name: str) -> None:
                    (folder / f"{name}.svg").write_text(svg(app), encoding="utf-8")

                def on(name: str) -> Callable[[], bool]:
                    return lambda: type(app.screen).__name__ == name

                await until(
                    pilot, lambda: len(workspace.sessions.table) == 14 and not workspace.sessions.waiting
                )
                await until(pilot, on("SessionsScreen"))
                await pilot.press(*"jjjjjj")
                await pilot.pause(1.0)
                picture("sessions")
                await pilot.press("enter")
                await until(pilot, on("TimelineScreen"))
                await pilot.press("]", "]")  # to an error, so that the picture shows one read
                await pilot.pause(0.6)
                picture("timeline")
                await pilot.press("escape")
                await until(pilot, on("SessionsScreen"))
                await pilot.press("c")
                await until(pilot, on("CurateScreen"))
                await pilot.press("a", "tab", "j")
                await pilot.pause(1.0)
                picture("curate")
                await pilot.press("p")
                await until(pilot, on("PreviewScreen"))
                app.clear_notifications()
                await pilot.pause(0.5)
                picture("preview")
                await pilot.press("w")
                await until(pilot, on("Form"))
                app.screen.query_one("#ask-name", Input).value = "shop conventions"
                await pilot.press("enter")
                await until(pilot, on("PreviewScreen"))
                await pilot.press("1")
                await until(pilot, on("SessionsScreen"))
                await pilot.press("4")
                await until(pilot, on("TemplatesScreen"))
                app.clear_notifications()
                await pilot.pause(0.8)
                picture("templates")


if __name__ == "__main__":
    with patch("time.time", lambda: NOW):
        asyncio.run(shoot(Path(sys.argv[1] if len(sys.argv) > 1 else "assets/screenshots")))
