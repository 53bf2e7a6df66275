from __future__ import annotations

import pytest
from case_tables import cases

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


@pytest.mark.parametrize(
    "hostile", ["=== 1 failed ", "a:1:1: ", "1 failed, ", "Tests: ", " ", "\n", ".", "1", "=\n"]
)
def test_no_output_takes_long(hostile: str) -> None:
    checker_that_reported(hostile * (64_000 // len(hostile)))
