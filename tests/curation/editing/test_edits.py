"""Picking, removing, moving, and where things come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_session import agent, made, person, shell
from seeds import FROM, call, example, marker, note

from warmtui.analysis.recoveries import find_recoveries
from warmtui.curation.candidates import Candidate, CandidateKind, SystemContext, find_candidates
from warmtui.curation.candidates.selection import suggest
from warmtui.curation.editing import (
    AddNote,
    Base,
    Clear,
    Describe,
    DraftState,
    Edit,
    MakeRelative,
    Move,
    Offer,
    Pick,
    Remove,
    Rename,
    SessionFolders,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    Unpick,
    apply,
    fields_of,
    is_picked,
    seed_tokens,
    suggest_additions,
)
from warmtui.curation.editing.state import (
    free_id,
    has_item,
    with_item,
    with_unique_ids,
    without_items,
)
from warmtui.curation.tokens import Limits
from warmtui.model.template import BY_HAND, ContextMarker, Recovery, Seed, SourceSession, UserPatterns

ONE = SourceSession(agent="hermes", id="s1")
TWO = SourceSession(agent="hermes", id="s2")
MANNER = UserPatterns(request_style="detailed", feedback_style="terse")


def offer(name: str, source: SourceSession = TWO) -> Offer:
    record = example(
        name,
        call("terminal", '{"command": "ls"}', "a"),
        provenance=FROM.model_copy(update={"session_id": source.id}),
    )
    return Offer(name, record, source)


def ids(state: DraftState) -> list[str]:
    return [example.id for example in state.seed.tool_examples]


def test_what_is_picked_stands_at_the_end_and_its_session_among_the_sources(shop: DraftState) -> None:
    state = apply(shop, Pick((offer("x"), offer("y"))))
    assert ids(state) == ["e1", "e2", "x", "y"]
    assert state.sources == (TWO,)
    assert is_picked(state, offer("x"))
    assert apply(state, Pick((offer("x"),))) is state


def test_an_edited_pick_stays_ticked_and_is_not_picked_again(shop: DraftState) -> None:
    state = apply(apply(shop, Pick((offer("x"),))), SetField("x", "note", "look"))
    assert is_picked(state, offer("x"))
    assert apply(state, Pick((offer("x"),))) is state


def test_a_session_leaves_the_sources_with_its_last_item() -> None:
    state = apply(DraftState(), Pick((offer("x"), offer("y"), offer("z", ONE))))
    assert state.sources == (TWO, ONE)
    state = apply(state, Remove(("x",)))
    assert state.sources == (TWO, ONE)
    assert apply(state, Unpick((offer("y"),))).sources == (ONE,)


def test_a_single_part_keeps_its_session_among_the_sources() -> None:
    manner = Offer("p", MANNER, TWO)
    state = apply(DraftState(), Pick((offer("x"), manner, offer("z", ONE))))
    state = apply(state, Remove(("x",)))
    assert state.sources == (TWO, ONE)
    assert apply(state, Remove(("user_patterns",))).sources == (ONE,)


def test_sources_stay_while_a_part_of_unknown_origin_is_there(shop: DraftState) -> None:
    shop = replace(shop, sources=(ONE, TWO), base=Base("t_a", 1))
    state = apply(shop, Remove((*("r1", "r2", "e1", "e2", "m1", "m2"), *("n1", "n2", "n3", "n4", "n5"))))
    assert state.sources == (ONE, TWO)
    assert apply(state, Remove(("system_context", "user_patterns"))).sources == ()


def test_only_the_candidate_that_was_taken_is_ticked() -> None:
    first, second = Offer("a", MANNER, ONE), Offer("b", MANNER, TWO)
    state = apply(DraftState(), Pick((first,)))
    assert is_picked(state, first)
    assert not is_picked(state, second)
    state = apply(state, Pick((second,)))
    assert not is_picked(state, first)
    assert state.sources == (TWO,)
    state = apply(state, SetField("user_patterns", "domains", "go"))
    assert is_picked(state, second)
    assert apply(state, Unpick((first,))) is state
    assert apply(state, Unpick((second,))).seed.user_patterns is None


def test_in_a_template_of_the_library_what_is_equal_is_ticked(shop: DraftState) -> None:
    context = Offer("c", SystemContext(text=shop.seed.system_context), ONE)
    assert is_picked(shop, context)
    assert not is_picked(shop, Offer("d", SystemContext(text="other"), ONE))


def test_moving_stays_within_the_group_and_goes_as_far_as_it_can(shop: DraftState) -> None:
    state = apply(shop, Pick((offer("x"),)))
    assert ids(apply(state, Move("x", -1))) == ["e1", "x", "e2"]
    assert ids(apply(state, Move("x", -9))) == ["x", "e1", "e2"]
    assert ids(apply(state, Move("e1", 1))) == ["e2", "e1", "x"]
    assert apply(state, Move("x", 1)) is state
    assert apply(state, Move("system_context", 1)) is state


@pytest.mark.parametrize(
    ("edit", "order"),
    [
        (Move("n3", -1), "n3 n2 n1 n4 n5"),
        (Move("n1", 9), "n3 n2 n1 n4 n5"),
        (Move("n2", 1), "n1 n2 n3 n4 n5"),
        (Remove(("n2", "n5")), "n1 n3 n4"),
        (Pick((Offer("n6", note("dead_end", "x", "n6"), ONE),)), "n1 n2 n3 n4 n5 n6"),
        (Unpick((Offer("n4", note("dead_end", "x", "n4"), ONE),)), "n1 n2 n3 n5"),
    ],
)
def test_notes_move_among_those_of_their_kind(shop: DraftState, edit: Edit, order: str) -> None:
    assert [item.id for item in apply(shop, edit).seed.notes] == order.split()


def test_a_note_is_written_by_hand(shop: DraftState) -> None:
    after = apply(shop, AddNote("dead_end", "ghp \ud800\n is refused"))
    added = after.seed.notes[-1]
    assert (added.kind, added.text, added.provenance) == ("dead_end", "ghp \ufffd is refused", BY_HAND)
    assert apply(after, AddNote("dead_end", " GHP  \ufffd is refused ")) is after, "it is there"
    assert apply(after, AddNote("preference", " \n")) is after, "it says nothing"
    # what was edited since is another note
    edited = apply(after, SetField(added.id, "text", "other"))
    assert len({note.id for note in apply(edited, AddNote("dead_end", added.text)).seed.notes}) == 7
    assert apply(after, Remove((added.id,))) == shop


def test_a_note_of_another_kind_stands_in_another_section(shop: DraftState) -> None:
    after = apply(apply(shop, SetField("n2", "kind", "dead end")), SetField("n2", "text", "no\nscripts"))
    assert (after.seed.notes[1].kind, after.seed.notes[1].text) == ("dead_end", "no scripts")
    text, _kind = fields_of(apply(after, SetField("n2", "text", " ")), "n2")
    assert text.error is not None


def test_removing_takes_what_was_typed_there_too(shop: DraftState) -> None:
    state = apply(shop, SetField("e1", "calls.0.arguments", "{"))
    state = apply(state, Remove(("e1",)))
    assert ids(state) == ["e2"]
    assert state.pending == ()
    assert apply(state, Remove(("e1", "gone"))) is state


def test_clearing_leaves_the_name_and_what_is_said_about_it(shop: DraftState) -> None:
    state = apply(apply(shop, Describe("d")), SetTags(("a",)))
    state = apply(apply(state, SetField("user_patterns", "request_style", "odd")), Clear())
    assert state.seed.is_empty()
    assert state.pending == ()
    assert (state.name, state.description, state.tags) == ("shop", "d", ("a",))
    assert apply(state, Clear()) is state


def test_recoveries_change_how_they_are_shown(shop: DraftState) -> None:
    state = apply(shop, ToggleShown(("r1", "r2", "e1")))
    assert [recovery.shown_as for recovery in state.seed.recoveries] == ["messages", "line"]
    assert apply(state, ToggleShown(("r1", "r2"))) == shop


def test_name_description_tags_and_type(shop: DraftState) -> None:
    state = apply(shop, Rename("a\ud800"))
    assert state.name == "a\ufffd"
    assert apply(state, SetTags((" a ", "", "b", "a"))).tags == ("a", "b")
    assert apply(state, SetType(None)).task_type is None


def test_paths_of_each_item_become_relative_to_its_own_session() -> None:
    state = apply(DraftState(), Pick((offer("x"), offer("z", ONE))))
    for item in ("x", "z"):
        state = apply(state, SetField(item, "calls.0.arguments", '{"a": "/srv/shop/a /home/ann/b {cwd}"}'))
    state = apply(state, SetField("system_context", "system_context", "/srv/shop and /home/bob/c"))
    folders = (SessionFolders("/home/ann", "/srv/shop", "s2"), SessionFolders("/home/ann", "/elsewhere"))
    first = apply(state, MakeRelative(folders, "x"))
    assert first.seed.tool_examples[0].calls[0].arguments == '{"a": "{cwd}/a {home}/b {cwd}"}'
    assert first.seed.tool_examples[1] == state.seed.tool_examples[1]
    whole = apply(state, MakeRelative(folders))
    assert whole.seed.tool_examples[1].calls[0].arguments == '{"a": "/srv/shop/a {home}/b {cwd}"}'
    assert whole.seed.system_context == "/srv/shop and {home}/c"
    assert apply(whole, MakeRelative(folders)) is whole


WAYS = ["pytest", "make", "ruff check .", "npm run build", "mypy src", "go vet ./...", "cargo test", "tox"]


SERVICES = ("gh pr list", "gh issue list", "gh run watch", "glab mr list", "helm list", "aws s3 ls")


def offered(lines: Sequence[str] = WAYS) -> tuple[Candidate, ...]:
    session = made(
        *[person(f"step {i}") for i in range(6)], *(agent("", shell(line, "ok")) for line in lines)
    )
    found = find_recoveries(session.session, session.calls)
    return find_candidates(session.session, session.calls, found, (), MANNER)


def test_a_suggestion_for_an_empty_template_is_the_default_one() -> None:
    found = offered()
    assert suggest_additions(DraftState(), found) == suggest(found, tokens=seed_tokens)


def test_a_suggestion_fills_what_is_left_and_touches_nothing(shop: DraftState) -> None:
    found = offered(SERVICES)
    examples = [candidate for candidate in found if candidate.kind == "tool_example"]
    state = apply(shop, Pick((Offer.of(examples[0], ONE), Offer.of(examples[1], ONE))))
    state = apply(state, SetField(examples[0].id, "note", "mine"))
    more = suggest_additions(state, found, limits=Limits(tokens=100_000, examples=5))
    assert len(more.seed.tool_examples) == 1
    assert more.seed.user_patterns is None
    assert not {examples[0].id, examples[1].id} & set(more.chosen)
    by_id = {candidate.id: Offer.of(candidate, ONE) for candidate in found}
    after = apply(state, Pick(tuple(by_id[candidate_id] for candidate_id in more.chosen), suggested=True))
    assert len(after.seed.tool_examples) == 5
    assert seed_tokens(after.seed) == more.tokens
    assert suggest_additions(after, found, limits=Limits(tokens=100_000, examples=5)).chosen == ()


def test_what_a_picked_example_shows_is_not_suggested_as_a_line() -> None:
    found = offered()
    line = next(candidate for candidate in found if candidate.kind == "convention")
    example = next(
        candidate for candidate in found if candidate.calls == line.calls and candidate is not line
    )
    state = apply(DraftState(), Pick((Offer.of(example, ONE),)))
    assert line.id in suggest_additions(DraftState(), found).chosen
    assert line.id not in suggest_additions(state, found).chosen


def test_what_says_the_same_as_what_is_picked_is_not_suggested() -> None:
    candidate = next(each for each in offered() if each.kind == "tool_example")
    same_key = replace(
        candidate, id="k", record=candidate.record.model_copy(update={"id": "k"}), shape="other"
    )
    same_shape = replace(
        candidate, id="s", record=candidate.record.model_copy(update={"id": "s"}), key="other"
    )
    other = replace(
        candidate,
        id="o",
        record=candidate.record.model_copy(update={"id": "o"}),
        key="o",
        shape="o",
        calls=(),
    )
    found = (candidate, same_key, same_shape, other)
    assert suggest_additions(DraftState(), found, limits=Limits(tokens=100_000)).chosen == (candidate.id, "o")
    state = apply(DraftState(), Pick((Offer.of(candidate, ONE),)))
    assert suggest_additions(state, found, limits=Limits(tokens=100_000)).chosen == ("o",)


def test_every_limit_counts_what_is_there(shop: DraftState) -> None:
    base = offered()[0]

    def several(kind: CandidateKind, record: Recovery | ContextMarker) -> list[Candidate]:
        return [
            replace(
                base,
                id=f"{kind}{at}",
                kind=kind,
                record=record.model_copy(update={"id": f"{kind}{at}"}),
                evidence=99.0,
                key=f"{kind}{at}",
                flags=(),
            )
            for at in range(4)
        ]

    found = [*several("recovery", shop.seed.recoveries[0]), *several("marker", shop.seed.context_markers[0])]
    more = suggest_additions(shop, found, limits=Limits(tokens=100_000, recoveries=3, markers=5))
    assert more.chosen == ("recovery0", "marker0", "marker1", "marker2")
    assert suggest_additions(shop, found, limits=Limits(tokens=100_000, markers=1, recoveries=1)).chosen == ()


def test_a_suggestion_stays_within_the_budget() -> None:
    found = offered()
    whole = suggest_additions(DraftState(), found)
    tight = suggest_additions(DraftState(), found, limits=Limits(tokens=seed_tokens(whole.seed) - 1))
    assert 0 < len(tight.chosen) < len(whole.chosen)


@given(st.lists(st.sampled_from(["a", "b", "", "opening", "message", "system_context", free_id("a", {"a"})])))
def test_every_item_gets_an_id_of_its_own(names: list[str]) -> None:
    seed = Seed(context_markers=tuple(marker(name, name) for name in names))
    own = with_unique_ids(seed)
    ids = [item.id for item in own.items()]
    assert len(set(ids)) == len(ids)
    assert not {"", "opening", "message", "system_context"} & set(ids)
    assert [marker.text for marker in own.context_markers] == names
    assert with_unique_ids(own) is own
    for name in ("a", "b"):
        assert (name in names) == (name in ids)


def test_what_is_not_there_is_not_replaced_or_taken_out(shop: DraftState) -> None:
    assert with_item(shop.seed, marker("gone")) is shop.seed
    assert without_items(shop.seed, {"gone"}) is shop.seed
    assert without_items(Seed(), {"system_context", "user_patterns"}) == Seed()


def test_what_is_there_is_found(shop: DraftState) -> None:
    assert all(has_item(shop.seed, item) for item in ("r1", "e2", "m1", "system_context", "user_patterns"))
    assert not has_item(Seed(system_context=" "), "system_context")
    assert not has_item(Seed(), "user_patterns")
    assert not has_item(shop.seed, "")
