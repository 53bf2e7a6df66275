"""The message list of a bootstrap, marking what is ours and what was invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from warmtui.model.session import ToolCall

PrefillMode = Literal["combine", "replace"]
"""Messages that an agent starts with already go before ours, or are left out."""
ChatRole = Literal["system", "user", "assistant", "tool"]
ChatDict = Mapping[str, object]
"""One message in the OpenAI chat format as decoded JSON; one that another tool wrote may have more keys."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a bootstrap, or the person's that follows it."""

    role: ChatRole
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    """For a `tool` message: the call it answers."""
    invented: bool = False
    """Written by warmtui rather than taken from a session; previews show it."""
    part: str = ""
    """The part of the bootstrap it is: `opening`, `acknowledgement`, the id of a seed item, or `message`."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One place at which a provider would refuse a message list."""

    rule: str
    """Kebab-case id: `tool-result-without-call`, …"""
    target: str
    """Who refuses it: `openai`, `anthropic`, `strict-template`."""
    index: int
    """Index of the message, from 0."""
    text: str
    """What is wrong, in one sentence."""
