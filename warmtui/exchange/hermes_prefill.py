"""The prefill file of Hermes: a JSON array of messages, sent before the conversation with every request."""

from __future__ import annotations

from collections.abc import Iterable

from warmtui.exchange.base import SessionMeta, Target
from warmtui.exchange.messages import to_bytes
from warmtui.model.chat import ChatMessage


def render(messages: Iterable[ChatMessage], _meta: SessionMeta | None = None) -> bytes:
    """Write the file that `HERMES_PREFILL_MESSAGES_FILE` or `prefill_messages_file` names."""
    return to_bytes(messages)


TARGET = Target(
    "hermes-prefill",
    "Hermes prefill file: sent before every conversation",
    ".json",
    render,
    "Hermes' own system prompt and tools",
    "the new user message; ours is sent again before it with every request",
    after_system=True,
)
