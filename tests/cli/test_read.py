"""sessions, profile, outcomes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest
from cli_runner import Runner

CONTRACT = {
    "id", "agent", "channel", "source", "title", "model", "started_at", "last_active_at", "messages", "calls",
    "ok", "errors", "denied", "interrupted", "unknown", "pending", "findings", "housekeeping", "reliability",
    "score", "early_error_rate", "late_error_rate", "gain", "task_type", "parent_id", "cwd", "project",
    "weak", "tokens", "tokens_estimated", "cost_usd", "unread",
}  # fmt: skip


def test_sessions_as_json_keeps_its_contract(shop: Runner, recordings: Path) -> None:
    answer = shop("sessions", "--json").json
    assert set(answer) == {"schema", "sessions", "hidden", "problems"}
    assert answer["schema"] == "warmtui.sessions/1"
    assert answer["hidden"] == {"empty": 2, "archived": 0, "hidden": 0}
    assert answer["problems"] == []
    assert [set(row) == CONTRACT for row in answer["sessions"]] == [True] * 12
    marathon = next(row for row in answer["sessions"] if row["id"] == "20261120_094736_8895c1")
    assert marathon["reliability"]["value"] == pytest.approx(38 / 42)
    assert marathon["source"] == str(recordings.resolve())
    assert marathon["started_at"].endswith("Z")
    moments = [row["last_active_at"] for row in answer["sessions"]]
    assert moments == sorted(moments, reverse=True)


def test_outcomes_wants_sessions_or_all(shop: Runner) -> None:
    assert "--all" in shop("outcomes", "2026", "--all", code=2).err


def test_outcomes_as_json_are_lines_that_say_whose_they_are(shop: Runner) -> None:
    calls = [json.loads(line) for line in shop("outcomes", "20261120_094736", "--json").out.splitlines()]
    assert len(calls) == 43
    assert {(call["schema"], call["session"], call["agent"]) for call in calls} == {
        ("warmtui.outcome/1", "20261120_094736_8895c1", "hermes")
    }


def test_a_session_has_many_names(shop: Runner) -> None:
    assert shop("profile", "hermes:20261120_094736", "--json").json["id"] == "20261120_094736_8895c1"
    assert "did you mean 20261120_094736_8895c1" in shop("profile", "20261120_094736_8895c2", code=3).err


def test_hostile_text_reaches_a_terminal_as_pictures_and_json_as_it_is(
    runner: Runner, tmp_path: Path
) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    title = "\x1b]0;owned\x07[/] \u202eevil\x9b31m"
    hermes.session(db, "s1", title=title)
    hermes.said(db, "s1", "user", title)
    hermes.called(db, "s1", ("c", "\x1b[2Jtool", {"command": title}))
    hermes.answered(db, "s1", "c", title)
    db.close()
    runner.options = ("--source", str(path))
    assert runner("sessions", "--json").json["sessions"][0]["title"] == title
    for words in (["sessions"], ["profile", "s1"], ["outcomes", "s1"]):
        shown = runner(*words)
        assert not [c for c in shown.out + shown.err if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0]
        assert "\u202e" not in shown.out


def test_no_source_at_all_says_where_it_looked(runner: Runner) -> None:
    error = runner("sessions", code=4).err
    assert str(runner.hermes_home / "state.db") in error
    assert "warmtui demo" in error


def test_one_bad_source_does_not_stop_the_others(shop: Runner, tmp_path: Path) -> None:
    bad = tmp_path / "broken.db"
    bad.write_bytes(b"not a database at all")
    shop.options += ("--source", str(bad))
    done = shop("sessions", "--json")
    assert len(done.json["sessions"]) == 12
    assert done.json["problems"] == [
        {"place": str(bad), "text": f"{bad} is not an SQLite database — give a state.db, JSON or JSONL file"}
    ]
    assert str(bad) in done.err
    shop.options = ("--source", str(bad))
    assert "is not an SQLite database" in shop("sessions", code=4).err


def test_a_bad_session_does_not_stop_the_listing(runner: Runner, recordings: Path) -> None:
    db = sqlite3.connect(recordings)
    db.execute("UPDATE messages SET tool_calls = '{broken' WHERE id = 2")
    db.execute("UPDATE messages SET content = zeroblob(10) WHERE id = 5")
    db.commit()
    db.close()
    runner.options = ("--source", str(recordings))
    answer = runner("sessions", "--json").json
    assert len(answer["sessions"]) == 12
    place = f"{recordings}: session 20261120_094657_b4cc5c"
    assert answer["problems"] == [
        {"place": f"{place}: message 2", "text": "its tool calls are not JSON; they are left out"},
        {"place": place, "text": "1 result answers no call"},
    ]


def test_the_index_keeps_no_secret_of_a_title_or_of_first_words(
    runner: Runner, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, known = "ghp_" + "a1B2" * 9, "correct-horse-battery"
    monkeypatch.setenv("SHOP_TOKEN", known)
    with closing(sqlite3.connect(recordings)) as db, db:
        (first,) = db.execute("SELECT min(id) FROM messages WHERE role = 'user'").fetchone()
        titled = "20261120_094736_8895c1"
        db.execute("UPDATE sessions SET title = ? WHERE id = ?", (f"use {secret} or {known}", titled))
        db.execute("UPDATE messages SET content = ? WHERE id = ?", ("w " * 90 + secret, first))
    runner.options = ("--source", str(recordings))
    for _ in range(2):
        titles = {row["id"]: row["title"] for row in runner("sessions", "--json").json["sessions"]}
        assert titles[titled] == "use ‹secret:github-token› or ‹secret:known-value›"
    kept = [path for path in runner.folder.rglob("*.index*") if path.is_file()]
    assert kept
    for path in kept:
        data = path.read_bytes().lower()
        assert not any(part.encode().lower() in data for part in (secret, known, "ghp_a1B2"))


def test_the_prototypes_words_still_work(shop: Runner) -> None:
    assert shop("analyze", "20261120_094736", "--json").json["schema"] == "warmtui.profile/1"


def test_findings_can_count_as_errors(shop: Runner, tmp_path: Path) -> None:
    before = {row["id"]: row["errors"] for row in shop("sessions", "--json").json["sessions"]}
    (tmp_path / "config.toml").write_text("findings_are_errors = true\n")
    rows = shop("sessions", "--json").json["sessions"]
    assert all(row["findings"] == 0 for row in rows)
    assert sum(row["errors"] for row in rows) == sum(before.values()) + 21
    (tmp_path / "config.toml").write_text("findings_are_error = 1\n")
    assert "did you mean findings_are_errors?" in shop("sessions").err


def test_sessions_that_hermes_hides_are_left_out_and_counted(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(hermes.create(path, newer=True)) as db:
        for name, marks in (("shown", {}), ("kept", {"archived": 1}), ("private", {"hidden": 1})):
            hermes.session(db, name, end_reason="cli_close", **marks)
            hermes.said(db, name, "user", "run the tests")
            hermes.called(db, name, ("c1", "terminal", {"command": f"pytest tests/{name}"}))
            hermes.answered(db, name, "c1", '{"output": "3 passed", "exit_code": 0, "error": null}')
    runner.options = ("--source", str(path))
    answer = runner("sessions", "--json").json
    assert [session["id"] for session in answer["sessions"]] == ["shown"]
    assert answer["hidden"] == {"empty": 0, "archived": 1, "hidden": 1}
    assert "1 archived and 1 hidden left out" in runner("sessions").err
    assert len(runner("sessions", "--all", "--json").json["sessions"]) == 3
    built = runner("build", "--min-messages", "1", "--dry-run", "--json").json
    assert built["sessions"] == 1
