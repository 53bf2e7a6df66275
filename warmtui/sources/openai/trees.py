"""Chats that are kept as a tree, in which an edited message begins a branch: ChatGPT, Open WebUI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from warmtui.text import dump_json

_THOUGHTS = frozenset({"thoughts", "reasoning_recap"})
_CONTEXT = frozenset({"user_editable_context", "model_editable_context"})
"""What ChatGPT tells its model about the person, as messages."""


def branch_in(record: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the messages of the branch that is shown, oldest first; None if the record is no tree.

    Args:
        record: a conversation of ChatGPT's export (`mapping`, `current_node`), or what Open WebUI keeps
            as `chat` (`history` with `messages` and `currentId`).
    """
    mapping = record.get("mapping")
    if isinstance(mapping, dict):
        nodes = _path(mapping, record.get("current_node"), "parent")
        return [row for node in nodes for row in _of_chatgpt(node.get("message"))]
    history = record.get("history")
    if isinstance(history, dict) and isinstance(history.get("messages"), dict):
        return list(_path(history["messages"], history.get("currentId"), "parentId"))
    return None


def _path(nodes: Mapping[str, Any], last: object, parent: str) -> list[dict[str, Any]]:
    """Return the nodes from the root to one; to the last one of all if it is not known."""
    if not isinstance(last, str) or last not in nodes:
        last = next(reversed(list(nodes)), None)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while isinstance(last, str) and last not in seen and isinstance(nodes.get(last), dict):
        seen.add(last)
        found.append(nodes[last])
        last = nodes[last].get(parent)
    return found[::-1]


def _of_chatgpt(message: object) -> Iterator[dict[str, Any]]:
    """Yield one message of ChatGPT as a chat has it: a message to a tool is a call of it."""
    if not isinstance(message, dict) or not isinstance(message.get("author"), dict):
        return
    author, content = message["author"], message.get("content")
    content = content if isinstance(content, dict) else {}
    kind = content.get("content_type")
    kind = kind if isinstance(kind, str) else ""
    if kind in _THOUGHTS:
        return
    row: dict[str, Any] = {"role": author.get("role"), "timestamp": message.get("create_time")}
    if kind in _CONTEXT:
        row["role"] = "system"
        text = "\n".join(
            value for key, value in content.items() if isinstance(value, str) and key != "content_type"
        )
    else:
        parts = content.get("parts")
        text = "\n".join(_part(part) for part in parts) if isinstance(parts, list) else _part(content)
    metadata = message.get("metadata")
    if not text and isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation"):
        return
    recipient = message.get("recipient")
    if row["role"] == "assistant" and isinstance(recipient, str) and recipient not in ("", "all"):
        arguments = text if text.startswith("{") else dump_json({"code" if kind == "code" else "input": text})
        yield {**row, "content": "", "tool_calls": [{"name": recipient, "arguments": arguments}]}
    else:
        yield {**row, "content": text, "name": author.get("name")}


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    text = part.get("text", part.get("result"))
    return text if isinstance(text, str) else f"[{part.get('content_type') or 'part'}]"
