from __future__ import annotations

import pytest

from warmtui.analysis.command_purpose import Job, job_of, lead, main_job
from warmtui.analysis.shell import parse


def job(line: str) -> Job:
    return main_job(tuple(job_of(command) for command in parse(line)))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pytest -q", "test"),
        ("python3 -m unittest discover -s tests", "test"),
        ("bin/test sympy/core", "test"),
        ("./tests/runtests.py queries", "test"),
        ("python test_requests.py", "test"),
        ("npm test", "test"),
        ("npm run test:unit", "test"),
        ("go test ./...", "test"),
        ("cargo test", "test"),
        ("make check", "check"),
        ("make test", "test"),
        ("make", "build"),
        ("npm run build", "build"),
        ("docker compose build", "build"),
        ("cargo clippy", "check"),
        ("ruff check .", "check"),
        ("uv run mypy src", "check"),
        ("pip install -e .", "install"),
        ("npm ci", "install"),
        ("pip list", "look"),
        ("docker ps", "look"),
        ("python app.py", "run"),
        ("PYTHONPATH=src python3 -c 'import x'", "run"),
        ("npm start", "run"),
        ("sqlite3 app.db .schema", "query"),
        ("git status", "vcs"),
        ("git grep x", "search"),
        ("grep -rn x src", "search"),
        ("cat a.py | head", "look"),
        ("sed -n 1,5p a.py", "look"),
        ("sed -i s/a/b/ a.py", "edit"),
        ("cat <<E > a.py\nx\nE", "edit"),
        ("rm -rf build", "remove"),
        ("alembic upgrade head", "other"),
        ("```bash ls```", "other"),
        ("", "other"),
    ],
)
def test_a_line_does_this_job(line: str, expected: Job) -> None:
    assert job(line) == expected


def test_the_most_telling_command_decides() -> None:
    assert job("ls && sed -i s/a/b/ x.py && pytest | tail -3") == "test"


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
def test_a_lead_tells_how_a_command_begins(line: str, expected: tuple[object, ...]) -> None:
    assert lead(parse(line)[0])[:4] == expected


def test_inline_code_is_found_wherever_it_is_given() -> None:
    assert lead(parse("python -c 'print(1)' x")[0]).code == "print(1)"
    assert lead(parse("python3 - <<'E'\nprint(2)\nE")[0]).code == "print(2)\n"
    assert lead(parse("node -e 'f()'")[0]).code == "f()"
