"""What is learned before anybody searches, and that a search ends it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.sources.hermes import message_runs
from warmtui.sources.hermes.message_runs import MessageRuns
from warmtui.sources.live_database import LiveDatabase, Query
from warmtui.workspace.searcher import Searcher

SESSIONS = 7


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    with closing(hermes.create(path, wal=True)) as db:
        for number in range(SESSIONS):
            hermes.session(db, f"s{number}", float(number), title=f"walrus {number}")
            for _ in range(3):
                hermes.said(db, f"s{number}", "user", "walrus")
    return path


def learned(searcher: Searcher, path: Path) -> set[str]:
    return searcher._runs_of(str(path)).sessions()


def test_the_newest_sessions_are_learned_of(path: Path) -> None:
    with closing(Searcher()) as searcher:
        searcher.prepare([str(path), str(path.with_name("gone.db"))])
        assert learned(searcher, path) == {f"s{number}" for number in range(SESSIONS)}
        found = searcher.search(searcher.begin(), [str(path)], "walrus")
        assert found is not None
        assert len(found.ids[str(path)]) == SESSIONS


def test_what_is_known_is_not_asked_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []
    learn = message_runs._learn

    def listening(query: Query, runs: MessageRuns, some: Sequence[str]) -> None:
        asked.append(some)
        learn(query, runs, some)

    monkeypatch.setattr(message_runs, "_learn", listening)
    with closing(LiveDatabase(path)) as db:
        runs = MessageRuns()
        message_runs.learn_newest(db, runs, 3)
        message_runs.learn_newest(db, runs, 5)
    assert asked == [["s6", "s5", "s4"], ["s3", "s2"]]


def test_a_search_that_begins_ends_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_runs, "_CHUNK", 2)
    went, goes = threading.Event(), threading.Event()
    learn = MessageRuns.learn

    def slowly(runs: MessageRuns, spans: Sequence[tuple[str, int, int, int]]) -> None:
        learn(runs, spans)
        went.set()
        assert goes.wait(10)

    monkeypatch.setattr(MessageRuns, "learn", slowly)
    with closing(Searcher()) as searcher:
        thread = threading.Thread(target=searcher.prepare, args=([str(path)],))
        thread.start()
        assert went.wait(10)
        turn = searcher.begin()
        goes.set()
        thread.join(10)
        assert learned(searcher, path) == {"s6", "s5"}
        found = searcher.search(turn, [str(path)], "walrus")
        assert found is not None
        assert len(found.ids[str(path)]) == SESSIONS
