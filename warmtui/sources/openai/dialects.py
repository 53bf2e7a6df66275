"""Where programs keep the messages of a session inside the record that they log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from warmtui.sources.calls import ITEMS
from warmtui.sources.messages import is_message, role_of, unwrapped
from warmtui.sources.openai.trees import branch_in
from warmtui.sources.trajectories.reader import steps_in
from warmtui.text import JSON_ERRORS, load_json

_LISTS = (
    "messages",
    "conversations",
    "conversation",
    "traj",
    "trajectory",
    "history",
    "items",
    "chat_history",
    "contents",
)
"""Keys of a list of messages, by how often they are seen: OpenAI, ShareGPT, tau-bench, SWE-agent, Gemini."""
_WRAPPERS = ("body", "request", "params", "data", "kwargs", "chat")
"""Keys of an object that holds the messages in place of the record: batch files, request dumps."""
_REPLY_KEYS = frozenset({"choices", "candidates", "message", "response", "output", "body", "object", "role"})
"""Keys of which a record has one if the reply of a logged completion stands beside its messages."""
_SESSIONS = ("sessions", "simulations", "conversations")
"""Keys of a list of whole sessions: tau2-bench calls them simulations."""
_DEPTH = 3
"""Wrappers inside wrappers that are looked into."""
_LOOKED_AT = 500
"""Values of a record that are looked at to find messages under a key that is not known."""
_KNOWN = (
    ("a stream of Claude Code (--output-format stream-json)", {"type", "subtype", "session_id", "tools"}),
    ("a stream of Claude Code (--output-format stream-json)", {"type", "session_id", "parent_tool_use_id"}),
    ("a Cursor stream", {"type", "subtype", "call_id", "tool_call"}),
    ("a Cursor stream", {"type", "subtype", "apiKeySource", "permissionMode"}),
    ("a stream of an agent (--output-format stream-json)", {"type", "message", "session_id"}),
    ("a transcript of Claude Code", {"type", "uuid", "parentUuid", "sessionId"}),
    ("a transcript of Claude Code", {"type", "leafUuid", "summary"}),
    ("an export of cctrace", {"session_id", "export_timestamp"}),
    ("a rollout of Codex", {"timestamp", "type", "payload"}),
    ("a stream of codex exec --json", {"type", "thread_id"}),
    ("a stream of codex exec --json", {"type", "item"}),
    ("an event log of OpenHands", {"id", "timestamp", "source", "message"}),
    ("an export of Copilot Chat", {"requesterUsername", "requests"}),
    ("Cline's messages on screen", {"ts", "type", "say"}),
    ("a notebook", {"cells", "nbformat"}),
    ("predictions of SWE-bench", {"instance_id", "model_patch"}),
    ("an asciinema recording", {"version", "width", "height"}),
    ("an OpenTelemetry trace", {"resourceSpans"}),
    ("a fine-tuning file of completions", {"prompt", "completion"}),
    ("an evaluation log of Inspect", {"eval", "plan", "samples"}),
)
"""What a record is that holds no messages, by keys that it must all have; the first that fits is named."""


class Chat(NamedTuple):
    """One session as a file has it."""

    entries: list[Any]
    """Its messages, decoded."""
    head: Mapping[str, Any]
    """What stands beside them: id, model, times."""
    request: int = 0
    """How many of its messages one logged request held, which repeats what was said so far; 0 for a
    session that was logged as a whole."""


def chats_in(value: Any) -> Iterator[Chat | str]:
    """Yield the sessions of one decoded record, or what is wrong with one in its place.

    Args:
        value: as decoded; None holds no session.
    """
    for key in _SESSIONS if isinstance(value, dict) and "messages" not in value else ():
        inner = value.get(key)
        if isinstance(inner, list) and inner and not any(map(is_message, inner)):
            value = inner
            break
    if isinstance(value, list) and any(is_message(item) for item in value):
        value = {"messages": value}
    for item in value if isinstance(value, list) else () if value is None else (value,):
        if not isinstance(item, dict):
            yield "it is no object; left out"
            continue
        chat = _chat_of(item)
        if chat is not None:
            yield chat
            continue
        known = name_of(item)
        yield f"this looks like {known}, which is not read" if known else _complaint(item)


def _complaint(item: Mapping[str, Any]) -> str:
    for key in _LISTS[1:]:
        if isinstance(item.get(key), list) and item[key]:
            return f"its {key} holds no messages of a known shape; left out"
    return "it has no list of messages; left out"


def name_of(record: Mapping[str, Any]) -> str:
    """Return what a record that holds no messages looks like; empty if nothing known."""
    return next((name for name, keys in _KNOWN if keys <= record.keys()), "")


def _chat_of(item: dict[str, Any]) -> Chat | None:
    """Find the messages of one session, by the keys that are known, then by their shape."""
    chat = _by_key(item, _DEPTH)
    return chat if chat is not None or name_of(item) else _by_shape(item)


def _by_key(item: dict[str, Any], depth: int) -> Chat | None:
    entries = item.get("messages")
    if isinstance(entries, list) and not _is_batch(entries):
        return _with_reply(entries, item)
    steps = steps_in(item)
    if steps is not None:
        return Chat(steps, item)
    branch = branch_in(item)
    if branch is not None:
        return Chat(branch, item)
    for key in _LISTS:
        entries = item.get(key)
        if isinstance(entries, list) and entries and all(map(is_message, entries)):
            return _with_reply(entries, item)
    request = item.get("input")
    if isinstance(request, str) and isinstance(item.get("output"), list):
        request = [{"role": "user", "content": request}]
    if isinstance(request, list) and any(is_message(entry) for entry in request):
        # a request of the Responses API with what came back
        said = item.get("output")
        made = [{"role": "assistant", "content": said}] if isinstance(said, str) and said else _replies(said)
        return _logged(request, item, made or _reply_in(item, besides=request))
    prompt, completion = item.get("prompt"), item.get("completion")
    if (
        isinstance(prompt, list)
        and isinstance(completion, list)
        and all(map(is_message, prompt + completion))
    ):
        return Chat([*prompt, *completion], item)
    for key in _WRAPPERS if depth else ():
        inner = item.get(key)
        if isinstance(inner, dict):
            chat = _by_key(inner, depth - 1)
            if chat is not None:
                outer = {name: value for name, value in item.items() if name != key}
                said = [] if _is_answered(chat) else _reply_in(outer)
                length = chat.request or (0 if key == "chat" and not said else len(chat.entries))
                return Chat([*chat.entries, *said], {**chat.head, **outer}, length)
    return None


def _is_answered(chat: Chat) -> bool:
    """Whether a logged request has its reply already."""
    return 0 < chat.request < len(chat.entries)


def _is_batch(entries: list[Any]) -> bool:
    """Whether a list holds lists of messages, as LangChain gives them to a model."""
    return bool(entries) and all(isinstance(entry, list) for entry in entries)


def _by_shape(item: dict[str, Any]) -> Chat | None:
    """Find messages under keys that are not known: the first list of them, and the first reply beside it.

    Values that are JSON in a text are decoded, as logs keep requests so.
    """
    values: list[Any] = list(item.values())
    for looked, value in enumerate(values):  # the list grows while it is walked: breadth first
        if looked == _LOOKED_AT:
            return None
        if isinstance(value, str):
            value = _decoded(value)
        if isinstance(value, list):
            if value and all(_is_said(entry) for entry in value):
                return _logged(value, item, _reply_in(item, besides=value))
            values += value[:1] if _is_batch(value) else value[:3]
        elif isinstance(value, dict):
            chat = _by_key(value, 0)
            if chat is not None and any(map(is_message, chat.entries)):
                said = [] if _is_answered(chat) else _reply_in(item, besides=value)
                return Chat([*chat.entries, *said], {**chat.head, **item}, chat.request or len(chat.entries))
            values += value.values()
    return None


def _is_said(entry: object) -> bool:
    """Whether a value is a message even under an unknown key: it has a role, and says or does something."""
    if not isinstance(entry, dict) or not is_message(entry):
        return False
    inner = unwrapped(entry)
    return isinstance(inner.get("role", inner.get("from", inner.get("type"))), str) and any(
        key in inner for key in ("content", "parts", "value", "tool_calls", "arguments", "output")
    )


def _decoded(text: str) -> Any:
    """Decode a text that may be JSON with messages in it."""
    if text[:1] in ("[", "{") and '"role"' in text:
        with suppress(*JSON_ERRORS):
            return load_json(text)
    return None


def _logged(request: list[Any], item: Mapping[str, Any], reply: list[Any]) -> Chat:
    """Make a session of what one request said and what came back."""
    if reply and request[-len(reply) :] == reply:
        reply = []
    asked = [*_prompt(item, request), *request]
    return Chat([*asked, *reply], item, len(asked))


def _with_reply(entries: list[Any], item: dict[str, Any]) -> Chat:
    """Add what stands beside the messages: a system prompt, and the reply of a logged completion."""
    prompt = _prompt(item, entries)
    entries = [*prompt, *entries] if prompt else entries
    if _REPLY_KEYS.isdisjoint(item):
        return Chat(entries, item)
    reply = _replies(item) or _replies(item.get("response")) or _replies(item.get("output"))
    return Chat([*entries, *reply], item, len(entries)) if reply else Chat(entries, item)


def _prompt(item: Mapping[str, Any], entries: list[Any]) -> list[dict[str, Any]]:
    """Return the system prompt that stands beside the messages, as a message of its own."""
    for key in ("system", "instructions", "systemInstruction", "system_instruction"):
        prompt = item.get(key)
        if isinstance(prompt, dict):  # Gemini
            prompt = prompt.get("parts")
        if isinstance(prompt, (str, list)) and prompt and not any(map(_is_system, entries[:1])):
            return [{"role": "system", "content": prompt}]
    return []


def _is_system(entry: object) -> bool:
    return isinstance(entry, dict) and role_of(entry) == "system"


def _reply_in(item: Mapping[str, Any], besides: object = None) -> list[Any]:
    """Find the reply of a logged request anywhere in its record, breadth first."""
    values: list[Any] = [value for value in item.values() if value is not besides]
    for looked, value in enumerate(values):
        if looked == _LOOKED_AT:
            break
        if isinstance(value, str):
            value = _decoded(value)
        reply = _replies(value)
        if reply:
            return reply
        if isinstance(value, dict):
            values += [inner for inner in value.values() if inner is not besides]
        elif isinstance(value, list):
            values += [inner for inner in value[:3] if inner is not besides]
    return []


def _replies(value: object) -> list[Any]:
    """Return the messages of a completion, in the shape of any provider; empty if it is none."""
    if isinstance(value, list):  # the output of the Responses API
        roles = [role_of(entry) if isinstance(entry, dict) else None for entry in value]
        return value if roles and set(roles) <= {"assistant", "tool"} else []
    if not isinstance(value, dict):
        return []
    record: dict[str, Any] = value
    if isinstance(record.get("body"), dict):  # the output file of a batch
        record = record["body"]
    for key, name in (("choices", "message"), ("candidates", "content")):
        choices = record.get(key)
        if isinstance(choices, list) and choices and isinstance(choices[0], dict):
            message = choices[0].get(name)
            return [message] if isinstance(message, dict) else []
    if record.get("object") == "response" and isinstance(record.get("output"), list):
        return _replies(record["output"])
    inner = unwrapped(record)
    said = "content" in inner or "tool_calls" in inner or "parts" in inner
    return [record] if said and "messages" not in inner and role_of(record) == "assistant" else []


def is_line_of_chat(value: object) -> bool:
    """Whether a record is a single message, in a file with a message on each line.

    Hermes writes a head before them, in the role `session_meta`.
    """
    if not isinstance(value, dict) or any(isinstance(value.get(key), list) for key in _LISTS):
        return False
    return value.get("role") == "session_meta" or (
        is_message(value) and ("content" in value or "tool_calls" in value or value.get("type") in ITEMS)
    )
