from __future__ import annotations

import json

import pytest
from made_session import Call, agent, call, made, person, shell

from warmtui.analysis.recoveries import find_recoveries
from warmtui.curation.evidence import (
    BAR,
    MARKER_MOST,
    Evidence,
    call_evidence,
    marker_evidence,
    patterns_evidence,
    recovery_evidence,
)
from warmtui.curation.facts import facts_of


def evidence(*calls: Call, of: int = -1, findings: bool = False, tokens: int = 200) -> Evidence:
    session = made(person("go"), *(agent("", one) for one in calls))
    index = range(len(calls))[of]
    judged = session.calls[index]
    if findings:
        judged = judged._replace(verdict=judged.verdict._replace(findings=True))
    facts = facts_of(session.session, session.calls, find_recoveries(*session))
    return call_evidence(index, judged, facts, tokens)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (shell("pytest -q", "3 passed"), "how tests are run here"),
        (shell("uv run pytest -q tests | tail -3", "3 passed"), "how tests are run here"),
        (shell("npm run build", "done"), "how it is built here"),
        (shell("ruff check .", "All checks passed!"), "how it is checked here"),
        (shell("pip install -e .", "Successfully installed x"), "how things are installed here"),
        (shell("sqlite3 a.db .schema", "CREATE TABLE x"), "shows what tables and columns there are"),
        (call("sql", {"query": "SHOW TABLES"}, "[('a',)]"), "shows what tables and columns there are"),
    ],
)
def test_a_projects_ways_are_worth_keeping(one: Call, reason: str) -> None:
    found = evidence(one)
    assert found.points >= BAR
    assert found.reasons[0] == reason


@pytest.mark.parametrize(
    "one",
    [
        shell("ls -la", "total 3"),
        shell("pwd", "/x"),
        shell("cat a.py", "x"),
        shell("git status --short", "M a"),
        shell("git diff", "x"),
        shell("grep -rn foo src", "src/a.py:1: foo"),
        shell("pytest --version", "pytest 8"),
        shell("python3 --version", "Python 3.11"),
        shell("python -c 'print(1)'", "1"),
        shell("sed -i s/a/b/ x.py"),
        shell("cat <<E > reproduce.py\n" + "x = 1\n" * 60 + "E\npython reproduce.py", "1"),
        shell("pip install x", "Requirement already satisfied: x"),
        shell("pytest -k nothing", "no tests ran in 0.01s"),
        call("read_file", {"path": "a.py"}, "content"),
        call("patch", {"path": "a.py", "old_string": "a", "new_string": "b"}, "ok"),
        call("write_file", {"path": "a.py", "content": "x"}, "ok"),
        call("search_files", {"pattern": "x", "path": "."}, '{"total_count": 0}'),
        call("web_search", {"query": "x"}, "results"),
        call("get_order", {"order_id": "#W123"}, "{}"),
        call("execute_code", {"code": "print(sum(range(104)))"}, "5356"),
        call("sql", {"query": "SELECT COUNT(*) FROM a"}, "[(5,)]"),
    ],
)
def test_what_any_agent_does_anyway_is_not(one: Call) -> None:
    assert evidence(one, tokens=50).points < BAR


def test_coming_back_counts_and_repeating_at_once_does_not() -> None:
    run, look = shell("alembic upgrade head", "done"), shell("ls", "a")
    once = evidence(run, look, of=0)
    back = evidence(run, look, run, of=0)
    loop = evidence(run, run, run, of=0)
    assert back.points > once.points == loop.points
    assert "worked and was used again (2×)" in back.reasons


def test_other_arguments_of_a_convention_are_the_same_way() -> None:
    found = evidence(shell("bin/test a.py", "ok"), shell("ls", "x"), shell("bin/test b.py", "ok"), of=0)
    assert "worked and was used again (2×)" in found.reasons


def test_scratch_files_are_not_worth_it() -> None:
    script = shell("cat <<E > reproduce.py\nx\nE")
    run = shell("python reproduce.py", "1")
    assert "runs a file written for this task" in evidence(script, run, run).reasons
    made_folder = shell("mkdir -p demo/sub")
    tests = shell("pytest demo/sub", "1 passed")
    gone = shell("rm -rf demo")
    assert "about a file written for this task" in evidence(made_folder, tests, gone, of=1).reasons
    assert "about a file written for this task" not in evidence(tests).reasons


def test_a_file_that_says_how_things_are_done() -> None:
    assert evidence(call("read_file", {"path": "README.md"}, "Run: make"), tokens=50).points >= BAR
    assert evidence(shell("cat pyproject.toml", "[project]"), tokens=50).points >= BAR
    unchanged = call("read_file", {"path": "README.md"}, '{"status": "unchanged"}')
    assert evidence(unchanged, tokens=50).points < BAR


def test_findings_a_long_result_and_other_work_count_against() -> None:
    run = shell("pytest", "1 failed")
    assert evidence(run, findings=True).points < evidence(run).points
    mixed = shell("rm -rf x && pytest", "1 passed")
    assert evidence(mixed).points < evidence(run).points
    short = call("read_file", {"path": "README.md"}, "x")
    long = call("read_file", {"path": "README.md"}, "x" * 5_000)
    assert evidence(long).points < evidence(short).points


def test_the_shape_after_a_failure_counts_where_the_recovery_does_not_say_it() -> None:
    missing = shell("pytest -q", "bash: pytest: command not found", "error")
    way = "the argument shape that worked after one that failed"
    assert way in evidence(missing, shell("python3 -m unittest", "OK")).reasons
    wrong = call("read_file", {"path": "a/x.py"}, json.dumps({"error": "File not found: a/x.py"}), "error")
    assert (
        "the recovery says it already" in evidence(wrong, call("read_file", {"path": "b/x.py"}, "x")).reasons
    )


def test_nested_arguments_are_worth_showing_when_they_come_back() -> None:
    def booked(number: int) -> Call:
        return call("book", {"id": f"X{number}", "flights": [{"n": number}]}, '{"ok": 1}')

    assert evidence(booked(1)).points < BAR
    assert evidence(booked(1), call("look", {"a": "b"}, "x"), booked(2), of=0).points >= BAR


def test_an_answer_over_several_tables_is_worth_it_and_the_tries_before_are_not() -> None:
    first = call("sql", {"query": "SELECT * FROM a JOIN b USING (x)"}, "[(1,)]")
    last = call("sql", {"query": "SELECT n FROM a JOIN b USING (x) JOIN c USING (y)"}, "[('n',)]")
    assert evidence(first, last).points >= BAR
    assert evidence(first, last, of=0).points < BAR


def test_recoveries_gain_by_use_and_a_retry_is_none_to_keep() -> None:
    def recovered(*after: Call) -> Evidence:
        calls = [shell("pytest", "bash: pytest: command not found", "error"), *after]
        session = made(person("go"), *(agent("", one) for one in calls))
        return recovery_evidence(find_recoveries(*session)[0])

    run, look = shell("python3 -m unittest", "OK"), shell("ls", "x")
    once, used = recovered(run), recovered(run, look, run)
    assert BAR <= once.points < used.points
    assert used.reasons[0] == "fixed an error, used 1× after"
    retry = made(
        person("go"),
        agent("", shell("git fetch", "fatal: Connection reset by peer", "error")),
        agent("", shell("git fetch", "ok")),
    )
    assert recovery_evidence(find_recoveries(*retry)[0]).points < BAR


def test_markers_and_manners_gain_by_coming_back() -> None:
    assert marker_evidence(1, 1).points < BAR <= marker_evidence(4, 2).points
    assert marker_evidence(2, 2).points > marker_evidence(2, 1).points
    assert marker_evidence(10_000, 500).points == MARKER_MOST
    assert marker_evidence(0, 0).points == 0
    assert patterns_evidence(2, 0).points < BAR <= patterns_evidence(6, 0).points
    assert patterns_evidence(6, 2).reasons == ("from 6 messages of the person", "2 corrections")
