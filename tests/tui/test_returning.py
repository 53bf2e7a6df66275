"""The app comes back to where it was left: screen, session, sort, filter, theme."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from kept_drafts import drafts_in
from seeds import draft
from textual.widgets import Input
from ui import Ui, focused_field, running
from workspaces import workspace_in

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.ui_state import KEY, Place, recall, remember, resume_draft

pytestmark = pytest.mark.slow

Started = Callable[[], AbstractAsyncContextManager[Ui]]


@pytest.fixture
def started(tmp_path: Path, recordings: Path) -> Started:
    """Starts the app on one library, and keeps where it was left, as the command does."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Ui]:
        async with workspace_in(tmp_path, recordings) as workspace:
            await workspace.library.save(draft("shop"))
            app = WarmtuiApp(workspace)
            async with running(app) as ui:
                places = (SessionsScreen, TemplatesScreen, TimelineScreen)
                await ui.until(lambda: isinstance(app.screen_stack[-1], places))
                yield ui
                await ui.press("q")
            assert app.place is not None
            await remember(workspace, app.place)

    return start


async def listed(ui: Ui) -> SessionsScreen:
    """Return the list once it is there."""
    stack = ui.app.screen_stack
    await ui.until(
        lambda: any(isinstance(screen, SessionsScreen) and len(screen.rows) > 3 for screen in stack)
    )
    return next(screen for screen in stack if isinstance(screen, SessionsScreen))


async def test_sort_filter_theme_and_cursor_are_as_they_were(started: Started) -> None:
    async with started() as ui:
        screen = await listed(ui)
        ui.app.theme = "nord"
        await ui.press("s", "S", "slash", until=lambda: screen.query_one("#filter").has_focus)
        await ui.press(*"messages>5", "enter", until=lambda: screen.table.has_focus)
        screen.table.goto(2)
        sort, reverse, row = screen.rows.sort, screen.rows.reverse, screen.table.current()
    assert row is not None
    async with started() as ui:
        screen = await listed(ui)
        await ui.until(lambda: (now := screen.table.current()) is not None and now.key == row.key, "the row")
        assert (screen.rows.sort, screen.rows.reverse) == (sort, reverse)
        assert screen.query_one("#filter", Input).value == "messages>5"
        assert ui.app.theme == "nord"


async def test_what_was_chosen_is_kept_before_there_is_any_template(tmp_path: Path, recordings: Path) -> None:
    library = tmp_path / "library.db"
    for press, kept in (("j", ""), ("s", "score"), ("", "score")):
        async with workspace_in(tmp_path, recordings, COLORTERM="truecolor") as workspace:
            app = WarmtuiApp(workspace)
            async with running(app) as ui:
                screen = await listed(ui)
                await ui.press(*press, "q")
            assert app.place is not None
            await remember(workspace, app.place)
            assert library.exists() is bool(kept), "looking about makes no library"
            assert screen.rows.sort == (kept or "age")


async def test_it_comes_back_to_the_templates(started: Started) -> None:
    async with started() as ui:
        await listed(ui)
        await ui.screen(TemplatesScreen, "4")
    async with started() as ui:
        await ui.screen(TemplatesScreen)
        await ui.screen(SessionsScreen, "escape")
    async with started() as ui:
        await listed(ui)
        assert isinstance(ui.app.screen, SessionsScreen)


async def test_it_comes_back_to_the_timeline_of_the_same_session(started: Started) -> None:
    async with started() as ui:
        screen = await listed(ui)
        await ui.press("j", "j", "j")
        row = screen.table.current()
        assert row is not None
        await ui.screen(TimelineScreen, "enter")
    async with started() as ui:
        await ui.screen(TimelineScreen)
        assert isinstance(ui.app.screen, TimelineScreen)
        assert ui.app.screen.session_key == row.key
        await ui.screen(SessionsScreen, "escape")


async def test_a_theme_in_the_settings_goes_before_the_last_one(started: Started, tmp_path: Path) -> None:
    async with started() as ui:
        await listed(ui)
        ui.app.theme = "nord"
    (tmp_path / "config.toml").write_text('theme = "dracula"\n')
    async with started() as ui:
        await listed(ui)
        assert ui.app.theme == "dracula"


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
    async with workspace_in(tmp_path) as workspace:
        await workspace.library.save(draft("shop"))
        await workspace.library.put_draft(KEY, kept)
        assert (await recall(workspace)).sort == Place().sort
    async with started() as ui:
        screen = await listed(ui)
        assert ui.app.screen is screen
        assert screen.table.cursor == 0


async def test_2_goes_on_with_the_draft_that_was_being_edited(started: Started) -> None:
    async with started() as ui:
        app = ui.app
        assert "no draft is open" in app.why_not("go", ("curate",))
        await listed(ui)
        screen = await ui.curate()
        await ui.press("a", "e", until=lambda: focused_field(screen) is not None)
        await ui.press(*"half a wo", "escape")
        await ui.until(lambda: not screen.draft.unsaved and screen.draft.autosaved_at is not None)
        before = screen.draft.state.seed
    for key, kind in (("2", CurateScreen), ("3", PreviewScreen)):
        async with started() as ui:
            app = ui.app
            await listed(ui)
            await ui.shows("key 2 opens it")
            await ui.press(key)
            await ui.until(lambda: isinstance(ui.app.screen, kind))  # noqa: B023 - in this turn
            assert app.draft is not None
            assert app.draft.state.seed == before
            assert "half a wo" in before.recoveries[0].before


@pytest.mark.parametrize("name", ["sessions:20200101_000000_gone", "template:t_gone"])
async def test_a_draft_of_what_is_gone_says_so_and_stays(started: Started, name: str) -> None:
    async with started() as ui:
        await ui.app.workspace.library.put_draft(name, "{}")
    async with started() as ui:
        app = ui.app
        await listed(ui)
        await ui.until(lambda: app.kept_draft == name)
        await ui.press("2", until=lambda: any(toast.severity == "warning" for toast in app._notifications))
        assert isinstance(app.screen, SessionsScreen)
        assert name in [kept.key for kept in drafts_in(app.workspace.library.path)]


async def test_a_draft_of_many_sessions_opens_with_all_of_them(started: Started) -> None:
    async with started() as ui:
        workspace = ui.app.workspace
        screen = await listed(ui)
        rows = screen.rows.sessions(0, len(screen.rows))
        keys = list(workspace.sessions.table.with_ids(row.header.id for row in rows))
        made = await DraftSession.of_sessions(workspace, keys)
        assert len(keys) > 9
        again = await resume_draft(workspace, made.name)
        assert again.name == made.name
        assert [candidate.id for candidate in again.candidates] == [
            candidate.id for candidate in made.candidates
        ]


async def test_a_draft_kept_beside_another_apps_opens_the_same_template(started: Started) -> None:
    async with started() as ui:
        workspace = ui.app.workspace
        await listed(ui)
        [shop] = [template.id for template in (await workspace.library.listing()).templates]
        draft_session = await resume_draft(workspace, f"template:{shop}#2")
        assert draft_session.state.base is not None
        assert draft_session.state.base.template_id == shop
