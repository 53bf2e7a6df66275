"""The timeline of a session that is long: shown before all of it is read, and growing by what is new."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import screen_text, wait_for
from textual.pilot import Pilot

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.timeline import session_reader
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace
from warmtui.workspace.glimpses import FROM_ROWS, beginning_of
from warmtui.workspace.reader import JudgedSession
from warmtui.workspace.session_table import SessionKey

SIZE = (100, 30)
TURNS = FROM_ROWS // 3


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


class Gate:
    """Holds back the reading of the whole session until it is opened."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        read = workspace.judged_of

        async def judged_of(key: SessionKey) -> JudgedSession:
            await self.open.wait()
            return await read(key)

        monkeypatch.setattr(workspace, "judged_of", judged_of)


async def pushed(pilot: Pilot[None], message_id: str = "") -> TimelineScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: app.workspace.feed.rows and not app.workspace.feed.waiting)
    screen = TimelineScreen(next(iter(app.workspace.feed.rows)), message_id)
    app.push_screen(screen)
    return screen


async def test_the_beginning_is_there_before_the_whole_is_read(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(app.workspace, monkeypatch)
    async with app.run_test(size=SIZE) as pilot:
        screen = await pushed(pilot)
        await wait_for(pilot, lambda: "question 0, please" in screen_text(pilot))
        assert screen.judged is None
        assert "reading the rest" in screen_text(pilot)
        assert "✓ ok" in screen_text(pilot)
        await pilot.press("j", "space")
        some = [entry.key for entry in screen.rows.entries]
        cursor, unfolded = screen.table.cursor_key, set(screen.rows.unfolded)
        assert unfolded
        gate.open.set()
        await wait_for(pilot, lambda: screen.judged is not None)
        assert len(screen.rows) == 3 * TURNS
        assert [entry.key for entry in screen.rows.entries][: len(some)] == some
        assert screen.table.cursor_key == cursor
        assert screen.rows.unfolded == unfolded
        await wait_for(pilot, lambda: f"{4 * TURNS:,} messages" in screen_text(pilot))


async def test_who_asks_for_the_end_at_once_gets_there(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(app.workspace, monkeypatch)
    async with app.run_test(size=SIZE) as pilot:
        screen = await pushed(pilot)
        await wait_for(pilot, lambda: len(screen.rows))
        await pilot.press("G")
        gate.open.set()
        await wait_for(pilot, lambda: f"answer {TURNS - 1}, done" in screen_text(pilot))
        assert screen.table.cursor == len(screen.rows) - 1


async def test_a_message_further_on_is_waited_for(app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, began = Gate(app.workspace, monkeypatch), list[bool]()

    async def spy(workspace: Workspace, key: SessionKey) -> JudgedSession | None:
        start = await beginning_of(workspace, key)
        began.append(start is not None)
        return start

    monkeypatch.setattr(session_reader, "beginning_of", spy)
    async with app.run_test(size=SIZE) as pilot:
        screen = await pushed(pilot, message_id=str(4 * TURNS))
        await wait_for(pilot, lambda: began)
        assert began == [True]
        assert not len(screen.rows)
        gate.open.set()
        await wait_for(pilot, lambda: f"answer {TURNS - 1}, done" in screen_text(pilot))
        assert screen.table.cursor == len(screen.rows) - 1


async def test_it_grows_by_what_is_new_and_is_not_read_again(
    app: WarmtuiApp, database: tuple[Path, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(app.workspace, monkeypatch)
    gate.open.set()
    async with app.run_test(size=SIZE) as pilot:
        screen = await pushed(pilot)
        await wait_for(pilot, lambda: screen.judged is not None)
        before = screen.judged
        assert before is not None
        turn(database[1], TURNS)
        await wait_for(pilot, lambda: len(screen.rows) == 3 * TURNS + 3)
        after = screen.judged
        assert after is not None
        assert after.session.messages[0] is before.session.messages[0]
        assert after.calls[:TURNS] == before.calls
        assert after.calls[TURNS].verdict.outcome == "ok"
        database[1].execute("UPDATE messages SET active = 0 WHERE session_id = 's' AND timestamp >= 10")
        hermes.said(database[1], "s", "user", "something else then", timestamp=1e6)
        await wait_for(pilot, lambda: len(screen.rows) == 4)
        assert screen.judged is not None
        assert screen.judged.session.messages[0] is not before.session.messages[0]
