"""What providers refuse in a message list: the rule, who refuses it, and the index of the message.

The rules are those that the OpenAI and Anthropic APIs enforce with an error, and those of strict chat
templates (Mistral's, and some that vLLM and llama.cpp run), which raise while they write the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Literal, NamedTuple

from warmtui.curation.editing.fields import object_error
from warmtui.model.chat import ChatMessage, CheckFinding

CheckTarget = Literal["openai", "anthropic", "strict-template"]

_STRICT_ID = re.compile(r"[A-Za-z0-9]{9}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_OPENAI_NAME_CHARACTERS = 64
_AGENTS_SYSTEM = ChatMessage("system", "The agent's own system prompt.")
_NEXT_USER = ChatMessage("user", "The person's next message.")


class Turn(NamedTuple):
    """A message of the list as it is sent."""

    position: int
    """Where a fault in it is reported: for a message that is not in the list, at the nearest that is."""
    message: ChatMessage


class Rule(NamedTuple):
    """One thing that some provider refuses."""

    rule: str
    targets: tuple[CheckTarget, ...]
    sentence: str
    """What is wrong, as a sentence for a person."""
    find: Callable[[Sequence[Turn]], Iterable[int]]
    """Returns the index of every message that breaks the rule."""


def check(messages: Sequence[ChatMessage], *, after_system: bool = False) -> tuple[CheckFinding, ...]:
    """Find what a provider would refuse when the person's next message follows a list.

    Args:
        messages: the list.
        after_system: the agent puts its own system message before the list, as Hermes does.

    Returns:
        One finding per rule, target and message, by index and then in the order of `RULES`. What the
        person's message would break is reported at the last message.
    """
    if not messages:
        return ()
    turns = [Turn(index, message) for index, message in enumerate(messages)]
    turns.append(Turn(len(messages) - 1, _NEXT_USER))
    if after_system:
        turns.insert(0, Turn(0, _AGENTS_SYSTEM))
    # A rule may report a message twice, for two pairs or two calls in it.
    findings = [
        CheckFinding(rule.rule, target, index, rule.sentence)
        for rule in RULES
        for index in dict.fromkeys(rule.find(turns))
        for target in rule.targets
    ]
    return tuple(sorted(findings, key=lambda finding: finding.index))


def _pairs(turns: Sequence[Turn]) -> Iterator[tuple[Turn, Turn]]:
    return pairwise(turn for turn in turns if turn.message.role != "system")


def _unanswered(turns: Sequence[Turn]) -> Iterator[tuple[str, int]]:
    """Yield results without a call and calls without a result, in the order of the list."""
    caller = -1
    # Some servers use an id twice, so missing results are counted.
    waiting: dict[str, int] = {}  # call id → how many results are still missing
    for index, message in turns:
        if message.role == "tool":
            if waiting.get(message.call_id, 0) > 0:
                waiting[message.call_id] -= 1
            else:
                yield "result", index
            continue
        if any(waiting.values()):
            yield "call", caller
        caller, waiting = index, {}
        for call in message.calls:
            waiting[call.id] = waiting.get(call.id, 0) + 1


def _result_without_call(turns: Sequence[Turn]) -> Iterator[int]:
    return (index for kind, index in _unanswered(turns) if kind == "result")


def _call_without_result(turns: Sequence[Turn]) -> Iterator[int]:
    return (index for kind, index in _unanswered(turns) if kind == "call")


def _duplicate_ids(turns: Sequence[Turn]) -> Iterator[int]:
    seen: set[str] = set()
    for index, message in turns:
        for call in message.calls:
            if call.id in seen:
                yield index
            seen.add(call.id)


def _not_strict_ids(turns: Sequence[Turn]) -> Iterator[int]:
    for index, message in turns:
        if not all(_STRICT_ID.fullmatch(call.id) for call in message.calls):
            yield index


def _refused_names(turns: Sequence[Turn]) -> Iterator[int]:
    for index, message in turns:
        if not all(_NAME.fullmatch(call.tool) for call in message.calls):
            yield index


def _long_names(turns: Sequence[Turn]) -> Iterator[int]:
    for index, message in turns:
        if any(len(call.tool) > _OPENAI_NAME_CHARACTERS for call in message.calls):
            yield index


def _not_objects(turns: Sequence[Turn]) -> Iterator[int]:
    for index, message in turns:
        if any(object_error(call.arguments) for call in message.calls):
            yield index


def _two_user_turns(turns: Sequence[Turn]) -> Iterator[int]:
    for first, second in _pairs(turns):
        # Anthropic carries results in a user message.
        if first.message.role in ("user", "tool") and second.message.role == "user":
            yield second.position


def _user_after_result(turns: Sequence[Turn]) -> Iterator[int]:
    for first, second in _pairs(turns):
        if first.message.role == "tool" and second.message.role == "user":
            yield second.position


def _late_system(turns: Sequence[Turn]) -> Iterator[int]:
    other_seen = False
    for index, message in turns:
        if message.role != "system":
            other_seen = True
        elif other_seen:
            yield index


def _second_system(turns: Sequence[Turn]) -> Iterator[int]:
    indexes = (index for index, message in turns if message.role == "system")
    return islice(indexes, 1, None)


def _first_not_user(turns: Sequence[Turn]) -> Iterator[int]:
    first = next(turn for turn in turns if turn.message.role != "system")
    if first.message.role != "user":
        yield first.position


def _not_alternating(turns: Sequence[Turn]) -> Iterator[int]:
    # Mistral's template counts user messages and assistant messages without calls.
    spoken = [
        turn
        for turn in turns
        if turn.message.role == "user" or (turn.message.role == "assistant" and not turn.message.calls)
    ]
    for first, second in pairwise(spoken):
        if first.message.role == second.message.role:
            yield second.position


def _empty(turns: Sequence[Turn]) -> Iterator[int]:
    for index, message in turns:
        if not message.content.strip() and message.role != "tool" and not message.calls:
            yield index


_ALL: tuple[CheckTarget, ...] = ("openai", "anthropic", "strict-template")

RULES: tuple[Rule, ...] = (
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
    Rule("duplicate-call-id", ("openai", "anthropic"), "A call id that was used before.", _duplicate_ids),
    Rule(
        "call-id-not-nine-characters",
        ("strict-template",),
        "A call id that is not exactly nine letters and digits.",
        _not_strict_ids,
    ),
    Rule(
        "tool-name-refused",
        ("openai", "anthropic"),
        "A tool name that is not 1 to 128 letters, digits, _ and -.",
        _refused_names,
    ),
    Rule("tool-name-too-long", ("openai",), "A tool name of more than 64 characters.", _long_names),
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
