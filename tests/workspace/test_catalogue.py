"""Listing through the index: nothing is judged twice, and nothing that changed is missed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.library.index import IndexedStats
from warmtui.model.stats import SessionSummary
from warmtui.sources.base import Source
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.workspace import catalogue, judging_jobs
from warmtui.workspace.catalogue import Catalogue, file_state
from warmtui.workspace.reader import Reader
from warmtui.workspace.workers import WorkerPool

NOW = 2_000_000_000.0


class Looked:
    """A catalogue that tells what a look at the sources cost."""

    def __init__(self, source: Path, index: Path | None) -> None:
        self.reader = Reader([str(source)], {"HOME": "/nowhere"}, now=lambda: NOW)
        self.catalogue = Catalogue(self.reader, index)

    def listing(self) -> list[SessionSummary]:
        self.catalogue.look()
        return [session for page in self.catalogue.pages() for session in page]

    def close(self) -> None:
        self.catalogue.close()
        self.reader.close()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts listings and judged sessions."""
    done = {"listed": 0, "judged": 0}
    listing, judge_job = HermesDatabase.listing, judging_jobs.judge_job

    def listed(self: HermesDatabase) -> object:
        done["listed"] += 1
        return listing(self)

    def judged(source: Source, job: judging_jobs.Job) -> Iterator[IndexedStats]:
        done["judged"] += len(job.stamps)
        return judge_job(source, job)

    monkeypatch.setattr(HermesDatabase, "listing", listed)
    monkeypatch.setattr(catalogue, "judge_job", judged)
    return done


def old(path: Path) -> None:
    """Make a file look as if nobody had written for an hour."""
    for file in (path, Path(f"{path}-wal")):
        if file.exists():
            os.utime(file, (NOW - 1e9, NOW - 1e9))


def listed_again(source: Path, index: Path) -> list[SessionSummary]:
    looked = Looked(source, index)
    try:
        return looked.listing()
    finally:
        looked.close()


def test_an_unchanged_file_is_not_even_listed(recordings: Path, tmp_path: Path, work: dict[str, int]) -> None:
    index = tmp_path / "i" / "library.index.db"
    old(recordings)
    first = listed_again(recordings, index)
    assert work == {"listed": 1, "judged": 12}
    assert listed_again(recordings, index) == first
    assert work == {"listed": 1, "judged": 12}


def test_without_an_index_the_figures_are_the_same(recordings: Path, tmp_path: Path) -> None:
    kept = listed_again(recordings, tmp_path / "i" / "library.index.db")
    memory = Looked(recordings, None)
    assert memory.listing() == kept
    memory.close()


@pytest.mark.parametrize(
    ("change", "judged"),
    [
        ("UPDATE sessions SET title = 'another' WHERE id LIKE '20261120_094723%'", 0),
        ("UPDATE messages SET active = 0 WHERE id = (SELECT max(id) FROM messages)", 1),
        ("UPDATE sessions SET rewind_count = rewind_count + 1 WHERE id LIKE '20261120_094723%'", 1),
        ("UPDATE messages SET active = 0, compacted = 1 WHERE session_id LIKE '%_8895c1' AND id % 2", 1),
        ("DELETE FROM messages WHERE id = (SELECT max(id) FROM messages)", 1),
    ],
)
def test_what_changed_is_judged_again_and_nothing_else(
    recordings: Path, tmp_path: Path, work: dict[str, int], change: str, judged: int
) -> None:
    index = tmp_path / "i" / "library.index.db"
    listed_again(recordings, index)
    db = sqlite3.connect(recordings)
    db.execute(change)
    db.commit()
    db.close()
    work["judged"] = 0
    after = listed_again(recordings, index)
    assert work["judged"] == judged
    fresh = Looked(recordings, None)
    assert fresh.listing() == after
    fresh.close()


def test_a_file_that_was_just_written_is_listed_again(recordings: Path) -> None:
    assert file_state(recordings) == ""
    old(recordings)
    before = file_state(recordings)
    assert before
    Path(f"{recordings}-wal").write_bytes(b"log")
    old(recordings)
    assert file_state(recordings) not in ("", before)
    assert file_state(recordings.with_name("gone.db")) == ""


def test_an_uncommitted_log_is_seen_through_its_file(tmp_path: Path, work: dict[str, int]) -> None:
    path, index = tmp_path / "state.db", tmp_path / "i" / "library.index.db"
    db = hermes.create(path, wal=True)
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "one")
    old(path)
    assert [header.stats.messages for header in listed_again(path, index)] == [1]
    hermes.said(db, "s1", "user", "two")
    old(path)
    assert [row.stats.messages for row in listed_again(path, index)] == [2], "the log has another size"
    db.close()


def test_two_sources_of_which_one_fails(recordings: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    reader = Reader([str(recordings), str(broken)], {"HOME": "/nowhere"}, now=lambda: NOW)
    catalogue = Catalogue(reader, None)
    assert set(catalogue.look()) == {str(recordings)}
    assert len([row for page in catalogue.pages() for row in page]) == 12
    assert catalogue.left_out() == {"empty": 2, "archived": 0, "hidden": 0}
    assert [problem.place for problem in catalogue.problems()] == [str(broken)]
    catalogue.close()
    reader.close()


def test_workers_judge_a_large_source_and_count_the_same(
    recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = Looked(recordings, None)
    expected = alone.listing()
    alone.close()
    monkeypatch.setattr(catalogue, "POOL_ROWS", 1)
    monkeypatch.setattr(catalogue, "cores", lambda: 3)
    monkeypatch.setattr(judging_jobs, "JOB_ROWS", 40)
    shared = Looked(recordings, None)
    told: list[tuple[int, int]] = []
    shared.catalogue.look()
    pages = shared.catalogue.pages(progress=lambda done, of: told.append((done, of)))
    assert [session for page in pages for session in page] == expected
    assert told[-1] == (12, 12)
    shared.close()


@pytest.fixture
def bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two sessions, and jobs of one."""
    monkeypatch.setattr(catalogue, "PAGE", 2)
    monkeypatch.setattr(judging_jobs, "JOB_ROWS", 1)


@pytest.mark.usefixtures("bit_by_bit")
def test_the_newest_are_listed_while_older_ones_are_judged(recordings: Path, work: dict[str, int]) -> None:
    looked = Looked(recordings, None)
    looked.catalogue.look()
    judged: list[int] = []
    found: list[SessionSummary] = []
    for page in looked.catalogue.pages():
        judged.append(work["judged"])
        found += page
    assert judged[0] < judged[-1] == 12
    assert found == looked.listing()
    assert work["judged"] == 12
    looked.close()


@pytest.mark.usefixtures("bit_by_bit")
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_what_a_limit_leaves_out_is_judged_and_counted(recordings: Path, limit: int) -> None:
    looked = Looked(recordings, None)
    looked.catalogue.look()
    found = [session for page in looked.catalogue.pages(limit=limit) for session in page]
    assert not looked.catalogue.waiting()
    assert looked.catalogue.left_out() == {"empty": 2, "archived": 0, "hidden": 0}
    assert found == looked.listing()[:limit]
    looked.close()


@pytest.mark.usefixtures("bit_by_bit")
def test_a_listing_that_is_given_up_ends_the_workers(
    recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[WorkerPool] = []
    close = WorkerPool.close

    def listening(pool: WorkerPool) -> None:
        closed.append(pool)
        close(pool)

    monkeypatch.setattr(WorkerPool, "close", listening)
    monkeypatch.setattr(catalogue, "POOL_ROWS", 1)
    monkeypatch.setattr(catalogue, "cores", lambda: 2)
    looked = Looked(recordings, None)
    looked.catalogue.look()
    pages = looked.catalogue.pages()
    assert next(pages)
    assert not closed
    assert isinstance(pages, Generator)
    pages.close()
    assert len(closed) == 1
    assert looked.catalogue.waiting()
    assert len(looked.listing()) == 12
    looked.close()


@pytest.mark.usefixtures("bit_by_bit")
def test_a_page_of_which_judging_leaves_nothing_does_not_end_the_list(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(hermes.create(path)) as db:
        for number in range(6):
            hermes.session(db, f"s{number}", 1000.0 + number)
            # the person rewound all of two sessions
            hermes.said(db, f"s{number}", "user", "words", active=int(number not in (2, 3)))
    looked = Looked(path, None)
    looked.catalogue.look()
    pages = list(looked.catalogue.pages())
    assert [[session.header.id for session in page] for page in pages] == [["s5", "s4"], ["s1", "s0"]]
    looked.close()
