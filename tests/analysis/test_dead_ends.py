"""What failed again and again, and what only looks like it."""

from __future__ import annotations

import pytest
from made_session import Call, agent, call, made, person, shell

from warmtui.analysis.dead_ends import FoundDeadEnd, find_dead_ends
from warmtui.analysis.recoveries import find_recoveries

REFUSED = "Error: order {} cannot be returned, it was not delivered"


def found_in(*calls: Call) -> tuple[FoundDeadEnd, ...]:
    session = made(person("do it"), *(agent("", made_call) for made_call in calls))
    return find_dead_ends(*session, find_recoveries(*session))


def returned(order: str, outcome: str = "error") -> Call:
    result = REFUSED.format(order) if outcome == "error" else "returned"
    return call("return_order", {"order": order, "reason": "x"}, result, outcome)  # type: ignore[arg-type]


def denied(command: str) -> Call:
    return shell(command, "Permission to use Bash has been denied.", "denied")


@pytest.mark.parametrize(
    ("calls", "indexes", "error", "same_call"),
    [
        ([returned("#W1234"), shell("ls"), returned("#W5678")], (0, 2), REFUSED.format("#W1234"), False),
        ([returned("#W1234"), returned("#W1234")], (0, 1), REFUSED.format("#W1234"), True),
        (
            [denied("gh release view v1"), denied("gh release view v2")],
            (0, 1),
            "Permission to use Bash has been denied.",
            False,
        ),
    ],
)
def test_the_same_refusal_without_a_success_is_a_dead_end(
    calls: list[Call], indexes: tuple[int, ...], error: str, same_call: bool
) -> None:
    assert found_in(*calls) == (FoundDeadEnd(indexes, error, same_call),)


def query(sql: str, missing: str = "") -> Call:
    result = f"Table 'tv.{missing}' doesn't exist" if missing else "[('Rise of the Blue Beetle!',)]"
    return call("sql", {"query": sql}, result, "error" if missing else "ok")


GUESSES = [query(f"SELECT title FROM {name}", name) for name in ("shows", "series", "programs", "shows")]
EMPTY = [shell(f"find /data -name '*.out' {word}") for word in ("", "-print", "-type f", "-maxdepth 9")]


def test_what_was_tried_in_several_wordings_is_a_dead_end() -> None:
    errors = "; ".join(f"Table 'tv.{name}' doesn't exist" for name in ("shows", "series", "programs"))
    assert found_in(*GUESSES) == (FoundDeadEnd((0, 1, 2, 3), errors, same_call=False, refused=False),)
    nothing = FoundDeadEnd((0, 1, 2, 3), "it gave nothing", same_call=False, refused=False)
    assert found_in(*EMPTY) == (nothing,)


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param(GUESSES[:3], id="three tries"),
        pytest.param([*GUESSES, query("SELECT name FROM channel")], id="another statement worked later"),
        pytest.param([*EMPTY, shell("find /data -name '*.log'", "/data/a.log")], id="there is something"),
        pytest.param(
            [shell(f"find /data/{n} -name '*.out'") for n in range(4)],
            id="other places",
        ),
        pytest.param([shell("python -m shop.cli", "ValueError: 3", "error")] * 4, id="the code under work"),
    ],
)
def test_other_tries_are_none(calls: list[Call]) -> None:
    assert found_in(*calls) == ()


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param([returned("#W1234")], id="once"),
        pytest.param([returned("#W1"), returned("#W2"), returned("#W3", "ok")], id="it worked later"),
        pytest.param(
            [
                returned("#W1234"),
                call("return_order", {"order": "1", "reason": "y"}, "Error: no money", "error"),
            ],
            id="two messages",
        ),
        pytest.param([shell("cat a.py", "cat: a.py: No such file or directory", "error")] * 2, id="a file"),
        pytest.param(
            [
                call("Write", {"file_path": "try.py", "content": "x"}, "ok"),
                shell("python try.py", "Bad: no", "error"),
                shell("python try.py", "Bad: no", "error"),
            ],
            id="a script of the session's own",
        ),
        pytest.param(
            [
                shell("pytest -q", "bash: pytest: command not found", "error"),
                shell("pytest", "bash: pytest: command not found", "error"),
                shell("python3 -m unittest", "OK"),
            ],
            id="a recovery answers it",
        ),
    ],
)
def test_what_worked_or_is_a_mistake_is_none(calls: list[Call]) -> None:
    assert found_in(*calls) == ()
