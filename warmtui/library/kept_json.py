"""Templates as JSON, made of what is kept without making records of it: that takes longest of a listing.

What a version keeps is the JSON of a strict record and its hash. While the hash is right nobody has
touched it since, and it need not be checked again; its fields are put into the order the records have.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from warmtui.later import Later
from warmtui.library import rows
from warmtui.library.connection import Transaction
from warmtui.library.rows import TemplateRow
from warmtui.library.text import hash_of
from warmtui.model.session import Problem

if TYPE_CHECKING:
    from warmtui.library import reading
    from warmtui.model.template import TemplateType
else:
    # only for rows that want a closer look; its records take longer to load than all else here
    reading = Later("warmtui.library.reading")

Json = dict[str, Any]


def _record(fields: str, **inner: object) -> Json:
    """The fields of a record in their order; `inner` says what those hold that are no plain values."""
    return {name: inner.get(name) for name in fields.split()}


_PROVENANCE = _record("agent session_id message_id call_id")
_CALL = _record("tool arguments result result_characters")
_RECOVERY = _record(
    "id failed error error_type fixed change shown_as before before_invented closing closing_invented note "
    "provenance",
    failed=_CALL,
    fixed=_CALL,
    provenance=_PROVENANCE,
)
_EXAMPLE = _record(
    "id before before_invented calls closing closing_invented note provenance",
    calls=[_CALL],
    provenance=_PROVENANCE,
)
_SEED = _record(
    "system_context user_patterns recoveries tool_examples context_markers",
    user_patterns=(_record("request_style feedback_style domains preferred_tools corrections"),),
    recoveries=[_RECOVERY],
    tool_examples=[_EXAMPLE],
    context_markers=[_record("id text kind uses provenance", provenance=_PROVENANCE)],
)
CONTENT = _record(
    "description seed task_type sources masked",
    seed=_SEED,
    sources=[_record("agent id title source")],
    masked=[_record("kind slot item field")],
)
"""The fields of what a version keeps, in the order of `model.template.Version`: None is a plain value, a list
holds what each of its items is, a tuple what is there or null. The tests compare it with the records."""


class JsonListing(NamedTuple):
    """Templates as JSON objects, and those that could not be read while the others were."""

    templates: tuple[Json, ...]
    """Each as `Template.model_dump(mode="json")`."""
    problems: tuple[Problem, ...]


async def listing_of(
    transaction: Transaction,
    *,
    task_type: TemplateType | None,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> JsonListing:
    """What `reading.listing_of` finds, as JSON; arguments as `Library.listing`."""
    found, problems, _ = await rows.listed(transaction, _json_of, tags=tags, query=query, deleted=deleted)
    return JsonListing(
        tuple(one for one in found if task_type in (None, one["version"]["task_type"])),
        problems,
    )


def _json_of(transaction: Transaction, row: TemplateRow) -> Json:
    return json_in(row) or reading.template_in(transaction, row).model_dump(mode="json")


class _OtherwiseError(Exception):
    """It has other fields than the records of this warmtui."""


def json_in(row: TemplateRow) -> Json | None:
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
