"""What commands print, where no exit code was kept."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from case_tables import cases

from warmtui.analysis.outcomes import judge
from warmtui.model.outcome import Verdict

Run = Callable[..., Verdict]
TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\nValueError: bad'


@cases("analysis/outcomes/data/failed_commands.jsonl")
def test_failures(run: Run, command: str, text: str, error_type: str) -> None:
    verdict = run(command, text)
    assert verdict.outcome == "error"
    assert verdict.error_type in (error_type, "ExitCode" if error_type == "Other" else error_type)


@cases("analysis/outcomes/data/no_failed_commands.jsonl")
def test_what_only_looks_like_a_failure(run: Run, command: str, text: str) -> None:
    verdict = run(command, text)
    assert (verdict.outcome, verdict.rule) == ("ok", "no-failure-sign")


def test_the_command_that_decides_is_named(run: Run) -> None:
    verdict = run("rm a", "rm: cannot remove 'a': No such file or directory")
    assert verdict.rule == "shell-failure"
    assert verdict.reason.startswith("rm, ")


def test_nothing_but_failures_is_one_whoever_printed_them(run: Run) -> None:
    assert run("./deploy.sh", "cp: cannot stat 'a': No such file or directory").rule == "only-failures"
    assert (
        run("ls gone | head", "ls: cannot access 'gone': No such file or directory").rule == "only-failures"
    )


def test_findings_in_a_text(run: Run) -> None:
    verdict = run("pytest -q", f"{TRACEBACK}\n1 failed, 2 passed in 0.1s")
    assert (verdict.outcome, verdict.findings) == ("ok", True)
    assert run("pytest -q | tail -1", "1 failed, 2 passed in 0.1s").findings
    assert not run("cat pytest.log", "1 failed, 2 passed in 0.1s").findings


def test_colours_and_windows_line_ends_do_not_hide_a_failure(run: Run) -> None:
    assert (
        run("rm a", "\x1b[31mrm: cannot remove 'a'\x1b[0m: No such file or directory\r\n").outcome == "error"
    )


def test_a_failure_at_either_end_of_a_long_output_is_seen(run: Run) -> None:
    filler = "a line of output\n" * 50_000
    failure = "cat: b: No such file or directory\n"
    assert run("cat a b", failure + filler).outcome == "error"
    assert run("cat a b", filler + failure).outcome == "error"


def test_the_command_is_found_in_malformed_arguments() -> None:
    text = "cat: b: No such file or directory\nmore"
    assert judge("terminal", '{"command": "cat a b", "timeout": ', text).rule == "shell-failure"
    assert judge("bash", "cat a b", text).rule == "shell-failure"


Call = Callable[..., Verdict]


@cases("analysis/outcomes/data/failed_tools.jsonl")
def test_error_messages(call: Call, tool: str, text: str, error_type: str) -> None:
    if text.startswith("You have"):
        text = f"Error executing query: {text}"
    verdict = call(tool, text, json.dumps({"query": "select 1"}))
    assert (verdict.outcome, verdict.error_type) == ("error", error_type)


@cases(
    "analysis/outcomes/data/answers.jsonl",
    ("search_docs", "1. Error handling\n2. Exceptions\n" * 100),
    ("read_text_file", "Error: this log has one line per failure\n" * 100),
)
def test_answers(call: Call, tool: str, text: str) -> None:
    verdict = call(tool, text)
    assert verdict.outcome == "ok"


@cases("analysis/outcomes/data/results_of_code.jsonl")
def test_code(call: Call, text: str, outcome: str) -> None:
    assert call("run_python", text, json.dumps({"code": "x"})).outcome == outcome


def test_python_literals_are_read_like_json(call: Call) -> None:
    assert call("api", "{'output': '', 'error': ''}").rule == "no-error-value"
    assert call("api", "{'output': '', 'error': 'boom'}").rule == "error-value"


@pytest.mark.parametrize("text", ["{'a': '\\d'}", "{'a': b'\\d', 'error': x}", "{'a': " + "-" * 9_000 + "1}"])
def test_text_that_is_no_literal_stays_text(call: Call, text: str) -> None:
    assert call("api", text).rule == "no-failure-sign"
