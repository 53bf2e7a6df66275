"""Chats of Codex' code mode, whose calls are scripts."""

from __future__ import annotations

import json

import pytest

from warmtui.model.session import Evidence, Message, ToolCall
from warmtui.sources.code_mode.chats import unpack_scripts

HEAD = "Script completed\nWall time 0.4 seconds\nOutput:\n\n"
PRINTED = json.dumps({"chunk_id": "c1", "exit_code": 101, "output": "error: no library targets"})


def unpacked(script: str, result: str, tool: str = "exec") -> tuple[ToolCall, Message]:
    arguments = json.dumps({"input": script} if tool == "exec" else {"cell_id": "7"})
    other = Message("0", "assistant", "", "agent", (ToolCall("b", "exec", "{}"),))
    asked = Message("1", "assistant", "", "agent", (ToolCall("a", tool, arguments),))
    answered = Message("2", "tool", result, "tool", (), "a", tool)
    _, made, message = unpack_scripts((other, asked, answered))
    return made.calls[0], message


@pytest.mark.parametrize(
    ("script", "result", "call", "text", "evidence"),
    [
        (
            'const r = await tools.exec_command({cmd:"cargo test --lib"});text(JSON.stringify(r));',
            HEAD + PRINTED,
            ("exec_command", '{"cmd":"cargo test --lib"}'),
            "error: no library targets",
            Evidence(exit_code=101),
        ),
        (
            'text((await tools.exec_command({cmd:"ls"})).output)',
            HEAD + "src",
            ("exec_command", '{"cmd":"ls"}'),
            "src",
            None,
        ),
        (
            'const p = "*** Begin Patch";text(await tools.apply_patch(p))',
            "Script failed\nOutput:\n\nno such lines",
            ("apply_patch", '{"input":"*** Begin Patch"}'),
            "no such lines",
            Evidence(is_error=True),
        ),
    ],
)
def test_the_call_that_a_script_makes_is_the_call(
    script: str, result: str, call: tuple[str, str], text: str, evidence: Evidence | None
) -> None:
    made, message = unpacked(script, result)
    assert (made.id, made.tool, made.arguments) == ("a", *call)
    assert (message.text, message.evidence, message.tool) == (text, evidence, call[0])


@pytest.mark.parametrize(
    "script",
    ["text(1)", "tools.a({});tools.b({})", "for (const x of y) tools.a({x})", "tools.a(", "\ud800"],
)
def test_a_script_of_several_calls_or_none_stays_as_it_is(script: str) -> None:
    made, message = unpacked(script, HEAD + "x")
    assert (made.tool, message.text, message.evidence) == ("exec", HEAD + "x", None)


def test_what_a_script_did_in_the_end_is_what_waiting_for_it_returns() -> None:
    made, message = unpacked("", HEAD + PRINTED, "wait")
    assert (made.tool, message.evidence) == ("wait", Evidence(exit_code=101))
