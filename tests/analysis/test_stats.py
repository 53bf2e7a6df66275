"""Figures counted from judged calls."""

from __future__ import annotations

import time
from pathlib import Path

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.stats import count
from warmtui.model.session import Message, Session, SessionHeader, ToolCall
from warmtui.sources.hermes.database import HermesDatabase

NOW = 2_000_000_000.0


def test_the_parts_add_up(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    for session in source.read([header.id for header in source.listing().headers]):
        calls = judge_calls(session, now=NOW)
        stats = count(session, calls)
        counted = stats.ok + stats.errors + stats.denied + stats.interrupted + stats.unknown + stats.pending
        assert counted == stats.calls - stats.housekeeping
        assert stats.tools == frozenset(call.call.tool for call in calls)
        assert (stats.score is None) == (stats.ok + stats.errors < 5)
    source.close()


def test_the_persons_first_words_are_kept_short() -> None:
    messages = (
        Message("1", "user", "a harness prompt", "harness"),
        Message("2", "user", "w" * 1_000, "person"),
        Message("3", "user", "later", "person"),
    )
    assert count(Session(SessionHeader("s", "hermes", "x.db"), messages), ()).words == "w" * 400


def test_an_id_that_is_used_for_every_call_costs_no_more_than_others() -> None:
    def seconds(same: bool) -> float:
        calls = [
            ToolCall("call_0" if same else f"c{number}", "terminal", str(number)) for number in range(20_000)
        ]
        messages = [
            Message(str(number), "assistant", "", "agent", (call,)) for number, call in enumerate(calls)
        ]
        session = Session(SessionHeader("s", "hermes", "x.db"), tuple(messages))
        start = time.process_time()
        stats = count(session, judge_calls(session, now=NOW))
        assert (stats.calls, stats.interrupted) == (20_000, 20_000)
        return time.process_time() - start

    assert seconds(same=True) < 10 * seconds(same=False)
