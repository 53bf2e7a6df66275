"""`transcript`: one session as it was read."""

from __future__ import annotations

import json
from pathlib import Path

from cli_runner import Runner

SESSION = {
    "id": "s1",
    "model": "m1",
    "messages": [
        {"role": "user", "content": "list ```the``` folders"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "tool_use", "id": "t1", "name": "terminal", "input": {"command": "ls"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "t1",
                    "content": "ls: no such folder",
                    "is_error": True,
                }
            ],
        },
        {"role": "assistant", "content": [{"type": "hologram"}, {"type": "text", "text": "It failed."}]},
    ],
}


def chat(runner: Runner, tmp_path: Path) -> Path:
    path = tmp_path / "chat.json"
    path.write_text(json.dumps(SESSION))
    runner.options = ("--source", str(path))
    return path


def test_as_json_it_keeps_its_contract(runner: Runner, tmp_path: Path) -> None:
    path = chat(runner, tmp_path)
    answer = runner("transcript", "s1", "--json").json
    assert set(answer) == {"schema", "session", "messages", "problems"}
    assert answer["schema"] == "warmtui.transcript/1"
    assert set(answer["session"]) == {
        "id", "agent", "kind", "channel", "title", "model", "cwd", "started_at", "last_active_at",
        "parent_id", "system_prompt", "tokens", "cost_usd",
    }  # fmt: skip
    assert [(m["position"], m["role"], m["origin"], m["text"]) for m in answer["messages"]] == [
        (0, "user", "person", "list ```the``` folders"),
        (1, "assistant", "agent", "look"),
        (2, "tool", "tool", "ls: no such folder"),
        (3, "assistant", "agent", "[hologram]\nIt failed."),
    ]
    (call,) = answer["messages"][1]["calls"]
    assert call == {
        "id": "t1",
        "tool": "terminal",
        "arguments": '{"command":"ls"}',
        "outcome": "error",
        "rule": "error-flag",
        "reason": call["reason"],
        "result": "ls: no such folder",
    }
    assert answer["problems"] == [f"{path}: line 1: 1 part of unknown type 'hologram'; not read"]


def test_as_text_each_result_stands_at_its_call(runner: Runner, tmp_path: Path) -> None:
    chat(runner, tmp_path)
    shown = runner("transcript", "s1")
    assert shown.out.count("no such folder") == 1
    assert '✗ terminal {"command":"ls"}' in shown.out
    assert "hologram" in shown.err


def test_as_markdown_fences_hold_whatever_a_text_holds(runner: Runner, tmp_path: Path) -> None:
    chat(runner, tmp_path)
    shown = runner("transcript", "s1", "--markdown").out
    assert "## Person\n\nlist ```the``` folders" in shown
    assert '```json\n{"command":"ls"}\n```' in shown
    assert "--json" in runner("transcript", "s1", "--markdown", "--json", code=2).err
