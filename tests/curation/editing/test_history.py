"""Undo, redo, and typing taken together."""

from __future__ import annotations

from seeds import FROM

from warmtui.curation.editing import (
    Accept,
    AddNote,
    Clear,
    Describe,
    DraftState,
    Edit,
    History,
    Keep,
    MakeRelative,
    Move,
    Offer,
    Pick,
    Remask,
    Remove,
    Rename,
    Restore,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    Unpick,
)
from warmtui.curation.editing.history import TYPING_PAUSE
from warmtui.model.template import ContextMarker, SourceSession

TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"


def note(text: str, item: str = "e1") -> SetField:
    return SetField(item, "note", text)


def test_typing_in_one_field_is_one_step(shop: DraftState) -> None:
    history = History(shop)
    for number in range(1, 6):
        history = history.do(note("x" * number), number * TYPING_PAUSE)
    assert len(history.past) == 1
    assert history.undo().history.state == shop
    assert history.state.seed.tool_examples[0].note == "xxxxx"


def test_a_pause_another_field_or_another_edit_begins_a_step(shop: DraftState) -> None:
    def steps(*done: tuple[Edit, float | None]) -> int:
        history = History(shop)
        for edit, moment in done:
            history = history.do(edit, moment)
        return len(history.past)

    assert steps((note("a"), 0), (note("ab"), TYPING_PAUSE + 0.01)) == 2
    assert steps((note("a"), 0), (note("ab", "e2"), 1)) == 2
    assert steps((note("a"), 0), (SetField("e1", "before", "b"), 1)) == 2
    assert steps((note("a"), 0), (Move("e1", 1), 0), (note("ab"), 1)) == 3
    assert steps((note("a"), None), (note("ab"), None)) == 2
    assert steps((note("a"), 9), (note("ab"), 8.9)) == 2  # the clock went back
    assert steps((Rename("a"), 0), (Rename("ab"), 1)) == 1
    assert steps((Describe("a"), 0), (Describe("ab"), 1), (Rename("b"), 1)) == 2


def test_typing_through_what_is_not_valid_is_one_step(shop: DraftState) -> None:
    history = History(shop)
    for at, text in enumerate(("{", '{"a"', '{"a": 1}')):
        history = history.do(SetField("e2", "calls.0.arguments", text), at * 0.1)
    assert len(history.past) == 1
    assert history.undo().history.state == shop


def test_what_was_typed_and_deleted_again_is_no_step(shop: DraftState) -> None:
    history = History(shop).do(Rename("n")).do(note("a"), 0).do(note(""), 1)
    assert len(history.past) == 1
    assert history.undo().label == "named it n"


def test_what_changes_nothing_is_no_step_and_leaves_redo(shop: DraftState) -> None:
    history = History(shop).do(Rename("n")).undo().history
    assert history.do(Remove(("gone",))) is history
    assert history.redo().history.state.name == "n"
    assert history.do(Rename("m")).future == ()


def test_typing_after_undo_does_not_join_what_was_before(shop: DraftState) -> None:
    history = History(shop).do(note("a"), 0).do(Rename("n"), 0.1).undo().history.do(note("ab"), 0.2)
    assert len(history.past) == 2


def test_with_nothing_to_undo_nothing_happens(shop: DraftState) -> None:
    history = History(shop)
    assert history.undo() == (history, "")
    assert history.redo() == (history, "")


def test_steps_are_named_in_words(shop: DraftState) -> None:
    source = SourceSession(agent="hermes", id="s1")
    marker = Offer("x", ContextMarker(id="x", text="a\n b", kind="path", uses=2, provenance=FROM), source)
    labels: list[tuple[Edit, str]] = [
        (Pick((marker,)), "picked a b (path, used 2×)"),
        (Pick((marker,), suggested=True), "took the suggestion, 1 item"),
        (Remove(("e2",)), "removed example 2: search_files pattern=`coupon` path=`{home}/notes`"),
        (Remove(("r1",)), "removed recovery 1: terminal: pytest → python3 -m unittest"),
        (Remove(("e1", "e2")), "removed 2 items"),
        (Remove(("user_patterns",)), "removed how I work"),
        (Move("m2", -1), "moved marker 2 up"),
        (Move("n3", -1), "moved preference 2 up"),
        (AddNote("known_noise", "two\n warnings"), "added known noise: two warnings"),
        (SetField("n5", "text", "x"), "edited text of known noise 1"),
        (Remove(("n1",)), "removed preference 1: “do not push to main” (seen in 2 sessions)"),
        (note("x"), "edited note of example 1"),
        (SetField("system_context", "system_context", "x"), "edited the context"),
        (SetField("user_patterns", "domains", "x"), "edited how I work"),
        (SetField("e1", "calls.1.arguments", "{"), "edited arguments 2 of example 1"),
        (ToggleShown(("r2",)), "changed how recovery 2: read_file: shop/cart.py → src/shop/cart.py is shown"),
        (Rename("a\nb"), "named it a b"),
        (Describe("x"), "edited the description"),
        (SetTags(("x",)), "changed the tags"),
        (SetType("code"), "set the type to code"),
        (Pick((marker, marker._replace(id="y"))), "picked 2 items"),
        (Clear(), "cleared the template"),
    ]
    for edit, words in labels:
        assert History(shop).do(edit).undo().label == words
    picked = History(shop).do(Pick((marker,)))
    assert picked.do(Unpick((marker,))).undo().label == "unpicked a b (path, used 2×)"
    assert picked.do(Unpick((marker, marker))).undo().label == "unpicked 2 items"
    typed = History(shop).do(SetField("e1", "note", "‹secret:password› in /home/ann/x"))
    assert (
        typed.do(Restore("e1", "note", 0, "pw")).undo().label
        == "restored a masked place in note of example 1"
    )
    assert typed.do(Accept("e1", "note", 0)).undo().label == "accepted a masked place in example 1"
    secret = History(shop).do(SetField("e1", "note", TOKEN))
    assert secret.do(Keep("e1", "note", 0)).undo().label == "left a place unmasked in note of example 1"
    assert secret.do(Remask("e1", "note")).undo().label == "masked note of example 1"
    assert typed.do(MakeRelative((), "e1")).undo().label == "made paths relative in example 1"
    assert typed.do(MakeRelative(())).undo().label == "made paths relative in all items"


def test_a_label_stays_short(shop: DraftState) -> None:
    history = History(shop).do(SetField("e2", "calls.0.tool", "t" * 5_000)).do(Remove(("e2",)))
    assert len(history.undo().label) < 100
