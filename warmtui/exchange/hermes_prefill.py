"""The prefill file of Hermes: a JSON array of messages, sent before the conversation at every request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from warmtui.exchange import messages as chat
from warmtui.model.chat import ChatMessage


def render(messages: Iterable[ChatMessage]) -> bytes:
    """Write the file that `HERMES_PREFILL_MESSAGES_FILE` or `prefill_messages_file` names.

    Args:
        messages: the bootstrap.

    Returns:
        The file; see `messages.to_bytes`.
    """
    return chat.to_bytes(messages)


def parse(data: bytes) -> list[ChatMessage]:
    """Read such a file; errors as in `messages.from_bytes`."""
    return chat.from_bytes(data)


def as_sent(messages: Sequence[chat.ChatDict]) -> list[dict[str, Any]]:
    """What Hermes 0.19.0 makes of a prefill before it sends it.

    Hermes strips every content of outer white space, and writes the arguments of every call anew, compact,
    with sorted keys and without characters beyond ASCII, so that its own requests keep one prefix. What the
    arguments say stays the same. Arguments that are no JSON are left alone here; Hermes tries to mend them.

    Args:
        messages: the messages of the file, in the OpenAI chat format.

    Returns:
        New messages, as the provider gets them.
    """
    sent: list[dict[str, Any]] = []
    for message in messages:
        new: dict[str, Any] = dict(message)
        if isinstance(new.get("content"), str):
            new["content"] = new["content"].strip()
        if isinstance(new.get("tool_calls"), list):
            new["tool_calls"] = [_as_sent(call) for call in new["tool_calls"]]
        sent.append(new)
    return sent


def _as_sent(call: dict[str, Any]) -> dict[str, Any]:
    try:
        value = json.loads(call["function"]["arguments"])
    except (ValueError, RecursionError):
        return call
    arguments = json.dumps(value, separators=(",", ":"), sort_keys=True)
    return {**call, "function": {**call["function"], "arguments": arguments}}
