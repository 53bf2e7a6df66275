"""Calls and their results: which result answers which call, and what became of each."""

from __future__ import annotations

from typing import NamedTuple

from warmtui.analysis.outcomes import judge, missing
from warmtui.analysis.tools import HOUSEKEEPING
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session, ToolCall


class Paired(NamedTuple):
    """A call and the index of its result."""

    position: int
    """Index in `Session.messages` of the message that makes it."""
    turn: int
    """Which of the person's messages it works for, from 0; -1 before the first."""
    call: ToolCall
    answer: int
    """Index of the result, -1 without one."""


def pair(session: Session) -> list[Paired]:
    """Match every call with its result, wherever in the session that is.

    A result belongs to the nearest earlier unanswered call with its id: some servers send the same id
    (`call_0`) in every response, so an id alone names no call. A result without an id answers the
    first unanswered call of the latest message that made any. The records are in the order of the calls.
    """
    found: list[tuple[int, int, ToolCall]] = []
    answers: list[int] = []
    waiting: dict[str, list[int]] = {}
    latest: range = range(0)
    turn = -1
    for position, message in enumerate(session.messages):
        if message.role == "tool":
            number = _answered(message.call_id, waiting, found) if message.call_id else None
            if number is None and not message.call_id:
                number = next((n for n in latest if answers[n] < 0), None)
            if number is not None:
                answers[number] = position
        elif message.calls:
            latest = range(len(found), len(found) + len(message.calls))
            for call in message.calls:
                waiting.setdefault(call.id, []).append(len(found))
                found.append((position, turn, call))
                answers.append(-1)
        elif message.origin == "person":
            turn += 1
    return [Paired(*made, answer) for made, answer in zip(found, answers, strict=True)]


def _answered(
    call_id: str, waiting: dict[str, list[int]], found: list[tuple[int, int, ToolCall]]
) -> int | None:
    """Take the nearest unanswered call with an id off the list of those that wait."""
    stack = waiting.get(call_id)
    if not stack:
        return None
    at = len(stack) - 1
    # ids reused inside one message are answered in order, across messages the latest first
    while at and found[stack[at - 1]][0] == found[stack[-1]][0]:
        at -= 1
    return stack.pop(at)


def judge_calls(session: Session, *, now: float, findings_are_errors: bool = False) -> tuple[JudgedCall, ...]:
    """Judge every call of a session, in order.

    Args:
        session: the session, copies and rewound rows already out.
        now: Unix seconds, to tell a call that is still running from one that was cut off.
        findings_are_errors: count test runners that reported failures as errors.
    """
    messages = session.messages
    # a call before the latest message that is not a result, itself without a result, was cut off
    backwards = range(len(messages) - 1, -1, -1)
    last_word = next((position for position in backwards if messages[position].role != "tool"), -1)
    ended = session.header.ended_at is not None
    judged: list[JudgedCall] = []
    for position, turn, call, answer in pair(session):
        result = messages[answer] if answer >= 0 else None
        if result is not None:
            verdict = judge(
                call.tool,
                call.arguments,
                result.text,
                result.evidence,
                findings_are_errors=findings_are_errors,
            )
        else:
            at = messages[position].at
            age = None if at is None else now - at
            verdict = missing(ended=ended, followed=last_word > position, age_seconds=age)
        housekeeping = call.tool in HOUSEKEEPING
        judged.append(
            JudgedCall(call, messages[position].id, position, turn, result, answer, verdict, housekeeping)
        )
    return tuple(judged)
