"""Drafts that survive a crash."""

from __future__ import annotations

import json

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st
from seeds import draft

from warmtui.curation.editing import (
    Describe,
    DraftState,
    History,
    Keep,
    Move,
    Remove,
    Rename,
    SetField,
    SetTags,
    apply,
    dump,
    from_draft,
    load,
)
from warmtui.curation.editing.serialization import KEPT_STEPS, MAX_STEP_CHARACTERS, SCHEMA
from warmtui.errors import WarmtuiError

TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"


def test_a_draft_names_its_schema_and_comes_back(shop: DraftState) -> None:
    state = apply(shop, SetField("e1", "calls.0.arguments", '{"a": '))
    text = dump(History(state))
    assert json.loads(text)["schema"] == SCHEMA
    assert load(text).state == state
    assert dump(History(load(text).state)) == text


def test_what_was_done_can_be_undone_after_a_crash(shop: DraftState) -> None:
    history = History(shop).do(Remove(("e1",))).do(Move("m1", 1)).undo().history
    kept = load(dump(history))
    assert kept.undo() == history.undo()
    assert kept.redo() == history.redo()


def test_only_the_last_steps_are_kept(shop: DraftState) -> None:
    history = History(shop)
    for number in range(KEPT_STEPS + 5):
        history = history.do(Rename(f"n{number}"))
    kept = load(dump(history))
    assert [step.label for step in kept.past] == [step.label for step in history.past[-KEPT_STEPS:]]


def test_steps_of_large_items_are_left_out_the_oldest_first(shop: DraftState) -> None:
    history = History(shop).do(SetField("e1", "note", "x" * (MAX_STEP_CHARACTERS // 3)))
    for number in range(6):
        history = history.do(Rename(f"n{number}"))
    text = dump(history)
    assert len(text) < 2 * MAX_STEP_CHARACTERS
    assert 0 < len(load(text).past) < 6
    assert load(text).past[-1] == history.past[-1]


def test_nothing_unmasked_is_in_any_step_of_it(shop: DraftState) -> None:
    history = History(shop).do(SetField("e1", "note", TOKEN)).do(SetField("e1", "calls.0.tool", TOKEN))
    history = history.do(Describe(f"for {TOKEN}")).do(SetTags((TOKEN,)))
    history = history.do(Remove(("e1",))).do(Rename(f"for {TOKEN}")).undo().history
    assert TOKEN not in dump(history)


def test_what_is_no_longer_wanted_unmasked_is_in_no_step(shop: DraftState) -> None:
    history = History(shop).do(SetField("e1", "note", TOKEN)).do(Keep("e1", "note", 0))
    assert TOKEN in dump(history)
    back = history.undo().history
    assert back.future
    assert TOKEN not in dump(back)


def test_known_values_are_masked(shop: DraftState) -> None:
    history = (
        History(shop)
        .do(SetField("e1", "calls.0.arguments", '{"a": "hunter2hunter2"'))
        .do(Rename("hunter2hunter2"))
    )
    assert "hunter2" not in dump(history, ("hunter2hunter2",))
    assert "hunter2" in dump(history)


def test_a_newer_draft_is_told_and_left_alone() -> None:
    newer = json.dumps({"schema": "warmtui.workbench/2", "state": {"shape": "new"}, "more": [1]})
    with pytest.raises(WarmtuiError, match=r"warmtui\.workbench/2") as error:
        load(newer)
    assert "newer" in error.value.remedy


@cases(
    "curation/editing/data/no_drafts.jsonl",
    ("[" * 100_000,),
    ('{"schema": "warmtui.workbench/1", "state": ' + '{"seed":' * 100_000,),
)
def test_what_is_no_draft_is_refused_in_words(text: str) -> None:
    with pytest.raises(WarmtuiError) as error:
        load(text)
    assert len(str(error.value)) < 500
    assert error.value.remedy


@given(st.data())
def test_a_damaged_draft_is_refused_or_read(data: st.DataObject) -> None:
    text = dump(History(from_draft(draft())))
    at = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:at] + data.draw(st.text(max_size=2)) + text[at + data.draw(st.integers(0, 3)) :]
    try:
        state = load(damaged).state
    except WarmtuiError:
        return
    dump(History(state))


def test_a_draft_with_ids_twice_is_read_as_editing_needs_it(shop: DraftState) -> None:
    text = dump(History(shop)).replace('"id":"e2"', '"id":"e1"').replace('"id":"m1"', '"id":"system_context"')
    state = load(text).state
    ids = [item.id for item in state.seed.items() if item.id[0] not in "rn"]
    assert len(set(ids)) == 4
    assert ids[0] == "e1"
    assert "system_context" not in ids
