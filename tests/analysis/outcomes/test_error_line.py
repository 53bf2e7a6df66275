from __future__ import annotations

import json
from typing import Any

from case_tables import cases

from warmtui.analysis.outcomes import ERROR_TYPES, error_line
from warmtui.analysis.outcomes.error_types import error_type_of

TRACEBACK = "Traceback (most recent call last):\n  File \"x.py\", line 1\n    f()\nKeyError: 'hat'\n"


@cases("analysis/outcomes/data/error_lines.jsonl")
def test_the_line_that_says_what_went_wrong(result: Any, line: str) -> None:
    assert error_line(result if isinstance(result, str) else json.dumps(result)) == line


def test_a_long_line_is_cut() -> None:
    line = error_line(json.dumps({"error": "x" * 5_000}))
    assert len(line) == 200
    assert line.endswith("…")
    assert len(error_line("word " * 5_000)) <= 200


@cases("analysis/outcomes/data/error_types.jsonl")
def test_groups(text: str, code: int | None, expected: str) -> None:
    assert error_type_of(text, code) == expected
    assert expected in ERROR_TYPES
