"""OpenAI chat JSON: one object with the key `messages`, as many tools take it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from warmtui.errors import WarmtuiError
from warmtui.exchange import messages as chat
from warmtui.model.chat import ChatMessage


def render(messages: Iterable[ChatMessage]) -> bytes:
    """Write `{"messages": […]}`.

    Args:
        messages: the bootstrap.

    Returns:
        The file, in the form of `messages.to_bytes`.
    """
    return chat.json_bytes({"messages": chat.to_dicts(messages)})


def parse(data: bytes) -> list[ChatMessage]:
    """Read such a file.

    Args:
        data: the whole file, UTF-8.

    Returns:
        The messages.

    Raises:
        WarmtuiError: not UTF-8, not JSON, or no such object; with the place.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WarmtuiError(f"not JSON: {error}") from error
    if not isinstance(value, dict) or "messages" not in value:
        raise WarmtuiError("not an object with the key messages")
    return chat.from_dicts(value["messages"])
