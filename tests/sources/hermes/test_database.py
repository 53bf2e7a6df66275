"""Hermes' state.db, as it is and as it may be."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.errors import SourceError
from warmtui.model.session import Session
from warmtui.sources.hermes.database import HermesDatabase


def read_all(path: Path) -> dict[str, Session]:
    source = HermesDatabase(path)
    try:
        return {
            session.header.id: session for session in source.read([h.id for h in source.listing().headers])
        }
    finally:
        source.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """Hermes' tables, being written."""
    with closing(hermes.create(path)) as writer:
        yield writer


def test_the_recordings_hold_130_calls_once_each(recordings: Path) -> None:
    sessions = read_all(recordings)
    assert len(sessions) == 14
    assert sum(len(m.calls) for s in sessions.values() for m in s.messages) == 130
    counts = {name[-6:]: len(session.messages) for name, session in sessions.items()}
    # 33 stored rows less two rewound; 68 less 13 copies; 35 less 13 copies
    assert (counts["b4cc5c"], counts["4a8345"], counts["ed7dea"], counts["8895c1"]) == (31, 55, 22, 111)


def test_compaction_summaries_are_not_the_persons_words(recordings: Path) -> None:
    sessions = read_all(recordings)
    child = sessions["20261120_094826_ed7dea"]
    assert child.header.kind == "continuation"
    assert [m.origin for m in child.messages][:2] == ["summary", "agent"]
    assert child.compactions[0].into_child
    in_place = sessions["20261120_095210_4a8345"]
    assert sum(m.origin == "summary" for m in in_place.messages) == 1
    assert in_place.compactions[0].kept[:3] == ("290", "291", "292")


def test_the_least_columns_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    db = hermes.create(path, minimal=True)
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "hello")
    hermes.called(db, "s1", ("call_0", "terminal", {"command": "ls"}))
    hermes.answered(db, "s1", "call_0", "a.py")
    db.close()
    only = read_all(path)["s1"]
    assert [m.origin for m in only.messages] == ["person", "agent", "tool"]
    assert only.header.last_active_at == 1000.0
    assert only.header.channel is None


def test_prompts_of_hermes_itself_are_not_the_persons(path: Path, db: sqlite3.Connection) -> None:
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "fix it")
    hermes.said(db, "s1", "user", "Review the conversation above and update the skill library. Be thorough")
    hermes.said(db, "s1", "user", "Review the conversation above and consider saving to memory if you like")
    hermes.called(db, "s1", ("c", "delegate_task", {"goal": "count the lines"}))
    hermes.said(db, "s1", "user", "count the lines")
    hermes.said(db, "s1", "user", "/compact")
    hermes.session(db, "s2", source="subagent", parent_session_id="s1")
    hermes.said(db, "s2", "user", "count the lines")
    sessions = read_all(path)
    persons = [m.text for m in sessions["s1"].messages if m.origin == "person"]
    assert persons == ["fix it", "/compact"]
    assert sessions["s2"].header.kind == "subagent"
    assert [m.origin for m in sessions["s2"].messages] == ["harness"]


def test_content_stored_as_parts(path: Path, db: sqlite3.Connection) -> None:
    hermes.session(db, "s1")
    hermes.said(
        db, "s1", "user", '\x00json:[{"type":"text","text":"look"},{"type":"image_url","image_url":{}}]'
    )
    hermes.said(db, "s1", "user", "\x00json:[broken")
    only = read_all(path)["s1"]
    assert only.messages[0].text == "look\n[image_url]"
    assert only.messages[1].text == "\x00json:[broken"
    assert [p.place for p in only.problems] == [f"{path}: session s1: message 2"]


def test_one_malformed_message_does_not_hide_the_others(path: Path, db: sqlite3.Connection) -> None:
    hermes.session(db, "s1")
    hermes.said(db, "s1", "assistant", "", tool_calls="{not json")
    hermes.said(db, "s1", "assistant", "", tool_calls="[" * 100_000)
    hermes.said(db, "s1", "assistant", "", tool_calls='[{"id": "a"}, 3, {"id":"b","function":{"name":"x"}}]')
    hermes.said(db, "s1", "user", "still here")
    only = read_all(path)["s1"]
    assert [len(m.calls) for m in only.messages] == [0, 0, 1, 0]
    assert only.messages[2].calls[0].arguments == "{}"
    assert only.messages[3].text == "still here"
    assert len(only.problems) == 3


def test_text_that_is_not_utf8(path: Path, db: sqlite3.Connection) -> None:
    hermes.session(db, "s1")
    for raw in (b"bad \xff byte", b"lone \xed\xa0\x80 surrogate", "fine é".encode()):
        db.execute(
            "INSERT INTO messages (session_id, role, content) VALUES ('s1', 'user', CAST(? AS TEXT))", (raw,)
        )
    texts = [m.text for m in read_all(path)["s1"].messages]
    assert texts == ["bad \ufffd byte", "lone \ufffd surrogate", "fine é"]


def test_large_sessions_and_results_are_read_in_pages(path: Path, db: sqlite3.Connection) -> None:
    db.execute("BEGIN")
    for name, rows in (("long", 4500), ("huge", 5), ("after", 3)):
        hermes.session(db, name)
        for number in range(rows):
            hermes.said(db, name, "user", "x" * 10_000_000 if name == "huge" else f"{name} {number}")
    db.execute("COMMIT")
    sessions = read_all(path)
    assert {name: len(session.messages) for name, session in sessions.items()} == {
        "long": 4500,
        "huge": 5,
        "after": 3,
    }
    assert [m.text for m in sessions["long"].messages] == [f"long {n}" for n in range(4500)]


def test_what_is_written_while_it_is_open_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path, wal=True)
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "one")
    source = HermesDatabase(path)
    assert source.listing().headers[0].rows == 1
    hermes.said(db, "s1", "user", "two")
    assert source.listing().headers[0].rows == 2
    assert [len(session.messages) for session in source.read(["s1"])] == [2]
    source.close()
    db.close()


def test_reading_writes_nothing(recordings: Path) -> None:
    before = recordings.read_bytes()
    read_all(recordings)
    assert recordings.read_bytes() == before
    assert [path.name for path in recordings.parent.iterdir()] == ["state.db"]


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder that an ordinary user can read and not write."""
    folder = Path(tempfile.mkdtemp(prefix="ro #?% "))
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def texts_as_ordinary_user(path: Path) -> list[str]:
    """Read the first session's texts in a process that permissions bind (root's is not)."""
    code = (
        "import os, sys, pathlib; from warmtui.sources.hermes.database import HermesDatabase\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "db = HermesDatabase(pathlib.Path(sys.argv[1])); ids = [h.id for h in db.listing().headers]\n"
        "print(*(m.text for s in db.read(ids) for m in s.messages), sep='|')"
    )
    folder = path.parent
    folder.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split("|")


def test_a_closed_wal_database_in_a_read_only_folder(locked_folder: Path) -> None:
    path = locked_folder / "state.db"
    db = hermes.create(path, wal=True)
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "one")
    db.close()
    assert not Path(f"{path}-wal").exists()
    assert texts_as_ordinary_user(path) == ["one"]


def test_a_wal_without_its_shm_is_read_through_a_copy(tmp_path: Path, locked_folder: Path) -> None:
    db = hermes.create(tmp_path / "state.db", wal=True)
    db.execute("PRAGMA wal_autocheckpoint=0")
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "only in the wal")
    for name in ("state.db", "state.db-wal"):
        shutil.copyfile(tmp_path / name, locked_folder / name)
    db.close()
    assert texts_as_ordinary_user(locked_folder / "state.db") == ["only in the wal"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"", "is empty"), (b"just text, no database", "is not an SQLite database")],
)
def test_what_is_no_database_is_refused_in_words(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "state.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        HermesDatabase(path)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE sessions (id TEXT)")
    db.close()
    with pytest.raises(SourceError, match=r"no sessions.started_at, messages\.content"):
        HermesDatabase(path)


def test_a_truncated_database_keeps_what_can_be_read(recordings: Path) -> None:
    raw = recordings.read_bytes()
    recordings.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(SourceError, match="damaged"):
        read_all(recordings)


def test_a_lock_that_stays_is_said(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warmtui.sources.live_database.RETRY_SECONDS", 0.2)
    db.execute("BEGIN EXCLUSIVE")
    with pytest.raises(SourceError, match="stayed locked"):
        HermesDatabase(path)
    db.execute("COMMIT")
    HermesDatabase(path).close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(recordings: Path) -> None:
    recordings.chmod(0)
    with pytest.raises(SourceError, match="cannot be read"):
        HermesDatabase(recordings)


def test_changes_are_told_by_session(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path, wal=True)
    for name in ("s1", "s2"):
        hermes.session(db, name)
        hermes.said(db, name, "user", "one")
    source = HermesDatabase(path)
    source.listing()
    assert source.changed() is None
    hermes.said(db, "s2", "user", "two")
    assert source.changed() == frozenset({"s2"})
    assert source.headers(["s2", "gone"])["s2"].rows == 2
    assert source.changed() is None
    hermes.session(db, "s3", title="new")
    hermes.said(db, "s3", "user", "hello")
    assert source.changed() == frozenset({"s3"})
    assert [len(session.messages) for session in source.read(["s3", "s2"])] == [1, 2]
    db.execute("UPDATE sessions SET title = 'later' WHERE id = 's1'")
    assert source.changed() == frozenset()
    assert {header.id: header.title for header in source.listing().headers}["s1"] == "later"
    source.close()
    db.close()


def test_a_database_that_was_replaced_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    for name in ("old", "new"):
        db = hermes.create(tmp_path / f"{name}.db")
        hermes.session(db, name)
        hermes.said(db, name, "user", name)
        db.close()
    (tmp_path / "old.db").rename(path)
    source = HermesDatabase(path)
    source.listing()
    (tmp_path / "new.db").rename(path)
    assert source.changed() == frozenset({"new"})
    assert [session.messages[0].text for session in source.read(["new"])] == ["new"]
    path.unlink()
    with pytest.raises(SourceError, match="is gone"):
        source.changed()
    source.close()


@pytest.mark.parametrize("time", [9e999, -9e999, 1e300, -1e300, 253_402_300_800])
def test_what_no_calendar_holds_is_no_time(path: Path, db: sqlite3.Connection, time: float) -> None:
    hermes.session(db, "s", started_at=time, ended_at=time)
    hermes.said(db, "s", "user", "hello", timestamp=time)
    header = read_all(path)["s"].header
    assert (header.started_at, header.last_active_at, header.ended_at) == (None, None, None)


def test_a_database_that_was_overwritten_is_opened_again(path: Path, db: sqlite3.Connection) -> None:
    hermes.session(db, "s")
    hermes.said(db, "s", "user", "hello")
    whole = path.read_bytes()
    source = HermesDatabase(path)
    assert len(source.listing().headers) == 1
    path.write_bytes(b"")
    for _ in range(2):
        with pytest.raises(SourceError):
            source.listing()
    with pytest.raises(SourceError, match="is empty"):
        source.changed()
    path.write_bytes(whole)
    assert source.changed() == frozenset({"s"})
    assert source.changed() is None
    assert [session.messages[0].text for session in source.read(["s"])] == ["hello"]
    source.close()


def test_a_long_session_is_read_page_by_page_without_sorting_its_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    monkeypatch.setattr("warmtui.sources.hermes.database.PAGE_ROWS", 3)
    with closing(hermes.create(path)) as db:
        for number in range(20):
            hermes.session(db, "long" if not number else f"s{number}", float(number))
            hermes.said(db, "long", "user", f"words {number}")
            hermes.said(db, f"s{number}", "user", "x" * number)
    with closing(HermesDatabase(path)) as source:
        (session,) = source.read(["long"])
        assert [message.text for message in session.messages][-1] == "words 19"
        assert len(session.messages) == 20
        plan = source._db.query(f"EXPLAIN QUERY PLAN {source._rows_by_id}", ("[1]",))
        assert not any("TEMP B-TREE" in row[3] for row in plan)


def test_a_rewind_changes_the_stamp_and_so_does_what_is_inherited(recordings: Path) -> None:
    source = HermesDatabase(recordings)

    def stamps() -> dict[str, str]:
        return {header.id: header.stamp for header in source.listing().headers}

    before = stamps()
    db = sqlite3.connect(recordings)
    db.execute("UPDATE messages SET active = 0 WHERE id = (SELECT max(id) FROM messages)")
    changed = db.execute("SELECT session_id FROM messages ORDER BY id DESC LIMIT 1").fetchone()[0]
    db.commit()
    rewound = stamps()
    assert {session for session in before if before[session] != rewound[session]} == {changed}
    parent, child = db.execute(
        "SELECT parent_session_id, id FROM sessions WHERE parent_session_id IS NOT NULL"
    ).fetchone()
    hermes.said(db, child, "user", "more", timestamp=2_000_000_000.0)
    db.commit()
    grown = stamps()
    assert {session for session in grown if grown[session] != rewound[session]} == {parent, child}
    source.close()
    db.close()


def test_sessions_read_together_are_as_each_alone(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        hermes.session(db, name)
    for turn in range(4):
        for name in ("a", "b", "c"):  # sessions that ran side by side
            hermes.said(db, name, "user", f"{name} {turn} é")
            hermes.called(db, name, (f"c{turn}", "terminal", {"command": "make"}))
            hermes.answered(db, name, f"c{turn}", '{"output": "", "exit_code": 0}')
    together = read_all(path)
    monkeypatch.setattr("warmtui.sources.hermes.database.PAGE_ROWS", 1)
    assert read_all(path) == together
    assert [len(session.messages) for session in together.values()] == [12, 12, 12]
