"""The index of profiles: what it keeps, what waits, and what becomes of a damaged or old one."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from warmtui.library.index import IndexedStats, IndexReader, SessionIndex
from warmtui.library.index.file import file_of
from warmtui.library.index.session_index import HOUR, WORDS
from warmtui.model.session import Problem, SessionHeader, SessionProblems
from warmtui.model.stats import NO_STATS

SOURCE = "/somewhere/state.db"
FIGURES = NO_STATS._replace(
    messages=12, calls=5, ok=3, errors=1, findings=1, weak=2, housekeeping=1, tools=frozenset({"terminal"}),
    early_error_rate=0.5, late_error_rate=0.0, gain=-0.5, trend=(0.5, 0.0), task_type="code", words="make it",
    tokens=120_000, tokens_estimated=False, cost_usd=0.25, unread=3,
)  # fmt: skip


def header(
    name: str, stamp: str = "1", at: float = 1_000.0, rows: int = 12, title: str = ""
) -> SessionHeader:
    return SessionHeader(
        name, "hermes", SOURCE, title=title, started_at=at, last_active_at=at, rows=rows, stamp=stamp
    )


def judged(session: SessionHeader, pending: int = 0) -> IndexedStats:
    return IndexedStats(session.id, session.stamp, FIGURES._replace(pending=pending), ())


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SessionIndex]:
    index = SessionIndex(tmp_path / "library.index.db", "7")
    assert not index.trouble
    yield index
    index.close()


def waiting(index: SessionIndex, now: float = 2_000.0) -> list[str]:
    return [session.id for session in index.waiting(SOURCE, now)]


def test_headers_and_figures_come_back_as_they_were_given(index: SessionIndex) -> None:
    odd = header("odd", title="é 漢 \0 'x'")._replace(
        cwd="/tmp/ü", archived=True, kind="branch", parent_id="p"
    )
    none = SessionHeader("none", "openai", SOURCE)
    index.sync(SOURCE, [odd, none])
    problems = (Problem("place", "text"),)
    index.store(SOURCE, [IndexedStats("odd", "1", FIGURES, problems)])
    rows = {row.header.id: row for row in index.rows([SOURCE])}
    assert rows["odd"] == (odd, FIGURES, False)
    assert rows["none"] == (none, None, False)
    with closing(IndexReader(index)) as reader:
        assert [*reader.problems([SOURCE])] == [SessionProblems(SOURCE, "odd", True, problems)]


def test_titles_and_first_words_are_masked_before_they_are_cut(tmp_path: Path) -> None:
    index = SessionIndex(tmp_path / "library.index.db", "7", lambda text: text.replace("hunter2", "‹secret›"))
    secret = header("s", title="the password is hunter2")
    assert index.sync(SOURCE, [secret]).updated == {"s"}
    assert not index.sync(SOURCE, [secret]).updated, "a masked title is no change"
    words = "w" * (WORDS - 4) + "hunter2"
    index.store(SOURCE, [judged(secret)._replace(stats=FIGURES._replace(words=words))])
    [row] = index.rows([SOURCE])
    assert row.header.title == "the password is ‹secret›"
    assert row.stats is not None
    assert row.stats.words == "w" * (WORDS - 4) + "‹sec"
    index.close()
    written = [path.read_bytes() for path in tmp_path.iterdir()]
    assert not [data for data in written if b"hunter2" in data or b"whunt" in data]


def test_only_what_changed_waits_newest_first(index: SessionIndex) -> None:
    old, new, empty = header("old", at=1.0), header("new", at=2.0), header("empty", rows=0)
    assert index.sync(SOURCE, [old, new, empty]).updated == {"old", "new", "empty"}
    assert waiting(index) == ["new", "old"]
    index.store(SOURCE, [judged(old), judged(new)])
    assert not waiting(index)
    assert not index.sync(SOURCE, [empty, old, new]).updated
    changed = index.sync(SOURCE, [old._replace(stamp="2"), new._replace(title="other")])
    assert (changed.updated, changed.removed) == ({"old", "new"}, {"empty"})
    assert waiting(index) == ["old"]
    [row] = index.rows([SOURCE], ["old"])
    assert row.waits
    assert row.stats == FIGURES, "old figures stay until there are new ones"


def test_figures_of_an_earlier_state_do_not_end_the_waiting(index: SessionIndex) -> None:
    session = header("s")
    index.sync(SOURCE, [session])
    index.put(SOURCE, [session._replace(stamp="2")])
    index.store(SOURCE, [judged(session)])
    assert waiting(index) == ["s"]


def test_a_pending_call_is_looked_at_again_when_it_no_longer_can_be(index: SessionIndex) -> None:
    session = header("s", at=1_000.0)
    index.sync(SOURCE, [session])
    index.store(SOURCE, [judged(session, pending=1)])
    assert not waiting(index, 1_000.0 + HOUR - 1)
    assert waiting(index, 1_000.0 + HOUR) == ["s"]
    index.store(SOURCE, [judged(session, pending=0)])
    assert not waiting(index, 1_000.0 + HOUR)


def test_what_the_file_looked_like_is_forgotten_with_the_first_new_row(index: SessionIndex) -> None:
    index.sync(SOURCE, [header("s")], [Problem("p", "t")], "state 1")
    assert index.seen(SOURCE) == "state 1"
    assert index.problems_of(SOURCE) == (Problem("p", "t"),)
    index.put(SOURCE, [header("s", "2")])
    assert index.seen(SOURCE) == ""


def test_sources_do_not_mix(index: SessionIndex) -> None:
    index.sync(SOURCE, [header("s", title="one")])
    index.sync("/other.db", [header("s", title="two")._replace(source="/other.db")])
    assert [row.header.title for row in index.rows([SOURCE])] == ["one"]
    index.sync("/other.db", [])
    assert [row.header.source for row in index.rows([SOURCE, "/other.db"])] == [SOURCE]


def test_it_is_the_persons_own_and_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "library.index.db"
    index = SessionIndex(path, "7")
    index.sync(SOURCE, [header("s")])
    index.close()
    file = file_of(path, "7")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    index = SessionIndex(path, "7")
    assert [row.header for row in index.rows([SOURCE])] == [header("s")]
    index.close()


def test_figures_of_other_rules_are_not_read_and_old_files_go(tmp_path: Path) -> None:
    path = tmp_path / "library.index.db"
    for number, rules in enumerate(("1", "2", "3")):
        index = SessionIndex(path, rules)
        assert not list(index.rows([SOURCE]))
        index.sync(SOURCE, [header("s")])
        index.close()
        os.utime(file_of(path, rules), (number, number))
    SessionIndex(path, "4").close()
    assert not file_of(path, "1").exists()
    assert not file_of(path, "2").exists()
    assert file_of(path, "3").exists(), "who goes back to it finds it"


@pytest.mark.parametrize(
    "content",
    [b"no database at all, and longer than a header is" * 100, b"SQLite format 3\0" + b"\xff" * 9_000],
)
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "library.index.db"
    file_of(path, "7").write_bytes(content)
    index = SessionIndex(path, "7")
    assert not index.trouble
    index.sync(SOURCE, [header("s")])
    index.close()
    index = SessionIndex(path, "7")
    assert waiting(index) == ["s"]
    index.close()


def test_where_no_file_can_be_it_is_kept_in_memory_and_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    index = SessionIndex(tmp_path / "file" / "library.index.db", "7")
    assert str(tmp_path / "file") in index.trouble
    index.sync(SOURCE, [header("s")])
    assert waiting(index) == ["s"]
    index.close()


def test_deleting_it_while_it_is_open_harms_nobody(tmp_path: Path) -> None:
    path = tmp_path / "library.index.db"
    index = SessionIndex(path, "7")
    index.sync(SOURCE, [header("s")])
    for file in tmp_path.iterdir():
        file.unlink()
    index.store(SOURCE, [judged(header("s"))])
    assert not waiting(index)
    index.close()


def test_two_apps_share_it(tmp_path: Path) -> None:
    path = tmp_path / "library.index.db"
    index, other = SessionIndex(path, "7"), SessionIndex(path, "7")
    index.sync(SOURCE, [header("a"), header("b")])
    other.sync(SOURCE, [header("a"), header("b")])
    index.store(SOURCE, [judged(header("a"))])
    other.store(SOURCE, [judged(header("b"))])
    assert not waiting(index)
    assert not waiting(other)
    index.close()
    assert not waiting(other)
    other.close()


def test_another_app_that_writes_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.index.db"
    index = SessionIndex(path, "7")
    index.sync(SOURCE, [header("s")])
    blocker = sqlite3.connect(file_of(path, "7"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert waiting(index) == ["s"], "reading waits for nobody"
    blocker.execute("ROLLBACK")
    index.store(SOURCE, [judged(header("s"))])
    assert not waiting(index)
    blocker.close()
    index.close()


def test_a_full_disk_moves_it_into_memory_with_all_it_had(index: SessionIndex) -> None:
    index.sync(SOURCE, [header("a")])
    index.store(SOURCE, [judged(header("a"))])
    index._db.execute("PRAGMA max_page_count = 1")  # SQLite raises it to what the file has
    many = [header(f"s{number}", title="x" * 500) for number in range(500)]
    index.sync(SOURCE, [header("a"), *many])
    assert "full" in index.trouble
    rows = {row.header.id: row for row in index.rows([SOURCE])}
    assert len(rows) == 501
    assert rows["a"].stats == FIGURES
    index.store(SOURCE, [judged(session) for session in many])
    assert not waiting(index)


def test_a_file_damaged_while_it_is_open_is_filled_again(tmp_path: Path) -> None:
    path = tmp_path / "library.index.db"
    many = [header(f"s{number}", title="x" * 500) for number in range(500)]
    index = SessionIndex(path, "7")
    index.sync(SOURCE, many, (), "state")
    index.close()
    file = file_of(path, "7")
    size = file.stat().st_size
    index = SessionIndex(path, "7")
    with file.open("r+b") as damaged:
        damaged.seek(4096 * 8)
        damaged.write(b"\xff" * (size - 4096 * 8))
    found = list(index.rows([SOURCE]))
    assert len(found) in (0, 500)
    index.sync(SOURCE, many, (), "state")
    index.store(SOURCE, [judged(session) for session in many])
    assert len(list(index.rows([SOURCE]))) == 500
    assert not waiting(index)
    assert index.trouble
    index.close()
