"""A check of everything that the library keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from pydantic import ValidationError

from warmtui.errors import UsageError
from warmtui.library.migrations import TRIGGERS
from warmtui.library.names import check_name, check_tags, quote
from warmtui.library.store import Transaction
from warmtui.library.templates import hash_of, read_content

_LISTED = 100
"""How many findings SQLite reports; its own default."""


async def find_problems(transaction: Transaction) -> tuple[str, ...]:
    """List everything that is wrong with the library, one line each."""
    found: list[str] = []
    try:
        rows = await transaction.rows(f"PRAGMA integrity_check({_LISTED})")
        found += [f"file: {text}" for (text,) in rows if text != "ok"]
        rows = await transaction.rows("PRAGMA foreign_key_check")
        found += [f"{table}: row {row} refers to a missing row of {parent}" for table, row, parent, _ in rows]
        ((triggers,),) = await transaction.rows("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")
        if triggers < len(TRIGGERS):
            found.append("file: a trigger that protects versions from changes is missing")
        found += await _templates(transaction)
        found += await _versions(transaction)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        found.append(f"file: {error}")
    return tuple(found)


async def _templates(transaction: Transaction) -> list[str]:
    found: list[str] = []
    rows = await transaction.rows(
        "SELECT t.id, t.name, t.current_version, "
        "(SELECT count(*) FROM versions WHERE template_id = t.id), "
        "(SELECT max(number) FROM versions WHERE template_id = t.id), "
        "(SELECT count(*) FROM search_text WHERE template_id = t.id), "
        "t.created_at, t.updated_at, ifnull(t.deleted_at, '') FROM templates AS t ORDER BY t.id"
    )
    for template_id, name, current, versions, newest, searchable, *times in rows:
        tags = await transaction.rows("SELECT tag FROM tags WHERE template_id = ?", template_id)
        found += _find_objections(template_id, name, [tag for (tag,) in tags])
        if current != newest or versions != newest:
            found.append(
                f"template {template_id}: {versions} versions up to {newest}, the current one being {current}"
            )
        if not all(isinstance(time, str) for time in times):
            found.append(f"template {template_id}: one of its times is no text")
        if not searchable:
            found.append(f"template {template_id}: cannot be found by searching")
    return found


def _find_objections(template_id: str, name: object, tags: list[object]) -> Iterator[str]:
    """Yield names and tags that a save would have refused or changed."""
    try:
        good = check_name(str(name)) == name
    except UsageError:
        good = False
    if not good:
        yield f"template {template_id}: {quote(str(name))} cannot be a name"
    for tag in tags:
        try:
            good = check_tags([str(tag)]) == (tag,)
        except UsageError:
            good = False
        if not good:
            yield f"template {template_id}: {quote(str(tag))} cannot be a tag"


async def _versions(transaction: Transaction) -> list[str]:
    """Recompute every hash, with one version in memory at a time because a history can be large."""
    found: list[str] = []
    keys = await transaction.rows("SELECT template_id, number FROM versions ORDER BY template_id, number")
    for template_id, number in keys:
        row = await transaction.row(
            "SELECT content, content_hash, created_at FROM versions WHERE template_id = ? AND number = ?",
            template_id,
            number,
        )
        content, kept_hash, created_at = row or ("", "", "")
        if not isinstance(created_at, str):
            found.append(f"template {template_id} version {number}: its time is no text")
        if not isinstance(content, str) or hash_of(content) != kept_hash:
            found.append(f"template {template_id} version {number}: the content is not what was saved")
            continue
        try:
            read_content(content)
        except ValidationError as error:
            found.append(f"template {template_id} version {number}: {error.error_count()} wrong fields")
    return found
