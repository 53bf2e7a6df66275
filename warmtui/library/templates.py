"""Templates, their versions and uses: as records, as the JSON they are kept in, and as listings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import ValidationError

from warmtui.errors import LibraryError
from warmtui.library import search
from warmtui.library.names import TemplateRef, check_tags, quote
from warmtui.library.sqlite import storable
from warmtui.library.store import Transaction
from warmtui.model.session import Problem
from warmtui.model.template import (
    DamagedTemplate,
    Draft,
    Listing,
    MaskedPlace,
    Record,
    Seed,
    SourceSession,
    Template,
    TemplateType,
    Usage,
    Use,
    Version,
)

_SEPARATOR = "\x1f"
"""No tag holds a control character."""
_AT_ONCE = 500
"""Values of one statement: SQLite before 3.32 takes at most 999."""
_TEMPLATES = f"""
    SELECT t.id, t.name,
        (SELECT group_concat(tag, '{_SEPARATOR}') FROM tags WHERE template_id = t.id),
        t.created_at, t.updated_at, t.deleted_at,
        (SELECT count(*) FROM versions WHERE template_id = t.id),
        (SELECT count(*) FROM uses WHERE template_id = t.id),
        (SELECT count(*) FROM uses WHERE template_id = t.id AND thumb = 'good'),
        (SELECT count(*) FROM uses WHERE template_id = t.id AND thumb = 'bad'),
        v.number, v.content, v.content_hash, v.created_at, t.rowid
    FROM templates AS t LEFT JOIN versions AS v ON v.template_id = t.id
"""


class Content(NamedTuple):
    """The content of a version as it is kept."""

    text: str
    """Canonical JSON."""
    hash: str
    """SHA-256 of its UTF-8 bytes, 64 lower-case hexadecimal digits."""


class StoredContent(Record):
    """The fields of a version's JSON."""

    description: str
    masked: tuple[MaskedPlace, ...]
    seed: Seed
    sources: tuple[SourceSession, ...]
    task_type: TemplateType


def content_of(draft: Draft | Version) -> Content:
    r"""Write the canonical JSON of a draft or version, and its hash.

    The JSON is one object of exactly `description`, `masked`, `seed`, `sources` and `task_type`, so that
    name, tags, number and time have no part in the hash. Every field is written, defaults too, except two
    that older versions do not have: the `notes` of a seed and the `also_seen` of an item, where they are
    empty. Keys are sorted by code point at every level; no space outside strings; inside strings only `"`,
    `\` and characters below U+0020 are escaped, as Python's `json.dumps(ensure_ascii=False)` does; a lone
    surrogate is U+FFFD; no newline at the end.
    """
    kept = draft.model_dump(include=set(StoredContent.model_fields))
    text = storable(json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    return Content(text, hash_of(text))


def hash_of(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of a text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_content(text: str) -> StoredContent:
    """Parse a version's JSON.

    Raises:
        pydantic.ValidationError: it is not JSON, or not that of a version.
    """
    return StoredContent.model_validate_json(text)


class TemplateRow(NamedTuple):
    """A template and one of its versions as they are kept; damage may have put anything anywhere."""

    id: Any
    name: Any
    tags: tuple[str, ...]
    created_at: Any
    updated_at: Any
    deleted_at: Any
    versions: int
    started: int
    thumbs_up: int
    thumbs_down: int
    number: Any
    """The version's number; None when the version is missing."""
    content: Any
    """Its canonical JSON, see `content_of`."""
    content_hash: Any
    version_created_at: Any
    place: int
    """The template's position in the order in which templates were made."""


async def row_of(transaction: Transaction, found: TemplateRef) -> TemplateRow:
    """Read the row of the template and version that a reference means.

    Raises:
        LibraryError: the version is missing.
    """
    rows = await transaction.rows(f"{_TEMPLATES} AND v.number = ? WHERE t.id = ?", found.version, found.id)
    row = _row(rows[0])
    if not isinstance(row.number, int):
        raise _damaged(transaction, found.name, found.id, found.version)
    return row


async def template_of(transaction: Transaction, found: TemplateRef) -> Template:
    """Read the template and version that a reference means.

    Raises:
        LibraryError: it is damaged.
    """
    return _template(transaction, await row_of(transaction, found))


async def content_of_version(transaction: Transaction, found: TemplateRef) -> Content:
    """Read the content of a version as it is kept, so that its hash stays the same.

    Raises:
        LibraryError: it is missing or damaged.
    """
    row = await transaction.row(
        "SELECT content, content_hash FROM versions WHERE template_id = ? AND number = ?",
        found.id,
        found.version,
    )
    if row is None or not _is_sound(*row):
        raise _damaged(transaction, found.name, found.id, found.version)
    return Content(*row)


async def sound_versions(transaction: Transaction, template_id: str) -> tuple[Version, ...]:
    """Read the versions of a template that are not damaged, oldest first."""
    kept = await transaction.rows(
        "SELECT number, content, content_hash, created_at FROM versions WHERE template_id = ? "
        "ORDER BY number",
        template_id,
    )
    versions = (_version(*row) for row in kept)
    return tuple(version for version in versions if version is not None)


async def uses_of(transaction: Transaction, template_id: str) -> tuple[Use, ...]:
    """Read the uses of a template, newest first.

    Raises:
        LibraryError: the record of one is damaged.
    """
    columns = ", ".join(Use.model_fields)
    rows = await transaction.rows(
        f"SELECT {columns} FROM uses WHERE template_id = ? ORDER BY started_at DESC, id DESC", template_id
    )
    try:
        return tuple(_use(dict(zip(Use.model_fields, row, strict=True))) for row in rows)
    except (ValidationError, ValueError) as error:
        raise LibraryError(
            f"the usage of the template {quote(template_id)} in {transaction.path} is damaged",
            "put a backup of the library in its place to have it back",
        ) from error


def _use(row: dict[str, Any]) -> Use:
    words = {name: _unpacked(row[name]) for name in ("command", "candidates")}
    return Use.model_validate(row | words)


def _unpacked(text: str) -> tuple[str, ...]:
    words = json.loads(text)
    if not isinstance(words, list):
        raise ValueError("not a list")
    return tuple(words)


async def listing(
    transaction: Transaction,
    *,
    task_type: TemplateType | None,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> Listing:
    """List the templates that fit, newest updated first; arguments as `Library.listing`."""
    wanted = set(check_tags(tags))
    ids = await search.matching(transaction, query) if query is not None else None
    rows = [row for row in await _rows(transaction, ids, deleted=deleted) if wanted <= set(row.tags)]
    # `str`, because damage may have put any type there.
    rows.sort(key=lambda row: (str(row.updated_at), row.place), reverse=True)
    templates: list[Template] = []
    problems: list[Problem] = []
    damaged: list[DamagedTemplate] = []
    for row in rows:
        try:
            template = _template(transaction, row)
        except LibraryError as error:
            number = row.number if isinstance(row.number, int) else None
            problems.append(Problem(f"{transaction.path}: {row.id}", str(error)))
            damaged.append(DamagedTemplate(str(row.id), str(row.name), row.tags, number, row.started))
            continue
        if task_type in (None, template.version.task_type):
            templates.append(template)
    return Listing(tuple(templates), tuple(problems), tuple(damaged))


async def _rows(transaction: Transaction, ids: frozenset[str] | None, *, deleted: bool) -> list[TemplateRow]:
    """Read templates with their current versions, of all ids when `ids` is None."""
    current = (
        f"{_TEMPLATES} AND v.number = t.current_version WHERE t.deleted_at IS {'NOT ' if deleted else ''}NULL"
    )
    if ids is None:
        return [_row(row) for row in await transaction.rows(current)]
    ordered = sorted(ids)
    rows: list[TemplateRow] = []
    for start in range(0, len(ordered), _AT_ONCE):
        page = ordered[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(page))
        rows += [_row(row) for row in await transaction.rows(f"{current} AND t.id IN ({marks})", *page)]
    return rows


def _row(row: tuple[Any, ...]) -> TemplateRow:
    tags = tuple(sorted(row[2].split(_SEPARATOR))) if row[2] else ()
    return TemplateRow(row[0], row[1], tags, *row[3:])


def _template(transaction: Transaction, row: TemplateRow) -> Template:
    version = _version(row.number, row.content, row.content_hash, row.version_created_at)
    if version is None:
        raise _damaged(transaction, row.name, row.id, row.number)
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
        raise _damaged(transaction, row.name, row.id, None) from error


def _version(number: Any, content: Any, content_hash: Any, created_at: Any) -> Version | None:
    """Make the version that a row holds; None when the row is damaged."""
    if not _is_sound(content, content_hash):
        return None
    try:
        kept = dict(read_content(content))
        return Version(number=number, content_hash=content_hash, created_at=created_at, **kept)
    except ValidationError:
        return None


def _is_sound(content: object, content_hash: object) -> bool:
    """Whether the content of a version is what was saved."""
    return isinstance(content, str) and hash_of(content) == content_hash


def _damaged(transaction: Transaction, name: object, template_id: object, number: object) -> LibraryError:
    which = f"version {number} of the template" if number is not None else "the template"
    return LibraryError(
        f"{which} {quote(str(name))} ({template_id}) in {transaction.path} is damaged",
        "`warmtui revert` makes an older version current, and the other templates can be used; "
        "put a backup of the library in its place to have it back",
    )
