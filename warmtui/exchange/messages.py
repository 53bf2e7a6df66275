"""Chat messages as the OpenAI chat format writes them, to the byte, and back.

Prompt caches match bytes, so one message list has exactly one written form: fixed key order, two-space
indent, UTF-8 without escapes, one newline at the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from warmtui.errors import WarmtuiError
from warmtui.model.chat import ChatMessage, ChatRole
from warmtui.model.session import ToolCall

ChatDict = Mapping[str, object]
"""One message in the OpenAI chat format, as JSON holds it."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_ROLES: dict[str, ChatRole] = {role: role for role in get_args(ChatRole)}


def to_dict(message: ChatMessage) -> dict[str, object]:
    """Write one message.

    Args:
        message: the message; what marks it as invented is not part of the format.

    Returns:
        Its keys in this order: `role`, `content`, `tool_calls` (only with calls), `tool_call_id` (only of a
        tool result). Lone surrogates, which no encoding can carry, become U+FFFD.
    """
    written: dict[str, object] = {"role": message.role, "content": clean(message.content)}
    if message.calls:
        written["tool_calls"] = [
            {
                "id": clean(call.id),
                "type": "function",
                "function": {"name": clean(call.tool), "arguments": clean(call.arguments)},
            }
            for call in message.calls
        ]
    if message.role == "tool" or message.call_id:
        written["tool_call_id"] = clean(message.call_id)
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
    """Write a JSON value in the form of `to_bytes`; for lists that hold foreign messages too.

    Args:
        value: what JSON can hold. Lone surrogates in it become U+FFFD.

    Returns:
        UTF-8, two-space indent, one newline at the end.
    """
    return (clean(json.dumps(value, indent=2, ensure_ascii=False)) + "\n").encode("utf-8")


def from_bytes(data: bytes) -> list[ChatMessage]:
    """Read a file that `to_bytes` wrote, or any JSON array of OpenAI chat messages.

    Args:
        data: the whole file, UTF-8.

    Returns:
        The messages.

    Raises:
        WarmtuiError: not UTF-8, not JSON, not an array of chat messages; with the place.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WarmtuiError(f"not JSON: {error}") from error
    return from_dicts(value)


def from_dicts(value: object) -> list[ChatMessage]:
    """Read messages from JSON values.

    Args:
        value: a list of OpenAI chat messages. `content` may be a text, null, or a list of parts, of which
            the texts are kept.

    Returns:
        The messages.

    Raises:
        WarmtuiError: something else; with the index of the message.
    """
    if not isinstance(value, list):
        raise WarmtuiError("the messages are not a list")
    return [_from_dict(item, index) for index, item in enumerate(value)]


def clean(text: str) -> str:
    """Replace lone surrogates, which no encoding can carry, by U+FFFD."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _from_dict(value: object, index: int) -> ChatMessage:
    place = f"message {index}"
    if not isinstance(value, dict):
        raise WarmtuiError(f"{place} is not an object")
    role = value.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise WarmtuiError(f"{place}: role {role!r} is not one of {', '.join(_ROLES)}")
    calls = value.get("tool_calls") or []
    if not isinstance(calls, list):
        raise WarmtuiError(f"{place}: tool_calls is not a list")
    call_id = value.get("tool_call_id") or ""
    if not isinstance(call_id, str):
        raise WarmtuiError(f"{place}: tool_call_id is not a text")
    return ChatMessage(
        _ROLES[role],
        clean(_text(value.get("content"), place)),
        tuple(_call(call, f"{place}, call {number}") for number, call in enumerate(calls)),
        clean(call_id),
    )


def _text(content: object, place: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    raise WarmtuiError(f"{place}: content is neither a text nor a list of parts")


def _call(value: object, place: str) -> ToolCall:
    function = value.get("function") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(function, dict):
        raise WarmtuiError(f"{place} is not a function call")
    found = (value.get("id"), function.get("name"), function.get("arguments"))
    id_, name, arguments = found
    if not (isinstance(id_, str) and isinstance(name, str) and isinstance(arguments, str)):
        raise WarmtuiError(f"{place}: id, name and arguments must be texts")
    return ToolCall(clean(id_), clean(name), clean(arguments))
