"""What fixed a failed call: said in the timeline's reader, and one key away."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from pilots import hostile_characters, screen_text, wait_for
from textual.pilot import Pilot

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace, long_sessions

WIDE, SMALL = (160, 40), (80, 24)
FAILED, FIXED, UNFIXED, OTHER = "c1", "c2", "c4", "c3"


def call(db: sqlite3.Connection, name: str, command: str, output: str, code: int) -> None:
    hermes.called(db, "s", (name, "terminal", {"command": command}))
    result = json.dumps({"output": output, "exit_code": code, "error": None})
    hermes.answered(db, "s", name, result, tool_name="terminal")


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[WarmtuiApp]:
    path = tmp_path / "live.db"
    db = hermes.create(path, wal=True)
    hermes.session(db, "s", title="Coupons")
    hermes.said(db, "s", "user", "run the tests of \x1b[31m coupons")
    call(db, FAILED, "python -m pytest -q tests", "/usr/bin/python: No module named pytest", 1)
    call(db, FIXED, "python -m unittest discover -s tests", "Ran 3 tests in 0.001s\n\nOK", 0)
    call(db, OTHER, "git log --oneline", "1a2b3c first", 0)
    call(db, UNFIXED, "cat gone.md", "cat: gone.md: No such file or directory", 1)
    db.close()
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(path)], environ=environ) as workspace:
        yield WarmtuiApp(workspace)


async def opened(pilot: Pilot[None], app: WarmtuiApp) -> TimelineScreen:
    await wait_for(pilot, lambda: app.workspace.sessions.table)
    screen = TimelineScreen(next(iter(app.workspace.sessions.table)))
    app.push_screen(screen)
    await wait_for(pilot, lambda: screen.judged is not None)
    return screen


def row_of(screen: TimelineScreen, name: str) -> int:
    return next(
        row
        for row, entry in enumerate(screen.rows.entries)
        if entry.call is not None and entry.call.call.id == name
    )


def name_here(screen: TimelineScreen) -> str:
    here = screen.current()
    assert here is not None
    assert here.call is not None
    return here.call.call.id


async def test_the_reader_of_a_failed_call_says_what_fixed_it_and_x_goes_there_and_back(
    app: WarmtuiApp,
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot, app)
        screen.table.goto(row_of(screen, FAILED))
        fixing = screen.rows.entries[row_of(screen, FIXED)].position + 1
        await wait_for(pilot, lambda: f"fixed by the call of message {fixing} (x)" in screen_text(pilot))
        await pilot.press("x")
        await wait_for(pilot, lambda: name_here(screen) == FIXED)
        failing = screen.rows.entries[row_of(screen, FAILED)].position + 1
        await wait_for(pilot, lambda: f"fixed what failed in message {failing} (x)" in screen_text(pilot))
        assert not hostile_characters(screen_text(pilot))
        await pilot.press("x")
        await wait_for(pilot, lambda: name_here(screen) == FAILED)


async def test_that_nothing_fixed_it_is_said_and_the_key_is_grey_with_that_reason(app: WarmtuiApp) -> None:
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await opened(pilot, app)
        screen.table.goto(row_of(screen, UNFIXED))
        await wait_for(pilot, lambda: "nothing that fixed it was found in this session" in screen_text(pilot))
        assert screen.check_action("fix", ()) is None
        assert "nothing that fixed it" in screen.why_not("fix")
        screen.table.goto(row_of(screen, OTHER))
        assert screen.why_not("fix") == "this call fixed nothing"
        screen.table.goto(0)
        assert "only a call" in screen.why_not("fix")


async def test_in_a_narrow_list_the_key_looks_for_the_fix_when_it_is_pressed(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, app)
        screen.table.goto(row_of(screen, FAILED))
        await pilot.pause()
        assert screen.fixes is None, "looked for though nobody asked"
        await pilot.press("x")
        await wait_for(pilot, lambda: name_here(screen) == FIXED)


async def test_a_long_session_is_looked_through_in_another_process_with_the_same_answer(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, app)
        judged = screen.judged
        assert judged is not None
        here = await app.workspace.sessions.fixes_of(screen.session_key, judged)
        monkeypatch.setattr(long_sessions, "FROM_ROWS", 1)
        asked: list[object] = []
        ask = long_sessions.try_in_process

        async def fixes(*arguments: Any) -> object:
            found: object = await ask(*arguments)
            asked.append(found)
            return found

        monkeypatch.setattr(long_sessions, "try_in_process", fixes)
        assert await app.workspace.sessions.fixes_of(screen.session_key, judged) == here
        assert asked == [[here]]
        assert here.fixes
