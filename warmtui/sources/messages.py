"""The one reader of messages and tool calls, whatever dialect a program logged them in.

A source brings each of its records into the shape of a decoded chat message and hands them here.
OpenAI chats, Anthropic blocks, items of the Responses API, LangChain, the Vercel AI SDK, Gemini and
ShareGPT differ in the names of the same few things: who speaks, what is said, which tool is called with
what, and which call a result answers. This module knows those names, and nothing else does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

from warmtui.model.session import Evidence, Message, Origin, Problem, ToolCall
from warmtui.sources.calls import ITEMS, CallIds, first_text, read_call, read_calls, type_of
from warmtui.sources.content import Content, Result, read_content, read_tagged, read_tool_part, result_text
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
    "AIMessage": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "gemini": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "ToolMessage": "tool",
    "FunctionMessage": "tool",
    "HumanMessage": "user",
    "HumanMessageChunk": "user",
    "SystemMessage": "system",
    "system": "system",
    "developer": "system",
}
"""What each dialect calls the one who speaks."""
_CALL_ROLES = {"function_call": "assistant", "tool_call": "assistant"}
"""Roles of ShareGPT whose value is a call by itself."""
_SPOKEN = frozenset({"human", "ai", "system", "tool", "function", "chat", "AIMessageChunk"})
"""Types of a LangChain message."""
_TOOLS_BESIDE = ("toolCalls", "toolInvocations", "tool_messages")
"""Keys of calls or results that stand beside a message's content."""
_SAYING = frozenset({"parts", "function_call", "refusal", *_TOOLS_BESIDE})
_CONTENT_KEYS = _SAYING | {"content", "tool_calls", "value", "output"}
"""Keys of which a message must have one to say anything."""
_TIME_NAMES = ("timestamp", "created_at", "created", "createdAt", "time")
_TIMES = frozenset(_TIME_NAMES)
_RESULT_KEYS = frozenset(
    {"call_id", "toolCallId", "tool_use_id", "tool_call_ids", "tool_name", "is_error", "status", "requestor"}
)
"""Keys that say of which call a message of the role `tool` is the result, and how it ended."""
_DIALECT_KEYS = _SAYING | _RESULT_KEYS | _TIMES - {"timestamp"} | {"additional_kwargs"}
"""Keys that mean something beside OpenAI's own; one that is not here tells this module nothing."""
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
        raw = _CALL_ROLES.get(raw, raw) if isinstance(raw, str) else raw
    if raw is None:
        inner = unwrapped(entry)
        raw = inner.get("role")
        if raw is None:
            kind = inner.get("type")  # Responses items, LangChain, Gemini CLI
            raw = ITEMS.get(kind, kind) if isinstance(kind, str) else None
    return _ROLES.get(raw, raw) if isinstance(raw, str) and raw else None


def unwrapped(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a message without the object around it: LangChain's, the Agents SDK's, Continue's."""
    inner = entry.get("kwargs")
    if isinstance(inner, dict) and isinstance(entry.get("id"), list) and entry["id"]:
        kind = inner.get("type", entry["id"][-1])
        return {**inner, "type": kind if isinstance(kind, str) else None}
    inner = entry.get("data")
    if isinstance(inner, dict) and type_of(entry) in _SPOKEN:
        return {"type": entry["type"], **inner}
    inner = entry.get("raw_item")
    if isinstance(inner, dict):
        return {"output": entry.get("output"), **inner} if "output" in entry else inner
    inner = entry.get("message")
    return inner if isinstance(inner, dict) and isinstance(inner.get("role"), str) else entry


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
    if _TIMES.isdisjoint(entry):
        return None
    for name in _TIME_NAMES:
        value = entry.get(name)
        if value is not None:
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
    given = list(entries)
    own_ids = _have_own_ids(given)
    messages: list[Message] = []
    problems: list[Problem] = []
    known = CallIds()
    unknown: Counter[str] = Counter()
    for number, item in enumerate(given, 1):
        value, own_id, origin, evidence = item if isinstance(item, Entry) else (item, "", None, None)
        if not own_id:
            own_id = str(value["id"]) if own_ids else str(number)
        message = _read_plain(value, own_id, origin, evidence, known)
        if message is not None:
            messages.append(message)
            continue
        read, troubles = _read_entry(value, own_id, origin, evidence, known, unknown)
        messages += read
        if troubles:
            where = f"{place}, message {own_id if isinstance(item, Entry) and item.id else number}"
            problems += [Problem(where, trouble) for trouble in troubles]
    problems += unknown_parts(unknown, place)
    return ReadMessages(tuple(messages), tuple(problems))


def _have_own_ids(given: Sequence[Any]) -> bool:
    """Whether every message has an id that no other has."""
    first = given[0] if given else None
    if (isinstance(first, dict) and "id" not in first) or (isinstance(first, Entry) and first.id):
        return False
    values = [item.value if isinstance(item, Entry) else item for item in given]
    ids = [value.get("id") for value in values if isinstance(value, dict)]
    if not ids or None in ids:
        return not ids and not given
    return all(isinstance(own, (str, int)) and own != "" for own in ids) and len(set(ids)) == len(given)


def _read_plain(
    entry: Any, own_id: str, origin: Origin | None, evidence: Evidence | None, known: CallIds
) -> Message | None:
    """Read a message of OpenAI's own shape, as nearly all are; None for any other and for what is odd in it.

    It reads as `_read_entry` does, in a fifth of the time.
    """
    if type(entry) is not dict or not _DIALECT_KEYS.isdisjoint(entry):
        return None
    role, text, calls = entry.get("role"), entry.get("content"), entry.get("tool_calls")
    if text is None and calls:
        text = ""
    if type(role) is not str or type(text) is not str or not (text.isascii() or _is_clean(text)):
        return None
    meant = ORIGINS.get(role)
    if meant is None or not own_id.isascii():
        return None
    at = time_of(entry["timestamp"]) if "timestamp" in entry else None
    if role == "tool":
        answered, tool = entry.get("tool_call_id"), entry.get("name", "")
        if calls or type(answered) is not str or type(tool) is not str:
            return None
        if not answered.isascii() or not tool.isascii():
            return None
        return Message(own_id, role, text, "tool", (), known.find(answered) or "", tool, at, evidence)
    if not calls:
        return Message(own_id, role, text, origin or meant, (), "", "", at)
    made, trouble = read_calls(calls, known)
    if trouble or not all(map(_is_clean, chain.from_iterable(made))):
        return None
    return Message(own_id, role, text, origin or meant, made, "", "", at)


def _is_clean(text: str) -> bool:
    """Whether a text holds no lone surrogate."""
    return text.isascii() or text == without_surrogates(text)


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
    entry: Any,
    own_id: str,
    author: Origin | None,
    evidence: Evidence | None,
    known: CallIds,
    unknown: Counter[str],
) -> tuple[list[Message], list[str]]:
    """Read a message of any dialect.

    Returns:
        The messages that it becomes, and what was wrong with it.
    """
    role = role_of(entry) if isinstance(entry, dict) else None
    if role is None:
        what = "has no role" if isinstance(entry, dict) else "is no object"
        return [], [f"it {what}; left out"]
    troubles: list[str] = []
    if "role" not in entry:
        entry = unwrapped(entry)
        if entry.get("type") == "reasoning":
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
    if content.calls:
        beside = {call.id for call in calls if call.id}  # LangChain repeats what stands in the content
        more = [call for call in content.calls if call.id not in beside]
        for call in more:
            known.add(call)
        calls += tuple(more)
    results = content.results
    if origin == "tool" and not results:
        results = (_own_result(entry, content.text),)
        content = content._replace(text="")
    said = content.text or content.added or calls or results or type_of(entry) in ITEMS
    if not said and _CONTENT_KEYS.isdisjoint(entry):
        others = ", ".join(sorted(map(str, entry.keys() - {"role", "type", "id"})))
        return [], [*troubles, f"its content is not understood ({others[:60] or 'no keys'}); left out"]
    at = message_time(entry)
    read: list[Message] = []
    for result in results:
        call_id = known.find(result.call_id) or ""
        flag = evidence or (None if result.is_error is None else Evidence(is_error=result.is_error))
        read.append(Message(own_id, "tool", result.text, "tool", (), call_id, result.tool, at, flag))
    if content.added:
        read.append(Message(own_id, role, content.added, "harness", at=at))
    if content.text or calls or not (results or content.added):
        message = Message(own_id, role, content.text, author or origin or "harness", calls, at=at)
        # results come before the words that follow them, and after the calls that they answer
        read.insert(0 if calls else len(read), message)
    for number in range(1, len(read)):
        read[number] = read[number]._replace(id=f"{own_id}.{number}")
    if not all(map(_is_clean, chain.from_iterable(map(_texts_of, read)))):
        read = [_without_surrogates(message) for message in read]
        troubles.append("lone surrogates were replaced by U+FFFD")
    return read, troubles


def _own_result(entry: Mapping[str, Any], text: str) -> Result:
    """Return the result that a message of the role `tool` is."""
    call_id = first_text(entry, "tool_call_id", "call_id", "toolCallId", "tool_use_id") or ""
    if not call_id and isinstance(entry.get("tool_call_ids"), list) and entry["tool_call_ids"]:  # SWE-agent
        call_id = str(entry["tool_call_ids"][0])
    failed = entry.get("is_error")
    if "requestor" in entry:  # tau2-bench
        call_id, failed = call_id or str(entry.get("id") or ""), entry.get("error")
    if not isinstance(failed, bool):
        failed = True if entry.get("status") == "error" else None  # LangChain
    return Result(call_id, text, first_text(entry, "name", "tool_name") or "", failed)


def _texts_of(message: Message) -> tuple[str, ...]:
    inner = chain.from_iterable(message.calls)
    return (message.text, message.id, message.role, message.call_id, message.tool, *inner)


def _without_surrogates(message: Message) -> Message:
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
    if "role" not in entry:
        if isinstance(kind, str) and kind in ITEMS:
            return _item_content(entry, kind)
        if "from" in entry and "value" in entry:
            return read_tagged(
                "call" if isinstance(entry["from"], str) and entry["from"] in _CALL_ROLES else role_of(entry),
                entry["value"],
            )
    parts = entry.get("parts")
    raw = parts if isinstance(parts, list) and parts else entry.get("content")
    content = read_content(raw)
    if not content.text and isinstance(entry.get("refusal"), str):
        content = content._replace(text=entry["refusal"])
    beside = [key for key in _TOOLS_BESIDE if key in entry]
    return _with_tools(content, entry, beside[0], has_parts=raw is parts) if beside else content


def _with_tools(content: Content, entry: Mapping[str, Any], key: str, *, has_parts: bool) -> Content:
    """Add the calls with their results, or the results alone, that stand beside a message's content."""
    made = [part for part in entry[key] if isinstance(part, dict)] if isinstance(entry[key], list) else []
    calls: list[ToolCall] = []
    results: list[Result] = []
    for part in made:
        if key == "tool_messages":  # tau2-bench
            results.append(_own_result(part, read_content(part.get("content")).text))
        elif key == "toolInvocations":  # the Vercel AI SDK, which repeats them as parts
            if not has_parts:
                read_tool_part(part, calls, results)
        elif (call := read_call(part)) is not None:  # Gemini CLI
            calls.append(call)
            if "result" in part:
                failed = {"success": False, "error": True}.get(str(part.get("status")))
                results.append(Result(call.id, result_text(part["result"])[0], call.tool, failed))
    return content._replace(calls=content.calls + tuple(calls), results=content.results + tuple(results))


def _item_content(entry: Mapping[str, Any], kind: str) -> Content:
    """Read what an item of the Responses API brought back; a call of a built-in tool may hold its result."""
    found = next((entry[key] for key in ("output", "outputs", "results") if entry.get(key) is not None), None)
    error = entry.get("error") if kind.endswith("_call") else None
    if not kind.endswith("_call"):
        return Content(result_text(found)[0])
    if found is None and error is None:
        return Content("")
    call = read_call(entry)
    if isinstance(found, list):  # code_interpreter_call
        found = [
            {"text": item["logs"]} if isinstance(item, dict) and "logs" in item else item for item in found
        ]
    text = result_text(found if error is None else error)[0]
    failed = True if error is not None else None
    return Content("", results=(Result(call.id, text, call.tool, failed),) if call is not None else ())


def _calls_of(entry: dict[str, Any], known: CallIds) -> tuple[tuple[ToolCall, ...], str]:
    """Read the calls that stand beside a message's content."""
    if type_of(entry) in ITEMS and "role" not in entry and str(entry["type"]).endswith("_call"):
        return read_calls([entry], known)
    calls = entry.get("tool_calls") or entry.get("function_call")
    if not calls and isinstance(entry.get("additional_kwargs"), dict):  # LangChain
        calls = entry["additional_kwargs"].get("tool_calls") or entry.get("invalid_tool_calls")
    return read_calls(calls, known)
