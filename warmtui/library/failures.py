"""SQLite's failures in the words of the library: what is wrong with which file, and what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warmtui.errors import LibraryError

ELSEWHERE = "name another library with --library"

_PRIMARY = 0xFF  # the low byte of an extended result code: https://sqlite.org/rescode.html

_BY_CODE = {
    sqlite3.SQLITE_BUSY: (
        "is locked by another program",
        "wait until that has finished, then try again; nothing was changed",
    ),
    sqlite3.SQLITE_LOCKED: (
        "is locked by another program",
        "wait until that has finished, then try again; nothing was changed",
    ),
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


def code_of(error: sqlite3.Error) -> int:
    """The primary SQLite result code of an error, 0 when Python itself raised it."""
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    return code & _PRIMARY


def explained_error(path: Path, error: sqlite3.Error) -> LibraryError:
    """The error a person is shown for a failure of SQLite on the library at `path`."""
    said, remedy = _BY_CODE.get(
        code_of(error),
        (f"could not be used ({error})", "`warmtui library verify` tells whether it is damaged"),
    )
    return LibraryError(f"the library {path} {said}", remedy)


def read_only_error(path: Path) -> LibraryError:
    """The error of a write to a library that can only be read."""
    said, remedy = _BY_CODE[sqlite3.SQLITE_READONLY]
    return LibraryError(f"the library {path} {said}", remedy)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a LibraryError that names `path`; misuse of the driver stays as it is.

    Raises:
        LibraryError: in place of every `sqlite3.Error` but `sqlite3.ProgrammingError`.
    """
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.Error as error:
        raise explained_error(path, error) from error
