"""Plain results of tools that run no command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from warmtui.model.outcome import Verdict

Call = Callable[..., Verdict]


@pytest.mark.parametrize(
    ("tool", "text", "error_type"),
    [
        ("get_user", "Error: User not found", "NotFound"),
        ("get_user", "❌ Error: no such user", "NotFound"),
        ("get_user", "Error executing tool 'get_user': boom", "Other"),
        ("get_user", "Error while fetching user 3: boom", "Other"),
        ("get_user", "Database error: connection refused", "Network"),
        ("get_user", "ValueError: bad", "Exception"),
        ("get_user", "MCP error -32602: Invalid arguments", "InvalidArguments"),
        ("get_user", "HTTP 503", "Network"),
        ("get_user", "Failed to fetch", "Other"),
        ("get_user", "missing required parameter 'id'", "InvalidArguments"),
        ("get_user", "'str' object has no attribute 'get'", "Other"),
        ("get_user", "Traceback (most recent call last):\n  File x\nKeyError: 'a'", "Exception"),
        ("view_file", "File not found: /a.py", "FileNotFound"),
        ("read_text_file", "ENOENT: no such file or directory, open '/a'", "FileNotFound"),
        ("execute_sql", "Error executing query: Unknown column 'a' in 'field list'", "NotFound"),
        ("execute_sql", "You have an error in your SQL syntax", "Syntax"),
    ],
)
def test_error_messages(call: Call, tool: str, text: str, error_type: str) -> None:
    if text.startswith("You have"):
        text = f"Error executing query: {text}"
    verdict = call(tool, text, json.dumps({"query": "select 1"}))
    assert (verdict.outcome, verdict.error_type) == ("error", error_type)


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("get_user", "Speed test failed: No Connection."),
        ("get_user", "No users matched the filter."),
        ("get_user", "noah_patel_6952"),
        ("get_docs", "Error handling in Python: a guide. Use try and except."),
        ("get_docs", "No error: everything went well."),
        ("search_docs", "1. Error handling\n2. Exceptions\n" * 100),
        ("read_text_file", "Error: this log has one line per failure\n" * 100),
        ("execute_sql", "[]"),
        ("execute_sql", "[(1, 'error')]"),
        ("anything", ""),
    ],
)
def test_answers(call: Call, tool: str, text: str) -> None:
    verdict = call(tool, text)
    assert verdict.outcome == "ok"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("5356\n", "ok"),
        ("Error: printed by the script", "ok"),
        ("Traceback (most recent call last):\n  File x\nNameError: name 'x' is not defined", "error"),
        (
            f"{'-' * 75}\nNameError      Traceback (most recent call last)\n----> 1 x\n\nNameError: name 'x'",
            "error",
        ),
        ("Traceback (most recent call last):\n  File x\nNameError: y\nhandled", "ok"),
        ("Execution failed: kernel gone", "error"),
    ],
)
def test_code(call: Call, text: str, outcome: str) -> None:
    assert call("run_python", text, json.dumps({"code": "x"})).outcome == outcome


def test_python_literals_are_read_like_json(call: Call) -> None:
    assert call("api", "{'output': '', 'error': ''}").rule == "no-error-value"
    assert call("api", "{'output': '', 'error': 'boom'}").rule == "error-value"


@pytest.mark.parametrize("text", ["{'a': '\\d'}", "{'a': b'\\d', 'error': x}", "{'a': " + "-" * 9_000 + "1}"])
def test_text_that_is_no_literal_stays_text(call: Call, text: str) -> None:
    assert call("api", text).rule == "no-failure-sign"
