"""What becomes of a call, told by its tool, arguments and result.

The cases are tables: `hermes` holds results as stock Hermes 0.19.0 writes them, `other_agents` those of
Claude Code, Codex CLI, SWE-agent, OpenHands, Gemini CLI and MCP servers, `tool_servers` those of servers that
put a result into an object of their own, `exit_codes` and `plain_results` those of command lines and tools
whatever the agent, `last_words` how programs say that they failed, `findings` what checkers report.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from case_tables import rows

from warmtui.analysis.outcomes import judge
from warmtui.model.outcome import Verdict
from warmtui.model.session import Evidence

TABLES = (
    *("hermes", "other_agents", "tool_servers", "exit_codes", "plain_results"),
    *("last_words", "findings"),
)
CASES = [row for table in TABLES for row in rows(f"analysis/outcomes/data/{table}.jsonl")]


def run(command: str, output: str, code: int | None = None) -> Verdict:
    """Judge a command line by its plain output, or by its output and exit code as Hermes keeps them."""
    result = output if code is None else json.dumps({"output": output, "exit_code": code, "error": None})
    return judge("terminal", json.dumps({"command": command}), result)


@pytest.mark.parametrize("row", CASES, ids=[row["id"] for row in CASES])
def test_a_call_gets_its_verdict(row: dict[str, Any]) -> None:
    arguments, result = (
        row[name] if isinstance(row[name], str) else json.dumps(row[name]) for name in ("arguments", "result")
    )
    evidence = Evidence(**row["evidence"]) if "evidence" in row else None
    verdict = judge(row["tool"], arguments, result, evidence, findings_are_errors=row.get("strict", False))
    assert (verdict.outcome, verdict.rule) == (row["outcome"], row["rule"])
    assert (verdict.findings, verdict.error_type) == (row.get("findings", False), row.get("error_type", ""))


def test_the_reason_names_the_code_or_the_command_that_decided() -> None:
    assert "137" in run("./deploy", "Killed", 137).reason
    assert "1" in run("grep zzz app.log", "", 1).reason
    assert run("rm a", "rm: cannot remove 'a': No such file or directory").reason.startswith("rm, ")


def test_a_failure_at_either_end_of_a_long_output_is_seen() -> None:
    filler, failure = "a line of output\n" * 50_000, "cat: b: No such file or directory\n"
    assert run("cat a b", failure + filler).outcome == "error"
    assert run("cat a b", filler + failure).outcome == "error"


def test_long_answers_may_speak_of_errors() -> None:
    assert judge("search_docs", "{}", "1. Error handling\n2. Exceptions\n" * 100).outcome == "ok"
    assert judge("read_text_file", "{}", "Error: this log has one line per failure\n" * 100).outcome == "ok"
    assert judge("api", "{}", "{'a': " + "-" * 9_000 + "1}").rule == "no-failure-sign"


def test_results_within_results_are_followed_only_so_far() -> None:
    text = "Error: boom"
    for _ in range(20):
        text = json.dumps([{"type": "text", "text": text}])
    assert judge("mcp__a__b", "{}", text).outcome == "ok"
