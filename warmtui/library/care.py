"""Looking after the library: a backup that is whole or absent, and a check of everything kept."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from warmtui.errors import LibraryError, UsageError
from warmtui.library.connection import Transaction, to_its_end
from warmtui.library.content import read_content
from warmtui.library.names import checked_name, checked_tags
from warmtui.library.opening import connect
from warmtui.library.text import hash_of, shown

_LISTED = 100
"""SQLite's own limit for the findings of one check."""


async def backup(transaction: Transaction, path: Path) -> None:
    """Write one state of the library to a new file; as `Library.backup`."""
    target = _new_file(path)
    part = target.with_name(f".warmtui-backup-{secrets.token_hex(6)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            # The copy runs in another thread and cannot be stopped, so a cancellation waits for it.
            await to_its_end(_copy(transaction, part))
            _place(part, target)
        finally:
            for ending in ("", "-journal", "-wal", "-shm"):
                part.with_name(part.name + ending).unlink(missing_ok=True)
    except FileExistsError as error:
        raise UsageError(f"{target} exists already", "name a new file for the backup") from error
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise LibraryError(
            f"the backup {target} could not be written: {why}",
            "name a file in a folder that is writable and has space left",
        ) from error


def _new_file(path: Path) -> Path:
    """The absolute path of a file that does not exist yet.

    Raises:
        UsageError: it does, or the path cannot be one.
    """
    if "\0" in str(path):
        raise UsageError("the backup's path holds a NUL character", "name another file")
    if os.path.lexists(path):
        raise UsageError(f"{path} exists already", "name a new file for the backup")
    return path.absolute()


async def _copy(transaction: Transaction, part: Path) -> None:
    copy = await connect(part.as_uri())
    try:
        await transaction.db.backup(copy)
        # One file that can be read from anywhere, a folder without write permission too.
        await copy.execute_fetchall("PRAGMA journal_mode = DELETE")
    finally:
        await copy.close()


def _place(part: Path, target: Path) -> None:
    """Give a finished file its name, durably, and never in place of another file.

    Raises:
        OSError: it could not be; FileExistsError when there is one by now.
    """
    with part.open("rb") as written:
        os.fsync(written.fileno())
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: the smallest gap between looking and naming is left.
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        part.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def verify(transaction: Transaction) -> tuple[str, ...]:
    """Everything that is wrong with what is kept; as `Library.verify`."""
    found: list[str] = []
    try:
        rows = await transaction.rows(f"PRAGMA integrity_check({_LISTED})")
        found += [f"file: {text}" for (text,) in rows if text != "ok"]
        rows = await transaction.rows("PRAGMA foreign_key_check")
        found += [f"{table}: row {row} refers to a missing row of {parent}" for table, row, parent, _ in rows]
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
        found += _objections(template_id, name, [tag for (tag,) in tags])
        if current != newest or versions != newest:
            found.append(
                f"template {template_id}: {versions} versions up to {newest}, the current one being {current}"
            )
        if not all(isinstance(time, str) for time in times):
            found.append(f"template {template_id}: one of its times is no text")
        if not searchable:
            found.append(f"template {template_id}: cannot be found by searching")
    return found


def _objections(template_id: str, name: object, tags: list[object]) -> Iterator[str]:
    """What a save would have refused, or kept in another form."""
    try:
        good = checked_name(str(name)) == name
    except UsageError:
        good = False
    if not good:
        yield f"template {template_id}: {shown(str(name))} cannot be a name"
    for tag in tags:
        try:
            good = checked_tags([str(tag)]) == (tag,)
        except UsageError:
            good = False
        if not good:
            yield f"template {template_id}: {shown(str(tag))} cannot be a tag"


async def _versions(transaction: Transaction) -> list[str]:
    """Recompute every hash, one version in memory at a time: a history can be large."""
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
