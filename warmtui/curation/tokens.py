"""Token estimates: calibrated characters per token, marked "≈" wherever they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from warmtui.model.chat import ChatMessage

CHARACTERS_PER_TOKEN = 4
OVERHEAD = 4
"""Tokens that a message or a call costs beside its text."""


def estimate(text: str) -> int:
    """Return about how many tokens a text is: ceil(characters / 4).

    >>> estimate("12345")
    2
    """
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def message_tokens(message: ChatMessage) -> int:
    """Return about how many tokens one message costs, its calls included."""
    tokens = OVERHEAD + estimate(message.content)
    for call in message.calls:
        tokens += OVERHEAD + estimate(call.tool) + estimate(call.arguments)
    return tokens


def list_tokens(messages: Iterable[ChatMessage]) -> int:
    """Return about how many tokens a message list costs."""
    return sum(map(message_tokens, messages))
