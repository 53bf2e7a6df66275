"""The timeline of a long session: opened at a message, and followed while it grows."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import screen_text, wait_for
from textual.pilot import Pilot

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace

SIZE = (100, 30)
TURNS = 200


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    path = tmp_path / "long.db"
    db = hermes.create(path, wal=True)
    hermes.session(db, "s", title="A long one")
    db.execute("BEGIN")
    for number in range(TURNS):
        turn(db, number)
    db.execute("COMMIT")
    yield path, db
    db.close()


def turn(db: sqlite3.Connection, number: int) -> None:
    at = 10.0 * number
    hermes.said(db, "s", "user", f"question {number}, please", timestamp=at)
    call = (f"c{number}", "terminal", {"command": f"make {number}"})
    hermes.called(db, "s", call, timestamp=at + 1)
    text = '{"output": "fine", "exit_code": 0, "error": null}'
    hermes.answered(db, "s", f"c{number}", text, timestamp=at + 2)
    hermes.said(db, "s", "assistant", f"answer {number}, done", timestamp=at + 3)


@pytest.fixture
async def app(tmp_path: Path, database: tuple[Path, sqlite3.Connection]) -> AsyncIterator[WarmtuiApp]:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(database[0])], environ=environ) as workspace:
        yield WarmtuiApp(workspace)


async def open_timeline(pilot: Pilot[None], message_id: str = "") -> TimelineScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: app.workspace.sessions.table and not app.workspace.sessions.waiting)
    screen = TimelineScreen(next(iter(app.workspace.sessions.table)), message_id)
    app.push_screen(screen)
    await wait_for(pilot, lambda: screen.judged is not None)
    return screen


async def test_it_opens_on_a_message_far_down(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_timeline(pilot, message_id=str(4 * TURNS))
        assert len(screen.rows) == 3 * TURNS
        await wait_for(pilot, lambda: f"answer {TURNS - 1}, done" in screen_text(pilot))
        assert screen.table.cursor == len(screen.rows) - 1
        assert f"{4 * TURNS:,} messages" in screen_text(pilot)


async def test_it_follows_a_session_that_grows_and_one_that_is_rewound(
    app: WarmtuiApp, database: tuple[Path, sqlite3.Connection]
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_timeline(pilot)
        before = screen.judged
        assert before is not None
        await pilot.press("j", "space")
        cursor, unfolded = screen.table.cursor_key, set(screen.rows.unfolded)
        assert unfolded
        turn(database[1], TURNS)
        await wait_for(pilot, lambda: len(screen.rows) == 3 * TURNS + 3)
        after = screen.judged
        assert after is not None
        assert after.calls[:TURNS] == before.calls
        assert after.calls[TURNS].verdict.outcome == "ok"
        assert screen.table.cursor_key == cursor
        assert screen.rows.unfolded == unfolded
        database[1].execute("UPDATE messages SET active = 0 WHERE session_id = 's' AND timestamp >= 10")
        hermes.said(database[1], "s", "user", "something else then", timestamp=1e6)
        await wait_for(pilot, lambda: len(screen.rows) == 4)
