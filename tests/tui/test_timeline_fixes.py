"""What fixed a failed call: said in the timeline's reader, and one key away."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from pilots import hostile_characters
from ui import Ui

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import long_sessions

pytestmark = pytest.mark.size(160, 40)

FAILED, FIXED, UNFIXED, OTHER = "c1", "c2", "c4", "c3"


def call(db: sqlite3.Connection, name: str, command: str, output: str, code: int) -> None:
    hermes.called(db, "s", (name, "terminal", {"command": command}))
    result = json.dumps({"output": output, "exit_code": code, "error": None})
    hermes.answered(db, "s", name, result, tool_name="terminal")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "live.db"
    db = hermes.create(path, wal=True)
    hermes.session(db, "s", title="Coupons")
    hermes.said(db, "s", "user", "run the tests of \x1b[31m coupons")
    call(db, FAILED, "python -m pytest -q tests", "/usr/bin/python: No module named pytest", 1)
    call(db, FIXED, "python -m unittest discover -s tests", "Ran 3 tests in 0.001s\n\nOK", 0)
    call(db, OTHER, "git log --oneline", "1a2b3c first", 0)
    call(db, UNFIXED, "cat gone.md", "cat: gone.md: No such file or directory", 1)
    db.close()
    return path


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
    app: WarmtuiApp, ui: Ui
) -> None:
    screen = await ui.timeline()
    screen.table.goto(row_of(screen, FAILED))
    fixing = screen.rows.entries[row_of(screen, FIXED)].position + 1
    await ui.shows(f"fixed by the call of message {fixing} (x)")
    await ui.press("x", until=lambda: name_here(screen) == FIXED)
    failing = screen.rows.entries[row_of(screen, FAILED)].position + 1
    await ui.shows(f"fixed what failed in message {failing} (x)")
    assert not hostile_characters(ui.text)
    await ui.press("x", until=lambda: name_here(screen) == FAILED)


async def test_that_nothing_fixed_it_is_said_and_the_key_is_grey_with_that_reason(
    app: WarmtuiApp, ui: Ui
) -> None:
    screen = await ui.timeline()
    screen.table.goto(row_of(screen, UNFIXED))
    await ui.shows("nothing that fixed it was found in this session")
    assert screen.check_action("fix", ()) is None
    assert "nothing that fixed it" in screen.why_not("fix")
    screen.table.goto(row_of(screen, OTHER))
    assert screen.why_not("fix") == "this call fixed nothing"
    screen.table.goto(0)
    assert "only a call" in screen.why_not("fix")


@pytest.mark.size(80, 24)
async def test_in_a_narrow_list_the_key_looks_for_the_fix_when_it_is_pressed(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.timeline()
    screen.table.goto(row_of(screen, FAILED))
    await ui.pause()
    assert screen.fixes is None, "looked for though nobody asked"
    await ui.press("x", until=lambda: name_here(screen) == FIXED)


@pytest.mark.size(80, 24)
async def test_a_long_session_is_looked_through_in_another_process_with_the_same_answer(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await ui.timeline()
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
