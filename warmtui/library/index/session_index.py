"""The headers and figures of all sessions, and which sessions wait to be judged."""

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
from warmtui.library.index.query import WAITS, folded, marks
from warmtui.model.session import Problem, SessionHeader
from warmtui.model.stats import SessionRow, SessionStats

T = TypeVar("T")
HOUR = 3600.0
"""Seconds after which a call without a result is no longer pending; see `docs/definitions.md`."""
HEADER = tuple(name for name in SessionHeader._fields if name != "source")
"""Columns of a header, without its source, in the order of `SessionHeader`."""
STATS = SessionStats._fields
COMPLETED = ("agent", "channel", "model", "project")
"""Columns of few values, which the filter completes. Like those of `task_type` and `tools`, each of their
values is in the table `value` too, so that a filter need not look at each of 100,000 sessions."""
WORDS = 200
"""Characters of the person's first words that a list keeps for a session without a title."""
PAGE = 500
"""Rows fetched, or asked for, at a time."""


class IndexedStats(NamedTuple):
    """The figures of one session, and the state of the session that they are of."""

    id: str
    stamp: str
    stats: SessionStats
    problems: tuple[Problem, ...]


class WaitingSession(NamedTuple):
    """A session that waits to be judged: all of a long history may, so no more is kept of each."""

    id: str
    stamp: str
    rows: int


class Synced(NamedTuple):
    """Ids of the sessions that listing a source again changed or removed."""

    updated: Collection[str] = frozenset()
    removed: Collection[str] = frozenset()


class SessionIndex:
    """Headers and figures of all sessions, in one SQLite file; used by one thread at a time.

    A session is known by its source and id. Its figures are of one `stamp` of its header. It waits to be
    judged while its header has another stamp, and after a pending call has waited too long.

    Args:
        path: of the file; None for an index in memory.
        rules: names the rules that figures are made by; an index of other rules is not read.
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
        self.copies = ""
        """The numbers of the sessions that are not listed because they are copies, as a JSON list."""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Write in one transaction; when the file refuses it, the index moves to memory."""
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
        """Return all rows of a query; when the file cannot be read, the index moves to memory."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                self._leave_file(error)
                return self._db.execute(sql, values).fetchall()

    def _leave_file(self, error: sqlite3.Error) -> None:
        """Move to memory, with what can be read of a file that is full, locked, read-only or damaged."""
        memory, _ = open_index(None, "")
        if not is_damage(error):
            with suppress(sqlite3.Error):
                self._db.backup(memory)
        elif self.file is not None:
            remove(self.file)  # the next start makes a new one
        self.file = None
        self._db.close()
        self._db = memory
        self._numbers.clear()
        self.trouble = str(error)

    def _number(self, source: str) -> int:
        """Return the number of a source, and give it one when it is new."""
        known = self._numbers.get(source)
        if known is None:
            found = self.read("SELECT number FROM source WHERE path = ?", (source,))
            known = found[0][0] if found else self._write(lambda db: _number_in(db, source))
            self._numbers[source] = known
        return known

    def numbers(self, sources: Iterable[str]) -> dict[int, str]:
        """Return the paths of sources by their numbers."""
        return {self._number(source): source for source in sources}

    def is_known(self, source: str) -> bool:
        """Whether sessions of a source are kept."""
        return bool(self.read("SELECT 1 FROM source WHERE path = ?", (source,)))

    def seen(self, source: str) -> str:
        """Return the state of the source's file when all its sessions were last listed; "" for never."""
        found = self.read("SELECT seen FROM source WHERE path = ?", (source,))
        return found[0][0] if found else ""

    def problems_of(self, source: str) -> tuple[Problem, ...]:
        """Return what could not be read of the source itself when it was last listed."""
        found = self.read("SELECT problems FROM source WHERE path = ?", (source,))
        return problems_from(found[0][0] if found else None)

    def sync(
        self, source: str, headers: Sequence[SessionHeader], problems: Sequence[Problem] = (), seen: str = ""
    ) -> Synced:
        """Replace the headers of a source by those of all its sessions.

        Args:
            source: its path.
            headers: of all its sessions, in any order.
            problems: what could not be read of it.
            seen: the state of its file before it was listed; "" when it is not known.
        """
        number = self._number(source)
        columns = ", ".join(HEADER)
        kept = self.read(f"SELECT {columns} FROM session WHERE source = ?", (number,))
        known = {row[0]: row for row in kept}
        changed = [header for header in headers if not self._is_kept(header, known.pop(header.id, None))]
        gone = [(number, session_id) for session_id in known]
        written = _problems_to(problems)

        def work(db: sqlite3.Connection) -> None:
            here = _number_in(db, source)
            self._put(db, here, changed)
            db.executemany("DELETE FROM session WHERE source = ? AND id = ?", gone)
            # The file changed, so what could not be read may be readable now.
            db.execute(
                "UPDATE session SET judged = '' WHERE source = ? AND messages = 0 AND problems IS NOT NULL",
                (here,),
            )
            db.execute("UPDATE source SET seen = ?, problems = ? WHERE number = ?", (seen, written, here))

        self._write(work)
        return Synced({header.id for header in changed}, set(known))

    def put(self, source: str, headers: Sequence[SessionHeader]) -> None:
        """Keep the headers of sessions that are new or changed."""

        def work(db: sqlite3.Connection) -> None:
            here = _number_in(db, source)
            self._put(db, here, headers)
            # The file's state was noted before these were written.
            db.execute("UPDATE source SET seen = '' WHERE number = ?", (here,))

        self._write(work)

    def _is_kept(self, header: SessionHeader, row: tuple[object, ...] | None) -> bool:
        """Whether a row holds a header, whose title may have been masked when it was kept."""
        return row is not None and (row == _row_of(header) or row == _row_of(self._masked(header)))

    def _masked(self, header: SessionHeader) -> SessionHeader:
        return header if header.title is None else header._replace(title=self._mask(header.title))

    def _put(self, db: sqlite3.Connection, number: int, headers: Sequence[SessionHeader]) -> None:
        names = ("source", "at", "folded", "project", *HEADER)
        updates = ", ".join(f"{name} = excluded.{name}" for name in ("at", "project", *HEADER[1:]))
        sql = (
            f"INSERT INTO session ({', '.join(names)}) VALUES ({marks(len(names))}) "
            f"ON CONFLICT (source, id) DO UPDATE SET {updates}, folded = folded(excluded.title, words, id)"
        )
        db.executemany(
            sql,
            (
                (
                    number,
                    age_of(header),
                    folded(header.title, None, header.id),
                    header.project,
                    *_row_of(header),
                )
                for header in map(self._masked, headers)
            ),
        )
        _put_values(db, ((name, getattr(header, name)) for header in headers for name in COMPLETED))

    def shared(
        self, sources: Sequence[str], ids: Collection[str] | None = None
    ) -> list[list[tuple[int, SessionHeader]]]:
        """Return the sessions that share agent and id with one of another source, with their numbers.

        Args:
            sources: the sources; sessions of one that comes before come first.
            ids: only sessions with these; None for all.
        """
        numbers = list(self.numbers(sources))
        groups: dict[tuple[str, str], dict[int, SessionHeader]] = {}
        for at, number in enumerate(numbers):
            # UNIQUE (source, id) finds each counterpart at once
            sql = (
                "SELECT id FROM session AS here WHERE source = ? AND EXISTS (SELECT 1 FROM session AS there "
                f"WHERE there.source IN ({marks(len(numbers) - at - 1)}) AND there.id = here.id "
                "AND there.agent = here.agent)"
            )
            found = {row[0] for row in self.read(sql, (number, *numbers[at + 1 :]))}
            for page in pages(tuple(found if ids is None else found & set(ids))):
                sql = f"{SELECT} WHERE source IN ({marks(len(numbers))}) AND id IN ({marks(len(page))})"
                for row in self.read(sql, (*numbers, *page)):
                    header = session_from(row).header
                    groups.setdefault((header.agent, header.id), {})[row[0]] = header
        order = {source: at for at, source in enumerate(sources)}
        return [
            sorted(group.items(), key=lambda item: order[item[1].source])
            for group in groups.values()
            if len(group) > 1
        ]

    def leave_out(self, copies: Collection[int]) -> None:
        """List sessions no more, by their numbers, because they are copies of others."""
        self.copies = orjson.dumps(sorted(copies)).decode() if copies else ""

    def waiting(self, source: str, now: float) -> list[WaitingSession]:
        """Return the sessions that wait to be judged, newest first; `now` in Unix seconds."""
        number = self._number(source)
        select = f"SELECT {', '.join(WaitingSession._fields)} FROM session WHERE source = ?"
        found = self.read(f"{select} AND {WAITS} ORDER BY at DESC", (number,))
        found += self.read(f"{select} AND recheck <= ? AND judged = stamp", (number, now))
        return list(map(WaitingSession._make, found))

    def store(self, source: str, judged: Iterable[IndexedStats]) -> None:
        """Keep the figures of those sessions that are still in the state that was judged."""
        number = self._number(source)
        sql = (
            "UPDATE session SET judged = ?, problems = ?, "
            "recheck = CASE WHEN ? THEN coalesce(last_active_at, 0) + ? END, "
            f"{', '.join(f'{name} = ?' for name in STATS)}, folded = folded(title, ?, id) "
            "WHERE source = ? AND id = ? AND stamp = ?"
        )
        masked = [
            session._replace(
                stats=session.stats._replace(words=self._mask(session.stats.words)[:WORDS]),
            )
            for session in judged
        ]
        rows = [_stats_row(session, number) for session in masked]
        values = {("task_type", session.stats.task_type) for session in masked}
        tools = {("tools", _tools_to(session.stats.tools)) for session in masked}

        def work(db: sqlite3.Connection) -> None:
            db.executemany(sql, rows)
            _put_values(db, values | tools)

        self._write(work)

    def rows(
        self, sources: Iterable[str], ids: Iterable[str] | None = None, limit: int = -1
    ) -> Iterator[SessionRow]:
        """Yield sessions, the last active first.

        Args:
            sources: only sessions of these.
            ids: only sessions of these ids, in any order; None for all.
            limit: how many at most when `ids` is None; -1 for all.
        """
        numbers = self.numbers(sources)
        sql = f"{SELECT} WHERE source IN ({marks(len(numbers))})"
        if ids is None:
            found = self.read(f"{sql} ORDER BY at DESC, id DESC, source LIMIT ?", (*numbers, limit))
            yield from (session_from(row) for row in found)
            return
        for page in pages(tuple(ids)):
            found = self.read(f"{sql} AND id IN ({marks(len(page))})", (*numbers, *page))
            yield from (session_from(row) for row in found)


SELECT = (
    "SELECT session.number, id, agent, source.path, "
    f"{', '.join((*HEADER[2:], *STATS))}, judged "
    "FROM session JOIN source ON source.number = session.source"
)
"""Selects a session's number and what `session_from` reads."""


def session_from(row: Sequence[Any]) -> SessionRow:
    """Read a row that `SELECT` selects."""
    end = 1 + len(SessionHeader._fields)
    header = SessionHeader._make(row[1:end])
    judged = row[-1]
    stats = None if judged is None else _stats_from(row[end:-1])
    return SessionRow(header, stats, header.rows > 0 and judged != header.stamp)


def pages(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield items in pieces that one statement takes as values."""
    return (items[start : start + PAGE] for start in range(0, len(items), PAGE))


def _number_in(db: sqlite3.Connection, source: str) -> int:
    """Return the number of a source in a database, which may be another one than a moment ago."""
    db.execute("INSERT OR IGNORE INTO source (path) VALUES (?)", (source,))
    number: int = db.execute("SELECT number FROM source WHERE path = ?", (source,)).fetchone()[0]
    return number


def _put_values(db: sqlite3.Connection, values: Iterable[tuple[str, object]]) -> None:
    """Keep which values columns have, by the column's name; NULL does not count."""
    known = {(name, value) for name, value in values if value is not None}
    db.executemany("INSERT OR IGNORE INTO value (field, value) VALUES (?, ?)", known)


def _row_of(header: SessionHeader) -> tuple[object, ...]:
    """The values of the columns `HEADER`."""
    return (*header[:2], *header[3:])


def _stats_row(session: IndexedStats, number: int) -> tuple[object, ...]:
    """The values of the statement in `SessionIndex.store`."""
    stats = session.stats
    return (
        session.stamp,
        _problems_to(session.problems) if session.problems else None,
        stats.pending,
        HOUR,
        *stats[:-3],
        ",".join(map(repr, stats.trend)),
        _tools_to(stats.tools),
        stats.words,
        stats.words,
        number,
        session.id,
        session.stamp,
    )


def _stats_from(row: Sequence[Any]) -> SessionStats:
    """Read the columns `STATS`."""
    *figures, estimated, cost, unread, trend, tools, words = row
    rates = tuple(map(float, trend.split(","))) if trend else ()
    return SessionStats._make((*figures, bool(estimated), cost, unread, rates, _tools_from(tools), words))


@lru_cache(maxsize=1_000)
def _tools_to(tools: frozenset[str]) -> str:
    """Write names of tools; a history has few different sets of them."""
    return orjson.dumps(sorted(tools)).decode()


@lru_cache(maxsize=1_000)
def _tools_from(text: str) -> frozenset[str]:
    return frozenset(orjson.loads(text))


def _problems_to(problems: Sequence[Problem]) -> str:
    return orjson.dumps([list(problem) for problem in problems]).decode()


def problems_from(text: str | None) -> tuple[Problem, ...]:
    """Read problems as they are kept."""
    return tuple(Problem(*problem) for problem in orjson.loads(text)) if text else ()


def age_of(header: SessionHeader) -> float:
    """Return when a session was last active, else when it began, in Unix seconds; 0 when neither is known."""
    at = header.last_active_at or header.started_at or 0.0
    return at if at == at else 0.0  # SQLite takes NaN for NULL
