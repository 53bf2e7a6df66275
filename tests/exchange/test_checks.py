from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.exchange.checks import RULES, check
from warmtui.model.chat import ChatMessage, ChatRole
from warmtui.model.session import ToolCall

USER = ChatMessage("user", "hello")
SAID = ChatMessage("assistant", "Done.")
SYSTEM = ChatMessage("system", "Be good.")


def call(*ids: str, arguments: str = "{}", tool: str = "t") -> ChatMessage:
    return ChatMessage("assistant", "", tuple(ToolCall(id_, tool, arguments) for id_ in ids))


def result(id_: str, content: str = "x") -> ChatMessage:
    return ChatMessage("tool", content, call_id=id_)


A, B = "aaaaaaaa1", "aaaaaaaa2"
GOOD = [USER, SAID, USER, call(A, B), result(B), result(A, ""), SAID]


def broken(messages: list[ChatMessage], **options: bool) -> set[tuple[str, int]]:
    return {(finding.rule, finding.index) for finding in check(messages, **options)}


def test_a_good_list_is_taken_by_all() -> None:
    assert broken(GOOD) == set()
    assert broken([SYSTEM, *GOOD]) == set()
    assert broken([]) == set()


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
        ([*GOOD, USER, call(A), result(A), SAID], {("duplicate-call-id", 8)}),
        ([USER, call(A, A), result(A), result(A), SAID], {("duplicate-call-id", 1)}),
        ([USER, call("call_0"), result("call_0"), SAID], {("call-id-not-nine-characters", 1)}),
        ([USER, call("aaaaaaaa1\n"), result("aaaaaaaa1\n"), SAID], {("call-id-not-nine-characters", 1)}),
        ([USER, call(A, arguments="[1]"), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, arguments=""), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, arguments='{"a": NaN}'), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, arguments="[" * 100_000), result(A), SAID], {("arguments-not-an-object", 1)}),
        ([USER, call(A, tool="shop.orders"), result(A), SAID], {("tool-name-refused", 1)}),
        ([USER, call(A, tool=""), result(A), SAID], {("tool-name-refused", 1)}),
        ([USER, call(A, tool="mcp__" + "a-" * 40), result(A), SAID], {("tool-name-too-long", 1)}),
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
        ([ChatMessage("user", " \n"), SAID], {("empty-content", 0)}),
    ],
)
def test_every_rule_finds_its_message_and_nothing_else(
    messages: list[ChatMessage], found: set[tuple[str, int]]
) -> None:
    assert broken(messages) == found


def test_the_persons_message_follows() -> None:
    assert broken([USER]) == {("two-user-turns", 0), ("not-alternating", 0)}
    assert broken(GOOD[:6]) == {("two-user-turns", 5), ("user-after-tool-result", 5), ("not-alternating", 5)}


def test_a_system_message_of_the_agent_makes_ours_the_second() -> None:
    assert broken([SYSTEM, *GOOD], after_system=True) == {("second-system", 0)}


def test_a_finding_names_who_refuses_it_and_says_what() -> None:
    findings = check([USER, result(A), SAID])
    assert [finding.target for finding in findings] == ["openai", "anthropic", "strict-template"]
    assert all(finding.text.endswith(".") for finding in findings)


def test_rules_are_told_apart() -> None:
    assert len({rule.rule for rule in RULES}) == len(RULES)
    assert all(rule.targets for rule in RULES)


ROLES: st.SearchStrategy[ChatRole] = st.sampled_from(("system", "user", "assistant", "tool"))
TEXTS = st.sampled_from(("", A, "\ud800", "[1]", "{}"))
CALLS = st.lists(st.builds(ToolCall, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple)
MESSAGES = st.builds(ChatMessage, ROLES, TEXTS, CALLS, TEXTS)


@given(st.lists(MESSAGES, max_size=6))
def test_no_list_crashes_it(messages: list[ChatMessage]) -> None:
    for finding in check(messages):
        assert 0 <= finding.index < len(messages)


@pytest.mark.slow
def test_it_is_linear() -> None:
    ids = [f"{number:09d}" for number in range(20_000)]
    messages = [message for id_ in ids for message in (USER, call(id_), result(id_), SAID)]
    start = time.process_time()
    assert broken(messages) == set()
    assert time.process_time() - start < 5
