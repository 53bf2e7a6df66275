from __future__ import annotations

import json

import pytest

from warmtui.analysis.call_shape import CallShape, shape_of
from warmtui.analysis.call_use import CallUse, family_of, use_of


def of_line(line: str) -> CallShape:
    return shape_of("terminal", json.dumps({"command": line}))


@pytest.mark.parametrize(
    ("line", "use"),
    [
        ("mise run test:unit 2>&1 | tail -25", "runner"),
        ("cd web && npm run render", "runner"),
        ("uv run shop --port 80", "runner"),
        ("PYTHONPATH=. pytest -q", "runner"),
        ("mise x node@20 -- npm test", "runner"),
        ("go doc strings.Cut", "look"),
        ("pytest --version", "look"),
        ("gh pr view 7 --json title", "service"),
        ("gh pr view 7 --json files | python3 -c 'import json'", "service"),
        ("kubectl get pods", "look"),
        ("git add -A && git commit -m x", "record"),
        ("git switch -c fix/total origin/main", "record"),
        ("git checkout main", "look"),
        ("git tag -l 'v1*'", "look"),
        ("git log --oneline | head", "look"),
        ("pip install -e .", "install"),
        ("bin/import orders.csv", "program"),
        ("alembic upgrade head", "program"),
        ("kill 123", "look"),
        ("python3 -c 'print(1)'", "code"),
        ("sqlite3 shop.db 'select 1'", "query"),
        ("rm -rf out", "file"),
        ("cat a.py && grep -rn b src", "look"),
    ],
)
def test_what_a_command_line_is_for(line: str, use: CallUse) -> None:
    assert use_of(of_line(line)) == use


@pytest.mark.parametrize(
    ("tool", "arguments", "use"),
    [
        ("mcp__tracker__get_issue", {"id": "ENT-7"}, "tool"),
        ("book_flight", {"user_id": "a_1", "date": "2026-01-01"}, "tool"),
        ("Read", {"file_path": "a.py"}, "file"),
        ("Edit", {"file_path": "a.py", "old_string": "a", "new_string": "b"}, "file"),
        ("Grep", {"pattern": "x"}, "look"),
        ("WebSearch", {"query": "x"}, "look"),
        ("write_stdin", {"session_id": 3, "chars": ""}, "agent"),
        ("Task", {"prompt": "look"}, "agent"),
        ("exec", {"input": "const a = await tools.b()"}, "code"),
        ("sql", {"query": "select 1"}, "sql"),
        ("execute_code", {"code": "import shop"}, "code"),
    ],
)
def test_what_a_tool_is_for(tool: str, arguments: dict[str, object], use: CallUse) -> None:
    assert use_of(shape_of(tool, json.dumps(arguments))) == use


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("mise run test", "mise run test 2>&1 | tail -25", True),
        ("pytest tests/a.py", "cd . && pytest tests/b.py -q", True),
        ("mise run test", "mise run lint", False),
        ("pytest", "uv run pytest", False),
        ("gh pr view 7", "gh pr view 8 --json title", True),
        ("gh pr view 7", "gh pr checkout 7", False),
        ("gh api repos/dev/shop/pulls/7/comments", "gh api repos/dev/shop/pulls/8/comments", True),
        ("gh api repos/dev/shop/pulls/7/comments", "gh api repos/dev/shop/contents/a.py", False),
        ("pip install pytest-mock", "pip install -q pytest-mock", True),
        ("pip install pytest-mock", "pip install httpx", False),
        (
            "gh api graphql -f query='mutation { resolveThread(input: {}) { id } }'",
            "gh api graphql -f query='query { repository(owner: 1) { id } }'",
            False,
        ),
    ],
)
def test_calls_of_a_family_show_the_same_thing(first: str, second: str, same: bool) -> None:
    assert (family_of(of_line(first)) == family_of(of_line(second))) is same
