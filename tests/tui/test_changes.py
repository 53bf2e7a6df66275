"""The differences between versions, in words."""

from __future__ import annotations

from seeds import full_seed

from warmtui.curation.diff import Change
from warmtui.model.template import Seed
from warmtui.tui.preview.rows import VALUE_LENGTH, change_pieces, changed_by_both, place_in_words


def test_places_are_named_as_the_editor_names_them() -> None:
    seeds = (Seed(), full_seed())
    assert place_in_words("tool_examples[e2].closing", seeds) == "closing of example 2"
    assert place_in_words("tool_examples[e2]", seeds) == "example 2"
    assert place_in_words("context_markers[m1].text", seeds).endswith("of marker 1")
    assert place_in_words("notes[n3].text", seeds) == "text of preference 2"
    assert place_in_words("tool_examples[e1].calls[1].result", seeds).endswith("of example 1")
    for place in ("description", "tool_examples[gone].closing", "sources[hermes:s1]"):
        assert place_in_words(place, seeds) == place


def test_only_what_became_something_else_was_changed_by_both() -> None:
    theirs = [
        Change("a", "changed", "0", "1"),
        Change("b", "changed", "0", "1"),
        Change("c", "added", None, "1"),
    ]
    mine = [
        Change("a", "changed", "0", "2"),
        Change("b", "changed", "0", "1"),
        Change("d", "added", None, "1"),
    ]
    assert changed_by_both(theirs, mine) == {"a"}


def test_a_long_value_is_cut_and_says_so() -> None:
    [title, place, value, rest, _] = change_pieces(
        "since version 1", [Change("description", "added", None, "x" * (VALUE_LENGTH + 5))], ()
    )
    assert title.text == "since version 1: 1 change"
    assert place.text == "+ added description"
    assert len(value.text) == VALUE_LENGTH + 2
    assert rest.text == "… 5 characters more"
