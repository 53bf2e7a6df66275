"""Calls and their results: which result answers which call, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator

from warmtui.analysis.outcomes import judge, missing
from warmtui.analysis.tools import HOUSEKEEPING
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session, ToolCall


def pair(session: Session) -> Iterator[tuple[int, ToolCall, int]]:
    """Match every call with its result, wherever it lies.

    A result belongs to the nearest earlier unanswered call with its id: some servers send the same id
    (`call_0`) in every response, so an id alone names no call. A result without an id answers the
    first unanswered call of the latest message that made any.

    Yields:
        `(position, call, result_position)` in the order of the calls; positions index
        `session.messages`, -1 stands for no result.
    """
    found: list[tuple[int, ToolCall]] = []
    answers: list[int] = []
    waiting: dict[str, list[int]] = {}
    latest: list[int] = []
    for position, message in enumerate(session.messages):
        if message.calls:
            latest = []
            for call in message.calls:
                waiting.setdefault(call.id, []).append(len(found))
                latest.append(len(found))
                found.append((position, call))
                answers.append(-1)
        elif message.role == "tool":
            if message.call_id:
                stack = waiting.get(message.call_id)
                if stack:
                    # ids reused inside one message are answered in order, across messages latest first
                    newest = found[stack[-1]][0]
                    at = next(i for i, number in enumerate(stack) if found[number][0] == newest)
                    answers[stack.pop(at)] = position
            else:
                number = next((n for n in latest if answers[n] < 0), None)
                if number is not None:
                    answers[number] = position
    for (position, call), answer in zip(found, answers, strict=True):
        yield position, call, answer


def judge_calls(session: Session, *, now: float, findings_are_errors: bool = False) -> tuple[JudgedCall, ...]:
    """Judge every call of a session.

    Args:
        session: the session, copies and rewound rows already out.
        now: Unix seconds, to tell a call that is still running from one that was cut off.
        findings_are_errors: count test runners that reported failures as errors.

    Returns:
        One record a call, in the order of the calls.
    """
    messages = session.messages
    last_word = -1
    """The latest message that is not a tool result: a call before it without a result was cut off."""
    for position in range(len(messages) - 1, -1, -1):
        if messages[position].role != "tool":
            last_word = position
            break
    ended = session.header.ended_at is not None
    judged: list[JudgedCall] = []
    turn, upto = -1, 0
    for position, call, answer in pair(session):
        for message in messages[upto : position + 1]:
            turn += message.origin == "person"
        upto = position + 1
        if answer >= 0:
            result = messages[answer]
            verdict = judge(
                call.tool,
                call.arguments,
                result.text,
                result.evidence,
                findings_are_errors=findings_are_errors,
            )
        else:
            result = None
            at = messages[position].at
            age = None if at is None else now - at
            verdict = missing(ended=ended, followed=last_word > position, age_seconds=age)
        judged.append(
            JudgedCall(
                call,
                messages[position].id,
                position,
                turn,
                result,
                answer,
                verdict,
                call.tool in HOUSEKEEPING,
            )
        )
    return tuple(judged)
