from __future__ import annotations

import json

import pytest
from case_tables import cases

from warmtui.analysis.outcomes import judge
from warmtui.analysis.outcomes.checkers import checker_at_end, checker_that_reported


@cases("analysis/outcomes/data/checker_summaries.jsonl")
def test_summaries_are_recognised(name: str, line: str) -> None:
    assert checker_that_reported(f"some output\n{line}\nafter it") == name


@cases("analysis/outcomes/data/no_summaries.jsonl")
def test_other_words_are_not(line: str) -> None:
    assert checker_that_reported(f"some output\n{line}\nafter it") == ""


def test_at_the_end_only_the_end_counts() -> None:
    summary = "1 failed, 2 passed in 0.1s"
    log = "log line\n" * 500
    assert checker_at_end(log + summary) == "pytest"
    assert checker_at_end(summary + "\n" + log) == ""
    assert checker_at_end("x" * 5_000 + summary) == ""


def verdict_of(command: str, output: str, code: int, *, strict: bool = False) -> tuple[str, str, bool, str]:
    result = json.dumps({"output": output, "exit_code": code, "error": None})
    verdict = judge("terminal", json.dumps({"command": command}), result, findings_are_errors=strict)
    return verdict.outcome, verdict.rule, verdict.findings, verdict.error_type


def test_findings_are_ok_and_flagged() -> None:
    assert verdict_of("pytest", "1 failed in 0.1s", 1) == ("ok", "findings", True, "")
    assert verdict_of("cargo test", "test result: FAILED. 0 passed; 1 failed", 101)[:3] == (
        "ok",
        "findings",
        True,
    )
    assert verdict_of("pytest | tail -1", "1 failed in 0.1s", 0)[:3] == ("ok", "findings", True)


def test_findings_can_count_as_errors() -> None:
    verdict = verdict_of("pytest", "1 failed in 0.1s", 1, strict=True)
    assert verdict == ("error", "findings-as-errors", True, "Findings")
    assert verdict_of("pytest", "3 passed in 0.1s", 0, strict=True)[0] == "ok"


@cases("analysis/outcomes/data/no_findings.jsonl")
def test_what_is_no_finding(command: str, output: str, code: int, outcome: str) -> None:
    assert verdict_of(command, output, code)[0] == outcome
    assert not verdict_of(command, output, code)[2]


@pytest.mark.parametrize(
    "hostile", ["=== 1 failed ", "a:1:1: ", "1 failed, ", "Tests: ", " ", "\n", ".", "1", "=\n"]
)
def test_no_output_takes_long(hostile: str) -> None:
    checker_that_reported(hostile * (64_000 // len(hostile)))
