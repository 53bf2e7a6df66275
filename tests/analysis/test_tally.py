"""Figures counted in one pass: the same as those of calls that were paired and judged first."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.summary import summarise, summary_of
from warmtui.analysis.tally import WORDS, Tally
from warmtui.model.session import Evidence, Message, Origin, Session, SessionHeader, ToolCall
from warmtui.model.summary import Figures
from warmtui.sources.hermes import HermesDatabase

NOW = 1_000_000.0
RESULTS = (
    '{"output": "", "exit_code": 0, "error": null}',
    '{"output": "boom", "exit_code": 2, "error": null}',
    '{"output": "3 failed, 1 passed in 0.1s", "exit_code": 1, "error": null}',
    '{"error": "BLOCKED: the user denied this"}',
    "plain words",
    "Error: no such file",
    "",
)
TOOLS = ("terminal", "terminal", "read_file", "todo", "memory", "web_search")


def tallied(session: Session, pieces: int = 1, *, strict: bool = False) -> Figures:
    tally = Tally(findings_are_errors=strict)
    size = max(1, len(session.messages) // pieces)
    for start in range(0, len(session.messages), size):
        tally.add(session.messages[start : start + size])
    return tally.figures(ended=session.header.ended_at is not None, now=NOW)


def random_session(seed: int) -> Session:
    """Make a session with everything that goes wrong: ids used again, lost, or missing."""
    dice = random.Random(seed)
    messages: list[Message] = []
    ids = [f"c{number}" for number in range(6)] + ["", "call_0"]
    for number in range(dice.randrange(1, 40)):
        at = NOW - dice.choice((10.0, 10_000.0))
        kind = dice.random()
        if kind < 0.35:
            calls = tuple(
                ToolCall(
                    dice.choice(ids), dice.choice(TOOLS), dice.choice(('{"command": "make"}', "{}", "x"))
                )
                for _ in range(dice.randrange(1, 4))
            )
            messages.append(Message(str(number), "assistant", "", "agent", calls, at=at))
        elif kind < 0.85:
            evidence = dice.choice((None, None, None, Evidence(exit_code=1), Evidence(is_error=True)))
            words = dice.choice(RESULTS)
            messages.append(
                Message(str(number), "tool", words, "tool", (), dice.choice(ids), at=at, evidence=evidence)
            )
        else:
            origins: tuple[Origin, ...] = ("person", "harness")
            messages.append(Message(str(number), "user", f"words {number}", dice.choice(origins), at=at))
    ended = dice.choice((None, NOW))
    return Session(SessionHeader("s", "hermes", "x.db", ended_at=ended), tuple(messages))


@pytest.mark.parametrize("seed", range(300))
def test_one_pass_counts_what_pairing_and_judging_count(seed: int) -> None:
    session = random_session(seed)
    strict = bool(seed % 2)
    expected = summarise(session, judge_calls(session, now=NOW, findings_are_errors=strict))
    for pieces in (1, 3, 50):
        figures = tallied(session, pieces, strict=strict)
        assert summary_of(session.header, figures) == expected


def test_recorded_sessions_count_the_same(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    seen = 0
    for session in source.read([header.id for header in source.listing().headers]):
        calls = judge_calls(session, now=NOW)
        figures = tallied(session, 4)
        assert summary_of(session.header, figures) == summarise(session, calls)
        assert figures.tools == frozenset(one.call.tool for one in calls)
        seen += figures.calls
    source.close()
    assert seen > 100


def test_the_persons_first_words_are_kept_short() -> None:
    messages = (
        Message("1", "user", "a harness prompt", "harness"),
        Message("2", "user", "w" * 1_000, "person"),
        Message("3", "user", "later", "person"),
    )
    figures = tallied(Session(SessionHeader("s", "hermes", "x.db"), messages))
    assert figures.words == "w" * WORDS


def test_an_id_that_is_used_for_every_call_costs_no_more_than_others() -> None:
    calls = tuple(ToolCall("call_0", "terminal", str(number)) for number in range(20_000))
    messages = [Message(str(number), "assistant", "", "agent", (call,)) for number, call in enumerate(calls)]
    figures = tallied(Session(SessionHeader("s", "hermes", "x.db"), tuple(messages)))
    assert (figures.calls, figures.interrupted) == (20_000, 20_000)
