"""The index of words: sources without an index of their own are searched, and nothing is left out unsaid."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases

from warmtui.errors import LibraryError
from warmtui.library.text_index import TextIndex
from warmtui.model.search_words import CUT
from warmtui.registry import open_source
from warmtui.sources.base import SearchResult
from warmtui.sources.live_database import ReadInterruptedError
from warmtui.workspace import indexed_search
from warmtui.workspace.indexed_search import IndexedSource

FAR = "collected " * 1_000


def chat(name: str, *texts: str, started_at: int = 0, command: str = "") -> dict[str, Any]:
    """A session that says these texts, and runs a command if there is one."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": text} for text in texts]
    if command:
        function = {"name": "terminal", "arguments": json.dumps({"command": command})}
        messages.append({"role": "assistant", "tool_calls": [{"id": "c", "function": function}]})
        messages.append({"role": "tool", "tool_call_id": "c", "content": f"{FAR}\nFAILED {command} c++lib"})
    return {"id": name, "created_at": started_at, "messages": messages}


def write(path: Path, *chats: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(one) + "\n" for one in chats))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats.jsonl"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[TextIndex]:
    with closing(TextIndex(tmp_path / "library.words.db", "1")) as made:
        yield made


def opened(
    path: Path, index: TextIndex, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> IndexedSource:
    return IndexedSource(open_source(path), index, on_progress)


def find(source: IndexedSource, words: str, limit: int = 100) -> SearchResult:
    return source.search(words, limit=limit, on_found=lambda ids: None)


@cases("workspace/data/indexed_words.jsonl")
def test_texts_calls_and_results_are_found_whole(
    path: Path, index: TextIndex, words: str, expected: list[str]
) -> None:
    write(
        path,
        chat("s1", "feed the walrus", "a penguin", started_at=1_700_000_001),
        chat("s2", "Walrusses, 优惠券过期 écharpe", started_at=1_700_000_002),
        chat("s3", "go on", started_at=1_700_000_003, command="pytest tests/test_cart.py -k 'a\\d'\necho x"),
    )
    assert find(opened(path, index), words) == SearchResult(tuple(expected), "")


def test_what_changed_is_indexed_again_and_what_is_gone_forgotten(path: Path, index: TextIndex) -> None:
    told: list[tuple[int, int]] = []
    write(path, chat("s1", "walrus"), chat("s2", "walrus"))
    source = opened(path, index, lambda done, total: told.append((done, total)))
    assert set(find(source, "walrus").ids) == {"s1", "s2"}
    assert told == [(0, 2)]
    assert set(find(source, "walrus").ids) == {"s1", "s2"}
    assert set(find(opened(path, index), "walrus").ids) == {"s1", "s2"}
    assert told == [(0, 2)]
    write(path, chat("s1", "walrus"), chat("s3", "a penguin"))
    assert find(source, "walrus").ids == ("s1",)
    assert find(source, "penguin").ids == ("s3",)


def test_the_texts_of_a_file_that_is_gone_are_removed(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "library.words.db"
    write(path, chat("s1", "walrus"))
    with closing(TextIndex(file, "1")) as index:
        assert find(opened(path, index), "walrus").ids == ("s1",)
    path.unlink()
    with closing(TextIndex(file, "1")):
        pass
    (kept,) = tmp_path.glob("library.words-*.db")
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("SELECT count(*) FROM words").fetchone() == (0,)


def test_only_its_owner_can_read_it_and_older_rules_are_removed(path: Path, tmp_path: Path) -> None:
    write(path, chat("s1", "walrus"))
    for rules in ("1", "2"):
        with closing(TextIndex(tmp_path / "library.words.db", rules)) as index:
            assert find(opened(path, index), "walrus").ids == ("s1",)
    (kept,) = tmp_path.glob("library.words-*.db")
    assert kept.name.endswith("-2.db")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_damaged_index_is_made_again(path: Path, tmp_path: Path) -> None:
    write(path, chat("s1", "walrus"))
    file = tmp_path / "library.words.db"
    with closing(TextIndex(file, "1")) as index:
        assert find(opened(path, index), "walrus").ids == ("s1",)
        kept = index.path
    assert kept is not None
    kept.write_bytes(b"no database" * 100)
    with closing(TextIndex(file, "1")) as index:
        assert find(opened(path, index), "walrus").ids == ("s1",)


def test_an_index_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="index of words"):
        TextIndex(tmp_path / "file" / "library.words.db", "1")


def test_what_is_indexed_is_searched_while_another_app_writes(
    path: Path, index: TextIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, chat("s1", "walrus"))
    assert find(opened(path, index), "walrus").ids == ("s1",)
    write(path, chat("s1", "walrus"), chat("s2", "walrus"))
    monkeypatch.setattr("warmtui.library.text_index.PATIENCE", 0.05)
    assert index.path is not None
    with (
        closing(sqlite3.connect(index.path, isolation_level=None)) as other,
        closing(TextIndex(index.path.with_name("library.words.db"), "1")) as mine,
    ):
        other.execute("BEGIN IMMEDIATE")
        found = find(opened(path, mine), "walrus")
        assert found.ids == ("s1",)
        (told,) = found.not_searched
        assert told.startswith("sessions that are not indexed, 2: ")
        assert "locked" in told


def test_what_cannot_be_read_is_told(path: Path, index: TextIndex) -> None:
    odd = {"role": "assistant", "content": [{"type": "hologram"}, {"type": "text", "text": "walrus"}]}
    write(path, {"id": "s1", "messages": [odd]})
    with path.open("a") as file:
        file.write("{no json\n")
    found = find(opened(path, index), "walrus")
    assert found.ids == ("s1",)
    assert len(found.not_searched) == 2
    assert "hologram" in found.not_searched[1]


def test_a_search_one_by_one_ends_in_time_and_says_so(
    path: Path, index: TextIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, chat("s1", "c++"))
    source = opened(path, index)
    monkeypatch.setattr(indexed_search, "SECONDS", -1.0)
    assert find(source, "c++") == SearchResult((), "", ("older messages: the search ended after -1 s",))
    assert find(source, "c") == SearchResult(("s1",), "")


def test_too_many_and_nothing(path: Path, index: TextIndex) -> None:
    write(path, *(chat(f"s{number}", "walrus", started_at=1_700_000_000 + number) for number in range(4)))
    source = opened(path, index)
    left_out = ("more sessions with the words than the newest 2",)
    assert find(source, "walrus", 2) == SearchResult(("s3", "s2"), "", left_out)
    assert find(source, "walrus " * 9).not_searched == (CUT,)
    assert find(source, " ") == SearchResult((), "nothing to search for")


def test_an_interrupted_search_goes_on_where_it_ended(
    path: Path, index: TextIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexed_search, "BATCH", 1)
    write(path, *(chat(f"s{number}", "walrus") for number in range(5)))
    told: list[tuple[int, int]] = []

    def stop_at_two(done: int, total: int) -> None:
        told.append((done, total))
        if (done, total) == (2, 5):
            thread = threading.Thread(target=source.interrupt)
            thread.start()
            thread.join()

    source = opened(path, index, stop_at_two)
    with pytest.raises(ReadInterruptedError):
        find(source, "walrus")
    told.clear()
    assert len(find(source, "walrus").ids) == 5
    assert told[0][0] == 0
    assert told[0][1] <= 3
