"""Results as Claude Code, Codex CLI, SWE-agent, OpenHands, Gemini CLI and MCP servers write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from case_tables import cases

from warmtui.model.outcome import Verdict
from warmtui.model.session import Evidence

Run = Callable[..., Verdict]
Call = Callable[..., Verdict]
FLAGGED = Evidence(is_error=True)


class TestClaudeCode:
    @cases("analysis/outcomes/data/claude_code_flagged.jsonl")
    def test_flagged(self, run: Run, command: str, text: str, expected: list[object]) -> None:
        verdict = run(command, text, tool="Bash", evidence=FLAGGED)
        assert [verdict.outcome, verdict.rule, verdict.findings] == expected

    def test_tool_use_error_needs_no_flag(self, call: Call) -> None:
        text = "<tool_use_error>File has not been read yet. Read it first.</tool_use_error>"
        assert call("Write", text, '{"file_path": "a"}').rule == "error-marked"
        text = "<tool_use_error>Error: No such tool available: Grep</tool_use_error>"
        assert call("Grep", text).error_type == "UnknownTool"

    @cases("analysis/outcomes/data/claude_code_unflagged.jsonl")
    def test_unflagged(self, call: Call, tool: str, text: str, outcome: str) -> None:
        assert call(tool, text, '{"file_path": "/a.py"}').outcome == outcome

    def test_what_a_command_prints_is_not_the_tools_own_json(self, run: Run) -> None:
        assert run("cat en.json", '{"error": "Something went wrong"}', tool="Bash").outcome == "ok"
        assert run("curl -s api", '{"status": 404, "message": "no"}', tool="Bash").outcome == "ok"
        assert run("head -c 20 a.json", '{"data": [{"error": "', tool="Bash").outcome == "ok"

    def test_its_result_object(self, call: Call) -> None:
        stopped = {"stdout": "", "stderr": "", "interrupted": True}
        worked = {"stdout": "a", "stderr": "", "interrupted": False}
        assert call("Bash", stopped, '{"command": "x"}').outcome == "interrupted"
        assert call("Bash", worked, '{"command": "x"}').outcome == "ok"

    def test_not_flagged_is_ok(self, run: Run, call: Call) -> None:
        assert run("x", "error: boom", tool="Bash", evidence=Evidence(is_error=False)).rule == "no-error-flag"
        reported = run("pytest | tail -1", "1 failed in 0.1s", tool="Bash", evidence=Evidence(is_error=False))
        assert reported.findings
        hidden = call("mcp__a__b", {"error": "400"}, evidence=Evidence(is_error=False))
        assert hidden.outcome == "error"


class TestCodex:
    @cases("analysis/outcomes/data/codex_commands.jsonl")
    def test_commands(self, call: Call, command: Any, result: Any, outcome: str) -> None:
        assert call("shell", result, json.dumps({"command": command})).outcome == outcome

    def test_patches_and_unknown_tools(self, call: Call) -> None:
        failed = "apply_patch verification failed: Failed to find expected lines in a.py"
        assert call("apply_patch", failed, "*** Begin Patch").error_type == "NoMatch"
        assert call("apply_patch", "Success. Updated the following files:\nM a").outcome == "ok"
        assert call("foo", "unsupported call: foo").error_type == "UnknownTool"


@cases("analysis/outcomes/data/codes_in_the_text.jsonl")
def test_agents_that_write_codes_into_the_text(
    call: Call, tool: str, arguments: dict[str, str], text: str, outcome: str
) -> None:
    assert call(tool, text, json.dumps(arguments)).outcome == outcome


class TestMcp:
    @cases("analysis/outcomes/data/agents_shapes.jsonl")
    def test_shapes(self, call: Call, result: Any, outcome: str) -> None:
        assert call("mcp__github__get_issue", result).outcome == outcome

    def test_an_error_flag_around_an_answer(self, call: Call) -> None:
        inner = json.dumps({"exit_code": 1, "stdout": "", "stderr": ""})
        result = {"content": [{"type": "text", "text": inner}], "isError": True}
        assert call("mcp__shell__run", result, '{"command": "grep x y"}').rule == "exit-answer"
        assert call("mcp__shell__run", result, '{"command": "make"}').rule == "exit-code"

    def test_results_within_results_are_followed_only_so_far(self, call: Call) -> None:
        text = "Error: boom"
        for _ in range(20):
            text = json.dumps([{"type": "text", "text": text}])
        assert call("mcp__a__b", text).outcome == "ok"


@cases("analysis/outcomes/data/results_about_failures.jsonl")
def test_what_a_result_is_about_may_have_failed(call: Call, result: Any) -> None:
    assert call("get_thing", json.dumps(result)).outcome == "ok"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(denied=True), ("denied", "denied-flag")),
        (Evidence(interrupted=True), ("interrupted", "interrupted-flag")),
        (Evidence(exit_code=3), ("error", "exit-code")),
        (Evidence(exit_code=0), ("ok", "exit-zero")),
        (Evidence(exit_code=0, is_error=True), ("unknown", "contradiction")),
        (Evidence(exit_code=1, is_error=False), ("error", "exit-code")),
        (Evidence(), ("ok", "no-failure-sign")),
    ],
)
def test_evidence_beside_the_text_decides(run: Run, evidence: Evidence, expected: tuple[str, str]) -> None:
    verdict = run("x", "some text", evidence=evidence)
    assert (verdict.outcome, verdict.rule) == expected


def test_evidence_of_an_exit_code_knows_answers(run: Run) -> None:
    assert run("grep x y", "", evidence=Evidence(exit_code=1)).rule == "exit-answer"
