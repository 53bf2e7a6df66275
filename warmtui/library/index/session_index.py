"""What is kept of the sessions of a source, and what of them waits to be judged."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import orjson

from warmtui.library.index.file import file_of, is_damage, open_index, remove
from warmtui.library.index.query import WAITS, Row, folded, marks
from warmtui.model.session import Problem, SessionHeader
from warmtui.model.stats import SessionStats

T = TypeVar("T")
HOUR = 3600.0
"""Seconds after which a call without a result is no longer pending (DEFINITIONS)."""
HEADER = tuple(one for one in SessionHeader._fields if one != "source")
"""Columns of a header, without its source, in the order of `SessionHeader`."""
FIGURES = SessionStats._fields
FEW = ("agent", "channel", "model")
"""Columns of few values, which can be completed. Each that ever stood there is in the table `value` too, as
those of `task_type` and `tools`: a filter looks through those, and not through each of 100,000 sessions."""
WORDS = 200
"""Characters of the person's first words that a list keeps for a session without a title."""
PAGE = 500
"""Rows fetched, or asked for, at a time."""


class Judged(NamedTuple):
    """What one session came to, and of which of its states."""

    id: str
    stamp: str
    figures: SessionStats
    problems: tuple[Problem, ...]


class Synced(NamedTuple):
    """What a look at a source changed."""

    updated: Collection[str] = frozenset()
    removed: Collection[str] = frozenset()


class SessionIndex:
    """Headers and figures of all sessions, in one SQLite file; used by one thread at a time.

    A session is known by its source and id. Its figures are those of one `stamp` of its header; while that
    is not its header's, or a call was pending that no longer can be, it waits to be judged.

    Args:
        path: beside the library; None keeps it in memory.
        rules: names the rules that figures are made by; an index of others is not read.
        mask: replaces secrets in titles and first words before they are kept. Masking a masked text has to
            change nothing.
    """

    def __init__(self, path: Path | None, rules: str, mask: Callable[[str], str] = str) -> None:
        self._mask = mask
        self._db, self.trouble = open_index(path, rules)
        self.file = None if path is None or self.trouble else file_of(path, rules)
        """Where it is kept; None in memory."""
        self._lock = threading.RLock()
        self._numbers: dict[str, int] = {}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some writing in one transaction; where the file does not take it, in memory from now on."""
        with self._lock:
            try:
                return self._once(work)
            except sqlite3.Error as error:
                self._leave_file(error)
                return self._once(work)

    def _once(self, work: Callable[[sqlite3.Connection], T]) -> T:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            done = work(self._db)
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        return done

    def read(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a query; none where the file is damaged, which is noted."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                self._leave_file(error)
                return self._db.execute(sql, values).fetchall()

    def _leave_file(self, error: sqlite3.Error) -> None:
        """Go on in memory, with what can still be read of the file: full, locked, damaged, read-only."""
        memory, _ = open_index(None, "")
        if not is_damage(error):
            with suppress(sqlite3.Error):
                self._db.backup(memory)
        elif self.file is not None:
            remove(self.file)  # made anew at the next start
        self.file = None
        self._db.close()
        self._db = memory
        self._numbers.clear()
        self.trouble = str(error)

    def _number(self, source: str) -> int:
        """Return the number of a source, which it gets when it is first asked for."""
        known = self._numbers.get(source)
        if known is None:
            found = self.read("SELECT number FROM source WHERE path = ?", (source,))
            known = found[0][0] if found else self._write(lambda db: _number_in(db, source))
            self._numbers[source] = known
        return known

    def numbers(self, sources: Iterable[str]) -> dict[int, str]:
        """Return the paths of sources by their numbers."""
        return {self._number(one): one for one in sources}

    def seen(self, source: str) -> str:
        """Return what the file looked like when its sessions were last listed whole; "" for never."""
        found = self.read("SELECT seen FROM source WHERE path = ?", (source,))
        return found[0][0] if found else ""

    def problems_of(self, source: str) -> tuple[Problem, ...]:
        """Return what could not be read of a source as a whole when it was last listed."""
        found = self.read("SELECT problems FROM source WHERE path = ?", (source,))
        return problems_from(found[0][0] if found else None)

    def sync(
        self, source: str, headers: Sequence[SessionHeader], problems: Sequence[Problem] = (), seen: str = ""
    ) -> Synced:
        """Make what is kept of a source what it holds now.

        Args:
            source: its path.
            headers: of all its sessions, in any order.
            problems: what could not be read of it.
            seen: what its file looked like before it was listed; "" when that says nothing.
        """
        number = self._number(source)
        columns = ", ".join(HEADER)
        kept = self.read(f"SELECT {columns} FROM session WHERE source = ?", (number,))
        known = {row[0]: row for row in kept}
        changed = [header for header in headers if not self._is_kept(header, known.pop(header.id, None))]
        gone = [(number, one) for one in known]
        written = orjson.dumps([list(one) for one in problems]).decode()

        def work(db: sqlite3.Connection) -> None:
            here = _number_in(db, source)
            self._put(db, here, changed)
            db.executemany("DELETE FROM session WHERE source = ? AND id = ?", gone)
            db.execute("UPDATE source SET seen = ?, problems = ? WHERE number = ?", (seen, written, here))

        self._write(work)
        return Synced({one.id for one in changed}, set(known))

    def put(self, source: str, headers: Sequence[SessionHeader]) -> None:
        """Keep the headers of some sessions that are new or changed."""

        def work(db: sqlite3.Connection) -> None:
            here = _number_in(db, source)
            self._put(db, here, headers)
            # the file was seen as it was before these
            db.execute("UPDATE source SET seen = '' WHERE number = ?", (here,))

        self._write(work)

    def _is_kept(self, header: SessionHeader, row: tuple[object, ...] | None) -> bool:
        """Whether a row holds a header, whose title may have been masked when it was kept."""
        return row is not None and (row == _row_of(header) or row == _row_of(self._masked(header)))

    def _masked(self, header: SessionHeader) -> SessionHeader:
        return header if header.title is None else header._replace(title=self._mask(header.title))

    def _put(self, db: sqlite3.Connection, number: int, headers: Sequence[SessionHeader]) -> None:
        names = ("source", "at", "folded", *HEADER)
        news = ", ".join(f"{one} = excluded.{one}" for one in ("at", *HEADER[1:]))
        sql = (
            f"INSERT INTO session ({', '.join(names)}) VALUES ({marks(len(names))}) "
            f"ON CONFLICT (source, id) DO UPDATE SET {news}, folded = folded(excluded.title, words, id)"
        )
        db.executemany(
            sql,
            (
                (number, age_of(header), folded(header.title, None, header.id), *_row_of(header))
                for header in map(self._masked, headers)
            ),
        )
        _put_values(db, ((name, getattr(one, name)) for one in headers for name in FEW))

    def waiting(self, source: str, now: float) -> list[SessionHeader]:
        """Return the headers of the sessions that have to be judged, newest first."""
        number = self._number(source)
        columns = ", ".join(HEADER)
        found = self.read(
            f"SELECT {columns} FROM session WHERE source = ? AND {WAITS} ORDER BY at DESC",
            (number,),
        )
        found += self.read(
            f"SELECT {columns} FROM session WHERE source = ? AND recheck <= ? AND judged = stamp",
            (number, now),
        )
        return [header_from(row, source) for row in found]

    def store(self, source: str, judged: Iterable[Judged]) -> None:
        """Keep what sessions came to, of those that are still as they were then."""
        number = self._number(source)
        names = ("judged", "problems", "recheck", *FIGURES)
        sql = (
            f"UPDATE session SET {', '.join(f'{one} = ?' for one in names[:2])}, "
            "recheck = CASE WHEN ? THEN coalesce(last_active_at, 0) + ? END, "
            f"{', '.join(f'{one} = ?' for one in FIGURES)}, folded = folded(title, ?, id) "
            "WHERE source = ? AND id = ? AND stamp = ?"
        )
        some = [
            one._replace(figures=one.figures._replace(words=self._mask(one.figures.words)[:WORDS]))
            for one in judged
        ]
        rows = [_stored(one, number) for one in some]
        values = {("task_type", one.figures.task_type) for one in some}
        tools = {("tools", _tools_in(one.figures.tools)) for one in some}

        def work(db: sqlite3.Connection) -> None:
            db.executemany(sql, rows)
            _put_values(db, values | tools)

        self._write(work)

    def rows(
        self, sources: Iterable[str], ids: Iterable[str] | None = None, limit: int = -1
    ) -> Iterator[Row]:
        """Yield sessions, the last active first.

        Args:
            sources: of these.
            ids: only these, of one source; all without it.
            limit: at most so many; -1 for all.
        """
        paths = self.numbers(sources)
        sql = f"{self.columns} WHERE source IN ({marks(len(paths))})"
        if ids is None:
            found = self.read(f"{sql} ORDER BY at DESC, id DESC LIMIT ?", (*paths, limit))
            yield from (self.row_from(row[1:]) for row in found)
            return
        wanted = list(ids)
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            found = self.read(f"{sql} AND id IN ({marks(len(some))})", (*paths, *some))
            yield from (self.row_from(row[1:]) for row in found)

    columns = (
        "SELECT session.number, id, agent, source.path, "
        f"{', '.join((*HEADER[2:], *FIGURES))}, judged, session.problems "
        "FROM session JOIN source ON source.number = session.source"
    )
    """What selects a session's number, and behind it what `row_from` takes."""

    @staticmethod
    def row_from(row: Sequence[Any]) -> Row:
        """Make a row of a list of what `columns` select behind the number."""
        end = len(SessionHeader._fields)
        header = SessionHeader._make(row[:end])
        judged = row[-2]
        figures = None if judged is None else figures_from(row[end:-2])
        waits = header.rows > 0 and judged != header.stamp
        return Row(header, figures, waits, problems_from(row[-1]))


def _number_in(db: sqlite3.Connection, source: str) -> int:
    """Return the number of a source in a database, which may be another one than a moment ago."""
    db.execute("INSERT OR IGNORE INTO source (path) VALUES (?)", (source,))
    number: int = db.execute("SELECT number FROM source WHERE path = ?", (source,)).fetchone()[0]
    return number


def _put_values(db: sqlite3.Connection, values: Iterable[tuple[str, object]]) -> None:
    """Keep which values columns have; NULL is none."""
    some = {one for one in values if one[1] is not None}
    db.executemany("INSERT OR IGNORE INTO value (field, value) VALUES (?, ?)", some)


def _row_of(header: SessionHeader) -> tuple[object, ...]:
    """The values of the columns `HEADER`."""
    return (*header[:2], *header[3:])


def _stored(one: Judged, number: int) -> tuple[object, ...]:
    figures = one.figures
    trend = ",".join(map(repr, figures.trend))
    problems = orjson.dumps([list(problem) for problem in one.problems]).decode() if one.problems else None
    return (
        one.stamp,
        problems,
        figures.pending,
        HOUR,
        *figures[:-3],
        trend,
        _tools_in(figures.tools),
        figures.words,
        figures.words,
        number,
        one.id,
        one.stamp,
    )


@lru_cache(maxsize=1_000)
def _tools_in(tools: frozenset[str]) -> str:
    """Write names of tools; a history has few different sets of them."""
    return orjson.dumps(sorted(tools)).decode()


def age_of(header: SessionHeader) -> float:
    """Return when a session was last active, or else began; 0 when nobody knows."""
    at = header.last_active_at or header.started_at or 0.0
    return at if at == at else 0.0  # SQLite takes NaN for NULL


def header_from(row: Sequence[Any], source: str) -> SessionHeader:
    """Make a header of the columns `HEADER`."""
    return SessionHeader._make((row[0], row[1], source, *row[2:]))


def figures_from(row: Sequence[Any]) -> SessionStats:
    """Make figures of the columns `FIGURES`."""
    trend, tools, words = row[-3:]
    return SessionStats._make(
        (*row[:-3], tuple(map(float, trend.split(","))) if trend else (), _tools_from(tools), words)
    )


@lru_cache(maxsize=1_000)
def _tools_from(text: str) -> frozenset[str]:
    """Read names of tools; a history has few different sets of them."""
    return frozenset(orjson.loads(text))


def problems_from(text: str | None) -> tuple[Problem, ...]:
    """Read problems as they are kept."""
    return tuple(Problem(*one) for one in orjson.loads(text)) if text else ()
