"""Calls and their results: which result answers which call, and what became of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from warmtui.analysis.call_arguments import arguments_of
from warmtui.analysis.outcomes import judge, missing
from warmtui.analysis.tools import is_housekeeping
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Message, Session

_RUNNING = re.compile(r"(?:session|cell) ID (\w{1,40})|\"session_id\": ?\"?(\w{1,40})", re.IGNORECASE)
"""How a result names what still runs."""
_HEAD = 600
"""Characters of a result in which it is named."""
_PROCESS_KEYS = ("session_id", "cell_id")
"""Arguments by which a later call names it."""


def answers_of(messages: Sequence[Message]) -> list[int]:
    """Match every call with its result, wherever in the session that is.

    A result belongs to the nearest earlier unanswered call with its id: some servers send the same id
    (`call_0`) in every response, so an id alone names no call. A result without an id answers the
    first unanswered call of the latest message that made any.

    Returns:
        The index of each call's result in `messages`, -1 without one, in the order of the calls.
    """
    answers: list[int] = []
    askers: list[int] = []
    """Index of the message that makes each call."""
    waiting: dict[str, list[int]] = {}
    latest = range(0)
    for position, message in enumerate(messages):
        if message.role == "tool":
            if message.call_id:
                number = _pop_waiting(waiting.get(message.call_id), askers)
            else:
                number = next((number for number in latest if answers[number] < 0), None)
            if number is not None:
                answers[number] = position
        elif message.calls:
            latest = range(len(answers), len(answers) + len(message.calls))
            for number, call in zip(latest, message.calls, strict=True):
                waiting.setdefault(call.id, []).append(number)
            askers += [position] * len(latest)
            answers += [-1] * len(latest)
    return answers


def _pop_waiting(waiting: list[int] | None, askers: Sequence[int]) -> int | None:
    """Remove the nearest call from the unanswered calls of an id; None if there is none."""
    if not waiting:
        return None
    at = len(waiting) - 1
    # ids reused inside one message are answered in order, across messages the latest first
    while at and askers[waiting[at - 1]] == askers[waiting[-1]]:
        at -= 1
    return waiting.pop(at)


def judge_calls(session: Session, *, now: float, findings_are_errors: bool = False) -> tuple[JudgedCall, ...]:
    """Judge every call of a session, in order.

    Args:
        session: the session, copies and rewound rows already out.
        now: Unix seconds, to tell a call that is still running from one that was cut off.
        findings_are_errors: count test runners that reported failures as errors.
    """
    messages = session.messages
    answers = answers_of(messages)
    # a call before the latest message that is not a result, itself without a result, was cut off
    backwards = range(len(messages) - 1, -1, -1)
    last_word = next((position for position in backwards if messages[position].role != "tool"), -1)
    ended = session.header.ended_at is not None
    judged: list[JudgedCall] = []
    turn = -1
    for position, message in enumerate(messages):
        if message.role == "tool":
            continue
        if not message.calls:
            turn += message.origin == "person"
            continue
        for call in message.calls:
            answer = answers[len(judged)]
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
                age = None if message.at is None else now - message.at
                verdict = missing(ended=ended, followed=last_word > position, age_seconds=age)
            housekeeping = is_housekeeping(call.tool)
            judged.append(JudgedCall(call, message.id, position, turn, result, answer, verdict, housekeeping))
    return tuple(judged)


def settle(calls: Sequence[JudgedCall]) -> tuple[JudgedCall, ...]:
    """Give each call that still ran when its result came what the call that tells its end has.

    Figures count the two apart. For a lesson they are one: the command, and what came of it.
    """
    ends = dict(_ends(calls))
    return tuple(
        call._replace(result=end.result, result_index=end.result_index, verdict=end.verdict)
        if (end := ends.get(index)) is not None
        else call
        for index, call in enumerate(calls)
    )


def _ends(calls: Sequence[JudgedCall]) -> Iterator[tuple[int, JudgedCall]]:
    """Yield the index of each call that still ran, with the later call that tells how it ended."""
    started: dict[str, int] = {}
    """What runs, by the name that a result gave it → the call that started it."""
    for index, call in enumerate(calls):
        runs = call.verdict.rule == "still-running" and call.result is not None
        if not runs and not started:
            continue
        values = arguments_of(call.call.arguments) or {}
        asked = next((str(values[key]) for key in _PROCESS_KEYS if key in values), "")
        root = started.pop(asked, index)
        if runs and call.result is not None:
            named = _RUNNING.search(call.result.text[:_HEAD])
            if named is not None:
                started[named[1] or named[2]] = root
        elif root != index:
            yield root, call
