"""Templates and versions as records."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from pydantic import ValidationError

from warmtui.errors import LibraryError
from warmtui.library import rows
from warmtui.library.connection import Transaction
from warmtui.library.content import read_content
from warmtui.library.find import TemplateRef
from warmtui.library.rows import TemplateRow
from warmtui.library.text import hash_of, shown
from warmtui.model.session import Problem
from warmtui.model.template import Template, TemplateType, Usage, Version


class DamagedTemplate(NamedTuple):
    """A row of the library whose current version cannot be trusted; it is listed and never used."""

    id: str
    name: str
    tags: tuple[str, ...]
    version: int | None
    """The number of the current version, None where that is damaged too."""
    started: int
    """How often an agent was started with it."""


class Listing(NamedTuple):
    """The templates of a listing; damage to one does not hide the others."""

    templates: tuple[Template, ...]
    problems: tuple[Problem, ...]
    """What is wrong with each damaged template."""
    damaged: tuple[DamagedTemplate, ...] = ()


async def template_of(transaction: Transaction, found: TemplateRef) -> Template:
    """The template that a reference means, with the version it means.

    Raises:
        LibraryError: its record is damaged.
    """
    return template_in(transaction, await rows.row_of(transaction, found))


async def versions_of(transaction: Transaction, template_id: str) -> tuple[Version, ...]:
    """The versions of a template that are not damaged, the first first."""
    kept = await transaction.rows(
        "SELECT number, content, content_hash, created_at FROM versions WHERE template_id = ? "
        "ORDER BY number",
        template_id,
    )
    versions: list[Version] = []
    for row in kept:
        with suppress(LibraryError):
            versions.append(_version(transaction, template_id, *row))
    return tuple(versions)


async def listing_of(
    transaction: Transaction,
    *,
    task_type: TemplateType | None,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> Listing:
    """The templates that fit, newest updated first; arguments as `Library.listing`."""
    found, problems, damaged = await rows.listed(
        transaction, template_in, tags=tags, query=query, deleted=deleted
    )
    return Listing(
        tuple(one for one in found if task_type in (None, one.version.task_type)),
        problems,
        tuple(map(_damaged_template, damaged)),
    )


def _damaged_template(row: TemplateRow) -> DamagedTemplate:
    number = row.number if isinstance(row.number, int) else None
    return DamagedTemplate(str(row.id), str(row.name), row.tags, number, row.started)


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
        # The driver gives whatever type stands in the column, so the annotations are a hope.
        if number is None or not isinstance(content, str) or content_hash is None or created_at is None:
            raise damaged(transaction, template_id, number)
        if hash_of(content) != content_hash:
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
