"""Templates and versions as records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import ValidationError

from warmtui.errors import LibraryError
from warmtui.library import rows
from warmtui.library.connection import Transaction
from warmtui.library.content import read_content
from warmtui.library.find import TemplateRef
from warmtui.library.rows import TemplateRow
from warmtui.library.text import shown
from warmtui.model.session import Problem
from warmtui.model.template import Template, TemplateType, Usage, Version


class Listing(NamedTuple):
    """Templates, and those that could not be read while the others were."""

    templates: tuple[Template, ...]
    problems: tuple[Problem, ...]


async def template_of(transaction: Transaction, found: TemplateRef) -> Template:
    """The template that a reference means, with the version it means.

    Raises:
        LibraryError: its record is damaged.
    """
    return template_in(transaction, await rows.row_of(transaction, found))


async def versions_of(transaction: Transaction, template_id: str) -> tuple[Version, ...]:
    """All versions of a template, the first first.

    Raises:
        LibraryError: the record of one is damaged.
    """
    kept = await transaction.rows(
        "SELECT number, content, content_hash, created_at FROM versions WHERE template_id = ? "
        "ORDER BY number",
        template_id,
    )
    return tuple(_version(transaction, template_id, *row) for row in kept)


async def listing_of(
    transaction: Transaction,
    *,
    task_type: TemplateType | None,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> Listing:
    """The templates that fit, newest updated first; arguments as `Library.listing`."""
    found, problems = await rows.listed(transaction, template_in, tags=tags, query=query, deleted=deleted)
    return Listing(
        tuple(one for one in found if task_type in (None, one.version.task_type)),
        problems,
    )


def template_in(transaction: Transaction, row: TemplateRow) -> Template:
    """The template that a row holds.

    Raises:
        LibraryError: the row is damaged.
    """
    version = _version(transaction, row.id, row.number, row.content, row.content_hash, row.version_created_at)
    try:
        return Template(
            id=row.id,
            name=row.name,
            tags=row.tags,
            created_at=row.created_at,
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
            versions=row.versions,
            version=version,
            usage=Usage(started=row.started, thumbs_up=row.thumbs_up, thumbs_down=row.thumbs_down),
        )
    except ValidationError as error:
        raise damaged(transaction, row.id, None) from error


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
