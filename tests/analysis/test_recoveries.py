from __future__ import annotations

import json
from typing import Any

import pytest
from case_tables import cases
from made_session import Call, agent, call, call_of, made, person, shell

from warmtui.analysis.recoveries import FoundRecovery, find_recoveries
from warmtui.analysis.recoveries.ways import LONG_WINDOW, WINDOW

MISSING = "bash: line 3: {}: command not found"
OK = "Ran 3 tests in 0.1s\n\nOK"


def found_in(*calls: Call) -> tuple[FoundRecovery, ...]:
    session = made(person("do it"), *(agent("", made_call) for made_call in calls))
    return find_recoveries(*session)


def only(*calls: Call) -> FoundRecovery:
    found = found_in(*calls)
    assert len(found) == 1
    return found[0]


def fails(command: str, result: str) -> Call:
    return shell(command, result, "error")


def file_call(tool: str, path: str, result: str = "content", **more: object) -> Call:
    bad = result.startswith(("File not found", "Could not", "Error"))
    text = json.dumps({"error": result} if bad else {"content": result})
    return call(tool, {"path": path, **more}, text, "error" if bad else "ok")


@cases("analysis/data/recoveries.jsonl")
def test_what_set_it_right_is_found(
    calls: list[dict[str, Any]], change: str, failures: list[int], fixed: int, used_after: int
) -> None:
    found = only(*map(call_of, calls))
    assert (found.change, found.fixed_index, found.used_after) == (change, fixed, used_after)
    assert [*found.failures] == failures
    assert found.failed_index == failures[0]


@cases("analysis/data/no_recoveries.jsonl")
def test_work_and_chance_are_no_recoveries(calls: list[dict[str, Any]]) -> None:
    assert found_in(*map(call_of, calls)) == ()


def test_another_runner_for_a_missing_program() -> None:
    found = only(
        fails("python -m pytest -q", MISSING.format("python")), shell("python3 -m unittest discover", OK)
    )
    assert found.change == "python -m pytest → python3 -m unittest discover"
    assert found.error == "bash: line 3: python: command not found"
    assert (found.failed_index, found.fixed_index, found.failures) == (0, 1, (0,))


def query(sql: str, result: str = "[(1,)]") -> Call:
    bad = result.startswith(("Unknown", "Table", "Column"))
    return call("sql", {"query": sql}, result, "error" if bad else "ok")


def test_a_command_line_without_a_part_of_it_is_no_fix() -> None:
    bad = "error: unknown option --colour"
    line = "npm test --colour | grep cart | sort"
    assert only(fails(line, bad), shell("npm test --color | grep cart | sort", "cart ok"))
    assert not found_in(fails(line, bad), shell("npm test --color | grep cart", "cart ok"))


def test_what_the_session_made_sets_nothing_right() -> None:
    wrong = file_call("read_file", "repro/cart.py", "File not found: repro/cart.py")
    assert not found_in(shell("mkdir sand"), wrong, file_call("read_file", "sand/cart.py"))
    assert found_in(wrong, file_call("read_file", "src/cart.py"))
    made_table = query("CREATE TABLE mine (a int)", "ok")
    missing = query("SELECT a FROM mines", "Table 'x.mines' doesn't exist")
    assert not found_in(made_table, missing, query("SELECT a FROM mine"))
    assert found_in(missing, query("SELECT a FROM mine"))


@pytest.mark.parametrize("outcome", ["error", "denied", "interrupted", "unknown", "pending"])
def test_only_a_call_that_is_ok_fixes_anything(outcome: str) -> None:
    second = Call("terminal", '{"command": "python3 -m unittest"}', "?", outcome)  # type: ignore[arg-type]
    assert found_in(fails("pytest -q", MISSING.format("pytest")), second) == ()


def test_findings_count_as_ok() -> None:
    session = made(
        person("x"),
        agent("", fails("pytest", MISSING.format("pytest"))),
        agent("", shell("python3 -m unittest", "FAILED (failures=1)")),
    )
    calls = (
        session.calls[0],
        session.calls[1]._replace(verdict=session.calls[1].verdict._replace(findings=True)),
    )
    assert len(find_recoveries(session.session, calls)) == 1


def test_denied_calls_and_housekeeping_are_not_recovered() -> None:
    denied = Call("terminal", '{"command": "pytest"}', MISSING.format("pytest"), "denied")
    kept = call("memory", {"path": "a/x.py"}, "Error: File not found: a/x.py", "error")
    again = call("memory", {"path": "b/x.py"}, "ok")
    assert found_in(denied, shell("python3 -m unittest", OK), kept, again) == ()


def test_the_next_turn_counts_and_the_one_after_does_not() -> None:
    broken = agent("", fails("pytest", MISSING.format("pytest")))
    works = agent("", shell("python3 -m unittest", OK))
    assert len(find_recoveries(*made(person("a"), broken, person("b"), works))) == 1
    assert find_recoveries(*made(person("a"), broken, person("b"), person("c"), works)) == ()


def test_calls_far_apart_do_not_belong_together() -> None:
    between = [shell(f"echo {i}") for i in range(LONG_WINDOW)]
    wrong = file_call("read_file", "a/x.py", "File not found: a/x.py")
    right = file_call("read_file", "b/x.py")
    assert len(found_in(wrong, *between[: WINDOW - 1], right)) == 1
    assert found_in(wrong, *between[:WINDOW], right) == ()
    missing = fails("pytest", MISSING.format("pytest"))
    assert len(found_in(missing, *between[:-1], shell("python3 -m unittest", OK))) == 1
    assert found_in(missing, *between, shell("python3 -m unittest", OK)) == ()


def test_parallel_calls_do_not_fix_each_other() -> None:
    both = agent("", fails("pytest", MISSING.format("pytest")), shell("python3 -m unittest", OK))
    assert find_recoveries(*made(person("x"), both)) == ()


@pytest.mark.parametrize(
    "arguments",
    ["", "{", "[]", "null", '{"command": 3}', '{"path": null}', "\ud800", '{"command": "\ud800"}'],
)
def test_broken_arguments_break_nothing(arguments: str) -> None:
    calls = [call("terminal", arguments, "\0 No such file \ud800", "error"), call("terminal", arguments, "x")]
    found_in(*calls, call("read_file", arguments, "", "error"), call("patch", arguments, ""))


def test_large_results_and_arguments_take_no_time() -> None:
    huge = "x: command not found\n" * 500_000
    calls = [fails("pytest " + "a " * 9_000, huge), *[shell("python3 -m unittest " + "'" * 9_000, huge)] * 20]
    found_in(*calls)


BROKEN_PLUGIN = "Error processing line 1 of x.pth:\nModuleNotFoundError: No module named '_hack'\n"


@pytest.mark.parametrize(("starts", "expect"), [(3, 1), (2, 0)])
def test_what_every_result_begins_with_is_not_why_a_call_failed(starts: int, expect: int) -> None:
    usual = [shell(f"python3 step{number}.py", f"{BROKEN_PLUGIN}{number} done") for number in range(starts)]
    nothing = f"{BROKEN_PLUGIN}collected 0 items\n\nno tests ran in 0.06s"
    found = found_in(
        *usual,
        fails("pytest shop/cart.py", nothing),
        shell("pytest --doctest-modules shop/cart.py", BROKEN_PLUGIN + OK),
    )
    assert [recovery.change for recovery in found] == ["added --doctest-modules"] * expect
    assert all("no tests ran" in recovery.error for recovery in found)


def test_the_edits_that_made_a_check_green_belong_to_the_fix() -> None:
    change = {"file_path": "src/cart.go", "old_string": "c := cart.New()", "new_string": "c := shop.New()"}
    found = only(
        fails("golangci-lint run ./...", "src/cart.go:12:3: undefined: cart.New (typecheck)"),
        call("Edit", change, "updated"),
        shell("golangci-lint run ./...", "0 issues."),
    )
    assert [made.call.tool for made in found.made_by] == ["Edit"]
