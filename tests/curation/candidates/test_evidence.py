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
    marker_evidence,
    patterns_evidence,
    recovery_evidence,
)
from warmtui.model.template import MarkerKind


def evidence(*calls: Call, of: int = -1, findings: bool = False) -> Evidence:
    session = made(person("go"), *(agent("", call) for call in calls))
    index = range(len(calls))[of]
    judged = session.calls[index]
    if findings:
        judged = judged._replace(verdict=judged.verdict._replace(findings=True))
    facts = facts_of(session.session, session.calls)
    return call_evidence(index, judged, facts)


@cases("curation/candidates/data/evidence.jsonl")
def test_a_call_is_worth_keeping_or_not(
    calls: list[dict[str, Any]], of: int, kept: bool, reasons: list[str]
) -> None:
    found = evidence(*map(call_of, calls), of=of)
    assert (found.points >= BAR) is kept
    assert [*found.reasons] == reasons


def test_coming_back_counts_and_repeating_at_once_does_not() -> None:
    run, look = shell("alembic upgrade head", "done"), shell("ls", "a")
    once = evidence(run, look, of=0)
    back = evidence(run, look, run, of=0)
    loop = evidence(run, run, run, of=0)
    assert back.points > once.points == loop.points
    assert "worked and was used again (2×)" in back.reasons


def test_findings_and_other_work_count_against() -> None:
    run = shell("pytest", "some")
    assert evidence(run, findings=True).points < evidence(run).points
    mixed = shell("rm -rf x && pytest", "1 passed")
    assert evidence(mixed).points < evidence(run).points


LONG_REQUEST = "Please look into why the totals of the cart are wrong. " * 5
AROUND = "git status; git remote -v; git log -1; ls; gh repo view"
SENT = "gh pr create --body-file - <<'E'\n" + "what was done\n" * 30 + "E"
MUTATION = "gh api graphql -f query='mutation { resolveThread(input: {}) { id } }'"
MADE = "https://example.com/shop/pull/7"


def reasons(request: str, *calls: Call, of: int = -1) -> tuple[str, ...]:
    session = made(person(request), *(agent("", call) for call in calls))
    index = range(len(calls))[of]
    return call_evidence(index, session.calls[index], facts_of(session.session, session.calls)).reasons


@pytest.mark.parametrize(
    ("reason", "caught", "request_", "calls", "of"),
    [
        ("what the person asked for", True, "make a pr", [shell("gh pr create -t x", "ok")], 0),
        ("what the person asked for", True, "run it", [shell("ls", "a"), shell("make run", "ok")], 1),
        ("what the person asked for", False, LONG_REQUEST, [shell("make run", "ok")], 0),
        ("what the person asked for", False, "run it", [shell("make", "ok"), shell("make run", "ok")], 1),
        ("what the person asked for", False, "look", [shell("ls", "a")], 0),
        ("its result holds a new address", True, LONG_REQUEST, [shell("gh pr create -t x", MADE)], 0),
        ("its result holds a new address", False, LONG_REQUEST, [shell(f"gh pr view {MADE}", MADE)], 0),
        ("its result holds a new address", False, LONG_REQUEST, [shell("gh pr view 7", MADE * 99)], 0),
        ("its result holds a new address", False, LONG_REQUEST, [shell("cat notes.txt", MADE)], 0),
        (
            "done after an edit",
            True,
            LONG_REQUEST,
            [
                call("patch", {"path": "a.py", "old_string": "a", "new_string": "b"}, "ok"),
                shell("make", "ok"),
            ],
            1,
        ),
        ("done after an edit", False, LONG_REQUEST, [shell("make", "ok")], 0),
        (
            "the only call that shows its arguments",
            True,
            LONG_REQUEST,
            [call("book", {"day": "5", "from": "a", "to": "b"}, "ok")],
            0,
        ),
        (
            "the only call that shows its arguments",
            False,
            LONG_REQUEST,
            [call("book", {"day": "5"}, "ok")],
            0,
        ),
        ("makes or changes something there", True, LONG_REQUEST, [shell("gh pr create -t x", "ok")], 0),
        ("makes or changes something there", True, LONG_REQUEST, [shell(MUTATION, "ok")], 0),
        ("makes or changes something there", False, LONG_REQUEST, [shell("gh pr view 7", "ok")], 0),
        ("makes or changes something there", False, LONG_REQUEST, [shell("gh run list", "ok")], 0),
        ("most of the command only looks at things", True, LONG_REQUEST, [shell(AROUND, "ok")], 0),
        (
            "most of the command only looks at things",
            False,
            LONG_REQUEST,
            [shell("git status && gh pr view 7", "ok")],
            0,
        ),
        ("writes a file within the command", False, LONG_REQUEST, [shell(SENT, "ok")], 0),
        ("found nothing", False, LONG_REQUEST, [shell("git push origin main")], 0),
        ("found nothing", True, LONG_REQUEST, [shell("grep -rn foo src")], 0),
    ],
)
def test_what_speaks_for_a_call(reason: str, caught: bool, request_: str, calls: list[Call], of: int) -> None:
    assert (reason in reasons(request_, *calls, of=of)) is caught


def test_recoveries_gain_by_use() -> None:
    def recovered(*after: Call) -> Evidence:
        calls = [shell("pytest", "bash: pytest: command not found", "error"), *after]
        session = made(person("go"), *(agent("", call) for call in calls))
        return recovery_evidence(find_recoveries(*session)[0])

    run, look = shell("python3 -m unittest", "OK"), shell("ls", "x")
    once, used = recovered(run), recovered(run, look, run)
    assert BAR <= once.points < used.points
    assert used.reasons == ("fixed an error by another program (sure)", "used 1× afterwards")


def test_manners_gain_by_what_there_was_to_see() -> None:
    assert patterns_evidence(2, 0).points < BAR <= patterns_evidence(6, 0).points
    assert patterns_evidence(1, 1).reasons == ("from 1 message of the person", "1 correction")
    assert patterns_evidence(6, 2).reasons == ("from 6 messages of the person", "2 corrections")


NONE = ScratchFiles(frozenset(), frozenset())


def points(
    uses: int,
    turns: int,
    text: str = "src/a.py",
    kind: MarkerKind = "path",
    made: ScratchFiles = NONE,
) -> float:
    return marker_evidence(FoundMarker(text, kind, uses, turns, ("terminal",), "m1"), made).points


def test_markers_gain_by_coming_back() -> None:
    assert points(1, 1) < BAR <= points(4, 2)
    assert points(2, 2) > points(2, 1)
    assert points(16, 6) < points(10_000, 500) < MARKER_MOST
    assert points(0, 0) == 0


@pytest.mark.parametrize(
    ("text", "kind", "kept"),
    [
        ("README.md", "path", False),
        ("docs/README.md", "path", True),
        ("pyproject.toml", "path", False),
        (".goreleaser.yaml", "path", True),
        ("tests/test_cart.py", "path", False),
        ("cart/total_test.go", "path", False),
        ("web/cart.spec.ts", "path", False),
        ("src/testing.py", "path", True),
        ("https://example.com/shop/pull/68", "url", False),
        ("https://tracker.example/issue/ENT-25/totals", "url", False),
        ("https://docs.example/hooks", "url", True),
        ("table_alias", "identifier", False),
    ],
)
def test_a_marker_is_of_the_project_not_of_one_task(text: str, kind: MarkerKind, kept: bool) -> None:
    assert (points(9, 3, text, kind) >= BAR) is kept


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
    assert points(20, 3, "\ud800\0" * 1_000, "command") >= BAR
