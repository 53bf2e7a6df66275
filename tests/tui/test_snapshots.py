"""About ten pictures of the app on the recordings, so that a change of looks is seen and meant."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from seeds import draft
from snapshots import FOLDER, expect_snapshot, picture, skip_where_it_looks_otherwise
from textual.app import App, ComposeResult
from textual.widgets import Static
from ui import MARATHON, TOTALS, Ui

from warmtui.model.template import Seed, SourceSession
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.help import HelpScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC).timestamp()
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
async def pictured(folder: Path, recordings: Path, shot: Shot) -> AsyncIterator[Ui]:
    """Run the app on the recordings and three saved versions, with no toasts and nothing that moves."""
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
        app = WarmtuiApp(workspace, ascii_only=shot.ascii_only)
        app.animation_level = "none"
        async with app.run_test(size=shot.size) as pilot:
            app.theme = shot.theme
            ui = Ui(app, pilot)
            (await ui.sessions()).table.goto(0)
            yield ui


async def sessions(ui: Ui) -> None:
    await ui.press("j")


async def help_(ui: Ui) -> None:
    await ui.screen(HelpScreen, "question_mark")


async def timeline(ui: Ui) -> None:
    await ui.app.push_screen(TimelineScreen(ui.key_of(MARATHON)))
    await ui.shows("messages")
    await ui.press("right_square_bracket", "space")


async def compare(ui: Ui) -> None:
    ui.app.compare(ui.key_of(MARATHON), ui.key_of(TOTALS))
    await ui.screen(CompareScreen, until=lambda screen: screen.comparison is not None)


async def templates(ui: Ui) -> None:
    await ui.screen(TemplatesScreen, "4", until=lambda screen: len(screen.rows) == 2)


async def curate(ui: Ui) -> None:
    await ui.goto(TOTALS)
    await ui.screen(CurateScreen, "c")
    await ui.press("a")


async def notes(ui: Ui) -> None:
    await templates(ui)
    screen = await ui.screen(CurateScreen, "e")
    await ui.press("tab", until=lambda: screen.item_list.has_focus)
    screen.item_list.goto_key("n3")


async def preview(ui: Ui) -> None:
    await curate(ui)
    await ui.screen(PreviewScreen, "p")


class Shot(NamedTuple):
    """One picture: how to get there, and what the app is drawn with."""

    go: Callable[[Ui], Awaitable[None]]
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
    "notes-80": Shot(notes, SMALL),
    "preview-120": Shot(preview, LARGE),
}


@pytest.mark.parametrize("name", SHOTS)
@pytest.mark.usefixtures("frozen")
async def test_it_looks_as_it_did(tmp_path: Path, recordings: Path, name: str) -> None:
    skip_where_it_looks_otherwise()
    skip_where_it_looks_otherwise()
    async with pictured(tmp_path, recordings, SHOTS[name]) as ui:
        await SHOTS[name].go(ui)
        await expect_snapshot(ui.pilot, name)


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
