"""The app comes back to where it was left: screen, session, sort, filter, theme."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from curating import curating, focused_field
from kept_drafts import drafts_in
from pilots import screen_text, wait_for
from seeds import draft
from textual.pilot import Pilot
from textual.widgets import Input

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.ui_state import KEY, Place, recall, remember, resumed
from warmtui.workspace import Workspace

pytestmark = pytest.mark.slow

Started = Callable[[], AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def started(tmp_path: Path, recordings: Path) -> Started:
    """Starts the app on one library, and keeps where it was left, as the command does."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Pilot[None]]:
        environ = {"HOME": str(tmp_path), "WARMTUI_CONFIG": str(tmp_path / "config.toml")}
        library = tmp_path / "library.db"
        async with Workspace.open(sources=[str(recordings)], library=library, environ=environ) as workspace:
            await workspace.library.save(draft("shop"))
            app = WarmtuiApp(workspace)
            async with app.run_test(size=(120, 30)) as pilot:
                await wait_for(
                    pilot,
                    lambda: isinstance(
                        app.screen_stack[-1], SessionsScreen | TemplatesScreen | TimelineScreen
                    ),
                )
                yield pilot
                await pilot.press("q")
            assert app.place is not None
            await remember(workspace, app.place)

    return start


async def listed(pilot: Pilot[Any]) -> SessionsScreen:
    """Return the list once it is there."""
    stack = pilot.app.screen_stack
    await wait_for(
        pilot, lambda: any(isinstance(screen, SessionsScreen) and len(screen.rows) > 3 for screen in stack)
    )
    return next(screen for screen in stack if isinstance(screen, SessionsScreen))


def of(pilot: Pilot[Any]) -> WarmtuiApp:
    """Return the app that is driven."""
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    return app


async def test_sort_filter_theme_and_cursor_are_as_they_were(started: Started) -> None:
    async with started() as pilot:
        screen = await listed(pilot)
        pilot.app.theme = "nord"
        await pilot.press("s", "S", "slash")
        await wait_for(pilot, lambda: screen.query_one("#filter").has_focus)
        await pilot.press(*"messages>5", "enter")
        await wait_for(pilot, lambda: screen.table.has_focus)
        screen.table.goto(2)
        sort, reverse, row = screen.rows.sort, screen.rows.reverse, screen.table.current()
    assert row is not None
    async with started() as pilot:
        screen = await listed(pilot)
        await wait_for(
            pilot, lambda: (now := screen.table.current()) is not None and now.key == row.key, "the row"
        )
        assert (screen.rows.sort, screen.rows.reverse) == (sort, reverse)
        assert screen.query_one("#filter", Input).value == "messages>5"
        assert pilot.app.theme == "nord"


async def test_what_was_chosen_is_kept_before_there_is_any_template(tmp_path: Path, recordings: Path) -> None:
    environ = {"HOME": str(tmp_path), "COLORTERM": "truecolor"}
    library = tmp_path / "library.db"
    for press, kept in (("j", ""), ("s", "score"), ("", "score")):
        async with Workspace.open(sources=[str(recordings)], library=library, environ=environ) as workspace:
            app = WarmtuiApp(workspace)
            async with app.run_test(size=(120, 30)) as pilot:
                screen = await listed(pilot)
                await pilot.press(*press, "q")
            assert app.place is not None
            await remember(workspace, app.place)
            assert library.exists() is bool(kept), "looking about makes no library"
            assert screen.rows.sort == (kept or "age")


async def test_it_comes_back_to_the_templates(started: Started) -> None:
    async with started() as pilot:
        await listed(pilot)
        await pilot.press("4")
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, TemplatesScreen))
    async with started() as pilot:
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, TemplatesScreen))
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, SessionsScreen))
    async with started() as pilot:
        await listed(pilot)
        assert isinstance(pilot.app.screen, SessionsScreen)


async def test_it_comes_back_to_the_timeline_of_the_same_session(started: Started) -> None:
    async with started() as pilot:
        screen = await listed(pilot)
        await pilot.press("j", "j", "j")
        row = screen.table.current()
        assert row is not None
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, TimelineScreen))
    async with started() as pilot:
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, TimelineScreen))
        assert isinstance(pilot.app.screen, TimelineScreen)
        assert pilot.app.screen.session_key == row.key
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, SessionsScreen))


async def test_a_theme_in_the_settings_goes_before_the_last_one(started: Started, tmp_path: Path) -> None:
    async with started() as pilot:
        await listed(pilot)
        pilot.app.theme = "nord"
    (tmp_path / "config.toml").write_text('theme = "dracula"\n')
    async with started() as pilot:
        await listed(pilot)
        assert pilot.app.theme == "dracula"


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        '{"screen": 7, "session": [1, 2], "sort": null}',
        '{"session": ["gone", "gone"], "screen": "no"}',
    ],
)
async def test_a_place_that_is_gone_or_makes_no_sense_is_the_beginning(
    started: Started, tmp_path: Path, kept: str
) -> None:
    async with Workspace.open(library=tmp_path / "library.db", environ={"HOME": str(tmp_path)}) as workspace:
        await workspace.library.save(draft("shop"))
        await workspace.library.put_draft(KEY, kept)
        assert (await recall(workspace)).sort == Place().sort
    async with started() as pilot:
        screen = await listed(pilot)
        assert pilot.app.screen is screen
        assert screen.table.cursor == 0


async def test_2_goes_on_with_the_draft_that_was_being_edited(started: Started) -> None:
    async with started() as pilot:
        app = of(pilot)
        assert "no draft is open" in app.why_not("go", ("curate",))
        await listed(pilot)
        screen = await curating(pilot)
        await pilot.press("a", "e")
        await wait_for(pilot, lambda: focused_field(screen) is not None)
        await pilot.press(*"half a wo", "escape")
        await wait_for(pilot, lambda: not screen.draft.unsaved and screen.draft.autosaved_at is not None)
        before = screen.draft.state.seed
    for key, kind in (("2", CurateScreen), ("3", PreviewScreen)):
        async with started() as pilot:
            app = of(pilot)
            await listed(pilot)
            await wait_for(pilot, lambda: "key 2 opens it" in screen_text(pilot))
            await pilot.press(key)
            await wait_for(pilot, lambda: isinstance(pilot.app.screen, kind))  # noqa: B023 - in this turn
            assert app.draft is not None
            assert app.draft.state.seed == before
            assert "half a wo" in before.recoveries[0].before


@pytest.mark.parametrize("name", ["sessions:20200101_000000_gone", "template:t_gone"])
async def test_a_draft_of_what_is_gone_says_so_and_stays(started: Started, name: str) -> None:
    async with started() as pilot:
        await of(pilot).workspace.library.put_draft(name, "{}")
    async with started() as pilot:
        app = of(pilot)
        await listed(pilot)
        await wait_for(pilot, lambda: app.kept_draft == name)
        await pilot.press("2")
        await wait_for(pilot, lambda: any(toast.severity == "warning" for toast in app._notifications))
        assert isinstance(app.screen, SessionsScreen)
        assert name in [kept.key for kept in drafts_in(app.workspace.library.path)]


async def test_a_draft_kept_beside_another_apps_opens_the_same_template(started: Started) -> None:
    async with started() as pilot:
        workspace = of(pilot).workspace
        await listed(pilot)
        [shop] = [template.id for template in (await workspace.library.listing()).templates]
        draft_session = await resumed(workspace, f"template:{shop}#2")
        assert draft_session.state.base is not None
        assert draft_session.state.base.template_id == shop
