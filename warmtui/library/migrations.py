"""The schema of the library, as the steps that lead to it.

Each step runs in one transaction together with the row that records it, so a library is always at
exactly one step. The file says by its `application_id` that it is a warmtui library; a database of
any other program is refused before anything is written to it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import aiosqlite

from warmtui.errors import LibraryError
from warmtui.library.sqlite import ELSEWHERE, execute_patiently

APPLICATION_ID = 0x7761726D
"""The letters `warm`, in bytes 68 to 71 of the file (https://sqlite.org/fileformat2.html)."""


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    """Counted from 1 without gaps."""
    name: str
    statements: tuple[str, ...]


_TEMPLATES = (
    """
    CREATE TABLE migrations (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        applied_at TEXT NOT NULL
    )
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    # Deferred, because templates and versions refer to each other.
    """
    CREATE TABLE templates (
        id TEXT PRIMARY KEY NOT NULL,
        name TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        deleted_at TEXT,
        current_version INTEGER NOT NULL,
        FOREIGN KEY (id, current_version) REFERENCES versions (template_id, number)
            DEFERRABLE INITIALLY DEFERRED
    )
    """,
    "CREATE UNIQUE INDEX names_in_use ON templates (name) WHERE deleted_at IS NULL",
    """
    CREATE TABLE versions (
        template_id TEXT NOT NULL REFERENCES templates (id),
        number INTEGER NOT NULL CHECK (number >= 1),
        content TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        created_at TEXT NOT NULL,
        PRIMARY KEY (template_id, number)
    )
    """,
    """
    CREATE TRIGGER versions_never_change BEFORE UPDATE ON versions
    BEGIN SELECT RAISE(ABORT, 'a version never changes'); END
    """,
    """
    CREATE TRIGGER versions_never_go BEFORE DELETE ON versions
    BEGIN SELECT RAISE(ABORT, 'a version never goes'); END
    """,
    """
    CREATE TABLE tags (
        template_id TEXT NOT NULL REFERENCES templates (id),
        tag TEXT NOT NULL,
        PRIMARY KEY (template_id, tag)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE drafts (
        key TEXT PRIMARY KEY NOT NULL,
        content TEXT NOT NULL,
        updated_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE uses (
        id INTEGER PRIMARY KEY,
        template_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        agent TEXT NOT NULL,
        session_id TEXT,
        source TEXT NOT NULL,
        started_at TEXT NOT NULL,
        command TEXT NOT NULL,
        exit_code INTEGER,
        candidates TEXT NOT NULL,
        thumb TEXT CHECK (thumb IN ('good', 'bad')),
        FOREIGN KEY (template_id, version) REFERENCES versions (template_id, number)
    )
    """,
    "CREATE INDEX uses_of_a_template ON uses (template_id)",
    "CREATE INDEX uses_by_session ON uses (session_id)",
    # The FTS5 index over this table is not part of the schema, because not every SQLite has FTS5.
    """
    CREATE TABLE search_text (
        number INTEGER PRIMARY KEY,
        template_id TEXT NOT NULL UNIQUE REFERENCES templates (id),
        text TEXT NOT NULL
    )
    """,
    "CREATE TABLE search_state (indexed INTEGER NOT NULL CHECK (indexed IN (0, 1)))",
    "INSERT INTO search_state (indexed) VALUES (0)",
)

MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "templates, versions, tags, drafts, uses, search", _TEMPLATES),
    # No table changes. An older warmtui cannot read notes and would call a version that has some damaged;
    # the number lets it say that a newer one wrote the library.
    Migration(2, "notes in the seeds of versions", ()),
)


def _condensed(sql: str) -> str:
    return " ".join(sql.split())


TRIGGERS = frozenset(
    _condensed(sql)
    for migration in MIGRATIONS
    for sql in migration.statements
    if sql.strip().startswith("CREATE TRIGGER")
)
"""The statements of a library's triggers, with single spaces."""


def known() -> int:
    """Return the number of the newest step."""
    return MIGRATIONS[-1].number


def oldest_readable() -> int:
    """Return the number of the newest step that changed a table; a library of an older one cannot be read."""
    return max(migration.number for migration in MIGRATIONS if migration.statements)


async def schema_number(db: aiosqlite.Connection, path: Path, patience: float) -> int:
    """Read the step that a library is at; 0 for an empty database.

    Args:
        db: an open connection.
        path: the file it is open on, for the errors.
        patience: seconds to wait for another program's lock.

    Raises:
        LibraryError: the database belongs to another program, or to a newer warmtui.
        sqlite3.Error: it could not be read.
    """
    ((application, tables),) = await execute_patiently(
        db,
        "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_master)",
        patience,
    )
    # A file that was just created, or one whose first migration was rolled back.
    if application == 0 and tables == 0:
        return 0
    if application != APPLICATION_ID:
        raise LibraryError(
            f"{path} is a database of another program, not a warmtui library",
            f"{ELSEWHERE}; nothing was changed",
        )
    programs = "SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    if {_condensed(str(sql)) for (sql,) in await execute_patiently(db, programs, patience)} - TRIGGERS:
        raise LibraryError(
            f"the library {path} holds a trigger or a view that warmtui did not make; it could change what "
            "is saved, so the library is not used",
            f"put a backup in its place, or {ELSEWHERE}",
        )
    ((number,),) = await execute_patiently(db, "SELECT max(number) FROM migrations", patience)
    if not isinstance(number, int):
        raise LibraryError(
            f"the library {path} is damaged: it does not say which schema it has",
            f"keep a copy of it and put a backup in its place, or {ELSEWHERE}",
        )
    if number > known():
        raise LibraryError(
            f"the library {path} was written by a newer warmtui (schema {number}, this one knows {known()})",
            f"upgrade warmtui, or {ELSEWHERE}",
        )
    return number


async def apply(db: aiosqlite.Connection, migration: Migration, now: str) -> None:
    """Run one step and record it, inside the transaction that the caller holds.

    Raises:
        sqlite3.Error: a statement failed; the caller rolls the whole step back.
    """
    for statement in migration.statements:
        await db.execute_fetchall(statement)
    await db.execute_fetchall(
        "INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)",
        (migration.number, migration.name, now),
    )
