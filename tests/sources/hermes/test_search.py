"""Finding sessions by words, with the indexes that Hermes makes."""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from case_tables import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from warmtui.errors import SourceError
from warmtui.model.search_words import CUT
from warmtui.sources import live_database as live
from warmtui.sources.base import SearchResult
from warmtui.sources.hermes import search
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.sources.hermes.search import search_sessions
from warmtui.sources.live_database import LiveDatabase, ReadInterruptedError

NO_INDEX = "Hermes keeps no index of its messages here: messages were searched one by one"
ONE_BY_ONE = "words this short are in no index: messages were searched one by one"


def find(path: Path, words: str, limit: int = 100) -> SearchResult:
    with closing(LiveDatabase(path)) as db:
        return search_sessions(db, words, limit=limit)


def paged(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Let a search look at so few messages at a time."""
    for name in ("INDEX_WINDOW", "SCAN_WINDOW"):
        monkeypatch.setattr(search, name, rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """Hermes' tables and both indexes, being written."""
    with closing(hermes.create(path, wal=True)) as writer:
        hermes.index(writer)
        yield writer


def one_each(db: sqlite3.Connection, *texts: str) -> None:
    """A session per text, called s0, s1, …, the last the newest."""
    db.execute("BEGIN")
    for number, text in enumerate(texts):
        hermes.session(db, f"s{number}", float(number))
        hermes.said(db, f"s{number}", "user", text)
    db.execute("COMMIT")


def test_words_are_found_by_their_beginnings_newest_first(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "the coupon expiry", "Coupons", "a recoupon", "expiry of a COUPON")
    assert find(path, "coup") == SearchResult(("s3", "s1", "s0"), "")
    assert find(path, "exp coup").ids == ("s3", "s0")
    assert find(path, '"coupon"').ids == ("s3", "s0")
    assert find(path, '"coupon exp').ids == ("s0",)
    assert find(path, '"coupon exp"').ids == ()
    assert find(path, "co").ids == ()
    assert find(path, "a").ids == ("s3", "s2")
    assert find(path, "coup nothing").ids == ()


def test_all_words_stand_in_one_message_and_all_messages_count(path: Path, db: sqlite3.Connection) -> None:
    hermes.session(db, "s1")
    hermes.said(db, "s1", "user", "walrus")
    hermes.said(db, "s1", "assistant", "penguin")
    hermes.called(db, "s1", ("c", "terminal", {"command": "flamingo --json"}))
    hermes.answered(db, "s1", "c", "pelican", tool_name="terminal")
    assert find(path, "walrus penguin").ids == ()
    for words in ("penguin", "flamingo --json", "pelican term"):
        assert find(path, words) == SearchResult(("s1",), "")


def test_rewound_rows_are_out_and_compacted_ones_in(path: Path, db: sqlite3.Connection) -> None:
    for name, active, compacted in (("live", 1, 0), ("old", 0, 1), ("rewound", 0, 0)):
        hermes.session(db, name)
        hermes.said(db, name, "user", "walrus 优惠", active=active, compacted=compacted)
    hermes.said(db, "rewound", "user", "penguin")
    assert set(find(path, "walrus").ids) == {"live", "old"}
    assert set(find(path, "优惠").ids) == {"live", "old"}
    assert find(path, "penguin").ids == ("rewound",)
    db.execute("DROP TRIGGER messages_fts_insert")
    db.execute("DROP TRIGGER messages_fts_trigram_insert")
    db.execute("DROP TRIGGER messages_fts_update")
    db.execute("DROP TRIGGER messages_fts_trigram_update")
    assert set(find(path, "walrus").ids) == {"live", "old"}


# --- what an index does not reach


@pytest.fixture(params=["inline", "views"])
def layout(path: Path, request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    """Hermes' tables with the indexes of either age."""
    with closing(hermes.create(path, wal=True)) as writer:
        hermes.index(writer, views=request.param == "views")
        yield writer


FAR = "collected " * 1_000
"""More than the 8,192 characters of a result that newer indexes hold."""


@cases("sources/hermes/data/reach.jsonl")
def test_calls_and_results_are_found_whole_in_either_layout(
    path: Path, layout: sqlite3.Connection, words: str, expected: list[str]
) -> None:
    for name, source in (("s1", "cli"), ("s2", "subagent"), ("s3", "cron"), ("s4", None)):
        hermes.session(layout, name, source=source)
        hermes.called(layout, name, ("c", "terminal", {"command": "pytest tests/test_cart.py -k 'é\\d'"}))
        hermes.answered(layout, name, "c", json.dumps({"output": "1 passed\nFAILED c++lib"}))
    hermes.said(layout, "s2", "user", "a delegated errand")
    hermes.called(layout, "s1", ("d", "terminal", {"command": f"echo {FAR} pelican"}))
    hermes.answered(layout, "s1", "d", json.dumps({"output": f"{FAR}\nneedle.past walrus"}))
    assert find(path, words) == SearchResult(tuple(expected), "")


def test_what_a_rebuild_has_not_come_to_is_looked_at(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus a", "walrus b", "walrus c", "walrus d")
    db.execute("CREATE TABLE state_meta (key TEXT PRIMARY KEY, value TEXT)")
    db.execute("INSERT INTO state_meta VALUES ('fts_rebuild_high_water', '3'), ('fts_rebuild_progress', '1')")
    db.execute("DELETE FROM messages_fts WHERE rowid IN (2, 3)")
    assert find(path, "walrus") == SearchResult(("s3", "s2", "s1", "s0"), "")
    db.execute("DELETE FROM state_meta")
    assert find(path, "walrus").ids == ("s3", "s0")


def test_what_the_time_did_not_allow_is_told_beside_what_the_index_found(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(hermes.create(path)) as db:
        hermes.index(db, views=True)
        one_each(db, *["wait"] * 4)
        for number in range(4):
            hermes.answered(db, f"s{number}", "c", f"{FAR} walrus")
        hermes.said(db, "s3", "user", "walrus")
    paged(monkeypatch, 2)
    monkeypatch.setattr(search, "INDEX_WINDOW", 100)
    monkeypatch.setattr(search, "SECONDS", -1.0)
    told = "texts that Hermes' index leaves out, in older messages: the search ended after -1 s"
    assert find(path, "walrus") == SearchResult(("s3",), "", (told,))


# --- words


MANY = [f"wal{number:03}x" for number in range(40)]


@cases("sources/hermes/data/beginnings.jsonl")
def test_words_are_found_by_their_beginnings_however_many_there_are(
    path: Path, db: sqlite3.Connection, words: str, expected: list[str]
) -> None:
    db.execute("DROP TABLE messages_fts_trigram")
    for name in ("insert", "delete", "update"):
        db.execute(f"DROP TRIGGER messages_fts_trigram_{name}")
    one_each(db, "walrus", "Walrusses with a penguin on ice", "the walrus", " ".join(MANY), "walrusé")
    assert sorted(find(path, words).ids) == expected


def test_scripts_without_spaces_are_found_inside(path: Path, db: sqlite3.Connection) -> None:
    one_each(
        db, "修复优惠券过期的问题 in coupons.py", "优惠活动", "แก้ไขคูปองหมดอายุ", "クーポンの期限", "coupons"
    )
    assert find(path, "优惠券过") == SearchResult(("s0",), "")
    assert find(path, "优惠券 oupons.p").ids == ("s0",)
    assert find(path, "优惠券 py").ids == ("s0",)
    assert find(path, "优惠券 ts").ids == ()
    assert find(path, "คูปอง").ids == ("s2",)
    assert find(path, "ーポンの").ids == ("s3",)
    assert find(path, "优惠") == SearchResult(("s1", "s0"), ONE_BY_ONE)
    assert find(path, "coupons 优惠") == SearchResult(("s0",), "")
    assert find(path, "惠 券").ids == ("s0",)


def test_signs_are_found_as_they_stand(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "use c++ here", "use c here", "a -> b", "🎉🎉🎉 done", "run -v", "src/shop/cart.py x_y")
    assert find(path, "c++") == SearchResult(("s0",), "")
    assert find(path, "->") == SearchResult(("s2",), ONE_BY_ONE)
    assert find(path, "🎉🎉🎉") == SearchResult(("s3",), "")
    assert find(path, "🎉").ids == ("s3",)
    assert find(path, "run -v").ids == ("s4",)
    assert find(path, "shop/cart.p").ids == ("s5",)
    assert find(path, "x_y").ids == ("s5",)


def test_accents_and_other_cases_are_found(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "ÉCHARPE", "Привет мир")
    assert find(path, "echarpe").ids == find(path, "écharpe").ids == ("s0",)
    assert find(path, "привет").ids == ("s1",)


def test_content_in_parts_is_searched(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, '\0json:[{"type": "text", "text": "walrus 优惠"}]')
    assert find(path, "walrus").ids == ("s0",)
    assert find(path, "优惠").ids == ("s0",)
    without_triggers(db)
    assert find(path, "WALRUS") == SearchResult(("s0",), NO_INDEX)


def without_triggers(db: sqlite3.Connection) -> None:
    """What a Hermes whose SQLite has no FTS5 leaves."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in rows:
        db.execute(f"DROP TRIGGER {name}")


def test_an_index_that_nothing_fills_is_not_trusted(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus")
    without_triggers(db)
    hermes.session(db, "new", 9.0)
    hermes.said(db, "new", "user", "another walrus")
    assert find(path, "walrus") == SearchResult(("new", "s0"), NO_INDEX)


def test_without_an_index_every_message_is_looked_at(path: Path) -> None:
    with closing(hermes.create(path)) as db:
        hermes.session(db, "said", 2.0)
        hermes.said(db, "said", "user", "The WALRUS 100% é")
        hermes.session(db, "called")
        hermes.called(db, "called", ("c", "terminal", {"command": "feed walrus"}))
        hermes.answered(db, "called", "c", "fed")
        hermes.session(db, "rewound")
        hermes.said(db, "rewound", "user", "walrus", active=0)
        hermes.said(db, "rewound", "user", "narwalrus")
    assert find(path, "walr") == SearchResult(("called", "said"), NO_INDEX)
    assert find(path, "0% É walrus").ids == ("said",)
    assert find(path, "1_0").ids == ()


def test_the_least_columns_are_enough(path: Path) -> None:
    with closing(hermes.create(path, minimal=True)) as db:
        hermes.session(db, "s1")
        hermes.said(db, "s1", "user", "walrus")
    assert find(path, "walrus") == SearchResult(("s1",), NO_INDEX)


def test_only_the_index_of_words(path: Path) -> None:
    """`HERMES_DISABLE_FTS_TRIGRAM`, or an SQLite without that tokenizer."""
    with closing(hermes.create(path)) as db:
        hermes.index(db, trigram=False)
        one_each(db, "修复优惠券 in coupons", "优惠券", "c++", "src/shop/cart.py")
    assert find(path, "优惠券 coup") == SearchResult(("s0",), "")
    assert find(path, "优惠券") == SearchResult(("s1", "s0"), ONE_BY_ONE)
    assert find(path, "c++").ids == ("s2",)
    assert find(path, "shop/cart") == SearchResult(("s3",), "")


def test_only_the_trigram_index(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "coupons of today")
    db.execute("DROP TRIGGER messages_fts_insert")
    assert find(path, "upons of") == SearchResult(("s0",), "")


@pytest.mark.parametrize("minimal", [False, True], ids=["fts", "like"])
@cases(
    "sources/hermes/data/odd_queries.jsonl",
    ("x" * 10_240,),
    ("walrus " * 1_500,),
    ('"' * 10_240,),
    ("% " * 5_000,),
)
def test_no_query_raises(path: Path, words: str, minimal: bool) -> None:
    with closing(hermes.create(path)) as db:
        if not minimal:
            hermes.index(db)
        one_each(db, "walrus", "aaaa" * 2_500, "\0json:[")
        result = find(path, words)
        assert set(result.ids) <= {"s0", "s1", "s2"}
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (3,)


def test_no_operator_is_obeyed(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus and penguin", "walrus near the penguin", "walrus", "content walrus")
    assert find(path, "walrus OR penguin").ids == ()
    assert find(path, "walrus AND penguin").ids == ("s0",)
    assert find(path, "NEAR(walrus").ids == ()
    assert find(path, "NEAR ( walrus").ids == ()
    assert find(path, "walrus NOT penguin").ids == ()
    assert find(path, "content:walrus").ids == find(path, "walrus*").ids == find(path, "^walrus").ids == ()
    assert find(path, "walrus\0penguin").ids == ("s1", "s0")


def test_nothing_to_search_for(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus")
    for words in ("", " \n", '""', '"  "', "\0"):
        assert find(path, words) == SearchResult((), "nothing to search for")
    for limit in (0, -1):
        assert find(path, "walrus", limit).ids == ()


def test_what_of_a_long_query_is_searched_is_said(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus " + "y" * 80)
    for words in ("walrus " * 9 + "penguin", "y" * 90, '"walrus' + " " * 3_000 + '"'):
        assert find(path, words) == SearchResult(("s0",), "", (CUT,))


def test_the_newest_are_kept_when_there_are_too_many(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, *["walrus 优惠"] * 6)
    left_out = ("more sessions with the words than the newest 2",)
    assert find(path, "walrus", 2) == SearchResult(("s5", "s4"), "", left_out)
    assert find(path, "walrus", 6) == SearchResult(("s5", "s4", "s3", "s2", "s1", "s0"), "")
    assert find(path, "优惠", 2) == SearchResult(("s5", "s4"), ONE_BY_ONE, left_out)


@pytest.mark.parametrize("words", ["walrus", "优惠", "walrus 优惠"])
@pytest.mark.parametrize("rows", [1, 2, 3, 7])
def test_pages_lose_nothing(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, words: str, rows: int
) -> None:
    for number in range(6):
        hermes.session(db, f"s{number}", float(number))
    for number in (0, 0, 3, 1, 1, 1, 5, 0):
        hermes.said(db, f"s{number}", "user", "walrus 优惠")
        hermes.said(db, "s2", "user", "walrus 优惠", active=0)
        hermes.said(db, "s4", "user", "penguin")
    # rows of an index whose messages are gone, and a gap in the ids
    db.execute("INSERT INTO messages_fts(rowid, content) VALUES (900, 'walrus'), (901, 'walrus')")
    hermes.said(db, "s3", "user", "walrus 优惠", id=2**40)
    paged(monkeypatch, rows)
    assert sorted(find(path, words).ids) == ["s0", "s1", "s3", "s5"]


@pytest.mark.parametrize("words", ["walrus", "优惠"])
def test_a_search_that_takes_too_long_ends_with_the_newest(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    one_each(db, *["walrus 优惠"] * 5)
    paged(monkeypatch, 2)
    monkeypatch.setattr(search, "SECONDS", -1.0)
    result = find(path, words)
    assert result.ids == ("s4", "s3")
    assert result.not_searched == ("older messages: the search ended after -1 s",)


def test_a_damaged_index_is_done_without(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus")
    db.execute("UPDATE messages_fts_data SET block = x'ffffffffffffffff' WHERE id = 10")
    result = find(path, "walrus")
    assert result.ids == ("s0",)
    assert result.note.startswith("Hermes' index could not be read (")
    assert result.note.endswith("): messages were searched one by one")


def test_an_index_that_took_all_the_time_to_fail_is_an_error(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_each(db, "walrus")
    db.execute("UPDATE messages_fts_data SET block = x'ffffffffffffffff' WHERE id = 10")
    monkeypatch.setattr(search, "SECONDS", -1.0)
    with pytest.raises(SourceError, match="could not be read"):
        find(path, "walrus")


def test_that_messages_are_damaged_is_said(path: Path) -> None:
    with closing(hermes.create(path)) as db:
        hermes.session(db, "s1", title="walrus")
        hermes.said(db, "s1", "user", "walrus")
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    result = find(path, "walrus")
    assert result.ids == ()
    assert result.not_searched[0].startswith("messages that could not be read (")


def test_what_hermes_commits_is_found_at_once(path: Path, db: sqlite3.Connection) -> None:
    one_each(db, "walrus")
    with closing(LiveDatabase(path)) as reader:
        assert search_sessions(reader, "penguin", limit=5).ids == ()
        db.execute("BEGIN")
        hermes.said(db, "s0", "user", "penguin")
        assert search_sessions(reader, "penguin", limit=5).ids == ()
        db.execute("COMMIT")
        assert search_sessions(reader, "penguin", limit=5).ids == ("s0",)
        db.execute("UPDATE messages SET content = 'gone'")
        assert search_sessions(reader, "penguin", limit=5).ids == ()


# --- interrupting


def until_it_ends(interrupt: Callable[[], None], work: Callable[[], object]) -> None:
    """Run `work` while another thread interrupts every few milliseconds."""
    ended = threading.Event()

    def keep_on() -> None:
        while not ended.wait(0.005):
            interrupt()

    thread = threading.Thread(target=keep_on)
    thread.start()
    try:
        work()
    finally:
        ended.set()
        thread.join()


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def test_a_running_query_is_interrupted_and_the_next_is_not(path: Path, db: sqlite3.Connection) -> None:
    with closing(LiveDatabase(path)) as reader:
        with pytest.raises(ReadInterruptedError, match="interrupted"):
            until_it_ends(reader.interrupt, lambda: reader.query(ENDLESS))
        with pytest.raises(ReadInterruptedError):
            until_it_ends(reader.interrupt, lambda: reader.page(ENDLESS, (), text_column=0))
        assert reader.interrupts >= 2
        assert reader.query("SELECT 1") == [(1,)]
        reader.interrupt()
        assert reader.query("SELECT 2") == [(2,)]


def test_waiting_for_a_lock_is_interrupted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 3_600.0)
    with closing(hermes.create(path)) as writer, closing(LiveDatabase(path)) as reader:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ReadInterruptedError):
            until_it_ends(reader.interrupt, lambda: reader.query("SELECT count(*) FROM messages"))


def test_interrupting_a_closed_database_is_no_error(path: Path, db: sqlite3.Connection) -> None:
    reader = LiveDatabase(path)
    reader.close()
    reader.interrupt()


@pytest.mark.parametrize("words", ["walrus", "优惠", "->"])
def test_a_search_is_interrupted_between_any_two_queries(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    one_each(db, *["walrus 优惠 ->"] * 3)
    paged(monkeypatch, 1)
    with closing(LiveDatabase(path)) as reader:
        done: list[str] = []
        plain = reader.query
        ends_at = 0

        def query(sql: str, values: Any = ()) -> list[Any]:
            found = plain(sql, values)
            done.append(sql)
            if len(done) == ends_at:
                reader.interrupt()
            return found

        monkeypatch.setattr(reader, "query", query)
        assert len(search_sessions(reader, words, limit=9).ids) == 3
        all_of_them = len(done)
        assert all_of_them >= 6
        for ends_at in range(1, all_of_them):
            done.clear()
            with pytest.raises(ReadInterruptedError):
                search_sessions(reader, words, limit=9)
            assert len(done) == ends_at
        done.clear()
        ends_at = 0
        assert len(search_sessions(reader, words, limit=9).ids) == 3


def test_a_database_that_stays_locked_is_an_error_or_said(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.05)
    with closing(hermes.create(path)) as writer, closing(LiveDatabase(path)) as reader:
        writer.execute("BEGIN EXCLUSIVE")
        result = search_sessions(reader, "walrus", limit=5)
        assert "locked" in result.note
        monkeypatch.setattr(search, "SECONDS", 0.04)  # all of it went into waiting
        with pytest.raises(SourceError, match="locked"):
            search_sessions(reader, "walrus", limit=5)


# --- against others


WORDS = ("walrus", "Walrusses", "pen", "penguin", "a", "py", "优惠券", "修复优惠券过期", "优惠", "x_walrus")
QUERIES = (*WORDS, '"pen"', '"walrus pen"', "walr", "惠券过", "惠")


@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), max_size=5),
    st.lists(st.sampled_from(QUERIES), min_size=1, max_size=3),
)
@settings(max_examples=80, deadline=None)
@pytest.mark.slow
def test_it_finds_what_reading_every_message_finds(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: list[str]
) -> None:
    path = tmp_path_factory.mktemp("search") / "state.db"
    with closing(hermes.create(path)) as db:
        db.execute("PRAGMA synchronous=OFF")
        hermes.index(db)
        one_each(db, *texts)

    def holds(text: str, word: str) -> bool:
        plain = word.strip('"').lower()
        if re.search("[_一-鿿]", plain):
            return plain in text.lower()
        begins, ends = r"(?<![^\W_])", r"(?![^\W_])" if word[0] == '"' or len(word) < 3 else ""
        return bool(re.search(begins + plain + ends, text.lower()))

    expected = {f"s{n}" for n, text in enumerate(texts) if all(holds(text, word) for word in query)}
    assert set(find(path, " ".join(query)).ids) == expected


def test_the_recordings_are_found_through_hermes_own_index(recordings: Path) -> None:
    with closing(sqlite3.connect(recordings)) as db:
        rows = db.execute(
            "SELECT session_id, content, tool_name, tool_calls FROM messages WHERE active OR compacted"
        ).fetchall()
    for word in ("unittest", "coupon", "patch", "ledger", "zebra"):
        expected = {
            row[0]
            for row in rows
            if re.search(rf"(?<![^\W_]){word}", " ".join(one or "" for one in row[1:]), re.IGNORECASE)
        }
        result = find(recordings, word)
        assert set(result.ids) == expected
        assert result.note == ""


ASK = """
import json, sys
from pathlib import Path
from hermes_state import SessionDB
db = SessionDB(Path(sys.argv[1]))
found = [db.search_messages(words, limit=100000) for words in json.loads(sys.argv[2])]
print(json.dumps([sorted({row["session_id"] for row in rows}) for rows in found]))
"""


@pytest.mark.hermes
def test_hermes_itself_finds_the_same(recordings: Path, tmp_path: Path) -> None:
    named = os.environ.get("WARMTUI_TEST_HERMES", "")
    if not named:
        pytest.skip(
            "stock Hermes is not here: WARMTUI_TEST_HERMES is not set; `python3 dev.py check` sets it"
        )
    with closing(sqlite3.connect(recordings, isolation_level=None)) as db:
        for name, text in (("a", "优惠券过期 walrus"), ("b", "walrus c-3po P2.2 read_file")):
            hermes.session(db, name, source="cli")
            hermes.said(db, name, "user", text, timestamp=1.0)
    # whole words: Hermes does not look for beginnings
    queries = [
        '"unittest"',
        '"read_file"',
        '"no such file"',
        '"coupon" "tests"',
        "优惠券过",
        "优惠",
        '"P2.2"',
    ]
    done = subprocess.run(
        [str(Path(named).parent / "python3"), "-c", ASK, str(recordings), json.dumps(queries)],
        env={"HOME": str(tmp_path), "HERMES_HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    theirs = json.loads(done.stdout)
    assert [sorted(find(recordings, words).ids) for words in queries] == theirs
    assert sum(map(len, theirs)) > len(queries)


def test_what_is_found_is_told_while_the_rest_is_looked_for(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_each(db, *["walrus"] * 8)
    paged(monkeypatch, 3)
    told: list[frozenset[str]] = []
    with closing(LiveDatabase(path)) as reader:
        found = search.search_sessions(reader, "walrus", limit=10, on_found=told.append)
    assert told == [{"s7", "s6", "s5"}, {"s7", "s6", "s5", "s4", "s3", "s2"}]
    assert len(found.ids) == 8


@pytest.mark.parametrize("seed", range(40))
def test_no_search_of_a_history_that_grows_loses_anything(
    path: Path, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    paged(monkeypatch, dice.choice((1, 3, 100)))
    sessions = [f"s{number}" for number in range(6)]
    for number, one in enumerate(sessions):
        hermes.session(db, one, float(number))
    with closing(LiveDatabase(path)) as reader:
        for _ in range(6):
            for _ in range(dice.randrange(4)):
                # rows of one session on end, and of two in turn
                some = dice.sample(sessions, dice.choice((1, 1, 2)))
                for _ in range(dice.randrange(1, 6)):
                    text = dice.choice(("walrus", "walrus penguin", "otter"))
                    active = int(dice.random() < 0.7)
                    hermes.said(db, dice.choice(some), "user", text, active=active)
            if dice.random() < 0.3:  # rewound for good, or an older state put back
                db.execute("DELETE FROM messages WHERE id > ?", (dice.randrange(20),))
                if dice.random() < 0.5:
                    db.execute("UPDATE sqlite_sequence SET seq = 0")
                    assert search_sessions(reader, "walrus", limit=100)
            for words in ("walrus", "walrus penguin", "walrus peng"):
                texts = ("%walrus penguin%",) if "pe" in words else ("%walrus%",)
                sql = "SELECT session_id, max(id) FROM messages WHERE active AND content LIKE ? "
                expected = db.execute(f"{sql} GROUP BY 1 ORDER BY 2 DESC", texts).fetchall()
                found = search_sessions(reader, words, limit=100)
                assert set(found.ids) == {one for one, _ in expected}


def test_long_results_are_found_again_and_new_ones_too(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    def fill(place: Path, *names: str) -> None:
        with closing(hermes.create(place)) as db:
            hermes.index(db, views=True)
            for name in names:
                hermes.session(db, name)
                hermes.answered(db, name, "c", "x " * 5_000 + f"walrus {name}")

    fill(path, "a", "b")
    with closing(HermesDatabase(path)) as source:

        def found(words: str) -> set[str]:
            return set(source.search(words, limit=9, on_found=lambda ids: None).ids)

        assert (found("walrus"), found("walrus b"), found("zebra")) == ({"a", "b"}, {"b"}, set())
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("INSERT INTO sessions (id, started_at) VALUES ('c', 2)")
            hermes.answered(db, "c", "c", "x " * 5_000 + "walrus c")
            db.execute("UPDATE messages SET active = 0 WHERE session_id = 'a'")
        assert (found("walrus"), found("walrus c")) == ({"b", "c"}, {"c"})
        fill(tmp_path / "other.db", "d")
        (tmp_path / "other.db").replace(path)
        assert found("walrus") == {"d"}


def test_a_search_for_long_results_that_was_interrupted_begins_again(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(hermes.create(path)) as db:
        hermes.index(db, views=True)
        hermes.session(db, "a")
        db.execute("BEGIN")
        for number in range(3 * search.SCAN_WINDOW):
            is_long = number in (7, 2 * search.SCAN_WINDOW + 7)
            text = "x " * 5_000 + "walrus" if is_long else "y"
            hermes.answered(db, "a" if number < search.SCAN_WINDOW else "b", "c", text)
        db.execute("COMMIT")
    with closing(HermesDatabase(path)) as source:

        def stop(_ids: frozenset[str]) -> None:
            source.interrupt()

        with pytest.raises(ReadInterruptedError):
            source.search("walrus", limit=9, on_found=stop)
        assert set(source.search("walrus", limit=9, on_found=lambda ids: None).ids) == {"a", "b"}
