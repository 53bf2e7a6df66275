"""What providers refuse in a message list: the rule, who refuses it, and the index of the message.

The rules are those that the OpenAI and Anthropic APIs enforce with an error, and those of strict chat
templates (Mistral's, and some that vLLM and llama.cpp run), which raise while they write the prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from warmtui.exchange.messages import ChatDict, to_dicts
from warmtui.model.chat import ChatMessage, CheckFinding

CheckTarget = Literal["openai", "anthropic", "strict-template"]

_STRICT_ID = re.compile(r"[A-Za-z0-9]{9}")
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_SYSTEM = frozenset({"system", "developer"})


class Surroundings(NamedTuple):
    """What surrounds the list when it is sent."""

    followed_by_user: bool
    """The person's message follows it."""
    after_system: bool
    """The agent puts its own system message before it."""


class Call(NamedTuple):
    """The readable parts of a call."""

    id: str
    arguments: str


class Turn(NamedTuple):
    """The readable parts of a message, which may be malformed."""

    position: int
    """Its index in the list."""
    role: str
    empty: bool
    """It has no content but white space."""
    calls: tuple[Call, ...]
    empty_calls: bool
    """`tool_calls` is an empty list."""
    call_id: str


class Rule(NamedTuple):
    """One thing that some provider refuses."""

    rule: str
    targets: tuple[CheckTarget, ...]
    sentence: str
    """What is wrong, as a sentence for a person."""
    find: Callable[[Sequence[Turn], Surroundings], Iterable[int]]
    """Returns the index of every message that breaks the rule."""


def check(
    messages: Iterable[ChatMessage], *, followed_by_user: bool = True, after_system: bool = False
) -> tuple[CheckFinding, ...]:
    """Find what a provider would refuse.

    Args:
        messages: the list.
        followed_by_user: the person's message follows the list, so its last message may be the assistant's.
        after_system: the agent puts its own system message before the list, as Hermes does.

    Returns:
        One finding per rule, target and message, by index and then in the order of `RULES`.
    """
    return check_dicts(to_dicts(messages), followed_by_user=followed_by_user, after_system=after_system)


def check_dicts(
    messages: Sequence[ChatDict], *, followed_by_user: bool = True, after_system: bool = False
) -> tuple[CheckFinding, ...]:
    """Find what a provider would refuse in decoded JSON messages, malformed ones included.

    Args:
        messages: the list, in the OpenAI chat format.
        followed_by_user: as in `check`.
        after_system: as in `check`.

    Returns:
        As in `check`. What the person's own message would break is reported at the last message.
    """
    turns = [_turn(message, index) for index, message in enumerate(messages)]
    around = Surroundings(followed_by_user, after_system)
    findings = [
        CheckFinding(rule.rule, target, index, rule.sentence)
        for rule in RULES
        for index in dict.fromkeys(rule.find(turns, around))
        for target in rule.targets
    ]
    return tuple(sorted(findings, key=lambda finding: finding.index))


def _turn(message: ChatDict, index: int) -> Turn:
    calls = message.get("tool_calls")
    content = message.get("content")
    return Turn(
        position=index,
        role=str(message.get("role", "")),
        empty=not (content.strip() if isinstance(content, str) else content),
        calls=tuple(_call(call) for call in calls) if isinstance(calls, list) else (),
        empty_calls=calls == [],
        call_id=str(message.get("tool_call_id") or ""),
    )


def _call(call: object) -> Call:
    if not isinstance(call, dict):
        return Call("", "")
    function = call.get("function")
    arguments = function.get("arguments") if isinstance(function, dict) else ""
    return Call(str(call.get("id") or ""), arguments if isinstance(arguments, str) else "")


def _with_message(turns: Sequence[Turn], around: Surroundings) -> list[Turn]:
    """Return the list with the person's message, under the index of the last message."""
    if not around.followed_by_user or not turns:
        return list(turns)
    return [*turns, Turn(turns[-1].position, "user", False, (), False, "")]


def _pairs(turns: Sequence[Turn], around: Surroundings) -> Iterator[tuple[Turn, Turn]]:
    spoken = [turn for turn in _with_message(turns, around) if turn.role not in _SYSTEM]
    return pairwise(spoken)


def _unanswered(turns: Sequence[Turn]) -> Iterator[tuple[str, int]]:
    """Yield results without a call and calls without a result, in the order of the list."""
    caller = -1
    waiting: dict[str, int] = {}  # call id → how many results are still missing
    for turn in turns:
        if turn.role == "tool":
            if waiting.get(turn.call_id, 0) > 0:
                waiting[turn.call_id] -= 1
            else:
                yield "result", turn.position
            continue
        if any(waiting.values()):
            yield "call", caller
        caller, waiting = turn.position, {}
        for call in turn.calls:
            waiting[call.id] = waiting.get(call.id, 0) + 1
    if any(waiting.values()):
        yield "call", caller


def _result_without_call(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    return (index for kind, index in _unanswered(turns) if kind == "result")


def _call_without_result(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    return (index for kind, index in _unanswered(turns) if kind == "call")


def _empty_calls(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    return (turn.position for turn in turns if turn.empty_calls)


def _duplicate_ids(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    seen: set[str] = set()
    for turn in turns:
        for call in turn.calls:
            if call.id in seen:
                yield turn.position
            seen.add(call.id)


def _not_strict_ids(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    for turn in turns:
        if not all(_STRICT_ID.fullmatch(call.id) for call in turn.calls):
            yield turn.position


def _not_objects(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    return (turn.position for turn in turns if not all(_is_object(call.arguments) for call in turn.calls))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text, parse_constant=_refuse_constant), dict)
    except (ValueError, RecursionError):
        return False


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _two_user_turns(turns: Sequence[Turn], around: Surroundings) -> Iterator[int]:
    for first, second in _pairs(turns, around):
        # Anthropic carries results in a user message.
        if first.role in ("user", "tool") and second.role == "user":
            yield second.position


def _trailing_assistant(turns: Sequence[Turn], around: Surroundings) -> Iterator[int]:
    if turns and turns[-1].role == "assistant" and not around.followed_by_user:
        yield turns[-1].position


def _user_after_result(turns: Sequence[Turn], around: Surroundings) -> Iterator[int]:
    for first, second in _pairs(turns, around):
        if first.role == "tool" and second.role == "user":
            yield second.position


def _late_system(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    other_seen = False
    for turn in turns:
        if turn.role not in _SYSTEM:
            other_seen = True
        elif other_seen:
            yield turn.position


def _second_system(turns: Sequence[Turn], around: Surroundings) -> Iterator[int]:
    seen = around.after_system
    for turn in turns:
        if turn.role in _SYSTEM:
            if seen:
                yield turn.position
            seen = True


def _first_not_user(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    for turn in turns:
        if turn.role not in _SYSTEM:
            if turn.role != "user":
                yield turn.position
            return


def _not_alternating(turns: Sequence[Turn], around: Surroundings) -> Iterator[int]:
    # Mistral's template counts user messages and assistant messages without calls.
    spoken = [
        turn
        for turn in _with_message(turns, around)
        if turn.role == "user" or (turn.role == "assistant" and not turn.calls)
    ]
    for first, second in pairwise(spoken):
        if first.role == second.role:
            yield second.position


def _empty(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    for turn in turns:
        if turn.empty and turn.role != "tool" and not turn.calls:
            yield turn.position


def _unknown_role(turns: Sequence[Turn], _around: Surroundings) -> Iterator[int]:
    return (turn.position for turn in turns if turn.role not in _ROLES)


_ALL: tuple[CheckTarget, ...] = ("openai", "anthropic", "strict-template")

RULES: tuple[Rule, ...] = (
    Rule("unknown-role", _ALL, "A role that no provider knows.", _unknown_role),
    Rule(
        "tool-result-without-call",
        _ALL,
        "A tool result without its call in the assistant message before it.",
        _result_without_call,
    ),
    Rule(
        "call-without-result",
        _ALL,
        "A call without its result directly after it.",
        _call_without_result,
    ),
    Rule("empty-tool-calls", ("openai",), "A list of calls that holds none.", _empty_calls),
    Rule("duplicate-call-id", ("openai", "anthropic"), "A call id that was used before.", _duplicate_ids),
    Rule(
        "call-id-not-nine-characters",
        ("strict-template",),
        "A call id that is not exactly nine letters and digits.",
        _not_strict_ids,
    ),
    Rule(
        "arguments-not-an-object",
        ("anthropic", "strict-template"),
        "Arguments that are not a JSON object.",
        _not_objects,
    ),
    Rule(
        "two-user-turns",
        ("anthropic",),
        "Two user turns in a row; a tool result counts as one.",
        _two_user_turns,
    ),
    Rule(
        "trailing-assistant",
        ("anthropic",),
        "An assistant message at the end, with nothing from the person after it.",
        _trailing_assistant,
    ),
    Rule(
        "user-after-tool-result",
        ("strict-template",),
        "A user message straight after a tool result.",
        _user_after_result,
    ),
    Rule("system-not-first", ("strict-template",), "A system message that is not first.", _late_system),
    Rule("second-system", ("strict-template",), "A second system message.", _second_system),
    Rule(
        "first-not-user",
        ("anthropic", "strict-template"),
        "The first message after the system message is not a user message.",
        _first_not_user,
    ),
    Rule(
        "not-alternating",
        ("strict-template",),
        "User and assistant messages do not alternate.",
        _not_alternating,
    ),
    Rule("empty-content", ("anthropic",), "A message that says nothing.", _empty),
)
"""Every rule, in the order of the findings about one message."""
