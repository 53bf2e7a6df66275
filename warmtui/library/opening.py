"""Opening the library file: for writing, and in every way that still allows reading."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosqlite

from warmtui.errors import LibraryError
from warmtui.library.failures import ELSEWHERE, code_of, read_only_error
from warmtui.library.text import decoded

BUSY_STEP = 0.1
"""Seconds that one statement waits for a lock; a cancellation is noticed between two such waits."""

_SHM_REGION = 32_768
"""Bytes; a smaller `-shm` was left by an opening that failed (https://sqlite.org/walformat.html)."""

_SETTINGS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    # A library can come from somebody else: what its schema says is not trusted with functions.
    "PRAGMA trusted_schema = OFF",
)

_READING_MAY_STILL_WORK = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_PERM,
    }
)


@dataclass(slots=True)
class Opened:
    """An open library file."""

    db: aiosqlite.Connection
    writable: bool
    identity: tuple[int, int]
    """Device and inode: a file that was replaced is not noticed through the connection."""
    fts: bool
    """Whether this SQLite has FTS5 with the trigram tokenizer (3.34 or later)."""
    copy: Path | None = None
    """The private folder of a copy, removed on closing."""
    prepared: bool = False
    """WAL is on and the schema is the newest."""

    async def close(self) -> None:
        """Close the connection and remove a private copy."""
        try:
            await self.db.close()
        finally:
            if self.copy is not None:
                shutil.rmtree(self.copy, ignore_errors=True)


def identity_of(path: Path) -> tuple[int, int] | None:
    """Device and inode of the library file, None when there is none yet.

    Raises:
        LibraryError: the path is no file, or cannot be looked at.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LibraryError(
            f"the library {path} cannot be opened: {error.strerror}",
            f"make its folder accessible, or {ELSEWHERE}",
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise LibraryError(f"the library {path} is not a file", ELSEWHERE)
    return found.st_dev, found.st_ino


def create(path: Path) -> None:
    """Make an empty library file (mode 0600) and the folders above it that are missing (0700).

    A file that appeared meanwhile is left as it is.

    Raises:
        LibraryError: a folder or the file could not be made.
    """
    try:
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)
        # Only a new file is opened here: closing an existing one would drop this process' locks on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise LibraryError(
            f"the library {path} cannot be created: {error.strerror}",
            f"make its folder writable and leave some space on the disk, or {ELSEWHERE}",
        ) from error


async def patiently(db: aiosqlite.Connection, sql: str, patience: float) -> list[tuple[Any, ...]]:
    """Run a statement that may find the library locked, trying again for `patience` seconds.

    Returns:
        The rows of the statement.

    Raises:
        sqlite3.Error: it failed for another reason, or the library was still locked at the end.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return [tuple(row) for row in await db.execute_fetchall(sql)]
        except sqlite3.OperationalError as error:
            if code_of(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(0.005)


async def open_file(path: Path, identity: tuple[int, int], *, write: bool, patience: float) -> Opened:
    """Open an existing library file.

    Args:
        path: absolute path of the file.
        identity: its device and inode.
        write: whether reading alone would be of no use.
        patience: seconds to wait for another program's lock.

    Returns:
        The open file; `writable` tells whether saving can be tried.

    Raises:
        LibraryError: `write`, and the file or its folder is read-only.
        sqlite3.Error: it could not be opened, or is no database.
    """
    if _may_write(path) and _may_write(path.parent):
        try:
            return await _connect(path, "mode=rw", identity, patience, writable=True)
        except sqlite3.Error as error:
            if write or code_of(error) not in _READING_MAY_STILL_WORK:
                raise
    elif write:
        raise read_only_error(path)
    try:
        return await _connect(path, "mode=ro", identity, patience, writable=False)
    except sqlite3.Error as error:
        # Where SQLite cannot make its two side files it cannot read a WAL database in the usual way.
        if code_of(error) not in _READING_MAY_STILL_WORK or _in_use(path):
            raise
    log = _beside(path, "-wal")
    if not log.exists() or not log.stat().st_size:
        return await _connect(path, "mode=ro&immutable=1", identity, patience, writable=False)
    return await _open_copy(path, log, patience, identity)


async def connect(address: str) -> aiosqlite.Connection:
    """Connect to a `file:` address, without implicit transactions.

    `aiosqlite.connect` does not wait for its thread when connecting fails, and the thread then reports to
    an event loop that may be closed by then. So failing is done by hand here.

    Raises:
        sqlite3.Error: it could not be opened.
    """
    failed: list[sqlite3.Error] = []

    def connector() -> sqlite3.Connection:
        try:
            return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_STEP)
        except sqlite3.Error as error:
            failed.append(error)
            return sqlite3.connect(":memory:")

    db = await aiosqlite.Connection(connector, iter_chunk_size=64)
    if failed:
        await db.close()
        raise failed[0]
    return db


async def _open_copy(path: Path, log: Path, patience: float, identity: tuple[int, int]) -> Opened:
    """Open a private copy of a library that was left with a log in a folder we cannot write to."""
    folder = Path(tempfile.mkdtemp(prefix="warmtui-"))
    try:
        copied = folder / "library.db"
        shutil.copyfile(path, copied)
        shutil.copyfile(log, _beside(copied, "-wal"))
        return await _connect(copied, "mode=rw", identity, patience, writable=False, copy=folder)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise LibraryError(
                f"the library {path} cannot be read: {error.strerror}",
                f"make the file and its folder readable and writable, or {ELSEWHERE}",
            ) from error
        raise


async def _connect(
    path: Path,
    options: str,
    identity: tuple[int, int],
    patience: float,
    *,
    writable: bool,
    copy: Path | None = None,
) -> Opened:
    """Open in one way, and read the header to see that it works."""
    # `as_uri` quotes `#`, `?` and `%`, which would end the path or change it.
    address = f"{path.as_uri()}?{options}"
    db = await connect(address)
    try:
        db.text_factory = decoded
        for setting in _SETTINGS:
            await db.execute_fetchall(setting)
        await patiently(db, "SELECT count(*) FROM sqlite_master", patience)
        return Opened(db, writable, identity, await _has_fts(db), copy)
    except BaseException:
        await db.close()
        raise


async def _has_fts(db: aiosqlite.Connection) -> bool:
    """Whether this SQLite can make the search index."""
    try:
        await db.execute_fetchall(
            "CREATE VIRTUAL TABLE temp.probe USING fts5(text, tokenize = 'trigram case_sensitive 1')"
        )
    except sqlite3.OperationalError:
        return False
    await db.execute_fetchall("DROP TABLE temp.probe")
    return True


def _in_use(path: Path) -> bool:
    """Whether another program may have the library open: then its `-shm` has at least one whole region."""
    try:
        return _beside(path, "-shm").stat().st_size >= _SHM_REGION
    except FileNotFoundError:
        return False


def _may_write(path: Path) -> bool:
    """Whether permissions and the file system allow writing; SQLite itself would open it all the same."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _beside(path: Path, ending: str) -> Path:
    """One of the files SQLite keeps beside a database: `-wal`, `-shm`."""
    return path.with_name(path.name + ending)
