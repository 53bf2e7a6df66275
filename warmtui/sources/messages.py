"""The one reader of messages and tool calls, whatever dialect a program logged them in.

A source brings each of its records into the shape of a decoded chat message and hands them here.
OpenAI chats, Anthropic blocks, items of the Responses API, LangChain, the Vercel AI SDK, Gemini and
ShareGPT differ in the names of the same few things: who speaks, what is said, which tool is called with
what, and which call a result answers. This module knows those names, and nothing else does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from warmtui.model.session import Evidence, Message, Origin, Problem, ToolCall
from warmtui.sources.calls import ITEMS, CallIds, first_text, read_call, read_calls
from warmtui.sources.content import Content, Result, read_content, read_tagged, result_text
from warmtui.text import in_calendar, without_surrogates

ORIGINS: Mapping[str, Origin] = {
    "user": "person",
    "assistant": "agent",
    "tool": "tool",
    "system": "system",
}
_ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "AIMessageChunk": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "gemini": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "system": "system",
    "developer": "system",
}
"""What each dialect calls the one who speaks."""
MILLISECONDS_FROM = 100_000_000_000
"""A time above this is in milliseconds: as seconds it would be past the year 5138."""


class Entry(NamedTuple):
    """A decoded message, with what its source knows about it from elsewhere in its records."""

    value: Any
    id: str = ""
    """The source's own row id."""
    origin: Origin | None = None
    """Who wrote its words; None for what its role says."""
    evidence: Evidence | None = None
    """Signs of the outcome of the call that it answers."""


class ReadMessages(NamedTuple):
    """The messages of one session, and what of them could not be read as it was meant."""

    messages: tuple[Message, ...]
    problems: tuple[Problem, ...]


def role_of(entry: Mapping[str, Any]) -> str | None:
    """Return who speaks in a decoded message: `user`, `assistant`, `tool` or `system`.

    Returns:
        An unknown role as it stands, None where there is none.
    """
    raw = entry.get("role")
    if raw is None and isinstance(entry.get("info"), dict):  # opencode
        raw = entry["info"].get("role")
    if raw is None:
        raw = entry.get("from")  # ShareGPT
    if raw is None:
        kind = entry.get("type")  # Responses items, LangChain, Gemini CLI
        raw = ITEMS.get(kind, kind) if isinstance(kind, str) else None
    return _ROLES.get(raw, raw) if isinstance(raw, str) and raw else None


def is_message(entry: object) -> bool:
    """Whether a decoded value is a message of any dialect, by a role or type that is known."""
    return isinstance(entry, dict) and (
        role_of(entry) in ORIGINS or (isinstance(entry.get("role"), str) and "content" in entry)
    )


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


def message_time(entry: Mapping[str, Any]) -> float | None:
    """Return the time of a decoded message, Unix seconds; None without one."""
    for name in ("timestamp", "created_at", "created", "createdAt", "time"):
        value = entry.get(name)
        at = time_of(value.get("created") if isinstance(value, dict) else value)
        if at is not None:
            return at
    return None


def read_messages(entries: Iterable[Any], *, place: str) -> ReadMessages:
    """Read the messages of one session.

    Ids may be missing: such a call is answered by the results that follow it, in their order. One entry
    that holds results and words becomes several messages, each result with a row of its own.

    Args:
        entries: decoded messages of any dialect, in order; an `Entry` where its source knows more about it.
        place: what problems are said to be in, `log.jsonl: line 3`.
    """
    given = [entry if isinstance(entry, Entry) else Entry(entry) for entry in entries]
    messages: list[Message] = []
    problems: list[Problem] = []
    ids = [value.get("id") for value, *_ in given if isinstance(value, dict)]
    own_ids = all(isinstance(own, (str, int)) and own != "" for own in ids) and len(set(ids)) == len(given)
    known = CallIds()
    unknown: Counter[str] = Counter()
    for number, entry in enumerate(given, 1):
        where = f"{place}, message {entry.id or number}"
        if not isinstance(entry.value, dict) or role_of(entry.value) is None:
            what = "has no role" if isinstance(entry.value, dict) else "is no object"
            problems.append(Problem(where, f"it {what}; left out"))
            continue
        own_id = entry.id or (str(entry.value["id"]) if own_ids else str(number))
        read, troubles = _read_entry(entry, own_id, known, unknown)
        messages += read
        problems += [Problem(where, trouble) for trouble in troubles]
    problems += unknown_parts(unknown, place)
    return ReadMessages(tuple(messages), tuple(problems))


def unknown_parts(counts: Mapping[str, int], place: str) -> list[Problem]:
    """Return one problem for each type of content part that is not understood.

    Args:
        counts: type → how many parts.
        place: what they are said to be in.
    """
    return [
        Problem(place, f"{count} {'parts' if count > 1 else 'part'} of unknown type {kind[:40]!r}; not read")
        for kind, count in sorted(counts.items())
    ]


def _read_entry(
    given: Entry, own_id: str, known: CallIds, unknown: Counter[str]
) -> tuple[list[Message], list[str]]:
    entry = given.value
    troubles: list[str] = []
    if entry.get("type") == "reasoning" and "role" not in entry:
        return [], troubles
    role = role_of(entry) or ""
    origin = ORIGINS.get(role)
    if origin is None:
        troubles.append(f"its role {role[:40]!r} is unknown; taken as the program's own words")
    try:
        content = _content_of(entry)
    except RecursionError:
        content = Content("")
        troubles.append("its content is nested too deeply; left out")
    if content.unknown:
        unknown.update(content.unknown)
    calls, trouble = _calls_of(entry, known)
    if trouble:
        troubles.append(trouble)
    for call in content.calls:
        known.add(call)
    calls += content.calls
    results = content.results
    if origin == "tool" and not results:
        results = (_own_result(entry, content.text),)
        content = content._replace(text="")
    at = message_time(entry)
    read: list[Message] = []
    for result in results:
        call_id = known.find(result.call_id) or ""
        evidence = given.evidence or (None if result.is_error is None else Evidence(is_error=result.is_error))
        read.append(Message(own_id, "tool", result.text, "tool", (), call_id, result.tool, at, evidence))
    if content.text or calls or not results:
        message = Message(own_id, role, content.text, given.origin or origin or "harness", calls, at=at)
        # results come before the words that follow them, and after the calls that they answer
        read.insert(0 if calls else len(read), message)
    for number in range(1, len(read)):
        read[number] = read[number]._replace(id=f"{own_id}.{number}")
    mended = [_without_surrogates(message) for message in read]
    if mended != read:
        troubles.append("lone surrogates were replaced by U+FFFD")
    return mended, troubles


def _own_result(entry: Mapping[str, Any], text: str) -> Result:
    """Return the result that a message of the role `tool` is."""
    call_id = first_text(entry, "tool_call_id", "call_id", "toolCallId", "tool_use_id") or ""
    if not call_id and isinstance(entry.get("tool_call_ids"), list) and entry["tool_call_ids"]:  # SWE-agent
        call_id = str(entry["tool_call_ids"][0])
    failed = entry.get("is_error")
    if not isinstance(failed, bool):
        failed = True if entry.get("status") == "error" else None  # LangChain
    return Result(call_id, text, first_text(entry, "name", "tool_name") or "", failed)


def _without_surrogates(message: Message) -> Message:
    inner = (part for call in message.calls for part in call)
    texts = (message.text, message.id, message.role, message.call_id, message.tool, *inner)
    if all(map(str.isascii, texts)):
        return message
    calls = tuple(ToolCall(*map(without_surrogates, call)) for call in message.calls)
    return message._replace(
        id=without_surrogates(message.id),
        role=without_surrogates(message.role),
        text=without_surrogates(message.text),
        calls=calls,
        call_id=without_surrogates(message.call_id),
        tool=without_surrogates(message.tool),
    )


def _content_of(entry: dict[str, Any]) -> Content:
    """Take apart what a message says, wherever its dialect keeps it."""
    kind = entry.get("type")
    if kind in ("function_call_output", "custom_tool_call_output", "local_shell_call_output"):
        return Content(result_text(entry.get("output"))[0])
    if "from" in entry and "value" in entry and "role" not in entry:
        return read_tagged(role_of(entry), entry["value"])
    parts = entry.get("parts")
    raw = parts if isinstance(parts, list) and parts else entry.get("content")
    content = read_content(raw)
    if not content.text and isinstance(entry.get("refusal"), str):
        content = content._replace(text=entry["refusal"])
    if isinstance(entry.get("toolCalls"), list):  # Gemini CLI keeps each call with its result
        made = [part for part in entry["toolCalls"] if isinstance(part, dict)]
        calls = tuple(call for part in made if (call := read_call(part)) is not None)
        results = tuple(
            Result(
                call.id,
                result_text(part.get("result"))[0],
                call.tool,
                {"success": False, "error": True}.get(str(part.get("status"))),
            )
            for part in made
            if "result" in part and (call := read_call(part)) is not None
        )
        content = content._replace(calls=content.calls + calls, results=content.results + results)
    return content


def _calls_of(entry: dict[str, Any], known: CallIds) -> tuple[tuple[ToolCall, ...], str]:
    """Read the calls that stand beside a message's content."""
    if entry.get("type") in ITEMS and "role" not in entry and str(entry["type"]).endswith("_call"):
        return read_calls([entry], known)
    return read_calls(entry.get("tool_calls") or entry.get("function_call"), known)
