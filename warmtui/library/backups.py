"""Copies of a library: made when asked and before its schema changes, and put back."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from warmtui.errors import LibraryError
from warmtui.files import make_folder, new_file
from warmtui.library.sqlite import beside, code_of, connect, create_library, open_library
from warmtui.temporary import TemporaryFolder

FOLDER = "backups"
"""The folder beside the library that backups are kept in."""
_UNREADABLE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


def backup_path(library: Path, reason: str, moment: str) -> Path:
    """Return a path for a backup that no file has: `backups/library-20260102T030405Z-REASON.db`.

    Args:
        library: the library file.
        reason: why it is made, a word or two for the name; may be empty.
        moment: ISO 8601 UTC with `Z`.
    """
    compact = moment.partition(".")[0].replace("-", "").replace(":", "").removesuffix("Z") + "Z"
    stem = "-".join(filter(None, (library.stem, compact, reason)))
    folder = library.parent / FOLDER
    names = (f"{stem}.db", *(f"{stem}-{number}.db" for number in range(2, 1_000)))
    return next(folder / name for name in names if not (folder / name).exists())


def _write_backup(db: sqlite3.Connection, path: Path) -> None:
    with TemporaryFolder() as folder:
        # In a folder of its own, because SQLite makes files beside it.
        copy = folder / "library.db"
        with closing(connect(copy)) as target:
            db.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
        with contextlib.suppress(OSError):  # writing then says why
            make_folder(path.parent)
        with new_file(path, replace=False) as temporary:
            shutil.copyfile(copy, temporary)


def back_up(path: Path, target: Path, *, patience: float) -> None:
    """Copy a library that may be open elsewhere to a new file, whole or not at all.

    Raises:
        FileThereError: a file is there.
        LibraryError: the library cannot be opened.
        WarmtuiError: the copy cannot be written.
        sqlite3.Error: the library cannot be read.
    """
    opened = open_library(path, write=False, patience=patience)
    try:
        _write_backup(opened.db, target)
    finally:
        opened.close()


def copy_files(path: Path, folder: Path) -> Path:
    """Copy a library file with its log, as they lie on the disk, and return the copy.

    Raises:
        OSError: one cannot be read.
    """
    copy = folder / "library.db"
    shutil.copyfile(path, copy)
    if beside(path, "-wal").exists():
        shutil.copyfile(beside(path, "-wal"), beside(copy, "-wal"))
    return copy


def put_back(backup: Path, path: Path, safe: Path, *, patience: float) -> Path | None:
    """Give a library the content of a backup. What was in it is kept.

    Programs that have the library open see the new content with their next transaction.

    Args:
        backup: a sound library that nobody else uses.
        path: the library file; it may be missing or damaged.
        safe: where a copy of it is kept.
        patience: seconds to wait for another program's lock.

    Returns:
        The copy of what was there; None if there was nothing.

    Raises:
        LibraryError: it is locked by another program.
        WarmtuiError: a file cannot be written.
        sqlite3.Error: a database cannot be read or written.
    """
    kept = _keep(path, safe, patience)
    create_library(path)
    with closing(connect(backup, "mode=ro")) as source, closing(connect(path)) as target:
        source.backup(target, progress=_give_up(path, time.monotonic() + patience))
    return kept


def _keep(path: Path, safe: Path, patience: float) -> Path | None:
    if not path.exists():
        return None
    try:
        back_up(path, safe, patience=patience)
    except sqlite3.Error as error:
        if code_of(error) not in _UNREADABLE:
            raise
        # Not readable as a database, so its files are moved away as they are.
        make_folder(safe.parent)
        for ending in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                beside(path, ending).rename(beside(safe, ending))
    return safe


def _give_up(path: Path, deadline: float) -> Callable[[int, int, int], None]:
    """Return a function that ends a copy which waits too long for a lock; Python's own waits for ever."""

    def look(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise LibraryError(
                f"the library {path} is locked by another program",
                "wait until that has finished, then try again; nothing was changed",
            )

    return look
