"""Open the SQLite files that warmtui keeps, and explain what went wrong with one.

Every connection to the library and to its index is made by `connect`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warmtui.errors import LibraryError
from warmtui.files import make_folder
from warmtui.temporary import TemporaryFolder

if TYPE_CHECKING:
    import aiosqlite

BUSY_STEP = 0.1
"""Seconds that one statement waits for a lock; a cancellation is noticed between two such waits."""
ELSEWHERE = "name another library with --library"

_SHM_REGION = 32_768
"""Bytes; a smaller `-shm` was left by an opening that failed (https://sqlite.org/walformat.html)."""
_PRIMARY = 0xFF
"""The low byte of an extended result code (https://sqlite.org/rescode.html)."""
_READING_MAY_STILL_WORK = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_PERM,
    }
)
_LOCKED = (
    "is locked by another program",
    "wait until that has finished, then try again; nothing was changed",
)
_BY_CODE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_FULL: (
        "could not be written: the disk is full",
        "free some space, then try again; nothing was changed",
    ),
    sqlite3.SQLITE_IOERR: (
        "could not be read or written: the disk is full, over its quota or failing",
        "check the disk, then try again; nothing was changed",
    ),
    sqlite3.SQLITE_READONLY: (
        "is read-only",
        f"make the file and its folder writable, or {ELSEWHERE}",
    ),
    sqlite3.SQLITE_PERM: (
        "may not be opened",
        f"make the file and its folder readable and writable, or {ELSEWHERE}",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        f"make the file and its folder readable and writable, or {ELSEWHERE}",
    ),
    sqlite3.SQLITE_NOTADB: (
        "is not a warmtui library: it is no SQLite database",
        f"{ELSEWHERE}, or put a backup in its place",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        f"keep a copy of it and put a backup in its place, or {ELSEWHERE}",
    ),
    sqlite3.SQLITE_TOOBIG: (
        "cannot keep a text of more than a gigabyte",
        "shorten the results of the examples, then save again",
    ),
}


# Connections


def connect(
    path: Path | None, options: str = "mode=rwc", *, timeout: float = BUSY_STEP
) -> sqlite3.Connection:
    """Connect to a database, without implicit transactions; the connection may be used by any one thread.

    Args:
        path: absolute path of the file; None for a database in memory.
        options: of the `file:` address (https://sqlite.org/uri.html).
        timeout: seconds that a statement waits for another program's lock.

    Raises:
        sqlite3.Error: it could not be opened.
    """
    # `as_uri` quotes `#`, `?` and `%`, which would end the path or change it.
    address = ":memory:" if path is None else f"{path.as_uri()}?{options}"
    db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=timeout, check_same_thread=False)
    # The file may come from a stranger, so its schema must not run unsafe functions.
    db.execute("PRAGMA trusted_schema = OFF")
    return db


@dataclass(frozen=True, slots=True)
class OpenedLibrary:
    """A connection to a library file, and what can be done with it."""

    db: sqlite3.Connection
    writable: bool
    fts: bool
    """Whether this SQLite has FTS5 with the trigram tokenizer (3.34 or later)."""
    copy: TemporaryFolder | None = None
    """The folder of a private copy, to be closed after the connection."""

    def close(self) -> None:
        """Close the connection and remove a private copy."""
        self.db.close()
        if self.copy is not None:
            self.copy.close()


def open_library(path: Path, *, write: bool, patience: float) -> OpenedLibrary:
    """Open an existing library file, in the best way that still allows reading.

    Args:
        path: absolute path of the file.
        write: whether the caller needs to write.
        patience: seconds to wait for another program's lock.

    Raises:
        LibraryError: `write`, and the file or its folder is read-only.
        sqlite3.Error: it could not be opened, or is not a database.
    """
    if _may_write(path) and _may_write(path.parent):
        _give_side_files_its_mode(path)
        try:
            return _opened(path, "mode=rw", patience, writable=True)
        except sqlite3.Error as error:
            if write or code_of(error) not in _READING_MAY_STILL_WORK:
                raise
    elif write:
        raise read_only_error(path)
    try:
        return _opened(path, "mode=ro", patience, writable=False)
    except sqlite3.Error as error:
        # Where SQLite cannot make its two side files it cannot read a WAL database in the usual way.
        if code_of(error) not in _READING_MAY_STILL_WORK or _in_use(path):
            raise
    log = beside(path, "-wal")
    if not log.exists() or not log.stat().st_size:
        return _opened(path, "mode=ro&immutable=1", patience, writable=False)
    return _opened_copy(path, log, patience)


def _opened(
    path: Path, options: str, patience: float, *, writable: bool, copy: TemporaryFolder | None = None
) -> OpenedLibrary:
    """Open in one way, and read the header to see that it works."""
    db = connect(path, options, timeout=patience)
    try:
        # Bytes that are not UTF-8, because of damage, become U+FFFD.
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        db.execute("PRAGMA foreign_keys = ON")
        # In WAL mode NORMAL can lose the last saves when the power fails.
        db.execute("PRAGMA synchronous = FULL")
        db.execute("SELECT count(*) FROM sqlite_master").fetchall()
        # Opening may wait long; later statements retry in small steps, see `execute_patiently`.
        db.execute(f"PRAGMA busy_timeout = {int(1_000 * BUSY_STEP)}")
        return OpenedLibrary(db, writable, has_fts(db), copy)
    except BaseException:
        db.close()
        raise


def _opened_copy(path: Path, log: Path, patience: float) -> OpenedLibrary:
    """Open a private copy of a library that was left with a log in a folder we cannot write to."""
    folder = TemporaryFolder()
    try:
        copied = folder.path / "library.db"
        shutil.copyfile(path, copied)
        shutil.copyfile(log, beside(copied, "-wal"))
        return _opened(copied, "mode=rw", patience, writable=False, copy=folder)
    except BaseException as error:
        folder.close()
        if isinstance(error, OSError):
            raise LibraryError(
                f"the library {path} cannot be read: {error.strerror}",
                f"make the file and its folder readable and writable, or {ELSEWHERE}",
            ) from error
        raise


def has_fts(db: sqlite3.Connection) -> bool:
    """Whether this SQLite can make the search index."""
    try:
        # A temporary table writes nothing to the file.
        db.execute("CREATE VIRTUAL TABLE temp.probe USING fts5(text, tokenize = 'trigram case_sensitive 1')")
    except sqlite3.OperationalError:
        return False
    db.execute("DROP TABLE temp.probe")
    return True


async def execute_patiently(db: aiosqlite.Connection, sql: str, patience: float) -> list[tuple[Any, ...]]:
    """Run a statement that may find the library locked, and try again for `patience` seconds.

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


# Files


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return device and inode of the library file; None when there is none yet.

    An open connection does not notice that its file was replaced, so the two are compared.

    Raises:
        LibraryError: the path is not a file, or cannot be looked at.
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


def create_library(path: Path) -> None:
    """Make an empty library file (mode 0600) and the folders above it that are missing (0700).

    A file that appeared meanwhile is left as it is.

    Raises:
        LibraryError: a folder or the file could not be made.
    """
    try:
        create_private(path)
    except OSError as error:
        raise LibraryError(
            f"the library {path} cannot be created: {error.strerror}",
            f"make its folder writable and leave some space on the disk, or {ELSEWHERE}",
        ) from error


def create_private(path: Path) -> None:
    """Make an empty file that only its owner can read, and the missing folders above it.

    Raises:
        OSError: a folder or the file could not be made.
    """
    make_folder(path.parent)
    try:
        # Only a new file is opened here: closing an existing one would drop this process' locks on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def _give_side_files_its_mode(path: Path) -> None:
    """Let the `-wal` and `-shm` that SQLite made while the library was read-only be written again."""
    mode = stat.S_IMODE(path.stat().st_mode)
    for ending in ("-wal", "-shm"):
        # Not ours, or gone since: opening then says what is wrong.
        with suppress(OSError):
            found = beside(path, ending).lstat()
            if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) != mode:
                beside(path, ending).chmod(mode)


def _in_use(path: Path) -> bool:
    """Whether another program may have the library open: then its `-shm` has at least one whole region."""
    try:
        return beside(path, "-shm").stat().st_size >= _SHM_REGION
    except FileNotFoundError:
        return False


def _may_write(path: Path) -> bool:
    """Whether permissions and the file system allow writing; SQLite itself would open it all the same."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file that SQLite keeps beside a database: `-wal`, `-shm`."""
    return path.with_name(path.name + ending)


# Errors


def code_of(error: sqlite3.Error) -> int:
    """Return the primary SQLite result code of an error; 0 when Python itself raised it."""
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    return code & _PRIMARY


def read_only_error(path: Path) -> LibraryError:
    """Make the error for a write to a library that can only be read."""
    said, remedy = _BY_CODE[sqlite3.SQLITE_READONLY]
    return LibraryError(f"the library {path} {said}", remedy)


@contextmanager
def explain_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a LibraryError that names `path`; misuse of the driver stays as it is.

    Raises:
        LibraryError: in place of every `sqlite3.Error` but `sqlite3.ProgrammingError`.
    """
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.Error as error:
        said, remedy = _BY_CODE.get(
            code_of(error),
            (f"could not be used ({error})", "`warmtui library verify` tells whether it is damaged"),
        )
        raise LibraryError(f"the library {path} {said}", remedy) from error


# Values


def storable(text: str) -> str:
    """Replace each lone surrogate by U+FFFD, since SQLite keeps valid UTF-8 only.

    Two surrogates that together are one character become that character.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def stamp(moment: datetime) -> str:
    """Write a moment as ISO 8601 UTC in milliseconds with `Z`; a naive one is taken as local time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
