"""OpenAI chat JSON: one object with the key `messages`, as many tools take it."""

from __future__ import annotations

from collections.abc import Iterable

from warmtui.exchange.base import SessionMeta, Target
from warmtui.exchange.messages import json_bytes, to_dicts
from warmtui.model.chat import ChatMessage


def render(messages: Iterable[ChatMessage], _meta: SessionMeta | None = None) -> bytes:
    """Write `{"messages": […]}`."""
    return json_bytes({"messages": to_dicts(messages)})


TARGET = Target(
    "openai-json",
    "OpenAI chat JSON",
    ".json",
    render,
    "nothing, unless the program that sends it puts a system message there",
    "the new user message, put at the end of messages by that program",
    refusers=("openai", "strict-template"),
)
