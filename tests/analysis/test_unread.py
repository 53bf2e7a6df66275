"""What was not understood: counted in a session, summed up over many."""

from __future__ import annotations

import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.stats import count
from warmtui.analysis.unread import not_understood, summarize
from warmtui.model.session import (
    Evidence,
    Message,
    Problem,
    Session,
    SessionHeader,
    SessionProblems,
    ToolCall,
)

SOURCE = "x.jsonl"
PARTS = "5 parts of unknown type 'x'; not read"


def result(call_id: str, evidence: Evidence | None = None) -> Message:
    return Message(f"r{call_id}", "tool", "done", "tool", call_id=call_id, evidence=evidence)


@pytest.mark.parametrize(
    ("results", "told", "unread"),
    [
        ((result("a"), result("b")), [], 0),
        ((result("a"), result("b"), result("c"), result("a")), ["2 results answer no call"], 2),
        ((result("z"),), ["1 result answers no call"], 1),
        (
            (
                result("a", Evidence(undecided="result-not-kept")),
                result("b", Evidence(undecided="shared-result")),
            ),
            ["1 call has no result in this format", "1 call shares its result with others"],
            2,
        ),
    ],
)
def test_results_without_a_call_and_calls_without_a_result_are_told(
    results: tuple[Message, ...], told: list[str], unread: int
) -> None:
    calls = (ToolCall("a", "bash", "{}"), ToolCall("b", "bash", "{}"))
    messages = (Message("1", "assistant", "", "agent", calls), *results)
    mine = Problem(f"{SOURCE}: line 3", "2 parts of unknown type 'x'; not read")
    session = Session(SessionHeader("s", "openai", SOURCE), messages, problems=(mine,))
    judged = judge_calls(session, now=0.0)
    assert not_understood(session, judged) == (
        mine,
        *(Problem(f"{SOURCE}: session s", text) for text in told),
    )
    assert count(session, judged).unread == 2 + unread


def test_many_sessions_are_summed_up_by_kind() -> None:
    def session(name: str, *texts: str, readable: bool = True) -> SessionProblems:
        problems = tuple(Problem(f"{SOURCE}: session {name}", text) for text in texts)
        return SessionProblems(SOURCE, name, readable, problems)

    sessions = [
        session("a", "3 results answer no call", "it is no object"),
        session("b", "13 results answer no call", PARTS),
        session("c", "1 result answers no call"),
        session("b", "2 parts of unknown type 'yy'; not read"),
        session("lost", "it is damaged", readable=False),
        session("gone", "it is damaged", readable=False),
    ]
    summed = "things in {} were not understood, such as “{}”; profiles name them"
    assert summarize(sessions) == [
        Problem(SOURCE, f"17 {summed.format('3 sessions', '3 results answer no call')}"),
        Problem(f"{SOURCE}: session a", "it is no object"),
        Problem(SOURCE, f"7 {summed.format('session b', PARTS)}"),
        Problem(f"{SOURCE}: session lost", "it is damaged"),
        Problem(f"{SOURCE}: session gone", "it is damaged"),
    ]
