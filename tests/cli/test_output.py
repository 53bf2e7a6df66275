"""What is printed beside the data, on stderr."""

from __future__ import annotations

import pytest

from warmtui.cli.output import report_problems
from warmtui.model.session import Problem


def test_each_place_is_named_once_with_all_its_problems(capsys: pytest.CaptureFixture[str]) -> None:
    report_problems(
        [
            Problem("a.db", "row 1 is cut"),
            Problem("b.db", "is locked"),
            Problem("a.db", "is a copy"),
            Problem("a.db", "row 1 is cut"),
        ]
    )
    assert capsys.readouterr().err.splitlines() == [
        "warmtui: a.db: row 1 is cut; is a copy",
        "warmtui: b.db: is locked",
    ]


def test_problems_that_are_not_shown_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Problem("a.db", f"row {row}") for row in range(7)]
    report_problems([*rows, *(Problem(f"{name}.db", "is locked") for name in "bcdefg")])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "warmtui: a.db: row 0; row 1; row 2; row 3; row 4"
    assert lines[4] == "warmtui: e.db: is locked"
    assert lines[5:] == ["warmtui: and 4 more problems (--json lists all)"]
