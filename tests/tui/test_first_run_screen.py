"""First run, by keyboard, on the recordings and on nothing."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pilots import expect_screen, screen_text, wait_for
from textual.pilot import Pilot

from warmtui.curation.candidates import worth
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.workspace import Workspace
from warmtui.workspace.session_table import SessionKey


async def beginning(pilot: Pilot[None]) -> FirstRunScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(
        pilot, lambda: len(app.workspace.sessions.table) == 14 and not app.workspace.sessions.waiting
    )
    await pilot.press("f")
    screen = await expect_screen(pilot, FirstRunScreen)
    await wait_for(pilot, lambda: screen.of and screen.done == screen.of)
    return screen


async def test_it_says_what_was_found_and_the_three_most_worth_a_template(
    app: WarmtuiApp, recordings: Path
) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await beginning(pilot)
        shown = screen_text(pilot)
        assert "hermes  12 sessions, 2 empty" in shown
        assert recordings.name in shown
        points = {}
        for row in screen.sessions():
            points[row.key] = worth((await app.workspace.sessions.findings_of(row.key)).candidates)
        assert [session.points for session in screen.rows.found] == sorted(points.values(), reverse=True)[:3]
        assert screen.rows.found[0].points == points[screen.rows.found[0].key]
        assert all(item.reason in shown for item in screen.rows.found)


async def test_enter_opens_the_preview_of_a_draft_with_the_suggestion(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await beginning(pilot)
        first = screen.rows.found[0].key
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        assert app.draft is not None
        assert app.draft.name.endswith(first.id)
        assert not app.draft.state.seed.is_empty()
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen))
        await wait_for(pilot, lambda: app.draft is not None and app.draft.autosaved_at is not None)


@pytest.mark.parametrize("leave", ["escape", "f"])
async def test_leaving_ends_the_search_and_the_list_is_there(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    searched: list[SessionKey] = []

    async def search_forever(session: SessionKey) -> None:
        searched.append(session)
        await asyncio.Event().wait()

    monkeypatch.setattr(app.workspace.sessions, "findings_of", search_forever)
    async with app.run_test(size=(80, 24)) as pilot:
        sessions = app.workspace.sessions
        await wait_for(pilot, lambda: len(sessions.table) == 14 and not sessions.waiting)
        await pilot.press("f")
        await wait_for(pilot, lambda: searched)
        screen = app.screen
        assert isinstance(screen, FirstRunScreen)
        await pilot.press(leave)
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        await wait_for(
            pilot,
            lambda: not [worker for worker in app.workers if worker.node is screen and worker.is_running],
        )


async def test_with_nothing_found_it_says_where_it_looked_and_how_to_point_it(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "HERMES_HOME": str(tmp_path / "nowhere"),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
    }
    async with Workspace.open(environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(140, 30)) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
            await pilot.press("f")
            await wait_for(pilot, lambda: isinstance(app.screen, FirstRunScreen))
            shown = screen_text(pilot)
            assert str(tmp_path / "nowhere" / "state.db") in shown
            assert "--source" in shown
            assert "press d" in shown
            assert app.screen.check_action("take", ()) is None


async def test_d_runs_the_demo_and_no_code_of_the_current_folder(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder can hold a `warmtui.py`, or a module that we import; neither may run."""
    started: list[list[str]] = []
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name in ("warmtui", "gc", "pathlib", "rich", "textual"):
        (hostile / f"{name}.py").write_text("raise SystemExit('code of the current folder ran')")

    @contextmanager
    def suspended() -> Iterator[None]:
        yield

    def call(command: list[str]) -> int:
        started.append(command)
        return 0

    async with app.run_test(size=(120, 30)) as pilot:
        await beginning(pilot)
        monkeypatch.setattr(app, "suspend", suspended)
        monkeypatch.setattr(subprocess, "call", call)
        await pilot.press("d")
        await wait_for(pilot, lambda: bool(started))
    assert started[0][-3:] == ["-m", "warmtui", "demo"]
    words = [*started[0], "--help"]
    done = await asyncio.to_thread(subprocess.run, words, cwd=hostile, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Do the whole job" in done.stdout


async def test_it_comes_by_itself_only_where_nothing_was_kept_and_nothing_was_begun(
    tmp_path: Path, recordings: Path
) -> None:
    library = tmp_path / "library.db"
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(library)}
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        app = WarmtuiApp(workspace, welcome=True)
        async with app.run_test(size=(120, 30)) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, FirstRunScreen))
            await pilot.press("escape")
            await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
            await wait_for(pilot, lambda: not workspace.sessions.waiting)
            assert not app.welcome
            assert isinstance(app.screen, SessionsScreen)
            assert len(app.screen.rows) == 12


async def test_it_comes_by_itself_where_no_agent_is_found(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "HERMES_HOME": str(tmp_path / "nowhere"),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
    }
    async with Workspace.open(environ=environ) as workspace:
        app = WarmtuiApp(workspace, welcome=True)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, FirstRunScreen))
            assert "press d" in screen_text(pilot)
            await pilot.press("escape")
            await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
            # the list says it once, and how to get back here
            await wait_for(pilot, lambda: "f says where to begin" in screen_text(pilot))
            assert screen_text(pilot).count("no agent's sessions were found") == 1
