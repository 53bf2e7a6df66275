"""Sessions written down in a few lines, with their calls judged as told."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from warmtui.analysis.tools import HOUSEKEEPING
from warmtui.model.outcome import JudgedCall, Outcome, Verdict
from warmtui.model.session import Message, Origin, Session, SessionHeader, ToolCall


class Made(NamedTuple):
    session: Session
    calls: tuple[JudgedCall, ...]


class Call(NamedTuple):
    tool: str
    arguments: str
    result: str
    outcome: Outcome


class Said(NamedTuple):
    text: str
    origin: Origin
    calls: tuple[Call, ...] = ()


def person(text: str) -> Said:
    return Said(text, "person")


def agent(text: str = "", *calls: Call) -> Said:
    return Said(text, "agent", calls)


def call(tool: str, arguments: dict[str, Any] | str, result: str = "", outcome: Outcome = "ok") -> Call:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return Call(tool, text, result, outcome)


def shell(command: str, result: str = "", outcome: Outcome = "ok") -> Call:
    return call("terminal", {"command": command}, result, outcome)


def made(*said: Said, cwd: str | None = "/home/dev/shop") -> Made:
    """Build a session; message ids are m0, m1, … in order, results included."""
    messages: list[Message] = []
    judged: list[JudgedCall] = []
    turn = -1
    for one in said:
        turn += one.origin == "person"
        position = len(messages)
        calls = [
            ToolCall(f"call_{position}_{i}", each.tool, each.arguments) for i, each in enumerate(one.calls)
        ]
        role = "assistant" if one.origin == "agent" else "user"
        messages.append(Message(f"m{position}", role, one.text, one.origin, tuple(calls)))
        for made_call, each in zip(calls, one.calls, strict=True):
            at = len(messages)
            result = Message(f"m{at}", "tool", each.result, "tool", (), made_call.id, each.tool)
            messages.append(result)
            verdict = Verdict(each.outcome, "as-told", "The test says so.")
            house = each.tool in HOUSEKEEPING
            judged.append(JudgedCall(made_call, f"m{position}", position, turn, result, at, verdict, house))
    return Made(Session(SessionHeader("s", "hermes", "x", cwd=cwd), tuple(messages)), tuple(judged))
