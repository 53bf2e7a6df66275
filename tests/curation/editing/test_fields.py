"""What the editor shows, and what a typed text makes of it."""

from __future__ import annotations

import pytest
from seeds import FROM, call

from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing import DraftState, Field, SetField, apply, fields_of, to_draft
from warmtui.curation.editing.state import items_of
from warmtui.model.template import Seed, ToolExample, UserPatterns


def field(state: DraftState, item: str, name: str) -> Field:
    return next(one for one in fields_of(state, item) if one.name == name)


def typed(state: DraftState, item: str, name: str, text: str) -> DraftState:
    return apply(state, SetField(item, name, text))


def test_an_example_shows_its_fields_in_order(bench: DraftState) -> None:
    assert [one.label for one in fields_of(bench, "e2")] == [
        "Before",
        "Tool",
        "Arguments",
        "Result",
        "Closing",
        "Note",
    ]
    names = [one.name for one in fields_of(bench, "e1")]
    assert names[1:7] == [f"calls.{at}.{part}" for at in (0, 1) for part in ("tool", "arguments", "result")]
    assert field(bench, "e1", "calls.1.tool").label == "Tool 2"
    assert fields_of(bench, "gone") == ()


def test_arguments_are_shown_on_lines_and_kept_on_one(bench: DraftState) -> None:
    shown = field(bench, "e2", "calls.0.arguments").text
    assert shown == '{\n  "pattern": "coupon",\n  "path": "{home}/notes"\n}'
    after = typed(bench, "e2", "calls.0.arguments", shown.replace("coupon", "cart"))
    [one] = after.seed.tool_examples[1].calls
    assert one.arguments == '{"pattern": "cart", "path": "{home}/notes"}'


def test_arguments_that_differ_in_spaces_stay_to_the_byte(bench: DraftState) -> None:
    compact = '{"pattern":"coupon","path":"{home}/notes"}'
    bench = typed(bench, "e2", "calls.0.arguments", '{"x":1}')
    bench = typed(bench, "e2", "calls.0.arguments", compact)
    assert bench.seed.tool_examples[1].calls[0].arguments == compact
    assert typed(bench, "e2", "calls.0.arguments", field(bench, "e2", "calls.0.arguments").text) is bench
    assert typed(bench, "e2", "calls.0.arguments", '{ "pattern" : "coupon", "path":"{home}/notes"}') is bench


def test_a_text_that_is_not_valid_yet_is_kept_and_not_sent(bench: DraftState) -> None:
    broken = '{"pattern": "coupon",\n "path" }'
    after = typed(bench, "e2", "calls.0.arguments", broken)
    shown = field(after, "e2", "calls.0.arguments")
    assert shown.text == broken
    assert shown.error is not None
    assert (shown.error.line, shown.error.column) == (2, 9)
    assert after.seed == bench.seed
    assert to_draft(after).seed == bench.seed
    mended = typed(after, "e2", "calls.0.arguments", '{"pattern": "coupon"}')
    assert mended.pending == ()
    assert mended.seed.tool_examples[1].calls[0].arguments == '{"pattern": "coupon"}'


def test_going_back_to_the_shown_value_ends_what_was_not_valid(bench: DraftState) -> None:
    shown = field(bench, "e2", "calls.0.arguments").text
    assert typed(typed(bench, "e2", "calls.0.arguments", "{"), "e2", "calls.0.arguments", shown) == bench


@pytest.mark.parametrize(("item", "name"), [("e1", "calls.0.tool"), ("r1", "fixed.tool"), ("m1", "text")])
def test_what_is_needed_cannot_be_blank(bench: DraftState, item: str, name: str) -> None:
    after = typed(bench, item, name, " ")
    assert after.seed == bench.seed
    assert field(after, item, name).error is not None


@pytest.mark.parametrize(
    ("item", "name", "neutral"),
    [
        ("e1", "before", NEUTRAL_REQUEST),
        ("e1", "closing", NEUTRAL_CLOSING),
        ("r2", "before", NEUTRAL_REQUEST),
    ],
)
def test_words_taken_away_are_filled_in_and_marked(
    bench: DraftState, item: str, name: str, neutral: str
) -> None:
    blank = typed(bench, item, name, " ")
    record = next(one for _, one in items_of(blank.seed) if one.id == item).model_dump()
    assert record[name] == neutral
    assert record[f"{name}_invented"]
    assert field(blank, item, name).text == ""
    assert field(blank, item, name).placeholder == neutral
    said = typed(blank, item, name, neutral)
    assert field(said, item, name).text == neutral
    assert typed(said, item, name, "") == blank


def test_patterns_are_typed_as_words_and_lines(bench: DraftState) -> None:
    state = typed(bench, "user_patterns", "request_style", "Command driven")
    state = typed(state, "user_patterns", "domains", "code, , python,code\ngo")
    state = typed(state, "user_patterns", "corrections", "no, not so\n\n stop  \nno, not so")
    patterns = state.seed.user_patterns
    assert patterns is not None
    assert patterns.request_style == "command_driven"
    assert patterns.domains == ("code", "python", "go")
    assert patterns.corrections == ("no, not so", "stop")
    wrong = typed(state, "user_patterns", "request_style", "curt")
    assert wrong.seed == state.seed
    error = field(wrong, "user_patterns", "request_style").error
    assert error is not None
    assert "terse" in error.text


def test_single_parts_can_be_typed_where_there_are_none() -> None:
    state = typed(DraftState(), "user_patterns", "corrections", "no, cents")
    assert state.seed.user_patterns is not None
    assert state.seed.user_patterns.corrections == ("no, cents",)
    state = typed(state, "system_context", "system_context", "A shop.\n")
    assert state.seed.system_context == "A shop.\n"
    assert typed(DraftState(), "user_patterns", "domains", "") == DraftState()


def test_a_value_from_elsewhere_that_is_not_valid_says_so() -> None:
    odd = ToolExample(id="x", before="b", calls=(call("t", "[1]", ""),), closing="c", provenance=FROM)
    state = DraftState(seed=Seed(tool_examples=(odd,)))
    shown = field(state, "x", "calls.0.arguments")
    assert shown.text == "[1]"
    assert shown.error is not None


def test_what_is_shown_can_be_typed_without_changing_anything() -> None:
    patterns = UserPatterns(
        request_style="terse", feedback_style="terse", domains=("a, b",), corrections=("no\nnever", " so ")
    )
    odd = ToolExample(id="x", before="", calls=(call("t", "{}", ""),), closing="c", provenance=FROM)
    state = DraftState(seed=Seed(user_patterns=patterns, tool_examples=(odd,)))
    for item in ("user_patterns", "x", "system_context"):
        for one in fields_of(state, item):
            assert typed(state, item, one.name, one.text) is state


def test_a_field_that_is_none_is_a_mistake_of_the_caller(bench: DraftState) -> None:
    with pytest.raises(ValueError, match=r"calls\.7\.tool"):
        typed(bench, "e1", "calls.7.tool", "x")
    assert typed(bench, "gone", "before", "x") is bench


def test_lone_surrogates_and_nul_can_be_typed(bench: DraftState) -> None:
    state = typed(bench, "e1", "calls.0.result", "a\ud800\x00b")
    assert state.seed.tool_examples[0].calls[0].result == "a\ufffd\x00b"
    to_draft(state).model_dump_json()


def test_a_line_stays_a_line(bench: DraftState) -> None:
    state = typed(bench, "r1", "error", "not\nfound\r\nhere")
    assert state.seed.recoveries[0].error == "not found here"


def test_long_texts_are_taken_whole(bench: DraftState) -> None:
    text = "x" * 10_000_000
    assert typed(bench, "e1", "calls.0.result", text).seed.tool_examples[0].calls[0].result == text
