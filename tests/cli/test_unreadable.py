"""A row or page that cannot be read costs its session, never the list, a command or the app."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from cli_runner import Runner
from ui import opened

from warmtui.tui.sessions.screen import SessionsScreen

OK = '{"output": "", "exit_code": 0, "error": null}'
CALLS = hermes.calls_json(("c", "terminal", {"command": "make"}))
UNDECODABLE = b"\xff\xb7["


def history(path: Path, *, title: str = "") -> sqlite3.Connection:
    """Write five sound sessions of a call and its result, and the session `odd` between them."""
    db = hermes.create(path)
    for number, name in enumerate(("s0", "s1", "odd", "s3", "s4")):
        hermes.session(db, name, started_at=1_000.0 + number, title=title and f"{title} {name}")
        hermes.said(db, name, "user", f"words of {name}", timestamp=1_000.0 + number)
        hermes.called(db, name, ("c", "terminal", {"command": "make"}), timestamp=1_001.0 + number)
        hermes.answered(db, name, "c", OK, timestamp=1_002.0 + number)
    return db


ODD_VALUES: dict[str, dict[str, Any]] = {
    "bytes in tool_calls": {"tool_calls": UNDECODABLE},
    "bytes in content": {"content": UNDECODABLE},
    "bytes in tool_call_id": {"tool_call_id": UNDECODABLE},
    "bytes in tool_name": {"tool_name": UNDECODABLE},
    "bytes in role": {"role": UNDECODABLE},
    "text in timestamp": {"timestamp": "yesterday", "tool_calls": CALLS},
    "bytes in timestamp": {"timestamp": UNDECODABLE, "tool_calls": CALLS},
    "text in active": {"active": "yes", "compacted": UNDECODABLE},
}


@pytest.mark.parametrize("values", ODD_VALUES.values(), ids=ODD_VALUES.keys())
def test_a_value_of_another_type_costs_neither_list_nor_command(
    runner: Runner, tmp_path: Path, values: dict[str, Any]
) -> None:
    path = tmp_path / "state.db"
    db = history(path)
    hermes.insert(db, "messages", **{"session_id": "odd", "role": "assistant"} | values)
    db.close()
    runner.options = ("--source", str(path))
    answer = runner("sessions", "--json").json
    assert {session["id"] for session in answer["sessions"]} == {"s0", "s1", "odd", "s3", "s4"}
    assert all(session["ok"] == 1 for session in answer["sessions"])
    assert runner("profile", "odd", "--json").json["outcomes"]["ok"] == 1
    outcomes = [json.loads(line) for line in runner("outcomes", "--all", "--json").out.splitlines()]
    assert {call["session"] for call in outcomes} == {"s0", "s1", "odd", "s3", "s4"}
    runner("doctor", "--json")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"tool_calls": UNDECODABLE}, "its tool calls are not JSON; they are left out"),
        ({"timestamp": "yesterday"}, "its time is not a number; left out"),
    ],
)
def test_the_problem_names_session_and_row(
    runner: Runner, tmp_path: Path, values: dict[str, Any], text: str
) -> None:
    path = tmp_path / "state.db"
    db = history(path)
    row = hermes.insert(db, "messages", **{"session_id": "odd", "role": "assistant"} | values)
    db.close()
    runner.options = ("--source", str(path))
    place = f"{path}: session odd: message {row}"
    assert runner("sessions", "--json").json["problems"] == [{"place": place, "text": text}]


@pytest.mark.parametrize(
    "column", ["title", "model", "parent_session_id", "started_at", "ended_at", "archived"]
)
@pytest.mark.parametrize("value", [UNDECODABLE, "text", 7])
def test_a_session_row_with_values_of_other_types_is_listed(
    runner: Runner, tmp_path: Path, column: str, value: object
) -> None:
    path = tmp_path / "state.db"
    db = history(path)
    db.execute(f"UPDATE sessions SET {column} = ? WHERE id = 'odd'", (value,))
    db.close()
    runner.options = ("--source", str(path))
    listed = {session["id"] for session in runner("sessions", "--all", "--json").json["sessions"]}
    assert listed == {"s0", "s1", "odd", "s3", "s4"}


PAGE = 4096
INDEX_LEAF = 0x0A
"""The first byte of a leaf page of an index (https://sqlite.org/fileformat2.html#b_tree_pages)."""


def damage(path: Path, chosen: Callable[[bytes], bool]) -> None:
    """Overwrite the headers of chosen pages."""
    raw = path.read_bytes()
    pages = [raw[at : at + PAGE] for at in range(0, len(raw), PAGE)]
    assert any(map(chosen, pages))
    path.write_bytes(b"".join(b"\x99" * 8 + page[8:] if chosen(page) else page for page in pages))


def test_of_a_session_without_anything_to_read_no_tokens_are_told(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = history(path)
    hermes.session(db, "bare", model="m1")
    db.close()
    runner.options = ("--source", str(path))
    assert "  – tokens\n" in runner("profile", "bare").out
    assert "  ≈ 38 tokens\n" in runner("profile", "odd").out


@pytest.mark.parametrize("page", ["of the sessions table", "of the indexes", "of messages"])
def test_a_damaged_page_costs_its_sessions_only(runner: Runner, tmp_path: Path, page: str) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    db.execute("BEGIN")
    for number in range(200):
        name = f"s{number:03}-{'x' * 60}"
        hermes.session(db, name, started_at=1_000.0 + number, title=f"title-{number:03} " + "y" * 400)
        for turn in range(3):
            hermes.said(db, name, "user", f"words-{number:03} {turn} " + "z" * 200, timestamp=1_000.0 + turn)
    db.execute("COMMIT")
    db.close()
    damage(
        path,
        {
            "of the sessions table": lambda page: b"title-100" in page,
            "of the indexes": lambda page: page[0] == INDEX_LEAF and b"s100-" in page,
            "of messages": lambda page: b"words-100 1" in page,
        }[page],
    )
    runner.options = ("--source", str(path))
    answer = runner("sessions", "--all", "--json").json
    sound = [session["id"] for session in answer["sessions"] if session["messages"] == 3]
    broken = {problem["place"] for problem in answer["problems"]}
    assert len(sound) > 100
    assert any("session s100-" in place for place in broken)
    assert len(sound) + len(broken) == 200
    assert all("is damaged" in problem["text"] for problem in answer["problems"])
    assert runner("profile", sound[0], "--json").json["messages"] == 3


def test_an_error_message_that_is_not_utf8_costs_its_source_only(
    runner: Runner, tmp_path: Path, recordings: Path
) -> None:
    path = tmp_path / "schema.db"
    db = history(path)
    db.execute("CREATE INDEX undecodable ON sessions(cwd)")
    db.close()
    sql = b"CREATE INDEX undecodable ON sessions(cwd)"
    raw = path.read_bytes().replace(sql, b"CREATE INDEX undec\xb7dable ON sessions(not)")
    path.write_bytes(raw.replace(b"undecodable", b"undec\xb7dable"))
    runner.options = ("--source", str(path))
    assert "is damaged: malformed database schema" in runner("sessions", code=4).err
    runner.options = ("--source", str(path), "--source", str(recordings))
    answer = runner("sessions", "--json").json
    assert len(answer["sessions"]) == 12
    assert [problem["place"] for problem in answer["problems"]] == [str(path)]


async def test_the_app_lists_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = history(path)
    for values in ODD_VALUES.values():
        hermes.insert(db, "messages", **{"session_id": "odd", "role": "assistant"} | values)
    db.close()
    async with opened(tmp_path, path, size=(140, 40)) as ui:
        await ui.sessions(5)
        await ui.press("j", "j", "enter", until=lambda: not isinstance(ui.app.screen, SessionsScreen))
