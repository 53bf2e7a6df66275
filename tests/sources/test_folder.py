"""A folder of session files, opened as one source."""

from __future__ import annotations

import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import SourceError
from warmtui.model.session import SessionHeader
from warmtui.registry import open_source
from warmtui.sources import folder as module
from warmtui.sources.base import Source

HELLO = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
MORE = [*HELLO, {"role": "user", "content": "more"}, {"role": "assistant", "content": "yes"}]
OTHER = [{"role": "user", "content": "something else"}, {"role": "assistant", "content": "hm"}]
STEP = {"action": "ls", "observation": "a.py", "thought": "Look.", "response": "Look."}


def put(path: Path, *records: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def chat(name: str, messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "messages": messages, **more}


def listed(source: Source) -> tuple[list[SessionHeader], list[tuple[str, str]]]:
    listing = source.listing()
    return list(listing.headers), [(Path(problem.place).name, problem.text) for problem in listing.problems]


def texts(path: Path) -> dict[str, list[str]]:
    source = open_source(path)
    ids = [header.id for header in source.listing().headers]
    return {session.header.id: [m.text for m in session.messages] for session in source.read(ids)}


def test_all_files_are_one_list(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", chat("a", HELLO, created_at=1764000000), chat("b", MORE, created_at=1764000100))
    put(tmp_path / "deep/er/c.json.gz", chat("c", OTHER, created_at=1764000050))
    put(tmp_path / "run.traj", {"trajectory": [STEP], "history": []})
    put(tmp_path / "notes.json", {"name": "no session"})
    put(tmp_path / ".git/x.json", chat("hidden", HELLO))
    put(tmp_path / "node_modules/x.json", chat("library", HELLO))
    (tmp_path / "README.md").write_text("no JSON")
    source = open_source(tmp_path)
    headers, problems = listed(source)
    assert [header.id for header in headers[:3]] == ["b", "c", "a"]
    assert [header.title for header in headers] == [None, None, None, "run"]
    assert {header.source for header in headers} == {str(tmp_path)}
    assert problems == [("notes.json", "holds no session: it has no list of messages; left out")]
    assert [s.header.id for s in source.read(["a", "c", "gone", "b"])] == ["a", "c", "b"]
    assert texts(tmp_path)["c"] == ["something else", "hm"]
    assert list(source.headers(["c", "gone"])) == ["c"]
    source.close()


def test_the_same_session_in_two_files_is_listed_once_as_its_newest_copy(tmp_path: Path) -> None:
    put(tmp_path / "new.jsonl", chat("a", MORE))
    put(tmp_path / "old.jsonl", chat("a", HELLO))
    put(tmp_path / "same.jsonl", chat("a", MORE))
    assert texts(tmp_path) == {"a": ["hello", "hi", "more", "yes"]}
    listing = open_source(tmp_path).listing()
    told = f"a copy of session a, which is read from {tmp_path / 'new.jsonl'}"
    assert listing.notes == (f"{tmp_path / 'old.jsonl'}: {told}", f"{tmp_path / 'same.jsonl'}: {told}")
    assert listing.problems == ()


def test_of_many_copies_a_few_are_named(tmp_path: Path) -> None:
    for number in range(8):
        put(tmp_path / f"{number}.jsonl", chat("a", HELLO))
    notes = open_source(tmp_path).listing().notes
    assert len(notes) == 6
    assert notes[-1] == f"{tmp_path}: 2 more copies of its sessions"


def test_other_sessions_of_the_same_id_take_their_files_name(tmp_path: Path) -> None:
    put(tmp_path / "one.jsonl", chat("1", HELLO))
    put(tmp_path / "two.jsonl", chat("1", OTHER))
    put(tmp_path / "x/log.jsonl", *[{**message, "timestamp": 1.0} for message in HELLO])
    put(tmp_path / "y/log.jsonl", *[{**message, "timestamp": 2.0} for message in OTHER])
    found = texts(tmp_path)
    assert sorted(found) == ["1", "1-two", "log", "log-log"]
    assert found["1-two"] == ["something else", "hm"]
    assert listed(open_source(tmp_path))[1][0][1] == "its session 1 has the id of another; read as 1-two"


def test_a_file_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", chat("a", HELLO))
    (tmp_path / "torn.json.gz").write_bytes(gzip.compress(b"{}" * 1000)[:20])
    (tmp_path / "garbage.json").write_bytes(b"\xff\xfe{\x00")
    (tmp_path / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    source = open_source(tmp_path)
    headers, problems = listed(source)
    assert [header.id for header in headers] == ["a"]
    assert sorted(name for name, _ in problems) == ["garbage.json", "gone.jsonl", "torn.json.gz"]


def test_changes_are_noticed_and_nothing_else_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "a.jsonl", chat("a", HELLO))
    put(tmp_path / "b.jsonl", chat("b", OTHER))
    source = open_source(tmp_path)
    assert source.changed() is None
    read: list[str] = []
    look = module.SessionFolder._look

    def spy(self: module.SessionFolder, path: Path, fingerprint: tuple[int, ...]) -> Any:
        read.append(path.name)
        return look(self, path, fingerprint)

    monkeypatch.setattr(module.SessionFolder, "_look", spy)
    put(path, chat("a", MORE))
    put(tmp_path / "c.jsonl", chat("c", HELLO))
    assert source.changed() == frozenset(("a", "c"))
    assert sorted(read) == ["a.jsonl", "c.jsonl"]
    (session,) = source.read(["a"])
    assert len(session.messages) == 4
    path.unlink()
    assert source.changed() == frozenset()
    assert sorted(header.id for header in source.listing().headers) == ["b", "c"]


def test_a_file_that_goes_away_while_it_is_read(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", chat("a", HELLO))
    put(tmp_path / "b.jsonl", chat("b", OTHER))
    source = open_source(tmp_path)
    path.unlink()
    sessions = list(source.read(["a", "b"]))
    assert [(session.header.id, len(session.messages)) for session in sessions] == [("a", 0), ("b", 2)]
    assert "cannot be read" in sessions[0].problems[0].text


@pytest.mark.parametrize("files", [{}, {"a.json": {"name": "x"}}])
def test_a_folder_without_a_session_is_refused(tmp_path: Path, files: dict[str, Any]) -> None:
    for name, record in files.items():
        put(tmp_path / name, record)
    with pytest.raises(SourceError, match="no file in "):
        open_source(tmp_path)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(SourceError, match="cannot be read"):
            open_source(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_too_many_files_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 2)
    for number in range(3):
        put(tmp_path / f"{number}.json", chat(str(number), HELLO))
    headers, problems = listed(open_source(tmp_path))
    assert len(headers) == 2
    assert problems[-1][1] == "it holds more than 2 files; the others are left out"


@pytest.mark.slow
def test_thousands_of_files(tmp_path: Path) -> None:
    for number in range(3_000):
        put(tmp_path / f"{number}.json", chat(f"s{number}", HELLO))
    source = open_source(tmp_path)
    start = time.process_time()
    assert source.changed() is None
    assert time.process_time() - start < 0.5
