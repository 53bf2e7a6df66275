"""What the editor shows, and what a typed text makes of it."""

from __future__ import annotations

import json
import time

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st
from seeds import call, example

from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing import DraftState, EditorField, SetField, apply, fields_of, to_draft
from warmtui.curation.editing.fields import object_error, on_one_line, pretty, same_json
from warmtui.model.template import Seed, UserPatterns


def field(state: DraftState, item: str, name: str) -> EditorField:
    return next(field for field in fields_of(state, item) if field.name == name)


def typed(state: DraftState, item: str, name: str, text: str) -> DraftState:
    return apply(state, SetField(item, name, text))


def test_an_example_shows_its_fields_in_order(shop: DraftState) -> None:
    assert [field.label for field in fields_of(shop, "e2")] == [
        "Before",
        "Tool",
        "Arguments",
        "Result",
        "Closing",
        "Note",
    ]
    names = [field.name for field in fields_of(shop, "e1")]
    assert names[1:7] == [f"calls.{at}.{part}" for at in (0, 1) for part in ("tool", "arguments", "result")]
    assert field(shop, "e1", "calls.1.tool").label == "Tool 2"
    assert fields_of(shop, "gone") == ()


def test_arguments_are_shown_on_lines_and_kept_on_one(shop: DraftState) -> None:
    shown = field(shop, "e2", "calls.0.arguments").text
    assert shown == '{\n  "pattern": "coupon",\n  "path": "{home}/notes"\n}'
    after = typed(shop, "e2", "calls.0.arguments", shown.replace("coupon", "cart"))
    [call] = after.seed.tool_examples[1].calls
    assert call.arguments == '{"pattern": "cart", "path": "{home}/notes"}'


def test_arguments_that_differ_in_spaces_stay_to_the_byte(shop: DraftState) -> None:
    compact = '{"pattern":"coupon","path":"{home}/notes"}'
    shop = typed(shop, "e2", "calls.0.arguments", '{"x":1}')
    shop = typed(shop, "e2", "calls.0.arguments", compact)
    assert shop.seed.tool_examples[1].calls[0].arguments == compact
    assert typed(shop, "e2", "calls.0.arguments", field(shop, "e2", "calls.0.arguments").text) is shop
    assert typed(shop, "e2", "calls.0.arguments", '{ "pattern" : "coupon", "path":"{home}/notes"}') is shop


def test_a_text_that_is_not_valid_yet_is_kept_and_not_sent(shop: DraftState) -> None:
    broken = '{"pattern": "coupon",\n "path" }'
    after = typed(shop, "e2", "calls.0.arguments", broken)
    shown = field(after, "e2", "calls.0.arguments")
    assert shown.text == broken
    assert shown.error is not None
    assert (shown.error.line, shown.error.column) == (2, 9)
    assert after.seed == shop.seed
    assert to_draft(after).seed == shop.seed
    mended = typed(after, "e2", "calls.0.arguments", '{"pattern": "coupon"}')
    assert mended.pending == ()
    assert mended.seed.tool_examples[1].calls[0].arguments == '{"pattern": "coupon"}'


def test_going_back_to_the_shown_value_ends_what_was_not_valid(shop: DraftState) -> None:
    shown = field(shop, "e2", "calls.0.arguments").text
    assert typed(typed(shop, "e2", "calls.0.arguments", "{"), "e2", "calls.0.arguments", shown) == shop


@pytest.mark.parametrize(("item", "name"), [("e1", "calls.0.tool"), ("r1", "fixed.tool"), ("m1", "text")])
def test_what_is_needed_cannot_be_blank(shop: DraftState, item: str, name: str) -> None:
    after = typed(shop, item, name, " ")
    assert after.seed == shop.seed
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
    shop: DraftState, item: str, name: str, neutral: str
) -> None:
    blank = typed(shop, item, name, " ")
    record = next(record for record in blank.seed.items() if record.id == item).model_dump()
    assert record[name] == neutral
    assert record[f"{name}_invented"]
    assert field(blank, item, name).text == ""
    assert field(blank, item, name).placeholder == neutral
    said = typed(blank, item, name, neutral)
    assert field(said, item, name).text == neutral
    assert typed(said, item, name, "") == blank


def test_patterns_are_typed_as_words_and_lines(shop: DraftState) -> None:
    state = typed(shop, "user_patterns", "request_style", "Command driven")
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
    odd = example("x", call("t", "[1]", ""))
    state = DraftState(seed=Seed(tool_examples=(odd,)))
    shown = field(state, "x", "calls.0.arguments")
    assert shown.text == "[1]"
    assert shown.error is not None


def test_what_is_shown_can_be_typed_without_changing_anything() -> None:
    patterns = UserPatterns(
        request_style="terse", feedback_style="terse", domains=("a, b",), corrections=("no\nnever", " so ")
    )
    odd = example("x", call("t", "{}", ""), before="")
    state = DraftState(seed=Seed(user_patterns=patterns, tool_examples=(odd,)))
    for item in ("user_patterns", "x", "system_context"):
        for field in fields_of(state, item):
            assert typed(state, item, field.name, field.text) is state


def test_a_field_that_is_none_is_a_mistake_of_the_caller(shop: DraftState) -> None:
    with pytest.raises(ValueError, match=r"calls\.7\.tool"):
        typed(shop, "e1", "calls.7.tool", "x")
    assert typed(shop, "gone", "before", "x") is shop


def test_lone_surrogates_and_nul_can_be_typed(shop: DraftState) -> None:
    state = typed(shop, "e1", "calls.0.result", "a\ud800\x00b")
    assert state.seed.tool_examples[0].calls[0].result == "a\ufffd\x00b"
    to_draft(state).model_dump_json()


def test_a_line_stays_a_line(shop: DraftState) -> None:
    state = typed(shop, "r1", "error", "not\nfound\r\nhere")
    assert state.seed.recoveries[0].error == "not found here"


def test_long_texts_are_taken_whole(shop: DraftState) -> None:
    text = "x" * 10_000_000
    assert typed(shop, "e1", "calls.0.result", text).seed.tool_examples[0].calls[0].result == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)


@cases(
    "curation/editing/data/json_mistakes.jsonl",
    ('{"a": ' + "[" * 100_000, "nested too deeply"),
    ('{"a": ' + "1" * 10_000 + "}", "a number is too long"),
)
def test_what_is_wrong_is_said_with_its_place(text: str, words: str) -> None:
    error = object_error(text)
    assert error is not None
    assert error.in_words().startswith(words)


@given(OBJECTS)
def test_pretty_and_one_line_change_nothing_but_spaces(value: dict[str, object]) -> None:
    plain = json.dumps(value, ensure_ascii=False)
    shown = pretty(plain)
    assert json.loads(shown) == value
    assert shown == json.dumps(value, ensure_ascii=False, indent=2)
    assert on_one_line(shown) == plain
    assert same_json(plain, shown)
    assert same_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")), shown)


def test_numbers_escapes_and_repeated_names_stay_as_they_are() -> None:
    text = '{"a": 1.50, "b": "\\u00e9\\/", "a": 1e400}'
    assert on_one_line(pretty(text)) == text
    assert not same_json(text, text.replace("1.50", "1.5"))


def test_what_is_no_object_is_shown_as_it_is() -> None:
    assert pretty('{"a": 1') == '{"a": 1'
    assert pretty("[1]") == "[1]"


def test_deep_and_wide_json_does_not_grow_beyond_measure() -> None:
    deep = '{"a": ' + "[" * 800 + ",".join("1" * 20_000) + "]" * 800 + "}"
    assert len(pretty(deep)) < 60 * len(deep)


@pytest.mark.parametrize("piece", ['"', '\\"', "{", '{"a":', "\\", " "])
@pytest.mark.slow
def test_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * size
        begin = time.process_time()
        object_error(text)
        same_json(text, text + " ")
        on_one_line(text + "\n" + text)
        return time.process_time() - begin

    small = min(seconds(20_000) for _ in range(3))
    assert seconds(200_000) < 60 * small + 0.05


def test_the_place_is_not_said_twice() -> None:
    error = object_error('{"a": "open')
    assert error is not None
    assert error.in_words() == "line 1, column 7: unterminated string"
