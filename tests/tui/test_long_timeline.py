"""The timeline of a long session: opened at a message, and followed while it grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import hermes_db as hermes
import pytest
from ui import Ui

pytestmark = pytest.mark.size(100, 30)

TURNS = 200


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A session of many turns, and the agent that writes it."""
    db = hermes.create(tmp_path / "live.db", wal=True)
    hermes.session(db, "s", title="A long one")
    db.execute("BEGIN")
    for number in range(TURNS):
        turn(db, number)
    db.execute("COMMIT")
    yield db
    db.close()


@pytest.fixture
def source(tmp_path: Path, db: sqlite3.Connection) -> Path:
    return tmp_path / "live.db"


def turn(db: sqlite3.Connection, number: int) -> None:
    at = 10.0 * number
    hermes.said(db, "s", "user", f"question {number}, please", timestamp=at)
    call = (f"c{number}", "terminal", {"command": f"make {number}"})
    hermes.called(db, "s", call, timestamp=at + 1)
    text = '{"output": "fine", "exit_code": 0, "error": null}'
    hermes.answered(db, "s", f"c{number}", text, timestamp=at + 2)
    hermes.said(db, "s", "assistant", f"answer {number}, done", timestamp=at + 3)


async def test_it_opens_on_a_message_far_down(ui: Ui) -> None:
    screen = await ui.timeline(message_id=str(4 * TURNS))
    assert len(screen.rows) == 3 * TURNS
    await ui.shows(f"answer {TURNS - 1}, done")
    assert screen.table.cursor == len(screen.rows) - 1
    assert f"{4 * TURNS:,} messages" in ui.text


async def test_it_follows_a_session_that_grows_and_one_that_is_rewound(
    ui: Ui, db: sqlite3.Connection
) -> None:
    screen = await ui.timeline()
    before = screen.judged
    assert before is not None
    await ui.press("j", "space")
    cursor, unfolded = screen.table.cursor_key, set(screen.rows.unfolded)
    assert unfolded
    turn(db, TURNS)
    await ui.until(lambda: len(screen.rows) == 3 * TURNS + 3)
    after = screen.judged
    assert after is not None
    assert after.calls[:TURNS] == before.calls
    assert after.calls[TURNS].verdict.outcome == "ok"
    assert screen.table.cursor_key == cursor
    assert screen.rows.unfolded == unfolded
    db.execute("UPDATE messages SET active = 0 WHERE session_id = 's' AND timestamp >= 10")
    hermes.said(db, "s", "user", "something else then", timestamp=1e6)
    await ui.until(lambda: len(screen.rows) == 4)
