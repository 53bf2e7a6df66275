"""Templates as JSON, made of what is kept without making records of it: that takes longest of a listing.

What a version keeps is the JSON of a strict record and its hash. While the hash is right nobody has
touched it since, and it need not be checked again; its fields are put into the order the records have.
"""

from __future__ import annotations

from typing import Any

import orjson

from warmtui.library.rows import TemplateRow
from warmtui.library.text import hash_of

_PROVENANCE: dict[str, Any] = dict.fromkeys(("agent", "session_id", "message_id", "call_id"))
_CALL: dict[str, Any] = dict.fromkeys(("tool", "arguments", "result", "result_characters"))
_SOURCE: dict[str, Any] = dict.fromkeys(("agent", "id", "title", "source"))
_MASKED: dict[str, Any] = dict.fromkeys(("kind", "slot", "item", "field"))

CONTENT: dict[str, Any] = {
    "description": None,
    "seed": {
        "system_context": None,
        "user_patterns": (
            dict.fromkeys(("request_style", "feedback_style", "domains", "preferred_tools", "corrections")),
        ),
        "recoveries": [
            {
                "id": None,
                "failed": _CALL,
                "error": None,
                "error_type": None,
                "fixed": _CALL,
                **dict.fromkeys(("change", "shown_as", "before", "before_invented", "closing")),
                "closing_invented": None,
                "note": None,
                "provenance": _PROVENANCE,
            }
        ],
        "tool_examples": [
            {
                **dict.fromkeys(("id", "before", "before_invented")),
                "calls": [_CALL],
                **dict.fromkeys(("closing", "closing_invented", "note")),
                "provenance": _PROVENANCE,
            }
        ],
        "context_markers": [
            {**dict.fromkeys(("id", "text", "kind", "uses")), "provenance": _PROVENANCE},
        ],
    },
    "task_type": None,
    "sources": [_SOURCE],
    "masked": [_MASKED],
}
"""The fields of what a version keeps, in the order of `model.template.Version`: None is a plain value, a list
holds what each of its items is, a tuple what is there or null. The tests compare it with the records."""


class _OtherwiseError(Exception):
    """It has other fields than the records of this warmtui."""


def json_in(row: TemplateRow) -> dict[str, Any] | None:
    """The JSON of a template, without making a record of it.

    Args:
        row: of the template.

    Returns:
        The same as `Template.model_dump(mode="json")` of the record that `reading.template_in` makes of
        the row; None where only that can tell: something is damaged, or kept by another warmtui.
    """
    texts = (row.id, row.name, row.created_at, row.updated_at, row.content_hash, row.version_created_at)
    if (
        not all(isinstance(text, str) for text in texts)
        or not isinstance(row.deleted_at, str | None)
        or not isinstance(row.number, int)
        or not isinstance(row.content, str)
        or hash_of(row.content) != row.content_hash
    ):
        return None
    try:
        content = _ordered(orjson.loads(row.content), CONTENT)
    except (_OtherwiseError, orjson.JSONDecodeError):
        return None
    return {
        "id": row.id,
        "name": row.name,
        "tags": list(row.tags),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "deleted_at": row.deleted_at,
        "versions": row.versions,
        "version": {
            "number": row.number,
            "content_hash": row.content_hash,
            "created_at": row.version_created_at,
            **content,
        },
        "usage": {"started": row.started, "thumbs_up": row.thumbs_up, "thumbs_down": row.thumbs_down},
    }


def _ordered(value: Any, shape: Any) -> Any:
    """The value with its fields in the order of the shape.

    Raises:
        _OtherwiseError: it has others.
    """
    if shape is None:
        return value
    if isinstance(shape, tuple):
        return None if value is None else _ordered(value, shape[0])
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise _OtherwiseError
        return [_ordered(one, shape[0]) for one in value]
    if not isinstance(value, dict) or value.keys() != shape.keys():
        raise _OtherwiseError
    return {key: _ordered(value[key], inner) for key, inner in shape.items()}
