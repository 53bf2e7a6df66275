"""Arguments as they are typed."""

from __future__ import annotations

import json
import time

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st

from warmtui.curation.editing.fields import object_error, on_one_line, pretty, same_json

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
