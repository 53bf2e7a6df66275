from __future__ import annotations

import json
from typing import Any

import pytest

from warmtui.analysis.outcomes import ERROR_TYPES, error_line
from warmtui.analysis.outcomes.error_types import error_type_of

TRACEBACK = "Traceback (most recent call last):\n  File \"x.py\", line 1\n    f()\nKeyError: 'hat'\n"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        ({"error": "File not found: a.py"}, "File not found: a.py"),
        (
            {"success": False, "error": "Could not find a match\n\nDid you mean\n  7| error"},
            "Could not find a match",
        ),
        ({"output": "", "error": {"code": 3, "message": "boom"}}, "boom"),
        (
            {"status": "error", "output": f"out\n{TRACEBACK}", "exit_code": 1, "error": TRACEBACK},
            "KeyError: 'hat'",
        ),
        (
            {"output": "building\nmake: *** No rule to make target 'x'.\nbye", "exit_code": 2},
            "make: *** No rule to make target 'x'.",
        ),
        ({"content": [{"type": "text", "text": "boom"}], "isError": True}, "boom"),
        ({"message": "nope", "statusCode": 404}, "nope"),
        (f"before\n{TRACEBACK}", "KeyError: 'hat'"),
        ("Exit code 2\nmake: *** [all] Error 2", "make: *** [all] Error 2"),
        ("one\ntwo\n\n", "two"),
        ("  spread \t over   spaces ", "spread over spaces"),
        ('{"error": "boom"}\n\n[Tool loop warning: x]', "boom"),
        ("<tool_use_error>File does not exist.</tool_use_error>", "File does not exist."),
        ("", ""),
        ("\n\n", ""),
        ("null", "null"),
        ([], "[]"),
    ],
)
def test_the_line_that_says_what_went_wrong(result: Any, line: str) -> None:
    assert error_line(result if isinstance(result, str) else json.dumps(result)) == line


def test_a_long_line_is_cut(call: Any) -> None:
    line = error_line(json.dumps({"error": "x" * 5_000}))
    assert len(line) == 200
    assert line.endswith("…")
    assert len(error_line("word " * 5_000)) <= 200


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("anything", 124, "Timeout"),
        ("anything", 127, "CommandNotFound"),
        ("anything", 137, "Killed"),
        ("boom", 1, "ExitCode"),
        ("boom", None, "Other"),
        ("requests.exceptions.ReadTimeout: x", None, "Timeout"),
        ("Could not find a match for old_string in the file", None, "NoMatch"),
        ("Unknown tool: x", None, "UnknownTool"),
        ("HTTP 503", None, "Network"),
        ("status code 404", None, "NotFound"),
        (TRACEBACK, None, "Exception"),
        ("Segmentation fault (core dumped)", None, "Killed"),
    ],
)
def test_groups(text: str, code: int | None, expected: str) -> None:
    assert error_type_of(text, code) == expected
    assert expected in ERROR_TYPES
