"""The beginning of a long session, and what was added to it, are what reading all of it gives."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.model.session import Session, SessionHeader
from warmtui.sources.glimpse import MOST_ADDED, added, beginning
from warmtui.sources.hermes import HermesDatabase


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    path = tmp_path / "state.db"
    db = hermes.create(path, wal=True)
    yield path, db
    db.close()


def turns(db: sqlite3.Connection, count: int, start: int = 0, name: str = "s") -> None:
    """Write turns of five messages with two calls each."""
    for number in range(start, start + count):
        hermes.said(db, name, "user", f"please do {number}")
        hermes.called(db, name, (f"a{number}", "terminal", {"n": 1}), (f"b{number}", "terminal", {"n": 2}))
        hermes.answered(db, name, f"a{number}", '{"output": "fine", "exit_code": 0, "error": null}')
        hermes.answered(db, name, f"b{number}", '{"output": "bad", "exit_code": 1, "error": null}')
        hermes.said(db, name, "assistant", f"done {number}")


def whole(path: Path, name: str = "s") -> tuple[SessionHeader, Session]:
    source = HermesDatabase(path)
    header = next(one for one in source.listing().headers if one.id == name)
    session = next(iter(source.read([name])))
    source.close()
    return header, session


def test_a_beginning_is_how_the_whole_begins(database: tuple[Path, sqlite3.Connection]) -> None:
    path, db = database
    hermes.session(db, "s", system_prompt="Be brief.")
    hermes.session(db, "other")
    for number in range(8):
        turns(db, 1, number)
        hermes.said(db, "other", "user", "between")
    hermes.said(db, "s", "user", "taken back", active=0)
    header, session = whole(path)
    for rows in (1, 3, 4, 13, 100):
        start = beginning(header, rows)
        assert start is not None
        assert start.messages == session.messages[: len(start.messages)]
        assert start.system_prompt == "Be brief."
        judged = judge_calls(start, now=9e9)
        assert judged == judge_calls(session, now=9e9)[: len(judged)]
    assert start is not None
    assert len(start.messages) == 36, "the last calls wait for the whole: their results may follow"


def test_where_the_beginning_may_turn_out_another_there_is_none(
    database: tuple[Path, sqlite3.Connection],
) -> None:
    path, db = database
    hermes.session(db, "root", end_reason="compression")
    hermes.session(db, "s", parent_session_id="root")
    turns(db, 2)
    assert beginning(whole(path)[0], 5) is None
    hermes.session(db, "cut")
    hermes.said(db, "cut", "user", "hello", active=0, compacted=1)
    hermes.said(db, "cut", "user", "[CONTEXT COMPACTION] it was about shops")
    assert beginning(whole(path, "cut")[0], 5) is None


def test_what_was_added_is_as_if_all_was_read(database: tuple[Path, sqlite3.Connection]) -> None:
    path, db = database
    hermes.session(db, "s", system_prompt="Be brief.")
    turns(db, 3)
    hermes.called(db, "s", ("late", "terminal", {}))
    _, before = whole(path)
    calls = judge_calls(before, now=9e9)
    hermes.answered(db, "s", "late", "Error: no")
    turns(db, 2, 3)
    header, after = whole(path)
    found = added(header, before)
    assert found is not None
    assert found.session == after
    assert found.before == len(before.messages)
    assert all(one is other for one, other in zip(found.session.messages, before.messages, strict=False))
    again = judge_calls(found.session, now=9e9, before=calls)
    assert again == judge_calls(after, now=9e9)
    assert [one is other for one, other in zip(again, calls, strict=False)] == [True] * 6 + [False]


@pytest.mark.parametrize(
    "happens",
    [
        "UPDATE messages SET active = 0 WHERE id = 2",
        "DELETE FROM messages WHERE id = 2",
        "INSERT INTO messages (session_id, role, content) VALUES ('s', 'user', '[CONTEXT COMPACTION] x')",
        "INSERT INTO messages (session_id, role, content, active) VALUES ('s', 'user', 'x', 0)",
        "INSERT INTO messages (session_id, role, content, tool_calls) VALUES ('s', 'assistant', '', 'x')",
    ],
)
def test_anything_but_more_rows_is_left_to_reading_all(
    database: tuple[Path, sqlite3.Connection], happens: str
) -> None:
    path, db = database
    hermes.session(db, "s")
    turns(db, 3)
    _, before = whole(path)
    turns(db, 1, 3)
    assert added(whole(path)[0], before) is not None
    db.execute(happens)
    assert added(whole(path)[0], before) is None


def test_so_is_an_import_and_what_was_handed_to_other_agents(
    database: tuple[Path, sqlite3.Connection],
) -> None:
    path, db = database
    hermes.session(db, "s")
    turns(db, 1)
    _, before = whole(path)
    turns(db, MOST_ADDED // 5 + 1, 1)
    assert added(whole(path)[0], before) is None
    hermes.session(db, "d")
    hermes.called(db, "d", ("x", "delegate_task", {"goal": "look"}))
    _, before = whole(path, "d")
    hermes.said(db, "d", "user", "look")
    assert added(whole(path, "d")[0], before) is None
