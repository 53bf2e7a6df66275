"""Rows read as they lie: the same messages as session by session."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.model.session import Message
from warmtui.sources import hermes as module
from warmtui.sources.hermes import HermesDatabase


def together(source: HermesDatabase, first: int, last: int) -> dict[str, tuple[Message, ...]]:
    found: dict[str, tuple[Message, ...]] = {}
    for one in source.stretches(first, last, ()):
        found[one.session] = found.get(one.session, ()) + tuple(one.read(row)[0] for row in one.rows)
    return found


@pytest.mark.parametrize("page", [1, 3, 2000])
def test_plain_sessions_are_read_whole_whatever_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(module, "PAGE_ROWS", page)
    monkeypatch.setattr(module, "_PASSING_ROWS", page)
    db = hermes.create(tmp_path / "state.db")
    for name in ("a", "b", "c"):
        hermes.session(db, name)
    for turn in range(4):
        for name in ("a", "b", "c"):  # sessions that ran side by side
            hermes.said(db, name, "user", f"{name} {turn} é")
            hermes.called(db, name, (f"c{turn}", "terminal", {"command": "make"}))
            hermes.answered(db, name, f"c{turn}", '{"output": "", "exit_code": 0}')
    source = HermesDatabase(tmp_path / "state.db")
    expected = {one.header.id: one.messages for one in source.read(["a", "b", "c"])}
    assert together(source, 0, 10_000) == expected
    assert sum(map(len, together(source, 5, 20).values())) == 16
    source.close()
    db.close()


def test_rows_that_do_not_all_count_are_told(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    odd = {one.session for one in source.stretches(0, 10**9, ()) if not one.plain}
    source.close()
    assert odd == {"20261120_094657_b4cc5c", "20261120_095210_4a8345"}


def test_a_rewind_changes_the_stamp_and_so_does_what_is_inherited(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    before = {one.id: one.stamp for one in source.listing().headers}
    db = sqlite3.connect(recordings)
    db.execute("UPDATE messages SET active = 0 WHERE id = (SELECT max(id) FROM messages)")
    changed = db.execute("SELECT session_id FROM messages ORDER BY id DESC LIMIT 1").fetchone()[0]
    db.commit()
    after = {one.id: one.stamp for one in source.listing().headers}
    assert {one for one in before if before[one] != after[one]} == {changed}
    parent, child = db.execute(
        "SELECT parent_session_id, id FROM sessions WHERE parent_session_id IS NOT NULL"
    ).fetchone()
    hermes.said(db, child, "user", "more", timestamp=2_000_000_000.0)
    db.commit()
    last = {one.id: one.stamp for one in source.listing().headers}
    assert {one for one in last if last[one] != after[one]} == {parent, child}
    source.close()
    db.close()
