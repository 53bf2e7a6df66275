from __future__ import annotations

import json

import pytest

from warmtui.analysis.outcomes import judge
from warmtui.analysis.outcomes.checkers import checker_at_end, checker_that_reported

REPORTED = [
    ("pytest", "==== 2 failed, 3 passed in 0.12s ===="),
    ("pytest", "1 failed, 2 passed, 1 warning in 61.02s (0:01:01)"),
    ("pytest", "=== 1 error in 0.07s ==="),
    ("unittest", "FAILED (failures=2, errors=1)"),
    ("unittest", "FAILED (skipped=1, expected failures=2, errors=2)"),
    ("The test runner", "=== tests finished: 11 passed, 2 exceptions, in 1.15 seconds ==="),
    (
        "The test runner",
        " tests finished: 100 passed, 1 failed, 12 skipped, 3 expected to fail, in 61.15 seconds ",
    ),
    ("Jest", "Tests:       1 failed, 5 passed, 6 total"),
    ("Vitest", " Test Files  1 failed | 2 passed (3)"),
    ("Mocha", "  2 failing"),
    ("cargo test", "test result: FAILED. 1 passed; 1 failed; 0 ignored"),
    ("go test", "--- FAIL: TestTotal (0.00s)"),
    ("go test", "FAIL\texample.com/shop\t0.01s"),
    ("RSpec", "3 examples, 1 failure"),
    ("JUnit", "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0"),
    ("mypy", "Found 1 error in 1 file (checked 2 source files)"),
    ("Pyright", "2 errors, 0 warnings, 0 informations"),
    ("tsc", "src/a.ts(3,4): error TS2322: Type 'string' is not assignable"),
    ("Ruff", "Found 3 errors."),
    ("The linter", "src/a.py:1:1: F401 'os' imported but unused"),
    ("ESLint", "✖ 3 problems (3 errors, 0 warnings)"),
    ("Black", "2 files would be reformatted, 1 file would be left unchanged."),
    ("Prettier", "[warn] Code style issues found in 2 files."),
    ("pre-commit", "ruff.....................................................Failed"),
]
SILENT = [
    "==== 3 passed in 0.12s ====",
    "no tests ran in 0.01s",
    "Tests:       0 failed, 6 total",
    "0 errors, 0 warnings, 0 informations",
    "test result: ok. 3 passed; 0 failed",
    "FAIL\texample.com/shop [build failed]",
    "3 examples, 0 failures",
    "error: could not compile `shop`",
    "make: *** [all] Error 2",
    "the deploy failed, 3 errors were logged in total",
    "retry failed error 12 parse 3 lint",
    "x" * 1_000 + " 1 failed in 0.1s",
]


@pytest.mark.parametrize(("name", "line"), REPORTED)
def test_summaries_are_recognised(name: str, line: str) -> None:
    assert checker_that_reported(f"some output\n{line}\nafter it") == name


@pytest.mark.parametrize("line", SILENT)
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


@pytest.mark.parametrize(
    ("command", "output", "code", "outcome"),
    [
        ("pytest", "1 failed in 0.1s", 124, "error"),
        ("pytest", "1 failed in 0.1s", 137, "error"),
        ("pytest", "no tests ran in 0.01s", 5, "error"),
        ("pytest x.py", "ERROR: file or directory not found: x.py\n\nno tests ran in 0.00s", 4, "error"),
        (
            "pytest; rm gone",
            "1 failed in 0.1s\nrm: cannot remove 'gone': No such file or directory",
            1,
            "error",
        ),
        ("python -m pytest", "/usr/bin/python: No module named pytest", 1, "error"),
        ("cat pytest.log", "1 failed in 0.1s", 0, "ok"),
    ],
)
def test_what_is_no_finding(command: str, output: str, code: int, outcome: str) -> None:
    assert verdict_of(command, output, code)[0] == outcome
    assert not verdict_of(command, output, code)[2]


@pytest.mark.parametrize(
    "hostile", ["=== 1 failed ", "a:1:1: ", "1 failed, ", "Tests: ", " ", "\n", ".", "1", "=\n"]
)
def test_no_output_takes_long(hostile: str) -> None:
    checker_that_reported(hostile * (64_000 // len(hostile)))
