"""Where programs keep the messages of a session inside the record that they log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from warmtui.sources.calls import ITEMS
from warmtui.sources.messages import is_message, role_of
from warmtui.sources.trajectories.reader import steps_in

_LISTS = (
    "messages",
    "conversations",
    "conversation",
    "traj",
    "trajectory",
    "history",
    "items",
    "chat_history",
)
"""Keys of a list of messages, by how often they are seen: OpenAI, ShareGPT, tau-bench, SWE-agent."""
_WRAPPERS = ("body", "request", "params", "data", "kwargs")
"""Keys of an object that holds the messages in place of the record: batch files, request dumps."""
_DEPTH = 3
"""Wrappers inside wrappers that are looked into."""
_KNOWN = (
    ("a stream of Claude Code (--output-format stream-json)", {"type", "subtype", "session_id", "tools"}),
    ("a Cursor stream", {"type", "subtype", "call_id", "tool_call"}),
    ("a Cursor stream", {"type", "subtype", "apiKeySource", "permissionMode"}),
    ("a stream of codex exec --json", {"type", "thread_id"}),
    ("an asciinema recording", {"version", "width", "height"}),
    ("an OpenTelemetry trace", {"resourceSpans"}),
    ("a fine-tuning file of completions", {"prompt", "completion"}),
    ("an evaluation log of Inspect", {"eval", "plan", "samples"}),
)
"""What a record is that holds no messages, by keys that it must all have."""


class Chat(NamedTuple):
    """One session as it stands in a file."""

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
    if isinstance(value, dict) and isinstance(value.get("sessions"), list) and "messages" not in value:
        value = value["sessions"]
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


def _chat_of(item: dict[str, Any], depth: int = _DEPTH) -> Chat | None:
    """Find the messages of one session, by the keys that are known."""
    steps = steps_in(item)
    if steps is not None:
        return Chat(steps, item)
    for key in _LISTS:
        entries = item.get(key)
        if not isinstance(entries, list):
            continue
        if key == "messages" or (entries and all(is_message(entry) for entry in entries)):
            return _with_reply(entries, item)
    request, response = item.get("input"), item.get("output")
    if isinstance(request, list) and any(is_message(entry) for entry in request):
        # a request of the Responses API with what came back
        said = response if isinstance(response, list) else []
        return Chat([*request, *said], item, len(request))
    for key in _WRAPPERS if depth else ():
        inner = item.get(key)
        if isinstance(inner, dict):
            chat = _chat_of(inner, depth - 1)
            if chat is not None:
                outer = {name: value for name, value in item.items() if name != key}
                reply = _reply(item.get("response"))
                entries = [*chat.entries, *([reply] if reply else [])]
                return Chat(entries, {**chat.head, **outer}, chat.request or len(chat.entries))
    return None


def _with_reply(entries: list[Any], item: dict[str, Any]) -> Chat:
    """Add what stands beside the messages: a system prompt, and the reply of a logged completion."""
    prompt = item.get("system")
    if isinstance(prompt, (str, list)) and prompt and not any(_is_system(entry) for entry in entries[:1]):
        entries = [{"role": "system", "content": prompt}, *entries]
    reply = _reply(item) or _reply(item.get("response"))
    return Chat([*entries, reply], item, len(entries)) if reply else Chat(entries, item)


def _is_system(entry: object) -> bool:
    return isinstance(entry, dict) and role_of(entry) == "system"


def _reply(value: object) -> dict[str, Any] | None:
    """Return the message of a logged completion; None if there is none."""
    if isinstance(value, dict) and isinstance(value.get("body"), dict):  # the output file of a batch
        value = value["body"]
    if not isinstance(value, dict):
        return None
    choices = value.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        message = choices[0].get("message")
        return message if isinstance(message, dict) else None
    if value.get("type") == "message" and value.get("role") == "assistant" and "content" in value:
        return value  # a reply of the Anthropic API
    return None


def is_line_of_chat(value: object) -> bool:
    """Whether a record is a single message, in a file with a message on each line.

    Hermes writes a head before them, in the role `session_meta`.
    """
    if not isinstance(value, dict) or any(isinstance(value.get(key), list) for key in _LISTS):
        return False
    return value.get("role") == "session_meta" or (
        is_message(value) and ("content" in value or "tool_calls" in value or value.get("type") in ITEMS)
    )
