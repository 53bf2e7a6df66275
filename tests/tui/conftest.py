"""What every test of the app needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual.scrollbar import ScrollBar

from warmtui.tui.app import WarmtuiApp
from warmtui.workspace import Workspace


@pytest.fixture(autouse=True)
def _colours_and_signs_as_they_were(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take away what a developer's terminal says, and undo what ASCII mode sets for all scrollbars."""
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)
    before = ScrollBar.renderer
    yield
    ScrollBar.renderer = before


@pytest.fixture
async def app(tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WarmtuiApp]:
    """The app on the recordings, with a home, a library and a current folder of its own."""
    monkeypatch.chdir(tmp_path)
    environ = {
        "HOME": str(tmp_path),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
        "HERMES_HOME": str(tmp_path / "hermes"),
    }
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        yield WarmtuiApp(workspace)
