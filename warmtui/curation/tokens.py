"""Estimated tokens of messages, and how much a template holds by default.

This module must stay cheap to import: every command reads the limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from warmtui.text import TOKEN_OVERHEAD, estimate_tokens

if TYPE_CHECKING:
    from warmtui.model.chat import ChatMessage


class Limits(NamedTuple):
    """How much a template may hold before a warning; suggestions stay within these limits."""

    tokens: int = 2_000
    """Of the whole bootstrap."""
    recoveries: int = 5
    examples: int = 8
    markers: int = 6
    notes: int = 12
    """Of all kinds together."""


def message_tokens(message: ChatMessage) -> int:
    """Return the estimated tokens of one message, its calls included."""
    tokens = TOKEN_OVERHEAD + estimate_tokens(message.content)
    for call in message.calls:
        tokens += TOKEN_OVERHEAD + estimate_tokens(call.tool) + estimate_tokens(call.arguments)
    return tokens


def list_tokens(messages: Iterable[ChatMessage]) -> int:
    """Return the estimated tokens of a message list."""
    return sum(map(message_tokens, messages))
