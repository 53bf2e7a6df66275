from __future__ import annotations

from typing import Any

import pytest
from case_tables import cases
from made_session import Call, agent, call, call_of, made, person, shell

from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.recoveries import find_recoveries
from warmtui.analysis.scratch_files import ScratchFiles
from warmtui.curation.candidates.evidence import (
    BAR,
    MARKER_MOST,
    Evidence,
    call_evidence,
    facts_of,
    is_bare,
    marker_evidence,
    patterns_evidence,
    recovery_evidence,
)
from warmtui.model.template import MarkerKind


def evidence(*calls: Call, of: int = -1, findings: bool = False, tokens: int = 200) -> Evidence:
    session = made(person("go"), *(agent("", call) for call in calls))
    index = range(len(calls))[of]
    judged = session.calls[index]
    if findings:
        judged = judged._replace(verdict=judged.verdict._replace(findings=True))
    facts = facts_of(session.session, session.calls)
    return call_evidence(index, judged, facts, tokens)


@cases("curation/candidates/data/worth_keeping.jsonl")
def test_a_projects_ways_are_worth_keeping(row: dict[str, Any], reason: str) -> None:
    found = evidence(call_of(row))
    assert found.points >= BAR
    assert found.reasons[0] == reason


@cases("curation/candidates/data/not_worth_keeping.jsonl")
def test_what_any_agent_does_anyway_is_not(row: dict[str, Any]) -> None:
    assert evidence(call_of(row), tokens=50).points < BAR


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
    assert "rests on what was made for this task" in evidence(script, run, run).reasons
    made_folder = shell("mkdir -p demo/sub")
    tests = shell("pytest demo/sub", "1 passed")
    gone = shell("rm -rf demo")
    assert "rests on what was made for this task" in evidence(made_folder, tests, gone, of=1).reasons
    assert "rests on what was made for this task" not in evidence(tests).reasons


def test_a_file_that_says_how_things_are_done() -> None:
    assert evidence(call("read_file", {"path": "README.md"}, "Run: make"), tokens=50).points >= BAR
    assert evidence(shell("cat pyproject.toml", "[project]"), tokens=50).points >= BAR
    unchanged = call("read_file", {"path": "README.md"}, '{"status": "unchanged"}')
    assert evidence(unchanged, tokens=50).points < BAR


def test_findings_a_long_result_and_other_work_count_against() -> None:
    run = shell("pytest", "some")
    assert evidence(run, findings=True).points < evidence(run).points
    mixed = shell("rm -rf x && pytest", "1 passed")
    assert evidence(mixed).points < evidence(run).points
    short = call("read_file", {"path": "README.md"}, "x")
    long = call("read_file", {"path": "README.md"}, "x" * 5_000)
    assert evidence(long).points < evidence(short).points


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
        session = made(person("go"), *(agent("", call) for call in calls))
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


def test_manners_gain_by_what_there_was_to_see() -> None:
    assert patterns_evidence(2, 0).points < BAR <= patterns_evidence(6, 0).points
    assert patterns_evidence(1, 1).reasons == ("from 1 message of the person", "1 correction")
    assert patterns_evidence(6, 2).reasons == ("from 6 messages of the person", "2 corrections")


def test_what_the_session_made_is_not_the_projects() -> None:
    table = call("sql", {"query": "CREATE TABLE IF NOT EXISTS Mine (a int)"}, "ok")
    mine = call("sql", {"query": "SELECT * FROM mine LIMIT 5"}, "[(1,)]")
    theirs = call("sql", {"query": "SELECT * FROM theirs LIMIT 5"}, "[(1,)]")
    assert evidence(table, mine, mine, tokens=50).points < BAR <= evidence(table, theirs, tokens=50).points
    folder = shell("mkdir demo_project")
    assert evidence(folder, shell("pytest demo_project/tests/a.py", "1 passed"), tokens=50).points < BAR
    for name in ("reproduce_issue.py", "scratch/a.py", "test_issue.py", "debug_it.py"):
        assert evidence(shell(f"pytest {name}", "1 passed"), tokens=50).points < BAR
    for name in ("src/debug.py", "tests/test_cart.py"):
        assert evidence(shell(f"pytest {name}", "1 passed"), tokens=50).points >= BAR


def test_a_file_known_before_it_was_written_is_the_projects() -> None:
    read = call("read_file", {"path": "run.py"}, "x")
    write = call("write_file", {"path": "run.py", "content": "y"}, "ok")
    reason = "rests on what was made for this task"
    assert reason in evidence(write, shell("python run.py", "1")).reasons
    assert reason not in evidence(read, write, shell("python run.py", "1")).reasons


@pytest.mark.parametrize("rows", ["[]", "[(0,)]", "[(None,)]", "Empty set", ""])
def test_no_rows_are_no_answer(rows: str) -> None:
    query = "SELECT n FROM a JOIN b USING (x)"
    reason = "the query that gave the answer, over several tables"
    assert reason not in evidence(call("sql", {"query": query}, rows)).reasons
    assert reason in evidence(call("sql", {"query": query}, "[(10,)]")).reasons


def test_another_try_after_a_query_says_that_it_gave_no_answer() -> None:
    query = call("sql", {"query": "SELECT n FROM a JOIN b USING (x)"}, "[(1,)]")
    later = call("sql", {"query": "SELECT m FROM a"}, "Unknown column 'm'", "error")
    assert evidence(query, tokens=50).points >= BAR > evidence(query, later, of=0, tokens=50).points


@pytest.mark.parametrize(
    "command",
    [
        "git stash && pytest -q && git stash pop",
        "git checkout -- a.py && pytest -q",
        "git checkout src/a.py; pytest -q",
        "git reset --hard && make test",
        "rm -rf out && make test",
    ],
)
def test_a_line_that_throws_work_away_is_not_offered(command: str) -> None:
    run = shell(command, "3 passed")
    assert evidence(run, shell("ls", "x"), run, of=0, tokens=50).points < BAR
    kept = shell("git checkout main && pytest -q", "3 passed")
    assert evidence(kept, tokens=50).points >= BAR


@pytest.mark.parametrize(
    "result",
    [
        "115 passed, 2 failed, 1 exceptions in 3 s\nDO *NOT* COMMIT!",
        "FAILED (failures=1)",
        "Traceback (most recent call last):\nKeyError",
        "3 errors",
    ],
)
def test_a_result_that_shows_failures_inside_counts_against(result: str) -> None:
    clean = evidence(shell("bin/test", "117 passed, 0 failed, 3 expected to fail"))
    assert evidence(shell("bin/test", result)).points < BAR <= clean.points
    assert "reported failures" not in clean.reasons


NONE = ScratchFiles(frozenset(), frozenset())


def points(
    uses: int,
    turns: int,
    text: str = "src/a.py",
    kind: MarkerKind = "path",
    made: ScratchFiles = NONE,
    by_hand: bool = False,
) -> float:
    return marker_evidence(
        FoundMarker(text, kind, uses, turns, ("terminal",), "m1"), made, by_hand=by_hand
    ).points


def test_markers_gain_by_coming_back() -> None:
    assert points(1, 1) < BAR <= points(4, 2)
    assert points(2, 2) > points(2, 1)
    assert points(10_000, 500) == MARKER_MOST
    assert points(0, 0) == 0


@pytest.mark.parametrize("name", ["_print", "full_clean", "setUp", "__reduce", "reduce_", "\ud800"])
def test_a_bare_name_is_kept_only_when_the_person_named_it(name: str) -> None:
    assert points(20, 3, name, "identifier") < BAR <= points(20, 3, name, "identifier", by_hand=True)


@pytest.mark.parametrize(
    "name", ["table_alias", "SubFigure", "_eval_as_set", "HTTPServer", "assertOptimizesTo"]
)
def test_a_name_of_several_words_is_a_projects(name: str) -> None:
    assert not is_bare(name)
    assert points(20, 3, name, "identifier") >= BAR


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("demo/a.py", "path"),
        ("python demo/try_it.py", "command"),
        ("my_table", "identifier"),
        ("try_it", "identifier"),
        ("reproduce_bug.py", "path"),
    ],
)
def test_what_the_session_made_is_no_marker(text: str, kind: MarkerKind) -> None:
    made = ScratchFiles(frozenset({"demo", "demo/try_it.py"}), frozenset({"my_table"}))
    assert points(20, 3, text, kind, made) < BAR


def test_hostile_commands_break_nothing() -> None:
    assert points(20, 3, "\ud800\0" * 1_000, "command") == MARKER_MOST
