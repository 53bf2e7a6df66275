"""Sessions that change while they are shown."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection, connect

import hermes_db as hermes
import pytest

from warmtui.model.session import SessionKey
from warmtui.workspace.catalogue import Catalogue
from warmtui.workspace.feed import RELIST_SECONDS, WHOLE_SHARE, Changes, SessionFeed
from warmtui.workspace.reader import Reader

OK = '{"output": "", "exit_code": 0, "error": null}'
FAILED = '{"output": "", "exit_code": 2, "error": null}'


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Connection, SessionFeed]]:
    monkeypatch.setattr("warmtui.workspace.feed.SLOW_POLL", 60.0)  # whatever else the machine does
    path = tmp_path / "state.db"
    db = hermes.create(path, wal=True)
    for number in range(20):
        hermes.session(db, f"s{number:02}", started_at=1000.0 + number)
        hermes.said(db, f"s{number:02}", "user", f"words {number}", timestamp=1000.0 + number)
        hermes.called(db, f"s{number:02}", ("c", "terminal", {"command": "make"}), timestamp=1001.0 + number)
        hermes.answered(db, f"s{number:02}", "c", OK, timestamp=1001.5 + number)
    reader = Reader([str(path)], {"HOME": str(tmp_path)}, now=lambda: 9_000.0)
    catalogue = Catalogue(reader, None)
    feed = SessionFeed(reader, catalogue)
    yield db, feed
    for resource in (feed, catalogue, reader):
        resource.close()
    db.close()


def judge_all(feed: SessionFeed) -> None:
    while feed.waiting:
        feed.judge(1.0)


def key(db: Connection, name: str) -> SessionKey:
    return SessionKey(db.execute("PRAGMA database_list").fetchone()[2], name)


def test_headers_come_first_and_figures_newest_first(live: tuple[Connection, SessionFeed]) -> None:
    db, feed = live
    assert len(feed.refresh().updated) == 20
    assert all(row.stats is None for row in feed.rows.values())
    judged = feed.judge(0.0).updated
    assert {call.id for call in judged} == {f"s{number:02}" for number in range(12, 20)}
    while feed.waiting:
        feed.judge(0.0)
    row = feed.rows[key(db, "s03")]
    assert row.stats is not None
    assert (row.stats.ok, row.stats.tools, row.words) == (1, frozenset({"terminal"}), "words 3")


def test_what_is_on_screen_is_judged_before_the_rest(live: tuple[Connection, SessionFeed]) -> None:
    db, feed = live
    feed.refresh()
    assert key(db, "s00") in feed.judge(0.0, first=[key(db, "s00")]).updated


def test_nothing_written_is_no_work(live: tuple[Connection, SessionFeed]) -> None:
    _, feed = live
    feed.refresh()
    while feed.waiting:
        feed.judge(1.0)
    assert not feed.refresh()
    assert feed.waiting == 0


def test_a_session_that_grows_is_judged_again(live: tuple[Connection, SessionFeed]) -> None:
    db, feed = live
    feed.refresh()
    while feed.waiting:
        feed.judge(1.0)
    hermes.called(db, "s05", ("d", "terminal", {"command": "make x"}))
    hermes.answered(db, "s05", "d", FAILED)
    changes = feed.refresh()
    assert changes.updated == {key(db, "s05")}
    old = feed.rows[key(db, "s05")].stats
    assert old is not None
    assert old.errors == 0
    feed.judge(1.0)
    new = feed.rows[key(db, "s05")].stats
    assert new is not None
    assert (new.errors, new.calls) == (1, 2)
    hermes.session(db, "s99", started_at=2000.0)
    hermes.said(db, "s99", "user", "brand new")
    assert feed.refresh().updated == {key(db, "s99")}


def test_other_changes_show_a_little_later(
    live: tuple[Connection, SessionFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, feed = live
    feed.refresh()
    db.execute("UPDATE sessions SET title = 'named' WHERE id = 's07'")
    db.execute("DELETE FROM messages WHERE session_id = 's08'")
    db.execute("DELETE FROM sessions WHERE id = 's08'")
    assert not feed.refresh()
    later = (feed.read_at or 0.0) + RELIST_SECONDS + 1
    monkeypatch.setattr("warmtui.workspace.feed.time.monotonic", lambda: later)
    changes = feed.refresh()
    assert key(db, "s07") in changes.updated
    assert changes.removed == {key(db, "s08")}
    assert feed.rows[key(db, "s07")].header.title == "named"


def test_while_listing_everything_is_slow_the_newest_are_looked_at(
    live: tuple[Connection, SessionFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, feed = live
    feed.refresh()
    monkeypatch.setattr("warmtui.workspace.feed.RECENT", 2)
    now = feed.read_at or 0.0
    monkeypatch.setattr("warmtui.workspace.feed.time.monotonic", lambda: now)
    feed._whole_took = 1.0
    db.execute("UPDATE sessions SET title = 'new' WHERE id = 's19'")
    db.execute("UPDATE sessions SET title = 'old' WHERE id = 's03'")
    assert not feed.refresh()
    now += RELIST_SECONDS + 1
    assert feed.refresh().updated == {key(db, "s19")}
    assert feed.rows[key(db, "s19")].header.title == "new"
    now += RELIST_SECONDS + 1
    assert not feed.refresh(), "looked at again, and nothing else is new among them"
    now += WHOLE_SHARE
    assert feed.refresh().updated == {key(db, "s03")}
    now += WHOLE_SHARE
    assert not feed.refresh()


def test_another_database_in_its_place_is_noticed_though_it_counts_the_same(
    live: tuple[Connection, SessionFeed],
) -> None:
    db, feed = live
    feed.refresh()
    judge_all(feed)
    path = Path(key(db, "s00").source)
    with closing(hermes.create(path.with_name("other.db"), wal=True)) as other:
        for number in range(20):
            # s00 is gone and s20 is new; s19 has as many rows at the same times, and another result
            name, at = f"s{number + 1:02}", 1001.0 + number
            hermes.session(other, name, started_at=at)
            hermes.said(other, name, "user", "other words", timestamp=at)
            hermes.called(other, name, ("c", "terminal", {"command": "make"}), timestamp=at + 1.0)
            hermes.answered(other, name, "c", FAILED, timestamp=at + 1.5)
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    path.with_name("other.db").replace(path)
    changes = feed.refresh(force=True)
    assert changes.removed == {key(db, "s00")}
    judge_all(feed)
    row = feed.rows[key(db, "s19")]
    assert row.stats is not None
    assert (row.stats.errors, row.words) == (1, "other words")


def test_rows_that_took_the_ids_of_others_are_noticed(live: tuple[Connection, SessionFeed]) -> None:
    db, feed = live
    feed.refresh()
    judge_all(feed)
    with closing(connect(key(db, "s00").source, isolation_level=None)) as writer:
        writer.execute("BEGIN")
        writer.execute("DELETE FROM messages WHERE session_id = 's19'")
        writer.execute("DELETE FROM sessions WHERE id = 's19'")
        writer.execute("UPDATE sqlite_sequence SET seq = 57")
        hermes.session(writer, "new", started_at=2_000.0)
        hermes.said(writer, "new", "user", "words", timestamp=2_000.0)
        hermes.called(writer, "new", ("c", "terminal", {"command": "make"}), timestamp=2_001.0)
        hermes.answered(writer, "new", "c", FAILED, timestamp=2_002.0)
        writer.execute("COMMIT")
    assert key(db, "new") in feed.refresh().updated
    assert key(db, "s19") in feed.refresh(force=True).removed


def test_a_database_that_goes_away_is_told_and_comes_back(live: tuple[Connection, SessionFeed]) -> None:
    db, feed = live
    feed.refresh()
    path = Path(key(db, "x").source)
    away = path.with_suffix(".away")
    path.rename(away)
    changes = feed.refresh()
    assert "is gone" in changes.problems[0]
    assert len(feed.rows) == 20, "what was read stays"
    away.rename(path)
    assert not feed.refresh().problems


def test_many_new_rows_at_once(live: tuple[Connection, SessionFeed]) -> None:
    db, feed = live
    feed.refresh()
    while feed.waiting:
        feed.judge(1.0)
    db.execute("BEGIN")
    for number in range(10_000):
        hermes.said(db, "s01", "user", f"more {number}")
    db.execute("COMMIT")
    assert feed.refresh().updated == {key(db, "s01")}
    feed.judge(1.0)
    row = feed.rows[key(db, "s01")]
    assert row.stats is not None
    assert row.stats.messages == 10_003


def test_a_workers_answer_that_comes_too_late_is_dropped(
    live: tuple[Connection, SessionFeed], monkeypatch: pytest.MonkeyPatch
) -> None:
    db, feed = live
    monkeypatch.setattr("warmtui.workspace.feed.MANY_ROWS", 1)
    feed.refresh()
    on_screen = key(db, "s19")
    feed.judge(0.0, first=[on_screen])  # here, while a worker has it too
    hermes.called(db, "s19", ("d", "terminal", {"command": "make"}), timestamp=2_000.0)
    hermes.answered(db, "s19", "d", FAILED, timestamp=2_000.5)
    feed.refresh()
    deadline = time.monotonic() + 60
    while feed.waiting and time.monotonic() < deadline:
        feed.judge(0.05, first=[on_screen])
    feed.judge(0.5)
    assert feed.waiting == 0
    assert all(row.stats is not None for row in feed.rows.values())
    summary = feed.rows[on_screen].stats
    assert summary is not None
    assert (summary.ok, summary.errors) == (1, 1)


def chats(path: Path, *words: str) -> Path:
    """Write a file with one chat for each of some words."""
    lines = [{"id": word, "messages": [{"role": "user", "content": word}]} for word in words]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def later(feed: SessionFeed, monkeypatch: pytest.MonkeyPatch) -> Changes:
    """Look again after the time in which new sources are looked for."""
    now = (feed.read_at or 0.0) + RELIST_SECONDS + 1
    with monkeypatch.context() as patch:
        patch.setattr("warmtui.workspace.feed.time.monotonic", lambda: now)
        return feed.refresh()


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionFeed]:
    """A feed of a database, a file of chats, and a file that is not there."""
    monkeypatch.setattr("warmtui.workspace.feed.SLOW_POLL", 60.0)
    db = hermes.create(tmp_path / "state.db", wal=True)
    hermes.session(db, "s", started_at=1_000.0)
    hermes.said(db, "s", "user", "words", timestamp=1_001.0)
    names = ("state.db", "chats.jsonl", "later.jsonl")
    chats(tmp_path / "chats.jsonl", "a", "b")
    reader = Reader([str(tmp_path / name) for name in names], {}, now=lambda: 9_000.0)
    catalogue = Catalogue(reader, None)
    feed = SessionFeed(reader, catalogue)
    yield feed
    for resource in (feed, catalogue, reader, db):
        resource.close()


def ids(feed: SessionFeed) -> set[str]:
    return {session.id for session in feed.rows}


def test_a_source_that_appears_later_is_picked_up(
    several: SessionFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "later.jsonl" in several.refresh().problems[0]
    assert ids(several) == {"s", "a", "b"}
    chats(tmp_path / "later.jsonl", "c")
    changes = later(several, monkeypatch)
    assert ids(several) == {"s", "a", "b", "c"}
    assert {session.id for session in changes.updated} == {"c"}
    assert not changes.problems
    while several.waiting:
        several.judge(1.0)
    assert all(row.stats is not None for row in several.rows.values())


def test_a_source_that_cannot_be_read_is_tried_again_when_it_was_written(
    several: SessionFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "later.jsonl"
    path.write_text("no session\n")
    os.utime(path, (1_000, 1_000))
    tried = []
    listing = Catalogue._sync

    def counted(catalogue: Catalogue, path: Path) -> object:
        tried.append(path.name)
        return listing(catalogue, path)

    monkeypatch.setattr(Catalogue, "_sync", counted)
    for _ in range(3):
        assert "later.jsonl" in later(several, monkeypatch).problems[0]
    assert tried.count("later.jsonl") == 1
    chats(path, "c")
    assert not later(several, monkeypatch).problems
    assert ids(several) == {"s", "a", "b", "c"}


def test_a_source_that_vanishes_is_told_and_comes_back(
    several: SessionFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    several.refresh()
    path = tmp_path / "chats.jsonl"
    path.rename(tmp_path / "away")
    for _ in range(2):
        assert any("chats.jsonl" in problem for problem in several.refresh().problems)
        assert ids(several) == {"s", "a", "b"}, "what was read stays"
    chats(path, "a", "b", "c")
    assert not any("chats.jsonl" in problem for problem in several.refresh().problems)
    assert ids(several) == {"s", "a", "b", "c"}


def test_a_source_that_is_slow_to_look_at_does_not_hold_up_the_others(
    several: SessionFeed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    several.refresh()
    looks: list[str] = []
    poll = Catalogue.poll

    def counted(catalogue: Catalogue, place: str) -> object:
        looks.append(Path(place).name)
        if place.endswith(".jsonl"):
            time.sleep(0.02)
        return poll(catalogue, place)

    monkeypatch.setattr(Catalogue, "poll", counted)
    monkeypatch.setattr("warmtui.workspace.feed.SLOW_POLL", 0.02)
    monkeypatch.setattr("warmtui.workspace.feed.POLL_SHARE", 10_000)
    for _ in range(3):
        several.refresh()
    assert looks.count("chats.jsonl") == 1
    assert looks.count("state.db") >= 1


def test_of_two_copies_the_newest_is_listed(tmp_path: Path) -> None:
    paths = tmp_path / "one.db", tmp_path / "two.db"
    one, two = map(hermes.create, paths)
    for db in (one, two):
        hermes.session(db, "s", started_at=1_000.0)
        hermes.said(db, "s", "user", "words", timestamp=1_001.0)
    reader = Reader(list(map(str, paths)), {"HOME": str(tmp_path)}, now=lambda: 9_000.0)
    catalogue = Catalogue(reader, None)
    feed = SessionFeed(reader, catalogue)
    feed.refresh()
    while feed.waiting:
        feed.judge(1.0)
    assert list(feed.rows) == [key(one, "s")]
    assert len(feed.rows) == 1
    hermes.said(two, "s", "user", "more", timestamp=1_002.0)
    assert feed.refresh().updated == {key(one, "s"), key(two, "s")}
    assert list(feed.rows) == [key(two, "s")]
    feed.judge(1.0)
    assert feed.session(key(two, "s")).problems[0].text == f"also in {paths[0]}, an older copy"
    hermes.said(one, "s", "user", "even more", timestamp=1_003.0)
    feed.refresh()
    assert list(feed.rows) == [key(one, "s")]
    for resource in (feed, catalogue, reader, one, two):
        resource.close()
