"""A session that Hermes can import: one line of the JSONL that `hermes sessions export` writes.

Hermes 0.19.0 takes it through `SessionDB().import_sessions` and its dashboard; `hermes chat --resume ID` then
goes on from it. It skips an id that it already has, and refuses a title that another session has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from warmtui.errors import WarmtuiError
from warmtui.exchange import messages as chat
from warmtui.model.chat import ChatMessage

_TICK = 0.001
"""Seconds between messages: Hermes wants a time for each, and a bootstrap has none of its own."""
_LINE_ENDS = str.maketrans({0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"})
"""Allowed raw in JSON, but some readers end a line at them."""


@dataclass(frozen=True, slots=True)
class SessionMeta:
    """What a session has beside its messages."""

    session_id: str
    title: str | None = None
    model: str | None = None
    cwd: str | None = None
    """The folder in which Hermes resumes it."""
    started_at: float = 0.0
    """Unix seconds."""


def render(messages: Iterable[ChatMessage], meta: SessionMeta) -> bytes:
    """Write one session.

    Args:
        messages: the bootstrap.
        meta: the session's id, title, model, folder and start.

    Returns:
        UTF-8 JSON in one line with one newline at the end; the rows have the names of Hermes' columns.

    Raises:
        WarmtuiError: an empty id, which Hermes refuses.
    """
    if not meta.session_id.strip():
        raise WarmtuiError("a session to import needs an id")
    tools: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    for number, message in enumerate(messages):
        tools.update((call.id, call.tool) for call in message.calls)
        written = chat.to_dict(message)
        rows.append(
            {
                "role": written["role"],
                "content": written["content"],
                "tool_call_id": written.get("tool_call_id"),
                "tool_calls": written.get("tool_calls"),
                "tool_name": tools.get(message.call_id) if message.role == "tool" else None,
                "timestamp": round(meta.started_at + number * _TICK, 3),
            }
        )
    session = {
        "id": meta.session_id,
        "source": "import",
        "model": meta.model,
        "started_at": meta.started_at,
        "title": meta.title,
        "cwd": meta.cwd,
        "messages": rows,
    }
    line = chat.clean(json.dumps(session, ensure_ascii=False)).translate(_LINE_ENDS)
    return (line + "\n").encode("utf-8")


def parse(data: bytes) -> tuple[SessionMeta, list[ChatMessage]]:
    """Read one such line.

    Args:
        data: one line, UTF-8.

    Returns:
        The session and its messages.

    Raises:
        WarmtuiError: not UTF-8, not JSON, or no such session; with the place.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WarmtuiError(f"not JSON: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise WarmtuiError("not a session with an id")
    started_at = value.get("started_at")
    meta = SessionMeta(
        session_id=value["id"],
        title=_text_or_none(value, "title"),
        model=_text_or_none(value, "model"),
        cwd=_text_or_none(value, "cwd"),
        started_at=float(started_at) if isinstance(started_at, int | float) else 0.0,
    )
    return meta, chat.from_dicts(value.get("messages"))


def _text_or_none(value: dict[str, object], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) else None
