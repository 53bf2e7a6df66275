from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.exchange.checks import RULES, check, check_dicts
from warmtui.exchange.messages import to_dicts
from warmtui.model.chat import ChatMessage
from warmtui.model.session import ToolCall

USER = {"role": "user", "content": "hello"}
SAID = {"role": "assistant", "content": "Done."}
SYSTEM = {"role": "system", "content": "Be good."}


def call(*ids: str, arguments: str = "{}") -> dict[str, Any]:
    calls = [
        {"id": id_, "type": "function", "function": {"name": "t", "arguments": arguments}} for id_ in ids
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def result(id_: str, content: str = "x") -> dict[str, Any]:
    return {"role": "tool", "content": content, "tool_call_id": id_}


A, B = "aaaaaaaa1", "aaaaaaaa2"
GOOD: list[dict[str, Any]] = [USER, SAID, USER, call(A, B), result(B), result(A, ""), SAID]


def broken(messages: list[dict[str, Any]], **options: bool) -> set[tuple[str, int]]:
    return {(finding.rule, finding.index) for finding in check_dicts(messages, **options)}


def test_a_good_list_is_taken_by_all() -> None:
    assert broken(GOOD) == set()
    assert broken([SYSTEM, *GOOD]) == set()
    assert broken([]) == set()


def test_records_are_checked_as_their_dicts() -> None:
    listed = [
        ChatMessage("user", "a"),
        ChatMessage("assistant", "", (ToolCall("call_0", "t", "[]"),)),
        ChatMessage("tool", "x", call_id="call_0"),
    ]
    assert check(listed) == check_dicts(to_dicts(listed))
    assert {finding.rule for finding in check(listed)} == {
        "call-id-not-nine-characters",
        "arguments-not-an-object",
        "two-user-turns",
        "user-after-tool-result",
        "not-alternating",
    }


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([USER, result(A), SAID], {("tool-result-without-call", 1)}),
        ([USER, call(A), result(A), result(A), SAID], {("tool-result-without-call", 3)}),
        (
            [USER, call(A), result(A), SAID, result(A), SAID],
            {("tool-result-without-call", 4), ("not-alternating", 5)},
        ),
        ([USER, call(A), SAID], {("call-without-result", 1)}),
        ([USER, call(A, B), result(A), SAID], {("call-without-result", 1)}),
        ([USER, {**SAID, "tool_calls": []}], {("empty-tool-calls", 1)}),
        ([*GOOD, USER, call(A), result(A), SAID], {("duplicate-call-id", 8)}),
        ([USER, call(A, A), result(A), result(A), SAID], {("duplicate-call-id", 1)}),
        ([USER, call("call_0"), result("call_0"), SAID], {("call-id-not-nine-characters", 1)}),
        ([USER, call("aaaaaaaa1\n"), result("aaaaaaaa1\n"), SAID], {("call-id-not-nine-characters", 1)}),
        ([USER, call(A, arguments="[1]"), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, arguments=""), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, arguments='{"a": NaN}'), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, arguments="[" * 100_000), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, USER, SAID], {("two-user-turns", 1), ("not-alternating", 1)}),
        (
            [USER, call(A), result(A), USER, SAID],
            {("two-user-turns", 3), ("user-after-tool-result", 3)} | {("not-alternating", 3)},
        ),
        ([USER, SAID, SAID], {("not-alternating", 2)}),
        ([USER, SAID, SYSTEM, USER, SAID], {("system-not-first", 2)}),
        ([SYSTEM, SYSTEM, USER, SAID], {("second-system", 1)}),
        ([SAID], {("first-not-user", 0)}),
        ([SYSTEM, SAID], {("first-not-user", 1)}),
        ([{"role": "user", "content": " \n"}, SAID], {("empty-content", 0)}),
        ([{"role": "user", "content": None}, SAID], {("empty-content", 0)}),
        ([USER, {"role": "function", "content": "x"}, SAID], {("unknown-role", 1)}),
    ],
)
def test_every_rule_finds_its_message_and_nothing_else(
    messages: list[dict[str, Any]], found: set[tuple[str, int]]
) -> None:
    assert broken(messages) == found


def test_the_end_depends_on_what_follows() -> None:
    assert broken(GOOD, followed_by_user=False) == {("trailing-assistant", 6)}
    assert broken([USER]) == {("two-user-turns", 0), ("not-alternating", 0)}
    assert broken([USER], followed_by_user=False) == set()
    assert broken(GOOD[:6]) == {("two-user-turns", 5), ("user-after-tool-result", 5), ("not-alternating", 5)}


def test_a_system_message_of_the_agent_makes_ours_the_second() -> None:
    assert broken([SYSTEM, *GOOD], after_system=True) == {("second-system", 0)}


def test_a_finding_names_who_refuses_it_and_says_what() -> None:
    findings = check_dicts([USER, result(A), SAID])
    assert [finding.target for finding in findings] == ["openai", "anthropic", "strict-template"]
    assert all(finding.text.endswith(".") for finding in findings)


def test_rules_are_told_apart() -> None:
    assert len({rule.rule for rule in RULES}) == len(RULES)
    assert all(rule.targets for rule in RULES)


TEXTS = st.sampled_from(("user", "tool", "assistant", "", A))
JSON = st.one_of(
    st.none(),
    st.integers(),
    TEXTS,
    st.lists(st.none() | TEXTS | st.dictionaries(st.sampled_from(("id", "function")), st.none() | TEXTS)),
    st.dictionaries(TEXTS, TEXTS),
)
KEYS = st.sampled_from(("role", "content", "tool_calls", "tool_call_id"))


@given(st.lists(st.dictionaries(KEYS, JSON), max_size=6))
def test_malformed_messages_never_crash_it(messages: list[dict[str, Any]]) -> None:
    for finding in check_dicts(messages):
        assert 0 <= finding.index < len(messages)


@pytest.mark.slow
def test_it_is_linear() -> None:
    ids = [f"{number:09d}" for number in range(20_000)]
    messages = [message for id_ in ids for message in (USER, call(id_), result(id_), SAID)]
    start = time.process_time()
    assert broken(messages) == set()
    assert time.process_time() - start < 5
