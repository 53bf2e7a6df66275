"""Messages in the OpenAI chat shape, as many programs log them: lenient about what each leaves out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from warmtui.model.session import Evidence, Message, Origin, Problem, Session, SessionHeader, ToolCall
from warmtui.sources.text import JSON_ERRORS, dumps, loads, parts_text, without_surrogates
from warmtui.text import in_calendar

_ORIGINS: dict[str, Origin] = {
    "user": "person",
    "assistant": "agent",
    "tool": "tool",
    "function": "tool",
    "system": "system",
    "developer": "system",
}
MILLISECONDS_FROM = 100_000_000_000
"""A time above this is in milliseconds: as seconds it would be past the year 5138."""


class ReadMessages(NamedTuple):
    """The messages of one session, and what of them could not be read as it was meant."""

    messages: tuple[Message, ...]
    problems: tuple[Problem, ...]


def time_of(value: object) -> float | None:
    """Read a time: Unix seconds or milliseconds, or ISO 8601 (taken as UTC without an offset)."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return in_calendar(value / 1000 if MILLISECONDS_FROM < value < 1e300 else value)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    return None


def text_of(value: object) -> str | None:
    """Read a short text of a session's head; anything but a text that holds something is None."""
    return without_surrogates(value) if isinstance(value, str) and value.strip() else None


def header_of(record: dict[str, Any], *, session: str, source: str) -> SessionHeader:
    """Read a session's head.

    Args:
        record: the decoded session, with `messages`.
        session: the id it is known by.
        source: the resolved path of its file.
    """
    rows = [row for row in record["messages"] if isinstance(row, dict)]
    started = _first_time(record, "started_at", "created_at", "created", "timestamp")
    first = next((at for at in map(_message_time, rows) if at is not None), None)
    last = next((at for at in map(_message_time, reversed(rows)) if at is not None), None)
    started = first if started is None else started
    return SessionHeader(
        id=session,
        agent="openai",
        source=source,
        channel=text_of(record.get("channel")),
        title=text_of(record.get("title")),
        model=text_of(record.get("model")),
        started_at=started,
        last_active_at=started if last is None else last,
        cwd=text_of(record.get("cwd")),
        rows=len(record["messages"]),
    )


def _first_time(record: dict[str, Any], *names: str) -> float | None:
    return next((at for name in names if (at := time_of(record.get(name))) is not None), None)


def _message_time(row: dict[str, Any]) -> float | None:
    return _first_time(row, "timestamp", "created_at", "created")


def session_of(record: dict[str, Any], header: SessionHeader, *, place: str) -> Session:
    """Read a whole session; its first system message is its system prompt and stays a message.

    Args:
        record: the decoded session, with `messages`.
        header: its head.
        place: what problems are said to be in, `log.jsonl: line 3`.
    """
    messages, problems = read_messages(record["messages"], place=place)
    prompt = next((message.text for message in messages if message.origin == "system"), "")
    return Session(header, messages, prompt, problems=problems)


def read_messages(entries: list[Any], *, place: str) -> ReadMessages:
    """Read messages in the OpenAI chat shape.

    Content may be a text, a list of parts or null; arguments a text or an object; calls may be
    `tool_calls`, custom ones, or the older `function_call` that is answered by the role `function`.
    Ids may be missing: such a call is answered by the results that follow it, in their order.

    Args:
        entries: the decoded list.
        place: what problems are said to be in.
    """
    messages: list[Message] = []
    problems: list[Problem] = []
    ids = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    own_ids = all(isinstance(own, (str, int)) and own != "" for own in ids) and len(set(ids)) == len(entries)
    known: set[str] = set()
    """Ids of the calls so far."""
    for number, entry in enumerate(entries, 1):
        where = f"{place}, message {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("role"), str):
            what = "has no role" if isinstance(entry, dict) else "is no object"
            problems.append(Problem(where, f"it {what}; left out"))
            continue
        message, troubles = _message(entry, str(entry["id"]) if own_ids else str(number))
        problems += [Problem(where, trouble) for trouble in troubles]
        known.update(call.id for call in message.calls)
        if message.call_id and message.call_id not in known:
            # answers a call whose own id was not logged
            message = message._replace(call_id="")
        messages.append(message)
    return ReadMessages(tuple(messages), tuple(problems))


def _message(entry: dict[str, Any], own_id: str) -> tuple[Message, list[str]]:
    troubles: list[str] = []
    role = entry["role"]
    origin = _ORIGINS.get(role)
    if origin is None:
        troubles.append(f"its role {role[:40]!r} is unknown; taken as the program's own words")
    try:
        text = parts_text(entry.get("content"))
    except RecursionError:
        text = ""
        troubles.append("its content is nested too deeply; left out")
    if not text and isinstance(entry.get("refusal"), str):
        text = entry["refusal"]
    calls, trouble = _calls(entry)
    if trouble:
        troubles.append(trouble)
    strings = (text, role, own_id, *(part for call in calls for part in call))
    if any(without_surrogates(string) != string for string in strings):
        troubles.append("lone surrogates were replaced by U+FFFD")
        text = without_surrogates(text)
        calls = tuple(ToolCall(*map(without_surrogates, call)) for call in calls)
    call_id, tool, failed = entry.get("tool_call_id"), entry.get("name"), entry.get("is_error")
    return (
        Message(
            without_surrogates(own_id),
            "tool" if role == "function" else without_surrogates(role),
            text,
            origin or "harness",
            calls,
            without_surrogates(call_id) if isinstance(call_id, str) and origin == "tool" else "",
            without_surrogates(tool) if isinstance(tool, str) and origin == "tool" else "",
            _message_time(entry),
            Evidence(is_error=failed) if isinstance(failed, bool) and origin == "tool" else None,
        ),
        troubles,
    )


def _calls(entry: dict[str, Any]) -> tuple[tuple[ToolCall, ...], str]:
    raw = entry.get("tool_calls") or entry.get("function_call")
    if isinstance(raw, str):
        try:
            raw = loads(raw)
        except JSON_ERRORS:
            return (), "its tool calls are not JSON; they are left out"
    if not raw:
        return (), ""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        return (), "its tool calls are not a list; they are left out"
    calls: list[ToolCall] = []
    bad = 0
    for entry_call in raw:
        call = _call(entry_call)
        if call is None:
            bad += 1
        else:
            calls.append(call)
    return tuple(calls), f"{bad} of its tool calls could not be read" if bad else ""


def _call(raw: object) -> ToolCall | None:
    if not isinstance(raw, dict):
        return None
    inner = next((raw[key] for key in ("function", "custom") if isinstance(raw.get(key), dict)), raw)
    name = inner.get("name")
    if not isinstance(name, str) or not name:
        return None
    arguments = inner.get("arguments", inner.get("input"))
    if arguments is None:
        arguments = "{}"
    elif not isinstance(arguments, str):
        try:
            arguments = dumps(arguments)
        except JSON_ERRORS:
            return None
    own_id = raw.get("id") or raw.get("call_id")
    return ToolCall(own_id if isinstance(own_id, str) else "", name, arguments)
