"""Masked places one by one: what stands where, and that what was looked at stays so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from seeds import FROM, call

from warmtui.curation.editing import (
    Accept,
    DraftState,
    Remask,
    Restore,
    SetField,
    apply,
    review,
    to_draft,
)
from warmtui.curation.editing.state import Pending
from warmtui.curation.masking import mask_session
from warmtui.model.template import Seed, ToolExample

FIRST = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"
SECOND = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
THIRD = "ghp_" + "Zz9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i"
KNOWN = "blue-harbour-lantern"
SLOT = "‹secret:github-token›"


@pytest.fixture
def state() -> DraftState:
    example = ToolExample(
        id="e",
        before=f"use {FIRST}, {SECOND} or {THIRD} here",
        calls=(call("terminal", '{"command": "true"}', "fine"),),
        closing="Done.",
        provenance=FROM,
    )
    return DraftState(name="n", seed=mask_session(Seed(tool_examples=(example,)), home=None, cwd=None))


def standings(state: DraftState, *, include_pending: bool = False) -> list[str]:
    return [place.standing for place in review(state, include_pending=include_pending)]


def test_each_place_comes_with_what_stands_around_it(state: DraftState) -> None:
    places = review(state)
    assert [(place.item, place.field, place.number, place.kind, place.value) for place in places] == [
        ("e", "before", number, "github-token", SLOT) for number in range(3)
    ]
    assert places[0].before == "use "
    assert places[2].after == " here"
    assert standings(state) == ["masked"] * 3


def test_what_was_accepted_stays_so_when_others_are_restored_and_masked_again(state: DraftState) -> None:
    state = apply(state, Accept("e", "before", 1))
    assert standings(state) == ["masked", "accepted", "masked"]
    state = apply(state, Restore("e", "before", 0, FIRST))
    assert standings(state) == ["restored", "accepted", "masked"]
    assert [place.key for place in review(state)] == [f"e\x1fbefore\x1f{number}" for number in range(3)]
    state = apply(state, Restore("e", "before", 1, THIRD))
    assert standings(state) == ["restored", "accepted", "restored"]
    state = apply(state, Remask("e", "before", (), 0))
    assert standings(state) == ["masked", "accepted", "restored"], "only that one is masked again"
    assert FIRST not in to_draft(state).model_dump_json()
    assert THIRD in to_draft(state).model_dump_json()


def test_restoring_an_accepted_place_takes_the_mark_away(state: DraftState) -> None:
    state = apply(state, Accept("e", "before", 0))
    state = apply(state, Restore("e", "before", 0, FIRST))
    assert state.accepted == ()
    assert standings(apply(state, Remask("e", "before", (), 0))) == ["masked"] * 3


def test_a_known_value_is_restored_and_masked_again(state: DraftState) -> None:
    state = apply(state, SetField("e", "closing", "it is ‹secret:known-value› there"))
    state = apply(state, Restore("e", "closing", 0, KNOWN, (KNOWN,)))
    [place] = [place for place in review(state, (KNOWN,)) if place.field == "closing"]
    assert (place.standing, place.value, place.unmasked) == ("restored", KNOWN, True)
    assert KNOWN in to_draft(state, (KNOWN,)).seed.tool_examples[0].closing
    state = apply(state, Remask("e", "closing", (KNOWN,), 0))
    assert KNOWN not in to_draft(state, (KNOWN,)).seed.tool_examples[0].closing
    assert apply(state, Remask("e", "closing", (KNOWN,), 7)) is state


def test_what_was_typed_unmasked_is_open(state: DraftState) -> None:
    state = apply(state, SetField("e", "closing", f"now {FIRST}"))
    [place] = [place for place in review(state) if place.field == "closing"]
    assert (place.standing, place.value, place.slot, place.unmasked) == ("open", FIRST, SLOT, False)


def test_a_text_that_is_not_valid_yet_is_left_out(state: DraftState) -> None:
    state = replace(state, pending=(Pending("e", "before", "x"),))
    assert review(state) == ()
    assert standings(state, include_pending=True) == ["masked"] * 3
