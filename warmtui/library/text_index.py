"""The index of words: the messages of sessions whose agents keep no index of their own, for searching them.

One SQLite file beside the index of figures, with an FTS5 table of a row per message. It holds what people and
agents wrote as it was read, on its owner's own disk and readable by nobody else (mode 0600). It can be
deleted at any time; everything in it is read again from the sources.
"""

from __future__ import annotations

import sqlite3
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import orjson

from warmtui.errors import LibraryError
from warmtui.library import sqlite
from warmtui.library.index.file import is_damage, remove
from warmtui.library.index.session_index import age_of
from warmtui.model.search_words import Finder, Piece
from warmtui.model.session import SessionHeader

FORMAT = 1
"""The format of the tables below, as part of the file's name."""
PATIENCE = 5.0
"""Seconds to wait for another app that is writing."""
SCAN_ROWS = 5_000
"""Messages that one query looks at one by one."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS source (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS session (
    number INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    id TEXT NOT NULL,
    stamp TEXT NOT NULL,
    at REAL NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    UNIQUE (source, id)
);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(session UNINDEXED, text);
"""


class IndexedSession(NamedTuple):
    """What the index takes of one session."""

    header: SessionHeader
    texts: Sequence[str]
    """A text per message: all that it says, its calls and results."""
    trouble: str
    """What of it could not be read; "" for nothing."""


class FoundTexts(NamedTuple):
    """What `TextIndex.search` found."""

    ids: tuple[str, ...]
    """Newest first."""
    complete: bool
    """Whether the time sufficed."""


class TextIndexState(NamedTuple):
    """What an index of words holds."""

    sources: int
    sessions: int
    size: int
    """Bytes on the disk."""


def file_of(path: Path, rules: str) -> Path:
    """Return the file of an index.

    Args:
        path: the file, without the format and rules in its name.
        rules: names the rules that sessions are read by.
    """
    return path.with_name(f"{path.stem}-{FORMAT}-{rules}{path.suffix}")


def state_of(file: Path) -> TextIndexState | None:
    """Return what the index in a file holds; None where there is no file.

    Raises:
        LibraryError: it cannot be read.
    """
    if not file.exists():
        return None
    try:
        with closing(sqlite.connect(file, "mode=ro", timeout=PATIENCE)) as db:
            counts = db.execute("SELECT (SELECT count(*) FROM source), (SELECT count(*) FROM session)")
            sources, sessions = counts.fetchone()
    except sqlite3.Error as error:
        raise LibraryError(f"{file} cannot be read: {error}", "the next search makes it anew") from error
    parts = (Path(f"{file}{ending}") for ending in ("", "-wal", "-shm"))
    return TextIndexState(sources, sessions, sum(part.stat().st_size for part in parts if part.exists()))


class TextIndex:
    """The messages of sessions, found by their words; used by one thread at a time.

    Args:
        path: of the file, without the format and rules in its name; None for an index in memory.
        rules: names the rules that sessions are read by; files of other rules are removed.

    Raises:
        LibraryError: it cannot be written, or this SQLite has no FTS5.
    """

    def __init__(self, path: Path | None, rules: str) -> None:
        self.path = None if path is None else file_of(path, rules)
        self._db = self._open()
        if path is not None:
            for other in path.parent.glob(f"{path.stem}-*{path.suffix}"):
                if other != self.path:
                    remove(other)
        self._forget_gone()

    def _open(self) -> sqlite3.Connection:
        with self._explained():
            try:
                return self._connect()
            except sqlite3.Error as error:
                if self.path is None or not is_damage(error):
                    raise
                remove(self.path)
                return self._connect()

    def _connect(self) -> sqlite3.Connection:
        if self.path is not None:
            sqlite.create_private(self.path)
        db = sqlite.connect(self.path, timeout=PATIENCE)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.executescript(_SCHEMA)
        except BaseException:
            db.close()
            raise
        return db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite and the disk say into a LibraryError; a damaged file is removed."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if self.path is not None and isinstance(error, sqlite3.Error) and is_damage(error):
                remove(self.path)
            raise LibraryError(
                f"the index of words {self.path} could not be used: {error}",
                "make its folder writable; the file itself is safe to delete",
            ) from error

    def interrupt(self) -> None:
        """End the running query, from any thread; it raises a LibraryError."""
        with suppress(sqlite3.ProgrammingError):
            self._db.interrupt()

    def close(self) -> None:
        """Close the file."""
        with suppress(sqlite3.Error):
            # An interrupt that came too late would keep SQLite from emptying its log.
            self._db.execute("SELECT 1")
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _forget_gone(self) -> None:
        """Remove the texts of sources that are not on this disk any more."""
        with self._explained():
            sources = self._db.execute("SELECT number, path FROM source").fetchall()
        for number, path in sources:
            if not Path(path).exists():
                with self._transaction():
                    self._remove(number, None)
                    self._db.execute("DELETE FROM source WHERE number = ?", (number,))

    def _number(self, source: str) -> int:
        found = self._db.execute("SELECT number FROM source WHERE path = ?", (source,)).fetchone()
        if found is None:
            with self._transaction():
                self._db.execute("INSERT OR IGNORE INTO source (path) VALUES (?)", (source,))
            found = self._db.execute("SELECT number FROM source WHERE path = ?", (source,)).fetchone()
        number: int = found[0]
        return number

    def _remove(self, source: int, ids: Sequence[str] | None) -> None:
        """Remove sessions of a source; None for all."""
        chosen = "" if ids is None else " AND id IN (SELECT value FROM json_each(?))"
        values = (source,) if ids is None else (source, orjson.dumps(ids).decode())
        ranges = self._db.execute(
            f"SELECT first, last FROM session WHERE source = ?{chosen}", values
        ).fetchall()
        self._db.executemany("DELETE FROM words WHERE rowid BETWEEN ? AND ?", ranges)
        self._db.execute(f"DELETE FROM session WHERE source = ?{chosen}", values)

    def sync(self, source: str, headers: Sequence[SessionHeader]) -> list[SessionHeader]:
        """Remove the sessions of a source that are gone.

        Args:
            source: its path.
            headers: of all its sessions.

        Returns:
            Those of the sessions that are new or changed, newest first.

        Raises:
            LibraryError: the index cannot be used.
        """
        with self._explained():
            number = self._number(source)
            rows = self._db.execute("SELECT id, stamp FROM session WHERE source = ?", (number,)).fetchall()
        known = dict(rows)
        gone = list(known.keys() - {header.id for header in headers})
        if gone:
            with self._transaction():
                self._remove(number, gone)
        waiting = (header for header in headers if known.get(header.id) != header.stamp)
        return sorted(waiting, key=age_of, reverse=True)

    def put(self, source: str, sessions: Sequence[IndexedSession]) -> None:
        """Keep the texts of sessions, in place of what was kept of them before.

        Raises:
            LibraryError: the index cannot be written.
        """
        number = self._number(source)
        with self._transaction():
            self._remove(number, [session.header.id for session in sessions])
            last = self._db.execute("SELECT coalesce(max(last), 0) FROM session").fetchone()[0]
            for header, texts, trouble in sessions:
                first, last = last + 1, last + len(texts)
                values = (number, header.id, header.stamp, age_of(header), first, last, trouble)
                inserted = self._db.execute(
                    "INSERT INTO session (source, id, stamp, at, first, last, trouble) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    values,
                ).lastrowid
                self._db.executemany(
                    "INSERT INTO words (rowid, session, text) VALUES (?, ?, ?)",
                    ((first + at, inserted, _storable(text)) for at, text in enumerate(texts)),
                )

    def troubles(self, source: str) -> list[tuple[str, str]]:
        """Return the sessions of a source that could not be read as a whole, with the reason.

        Raises:
            LibraryError: the index cannot be used.
        """
        with self._explained():
            return self._db.execute(
                "SELECT id, trouble FROM session WHERE trouble != '' AND source = ? ORDER BY at DESC",
                (self._number(source),),
            ).fetchall()

    def search(
        self,
        source: str,
        pieces: Sequence[Piece],
        *,
        deadline: float,
        on_found: Callable[[frozenset[str]], None],
    ) -> FoundTexts:
        """Find the sessions of a source with a message that holds every piece.

        Args:
            source: its path.
            pieces: what to look for.
            deadline: when to end with what was found, by `time.monotonic`.
            on_found: called with the sessions found so far.

        Raises:
            LibraryError: the index cannot be used, or `interrupt` was called.
        """
        finder = Finder(pieces)
        with self._explained():
            self._db.create_function("holds", 1, lambda text: finder.holds(text), deterministic=True)
            rows = self._db.execute(
                "SELECT number, id, first, last FROM session WHERE source = ? ORDER BY at DESC",
                (self._number(source),),
            ).fetchall()
            names = {row[0]: row[1] for row in rows}
            found = self._matching(pieces, [(number, first, last) for number, _, first, last in rows])
            complete = True
            if not all(piece.is_plain for piece in pieces):
                on_found(frozenset(names[number] for number in found))
                rest = [(number, last + 1 - first) for number, _, first, last in rows if number not in found]
                complete = self._scan(pieces, rest, found, deadline)
        return FoundTexts(tuple(name for number, name in names.items() if number in found), complete)

    def _matching(self, pieces: Sequence[Piece], ranges: Sequence[tuple[int, int, int]]) -> set[int]:
        """Find sessions through the index of words, as far as it reaches.

        Args:
            pieces: what to look for.
            ranges: the sessions: number, first and last row.
        """
        found: set[int] = set()
        plain = all(piece.is_plain for piece in pieces)
        like, values = _like([piece for piece in pieces if not piece.is_plain])
        for escaped in (False, True):
            match = " AND ".join(piece.as_words(escaped=escaped) for piece in pieces if piece.has_words)
            rest = [session for session in ranges if session[0] not in found]
            if not match or not rest:
                return found
            # rows alone: reading their texts takes ten times as long
            rows = [
                row for (row,) in self._db.execute("SELECT rowid FROM words WHERE words MATCH ?", (match,))
            ]
            if not plain or escaped:  # what the index finds is checked unless words alone are looked for
                chosen = [row for _, own in _rows_by_session(rows, rest) for row in own]
                sql = "SELECT rowid FROM words WHERE rowid IN (SELECT value FROM json_each(?)) "
                checked = self._db.execute(
                    f"{sql} AND {like} AND holds(text)", (orjson.dumps(chosen).decode(), *values)
                )
                rows = sorted(row for (row,) in checked)
            found |= {number for number, _ in _rows_by_session(rows, rest)}
        return found

    def _scan(
        self, pieces: Sequence[Piece], rest: Sequence[tuple[int, int]], found: set[int], deadline: float
    ) -> bool:
        """Look at the messages of sessions one by one, and add those that hold the pieces to `found`.

        Args:
            pieces: what to look for.
            rest: the sessions, newest first, with how many messages each has.
            found: the sessions found so far.
            deadline: when to end.

        Returns:
            Whether the time sufficed.
        """
        like, values = _like(pieces)
        sql = (
            "SELECT DISTINCT session.number FROM json_each(?) AS chosen "
            "CROSS JOIN session ON session.number = chosen.value "
            "CROSS JOIN words ON words.rowid BETWEEN session.first AND session.last "
            f"WHERE {like} AND holds(words.text)"
        )
        chosen: list[int] = []
        rows = 0
        for at, (number, count) in enumerate(rest, 1):
            chosen.append(number)
            rows += count
            if rows < SCAN_ROWS and at < len(rest):
                continue
            if time.monotonic() > deadline:
                return False
            more = self._db.execute(sql, (orjson.dumps(chosen).decode(), *values))
            found |= {session for (session,) in more}
            chosen, rows = [], 0
        return True


def _rows_by_session(
    rows: Sequence[int], ranges: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield the sessions that have some of the rows, with those rows.

    Args:
        rows: in order.
        ranges: the sessions: number, first and last row.
    """
    for number, first, last in ranges:
        start = bisect_left(rows, first)
        if start < len(rows) and rows[start] <= last:
            yield number, rows[start : bisect_right(rows, last, start)]


def _like(pieces: Sequence[Piece]) -> tuple[str, list[str]]:
    """An SQL condition that no text fails that holds every piece, and its values."""
    groups = [patterns for piece in pieces for patterns in piece.like()]
    clauses = [
        "(" + " OR ".join(["words.text LIKE ? ESCAPE '\\'"] * len(patterns)) + ")" for patterns in groups
    ]
    return " AND ".join(["1", *clauses]), [pattern for patterns in groups for pattern in patterns]


def _storable(text: str) -> str:
    """Return a text as SQLite keeps it; LIKE stops at a NUL."""
    return sqlite.storable(text.replace("\0", " "))
