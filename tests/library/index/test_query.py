"""Which sessions a list shows, in which order, and that it goes through the index made for that."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from warmtui.library.index import IndexedStats, IndexReader, SelectionEndedError, SessionIndex
from warmtui.library.index.query import order, where
from warmtui.library.index.reader import SourceCounts
from warmtui.model.conditions import FigureIs, Order, Selection
from warmtui.model.session import SessionHeader
from warmtui.model.stats import NO_STATS, SessionStats

SOURCE, OTHER = "/somewhere/state.db", "/elsewhere/log.jsonl"


def header(name: str, at: float, source: str = SOURCE, **more: Any) -> SessionHeader:
    made = SessionHeader(name, "hermes", source, last_active_at=at, rows=5, stamp="1")
    return made._replace(**more)


def figures(messages: int, ok: int, errors: int, **more: Any) -> SessionStats:
    judged = ok + errors
    score = round(100 * ok / judged) if judged >= 5 else None
    made = NO_STATS._replace(messages=messages, calls=judged, ok=ok, errors=errors, score=score)
    return made._replace(**more)


SESSIONS: tuple[tuple[SessionHeader, SessionStats | None], ...] = (
    (
        header("a", 10.0, title="beta", channel="cli", model="x", cwd="/w/shop"),
        figures(9, 9, 1, task_type="code", tokens=7, cost_usd=2.0),
    ),
    (
        header("b", 20.0, title="Alpha", channel="cron", cwd="/w/Api"),
        figures(30, 5, 5, task_type="file", tokens=9),
    ),
    (header("c", 30.0, channel="Tele"), figures(4, 1, 0, words="gamma rays")),
    (header("d", 40.0, title="é"), figures(7, 9, 1)),
    (header("e", 50.0, rows=0), None),
    (header("f", 60.0, kind="subagent"), None),
    (header("g", 70.0, archived=True), figures(0, 0, 0)),
    (header("h", 80.0, OTHER, agent="openai"), None),
)


def filled(index: SessionIndex) -> SessionIndex:
    for source in (SOURCE, OTHER):
        index.sync(source, [session for session, _ in SESSIONS if session.source == source])
    judged = [(session, got) for session, got in SESSIONS if got is not None]
    index.store(SOURCE, [IndexedStats(session.id, "1", got, ()) for session, got in judged])
    return index


@pytest.fixture(params=["file", "memory"])
def reader(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[IndexReader]:
    """The index on a connection of its own, and where it is only in memory."""
    path = tmp_path / "library.index.db" if request.param == "file" else None
    index = filled(SessionIndex(path, "1"))
    reader = IndexReader(index)
    yield reader
    reader.close()
    index.close()


def ids(reader: IndexReader, asked: Selection, limit: int = -1) -> str:
    numbers = reader.select([SOURCE, OTHER], asked, limit).numbers
    found = dict(reader.fetch(list(numbers)))
    return "".join(found[number].header.id for number in numbers)


FULL = Selection(empty=False, archived=False, subagents=False)


@pytest.mark.parametrize(
    ("by", "expected", "reversed_"),
    [
        ("age", "hdcba", "abcdh"),
        (
            "score",
            "dabch",
            "bdach",
        ),  # c has too few calls, h is not judged; ties: more calls, then the newest
        ("messages", "badch", "cdabh"),
        ("calls", "dbach", "cdbah"),
        ("errors", "bdach", "cdabh"),
        ("title", "bacdh", "dcabh"),
        ("type", "abhdc", "bahdc"),
        ("tokens", "badch", "dcabh"),
        ("cost", "ahdcb", "ahdcb"),
        ("project", "bahdc", "abhdc"),
        ("channel", "abchd", "cbahd"),
        ("agent", "dcbah", "hdcba"),
        ("model", "ahdcb", "ahdcb"),
    ],
)
def test_every_order_with_what_has_no_value_last_both_ways(
    reader: IndexReader, by: Order, expected: str, reversed_: str
) -> None:
    assert ids(reader, FULL._replace(order=by)) == expected
    assert ids(reader, FULL._replace(order=by, reverse=True)) == reversed_
    assert ids(reader, FULL._replace(order=by), limit=2) == expected[:2]


def test_what_is_hidden_is_hidden_one_by_one(reader: IndexReader) -> None:
    assert ids(reader, Selection()) == "hgfedcba"
    assert ids(reader, Selection(empty=False)) == "hfdcba"
    assert ids(reader, Selection(archived=False)) == "hfedcba"
    assert ids(reader, Selection(subagents=False)) == "hgedcba"
    selected = reader.select([SOURCE], FULL)
    assert (len(selected.numbers), selected.total) == (4, 7)
    assert selected.kinds == {(): 4, ("empty",): 1, ("empty", "archived"): 1, ("subagents",): 1}


def test_free_text_is_looked_for_in_titles_first_words_and_ids(reader: IndexReader) -> None:
    assert ids(reader, FULL._replace(words=("alpha",))) == "b"
    assert ids(reader, FULL._replace(words=("ma ray",))) == "c"
    assert ids(reader, FULL._replace(words=("rays", "gam"))) == "c"
    assert ids(reader, FULL._replace(words=("rays", "alpha"))) == ""
    assert ids(reader, FULL._replace(words=("É".casefold(),))) == "d"
    assert ids(reader, FULL._replace(words=("alpha",), found={SOURCE: ["a", "e"], OTHER: ["b"]})) == "ba"
    assert ids(reader, FULL._replace(words=("alpha",), found={"/not/there.db": ["a"]})) == "b"


def test_conditions_on_figures_leave_out_what_is_not_judged(reader: IndexReader) -> None:
    asked = FULL._replace(conditions=(FigureIs("messages", ">", 5.0),), judged=True)
    assert ids(reader, asked) == "dba"


def test_a_row_that_is_gone_is_left_out(reader: IndexReader) -> None:
    numbers = reader.select([SOURCE], FULL).numbers
    assert {number for number, _ in reader.fetch([*numbers, 10**6])} == set(numbers)


def test_places_and_values(reader: IndexReader) -> None:
    assert reader.places([SOURCE, OTHER]) == [
        SourceCounts("hermes", SOURCE, 5, 2),
        SourceCounts("openai", OTHER, 1, 0),
    ]
    assert reader.values([SOURCE, OTHER]) == {
        "agent": ["hermes", "openai"],
        "channel": ["Tele", "cli", "cron"],
        "model": ["x"],
        "project": ["Api", "shop"],
        "tool": [],
    }


def test_what_is_written_meanwhile_is_seen(tmp_path: Path) -> None:
    index = filled(SessionIndex(tmp_path / "library.index.db", "1"))
    reader = IndexReader(index)
    index.put(SOURCE, [header("z", 99.0, title="new")])
    assert ids(reader, FULL)[0] == "z"
    index.put(SOURCE, [header("z", 99.0, title="named anew")])
    assert ids(reader, FULL._replace(words=("named",))) == "z"
    reader.close()
    index.close()


@pytest.mark.parametrize("by", get_args(Order))
def test_no_list_goes_through_the_sessions_by_their_ids(tmp_path: Path, by: Order) -> None:
    index = filled(SessionIndex(tmp_path / "library.index.db", "1"))
    asked = FULL._replace(order=by)
    condition, values = where(asked, index.numbers([SOURCE]))
    sql = f"SELECT number FROM session WHERE {condition} ORDER BY {order(asked)}"
    plan = " ".join(row[3] for row in index.read(f"EXPLAIN QUERY PLAN {sql}", values))
    index.close()
    wanted = (
        "COVERING INDEX session_newest"
        if by in ("age", "score", "messages", "calls", "errors")
        else "SCAN session"
    )
    assert wanted in plan, plan


CHANGES: tuple[tuple[SessionHeader, SessionStats | None], ...] = (
    (header("a", 99.0, title="zeta", channel="cli", model="x"), figures(9, 9, 1, task_type="code")),
    (header("b", 5.0, title="Alpha", channel="cron"), figures(31, 9, 1, gain=0.5)),
    (header("c", 30.0, channel="Tele"), None),
    (header("d", 40.0, archived=True), figures(7, 9, 1)),
    (header("g", 70.0), figures(3, 1, 1)),
    (header("new", 45.0, title="Alpha"), None),
)


@pytest.mark.parametrize("order", get_args(Order))
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    "asked", [Selection(), FULL, Selection((FigureIs("messages", ">", 5),), judged=True)]
)
def test_changed_sessions_come_where_selecting_all_would_put_them(
    reader: IndexReader, order: Order, *, reverse: bool, asked: Selection
) -> None:
    asked = asked._replace(order=order, reverse=reverse)
    for changed, got in CHANGES:
        before = reader.select([SOURCE, OTHER], asked).numbers
        kept = before[:]
        stamp = f"{changed.id} again"
        reader._index.put(SOURCE, [changed._replace(stamp=stamp)])
        if got is not None:
            reader._index.store(SOURCE, [IndexedStats(changed.id, stamp, got, ())])
        [(number, _)] = reader.with_ids([SOURCE], [changed.id])
        placed = reader.move_changed([SOURCE, OTHER], asked, before, [number])
        assert placed == reader.select([SOURCE, OTHER], asked).numbers
        assert before == kept


def test_a_session_that_is_gone_leaves_the_others(reader: IndexReader) -> None:
    before = reader.select([SOURCE, OTHER], Selection()).numbers
    [(number, _)] = reader.with_ids([SOURCE], ["d"])
    reader._index.sync(
        SOURCE, [session for session, _ in SESSIONS if session.source == SOURCE and session.id != "d"]
    )
    assert not list(reader.with_ids([SOURCE], ["d"]))
    placed = reader.move_changed([SOURCE, OTHER], Selection(), before, [number])
    assert placed == reader.select([SOURCE, OTHER], Selection()).numbers


@contextmanager
def ending(reader: IndexReader) -> Iterator[None]:
    """End whatever selection is under way, again and again."""
    begun, left = threading.Event(), threading.Event()

    def end() -> None:
        while not left.is_set():
            reader.end_selection()
            begun.set()

    thread = threading.Thread(target=end)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        left.set()
        thread.join()


def test_a_selection_is_ended_from_another_thread_and_nothing_else_is_lost(tmp_path: Path) -> None:
    index = filled(SessionIndex(tmp_path / "library.index.db", "1"))
    index.sync(SOURCE, [header(str(number), float(number), title="x" * 50) for number in range(50_000)])
    reader = IndexReader(index)
    with ending(reader):
        with pytest.raises(SelectionEndedError):
            reader.select([SOURCE], Selection(words=("nowhere",), order="title"))
        # neither begun again nor lost: it would take for ever
        assert reader.values([SOURCE])["agent"] == ["hermes"]
    assert len(reader.select([SOURCE], Selection()).numbers) == 50_000
    reader.close()
    reader.end_selection()  # when there is none, nothing happens
    index.close()
