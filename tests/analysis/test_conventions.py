from __future__ import annotations

import json

import pytest

from warmtui.analysis.call_shape import shape_of
from warmtui.analysis.call_use import use_of
from warmtui.analysis.conventions import MAX_LINE, command_in, convention_of


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pytest -q tests 2>&1 | tail -25", "Run the tests: `pytest -q tests`"),
        ("cd /srv/shop && uv run ruff check .; echo done", "Check and format: `uv run ruff check .`"),
        ("cd web && npm run build", "Build: `cd web && npm run build`"),
        ("mise run fmt && mise run test", "Check and format, run the tests: `mise run fmt && mise run test`"),
        ("git switch -c fix/total origin/main", "Start a branch: `git switch -c fix/<branch> origin/main`"),
        (
            "git add -A && git commit -m 'fix: total'",
            'Commit: `git add -A && git commit -m "<type>: <message>"`, such as `fix: total`',
        ),
        (
            "git add a.py b.py && git commit -m Total",
            'Commit: `git add <files> && git commit -m "<message>"`',
        ),
        ("git status -sb; git push -u origin total", "Push: `git push -u origin <branch>`"),
        ("git push origin release/v1.2.0", "Push: `git push origin release/<version>`"),
        ("git push origin main", "Push: `git push origin main`"),
        (
            "pytest tests/test_a.py tests/test_b.py -v",
            "Run the tests: `pytest <test> -v`, such as `tests/test_a.py`",
        ),
        (
            'go test ./cart -run "TestTotal"',
            "Run the tests: `go test ./cart -run <test>`, such as `TestTotal`",
        ),
        ("cargo test cart::total", "Run the tests: `cargo test <test>`, such as `cart::total`"),
        ("uv run shop serve > log.txt", "Run: `uv run shop serve > log.txt`"),
        ("make report | grep total", "Build: `make report | grep total`"),
        ("gh pr view 7", None),
        ("cat a.py", None),
        ("make test\nmake build", None),
        ("git commit -m 'as `git log` says'", None),
        (f"pytest {'a' * MAX_LINE}", None),
    ],
)
def test_what_a_line_says(line: str, said: str | None) -> None:
    shape = shape_of("terminal", json.dumps({"command": line}))
    assert convention_of(shape, use_of(shape), "/srv/shop") == said


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("Run the tests: `pytest <test> -v`, such as `tests/test_a.py`", "pytest tests/test_a.py -v"),
        ("Push: `git push -u origin fix/<branch>`", "git push -u origin fix/branch"),
        ("Answer in Korean.", None),
    ],
)
def test_the_command_in_a_convention(said: str, command: str | None) -> None:
    assert command_in(said) == command
