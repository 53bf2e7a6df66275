"""What every test of the app needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from textual.scrollbar import ScrollBar
from ui import Check, Ui, running
from workspaces import workspace_in

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
def source(recordings: Path) -> Path:
    """The sessions that the app is on; a module may have its own."""
    return recordings


@pytest.fixture
def settings() -> str:
    """The settings file; a test may be parametrized with its own."""
    return ""


@pytest.fixture
async def workspace(
    tmp_path: Path, source: Path, settings: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Workspace]:
    """A workspace with a home, a library and a current folder of its own."""
    monkeypatch.chdir(tmp_path)
    if settings:
        (tmp_path / "config.toml").write_text(settings)
    async with workspace_in(tmp_path, source) as workspace:
        yield workspace


@pytest.fixture
def ascii_only() -> bool:
    """Whether the app shows ASCII alone; a test may be parametrized with True."""
    return False


@pytest.fixture
def app(workspace: Workspace, ascii_only: bool) -> WarmtuiApp:
    """The app, not yet running."""
    return WarmtuiApp(workspace, ascii_only=ascii_only)


@pytest.fixture
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Columns and lines of the terminal, as `pytest.mark.size` says."""
    marker = request.node.get_closest_marker("size")
    return marker.args if marker is not None else (120, 30)


@pytest.fixture
def check() -> Check | None:
    """What looks at the app after each key; a module may have its own."""
    return None


@pytest.fixture
async def ui(app: WarmtuiApp, size: tuple[int, int], check: Check | None) -> AsyncIterator[Ui]:
    """The app, running."""
    async with running(app, size, check) as ui:
        yield ui
