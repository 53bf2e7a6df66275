"""The places of a draft that are masked or not: listed, restored, kept, accepted, masked again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from seeds import call, example

from warmtui.curation.editing import (
    Accept,
    DraftState,
    History,
    Keep,
    Remask,
    Remove,
    Restore,
    ReviewedPlace,
    SetField,
    apply,
    dump,
    original_of,
    review,
    to_draft,
)
from warmtui.curation.editing.state import PendingText
from warmtui.curation.masking import mask_session
from warmtui.model.template import Seed, UserPatterns

TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"
OTHER = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
THIRD = "ghp_" + "Zz9y8X7w6V5u4T3s2R1q0P9o8N7m6L5k4J3i"
KNOWN = "blue-harbour-lantern"
SLOT = "‹secret:github-token›"
RAW = Seed(
    tool_examples=(
        example(
            "e",
            call(
                "terminal",
                json.dumps({"command": f'curl -H "Authorization: Bearer {TOKEN}" x'}),
                json.dumps({"output": f'set "{OTHER}"\n', "exit_code": 0}),
            ),
            before=f"use {TOKEN}, not {OTHER}",
            closing="Done.",
        ),
    )
)


@pytest.fixture
def masked() -> DraftState:
    state = DraftState(name="n", seed=mask_session(RAW, home=None, cwd=None))
    assert TOKEN not in to_draft(state).model_dump_json()
    return state


def masked_places(state: DraftState) -> list[ReviewedPlace]:
    return [place for place in review(state) if place.masked]


def unmasked_places(state: DraftState) -> list[ReviewedPlace]:
    return [place for place in review(state) if not place.masked]


def before(state: DraftState) -> str:
    return state.seed.tool_examples[0].before


def test_every_masked_place_is_found(masked: DraftState) -> None:
    places = [(place.field, place.ordinal) for place in masked_places(masked)]
    assert places == [("before", 0), ("before", 1), ("calls.0.arguments", 0), ("calls.0.result", 0)]
    assert {place.slot for place in masked_places(masked)} == {SLOT}
    assert {place.kind for place in masked_places(masked)} == {"github-token"}


def test_one_place_is_restored_and_saving_leaves_only_it(masked: DraftState) -> None:
    state = apply(masked, Restore("e", "before", 1, OTHER))
    assert before(state) == f"use {SLOT}, not {OTHER}"
    saved = to_draft(state)
    assert saved.seed.tool_examples[0].before == before(state)
    assert len(saved.masked) == 3
    assert OTHER not in json.dumps([value._asdict() for value in state.allowed])


def test_what_is_wanted_in_one_place_is_masked_in_another(masked: DraftState) -> None:
    state = apply(masked, Restore("e", "before", 0, TOKEN))
    state = apply(state, SetField("e", "note", f"see {TOKEN}"))
    saved = to_draft(state).seed.tool_examples[0]
    assert saved.note == f"see {SLOT}"
    assert saved.before == f"use {TOKEN}, not {SLOT}"


def test_a_restored_place_stays_when_the_rest_of_the_field_is_edited(masked: DraftState) -> None:
    state = apply(masked, Restore("e", "before", 0, TOKEN))
    state = apply(state, SetField("e", "before", f"please use {TOKEN} and {OTHER}"))
    assert to_draft(state).seed.tool_examples[0].before == f"please use {TOKEN} and {SLOT}"


def test_in_json_an_original_is_put_back_as_json_holds_it(masked: DraftState) -> None:
    for original in ('a"b\\c', 'a\\"b\\\\c'):
        state = apply(masked, Restore("e", "calls.0.arguments", 0, original))
        value = json.loads(state.seed.tool_examples[0].calls[0].arguments)
        assert value["command"] == 'curl -H "Authorization: Bearer a"b\\c" x'
    state = apply(masked, Restore("e", "calls.0.result", 0, 'p"w'))
    assert json.loads(state.seed.tool_examples[0].calls[0].result)["output"] == 'set "p"w"\n'


def test_what_is_not_there_cannot_be_restored(masked: DraftState) -> None:
    for edit in (
        Restore("e", "before", 2, "x"),
        Restore("e", "before", -1, "x"),
        Restore("e", "closing", 0, "x"),
        Restore("gone", "before", 0, "x"),
        Restore("e", "before", 0, " "),
        Remask("gone", "before"),
    ):
        assert apply(masked, edit) is masked


def test_masking_again_takes_the_wish_back(masked: DraftState) -> None:
    state = apply(masked, Restore("e", "before", 0, TOKEN))
    again = apply(state, Remask("e", "before"))
    assert again == masked
    assert apply(again, Remask("e", "before")) is again


def test_a_secret_that_is_typed_is_told_and_masked_by_saving(masked: DraftState) -> None:
    state = apply(masked, SetField("e", "note", f"a {TOKEN} b"))
    [place] = unmasked_places(state)
    assert (place.item, place.field, place.kind, place.slot, place.standing) == (
        "e",
        "note",
        "github-token",
        SLOT,
        "open",
    )
    assert to_draft(state).seed.tool_examples[0].note == f"a {SLOT} b"
    kept = apply(state, Keep("e", "note", 0))
    assert [place.standing for place in unmasked_places(kept)] == ["restored"]
    assert to_draft(kept).seed == kept.seed
    assert apply(kept, Keep("e", "note", 1)) is kept


def test_known_values_are_masked_kept_and_masked_again(masked: DraftState) -> None:
    known = ("hunter2hunter2",)
    state = apply(masked, SetField("e", "note", "say hunter2hunter2"))
    assert "hunter2" not in to_draft(state, known).seed.tool_examples[0].note
    kept = apply(state, Keep("e", "note", 0, known))
    assert to_draft(kept, known).seed.tool_examples[0].note == "say hunter2hunter2"
    assert "hunter2" not in before(apply(apply(kept, Remask("e", "note", known)), Remask("e", "note")))
    assert "hunter2" not in apply(kept, Remask("e", "note", known)).seed.tool_examples[0].note


@pytest.mark.parametrize(
    "text",
    [
        '{"pin": 739148, "token": "SECRET"}',
        '{"pin" : 739148, "chat_ids": [739148523, -739148524], "token": "SECRET"}',
        '{"a": "{\\"pin\\": 739148}", "token": "SECRET"}',
        '{"a": "{\\"pin\\": 739148}", "pin": 739149, "token": "SECRET"}',
    ],
)
@pytest.mark.parametrize("field", ["calls.0.arguments", "calls.0.result"])
def test_kept_numbers_in_json_stay_numbers(masked: DraftState, text: str, field: str) -> None:
    text = text.replace("SECRET", TOKEN)
    state = apply(masked, SetField("e", field, text))
    numbers = [place.ordinal for place in unmasked_places(state) if place.kind != "github-token"]
    assert numbers
    for ordinal in numbers:
        state = apply(state, Keep("e", field, ordinal))
    [saved] = to_draft(state).seed.tool_examples[0].calls
    assert (saved.arguments if field.endswith("arguments") else saved.result) == text.replace(TOKEN, SLOT)


def test_slots_in_a_text_are_no_marks_of_what_is_kept(masked: DraftState) -> None:
    text = f"‹secret:kept-0› {TOKEN} ‹secret:kept-kept-0›"
    state = apply(apply(masked, SetField("e", "note", text)), Keep("e", "note", 0))
    assert to_draft(state).seed.tool_examples[0].note == text


def test_wishes_go_with_the_item_and_do_not_come_back_with_it(masked: DraftState) -> None:
    state = apply(apply(masked, Restore("e", "before", 0, TOKEN)), Accept("e", "before", 0))
    assert state.accepted
    state = apply(state, Remove(("e",)))
    assert state.allowed == ()
    assert state.accepted == ()


def test_a_masked_place_can_be_accepted(masked: DraftState) -> None:
    state = apply(masked, Accept("e", "before", 1))
    assert [place.standing for place in masked_places(state)] == ["masked", "accepted", "masked", "masked"]
    assert apply(state, Accept("e", "before", 1)) is state
    assert apply(state, Accept("e", "before", 7)) is state


def test_places_of_a_field_that_is_not_valid_yet_wait(masked: DraftState) -> None:
    state = apply(masked, SetField("e", "calls.0.arguments", "{"))
    assert [place.field for place in masked_places(state)] == ["before", "before", "calls.0.result"]


def test_a_wish_for_an_entry_of_a_list_survives_reordering() -> None:
    patterns = UserPatterns(
        request_style="terse", feedback_style="terse", corrections=(f"no, {SLOT}", "not that")
    )
    state = apply(
        DraftState(seed=Seed(user_patterns=patterns)), Restore("user_patterns", "corrections.0", 0, TOKEN)
    )
    state = apply(state, SetField("user_patterns", "corrections", f"not that\nno, {TOKEN}"))
    assert to_draft(state).seed == state.seed


def test_tools_domains_and_titles_are_masked_too(masked: DraftState) -> None:
    state = apply(masked, SetField("e", "calls.0.tool", TOKEN))
    state = apply(state, SetField("user_patterns", "domains", f"code, {TOKEN}"))
    state = apply(state, SetField("user_patterns", "preferred_tools", f"{TOKEN}, patch"))
    saved = to_draft(replace(state, name=f"n {TOKEN}", description=TOKEN, tags=(TOKEN,)))
    assert TOKEN not in saved.model_dump_json()
    assert {place.field for place in saved.masked} >= {"calls.0.tool", "domains.1", "preferred_tools.0"}


def test_a_home_folder_that_is_typed_is_nobodys_when_saved(masked: DraftState) -> None:
    state = apply(masked, SetField("e", "note", "see /home/ann/x and {cwd}/y"))
    assert to_draft(state).seed.tool_examples[0].note == "see {home}/x and {cwd}/y"


def test_the_original_of_each_place_is_found_in_the_session(masked: DraftState) -> None:
    raw = RAW.tool_examples[0]
    texts = {
        "before": raw.before,
        "calls.0.arguments": raw.calls[0].arguments,
        "calls.0.result": raw.calls[0].result,
    }
    state = masked
    for place in masked_places(masked)[::-1]:
        original = original_of(state, place, texts[place.field])
        assert original is not None
        state = apply(state, Restore(place.item, place.field, place.ordinal, original))
    assert state.seed == RAW
    assert to_draft(state).seed == RAW


def test_restoring_the_first_of_two_leaves_the_second_findable(masked: DraftState) -> None:
    raw = RAW.tool_examples[0].before
    state = apply(masked, Restore("e", "before", 0, TOKEN))
    left = masked_places(state)[0]
    assert (left.field, left.ordinal) == ("before", 0)
    assert original_of(state, left, raw) == OTHER


def test_a_restored_value_that_only_known_values_tell_stays() -> None:
    state = DraftState(name="n", seed=Seed(system_context="say ‹secret:known-value› now"))
    state = apply(state, Restore("system_context", "system_context", 0, "hunter2hunter2"))
    assert to_draft(state, ("hunter2hunter2",)).seed.system_context == "say hunter2hunter2 now"


def test_a_restored_value_stays_where_the_rules_reach_further_than_it() -> None:
    state = DraftState(name="n", seed=Seed(system_context=f"say ‹secret:password›{TOKEN[10:]} now"))
    state = apply(state, Restore("system_context", "system_context", 0, TOKEN[:10]))
    assert to_draft(state).seed.system_context == f"say {TOKEN} now"


def test_an_original_that_cannot_be_told_is_none(masked: DraftState) -> None:
    place = masked_places(masked)[0]
    edited = apply(masked, SetField("e", "before", f"{SLOT} {SLOT} {SLOT}"))
    assert original_of(edited, place, RAW.tool_examples[0].before) is None
    assert original_of(masked, place, before(masked)) is None
    assert original_of(masked, place, f"mail ann.smith@corp-mail.io, not {OTHER}") is None
    assert original_of(apply(masked, Remove(("e",))), place, "x") is None


def test_no_draft_holds_what_is_not_wanted_now(masked: DraftState) -> None:
    state = apply(masked, SetField("e", "note", f"{TOKEN}"))
    state = replace(state, pending=(PendingText("e", "calls.0.arguments", f'{{"a": "{TOKEN}'),))
    assert TOKEN not in dump(History(state))
    assert TOKEN in dump(History(apply(state, Keep("e", "note", 0))))


@pytest.fixture
def three_masked() -> DraftState:
    before = f"use {TOKEN}, {OTHER} or {THIRD} here"
    shown = example("e", call("terminal", '{"command": "true"}', "fine"), before=before, closing="Done.")
    return DraftState(name="n", seed=mask_session(Seed(tool_examples=(shown,)), home=None, cwd=None))


def standings(state: DraftState, *, include_pending: bool = False) -> list[str]:
    return [place.standing for place in review(state, include_pending=include_pending)]


def test_each_place_comes_with_what_stands_around_it(three_masked: DraftState) -> None:
    places = review(three_masked)
    assert [(place.item, place.field, place.number, place.kind, place.value) for place in places] == [
        ("e", "before", number, "github-token", SLOT) for number in range(3)
    ]
    assert places[0].before == "use "
    assert places[2].after == " here"
    assert standings(three_masked) == ["masked"] * 3


def test_what_was_accepted_stays_so_when_others_are_restored_and_masked_again(
    three_masked: DraftState,
) -> None:
    state = apply(three_masked, Accept("e", "before", 1))
    assert standings(state) == ["masked", "accepted", "masked"]
    state = apply(state, Restore("e", "before", 0, TOKEN))
    assert standings(state) == ["restored", "accepted", "masked"]
    assert [place.key for place in review(state)] == [f"e\x1fbefore\x1f{number}" for number in range(3)]
    state = apply(state, Restore("e", "before", 1, THIRD))
    assert standings(state) == ["restored", "accepted", "restored"]
    state = apply(state, Remask("e", "before", (), 0))
    assert standings(state) == ["masked", "accepted", "restored"], "only that one is masked again"
    assert TOKEN not in to_draft(state).model_dump_json()
    assert THIRD in to_draft(state).model_dump_json()


def test_restoring_an_accepted_place_takes_the_mark_away(three_masked: DraftState) -> None:
    state = apply(three_masked, Accept("e", "before", 0))
    state = apply(state, Restore("e", "before", 0, TOKEN))
    assert state.accepted == ()
    assert standings(apply(state, Remask("e", "before", (), 0))) == ["masked"] * 3


def test_a_known_value_is_restored_and_masked_again(three_masked: DraftState) -> None:
    state = apply(three_masked, SetField("e", "closing", "it is ‹secret:known-value› there"))
    state = apply(state, Restore("e", "closing", 0, KNOWN, (KNOWN,)))
    [place] = [place for place in review(state, (KNOWN,)) if place.field == "closing"]
    assert (place.standing, place.value, place.restored) == ("restored", KNOWN, True)
    assert KNOWN in to_draft(state, (KNOWN,)).seed.tool_examples[0].closing
    state = apply(state, Remask("e", "closing", (KNOWN,), 0))
    assert KNOWN not in to_draft(state, (KNOWN,)).seed.tool_examples[0].closing
    assert apply(state, Remask("e", "closing", (KNOWN,), 7)) is state


def test_what_was_typed_unmasked_is_open(three_masked: DraftState) -> None:
    state = apply(three_masked, SetField("e", "closing", f"now {TOKEN}"))
    [place] = [place for place in review(state) if place.field == "closing"]
    assert (place.standing, place.value, place.slot, place.restored) == ("open", TOKEN, SLOT, False)


def test_a_text_that_is_not_valid_yet_is_left_out(three_masked: DraftState) -> None:
    state = replace(three_masked, pending=(PendingText("e", "before", "x"),))
    assert review(state) == ()
    assert standings(state, include_pending=True) == ["masked"] * 3
