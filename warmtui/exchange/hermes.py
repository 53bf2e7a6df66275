"""A session that Hermes can import.

Hermes 0.19.0 imports a session through
`SessionDB().import_sessions` and its dashboard; `hermes chat --resume ID` then continues it. Hermes skips an
id that it already has, and refuses a title that another session has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from warmtui.errors import WarmtuiError
from warmtui.exchange.messages import SessionMeta, to_dict
from warmtui.model.chat import ChatMessage
from warmtui.text import without_surrogates

_TICK = 0.001
"""Seconds between messages. Hermes requires a time for each, and a bootstrap has none of its own."""
_LINE_ENDS = str.maketrans({0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"})
"""Characters that JSON allows unescaped, but at which some readers end a line."""


def render_session(messages: Iterable[ChatMessage], meta: SessionMeta) -> bytes:
    """Write one session, as one line of the JSONL that `hermes sessions export` writes.

    Args:
        messages: the bootstrap.
        meta: the session's id, title, model, folder and start.

    Returns:
        UTF-8 JSON on one line with one newline at the end. The rows use Hermes' column names.

    Raises:
        WarmtuiError: the id is empty; Hermes refuses that.
    """
    if not meta.session_id.strip():
        raise WarmtuiError("a session to import needs an id")
    tools: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    for number, message in enumerate(messages):
        # Hermes keeps the tool's name with the result; in our messages only the call has it.
        tools.update((call.id, call.tool) for call in message.calls)
        written = to_dict(message)
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
    line = without_surrogates(json.dumps(session, ensure_ascii=False)).translate(_LINE_ENDS)
    return (line + "\n").encode("utf-8")
