"""Which result answers which call, and the truth about the recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warmtui.analysis.calls import answers_of, judge_calls, settle
from warmtui.analysis.outcomes import missing
from warmtui.cli.care import recording
from warmtui.model.session import Message, Session, SessionHeader, ToolCall
from warmtui.sources.hermes.database import HermesDatabase

NOW = 2_000_000_000.0


def of(*messages: Message, ended_at: float | None = None) -> Session:
    numbered = tuple(message._replace(id=str(number)) for number, message in enumerate(messages))
    return Session(SessionHeader("s", "hermes", "x.db", ended_at=ended_at), numbered)


def asks(*ids: str, at: float | None = None) -> Message:
    calls = tuple(ToolCall(identity, "terminal", '{"command": "ls"}') for identity in ids)
    return Message("", "assistant", "", "agent", calls, at=at)


def gets(call: str, text: str = '{"output": "", "exit_code": 0, "error": null}') -> Message:
    return Message("", "tool", text, "tool", call_id=call)


def says(text: str = "go on") -> Message:
    return Message("", "user", text, "person")


def test_every_outcome_of_the_recordings_is_the_true_one(recordings: Path) -> None:
    truth = {
        (known["session"], known["call_id"]): (
            known["message_id"],
            known["tool"],
            known["outcome"],
            known.get("findings", False),
            known.get("housekeeping", False),
        )
        for known in json.loads(recording("truth.json").read_text())
    }
    source = HermesDatabase(recordings)
    found = {
        (session.header.id, judged.call.id): (
            judged.message_id,
            judged.call.tool,
            judged.verdict.outcome,
            judged.verdict.findings,
            judged.housekeeping,
        )
        for session in source.read([header.id for header in source.listing().headers])
        for judged in judge_calls(session, now=NOW)
    }
    source.close()
    assert found == truth
    assert len(found) == 130


@pytest.mark.parametrize(
    ("messages", "answers"),
    [
        # parallel, answered out of order and far away
        ((asks("a", "b", "c"), gets("c"), gets("a"), says(), asks("d"), gets("d"), gets("b")), [2, 6, 1, 5]),
        # one id for everything: the latest unanswered call, in order within one message
        ((asks("x"), gets("x"), asks("x"), gets("x"), asks("x", "x"), gets("x"), gets("x")), [1, 3, 5, 6]),
        ((asks("x"), asks("x"), gets("x")), [-1, 2]),
        # no ids at all
        ((asks("", ""), gets(""), gets("")), [1, 2]),
        # a result before its call, and one nobody asked for
        ((gets("a"), asks("a"), gets("zz")), [-1]),
    ],
)
def test_a_result_finds_its_call_wherever_it_lies(messages: tuple[Message, ...], answers: list[int]) -> None:
    assert answers_of(messages) == answers


@pytest.mark.parametrize(
    ("session", "outcome"),
    [
        (of(says(), asks("a", at=NOW - 10)), "pending"),
        (of(says(), asks("a", at=NOW - 3601)), "interrupted"),
        (of(says(), asks("a", at=NOW - 10), says()), "interrupted"),
        (of(says(), asks("a", at=NOW - 10), ended_at=NOW - 5), "interrupted"),
        (of(says(), asks("b", "a", at=NOW - 10), gets("b")), "pending"),
        (of(says(), asks("a", at=NOW + 500)), "pending"),
    ],
)
def test_a_call_without_a_result(session: Session, outcome: str) -> None:
    assert [judged.verdict.outcome for judged in judge_calls(session, now=NOW) if judged.call.id == "a"] == [
        outcome
    ]


def test_turns_are_counted_from_the_persons_messages() -> None:
    harness = Message("", "user", "summary", "summary")
    session = of(asks("a"), says(), asks("b"), harness, asks("c"), says(), asks("d"))
    assert [judged.turn for judged in judge_calls(session, now=NOW)] == [-1, 0, 0, 1]


@pytest.mark.parametrize(
    ("ended", "followed", "age", "expected"),
    [
        (False, False, 0.0, ("pending", "no-result-yet")),
        (False, False, 3_599.0, ("pending", "no-result-yet")),
        (False, False, -5.0, ("pending", "no-result-yet")),
        (False, False, 3_600.0, ("interrupted", "no-result-old")),
        (False, False, None, ("interrupted", "no-result-old")),
        (True, False, 0.0, ("interrupted", "no-result-ended")),
        (False, True, 0.0, ("interrupted", "no-result-followed")),
        (True, True, None, ("interrupted", "no-result-followed")),
    ],
)
def test_why_a_call_has_no_result(
    ended: bool, followed: bool, age: float | None, expected: tuple[str, str]
) -> None:
    verdict = missing(ended, followed, age)
    assert (verdict.outcome, verdict.rule) == expected
    assert verdict.error_type == ""


def test_a_call_that_still_ran_gets_what_came_of_it() -> None:
    def uses(number: str, tool: str, arguments: str, result: str) -> tuple[Message, Message]:
        call = ToolCall(number, tool, arguments)
        asked = Message("", "assistant", "", "agent", (call,))
        return asked, Message("", "tool", result, "tool", call_id=number)

    running = "Wall time: 1 seconds\nProcess running with session ID {}\nOutput:\n"
    session = of(
        *uses("a", "exec_command", '{"cmd": "cargo test"}', running.format(7)),
        *uses("b", "exec_command", '{"cmd": "gh run watch"}', running.format(8)),
        *uses("c", "write_stdin", '{"session_id": 7, "chars": ""}', running.format(7)),
        *uses("d", "write_stdin", '{"session_id": 7}', "Process exited with code 1\nOutput:\nerror: no"),
    )
    calls = judge_calls(session, now=NOW)
    assert [call.verdict.rule for call in calls[:3]] == ["still-running"] * 3
    settled = settle(calls)
    assert [call.verdict.outcome for call in settled] == ["error", "unknown", "unknown", "error"]
    assert settled[0].result == calls[3].result
