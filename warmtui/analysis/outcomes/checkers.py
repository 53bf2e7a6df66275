"""The summaries of test runners, linters and type checkers that found something.

A checker that ran and reported did its job, so the call did not fail. Only a summary counts: a line that the
checker prints after it ran. Each pattern is the tool's own wording.
"""

from __future__ import annotations

import re

_SUMMARIES: tuple[tuple[str, str], ...] = (
    # test runners
    ("pytest", r"=+ [^=]*\b[1-9]\d* (?:failed|errors?)\b[^=]* in [\d.:]+.*$"),
    ("pytest", r"[1-9]\d* (?:failed|errors?)\b.* in [\d.:]+s?(?: \(\d+:\d\d:\d\d\))?$"),
    ("unittest", r"FAILED \((?:[a-z ]+=\d+, )*(?:failures|errors|unexpected successes)=\d+"),
    ("The test runner", r"=* ?tests finished: .*\b[1-9]\d* (?:failed|exceptions?)\b"),
    ("Jest", r"Tests:\s.*\b[1-9]\d* failed"),
    ("Jest", r"Test Suites:\s.*\b[1-9]\d* failed"),
    ("Vitest", r"\s*(?:Tests|Test Files)\s{2,}.*\b[1-9]\d* failed"),
    ("Mocha", r"\s+[1-9]\d* failing$"),
    ("node --test", r"(?:#|ℹ) fail [1-9]"),
    ("Playwright", r"\s{2}[1-9]\d* failed$"),
    ("bun test", r" [1-9]\d* fail$"),
    ("AVA", r"\s+[1-9]\d* tests? failed$"),
    ("cargo test", r"test result: FAILED\."),
    ("cargo nextest", r"\s*Summary \[[^\]]*\] .*\b[1-9]\d* failed"),
    ("go test", r"\s*--- FAIL: |FAIL\t\S+\t[\d.]+s$"),
    ("RSpec", r"\d+ examples?, [1-9]\d* failures?"),
    (
        "The test runner",
        r"\d+ (?:runs|tests), \d+ assertions, (?:[1-9]\d* failures|\d+ failures, [1-9]\d* errors)",
    ),
    ("The test runner", r"\d+ (?:tests?|doctests?)(?:, \d+ [a-z]+)*, [1-9]\d* failures?\b"),
    ("PHPUnit", r"Tests: \d+, Assertions: \d+.*(?:Failures|Errors): [1-9]"),
    ("JUnit", r"(?:\[\w+\] )?Tests run: \d+, (?:Failures: [1-9]|Failures: 0, Errors: [1-9])"),
    ("Gradle's tests", r"\d+ tests completed, [1-9]\d* failed"),
    ("dotnet test", r"\s*Failed!\s+- Failed:\s+[1-9]"),
    ("CTest", r"\d+% tests passed, [1-9]\d* tests? failed out of \d+"),
    ("GoogleTest", r"\[  FAILED  \] [1-9]\d* tests?"),
    ("Catch2", r"test cases: .*\b[1-9]\d* failed"),
    ("XCTest", r"\s*Executed \d+ tests?, with [1-9]\d* failures?"),
    ("Deno's tests", r"FAILED \| \d+ passed.*\| [1-9]\d* failed"),
    ("behave", r"\d+ (?:scenarios?|features?|steps?) passed, [1-9]\d* failed"),
    ("Robot Framework", r"\d+ tests?, \d+ passed, [1-9]\d* failed"),
    ("doctest", r"\*\*\*Test Failed\*\*\* \d+ failures?"),
    ("TAP", r"# (?:failed|fail)\s*:?\s+[1-9]"),
    # type checkers
    ("mypy", r"Found [1-9]\d* errors? in \d+ files?"),
    ("Pyright", r"[1-9]\d* errors?, \d+ warnings?"),
    ("tsc", r"\S.*?(?:\(\d+,\d+\)|:\d+:\d+)(?::| -) error TS\d+:"),
    ("Flow", r"Found [1-9]\d* errors?$"),
    ("PHPStan", r"\s*\[ERROR\] Found [1-9]\d* errors?"),
    # linters and formatters
    ("Ruff", r"Found [1-9]\d* errors?(?: \(|\.)"),
    ("The linter", r"[^\s:][^:]*:\d+:\d+: [A-Z]{1,4}\d{2,5}(?: |:|$)"),
    ("Pylint", r"Your code has been rated at"),
    ("ESLint", r"\s*✖ [1-9]\d* problems?"),
    ("Biome", r"Found [1-9]\d* (?:errors?|warnings?)[. ]"),
    ("golangci-lint", r"[1-9]\d* issues?:$"),
    ("ShellCheck", r"In .+ line \d+:$|.+\[SC\d{4}\]$"),
    ("Black", r"[1-9]\d* files? would be reformatted"),
    ("Credo", r"\d+ mods/funs, found .*\b[1-9]\d* "),
    ("RuboCop", r"\d+ files? inspected, [1-9]\d* offenses?"),
    ("rustfmt", r"Diff in .+:\d+:$"),
    ("SwiftLint", r"Done linting! Found [1-9]\d* violations?"),
    ("npm audit", r"[1-9]\d* (?:\w+ severity )?vulnerabilit(?:y|ies)"),
    ("cspell", r"CSpell: Files checked: \d+, Issues found: [1-9]"),
)
_SENTENCES: tuple[tuple[str, str], ...] = (
    ("The test runner", "Some tests failed."),
    ("Ruff", "Would reformat: "),
    ("isort", " Imports are incorrectly sorted"),
    ("Prettier", "[warn] Code style issues"),
    ("pre-commit", "...Failed"),
    ("Clippy", "rust-clippy/"),
    ("Clippy", "-D clippy::"),
)
"""Summaries without a number."""

_NAMES = tuple(name for name, _ in _SUMMARIES)
_ANY = re.compile("|".join(f"({pattern})" for _, pattern in _SUMMARIES))
"""Matched at the start of single lines, so that no output makes it slow."""

_LINE_LIMIT = 400
"""A longer line is no summary; this bounds the cost of the patterns."""
_TAIL_LIMIT = 400
"""Characters at the end of an output that are searched for a summary if the command exited with 0."""

_SIGNS = (
    "fail",
    "FAIL",
    "Fail",
    "rror",
    "ERROR",
    "exception",
    "problem",
    "rated at",
    "reformat",
    "issue",
    "mods/funs",
    "offense",
    "violation",
)
_RARE_SIGNS = ("vulnerab", "clippy", "Diff in", "[warn]", "In ", "[SC")
_DIGIT = re.compile(r"\d")
"""Every other summary contains a number."""
_PLACE = re.compile(r":\d+:\d+: [A-Z]")


def checker_that_reported(output: str) -> str:
    """Return the name of the checker whose summary of findings is in an output, else an empty text."""
    if not (_has_any(output, _SIGNS) or _has_any(output, _RARE_SIGNS) or _PLACE.search(output)):
        return ""
    return _first_summary(output)


def checker_at_end(output: str) -> str:
    """Return the name of the checker whose summary of findings ends an output, else an empty text.

    This is for commands that exited with 0: a pipeline that ends in `tail`, or `|| true`, hides a checker's
    own exit code.
    """
    if len(output) > _TAIL_LIMIT:
        # start at a line break, so that no half line passes for a summary
        begin = output.find("\n", len(output) - _TAIL_LIMIT)
        if begin < 0:
            return ""
        output = output[begin:]
    if not _has_any(output, _SIGNS):
        return ""
    return _first_summary(output)


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _first_summary(text: str) -> str:
    for line in text.splitlines():
        if len(line) > _LINE_LIMIT:
            continue
        if not (_has_any(line, _SIGNS) or _has_any(line, _RARE_SIGNS) or _PLACE.search(line)):
            continue
        match = _ANY.match(line) if _DIGIT.search(line) else None
        if match is not None and match.lastindex:
            return _NAMES[match.lastindex - 1]
        for name, words in _SENTENCES:
            if words in line:
                return name
    return ""
