"""Databases of Hermes 0.23: what it keeps in other places than before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.model.session import Session, Usage
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.sources.openai.file import JsonFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(hermes.create(path, newer=True)) as made:
        yield made


def read(path: Path) -> dict[str, Session]:
    with closing(HermesDatabase(path)) as source:
        ids = [header.id for header in source.listing().headers]
        return {session.header.id: session for session in source.read(ids)}


def test_a_system_prompt_is_found_by_its_hash_and_else_where_it_was(
    path: Path, db: sqlite3.Connection
) -> None:
    hermes.insert(db, "system_prompts", hash="ab12", prompt="You keep the ledger.")
    hermes.session(db, "new", system_prompt_hash="ab12", system_prompt="")
    hermes.session(db, "old", system_prompt="You are Hermes.")
    hermes.session(db, "none")
    prompts = {name: session.system_prompt for name, session in read(path).items()}
    assert prompts == {"new": "You keep the ledger.", "old": "You are Hermes.", "none": ""}


def test_a_session_belongs_to_the_project_of_its_repository(path: Path, db: sqlite3.Connection) -> None:
    stored: dict[str, dict[str, Any]] = {
        "inside": {"cwd": "/home/ann/shop/api", "git_repo_root": "/home/ann/shop", "git_branch": "coupons"},
        "outside": {"cwd": "/home/ann/notes", "git_repo_root": "", "git_branch": None},
        "tree": {"cwd": "/home/ann/shop/.claude/worktrees/fix/api"},
        "drive": {"cwd": "C:\\ann\\shop\\.worktrees\\fix"},
        "own": {"cwd": "/home/ann/worktrees/shop"},
        "unknown": {"git_repo_root": None},
    }
    for name, columns in stored.items():
        hermes.session(db, name, **columns)
        hermes.said(db, name, "user", "look at the carts")
    expected = {"inside": ("shop", "coupons"), "outside": ("notes", None), "unknown": (None, None)}
    expected |= dict.fromkeys(("tree", "drive", "own"), ("shop", None))
    for sessions in (read(path), exported(db, path)):
        headers = {name: session.header for name, session in sessions.items()}
        assert {name: (header.project, header.git_branch) for name, header in headers.items()} == expected


@pytest.mark.parametrize(
    ("columns", "by_model", "usage"),
    [
        ({}, [], None),
        ({"cost_status": "unknown", "estimated_cost_usd": 0.0}, [], None),
        ({"input_tokens": 90, "output_tokens": 7}, [], Usage(90, 7, 0, 0, None)),
        (
            {"input_tokens": 90, "cache_read_tokens": 40, "estimated_cost_usd": 0.5, "actual_cost_usd": 0.4},
            [],
            Usage(90, 0, 40, 0, 0.4),
        ),
        ({"input_tokens": 90, "estimated_cost_usd": 0.5}, [], Usage(90, 0, 0, 0, 0.5)),
        (
            {"input_tokens": 90, "estimated_cost_usd": 0.0, "cost_status": "included"},
            [],
            Usage(90, 0, 0, 0, 0.0),
        ),
        ({}, [(10, 1, 0.25), (20, 2, 0.5)], Usage(30, 3, None, None, 0.75)),
        ({"input_tokens": 31, "output_tokens": 3}, [(10, 1, 0.25), (20, 2, 0.5)], Usage(31, 3, 0, 0, 0.75)),
        ({"input_tokens": "many", "estimated_cost_usd": -1.0}, [], None),
    ],
)
def test_tokens_and_cost_are_those_that_were_counted(
    path: Path,
    db: sqlite3.Connection,
    columns: dict[str, Any],
    by_model: list[tuple[int, int, float]],
    usage: Usage | None,
) -> None:
    hermes.session(db, "s1", **columns)
    for number, (sent, written, cost) in enumerate(by_model):
        hermes.insert(
            db,
            "session_model_usage",
            session_id="s1",
            model=f"m{number}",
            input_tokens=sent,
            output_tokens=written,
            cost_usd=cost,
        )
    assert read(path)["s1"].usage == usage


@pytest.mark.parametrize(
    ("parent_calls", "asked", "kind"),
    [
        ([("d1", "delegate_task", {"goal": "count the carts"})], "count the carts", "subagent"),
        (
            [("d1", "delegate_task", {"tasks": [{"goal": "a"}, {"goal": "count the carts"}]})],
            "count the carts",
            "subagent",
        ),
        ([("d1", "delegate_task", {"goal": "count"})], "count the carts", "root"),
        ([("t1", "terminal", {"command": "count the carts"})], "count the carts", "root"),
        ([], "count the carts", "root"),
    ],
)
def test_a_goal_that_the_parent_delegated_makes_a_subagent(
    path: Path, db: sqlite3.Connection, parent_calls: list[tuple[str, str, Any]], asked: str, kind: str
) -> None:
    hermes.session(db, "parent", end_reason="cli_close", source="cli")
    hermes.said(db, "parent", "user", "look at the shop")
    if parent_calls:
        hermes.called(db, "parent", *parent_calls)
    hermes.session(db, "child", 2_000.0, parent_session_id="parent", source="cli")
    hermes.said(db, "child", "user", asked)
    with closing(HermesDatabase(path)) as source:
        listed = {header.id: header.kind for header in source.listing().headers}
        assert listed["child"] == source.headers(["child"])["child"].kind == kind
    for child in (read(path)["child"], exported(db, path)["child"]):
        assert child.header.kind == kind
        assert child.messages[0].origin == ("harness" if kind == "subagent" else "person")


def exported(db: sqlite3.Connection, path: Path) -> dict[str, Session]:
    """Read the database's sessions from an export of it."""
    db.row_factory = sqlite3.Row
    lines = []
    for row in db.execute("SELECT * FROM sessions").fetchall():
        rows = db.execute("SELECT * FROM messages WHERE session_id = ? ORDER BY id", (row["id"],)).fetchall()
        lines.append(json.dumps({**dict(row), "messages": [dict(message) for message in rows]}))
    file = path.with_name("export.jsonl")
    file.write_text("\n".join(lines))
    with closing(JsonFile(file)) as source:
        ids = [header.id for header in source.listing().headers]
        return {session.header.id: session for session in source.read(ids)}


def test_an_export_says_of_each_session_what_the_database_says(path: Path, db: sqlite3.Connection) -> None:
    began = 1_000.0
    for name, end, parent, marks, channel in (
        ("root", "compression", None, {}, "cli"),
        ("continuation", None, "root", {}, "cli"),
        ("branched", "branched", None, {}, "cli"),
        ("branch", "cli_close", "branched", {"_branched_from": "branched"}, "cli"),
        ("branch-by-end", "cli_close", "branched", {}, "cli"),
        ("after-idle", "idle", None, {}, "telegram"),
        ("reset", None, "after-idle", {"_reset_from": "after-idle"}, "telegram"),
        ("delegated", "agent_close", "reset", {"_delegate_from": "reset"}, "telegram"),
        ("by-channel", "agent_close", "reset", {}, "subagent"),
        ("nightly", "cron_complete", None, {}, "cron"),
        ("orphan", None, "gone", {"_branched_from": "gone"}, "cli"),
    ):
        began += 100.0
        hermes.session(
            db, name, began, end_reason=end, parent_session_id=parent, model_config=json.dumps(marks),
            source=channel, input_tokens=7, estimated_cost_usd=0.5, hidden=int(name == "nightly"),
        )  # fmt: skip
        hermes.said(db, name, "user", f"work on {name}", timestamp=began)
        hermes.called(db, name, ("c1", "terminal", {"command": "make"}), timestamp=began + 1.0)
        hermes.answered(db, name, "c1", "done", timestamp=began + 2.0)
    stored, from_export = read(path), exported(db, path)
    assert stored.keys() == from_export.keys()
    for name, session in stored.items():
        other = from_export[name]
        assert other.header._replace(source="", stamp="") == session.header._replace(source="", stamp="")
        assert (other.messages, other.usage) == (session.messages, session.usage)
    assert [stored[name].header.kind for name in ("branch", "branch-by-end", "reset", "by-channel")] == [
        "branch",
        "branch",
        "root",
        "subagent",
    ]


def test_what_is_not_known_is_counted_and_told(path: Path, db: sqlite3.Connection) -> None:
    for column in ("parts_v2 TEXT", "shard INTEGER", "note TEXT"):
        db.execute(f"ALTER TABLE messages ADD COLUMN {column}")
    db.execute("UPDATE schema_version SET version = 31")
    hermes.session(db, "s1", source="cli")
    hermes.said(db, "s1", "user", "", parts_v2="the words", shard=3)
    hermes.said(db, "s1", "critic", "that was wrong")
    hermes.said(db, "s1", "critic", "and that")
    hermes.said(db, "s1", "session_meta", "{}")
    with closing(HermesDatabase(path)) as source:
        listing = source.listing()
        session = next(source.read(["s1"]))
    assert [problem.text for problem in listing.problems] == [
        "column 'parts_v2' is unknown and holds text in 1 of the newest 4 messages; not read"
    ]
    assert listing.notes == (
        f"{path}: schema 31 is newer than this version knows (30); what it added is not read",
    )
    assert [problem.text for problem in session.problems] == [
        "2 messages of unknown role 'critic'; taken as the program's own words"
    ]
    assert [message.origin for message in session.messages] == ["person", "harness", "harness", "harness"]


def test_a_database_of_hermes_0_23_is_read_as_it_was_written(path: Path, db: sqlite3.Connection) -> None:
    hermes.insert(db, "system_prompts", hash="ab12", prompt="You keep the ledger.")
    began = 0.0

    def begin(name: str, end: str | None, source: str, parent: str | None = None, **marks: Any) -> None:
        nonlocal began
        began += 1_000.0
        hermes.session(
            db, name, began, end_reason=end, source=source, parent_session_id=parent,
            system_prompt_hash="ab12", input_tokens=12_000, output_tokens=900, estimated_cost_usd=0.25,
            **marks,
        )  # fmt: skip

    def work(name: str, failing: int | None = None) -> None:
        for number in range(4):
            hermes.called(db, name, (f"{name}-{number}", "terminal", {"command": f"pytest -k case{number}"}))
            code = 127 if number == failing else 0
            result = json.dumps({"output": f"case{number}", "exit_code": code, "error": None})
            hermes.answered(db, name, f"{name}-{number}", result, tool_name="terminal")

    begin("closed", "cli_close", "cli")
    hermes.said(db, "closed", "user", "run the cart tests")
    hermes.said(db, "closed", "user", "a process ended", display_kind="internal_notification")
    hermes.said(db, "closed", "user", "a note of the agent's own", display_kind="hidden")
    work("closed", failing=3)
    hermes.said(db, "closed", "user", "What was done so far.", _compressed_summary=1)
    hermes.said(db, "closed", "user", "thanks, and never touch the css")
    begin("group", "idle", "telegram")
    hermes.said(db, "group", "user", "lunch?", observed=1)
    hermes.said(db, "group", "user", "@bot list the folders")
    work("group")
    begin("reset", None, "telegram", "group", model_config='{"_reset_from": "group"}')
    hermes.said(db, "reset", "user", "and the files")
    begin("sub", "agent_close", "subagent", "closed")
    hermes.said(db, "sub", "user", "a delegated goal")
    work("sub")
    begin("private", "cli_close", "cli", hidden=1)
    found = read(path)
    person = {
        name: [message.text for message in session.messages if message.origin == "person"]
        for name, session in found.items()
    }
    assert person == {
        "closed": ["run the cart tests", "thanks, and never touch the css"],
        "group": ["@bot list the folders"],
        "reset": ["and the files"],
        "sub": [],
        "private": [],
    }
    assert {name for name, session in found.items() if session.header.kind == "subagent"} == {"sub"}
    assert {name for name, session in found.items() if session.header.hidden} == {"private"}
    assert {session.system_prompt for session in found.values()} == {"You keep the ledger."}
    assert {session.usage for session in found.values()} == {Usage(12_000, 900, 0, 0, 0.25)}
    outcomes = [call.verdict.outcome for call in judge_calls(found["closed"], now=began)]
    assert outcomes == ["ok", "ok", "ok", "error"]
