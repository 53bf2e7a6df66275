"""Token estimates, and how much a template holds by default.

Estimates are shown with "≈". This module must stay cheap to import: every command reads the limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from warmtui.model.chat import ChatMessage

CHARACTERS_PER_TOKEN = 4
OVERHEAD = 4
"""Tokens that a message or a call costs besides its text."""


class Limits(NamedTuple):
    """How much a template may hold before a warning; suggestions stay within these limits."""

    tokens: int = 2_000
    """Of the whole bootstrap."""
    recoveries: int = 3
    examples: int = 5
    markers: int = 20


def estimate(text: str) -> int:
    """Return the estimated tokens of a text: ceil(characters / 4).

    >>> estimate("12345")
    2
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def message_tokens(message: ChatMessage) -> int:
    """Return the estimated tokens of one message, its calls included."""
    tokens = OVERHEAD + estimate(message.content)
    for call in message.calls:
        tokens += OVERHEAD + estimate(call.tool) + estimate(call.arguments)
    return tokens


def list_tokens(messages: Iterable[ChatMessage]) -> int:
    """Return the estimated tokens of a message list."""
    return sum(map(message_tokens, messages))
