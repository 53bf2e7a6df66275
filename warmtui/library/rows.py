"""Templates as the rows they are kept in, not yet taken for good."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from warmtui.errors import LibraryError
from warmtui.library import search
from warmtui.library.connection import Transaction
from warmtui.library.find import TemplateRef
from warmtui.library.names import checked_tags
from warmtui.model.session import Problem

T = TypeVar("T")
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

_CURRENT = "AND v.number = t.current_version"


class TemplateRow(NamedTuple):
    """What is kept of a template and one of its versions, as it is; damage may have put anything anywhere."""

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
    """Of the version; None when it is missing."""
    content: Any
    """Its canonical JSON, see `content.content_of`."""
    content_hash: Any
    version_created_at: Any
    place: int
    """In the order in which templates were made."""


async def row_of(transaction: Transaction, found: TemplateRef) -> TemplateRow:
    """The row of the template and version that a reference means."""
    rows = await transaction.rows(f"{_TEMPLATES} AND v.number = ? WHERE t.id = ?", found.version, found.id)
    return _row(rows[0])


async def listed(
    transaction: Transaction,
    read: Callable[[Transaction, TemplateRow], T],
    *,
    tags: Iterable[str],
    query: str | None,
    deleted: bool,
) -> tuple[list[T], tuple[Problem, ...], tuple[TemplateRow, ...]]:
    """Read the templates that fit, with their current versions; arguments as `Library.listing`.

    Args:
        transaction: any.
        read: makes of a row what is listed; may raise `LibraryError`, which hides no other row.
        tags: as for `Library.listing`.
        query: as for `Library.listing`.
        deleted: as for `Library.listing`.

    Returns:
        What was made of the rows, newest updated first, the reasons why nothing could be made of some, and
        the rows of those.
    """
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
    found = [row for row in map(_row, rows) if wanted <= set(row.tags)]
    found.sort(key=lambda row: (str(row.updated_at), row.place), reverse=True)
    listed: list[T] = []
    problems: list[Problem] = []
    damaged: list[TemplateRow] = []
    for row in found:
        try:
            listed.append(read(transaction, row))
        except LibraryError as error:
            problems.append(Problem(f"{transaction.path}: {row.id}", str(error)))
            damaged.append(row)
    return listed, tuple(problems), tuple(damaged)


def _row(row: tuple[Any, ...]) -> TemplateRow:
    tags = tuple(sorted(row[2].split(_SEPARATOR))) if row[2] else ()
    return TemplateRow(row[0], row[1], tags, *row[3:])
