"""Transactions on the library file, which is opened when it is first needed.

A cancelled task does not stop the SQL it waited for, so a cancellation interrupts a query, or waits for
the statement of a write, and ends the transaction before it goes on. Nothing is read or written outside
a transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from warmtui.errors import LibraryError, UsageError
from warmtui.library import migrations, sqlite
from warmtui.library.backups import back_up, backup_path, put_back
from warmtui.library.sqlite import (
    OpenedLibrary,
    execute_patiently,
    explain_errors,
    read_only_error,
    stamp,
    storable,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction, and how to run statements in it."""

    db: aiosqlite.Connection
    path: Path
    now: str
    """The time it began: ISO 8601 UTC with `Z`."""
    fts: bool
    """Whether this SQLite has the full-text index."""

    async def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement and return all its rows; lone surrogates in `values` become U+FFFD."""
        clean = [storable(value) if isinstance(value, str) else value for value in values]
        return [tuple(row) for row in await self.db.execute_fetchall(sql, clean)]

    async def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """Run a statement and return its first row; None without one."""
        found = await self.rows(sql, *values)
        return found[0] if found else None


@dataclass(slots=True)
class _Opened:
    """The library file as it is open now."""

    db: aiosqlite.Connection
    file: OpenedLibrary
    identity: tuple[int, int]
    """Device and inode of the file."""
    prepared: bool = False
    """WAL is on and the schema is the newest."""

    async def close(self) -> None:
        """Close the connection and remove a private copy."""
        try:
            await self.db.close()
        finally:
            if self.file.copy is not None:
                self.file.copy.close()


class Store:
    """Opens the library file when it is first needed, and runs one transaction at a time on it.

    Args:
        path: of the file; it need not exist, and only writing creates it.
        clock: gives the time of each transaction.
        patience: seconds to wait for another program that is writing.

    Raises:
        UsageError: the path cannot be one.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime], patience: float) -> None:
        if "\0" in str(path):
            raise UsageError("the library's path holds a NUL character", "name another with --library")
        self.path = path.absolute()
        self._clock = clock
        self._patience = patience
        self._turn = asyncio.Lock()
        self._opened: _Opened | None = None
        self._closed = False

    async def close(self) -> None:
        """Close the file once the transaction under way has ended; closing twice does nothing."""
        async with self._turn:
            self._closed = True
            await _to_its_end(self._drop())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction | None]:
        """Begin a transaction that sees one state of the library throughout.

        Yields:
            The transaction, or None when nothing has been kept yet (and nothing is created).

        Raises:
            LibraryError: the file cannot be read, or is not a library that this warmtui knows.
        """
        async with self._turn:
            with explain_errors(self.path):
                opened = await self._ready_to_read()
                if opened is None:
                    yield None
                    return
                async with self._transaction(opened, write=False) as transaction:
                    yield transaction

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Begin a transaction that commits when its block ends and rolls back when the block raises.

        Yields:
            The transaction; it holds the write lock.

        Raises:
            LibraryError: the file cannot be written; nothing was changed.
        """
        async with self._turn:
            with explain_errors(self.path):
                opened = await self._ready_to_write()
                async with self._transaction(opened, write=True) as transaction:
                    if transaction is None:
                        raise LibraryError(
                            f"the library {self.path} was emptied by another program", "try again"
                        )
                    yield transaction

    async def back_up(self, file: Path | None) -> Path | None:
        """Copy the library to a new file, by default in its own folder of backups.

        Returns:
            The copy; None when nothing has been kept yet.

        Raises:
            FileThereError: a file is there.
            LibraryError: the library cannot be read.
            WarmtuiError: the copy cannot be written.
        """
        async with self.reading() as transaction:
            if transaction is None:
                return None
        async with self._turn:
            with explain_errors(self.path):
                target = file or backup_path(self.path, "", stamp(self._clock()))
                await _to_its_end(asyncio.to_thread(back_up, self.path, target, patience=self._patience))
                return target

    async def put_back(self, backup: Path) -> Path | None:
        """Restore the library from a sound one that nobody else uses.

        Returns:
            A copy of what was there; None if there was nothing.

        Raises:
            LibraryError: it is locked or cannot be written.
            WarmtuiError: the copy cannot be written.
        """
        async with self._turn:
            with explain_errors(self.path):
                await _to_its_end(self._drop())
                safe = backup_path(self.path, "replaced", stamp(self._clock()))
                return await _to_its_end(
                    asyncio.to_thread(put_back, backup, self.path, safe, patience=self._patience)
                )

    async def _ready_to_read(self) -> _Opened | None:
        identity = await self._same_file()
        if self._opened is None:
            if identity is None:
                return None
            await _to_its_end(self._open(identity, write=False))
        opened = self._opened
        if opened is not None and not opened.prepared:
            number = await migrations.schema_number(opened.db, self.path, self._patience)
            writable = opened.file.writable
            if 0 < number < (migrations.known() if writable else migrations.oldest_readable()):
                if not writable:
                    raise LibraryError(
                        f"the library {self.path} is of an older warmtui and read-only, "
                        "so it cannot be brought up to date",
                        "make the file and its folder writable, or copy it to a folder that is",
                    )
                await _to_its_end(self._prepare(opened))
        return opened

    async def _ready_to_write(self) -> _Opened:
        identity = await self._same_file()
        if self._opened is not None and not self._opened.file.writable:
            # Permissions may have changed since it was opened.
            await _to_its_end(self._drop())
        if self._opened is None:
            if identity is None:
                sqlite.create_library(self.path)
                identity = sqlite.identity_of(self.path)
            if identity is None:
                raise LibraryError(
                    f"the library {self.path} cannot be created: it is a link to nowhere",
                    "name another library with --library",
                )
            await _to_its_end(self._open(identity, write=True))
        opened = self._opened
        if opened is None or not opened.file.writable:
            raise read_only_error(self.path)
        if not opened.prepared:
            await _to_its_end(self._prepare(opened))
        return opened

    async def _same_file(self) -> tuple[int, int] | None:
        """Return the file's device and inode; close the connection to a file that was removed or replaced."""
        if self._closed:
            raise RuntimeError("the library is closed")
        identity = sqlite.identity_of(self.path)
        if self._opened is not None and self._opened.identity != identity:
            await _to_its_end(self._drop())
        return identity

    async def _open(self, identity: tuple[int, int], *, write: bool) -> None:
        """Open the file in the driver's own thread.

        `aiosqlite.connect` does not wait for its thread when connecting fails, and the thread then reports
        to an event loop that may be closed by then. So a failure is handed over and raised here.
        """
        files: list[OpenedLibrary] = []
        failures: list[Exception] = []

        def connector() -> sqlite3.Connection:
            try:
                files.append(sqlite.open_library(self.path, write=write, patience=self._patience))
            except Exception as error:
                failures.append(error)
                return sqlite.connect(None)
            return files[0].db

        db = await aiosqlite.Connection(connector, iter_chunk_size=64)
        if failures:
            await db.close()
            raise failures[0]
        self._opened = _Opened(db, files[0], identity)

    async def _drop(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    async def _prepare(self, opened: _Opened) -> None:
        """Turn WAL on and bring the schema up to date, each step in its own transaction."""
        db = opened.db
        try:
            number = await migrations.schema_number(db, self.path, self._patience)
            if 0 < number < migrations.known():
                safe = backup_path(self.path, f"schema-{number}", stamp(self._clock()))
                await asyncio.to_thread(back_up, self.path, safe, patience=self._patience)
            await execute_patiently(db, "PRAGMA journal_mode = WAL", self._patience)
            for migration in migrations.MIGRATIONS[number:]:
                await execute_patiently(db, "BEGIN IMMEDIATE", self._patience)
                # Another program may have taken the same step while this one waited.
                if await migrations.schema_number(db, self.path, self._patience) < migration.number:
                    await migrations.apply(db, migration, stamp(self._clock()))
                await db.execute_fetchall("COMMIT")
        except BaseException:
            # Closing rolls the step back. Another way of opening may still allow reading.
            await self._drop()
            raise
        opened.prepared = True

    @asynccontextmanager
    async def _transaction(self, opened: _Opened, *, write: bool) -> AsyncIterator[Transaction | None]:
        db = opened.db
        try:
            await execute_patiently(db, "BEGIN IMMEDIATE" if write else "BEGIN", self._patience)
            number = await migrations.schema_number(db, self.path, self._patience)
            if 0 < number < (migrations.known() if opened.prepared else migrations.oldest_readable()):
                raise LibraryError(
                    f"the library {self.path} was replaced by an older one while it was open",
                    "start warmtui again",
                )
            yield Transaction(db, self.path, stamp(self._clock()), opened.file.fts) if number else None
            if write:
                await db.execute_fetchall("COMMIT")
            elif not await _to_its_end(_rolled_back(db)):
                await _to_its_end(self._drop())
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and not write:
                # FTS5 may keep a statement open, and then the interruption outlasts the query.
                await db.interrupt()
                await _to_its_end(self._drop())
            elif not await _to_its_end(_rolled_back(db)):
                await _to_its_end(self._drop())
            raise


async def _rolled_back(db: aiosqlite.Connection) -> bool:
    """Roll a transaction back; return False when only closing the connection can end it."""
    try:
        await db.execute_fetchall("ROLLBACK")
    except sqlite3.Error:
        # It may never have begun, or SQLite may have committed or rolled it back already.
        return not db.in_transaction
    return True


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` to its end even when cancelled, so that no connection is left half open.

    Raises:
        asyncio.CancelledError: it was cancelled; `work` has ended nevertheless.
    """
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        if not task.cancelled():
            task.exception()
        raise asyncio.CancelledError
    return task.result()
