"""The command that prints one session as it was read: text, Markdown or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.main import complete_sessions
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError
from warmtui.model.outcome import SIGNS
from warmtui.text import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warmtui.model.outcome import JudgedCall
    from warmtui.model.session import Message, Origin
    from warmtui.workspace.reader import JudgedSession

ORIGINS: dict[Origin, str] = {
    "person": "person",
    "agent": "agent",
    "tool": "tool",
    "system": "system",
    "harness": "program",
    "summary": "program",
}
"""Who wrote a message, in the words of `warmtui.transcript/1`; an agent's own prompts are the program's."""
_FENCE = re.compile(r"`{3,}")


@click.command("transcript")
@click.argument("session", shell_complete=complete_sessions)
@click.option("--markdown", is_flag=True, help="As Markdown.")
@json_option
@common
def transcript_command(session: str, markdown: bool, as_json: bool) -> None:
    """Print all of one SESSION as it was read: who said what, each call with its outcome and result.

    Nothing is masked: look through it before you share it.
    """
    if markdown and as_json:
        raise UsageError("--markdown and --json exclude each other", "give one of them")
    judged = run(lambda workspace: workspace.sessions.get(session))
    if as_json:
        output.print_json(_transcript_json(judged))
        return
    for text in _markdown(judged) if markdown else _text(judged):
        output.line(text)
    for problem in judged.problems:
        output.note(f"warmtui: {problem.place}: {problem.text}")


def _transcript_json(judged: JudgedSession) -> dict[str, Any]:
    session = judged.session
    header, usage = session.header, session.usage
    calls = _calls_by_position(judged)
    return {
        "schema": "warmtui.transcript/1",
        "session": {
            "id": header.id,
            "agent": header.agent,
            "kind": header.kind,
            "channel": header.channel,
            "title": header.title,
            "model": header.model,
            "cwd": header.cwd,
            "started_at": iso(header.started_at),
            "last_active_at": iso(header.last_active_at),
            "parent_id": header.parent_id,
            "system_prompt": session.system_prompt,
            "tokens": None if usage is None else usage.tokens,
            "cost_usd": None if usage is None else usage.cost_usd,
        },
        "messages": [
            {
                "position": position,
                "role": message.role,
                "origin": ORIGINS[message.origin],
                "at": iso(message.at),
                "text": message.text,
                "calls": [_call_json(call) for call in calls.get(position, ())],
            }
            for position, message in enumerate(session.messages)
        ],
        "problems": [f"{problem.place}: {problem.text}" for problem in judged.problems],
    }


def _call_json(judged: JudgedCall) -> dict[str, Any]:
    return {
        "id": judged.call.id,
        "tool": judged.call.tool,
        "arguments": judged.call.arguments,
        "outcome": judged.verdict.outcome,
        "rule": judged.verdict.rule,
        "reason": judged.verdict.reason,
        "result": None if judged.result is None else judged.result.text,
    }


def _calls_by_position(judged: JudgedSession) -> dict[int, list[JudgedCall]]:
    calls: dict[int, list[JudgedCall]] = {}
    for call in judged.calls:
        calls.setdefault(call.position, []).append(call)
    return calls


def _told(judged: JudgedSession) -> Iterator[tuple[Message, list[JudgedCall]]]:
    """The messages with their calls; results that a call shows are left out as messages of their own."""
    calls = _calls_by_position(judged)
    shown = {call.result_index for call in judged.calls}
    for position, message in enumerate(judged.session.messages):
        if position not in shown:
            yield message, calls.get(position, [])


def _text(judged: JudgedSession) -> Iterator[str]:
    header = judged.session.header
    about = (header.id, header.agent, header.channel, header.model, header.cwd, iso(header.started_at))
    yield output.style(header.title or header.id, bold=True)
    yield " · ".join(part for part in about if part)
    for message, calls in _told(judged):
        yield ""
        yield output.style(f"{ORIGINS[message.origin]}{_at(message)}", bold=True)
        if message.text:
            yield message.text
        for call in calls:
            verdict = call.verdict
            yield f"{SIGNS[verdict.outcome]} {call.call.tool} {call.call.arguments}"
            yield output.style(f"  {verdict.outcome}: {verdict.reason}", dim=True)
            if call.result is not None and call.result.text:
                yield "\n".join(f"  {row}" for row in call.result.text.splitlines())


def _at(message: Message) -> str:
    at = iso(message.at)
    return f" · {at}" if at else ""


def _markdown(judged: JudgedSession) -> Iterator[str]:
    header = judged.session.header
    yield f"# {header.title or header.id}"
    yield ""
    for name, value in (
        ("session", header.id),
        ("agent", header.agent),
        ("channel", header.channel),
        ("model", header.model),
        ("folder", header.cwd),
        ("started", iso(header.started_at)),
    ):
        if value:
            yield f"- {name}: {value}"
    for message, calls in _told(judged):
        yield ""
        yield f"## {ORIGINS[message.origin].capitalize()}"
        if message.text:
            yield ""
            yield message.text
        for call in calls:
            yield ""
            yield f"**{call.call.tool}**: {call.verdict.outcome} ({call.verdict.reason})"
            yield _fenced(call.call.arguments, "json")
            if call.result is not None and call.result.text:
                yield _fenced(call.result.text)


def _fenced(text: str, language: str = "") -> str:
    """Return a text as a Markdown code block, whatever fences it holds itself."""
    longest = max((len(fence) for fence in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"\n{fence}{language}\n{text}\n{fence}"
