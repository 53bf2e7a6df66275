"""Stock Hermes sends what warmtui writes."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stock_hermes import StockHermes, as_sent

from warmtui.errors import LaunchError
from warmtui.exchange import messages
from warmtui.exchange.checks import check
from warmtui.exchange.hermes import render_session
from warmtui.exchange.messages import SessionMeta
from warmtui.integrations.hermes.home import hermes_home
from warmtui.integrations.hermes.install import install, uninstall
from warmtui.integrations.hermes.prefill import configured_prefill, prepare_prefill, run_with_prefill
from warmtui.model.chat import ChatMessage
from warmtui.model.session import ToolCall

pytestmark = pytest.mark.hermes

OURS = (
    ChatMessage("user", "Kept by hand — é, 日本, \u2028, \x1b[31m, ‹secret:github-token›."),
    ChatMessage("assistant", "Understood."),
    ChatMessage("user", "run the tests"),
    ChatMessage(
        "assistant",
        "",
        (
            ToolCall("abc000001", "terminal", '{"command":"pytest -q","timeout":60}'),
            ToolCall("abc000002", "read_file", '{"path":"a.py"}'),
        ),
    ),
    ChatMessage("tool", '{"output": "1 passed", "exit_code": 0, "error": null}', call_id="abc000001"),
    ChatMessage("tool", "", call_id="abc000002"),
    ChatMessage("assistant", "Done."),
)
THEIRS = [{"role": "user", "content": "theirs"}, {"role": "assistant", "content": "Yes."}]


def between(sent: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """What stands between the agent's system prompt and the person's message."""
    assert sent[0]["role"] == "system"
    assert sent[-1] == {"role": "user", "content": text}
    assert all(message["role"] != "system" for message in sent[1:])
    return sent[1:-1]


def test_a_prefill_file_is_sent_as_it_is(hermes: StockHermes, tmp_path: Path) -> None:
    data = messages.to_bytes(OURS)
    assert check(OURS, after_system=True) == ()
    file = tmp_path / "ours.json"
    file.write_bytes(data)
    hermes.chat("hello there", env={"HERMES_PREFILL_MESSAGES_FILE": str(file)})
    sent = between(hermes.model.last_messages(), "hello there")
    assert messages.json_bytes(sent) == data


def test_hermes_writes_arguments_its_own_way(hermes: StockHermes, tmp_path: Path) -> None:
    arguments = '{"z": 1, "command": "ls é", "a": {"y": [1, 2.0], "b": null}}'
    listed = [
        ChatMessage("user", "  padded \n"),
        ChatMessage("assistant", "", (ToolCall("abc000001", "terminal", arguments),)),
        ChatMessage("tool", " x\n", call_id="abc000001"),
        ChatMessage("assistant", "Done."),
    ]
    file = tmp_path / "ours.json"
    file.write_bytes(messages.to_bytes(listed))
    hermes.chat("hello", env={"HERMES_PREFILL_MESSAGES_FILE": str(file)})
    sent = between(hermes.model.last_messages(), "hello")
    assert sent == as_sent(messages.to_dicts(listed))
    assert json.loads(sent[1]["tool_calls"][0]["function"]["arguments"]) == json.loads(arguments)


def test_an_installed_prefill_is_sent_until_it_is_uninstalled(hermes: StockHermes) -> None:
    before = hermes.config.read_bytes()
    done = install(hermes.home, messages.to_bytes(OURS), "cart")
    found = configured_prefill(hermes.home, hermes.env)
    assert found is not None
    assert found.path == done.path
    hermes.chat("first")
    assert between(hermes.model.last_messages(), "first") == messages.to_dicts(OURS)
    uninstall(hermes.home)
    assert hermes.config.read_bytes() == before
    hermes.chat("second")
    assert between(hermes.model.last_messages(), "second") == []


IMPORT = """
import json, sys
from hermes_state import SessionDB
sessions = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print(json.dumps(SessionDB().import_sessions(sessions)))
"""


def test_an_imported_session_is_resumed_with_our_messages(hermes: StockHermes, tmp_path: Path) -> None:
    meta = SessionMeta("warm_cart", "Cart (warm)", "scripted", str(hermes.work), 1_700_000_000.0)
    file = tmp_path / "session.jsonl"
    file.write_bytes(render_session(OURS, meta))
    outcome = json.loads(hermes.python(IMPORT, str(file)))
    assert (outcome["imported"], outcome["errors"]) == (1, [])
    hermes.chat("go on", "--resume", "warm_cart")
    sent = between(hermes.model.last_messages(), "go on")
    assert [
        {key: message.get(key) for key in ours}
        for message, ours in zip(sent, messages.to_dicts(OURS), strict=True)
    ] == messages.to_dicts(OURS)
    with closing(sqlite3.connect(f"file:{hermes.state_db}?mode=ro", uri=True)) as db:
        row = db.execute(
            "SELECT title, model, cwd, started_at FROM sessions WHERE id = 'warm_cart'"
        ).fetchone()
        tools = db.execute("SELECT tool_name FROM messages WHERE role = 'tool' ORDER BY id").fetchall()
    assert row == ("Cart (warm)", "scripted", str(hermes.work), 1_700_000_000.0)
    assert tools == [("terminal",), ("read_file",)]


def test_a_launch_sends_theirs_then_ours_and_learns_the_session(
    hermes: StockHermes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hermes.work)
    (hermes.home / "theirs.json").write_text(json.dumps(THEIRS), encoding="utf-8")
    hermes.config.write_text(
        hermes.config.read_text(encoding="utf-8") + "prefill_messages_file: theirs.json\n", encoding="utf-8"
    )
    configured = configured_prefill(hermes.home, hermes.env)
    listed = prepare_prefill(messages.to_dicts(OURS), configured, "combine")
    command = [str(hermes.program), "chat", "-q", "hello", "-Q", "--yolo"]
    result = run_with_prefill(command, env=hermes.env, prefill=messages.json_bytes(listed))
    sent = between(hermes.model.last_messages(), "hello")
    assert sent == THEIRS + messages.to_dicts(OURS)
    with closing(sqlite3.connect(f"file:{hermes.state_db}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT id, cwd, started_at FROM sessions").fetchall()
    assert result.exit_code == 0
    assert [(row[0], row[1]) for row in rows] == [(result.printed_session_id, str(hermes.work))]
    assert result.started_at <= rows[0][2] <= time.time()


def in_dotenv(hermes: StockHermes, line: str) -> None:
    (hermes.home / ".env").write_text(line, encoding="utf-8")


def in_profile(hermes: StockHermes, line: str) -> None:
    profile = hermes.home / "profiles" / "coder"
    profile.mkdir(parents=True)
    (hermes.home / "active_profile").write_text("coder\n", encoding="utf-8")
    (profile / "config.yaml").write_bytes(hermes.config.read_bytes())
    (profile / ".env").write_text(line, encoding="utf-8")


@pytest.mark.parametrize("place", [in_dotenv, in_profile])
def test_hermes_lets_its_dotenv_file_win_so_a_launch_refuses(
    hermes: StockHermes, tmp_path: Path, place: Callable[[StockHermes, str], None]
) -> None:
    theirs, ours = tmp_path / "theirs.json", tmp_path / "ours.json"
    theirs.write_text(json.dumps(THEIRS), encoding="utf-8")
    ours.write_bytes(messages.to_bytes(OURS))
    place(hermes, f"HERMES_PREFILL_MESSAGES_FILE={theirs}\n")
    hermes.chat("hello", env={"HERMES_PREFILL_MESSAGES_FILE": str(ours)})
    assert between(hermes.model.last_messages(), "hello") == THEIRS
    configured = configured_prefill(hermes_home(hermes.env), hermes.env)
    assert configured is not None
    assert list(configured.messages) == THEIRS
    with pytest.raises(LaunchError, match="the template would not be sent"):
        prepare_prefill(messages.to_dicts(OURS), configured, "combine")


def test_a_conversation_leaves_a_state_db(start_hermes: Callable[..., StockHermes]) -> None:
    hermes = start_hermes([{"calls": [["terminal", {"command": "echo hi"}]]}, {"content": "It says hi."}])
    session = hermes.talk("say hi", "and now?")
    with closing(sqlite3.connect(f"file:{hermes.state_db}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT role FROM messages WHERE session_id = ? ORDER BY id", (session,)).fetchall()
    assert [role for (role,) in rows] == ["user", "assistant", "tool", "assistant", "user", "assistant"]
