"""`search`: where words stand in the messages of all sessions."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest
from cli_runner import Runner

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture
def history(runner: Runner, tmp_path: Path) -> Runner:
    """Three sessions of Hermes, one of them archived; the newest holds most."""
    path = tmp_path / "state.db"
    with closing(hermes.create(path)) as db:
        hermes.index(db, views=True)
        for number, archived in enumerate((0, 1, 0)):
            hermes.session(db, f"s{number}", float(number), source="cli", archived=archived)
            hermes.said(db, f"s{number}", "user", "feed the walrus")
        hermes.called(db, "s2", ("c1", "terminal", {"command": "cat cart.py"}), ("c2", "terminal", {}))
        hermes.answered(db, "s2", "c1", json.dumps({"output": f"token {SECRET}\nFAILED cart.py"}))
        hermes.answered(db, "s2", "c2", "x" * 9_000 + " needle\x1b[31m")
    runner.options = ("--source", str(path))
    return runner


def test_as_json_it_keeps_its_contract(history: Runner) -> None:
    answer = history("search", "cart.py", "--json").json
    assert answer == {
        "schema": "warmtui.search/1",
        "hits": [
            {
                "session": "s2",
                "agent": "hermes",
                "position": 1,
                "call_id": "c1",
                "snippet": 'terminal {"command": "cat cart.py"}',
            },
            {
                "session": "s2",
                "agent": "hermes",
                "position": 2,
                "call_id": "c1",
                "snippet": answer["hits"][1]["snippet"],
            },
        ],
        "not_searched": [],
    }
    snippet = answer["hits"][1]["snippet"]
    assert "FAILED cart.py" in snippet
    assert SECRET not in snippet


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (["walr"], [("s2", 0, None), ("s0", 0, None)]),
        (["walrus", "feed"], [("s2", 0, None), ("s0", 0, None)]),
        (["the walrus"], [("s2", 0, None), ("s0", 0, None)]),
        (["walrus the"], []),
        (["walrus", "--all"], [("s2", 0, None), ("s1", 0, None), ("s0", 0, None)]),
        (["walrus", "--all", "--limit", "2"], [("s2", 0, None), ("s1", 0, None)]),
        (["failed"], [("s2", 2, "c1")]),
        (["needle"], [("s2", 3, "c2")]),
        (["zebra"], []),
    ],
)
def test_words_are_located(
    history: Runner, words: list[str], places: list[tuple[str, int, str | None]]
) -> None:
    hits = history("search", *words, "--json").json["hits"]
    assert [(hit["session"], hit["position"], hit["call_id"]) for hit in hits] == places


def test_a_position_is_that_of_the_transcript(history: Runner) -> None:
    (hit,) = history("search", "needle", "--json").json["hits"]
    message = history("transcript", hit["session"], "--json").json["messages"][hit["position"]]
    assert "needle" in message["text"]


def test_what_was_left_out_is_told(history: Runner) -> None:
    assert history("search", "walrus", "--json").json["not_searched"] == [
        "archived sessions with the words, 1: --all shows them"
    ]
    limited = history("search", "walrus", "--limit", "1", "--json").json["not_searched"]
    assert limited[0] == "more sessions with the words, 1: --limit 1 was reached"


def test_as_text_a_hit_is_a_line(history: Runner) -> None:
    done = history("search", "needle")
    (line,) = done.out.splitlines()
    assert line.startswith("s2 ")
    assert " tool " in line
    assert "needle" in line
    assert "\x1b" not in line
    none = history("search", "zebra")
    assert (none.code, none.out) == (0, "")
    assert history("search", code=2).out == ""
    assert history("search", " ", code=2).out == ""


@pytest.mark.parametrize(
    "named", [["home"], ["link"], ["linked/.claude"], ["home", "home/projects"], ["linked/.claude", "home"]]
)
def test_a_home_is_searched_once_however_it_is_named(
    runner: Runner, tmp_path: Path, named: list[str]
) -> None:
    folder = tmp_path / "home" / "projects" / "-home-ann-shop"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "home")
    (tmp_path / "linked" / ".claude").mkdir(parents=True)
    (tmp_path / "linked" / ".claude" / "projects").symlink_to(tmp_path / "home" / "projects")
    record = {
        "type": "user",
        "uuid": "u1",
        "parentUuid": None,
        "sessionId": "s1",
        "timestamp": "2026-11-20T09:00:00Z",
        "message": {"role": "user", "content": "feed the walrus"},
    }
    (folder / "s1.jsonl").write_text(json.dumps(record) + "\nno JSON\n")
    sources = [word for name in named for word in ("--source", str(tmp_path / name))]
    answer = runner("search", "walrus", "--json", *sources).json
    assert [hit["session"] for hit in answer["hits"]] == ["s1"]
    (told,) = answer["not_searched"]
    assert "parts of session s1" in told
    reference = f"{folder.parent}:s1"
    assert runner("profile", reference, "--json", *sources).json["id"] == "s1"


def test_the_index_of_words_is_named_and_safe_to_delete(runner: Runner, tmp_path: Path) -> None:
    chats = tmp_path / "chats.jsonl"
    chats.write_text(json.dumps({"id": "s1", "messages": [{"role": "user", "content": "feed the walrus"}]}))
    runner.options = ("--source", str(chats))

    def state() -> tuple[str, str]:
        checks = runner("doctor", "--json").json["checks"]
        return next((check["status"], check["text"]) for check in checks if check["name"] == "words")

    def hits() -> list[str]:
        return [hit["session"] for hit in runner("search", "walrus", "--json").json["hits"]]

    paths = runner("paths", "--json").json
    file = Path(paths["words_index"])
    assert "words_index" in paths["missing"]
    assert state() == ("note", f"{file} does not exist yet; the first search that needs it makes it")
    assert hits() == ["s1"]
    status, text = state()
    assert (status, text.partition(", ")[0]) == ("ok", f"{file}: 1 session of 1 source")
    assert "words_index" not in runner("paths", "--json").json["missing"]
    file.unlink()
    assert hits() == ["s1"]
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    assert state()[0] == "note"
    assert hits() == ["s1"]
    assert state()[0] == "ok"
