"""About ten pictures of the app on the recordings, so that a change of looks is seen and meant."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pilots import expect_screen, screen_text, session_keys, wait_for
from seeds import draft
from snapshots import FOLDER, expect_snapshot, picture, skip_where_it_looks_otherwise
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from warmtui.model.template import Seed, SourceSession
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.help import HelpScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace
from warmtui.workspace.session_table import SessionKey

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC).timestamp()
MARATHON = "20261120_094736_8895c1"
TOTALS = "20261120_094657_b4cc5c"
SMALL, LARGE = (80, 24), (120, 36)


@pytest.fixture
def frozen() -> Iterator[None]:
    """Stop the clock that ages are told by, in one time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        patch.chdir("/")  # token counts hold the length of the folder's name
        patch.setattr(time, "time", lambda: NOW)
        yield
    time.tzset()


@asynccontextmanager
async def opened(
    folder: Path,
    recordings: Path,
    size: tuple[int, int],
    theme: str = "textual-dark",
    *,
    ascii_only: bool = False,
) -> AsyncIterator[tuple[WarmtuiApp, Pilot[None]]]:
    environ = {"HOME": "/home/ada", "WARMTUI_CONFIG": str(folder / "config.toml")}
    library = folder / "library.db"
    async with Workspace.open(
        sources=[str(recordings)], library=library, environ=environ, now=lambda: NOW
    ) as workspace:
        source = SourceSession(agent="hermes", id=MARATHON, title="Coupon marathon")
        await workspace.library.save(draft("review", Seed(system_context="Review for money rounding.")))
        await workspace.library.save(draft("shop", Seed(system_context="A shop.")))
        await workspace.library.save(
            draft("shop").model_copy(
                update={"sources": (source,), "tags": ("shop",), "description": "How the shop is built"}
            )
        )
        app = WarmtuiApp(workspace, ascii_only=ascii_only)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            app.theme = theme
            screen = await expect_screen(pilot, SessionsScreen)
            await wait_for(pilot, lambda: len(screen.rows) == 12 and not workspace.sessions.waiting)
            screen.table.goto(0)
            yield app, pilot


def session(app: WarmtuiApp, name: str) -> SessionKey:
    return next(key for key in app.workspace.sessions.table if key.id == name)


async def sessions(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("j")


async def help_(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("question_mark")
    await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen))


async def timeline(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    await app.push_screen(TimelineScreen(session(app, MARATHON)))
    await wait_for(pilot, lambda: "of 111" in screen_text(pilot) or "messages" in screen_text(pilot))
    await pilot.press("right_square_bracket", "space")


async def compare(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    app.compare(session(app, MARATHON), session(app, TOTALS))
    await wait_for(pilot, lambda: isinstance(app.screen, CompareScreen) and app.screen.comparison is not None)


async def templates(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("4")
    await wait_for(pilot, lambda: isinstance(app.screen, TemplatesScreen) and len(app.screen.rows) == 2)


async def curate(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    screen = app.screen
    assert isinstance(screen, SessionsScreen)
    screen.table.goto(session_keys(screen.rows).index(session(app, TOTALS)))
    await pilot.press("c")
    await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen))
    await pilot.press("a")


async def preview(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    await curate(app, pilot)
    await pilot.press("p")
    await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))


class Shot(NamedTuple):
    """One picture: how to get there, and what the app is drawn with."""

    go: Callable[[WarmtuiApp, Pilot[None]], Awaitable[None]]
    size: tuple[int, int]
    theme: str = "textual-dark"
    ascii_only: bool = False


SHOTS = {
    "sessions-80": Shot(sessions, SMALL),
    "sessions-120": Shot(sessions, LARGE),
    "sessions-ascii": Shot(sessions, SMALL, "ansi-dark", ascii_only=True),
    "sessions-high-contrast": Shot(sessions, SMALL, "high-contrast"),
    "help-80": Shot(help_, SMALL),
    "timeline-80": Shot(timeline, SMALL),
    "compare-120": Shot(compare, LARGE),
    "templates-80": Shot(templates, SMALL),
    "templates-120": Shot(templates, LARGE),
    "curate-120": Shot(curate, LARGE),
    "preview-120": Shot(preview, LARGE),
}


@pytest.mark.parametrize("name", SHOTS)
@pytest.mark.usefixtures("frozen")
async def test_it_looks_as_it_did(tmp_path: Path, recordings: Path, name: str) -> None:
    skip_where_it_looks_otherwise()
    shot = SHOTS[name]
    async with opened(tmp_path, recordings, shot.size, shot.theme, ascii_only=shot.ascii_only) as (
        app,
        pilot,
    ):
        await shot.go(app, pilot)
        await expect_snapshot(pilot, name)


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*")} == SHOTS.keys()


class Plain(App[None]):
    """A word, in a look."""

    def __init__(self, look: str) -> None:
        super().__init__()
        self.look = look

    def compose(self) -> ComposeResult:
        yield Static(f"[{self.look}]word[/] [dim]draft kept 3 s ago[/]")


async def test_a_picture_tells_looks_apart_and_leaves_out_how_long_ago() -> None:
    pictures: dict[str, Any] = {}
    for look in ("bold", "italic"):
        app = Plain(look)
        async with app.run_test(size=(40, 3)):
            pictures[look] = picture(app).split("=" * 20 + "\n")
    texts, styles, legends = zip(*pictures.values(), strict=True)
    assert texts[0] == texts[1] == "word\n\n\n"
    assert styles[0] == styles[1] == "aaaa\n\n\n"
    assert "bold" in legends[0]
    assert "italic" in legends[1]
