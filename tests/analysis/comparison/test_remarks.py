from __future__ import annotations

from collections.abc import Callable
from typing import Any

from case_tables import cases
from made_session import Call, agent, call, call_of, person, shell

from warmtui.analysis.comparison import Side, compare
from warmtui.analysis.comparison.remarks import (
    last_write_is_tested,
    names_of,
    ordinal,
    reads_before_edits,
    runs_of_tests,
    runs_tests,
    starts_by_guessing,
)

MakeSide = Callable[..., Side]
READ = call("read_file", {"path": "src/a.py"}, "1|x = 1")
PATCH = call("patch", {"path": "src/a.py", "old_string": "x = 1", "new_string": "x = 2"})
WRITE = call("write_file", {"path": "src/b.py", "content": "x"})
TESTS = shell("python3 -m unittest", "Ran 3 tests in 0.1s\n\nOK")
LS = shell("ls")


def guess(path: str = "src/cart.py") -> Call:
    return call("read_file", {"path": path}, f'{{"error": "File not found: {path}"}}', "error")


def side_of(side: MakeSide, *made: Call, asked: str = "go") -> Side:
    return side(person(asked), *(agent("", made_call) for made_call in made))


def told(*sides: Side) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {remark.rule: (remark.text, remark.sessions) for remark in compare(sides).remarks}


def with_error_type(side: Side, error_type: str) -> Side:
    """Made sessions have no types of errors; the first call gets one."""
    first = side.calls[0]
    judged = first._replace(verdict=first.verdict._replace(error_type=error_type))
    return Side(side.session, (judged, *side.calls[1:]), side.recoveries, side.profile)


def guesses(side: MakeSide, *more: Call, asked: str = "go") -> Side:
    return with_error_type(side_of(side, guess(), *more, asked=asked), "FileNotFound")


def test_both_start_by_guessing(side: MakeSide) -> None:
    found = told(guesses(side, LS), guesses(side))
    assert found["starts-by-guessing"] == ("Both start by guessing a path.", (0, 1))
    assert "starts-with" not in found


def test_one_starts_by_guessing(side: MakeSide) -> None:
    found = told(side_of(side, LS), guesses(side))
    assert found["starts-by-guessing"] == ("Only the second starts by guessing a path.", (1,))
    assert found["starts-with"][0] == "The first starts with terminal, the second with read_file."
    three = told(guesses(side), side_of(side, READ, LS), guesses(side))
    assert three["starts-by-guessing"] == ("Only the first and the third start by guessing a path.", (0, 2))
    assert three["starts-with"][0] == "All 3 start with read_file."


def test_a_path_that_was_named_is_no_guess(side: MakeSide) -> None:
    assert starts_by_guessing(guesses(side)) is True
    assert starts_by_guessing(guesses(side, asked="look at cart.py")) is False
    assert starts_by_guessing(with_error_type(side_of(side, guess()), "Permission")) is False
    assert starts_by_guessing(side_of(side)) is None


def test_a_session_that_goes_on_does_not_start(side: MakeSide) -> None:
    goes_on = side(person("go"), agent("", READ), kind="continuation")
    assert starts_by_guessing(goes_on) is None
    assert told(goes_on, guesses(side)) == {}


def test_nothing_is_said_of_the_start_where_there_is_one_tool(side: MakeSide) -> None:
    assert "starts-with" not in told(side_of(side, READ), side_of(side, READ, READ))


@cases("analysis/comparison/data/reading_first.jsonl")
def test_reading_before_editing(
    side: MakeSide, calls: list[dict[str, Any]], reads_first: bool | None
) -> None:
    assert reads_before_edits(side_of(side, *map(call_of, calls))) is reads_first


@cases("analysis/comparison/data/runs_of_tests.jsonl")
def test_testing(side: MakeSide, calls: list[dict[str, Any]], ran: bool | None, last: bool | None) -> None:
    made_side = side_of(side, *map(call_of, calls))
    assert runs_tests(made_side) is ran
    assert last_write_is_tested(made_side) is last
    assert bool(runs_of_tests(made_side)) is (ran is True)


def test_habits_are_told_when_known_of_every_session(side: MakeSide) -> None:
    careful, hasty = side_of(side, READ, PATCH, TESTS), side_of(side, PATCH)
    found = told(careful, hasty)
    assert found["reads-before-edits"] == ("Only the first reads every file before it edits it.", (0,))
    assert found["runs-tests"] == ("Only the first runs tests.", (0,))
    assert found["tests-after-last-write"] == (
        "Only the first runs tests after it last wrote to a file.",
        (0,),
    )
    both = told(careful, careful)
    assert both["reads-before-edits"] == ("Both read every file before they edit it.", (0, 1))
    assert "runs-tests" not in both
    unknown = side_of(side, READ)
    assert {"reads-before-edits", "tests-after-last-write"}.isdisjoint(told(careful, unknown))
    assert {"reads-before-edits", "runs-tests"}.isdisjoint(told(hasty, hasty))


def test_a_shared_error_and_who_recovers(side: MakeSide) -> None:
    missing = shell("pytest", "bash: line 3: pytest: command not found", "error")
    stuck, fixed = side_of(side, missing), side_of(side, missing, TESTS)
    words = "Both meet “bash: line ‹n›: pytest: command not found”"
    assert told(stuck, fixed)["shared-error"][0] == f"{words} and only the second recovers from it."
    assert told(fixed, fixed)["shared-error"] == (f"{words} and recover from it.", (0, 1))
    assert told(stuck, stuck)["shared-error"] == (f"{words} and neither is seen to recover from it.", ())
    assert "shared-error" not in told(stuck, side_of(side, LS))


def test_alike_calls_with_other_outcomes_are_counted(side: MakeSide) -> None:
    found = told(side_of(side, READ, LS), side_of(side, READ._replace(outcome="error"), LS))
    assert found["in-step-outcomes"][0] == (
        "In 2 steps the calls are alike (the same tool, a similar target), in 1 of them the outcomes differ."
    )
    assert "in-step-outcomes" not in told(side_of(side, READ), side_of(side, READ))


def test_names_of_tools_are_never_a_format(side: MakeSide) -> None:
    odd = call("{0.__class__}{", "{}")
    assert "starts with {0.__class__}{" in told(side_of(side, odd, LS), side_of(side, LS))["starts-with"][0]


def test_sessions_are_named_in_words() -> None:
    assert names_of([True] * 4) == "all 4"
    assert names_of([False, False]) == ""
    assert [ordinal(n) for n in (1, 9, 10, 11, 21, 22, 23, 112)] == [
        "first", "ninth", "10th", "11th", "21st", "22nd", "23rd", "112th",
    ]  # fmt: skip
