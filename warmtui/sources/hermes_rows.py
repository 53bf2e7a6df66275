"""Hermes' stored rows as messages: its content encoding, its calls, and who really wrote what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from warmtui.model.session import Message, Origin, Problem, SessionKind, StoredMessage, ToolCall
from warmtui.sources.lineage import SUMMARY_PREFIXES, Row
from warmtui.sources.text import JSON_ERRORS, dumps, loads, parts_text, stored_text, without_surrogates

JSON_CONTENT = "\x00json:"
"""Prefix of content that is a list of parts (Hermes' `_CONTENT_JSON_PREFIX`)."""
HARNESS_PREFIXES = (
    "Review the conversation above and update the skill library",
    "Review the conversation above and consider saving to memory",
)
"""How prompts begin that Hermes itself writes in the user's role (`hermes_state.py`, 0.19.0)."""
_ORIGINS: dict[str, Origin] = {"assistant": "agent", "tool": "tool", "system": "system"}


def row_of(stored: Sequence[Any]) -> Row:
    """Return a stored row with the types that `Row` promises: an SQLite column holds values of any type.

    Bytes and numbers in place of text become text. A time that is not a number stays as it is stored;
    `messages_of` reports it.

    Args:
        stored: the columns of `Row` in their order.
    """
    number, session, role, content, calls, call_id, tool, at, active, compacted = stored
    return Row(
        number,
        session,
        _text(role),
        _text(content),
        _text(calls),
        _text(call_id),
        _text(tool),
        at,
        active,
        compacted,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else stored_text(value)


def messages_of(
    rows: Iterable[Row | tuple[Any, ...]],
    *,
    delegated: bool,
    place: str,
    goals: set[str] | None = None,
) -> tuple[tuple[Message, ...], tuple[Problem, ...]]:
    """Turn rows into messages.

    Args:
        rows: the rows that count, in order.
        delegated: whether the session works for another agent, so that no user row is the person's.
        place: what problems are said to be in, `state.db: session s1`.
        goals: what earlier rows of the session handed to subagents; more is added.

    Returns:
        The messages, and what of them could not be read as it was meant.
    """
    messages: list[Message] = []
    problems: list[Problem] = []
    goals = set() if goals is None else goals
    new = tuple.__new__  # half the cost of Message(…), which millions of rows feel
    for number, _, role, content, stored_calls, call_id, tool, at, _, _ in rows:
        if at is not None and not isinstance(at, (float, int)):
            problems.append(Problem(f"{place}: message {number}", "its time is not a number; left out"))
            at = None
        if (
            role == "tool"
            and type(content) is str
            and not stored_calls
            and content.isascii()
            and content[:1] != "\0"
        ):  # most rows: nothing in them wants a closer look
            result = (str(number), role, content, "tool", (), call_id or "", tool or "", at, None)
            messages.append(new(Message, result))
            continue
        text = content or ""
        if type(text) is not str:
            text = stored_text(text)
        if not text.isascii():
            clean = without_surrogates(text)
            if clean != text:
                problems.append(
                    Problem(f"{place}: message {number}", "lone surrogates were replaced by U+FFFD")
                )
                text = clean
        if text.startswith(JSON_CONTENT):
            try:
                text = without_surrogates(parts_text(loads(text[len(JSON_CONTENT) :])))
            except JSON_ERRORS:
                problems.append(
                    Problem(f"{place}: message {number}", "its parts are not JSON; shown as stored")
                )
        calls: tuple[ToolCall, ...] = ()
        if stored_calls:
            calls, trouble = parse_calls(stored_calls)
            if trouble:
                problems.append(Problem(f"{place}: message {number}", trouble))
            if "delegate_task" in stored_calls:
                goals.update(_goals(calls))
        origin = _ORIGINS.get(role or "user")
        if origin is None:
            origin = _user_origin(text, delegated, goals)
        elif text.startswith("[CONTEXT") and text.startswith(SUMMARY_PREFIXES):
            origin = "summary"
        fields = (str(number), role or "user", text, origin, calls, call_id or "", tool or "", at, None)
        messages.append(new(Message, fields))
    return tuple(messages), tuple(problems)


def message_of(
    row: StoredMessage, *, delegated: bool, place: str, goals: set[str]
) -> tuple[Message, tuple[Problem, ...]]:
    """Turn one row of a pass over a whole history into a message; see `messages_of`."""
    number, session, role, content, calls, call_id, at, active = row
    whole = (number, session, role, content, calls, call_id, "", at, active, 0)
    messages, problems = messages_of([whole], delegated=delegated, place=place, goals=goals)
    return messages[0], problems


def _user_origin(text: str, delegated: bool, goals: set[str]) -> Origin:
    if text.startswith(SUMMARY_PREFIXES):
        return "summary"
    if delegated or text.startswith(HARNESS_PREFIXES) or (goals and text.strip() in goals):
        return "harness"
    return "person"


def _goals(calls: tuple[ToolCall, ...]) -> Iterable[str]:
    """Goals handed to subagents: Hermes writes them into the parent's rows in the user's role."""
    for call in calls:
        if call.tool == "delegate_task":
            try:
                arguments = loads(call.arguments)
            except JSON_ERRORS:
                continue
            tasks = [arguments, *(arguments.get("tasks") or ())] if isinstance(arguments, dict) else []
            for task in tasks:
                if isinstance(task, dict) and isinstance(task.get("goal"), str):
                    yield task["goal"].strip()


def parse_calls(raw: str | bytes | list[Any]) -> tuple[tuple[ToolCall, ...], str]:
    """Read the calls of one assistant message.

    Args:
        raw: JSON text in the OpenAI shape, or that list already decoded.

    Returns:
        The calls that could be read, and what was wrong with the others ("" when nothing was).
        Arguments keep their original text; an object in their place is written out as JSON.
    """
    try:
        entries: Any = raw if isinstance(raw, list) else loads(raw)
    except JSON_ERRORS:
        return (), "its tool calls are not JSON; they are left out"
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, list):
        return (), "its tool calls are not a list; they are left out"
    calls: list[ToolCall] = []
    bad = 0
    new = tuple.__new__
    for entry in entries:
        try:
            function = entry["function"]
            tool, arguments = function["name"], function.get("arguments")
            identity = entry.get("id") or entry.get("call_id") or ""
            if type(tool) is not str:
                raise TypeError
        except (KeyError, TypeError, AttributeError):
            bad += 1
            continue
        if type(arguments) is not str:
            arguments = "{}" if arguments is None else dumps(arguments)
        if not (tool.isascii() and arguments.isascii()):
            tool, arguments = without_surrogates(tool), without_surrogates(arguments)
        if type(identity) is not str or not identity.isascii():
            identity = without_surrogates(str(identity))
        calls.append(new(ToolCall, (identity, tool, arguments)))
    return tuple(calls), f"{bad} of its tool calls could not be read" if bad else ""


def session_kind(parent: str | None, parent_end: str | None, config: object, channel: object) -> SessionKind:
    """Tell how a session began, by the marks that Hermes' own pickers go by."""
    marks: dict[str, Any] = {}
    if isinstance(config, str) and "_from" in config:
        try:
            loaded = loads(config)
        except JSON_ERRORS:
            loaded = None
        marks = loaded if isinstance(loaded, dict) else {}
    if marks.get("_delegate_from") or channel == "subagent":
        return "subagent"
    if marks.get("_branched_from"):
        return "branch"
    if parent is None:
        return "root"
    if parent_end == "compression":
        return "continuation"
    return "branch" if parent_end == "branched" else "subagent"
