from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from case_tables import cases
from hypothesis import given, settings
from hypothesis import strategies as st
from made_session import Call, Made, agent, call, call_of, made, person, shell

from warmtui.analysis.call_shape import shape_of
from warmtui.analysis.comparison import Side
from warmtui.analysis.comparison.timeline import about_of, likeness, timeline_of, trait_of
from warmtui.model.comparison import Timeline
from warmtui.workspace.findings import findings_of, profile_of
from warmtui.workspace.reader import JudgedSession

MakeSide = Callable[..., Side]
READ = call("read_file", {"path": "src/a.py"})
PYTEST = shell("python -m pytest -q", "bash: python: command not found", "error")
UNITTEST = shell("python3 -m unittest discover", "Ran 3 tests in 0.1s\n\nOK")


def alike(first: Call, other: Call) -> int:
    traits = [trait_of(shape_of(c.tool, c.arguments, "/home/dev/shop"), c.arguments) for c in (first, other)]
    assert likeness(traits[0], traits[1]) == likeness(traits[1], traits[0])
    return likeness(traits[0], traits[1])


def columns(timeline: Timeline) -> list[tuple[int | None, ...]]:
    return [tuple(None if call is None else call.index for call in step.calls) for step in timeline.steps]


@cases("analysis/comparison/data/alike_calls.jsonl")
def test_which_calls_are_alike(first: dict[str, Any], other: dict[str, Any], expected: int) -> None:
    assert alike(call_of(first), call_of(other)) == expected


def test_turns_stand_beside_turns(side: MakeSide) -> None:
    first = side(agent("", READ), person("one"), agent("", READ), person("two"), agent("", UNITTEST))
    second = side(person("eins"), agent("", PYTEST, READ))
    timeline = timeline_of([first, second])
    assert [(row.turn, row.asked, row.first_step, row.steps) for row in timeline.turns] == [
        (-1, (None, None), 0, 1),
        (0, ("one", "eins"), 1, 2),
        (1, ("two", None), 3, 1),
    ]
    assert timeline.turns[1].message_ids == ("m2", "m0")
    assert columns(timeline) == [(0, None), (None, 0), (1, 1), (2, None)]
    assert [step.in_step for step in timeline.steps] == [False, False, True, False]
    assert [step.turn for step in timeline.steps] == [-1, 0, 0, 1]


def test_differences_are_stretches_within_a_turn(side: MakeSide) -> None:
    def fails(call: Call) -> Call:
        return call._replace(outcome="error")

    search = call("search_files", {"pattern": "x"})
    first = side(person("a"), agent("", READ, UNITTEST, shell("ls"), search), person("b"), agent("", READ))
    second = side(
        person("a"),
        agent("", READ, PYTEST, shell("pwd"), shell("whoami"), search),
        person("b"),
        agent("", fails(READ)),
    )
    timeline = timeline_of([first, second])
    assert columns(timeline) == [(0, 0), (1, 1), (2, 2), (None, 3), (3, 4), (4, 5)]
    assert [(stretch.step, stretch.steps, stretch.kind) for stretch in timeline.differences] == [
        (1, 1, "outcomes"),
        (2, 2, "calls"),
        (5, 1, "outcomes"),
    ]


def test_both_sides_of_a_recovery_are_marked(side: MakeSide) -> None:
    longer = side(person("a"), agent("", PYTEST), agent("", READ), agent("", UNITTEST))
    steps = timeline_of([longer, side(person("a"))]).steps
    assert [step.calls[0].recovery for step in steps if step.calls[0]] == ["failed", None, "fixed"]


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("terminal", '{"command": "cd x &&\\n pytest -q"}', "cd x && pytest -q"),
        ("search_files", '{"path": "src", "pattern": "total"}', "total src"),
        ("execute_code", '{"code": "print(1)"}', "print(1)"),
        ("x", '{"n": 1}', '{"n": 1}'),
        ("x", "broken\x00{", "broken\x00{"),
    ],
)
def test_what_a_call_is_about(tool: str, arguments: str, expected: str) -> None:
    assert about_of(shape_of(tool, arguments), arguments) == expected


def test_long_arguments_are_cut() -> None:
    arguments = "x" * 10_000_000
    assert len(about_of(shape_of("x", arguments), arguments)) == 160


CALLS = [READ, PYTEST, UNITTEST, shell("ls"), shell("ls -la"), call("todo", "{}"), call("x", "\ud800 [/]")]


def conversation() -> st.SearchStrategy[list[list[Call]]]:
    return st.lists(st.lists(st.sampled_from(CALLS), max_size=5), max_size=4)


@settings(max_examples=60)
@given(st.lists(conversation(), min_size=2, max_size=3), st.booleans())
def test_every_call_stands_once_and_in_order(talks: list[list[list[Call]]], person_first: bool) -> None:
    sides = []
    for talk in talks:
        said = [message for calls in talk for message in (person("go on"), agent("", *calls))]
        talked: Made = made(*(said if person_first else said[1:]))
        found = findings_of(JudgedSession(talked.session, talked.calls))
        sides.append(Side(talked.session, talked.calls, found.recoveries, profile_of(found)))
    timeline = timeline_of(sides)
    for number, side in enumerate(sides):
        placed = [step.calls[number] for step in timeline.steps]
        there = [call for call in placed if call is not None]
        assert [call.index for call in there] == list(range(len(side.calls)))
        assert [call.outcome for call in there] == [call.verdict.outcome for call in side.calls]
        for step in timeline.steps:
            if (at := step.calls[number]) is not None:
                assert side.calls[at.index].turn == step.turn
    covered = [i for turn in timeline.turns for i in range(turn.first_step, turn.first_step + turn.steps)]
    assert covered == list(range(len(timeline.steps)))
    spans = [range(stretch.step, stretch.step + stretch.steps) for stretch in timeline.differences]
    differing = {i for span in spans for i in span}
    assert sum(map(len, spans)) == len(differing)
    for index, step in enumerate(timeline.steps):
        outcomes = {call.outcome for call in step.calls if call}
        same = step.in_step and None not in step.calls and len(outcomes) == 1
        assert same == (index not in differing)
