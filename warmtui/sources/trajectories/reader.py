"""Trajectories: steps and chats in which a model acts in prose and a program answers in the user's role.

What a trajectory is, is decided by its shape: steps with an action and an observation, the fields that
SWE-agent and mini-swe-agent write, or observations that are marked as such. In all of them a text in the
user's role after the first answer is never the person's, but for the few sentences with which
mini-swe-agent hands on what the person typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from warmtui.model.session import Evidence, Problem, Usage
from warmtui.sources.content import read_content
from warmtui.sources.messages import Entry, role_of
from warmtui.sources.trajectories.actions import Said, call_entry, command_call, said_in

Form = Literal["swe-agent", "mini-swe-agent", "marked"]
"""Whose trajectory it is; `marked`: any program's that marks its observations."""

_MARKS = (
    "OBSERVATION:",
    "Observation:",
    "<observation>",
    "EXECUTION RESULT of [",
    "<tool_response>",
    "The output of the OS:",
)
"""How an observation in the user's role begins."""
_TEMPLATE = re.compile(
    r"<(?:pr_description|issue_description|uploaded_files|instructions|task_description)>"
    r"|Here's the issue text:|Please solve this issue:|We're currently solving|INSTRUCTIONS:"
    r"|\(Current directory: |Consider the following PR description|## Recommended Workflow"
)
"""Signs that a program wrapped the first request: a benchmark's issue, its rules, the state of its shell."""
_DEMONSTRATION = "Here is a demonstration of how to"
_PROMPT = re.compile(r"\n*\(Open file: [^\n]*\)\n\(Current directory: [^\n]*\)\n(?:bash-\$)?\s*\Z")
"""The prompt of SWE-agent's shell, which its history adds to every observation."""
_EXIT_CODE = re.compile(r"(?:<exception>[^<]{0,2000}</exception>\s*)?<returncode>(-?\d{1,9})</returncode>")
_CLOSING_CODE = re.compile(r"\[(?:The c|C)ommand (?:completed|finished) with exit code (-?\d{1,9})\.?\]")
_CLOSING_CHARACTERS = 600
_TYPED = (
    "Interrupted by user: ",
    "The user added a new task: ",
    "Commands not executed. The user rejected your commands with the following message: ",
    "Command not executed. The user rejected your command with the following message: ",
)
"""What mini-swe-agent puts before the words that the person typed."""
_REJECTED = ("Commands not executed. ", "Command not executed. ")
_NOT_RUN = "action was not executed"


class Trajectory(NamedTuple):
    """A trajectory as entries for the reader of messages."""

    entries: list[Entry]
    problems: tuple[Problem, ...] = ()


def steps_in(record: Mapping[str, Any]) -> list[Any] | None:
    """Return the entries of a record with SWE-agent's steps; None if it has none.

    The steps repeat what the history says and have the last observation too, so they are taken; from the
    history come the rows before the first step and the structured calls.
    """
    steps = record.get("trajectory")
    if not isinstance(steps, list) or not steps or not all(map(_is_step, steps)):
        return None
    history = [row for row in _rows(record.get("history")) if not _is_demonstration(row)]
    if not history:
        history = [*_rows(steps[0].get("query")), *_rows(steps[0].get("messages"))]
    said = [row for row in history if role_of(row) == "assistant"]
    entries: list[Any] = []
    for row in history:
        if role_of(row) == "assistant":
            break
        entries.append(row)
    known = [*said, *[{}] * len(steps)]
    for step, row in zip(steps, known, strict=False):
        calls = row.get("tool_calls") if row.get("action") == step["action"] else None
        entries.append({**step, "tool_calls": calls} if calls else step)
    return entries


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _is_step(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("action"), str) and "observation" in value


def _is_demonstration(row: Mapping[str, Any]) -> bool:
    if row.get("is_demo"):
        return True
    return role_of(row) == "user" and _text(row).startswith(_DEMONSTRATION)


def _text(row: Mapping[str, Any]) -> str:
    content = row.get("content", row.get("text", row.get("value")))
    return content if isinstance(content, str) else read_content(content).text


def form_of(entries: Sequence[Any], head: Mapping[str, Any]) -> Form | None:
    """Return which trajectory a session is; None for a chat."""
    if str(head.get("trajectory_format", "")).startswith("mini-swe-agent"):
        return "mini-swe-agent"
    marked = others = 0
    begun = False
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        if _is_swe_agent(entry):
            return "swe-agent"
        role = entry.get("role", entry.get("from"))
        if role in ("user", "human") and begun:
            text = _text(entry)
            if _EXIT_CODE.match(text):
                return "mini-swe-agent"
            if text.startswith(_MARKS):
                marked += 1
            else:
                others += 1
        elif role in ("assistant", "gpt", "ai"):
            if entry.get("tool_calls"):
                return None
            begun = True
        elif role == "tool":
            return None
    return "marked" if marked and marked >= others else None


def _is_swe_agent(row: Mapping[str, Any]) -> bool:
    if "agent" in row:
        return "message_type" in row or "action" in row or "is_demo" in row
    return _is_step(row) or ("text" in row and "cutoff_date" in row and "mask" in row)


def read_trajectory(entries: Iterable[Any], form: Form, *, place: str) -> Trajectory:
    """Turn a trajectory into entries: actions in prose become calls, observations their results.

    Demonstrations are left out. The first request is the program's where a template is seen around it.

    Args:
        entries: decoded rows or steps.
        form: as `form_of` found it.
        place: what problems are said to be in.
    """
    read: list[Entry] = []
    waiting: list[str] | None = None
    """Ids of the calls that wait for an observation; None before the first answer."""
    lost = 0
    for entry in entries:
        if not isinstance(entry, dict):
            read.append(Entry(entry))
        elif _is_step(entry):
            read += _read_step(entry)
            waiting = []
        elif _is_demonstration(entry):
            continue
        elif (role := role_of(entry)) == "assistant":
            value, waiting = _answer(entry, form)
            read.append(Entry(value))
        elif role == "user" and waiting is not None:
            lost += not waiting and _text(entry).startswith(_MARKS)
            read += _observed(entry, waiting)
            waiting = []
        elif role == "user":
            wrapped = _TEMPLATE.search(_text(entry)) is not None
            read.append(Entry(_plain(entry, "user"), origin="harness" if wrapped else None))
        elif role == "exit":
            read.append(Entry(_plain(entry, "user"), origin="harness"))
        elif role == "tool":
            evidence = _evidence(entry, _text(entry))
            text = _PROMPT.sub("", _text(entry)) if form == "swe-agent" else entry.get("content")
            read.append(Entry({**entry, "content": text}, evidence=evidence))
        else:
            read.append(Entry(_plain(entry, role or "") if role else entry))
    told = f"{lost} observation{'s' * (lost != 1)} without an action that could be read"
    return Trajectory(read, (Problem(place, told),) if lost else ())


def _plain(entry: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return a row as a chat has it."""
    text = _text(entry) or str(entry.get("system_prompt") or "")
    return {"timestamp": _time(entry), **entry, "role": role, "content": text, "parts": None}


def _time(entry: Mapping[str, Any]) -> Any:
    extra = entry.get("extra")
    return extra.get("timestamp") if isinstance(extra, dict) else None


def _read_step(step: Mapping[str, Any]) -> Iterator[Entry]:
    action, observation = str(step["action"]), step.get("observation")
    text = observation if isinstance(observation, str) else read_content(observation).text
    if action.startswith("exit_") and not step.get("response"):
        yield Entry({"role": "user", "content": step.get("thought") or action}, origin="harness")
        return
    calls = step.get("tool_calls") or ([command_call(action)] if action.strip() else [])
    thought = step.get("thought") if calls else step.get("response")
    yield Entry({"role": "assistant", "content": str(thought or "").strip(), "tool_calls": calls})
    if calls:
        answered = calls[0].get("id", "") if isinstance(calls[0], dict) else ""
        result = {"role": "tool", "tool_call_id": answered, "content": text}
        yield Entry(result, evidence=_evidence(step, text))
    elif text:
        yield Entry({"role": "user", "content": text}, origin="harness")


def _answer(entry: Mapping[str, Any], form: Form) -> tuple[dict[str, Any], list[str]]:
    """Return an answer of the model with its calls, and their ids."""
    calls = entry.get("tool_calls")
    extra = entry.get("extra")
    actions = extra.get("actions") if isinstance(extra, dict) else None
    text = _text(entry)
    action = entry.get("action")
    if isinstance(calls, list) and calls:
        said = Said(text, [call for call in calls if isinstance(call, dict)])
    elif isinstance(action, str) and action.strip():
        thought = entry.get("thought")
        said = Said(thought.strip() if isinstance(thought, str) else text, [command_call(action)])
    elif form == "swe-agent":
        said = said_in(text, swe_agent=True)
    else:
        said = said_in(text, only_shell=form == "mini-swe-agent")
        if isinstance(actions, list) and actions:
            given = [item for item in actions if isinstance(item, dict) and "command" in item]
            made = [
                call_entry("bash", {"command": item["command"]}, str(item.get("tool_call_id") or ""))
                for item in given
            ]
            said = Said(said.text, made)
    ids = [str(call.get("id") or "") for call in said.calls]
    return {**_plain(entry, "assistant"), "content": said.text, "tool_calls": said.calls}, ids


def _observed(entry: Mapping[str, Any], waiting: Sequence[str]) -> Iterator[Entry]:
    """Read a text in the user's role: what the action brought back, the program's words, or the person's."""
    text = _text(entry)
    typed = next((mark for mark in _TYPED if text.startswith(mark)), None)
    if text.startswith(_REJECTED):
        for call in waiting:
            result = {"role": "tool", "tool_call_id": call, "content": text}
            yield Entry(result, evidence=Evidence(denied=True))
        if typed is None:
            return
    if typed is not None:
        yield Entry({**_plain(entry, "user"), "content": text[len(typed) :]}, origin="person")
    elif waiting:
        result = {**_plain(entry, "tool"), "tool_call_id": waiting[0], "content": _PROMPT.sub("", text)}
        yield Entry(result, evidence=_evidence(entry, text))
    else:
        yield Entry(_plain(entry, "user"), origin="harness")


def _evidence(entry: Mapping[str, Any], text: str) -> Evidence | None:
    """Read the exit code that stands beside an observation, or in its frame."""
    extra = entry.get("extra")
    if isinstance(extra, dict):
        if extra.get("exception_info") == _NOT_RUN:
            return Evidence(interrupted=True)
        code = extra.get("returncode")
        if isinstance(code, int) and not isinstance(code, bool):
            return Evidence(exit_code=code)
    found = _EXIT_CODE.match(text) or _CLOSING_CODE.search(text, max(0, len(text) - _CLOSING_CHARACTERS))
    return Evidence(exit_code=int(found[1])) if found else None


def usage_of(head: Mapping[str, Any]) -> Usage | None:
    """Return the tokens and the cost that a trajectory's `info.model_stats` counts; None without any."""
    info = head.get("info")
    stats = info.get("model_stats") if isinstance(info, dict) else None
    if not isinstance(stats, dict):
        return None
    sent, received = _count(stats.get("tokens_sent")), _count(stats.get("tokens_received"))
    cost = stats.get("instance_cost")
    cost = float(cost) if isinstance(cost, (int, float)) and not isinstance(cost, bool) and cost > 0 else None
    return Usage(sent, received, cost_usd=cost) if sent or received or cost else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
