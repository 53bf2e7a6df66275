"""Plain results of tools that run no command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from case_tables import cases

from warmtui.model.outcome import Verdict

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
