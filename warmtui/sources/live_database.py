"""Read an SQLite database while another program writes it.

Measured before this was written (500 rows a second being written): short reads through `mode=ro` never
make the writer wait; a read transaction held for seconds blocks its checkpoints and grows its WAL. So
every query here is fetched whole, in bounded pages, and nothing stays open between two of them.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from warmtui.errors import SourceError
from warmtui.temporary import TemporaryFolder
from warmtui.text import decode_utf8

T = TypeVar("T")
MAGIC = b"SQLite format 3\x00"
RETRY_SECONDS = 2.0
"""How long "locked" and "disk I/O error" are retried: the writer's WAL reset takes milliseconds."""
FETCHED = 128
"""Rows fetched between two looks at their size."""
DRIVER_ERRORS = (sqlite3.Error, OverflowError, ValueError, MemoryError)
"""What sqlite3 raises on a damaged file: besides its own errors an OverflowError for numbers, a
UnicodeDecodeError where the error message itself quotes undecodable bytes, a MemoryError for absurd sizes."""
PAGE_BYTES = 16 * 2**20
"""A page ends early when its texts reach this: single results of 10 MB exist."""


class ReadInterruptedError(SourceError):
    """`LiveDatabase.interrupt` ended the query."""


class DamageError(SourceError):
    """A query met a part of the file that cannot be read; other queries may still succeed."""


class Query(Protocol):
    """Asks a database."""

    def __call__(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Fetch all rows of a query that returns few."""
        ...


class LiveDatabase:
    """A read-only connection to a database that may be written at any moment.

    Args:
        path: the database file.

    Raises:
        SourceError: there is no such file, it is not SQLite, it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.interrupts = 0
        """How often `interrupt` was called; work of several queries compares it."""
        self.failed = False
        """A query failed for more than a lock: the file may have been overwritten, which only opening it
        again shows; this connection goes on with what it knew."""
        self._copy: TemporaryFolder | None = None
        check_file(path)
        self._db = self._connect(path)
        try:
            self.query("SELECT 1 FROM sqlite_master LIMIT 1")
        except SourceError as error:
            self._db.close()
            # only these mean that SQLite could not make its -shm; anything else stays an error, because
            # immutable would silently miss what a writer has committed
            no_shm = any(sign in error.what for sign in ("unable to open", "attempt to write a readonly"))
            other = self._other_way() if no_shm else None
            if other is None:
                raise
            self._db = other

    def _connect(self, path: Path, *, immutable: bool = False) -> sqlite3.Connection:
        uri = f"file:{quote(str(path))}?mode=ro" + ("&immutable=1" if immutable else "")
        try:
            db = sqlite3.connect(uri, uri=True, timeout=0.1, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA query_only=1")
        except DRIVER_ERRORS as error:
            raise SourceError(f"{path} cannot be opened: {_words(error)}", "check its permissions") from None
        return db

    def _other_way(self) -> sqlite3.Connection | None:
        """Open a WAL database in a read-only folder, where SQLite cannot make its files."""
        wal, shm = (Path(f"{self.path}{end}") for end in ("-wal", "-shm"))
        if not wal.exists():
            # cleanly closed, nobody is writing: the one case in which immutable misses nothing
            db = self._connect(self.path, immutable=True)
        elif not shm.exists():
            self._copy = TemporaryFolder()
            copy = self._copy.path / "copy.db"
            shutil.copyfile(self.path, copy)
            shutil.copyfile(wal, f"{copy}-wal")
            db = self._connect(copy)
        else:
            return None
        try:
            db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except DRIVER_ERRORS:
            db.close()
            return None
        return db

    def query(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Fetch all rows of a query that returns few.

        Raises:
            SourceError: the database stays locked, or is damaged.
        """
        return self._retry(lambda: self._db.execute(sql, values).fetchall())

    def add_function(self, name: str, function: Callable[..., bool]) -> None:
        """Let queries call a function; one that was added under this name before is replaced."""
        self._db.create_function(name, -1, function, deterministic=True)

    def interruptible(self) -> Query:
        """Return a `query` that raises once `interrupt` has been called from now on.

        It is for work of several queries: `interrupt` alone ends only the running one.
        """
        before = self.interrupts

        def query(sql: str, values: Sequence[object] = ()) -> list[Any]:
            if self.interrupts != before:
                raise ReadInterruptedError(f"reading {self.path} was interrupted")
            return self.query(sql, values)

        return query

    def page(self, sql: str, values: Sequence[object], *, text_column: int) -> tuple[list[Any], bool]:
        """Fetch rows until `PAGE_BYTES` of text.

        Args:
            sql: a query whose order makes it possible to go on after its last row.
            values: its parameters.
            text_column: index of the column that is long.

        Returns:
            The rows, and whether the page ended early.
        """

        def fetch() -> tuple[list[Any], bool]:
            cursor = self._db.execute(sql, values)
            rows: list[Any] = []
            size = 0
            text = itemgetter(text_column)
            try:
                while batch := cursor.fetchmany(FETCHED):
                    rows += batch
                    size += sum(len(value) for value in map(text, batch) if isinstance(value, (str, bytes)))
                    if size > PAGE_BYTES:
                        return rows, True
            finally:
                cursor.close()
            return rows, False

        return self._retry(fetch)

    def interrupt(self) -> None:
        """End the running query, from any thread; it raises `ReadInterruptedError`.

        The connection stays good for the next query. Do not `close` it from another thread meanwhile.
        """
        self.interrupts += 1
        with suppress(sqlite3.ProgrammingError):  # closed: nothing is under way
            self._db.interrupt()

    def _retry(self, work: Callable[[], T]) -> T:
        before = self.interrupts
        deadline = time.monotonic() + RETRY_SECONDS
        pause = 0.005
        while True:
            try:
                return work()
            except DRIVER_ERRORS as error:
                if "decode to UTF-8" in str(error) and self._db.text_factory is str:
                    # some text is not UTF-8: read it the slow way, which replaces what is not
                    self._db.text_factory = decode_utf8
                    continue
                if self.interrupts != before:
                    raise ReadInterruptedError(f"reading {self.path} was interrupted") from None
                if _is_passing(error) and time.monotonic() < deadline:
                    time.sleep(pause)
                    pause = min(pause * 2, 0.1)
                    continue
                raise self._failure(error) from None

    def _failure(self, error: Exception) -> SourceError:
        text = _words(error)
        if "locked" in text or "busy" in text:
            return SourceError(
                f"{self.path} stayed locked for {RETRY_SECONDS:g} s", "try again when its writer is done"
            )
        self.failed = True
        if "malformed" in text or "not a database" in text or "disk image" in text:
            return DamageError(
                f"{self.path} is damaged: {text}", f"try: sqlite3 '{self.path}' .recover > recovered.sql"
            )
        return DamageError(f"{self.path} could not be read: {text}", "check the file and its disk")

    def close(self) -> None:
        """Close the connection and remove a private copy."""
        self._db.close()
        if self._copy is not None:
            self._copy.close()


def check_file(path: Path) -> None:
    """Make sure that a file is an SQLite database.

    Raises:
        SourceError: it is not, or there is none, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except FileNotFoundError:
        raise SourceError(
            f"{path} does not exist",
            "--source takes an agent's name, or the path of a database, folder or file",
        ) from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}", "check its permissions") from None
    if not start:
        raise SourceError(
            f"{path} is empty", "is it the right file? Hermes writes state.db on its first start"
        )
    if start != MAGIC:
        raise SourceError(f"{path} is not an SQLite database", "give a state.db, JSON or JSONL file")


def _words(error: Exception) -> str:
    """Return an error's message, also where SQLite's own message could not be decoded."""
    if isinstance(error, UnicodeDecodeError):
        return error.object.decode("utf-8", "replace")
    return str(error)


def _is_passing(error: Exception) -> bool:
    """Return whether a retry may help."""
    text = str(error)
    return isinstance(error, sqlite3.OperationalError) and any(
        sign in text for sign in ("locked", "busy", "disk I/O error")
    )
