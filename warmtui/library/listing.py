"""Listing templates as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from warmtui.errors import LibraryError
from warmtui.later import Later
from warmtui.library import kept_json, rows
from warmtui.library.connection import Transaction
from warmtui.model.session import Problem

if TYPE_CHECKING:
    from warmtui.library import reading
    from warmtui.model.words import TemplateType
else:
    # only for rows that want a closer look; its records take longer to load than all else here
    reading = Later("warmtui.library.reading")


class JsonListing(NamedTuple):
    """Templates as JSON objects, and those that could not be read while the others were."""

    templates: tuple[dict[str, Any], ...]
    """Each as `Template.model_dump(mode="json")`."""
    problems: tuple[Problem, ...]


async def json_listing_of(
    transaction: Transaction,
    *,
    task_type: TemplateType | None,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> JsonListing:
    """What `reading.listing_of` finds, as JSON; arguments as `Library.listing`."""
    templates: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for row in await rows.listed(transaction, tags=tags, query=query, deleted=deleted):
        try:
            template = kept_json.json_in(row) or reading.template_in(transaction, row).model_dump(mode="json")
        except LibraryError as error:
            problems.append(reading.problem_of(transaction, row, error))
            continue
        if task_type in (None, template["version"]["task_type"]):
            templates.append(template)
    return JsonListing(tuple(templates), tuple(problems))
