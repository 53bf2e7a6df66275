"""Copies that compactions and branches make."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.sources.hermes.lineage import Row, adopted, counted_rows, without_copies

SUMMARY = "[CONTEXT COMPACTION — REFERENCE ONLY] earlier turns"


def row(
    number: int, role: str, content: str | None = "", *, calls: list[str] | None = None, **values: Any
) -> Row:
    if calls:
        stored = [{"id": call, "function": {"name": "terminal", "arguments": "{}"}} for call in calls]
        values["tool_calls"] = json.dumps(stored)
    blank: dict[str, Any] = dict.fromkeys(("tool_calls", "tool_call_id", "tool_name", "timestamp"))
    return Row(number, "s", role, content, **{**blank, **values})


def ids(rows: list[Row]) -> list[Any]:
    return [entry.id for entry in rows]


def old_context(**state: Any) -> list[Row]:
    return [
        row(1, "user", "start", **state),
        row(2, "assistant", calls=["call_0"], **state),
        row(3, "tool", "one", tool_call_id="call_0", **state),
        row(4, "assistant", calls=["call_0"], **state),
        row(5, "tool", "two", tool_call_id="call_0", **state),
        row(6, "user", "go on", **state),
    ]


def compacted_context() -> list[Row]:
    return [
        row(7, "user", "start"),
        row(8, "user", SUMMARY),
        row(9, "assistant", calls=["call_0"]),
        row(
            10, "tool", "[Duplicate tool output — same content as a more recent call]", tool_call_id="call_0"
        ),
        row(11, "user", "go on"),
        row(12, "assistant", calls=["call_0"]),
        row(13, "tool", "three", tool_call_id="call_0"),
    ]


def test_in_place_with_an_id_that_every_call_has() -> None:
    found = without_copies(old_context(active=0, compacted=1) + compacted_context())
    assert ids(found.rows) == [1, 2, 3, 4, 5, 6, 8, 12, 13]
    assert found.compactions == [(6, ("1", "4", "5", "6"), False)]


def test_into_a_child() -> None:
    found = without_copies(compacted_context(), old_context())
    assert ids(found.rows) == [8, 12, 13]
    assert found.compactions == [(0, ("1", "4", "5", "6"), True)]


def test_twice_in_place() -> None:
    first = old_context(active=0, compacted=1)
    second = [message._replace(active=0, compacted=1) for message in compacted_context()]
    third = [
        row(14, "user", "start"),
        row(15, "user", SUMMARY + " again"),
        row(16, "assistant", calls=["call_0"]),
        row(17, "tool", "three", tool_call_id="call_0"),
        row(18, "assistant", "finished"),
    ]
    found = without_copies(first + second + third)
    assert ids(found.rows) == [1, 2, 3, 4, 5, 6, 8, 12, 13, 15, 18]
    assert len(found.compactions) == 2


def test_a_new_message_that_repeats_an_old_one_is_not_a_copy() -> None:
    rows = [
        *old_context(active=0, compacted=1),
        *compacted_context(),
        row(20, "user", "go on"),
        row(21, "user", "start"),
    ]
    assert ids(without_copies(rows).rows)[-2:] == [20, 21]


def test_an_original_that_was_thinned_out_takes_the_copys_text() -> None:
    old = old_context(active=0, compacted=1)
    old[4] = old[4]._replace(content="[Old tool output cleared to save context space]")
    new = compacted_context()
    new[3] = new[3]._replace(content="two, whole")
    found = without_copies(old + new)
    assert next(entry for entry in found.rows if entry.id == 5).content == "two, whole"


def call_with_result(text: str, *, first: int = 1, call: str = "c1") -> list[Row]:
    return [
        row(first, "assistant", calls=[call]),
        row(first + 1, "tool", text, tool_call_id=call, tool_name="terminal"),
    ]


@pytest.mark.parametrize(
    "stub",
    [
        "[Orphan recovery: this tool may have executed before Hermes stopped]",
        "[Result unavailable — see context summary above]",
        "[terminal output demoted at compaction: 4,096 chars]",
        "[Old tool output cleared to save context space]",
        "[Duplicate tool output — same content as a more recent call]",
        "[terminal] ran `make` -> exit 0, 3 lines output",
        "",
    ],
)
def test_a_stub_gives_way_to_the_result_wherever_that_stands(stub: str) -> None:
    full = row(9, "tool", "built", tool_call_id="c1", tool_name="terminal")
    asked = call_with_result(stub)
    for found in (
        counted_rows([*asked, full]),
        counted_rows(asked, None, [[full]]),
        counted_rows(asked, [full]),
    ):
        assert [entry.content for entry in found.rows] == ["", "built"]
        assert ids(found.rows) == [1, 2]


def test_a_stub_stays_where_its_result_is_not_certain() -> None:
    stub = "[Result unavailable]"
    for rows in (
        call_with_result(stub) + call_with_result("other", first=3),  # two calls of one id
        call_with_result(stub)
        + [row(number, "tool", text, tool_call_id="c1") for number, text in ((3, "one"), (4, "two"))],
        call_with_result(stub) + call_with_result("[info] a program's own line", first=3, call="c2"),
    ):
        assert counted_rows(rows).rows == rows


def test_a_branch_repeats_its_parent_from_the_first_row() -> None:
    branch = [message._replace(id=int(message.id) + 50) for message in old_context()] + [
        row(99, "user", "other way")
    ]
    assert ids(without_copies(branch, old_context()).rows) == [99]


def test_rewound_rows_are_out_and_nothing_else_changes_without_compaction() -> None:
    rows = old_context()
    rows[5] = rows[5]._replace(active=0)
    assert ids(without_copies(rows).rows) == [1, 2, 3, 4, 5]


def test_a_result_that_only_the_child_holds_is_adopted() -> None:
    parent = [
        row(1, "user", "start"),
        row(2, "assistant", calls=["a", "b"]),
        row(3, "tool", "x", tool_call_id="a"),
    ]
    child = [
        row(8, "user", SUMMARY),
        row(9, "assistant", calls=["a", "b"]),
        row(10, "tool", "y", tool_call_id="b"),
    ]
    assert ids(adopted(parent, child)) == [10]
    assert adopted(child, []) == []


ROW = st.builds(
    row,
    st.integers(1, 9),
    st.sampled_from(["user", "assistant", "tool"]),
    st.sampled_from(["a", "b", SUMMARY, None]),
    tool_call_id=st.sampled_from([None, "call_0", "call_1"]),
    tool_calls=st.sampled_from([None, "{", "[]", '[{"id":"call_0","function":{"name":"t"}}]', "3"]),
    active=st.integers(0, 1),
    compacted=st.integers(0, 1),
)


@given(st.lists(ROW, max_size=12), st.none() | st.lists(ROW, max_size=8))
def test_any_rows_survive_and_nothing_is_invented(rows: list[Row], parent: list[Row] | None) -> None:
    rows = [entry._replace(id=number) for number, entry in enumerate(rows)]
    found = without_copies(rows, parent)
    assert set(ids(found.rows)) <= set(ids(rows))
    assert ids(found.rows) == sorted(ids(found.rows))
    assert all(0 <= at <= len(found.rows) for at, _, _ in found.compactions)
