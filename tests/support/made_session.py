"""Sessions written down in a few lines, with their calls judged as told."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.tools import is_housekeeping
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
    findings: bool = False


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


def call_of(row: dict[str, Any]) -> Call:
    """Build a call of a table: `run` is a command line; `tool` and `with` are any tool and its arguments."""
    tool, arguments = ("terminal", {"command": row["run"]}) if "run" in row else (row["tool"], row["with"])
    outcome = row.get("outcome", "error" if "fails" in row else "ok")
    made_call = call(tool, arguments, row.get("fails", row.get("gives", "")), outcome)
    return made_call._replace(findings=row.get("findings", False))


def session_of(rows: list[dict[str, Any]]) -> Made:
    """Build a session of a table: `person` or `agent` says something; a call alone is the agent's too."""
    said = []
    for row in rows:
        if "person" in row:
            said.append(person(row["person"]))
        else:
            calls = row.get("calls", ()) if "agent" in row else [row]
            said.append(agent(row.get("agent", ""), *map(call_of, calls)))
    return made(*said)


def made(*said: Said, cwd: str | None = "/home/dev/shop") -> Made:
    """Build a session; message ids are m0, m1, … in order, results included."""
    messages: list[Message] = []
    judged: list[JudgedCall] = []
    turn = -1
    for words in said:
        turn += words.origin == "person"
        position = len(messages)
        calls = [
            ToolCall(f"call_{position}_{i}", call.tool, call.arguments) for i, call in enumerate(words.calls)
        ]
        role = "assistant" if words.origin == "agent" else "user"
        messages.append(Message(f"m{position}", role, words.text, words.origin, tuple(calls)))
        for made_call, call in zip(calls, words.calls, strict=True):
            at = len(messages)
            result = Message(f"m{at}", "tool", call.result, "tool", (), made_call.id, call.tool)
            messages.append(result)
            error_type = error_type_of(call.result) if call.outcome == "error" else ""
            verdict = Verdict(call.outcome, "as-told", "The test says so.", call.findings, error_type)
            house = is_housekeeping(call.tool)
            judged.append(JudgedCall(made_call, f"m{position}", position, turn, result, at, verdict, house))
    return Made(Session(SessionHeader("s", "hermes", "x", cwd=cwd), tuple(messages)), tuple(judged))
