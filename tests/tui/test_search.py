"""Free text in the sessions list: titles at once, messages through the index."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pilots import wait_for

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.screens.sessions import SessionsScreen
from warmtui.tui.screens.sessions_choosing import FilterSuggester
from warmtui.tui.screens.templates import TemplatesScreen
from warmtui.tui.screens.timeline import TimelineScreen
from warmtui.workspace import Workspace


@pytest.fixture
async def app(tmp_path: Path, recordings: Path) -> AsyncIterator[WarmtuiApp]:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        yield WarmtuiApp(workspace)


async def test_words_are_found_in_messages(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        screen = app.screen
        assert isinstance(screen, SessionsScreen)
        await wait_for(pilot, lambda: len(screen.rows) == 12 and not app.workspace.feed.waiting)
        await pilot.press("slash")
        await wait_for(pilot, lambda: screen.query_one("#filter").has_focus)
        await pilot.press(*"deploy.yml")
        await wait_for(pilot, lambda: len(screen.rows) == 1)
        only = screen.rows.session(0)
        assert only is not None
        assert only.header.title == "Failing deploy", "the word stands in a call's result only"


async def test_the_line_to_type_into_has_the_focus_at_once(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        screen = app.screen
        assert isinstance(screen, SessionsScreen)
        screen.action_filter()
        assert screen.focused is screen.query_one("#filter"), "letters typed fast would be keys of the list"
        await pilot.press("escape", "enter")
        await wait_for(pilot, lambda: isinstance(app.screen, TimelineScreen))
        timeline = app.screen
        assert isinstance(timeline, TimelineScreen)
        timeline.action_search()
        assert timeline.focused is timeline.query_one("#find")
        app.action_go("templates")
        await wait_for(pilot, lambda: isinstance(app.screen, TemplatesScreen))
        templates = app.screen
        assert isinstance(templates, TemplatesScreen)
        templates.action_filter()
        assert templates.focused is templates.query_one("#filter")


async def test_a_newer_search_ends_the_older(app: WarmtuiApp) -> None:
    workspace = app.workspace
    await workspace.refresh(force=True)
    turn = workspace._searcher.begin()
    paths = list({key.source for key in workspace.feed.rows})
    workspace._searcher.begin()
    assert workspace._searcher.search(turn, paths, "coupon") is None
    found = await workspace.search("coupon")
    assert found is not None
    assert len(found.keys) >= 1


async def test_fields_and_values_are_completed() -> None:
    suggester = FilterSuggester(lambda: {"channel": ["cli", "telegram"]})
    assert await suggester.get_suggestion("chan") == "channel:"
    assert await suggester.get_suggestion("channel:tel") == "channel:telegram"
    assert await suggester.get_suggestion("nothing like it") is None
