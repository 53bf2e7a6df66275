"""Several templates made one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from made_session import agent, made, person, shell
from seeds import FROM, call, example, full_seed, marker, note, template, version

from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.recoveries import find_recoveries
from warmtui.curation.candidates import SystemContext, find_candidates
from warmtui.curation.candidates.deduplicate import record_key
from warmtui.curation.editing import review, to_draft
from warmtui.curation.merge import Duplicate, merge_seeds, merge_templates
from warmtui.model.template import (
    Item,
    Seed,
    SourceSession,
    Template,
    ToolExample,
    UserPatterns,
)


def ran(name: str, command: str, result: str = "ok") -> ToolExample:
    return example(name, call("terminal", f'{{"command": "{command}"}}', result))


def manner(request: str = "terse", *domains: str, corrections: tuple[str, ...] = ()) -> UserPatterns:
    return UserPatterns.model_validate(
        {"request_style": request, "feedback_style": "terse", "domains": domains, "corrections": corrections}
    )


def test_each_thing_stands_once_in_the_order_given() -> None:
    first = Seed(tool_examples=(ran("a", "make"), ran("b", "ls")))
    second = Seed(tool_examples=(ran("c", "pwd"), ran("d", "ls"), ran("e", "make", "other")))
    merged = merge_seeds([first, second])
    assert [example.id for example in merged.seed.tool_examples] == ["a", "b", "c"]
    assert merged.left_out == (Duplicate(1, "d", "b", ()), Duplicate(1, "e", "a", ("calls",)))


def test_arguments_are_the_same_however_they_are_spaced() -> None:
    first = ran("a", "ls")
    other = first.model_copy(update={"id": "b", "calls": (call("terminal", '{ "command":"ls" }', "ok"),)})
    assert merge_seeds([Seed(tool_examples=(first,)), Seed(tool_examples=(other,))]).seed.tool_examples == (
        first,
    )


def test_an_id_that_means_something_else_is_replaced() -> None:
    merged = merge_seeds([Seed(tool_examples=(ran("a", "make"),)), Seed(tool_examples=(ran("a", "ls"),))])
    ids = [example.id for example in merged.seed.tool_examples]
    assert ids[0] == "a"
    assert len(set(ids)) == 2
    assert merged.left_out == ()


def test_uses_of_a_marker_add_up() -> None:
    merged = merge_seeds(
        [
            Seed(context_markers=(marker("a", "x", 2),)),
            Seed(context_markers=(marker("b", "y"), marker("c", "x", 3))),
        ]
    )
    assert [(marker.id, marker.uses) for marker in merged.seed.context_markers] == [("a", 5), ("b", 1)]
    assert merged.left_out == (Duplicate(1, "c", "a", ()),)


def test_a_note_stays_once_and_counts_its_sessions() -> None:
    words = note("preference", "Never push to main", "a", seen=2)
    again = words.model_copy(update={"id": "b", "text": "never push\nto main", "seen": 1})
    elsewhere = again.model_copy(update={"provenance": FROM.model_copy(update={"session_id": "s2"})})
    rule = note("convention", "Never push to main", "c")
    merged = merge_seeds([Seed(notes=(words,)), Seed(notes=(again, rule)), Seed(notes=(elsewhere,))])
    # the second is of the same message as the first, and another kind says something else
    assert merged.seed.notes == (
        words.model_copy(update={"seen": 3, "also_seen": (elsewhere.provenance,)}),
        rule,
    )
    assert [(left.item, left.differs) for left in merged.left_out] == [("b", ("text",)), ("b", ("text",))]


def test_contexts_stand_under_each_other_each_once() -> None:
    merged = merge_seeds([Seed(system_context=text) for text in ("A.", " B. ", "A.\n", "")])
    assert merged.seed.system_context == "A.\n\nB."
    assert merged.left_out == (Duplicate(2, "system_context", "system_context", ()),)


def test_patterns_are_brought_together_under_the_first_styles() -> None:
    merged = merge_seeds(
        [
            Seed(),
            Seed(user_patterns=manner("terse", "code", corrections=("no",))),
            Seed(user_patterns=manner("detailed", "go", "code", corrections=("stop", "no"))),
            Seed(user_patterns=manner("terse", "rust")),
        ]
    )
    assert merged.seed.user_patterns == manner("terse", "code", "go", "rust", corrections=("no", "stop"))
    assert merged.left_out == (Duplicate(2, "user_patterns", "user_patterns", ("request_style",)),)


@given(st.lists(st.integers(0, 5), max_size=4))
def test_merging_a_merged_seed_again_changes_nothing(which: list[int]) -> None:
    full = full_seed()
    choices = [
        full,
        Seed(),
        Seed(tool_examples=full.tool_examples[::-1]),
        Seed(recoveries=full.recoveries[1:], context_markers=full.context_markers, notes=full.notes[::-1]),
        Seed(user_patterns=manner("detailed", "go"), system_context="More."),
        Seed(tool_examples=(ran("e1", "make"), ran("m1", "ls"))),
    ]
    seeds = [choices[number] for number in which]
    merged = merge_seeds(seeds).seed
    again = merge_seeds([merged]).seed
    assert again == merged
    keys = [record_key(item) for item in merged.items()]
    assert len(set(keys)) == len(keys)
    for seed in seeds:
        for item in seed.items():
            assert record_key(item) in keys


def test_keys_are_those_of_candidates() -> None:
    session = made(
        person("test it"),
        agent("", shell("tox tests/a.py", "bash: tox: command not found", "error")),
        agent("", shell("bin/tox-test tests/a.py && pytest tests/a.py", "1 passed")),
        person("go on"),
        agent("", shell("make all", "ok")),
    )
    recoveries = find_recoveries(session.session, session.calls)
    markers = (FoundMarker("src/m.py", "path", 20, 3, ("terminal",), "m0"),)
    found = find_candidates(session.session, session.calls, recoveries, markers, manner("terse", "code"))
    records = [candidate for candidate in found if not isinstance(candidate.record, SystemContext)]
    assert {candidate.kind for candidate in records} == {
        "recovery",
        "convention",
        "tool_example",
        "user_patterns",
        "marker",
    }
    for candidate in records:
        assert isinstance(candidate.record, Item | UserPatterns)
        assert record_key(candidate.record) == candidate.key


def of_sessions(seed: Seed, name: str, *sessions: str) -> Template:
    sources = tuple(SourceSession(agent="hermes", id=session, title=f"of {name}") for session in sessions)
    return template(version(seed, description="", sources=sources), name, tags=(name, "shared"))


def test_templates_come_together_on_a_workbench() -> None:
    token = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"
    first = of_sessions(Seed(tool_examples=(ran("a", "make"),), system_context=token), "one", "s1", "s2")
    second = of_sessions(full_seed(), "two", "s3", "s1")
    draft, left_out = merge_templates([first, second, second], "both")
    assert draft.name == "both"
    assert draft.base is None
    assert draft.task_type is None
    assert draft.tags == ("one", "shared", "two")
    assert [(source.id, source.title) for source in draft.sources] == [
        ("s1", "of one"),
        ("s2", "of one"),
        ("s3", "of two"),
    ]
    assert {duplicate.seed for duplicate in left_out} == {2}
    assert len(left_out) == 13
    # what its version had unmasked stays so
    assert token in to_draft(draft).seed.system_context
    assert [place.standing for place in review(draft)] == ["restored"]
