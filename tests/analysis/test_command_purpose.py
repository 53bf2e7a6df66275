from __future__ import annotations

import pytest
from case_tables import cases

from warmtui.analysis.command_purpose import Purpose, main_purpose, steps_of


@cases("analysis/data/purposes.jsonl")
def test_a_line_has_this_purpose(line: str, expected: Purpose) -> None:
    assert main_purpose(steps_of(line)) == expected


def test_the_most_telling_command_decides() -> None:
    assert main_purpose(steps_of("ls && sed -i s/a/b/ x.py && pytest | tail -3")) == "test"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python3 -m pytest -q x.py", ("python3", "pytest", "", ("-q", "x.py"))),
        ("/usr/bin/python3 ./a/../b.py c", ("python3", "b.py", "", ("c",))),
        ("git -C x diff --stat", ("", "git", "", ("-C", "x", "diff", "--stat"))),
        ("git diff --stat", ("", "git", "diff", ("--stat",))),
        ("npm run build -- --fast", ("", "npm", "run build", ("--", "--fast"))),
        ("python -W ignore x.py", ("python", "x.py", "", ())),
    ],
)
def test_an_invocation_tells_how_a_program_is_run(line: str, expected: tuple[object, ...]) -> None:
    assert steps_of(line)[0].invocation[:4] == expected


def test_inline_code_is_found_wherever_it_is_given() -> None:
    assert steps_of("python -c 'print(1)' x")[0].invocation.code == "print(1)"
    assert steps_of("python3 - <<'E'\nprint(2)\nE")[0].invocation.code == "print(2)\n"
    assert steps_of("node -e 'f()'")[0].invocation.code == "f()"
