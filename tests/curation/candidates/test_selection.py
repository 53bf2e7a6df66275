from __future__ import annotations

from dataclasses import replace

import pytest
from made_session import Call, agent, call, made, person, shell

from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.recoveries import find_recoveries
from warmtui.curation.candidates import Candidate, find_candidates
from warmtui.curation.candidates.deduplicate import SEEN_AGAIN, merge_candidates
from warmtui.curation.candidates.selection import seed_of, suggest
from warmtui.curation.tokens import Limits
from warmtui.model.template import ContextMarker, Recovery, Seed, UserPatterns

MANNER = UserPatterns(request_style="terse", feedback_style="balanced", corrections=("no", "not that"))


def tokens(seed: Seed) -> int:
    return 100 + len(seed.model_dump_json()) // 4


def offered(
    *calls: Call, session: str = "s", markers: int = 0, manner: bool = False
) -> tuple[Candidate, ...]:
    steps = [person(f"step {i}") for i in range(6)]
    made_session, judged = made(*steps, *(agent("", call) for call in calls))
    named = replace(made_session, header=made_session.header._replace(id=session))
    found = tuple(FoundMarker(f"src/m{i}.py", "path", 20 - i, 3, ("terminal",), "m0") for i in range(markers))
    recoveries = find_recoveries(named, judged)
    return find_candidates(named, judged, recoveries, found, MANNER if manner else None)


def broken(program: str) -> tuple[Call, Call]:
    return (
        shell(f"{program} tests/{program}.py", f"bash: {program}: command not found", "error"),
        shell(f"bin/{program}-test tests/{program}.py && pytest tests/{program}.py", "1 passed"),
    )


RECOVERIES = [
    message for program in ("nosetests", "nose2", "tox", "nox", "trial") for message in broken(program)
]
WAYS = [
    shell(line, "ok")
    for line in (
        "pytest",
        "make",
        "ruff check .",
        "pip install -e . # Successfully",
        "npm run build",
        "mypy src",
        "go vet ./...",
    )
]


def kinds(cands: tuple[Candidate, ...], chosen: tuple[str, ...]) -> list[str]:
    by_id = {candidate.id: candidate.kind for candidate in cands}
    return [by_id[candidate_id] for candidate_id in chosen]


def test_recoveries_come_first_then_lines_then_examples_and_manner() -> None:
    found = offered(*RECOVERIES, *WAYS, markers=4, manner=True)
    chosen = suggest(found, tokens=tokens, limits=Limits(tokens=100_000))
    order = kinds(found, chosen.chosen)
    assert order == sorted(
        order, key=["recovery", "convention", "marker", "tool_example", "user_patterns"].index
    )
    assert order.count("recovery") == 5
    assert order.count("tool_example") == 1
    assert order.count("convention") == len(WAYS) - 1
    assert order.count("user_patterns") == 1
    assert order.count("marker") == 4
    assert chosen.tokens == tokens(chosen.seed)
    assert len(chosen.seed.recoveries) == 5


def test_the_limits_can_be_moved() -> None:
    found = offered(*RECOVERIES, *WAYS, markers=9, manner=True)
    limits = Limits(tokens=100_000, examples=1, recoveries=0, markers=2, notes=1)
    chosen = suggest(found, tokens=tokens, limits=limits)
    assert kinds(found, chosen.chosen) == ["convention", "marker", "marker", "tool_example", "user_patterns"]


@pytest.mark.parametrize("budget", [0, 100, 300, 500, 800, 1_200, 2_000])
def test_everything_stays_within_the_budget_overhead_included(budget: int) -> None:
    chosen = suggest(
        offered(*RECOVERIES, *WAYS, markers=9, manner=True), tokens=tokens, limits=Limits(tokens=budget)
    )
    assert chosen.tokens <= budget
    assert (chosen.tokens == 0) == chosen.seed.is_empty()


def test_what_does_not_fit_gives_way_to_what_does() -> None:
    long = shell("pytest " + "tests/a.py " * 200, "ok")
    found = offered(long, shell("make", "ok"))
    chosen = suggest(found, tokens=tokens, limits=Limits(tokens=600))
    assert [note.text for note in chosen.seed.notes] == ["Build: `make`"]
    assert [left_out.reason for left_out in chosen.left_out] == ["would go over 600 tokens"]


def test_one_example_of_each_tool_and_argument_shape() -> None:
    same = [replace(candidate, shape="query: sql") for candidate in offered(*WAYS)]
    chosen = suggest(same, tokens=tokens)
    assert len(chosen.seed.tool_examples) == 1
    assert {left_out.reason for left_out in chosen.left_out} == {"the same way as another one"}


def test_nothing_below_the_bar_is_chosen_or_even_named() -> None:
    assert suggest(offered(shell("ls", "a"), shell("git status", "b")), tokens=tokens) == suggest(
        (), tokens=tokens
    )


def test_what_reads_like_an_instruction_is_never_chosen() -> None:
    flagged = tuple(
        replace(candidate, flags=("tells the agent to ignore its rules",))
        for candidate in offered(*RECOVERIES, *WAYS, markers=3, manner=True)
    )
    chosen = suggest(flagged, tokens=tokens, limits=Limits(tokens=100_000))
    assert chosen.seed.is_empty()
    assert {left_out.reason for left_out in chosen.left_out} == {
        "reads like an instruction: tells the agent to ignore its rules"
    }


def test_the_same_input_gives_the_same_seed() -> None:
    found = offered(*RECOVERIES, *WAYS, markers=9, manner=True)
    assert (
        suggest(found, tokens=tokens).seed.model_dump_json()
        == suggest(found, tokens=tokens).seed.model_dump_json()
    )


def test_what_a_person_picks_keeps_their_order() -> None:
    found = [candidate for candidate in offered(*WAYS) if candidate.kind == "tool_example"]
    picked = [found[2], found[0]]
    assert [candidate.id for candidate in seed_of(picked).tool_examples] == [
        candidate.id for candidate in picked
    ]
    assert seed_of([]).is_empty()


def test_a_lesson_of_two_sessions_comes_once_weighs_more_and_names_both() -> None:
    first = offered(*broken("tox"), shell("ls", "x"), session="a")
    second = offered(*broken("tox"), shell("make", "x"), session="b")
    merged = merge_candidates([first, second, offered(shell("ls", "x"), session="c")])
    (recovery,) = (candidate for candidate in merged if candidate.kind == "recovery")
    alone = max(candidate.evidence for candidate in (*first, *second) if candidate.kind == "recovery")
    assert recovery.evidence == pytest.approx(alone + SEEN_AGAIN)
    assert recovery.reasons[0] == "seen in 2 of 3 sessions"
    assert isinstance(recovery.record, Recovery)
    assert recovery.record.provenance.session_id == "a"
    assert [place.session_id for place in recovery.record.also_seen] == ["b"]
    assert len({candidate.key for candidate in merged}) == len(merged)


def test_what_any_agent_does_anyway_gains_nothing_by_coming_back() -> None:
    merged = merge_candidates([offered(shell("ls", "x"), session=session) for session in "abcd"])
    (look,) = (candidate for candidate in merged if candidate.kind == "tool_example")
    assert look.reasons[0] == "seen in 4 of 4 sessions"
    assert look.evidence < 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (shell("pytest a.py", "ok"), shell("cd src && pytest b.py -x | tail -5", "ok"), True),
        (shell("mise run test", "ok"), shell("mise run lint", "ok"), False),
        (shell("gh pr create --title a", "https://x.test/pull/1"), shell("gh pr view 3", "b"), False),
        (call("mcp__tracker__find", {"id": 7}, "x"), call("mcp__tracker__find", {"id": 8}, "y"), True),
        (call("query", {"sql": "SHOW TABLES"}, "a"), call("query", {"sql": "DESCRIBE orders"}, "b"), False),
    ],
)
def test_the_same_program_and_subcommand_is_one_lesson(one: Call, other: Call, same: bool) -> None:
    merged = merge_candidates([offered(one, session="a"), offered(other, session="b")])
    examples = [candidate for candidate in merged if candidate.kind == "tool_example"]
    assert [candidate.seen for candidate in examples] == ([2] if same else [1, 1])


def test_of_equal_ones_the_earlier_session_stands_for_both() -> None:
    merged = merge_candidates(
        [offered(shell("make", "x"), session="a"), offered(shell("make", "x"), session="b")]
    )
    example = next(candidate.record for candidate in merged if candidate.kind == "tool_example")
    assert example.provenance.session_id == "a"  # type: ignore[union-attr]


def test_the_uses_of_markers_add_up() -> None:
    merged = merge_candidates([offered(markers=2, session="a"), offered(markers=1, session="b")])
    uses = {
        candidate.record.text: candidate.record.uses
        for candidate in merged
        if isinstance(candidate.record, ContextMarker)
    }
    assert uses == {"src/m0.py": 40, "src/m1.py": 19}


def test_a_flag_in_any_session_stays() -> None:
    clean = offered(shell("make", "x"), session="a")
    bad = tuple(replace(candidate, flags=("odd",)) for candidate in offered(shell("make", "x"), session="b"))
    assert all(
        candidate.flags == ("odd",)
        for candidate in merge_candidates([clean, bad])
        if candidate.kind == "tool_example"
    )


def test_merging_one_session_changes_nothing() -> None:
    found = offered(*RECOVERIES, *WAYS, call("read_file", {"path": "a"}, "x"), markers=3, manner=True)
    assert merge_candidates([found]) == found
    assert merge_candidates([]) == ()


def test_the_best_below_the_bar_fills_in_where_nothing_else_is_chosen() -> None:
    look = call("get_trip", {"trip_id": "T72"}, '{"day": "friday"}')
    mode = call("set_mode", {"mode": "fast"}, "done")
    alone = offered(mode, look, manner=True)
    manner = tuple(candidate for candidate in alone if candidate.kind == "user_patterns")
    assert not [candidate for candidate in alone if candidate.worth_keeping]
    assert kinds(alone, suggest(alone, tokens=tokens).chosen) == ["tool_example", "convention"]
    assert suggest(manner, tokens=tokens).chosen == ()
    assert suggest(alone, tokens=tokens, shows_call=True).chosen == ()
    beside = offered(mode, look, shell("pytest -q", "1 passed"))
    assert kinds(beside, suggest(beside, tokens=tokens).chosen) == ["tool_example"]
