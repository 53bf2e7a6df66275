"""Which template a reference means."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from warmtui.errors import AmbiguousError, NotFoundError, UsageError
from warmtui.library.names import NAME_CHARACTERS, Ref, id_start, parsed_ref, shown
from warmtui.library.store import Transaction

_COMPARED_NAMES = 2_000
"""How many of the newest names are compared for a suggestion; comparing is slow."""
_LISTED = 5


class TemplateRef(NamedTuple):
    """The template and version that a reference means."""

    id: str
    name: str
    version: int
    """The number that the reference asks for, else that of the current version."""
    pinned: bool
    """Whether the reference asks for a version."""


async def find(transaction: Transaction, ref: str, *, deleted: bool = False) -> TemplateRef:
    """Find the template with this name, else this id, else the only id that starts like this.

    Args:
        transaction: any.
        ref: the reference, with `@version` or without.
        deleted: look among the deleted templates instead of those in use.

    Raises:
        UsageError: the reference is empty.
        NotFoundError: nothing fits; names that are close are suggested.
        AmbiguousError: it is the start of several ids, or the name of several deleted templates.
    """
    wanted = parsed_ref(ref)
    rows = await _fitting(transaction, wanted, deleted=deleted)
    if len(rows) > 1:
        raise _ambiguous(wanted.text, rows)
    if not rows:
        raise await _not_found(transaction, wanted.text, deleted=deleted)
    template_id, name, current, _ = rows[0]
    if wanted.version is None:
        return TemplateRef(template_id, name, current, pinned=False)
    if wanted.version > current:
        raise no_such_version(name, wanted.version, current)
    return TemplateRef(template_id, name, wanted.version, pinned=True)


async def find_whole(transaction: Transaction, ref: str, *, deleted: bool = False) -> TemplateRef:
    """Find a template by a reference that names no version.

    Raises:
        UsageError: the reference asks for one version.
    """
    found = await find(transaction, ref, deleted=deleted)
    if found.pinned:
        raise UsageError(
            f"{shown(ref)} names one version, but this concerns the whole template",
            f"give {shown(found.name)}",
        )
    return found


async def find_by_name(transaction: Transaction, name: str) -> TemplateRef | None:
    """Find the template in use that has exactly this name; None when the name is free."""
    row = await transaction.row(
        "SELECT id, name, current_version FROM templates WHERE name = ? AND deleted_at IS NULL", name
    )
    return TemplateRef(row[0], row[1], row[2], pinned=False) if row else None


def no_such_version(name: str, number: int, current: int) -> NotFoundError:
    """Make the error for a version that a template does not have."""
    return NotFoundError(
        f"the template {shown(name)} has no version {number}",
        f"it has the versions 1 to {current}" if current > 1 else "it has version 1 only",
    )


async def _fitting(
    transaction: Transaction, wanted: Ref, *, deleted: bool
) -> list[tuple[str, str, int, str | None]]:
    state = "IS NOT NULL" if deleted else "IS NULL"
    columns = f"SELECT id, name, current_version, deleted_at FROM templates WHERE deleted_at {state} AND"
    rows = await transaction.rows(f"{columns} name = ? ORDER BY deleted_at", wanted.text)
    start = id_start(wanted.text)
    if not rows and start:
        rows = await transaction.rows(f"{columns} substr(id, 1, ?) = ? ORDER BY id", len(start), start)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _ambiguous(text: str, rows: list[tuple[str, str, int, str | None]]) -> AmbiguousError:
    listed = [
        f"{template_id} ({shown(name)}{', deleted ' + deleted_at if deleted_at else ''})"
        for template_id, name, _, deleted_at in rows
    ]
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return AmbiguousError(
        f"{shown(text)} fits {len(rows)} templates: {', '.join(listed[:_LISTED])}{more}",
        "give the id, or more of it",
    )


async def _not_found(transaction: Transaction, text: str, *, deleted: bool) -> NotFoundError:
    what = f"there is no {'deleted ' if deleted else ''}template {shown(text)}"
    other = await _fitting(transaction, Ref(text, None), deleted=not deleted)
    if other and deleted:
        return NotFoundError(what, f"{shown(other[0][1])} is in use, not deleted")
    if other:
        return NotFoundError(what, f"it was deleted: `warmtui undelete {other[0][0]}` brings it back")
    close = await _close_names(transaction, text, deleted=deleted)
    if close:
        return NotFoundError(what, f"did you mean {' or '.join(shown(name) for name in close)}?")
    command = "warmtui list --deleted" if deleted else "warmtui list"
    return NotFoundError(what, f"`{command}` shows what there is")


async def _close_names(transaction: Transaction, text: str, *, deleted: bool) -> list[str]:
    if len(text) > NAME_CHARACTERS:
        return []
    rows = await transaction.rows(
        f"SELECT name FROM templates WHERE deleted_at IS {'NOT ' if deleted else ''}NULL "
        "ORDER BY updated_at DESC LIMIT ?",
        _COMPARED_NAMES,
    )
    by_fold = {name.casefold(): name for (name,) in rows}
    close = difflib.get_close_matches(text.casefold(), by_fold, n=3, cutoff=0.6)
    return [by_fold[name] for name in close]
