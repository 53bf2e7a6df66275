"""Templates and versions as records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import ValidationError

from warmtui.errors import LibraryError
from warmtui.library import search
from warmtui.library.connection import Transaction
from warmtui.library.content import read_content
from warmtui.library.find import TemplateRef
from warmtui.library.names import checked_tags
from warmtui.library.text import shown
from warmtui.model.session import Problem
from warmtui.model.template import Template, TemplateType, Usage, Version

_SEPARATOR = "\x1f"
"""No tag holds a control character."""

_AT_ONCE = 500
"""Values of one statement: SQLite before 3.32 takes at most 999."""

_TEMPLATES = f"""
    SELECT t.id, t.name, t.created_at, t.updated_at, t.deleted_at,
        (SELECT group_concat(tag, '{_SEPARATOR}') FROM tags WHERE template_id = t.id),
        (SELECT count(*) FROM versions WHERE template_id = t.id),
        (SELECT count(*) FROM uses WHERE template_id = t.id),
        (SELECT count(*) FROM uses WHERE template_id = t.id AND thumb = 'good'),
        (SELECT count(*) FROM uses WHERE template_id = t.id AND thumb = 'bad'),
        t.rowid, v.number, v.content, v.content_hash, v.created_at
    FROM templates AS t LEFT JOIN versions AS v ON v.template_id = t.id
"""

_CURRENT = "AND v.number = t.current_version"


class Listing(NamedTuple):
    """Templates, and those that could not be read while the others were."""

    templates: tuple[Template, ...]
    problems: tuple[Problem, ...]


async def template_of(transaction: Transaction, found: TemplateRef) -> Template:
    """The template that a reference means, with the version it means.

    Raises:
        LibraryError: its record is damaged.
    """
    rows = await transaction.rows(f"{_TEMPLATES} AND v.number = ? WHERE t.id = ?", found.version, found.id)
    return _template(transaction, rows[0])


async def versions_of(transaction: Transaction, template_id: str) -> tuple[Version, ...]:
    """All versions of a template, the first first.

    Raises:
        LibraryError: the record of one is damaged.
    """
    rows = await transaction.rows(
        "SELECT number, content, content_hash, created_at FROM versions WHERE template_id = ? "
        "ORDER BY number",
        template_id,
    )
    return tuple(_version(transaction, template_id, *row) for row in rows)


async def listing_of(
    transaction: Transaction,
    *,
    task_type: TemplateType | None,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> Listing:
    """The templates that fit, newest updated first; arguments as `Library.listing`."""
    wanted = set(checked_tags(tags))
    ids = await search.matching(transaction, query) if query is not None else None
    state = f"{_CURRENT} WHERE t.deleted_at IS {'NOT ' if deleted else ''}NULL"
    if ids is None:
        rows = await transaction.rows(_TEMPLATES + state)
    else:
        rows = []
        ordered = sorted(ids)
        for first in range(0, len(ordered), _AT_ONCE):
            some = ordered[first : first + _AT_ONCE]
            places = ", ".join("?" * len(some))
            rows += await transaction.rows(f"{_TEMPLATES} {state} AND t.id IN ({places})", *some)
    rows.sort(key=lambda row: (row[3], row[10]), reverse=True)
    templates: list[Template] = []
    problems: list[Problem] = []
    for row in rows:
        if not wanted <= set(_tags(row[5])):
            continue
        try:
            template = _template(transaction, row)
        except LibraryError as error:
            problems.append(Problem(f"{transaction.path}: {row[0]}", str(error)))
            continue
        if task_type in (None, template.version.task_type):
            templates.append(template)
    return Listing(tuple(templates), tuple(problems))


def _tags(joined: str | None) -> tuple[str, ...]:
    return tuple(sorted(joined.split(_SEPARATOR))) if joined else ()


def _template(transaction: Transaction, row: tuple[Any, ...]) -> Template:
    template_id, name, created_at, updated_at, deleted_at, tags, versions, started, up, down = row[:10]
    version = _version(transaction, template_id, *row[11:])
    try:
        return Template(
            id=template_id,
            name=name,
            tags=_tags(tags),
            created_at=created_at,
            updated_at=updated_at,
            deleted_at=deleted_at,
            versions=versions,
            version=version,
            usage=Usage(started=started, thumbs_up=up, thumbs_down=down),
        )
    except ValidationError as error:
        raise damaged(transaction, template_id, None) from error


def _version(
    transaction: Transaction,
    template_id: str,
    number: int | None,
    content: str | None,
    content_hash: str | None,
    created_at: str | None,
) -> Version:
    try:
        if number is None or content is None or content_hash is None or created_at is None:
            raise damaged(transaction, template_id, number)
        kept = read_content(content)
        return Version(
            number=number,
            content_hash=content_hash,
            created_at=created_at,
            description=kept.description,
            seed=kept.seed,
            task_type=kept.task_type,
            sources=kept.sources,
            masked=kept.masked,
        )
    except ValidationError as error:
        raise damaged(transaction, template_id, number) from error


def damaged(transaction: Transaction, template_id: str, number: int | None) -> LibraryError:
    """The error of a record that holds something else than it should."""
    which = f"version {number} of the template" if number is not None else "the template"
    return LibraryError(
        f"{which} {shown(template_id)} in {transaction.path} is damaged",
        "the others can be used; put a backup of the library in its place to have it back",
    )
