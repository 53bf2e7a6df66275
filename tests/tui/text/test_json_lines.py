"""JSON set out for reading."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pilots import hostile_characters

from warmtui.tui.text.styled_lines import LAID_OUT, json_lines

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab"\\\n'), inner, max_size=4),
    max_leaves=20,
)


def shown(text: str) -> list[str]:
    lines = json_lines(text)
    assert lines is not None
    return [" " * line.indent + line.text for line in lines]


@given(st.lists(VALUES, max_size=4) | st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_set_out_json_is_the_same_json(value: object) -> None:
    text = json.dumps(value)
    lines = json_lines(text)
    assert lines is not None
    assert json.loads("".join(line.text for line in lines)) == value
    for line in lines:
        assert [line.text[start:end] for start, end, _style in line.spans if start >= end] == []
        assert max((end for _start, end, _style in line.spans), default=0) <= len(line.text)


def test_it_reads_like_it_was_written() -> None:
    assert shown('{"a":1.50,"b":[true,null],"c":{},"a":1e5}') == [
        "{",
        '  "a": 1.50,',
        '  "b": [',
        "    true,",
        "    null",
        "  ],",
        '  "c": {},',
        '  "a": 1e5',
        "}",
    ]


def test_line_breaks_in_strings_are_followed() -> None:
    assert shown(r'{"out":"one\n\ntwo \\n C:\\new\n"}') == [
        "{",
        r'  "out": "one\n',
        r"    \n",
        r'    two \\n C:\\new\n"',
        "}",
    ]


NOT_JSON = (
    *("", "plain", "7", '"text"', "{", '{"a":}', "[1,2", "{'a': 1}", '{"a": NaN}', '{"a": 1} trailing'),
    "[" * 100_000,
    "[" * 50_000 + "]" * 50_000,
    '["' + "x" * LAID_OUT + '"]',
)


@pytest.mark.parametrize("text", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_left_alone(text: str) -> None:
    assert json_lines(text) is None


def test_deep_json_leaves_room_to_read() -> None:
    lines = json_lines("[" * 900 + "]" * 900)
    assert lines is not None
    assert max(line.indent for line in lines) <= 48


def test_hostile_json_is_clean() -> None:
    text = '{"a\u202eb": "\u009b31m \x7f \u200b [/] e' + "\u0301" * 99 + '"}'
    assert hostile_characters("".join(shown(text))) == set()
