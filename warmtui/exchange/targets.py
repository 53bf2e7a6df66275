"""The registry of export targets, and the plain OpenAI target.

A new target is one `Target`, in a module of its own unless it is as small as the one here, and one entry in
`TARGETS`.
"""

from __future__ import annotations

from collections.abc import Iterable

from warmtui.exchange import hermes
from warmtui.exchange.base import SessionMeta, Target
from warmtui.exchange.messages import json_bytes, to_dicts
from warmtui.model.chat import ChatMessage


def render_openai(messages: Iterable[ChatMessage], _meta: SessionMeta | None = None) -> bytes:
    """Write OpenAI chat JSON, as many tools take it: `{"messages": […]}`."""
    return json_bytes({"messages": to_dicts(messages)})


OPENAI_JSON = Target(
    "openai-json",
    "OpenAI chat JSON",
    ".json",
    render_openai,
    "nothing, unless the program that sends it puts a system message there",
    "the new user message, put at the end of messages by that program",
    refusers=("openai", "strict-template"),
)

TARGETS: dict[str, Target] = {target.name: target for target in (hermes.PREFILL, hermes.SESSION, OPENAI_JSON)}
"""Every target by name, in the order in which the app offers them."""
