"""Chat messages written in the OpenAI chat format.

Prompt caches match bytes, so a message list has exactly one written form: fixed key order, two-space
indent, UTF-8 without escapes, one newline at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from warmtui.model.chat import ChatDict, ChatMessage
from warmtui.text import without_surrogates


@dataclass(frozen=True, slots=True)
class SessionMeta:
    """What an exported session has besides its messages."""

    session_id: str
    title: str | None = None
    model: str | None = None
    cwd: str | None = None
    """The folder in which the agent resumes the session."""
    started_at: float = 0.0
    """Unix seconds."""


def to_dict(message: ChatMessage) -> dict[str, object]:
    """Write one message.

    Args:
        message: the message. Its `invented` and `part` are not in the format.

    Returns:
        The keys in this order: `role`, `content`, `tool_calls` (only with calls), `tool_call_id` (only of a
        tool result). Lone surrogates, which no encoding can carry, become U+FFFD.
    """
    written: dict[str, object] = {"role": message.role, "content": without_surrogates(message.content)}
    if message.calls:
        written["tool_calls"] = [
            {
                "id": without_surrogates(call.id),
                "type": "function",
                "function": {
                    "name": without_surrogates(call.tool),
                    "arguments": without_surrogates(call.arguments),
                },
            }
            for call in message.calls
        ]
    if message.role == "tool" or message.call_id:
        written["tool_call_id"] = without_surrogates(message.call_id)
    return written


def to_dicts(messages: Iterable[ChatMessage]) -> list[dict[str, object]]:
    """Write a message list as JSON values; see `to_dict`."""
    return [to_dict(message) for message in messages]


def to_bytes(messages: Iterable[ChatMessage]) -> bytes:
    """Write a message list as a file: a JSON array.

    Args:
        messages: the messages.

    Returns:
        UTF-8, two-space indent, one newline at the end; the same messages always give the same bytes.
    """
    return json_bytes(to_dicts(messages))


def json_bytes(value: Sequence[ChatDict] | ChatDict) -> bytes:
    """Write a JSON value in the form of `to_bytes`; it may hold messages that are not ours.

    Args:
        value: any JSON value. Lone surrogates in it become U+FFFD.

    Returns:
        UTF-8, two-space indent, one newline at the end.
    """
    return (without_surrogates(json.dumps(value, indent=2, ensure_ascii=False)) + "\n").encode("utf-8")
