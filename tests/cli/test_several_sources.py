"""Sessions of several sources at once: one list, and each session named by one reference."""

from __future__ import annotations

import json
import re
from pathlib import Path

import hermes_db as hermes
import pytest
from cli_runner import Runner


def chats(path: Path, *sessions: tuple[str, str]) -> Path:
    """Write a file of chats: id and words of the person, without any times."""
    lines = [
        {"id": name, "messages": [{"role": "user", "content": words}, {"role": "assistant", "content": "ok"}]}
        for name, words in sessions
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def database(path: Path, *sessions: str, started_at: float = 1_000.0) -> Path:
    """Write a Hermes database in which each session has one row, all begun at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = hermes.create(path)
    for name in sessions:
        hermes.session(db, name, started_at=started_at)
        hermes.said(db, name, "user", f"words of {name}", timestamp=started_at + 1)
    db.close()
    return path


def listed(runner: Runner, *sources: Path | str) -> list[tuple[str, str]]:
    """Return file and id of what is listed, in order."""
    words = [word for source in sources for word in ("--source", str(source))]
    rows = runner("sessions", "--json", *words).json["sessions"]
    return [(Path(row["source"]).name, row["id"]) for row in rows]


def test_each_source_adds_and_one_that_cannot_be_read_is_told(runner: Runner, tmp_path: Path) -> None:
    one, two = database(tmp_path / "one.db", "a", "b"), chats(tmp_path / "two.jsonl", ("c", "hello"))
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    runner.options = ("--source", str(two), "--source", str(one))
    for spec, told in (
        (str(broken), "broken.db"),
        (str(tmp_path / "gone.jsonl"), "gone.jsonl"),
        ("hermes", "no Hermes sessions"),
    ):
        done = runner("sessions", "--json", "--source", spec)
        assert {row["id"] for row in done.json["sessions"]} == {"a", "b", "c"}
        assert [told in problem["place"] + problem["text"] for problem in done.json["problems"]] == [True]
        assert runner("profile", "a", "--json", "--source", spec).json["id"] == "a"


def test_found_agents_form_one_list(runner: Runner, tmp_path: Path) -> None:
    database(runner.hermes_home / "state.db", "home")
    database(runner.hermes_home / "profiles" / "work" / "state.db", "work")
    assert {row["id"] for row in runner("sessions", "--json").json["sessions"]} == {"home", "work"}


def test_the_order_of_equal_times_is_stable(runner: Runner, tmp_path: Path) -> None:
    one, two = database(tmp_path / "one.db", "a", "b"), database(tmp_path / "two.db", "b", "c")
    first = listed(runner, one, two)
    assert first == listed(runner, one, two)
    assert [name for _, name in first] == sorted((name for _, name in first), reverse=True)


@pytest.mark.parametrize("command", ["profile", "transcript", "outcomes", "extract"])
def test_every_choice_of_an_ambiguous_name_is_taken(runner: Runner, tmp_path: Path, command: str) -> None:
    one = chats(tmp_path / "x" / "runs.jsonl", ("1", "first task"))
    two = chats(tmp_path / "y" / "runs.jsonl", ("1", "another task"))
    runner.options = ("--source", str(one), "--source", str(two))
    error = runner(command, "1", code=3).err
    choices = re.findall(r"\S+:1\b", error)
    assert choices == ["x/runs.jsonl:1", "y/runs.jsonl:1"]
    for choice in (*choices, f"{one}:1", f"{two}:1"):
        assert "named" not in runner(command, choice, code=None).err
    assert "another task" in runner("transcript", "y/runs.jsonl:1").out
    assert runner("compare", *choices, "--json").json
