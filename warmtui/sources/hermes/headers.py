"""Headers of the sessions in Hermes' `state.db`, read without their messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from warmtui.errors import SourceError
from warmtui.model.session import Problem, SessionHeader
from warmtui.model.times import in_calendar
from warmtui.sources.base import Listing
from warmtui.sources.hermes.rows import session_kind
from warmtui.sources.live_database import DamageError, LiveDatabase
from warmtui.sources.text import stored_text, without_surrogates

T = TypeVar("T")
REQUIRED = {
    "sessions": {"id", "started_at"},
    "messages": {"id", "session_id", "role", "content", "tool_calls", "tool_call_id"},
}
"""Columns that every version of Hermes has."""


class StoredSession(NamedTuple):
    """One row of the sessions table, as it is stored; None for a column that this version does not have."""

    id: Any
    source: Any
    title: Any
    model: Any
    end_reason: Any
    parent_session_id: Any
    cwd: Any
    model_config: Any
    started_at: Any
    ended_at: Any
    archived: Any
    message_count: Any
    tool_call_count: Any
    rewind_count: Any
    """This and the two before it change when Hermes compacts or rewinds, which leaves rows their ids."""


CLOCK_SLACK = 86_400.0
"""Seconds by which a clock may have been set back between a session and the one that continues it."""
BOUND = 500
"""Sessions asked for in one query."""


class _Count(NamedTuple):
    """One session's rows, copies and rewound ones included."""

    rows: int
    last_id: int
    last_time: float | None
    """Of the newest row."""
    active: int | None
    """Rows that are neither rewound nor compacted away; None where counting them would read every row."""


class Related(NamedTuple):
    """A session with what is read along with it."""

    header: SessionHeader
    continuations: tuple[str, ...]
    """The sessions that a compaction continued it with."""


_NO_ROWS = _Count(0, 0, None, None)
_UNCOUNTED = _Count(1, 0, None, None)
"""Of a session whose rows a damaged page hides: not empty, so that reading it says what is wrong."""


class HermesHeaders:
    """What a `state.db` says of its sessions; use `HermesDatabase`.

    Args:
        path: the database file.

    Raises:
        SourceError: it is missing, empty, not SQLite, damaged, or another program's.
    """

    agent = "hermes"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = str(path)
        self._db = LiveDatabase(path)
        try:
            self._columns = {table: self._table_columns(table) for table in REQUIRED}
            missing = [
                f"{table}.{column}"
                for table, needed in REQUIRED.items()
                for column in sorted(needed - self._columns[table])
            ]
            if missing:
                raise SourceError(
                    f"{path} is not a Hermes database: it has no {', '.join(missing)}",
                    "give Hermes' own state.db",
                )
        except SourceError:
            self._db.close()
            raise
        self._active = "sum(active)" if self._active_is_indexed() else "NULL"
        self._last_id = self._newest()
        self._stamp = self._now()

    def _newest(self) -> int:
        """The highest row id, which every later row is above; 0 where a damaged page hides it."""
        try:
            return self._db.query("SELECT max(id) FROM messages")[0][0] or 0
        except DamageError:
            return 0

    def _table_columns(self, table: str) -> set[str]:
        return {row[1] for row in self._db.query(f"PRAGMA table_info({table})")}

    def _active_is_indexed(self) -> bool:
        """Whether an index holds `session_id` and `active`, so that counting them reads no message."""
        for row in self._db.query("PRAGMA index_list(messages)"):
            columns = {column[2] for column in self._db.query(f'PRAGMA index_info("{row[1]}")')}
            if {"session_id", "active"} <= columns and not row[4]:
                return True
        return False

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first; a session on a damaged page is left out."""
        if self._db.failed:
            self._reopen()
        self._stamp, self._last_id = self._now(), self._newest()
        try:
            return self._listing(self._stored(), self._counts(), [])
        except DamageError:
            self._reopen()  # the file may have been overwritten since it was opened
            return self._partial_listing()

    def _partial_listing(self) -> Listing:
        """List what can be read of a damaged database, and name the sessions that cannot."""
        try:
            rows = self._db.query("SELECT id FROM sessions")
        except DamageError:
            rows = self._db.query("SELECT id FROM sessions NOT INDEXED")
        ids = [row[0] for row in rows if isinstance(row[0], str)]
        lost: dict[str, DamageError] = {}
        stored = self._salvaged(self._stored, ids, lost)
        stored.sort(key=lambda row: (_moment(row.started_at) or 0.0, row.id), reverse=True)
        uncounted: dict[str, DamageError] = {}
        counts = self._salvaged(
            lambda some: [*self._counts(some).items()], [row.id for row in stored], uncounted
        )
        problems = [Problem(f"{self.path}: session {session}", str(error)) for session, error in lost.items()]
        return self._listing(stored, dict(counts) | dict.fromkeys(uncounted, _UNCOUNTED), problems)

    def _salvaged(
        self, fetch: Callable[[Sequence[str]], list[T]], ids: Sequence[str], lost: dict[str, DamageError]
    ) -> list[T]:
        """Fetch something of many sessions; where a damaged page prevents that, of all that can be read.

        Args:
            fetch: fetches it, at most `BOUND` sessions at a time.
            ids: the sessions.
            lost: takes the sessions that cannot be read, with the error.
        """
        if len(ids) > BOUND:
            parts = (ids[start : start + BOUND] for start in range(0, len(ids), BOUND))
            return [item for part in parts for item in self._salvaged(fetch, part, lost)]
        failed = self._db.failed
        try:
            return fetch(ids)
        except DamageError as error:
            self._db.failed = failed
            if len(ids) == 1:
                lost[ids[0]] = error
                return []
        middle = len(ids) // 2
        return self._salvaged(fetch, ids[:middle], lost) + self._salvaged(fetch, ids[middle:], lost)

    def _listing(
        self, stored: Sequence[StoredSession], counts: Mapping[str, _Count], problems: list[Problem]
    ) -> Listing:
        ends = {row.id: row.end_reason for row in stored}
        headers: dict[str, SessionHeader] = {}
        for row in stored:
            if not isinstance(row.id, str) or not row.id:
                problems.append(Problem(f"{self.path}: sessions", f"id {row.id!r} is not a text; left out"))
                continue
            end = ends.get(row.parent_session_id)
            headers[row.id] = self._header(row, end, counts.get(row.id, _NO_ROWS))
        orphans = counts.keys() - ends.keys()
        if orphans:
            total = sum(counts[session].rows for session in orphans)
            problems.append(
                Problem(f"{self.path}: messages", f"{total} messages belong to no session; left out")
            )
        return Listing(tuple(with_lineage(headers).values()), tuple(problems))

    def newest(self, count: int) -> list[SessionHeader]:
        """Return the headers of the sessions that began last."""
        found = self._db.query("SELECT id FROM sessions ORDER BY started_at DESC, id DESC LIMIT ?", (count,))
        headers = self.headers(row[0] for row in found)
        return [headers[row[0]] for row in found if row[0] in headers]

    def headers(self, ids: Iterable[str]) -> dict[str, SessionHeader]:
        """Return the headers of some sessions by their ids; one that is gone is left out."""
        wanted = list(dict.fromkeys(ids))
        return {item.header.id: item.header for item in self._salvaged(self._with_relatives, wanted, {})}

    def _with_relatives(self, ids: Sequence[str]) -> list[Related]:
        """Return headers whose stamps cover the sessions that they continue and that continue them."""
        stored = {row.id: row for row in self._stored(ids) if isinstance(row.id, str)}
        parents = {row.parent_session_id for row in stored.values() if row.parent_session_id}
        family = dict(stored)
        family |= {
            row.id: row for row in self._stored([parent for parent in parents if parent not in family])
        }
        began = [at for row in stored.values() if (at := _moment(row.started_at)) is not None]
        # Hermes keeps an index of when sessions began and none of parents: without the bound every look at
        # one session would go through all
        since = min(began) - CLOCK_SLACK if len(began) == len(stored) and began else None
        family |= {row.id: row for row in self._children(list(stored), since)}
        counts = self._counts(list(family))
        headers = {}
        for session, row in family.items():
            parent = family.get(row.parent_session_id or "")
            end = parent.end_reason if parent else None
            headers[session] = self._header(row, end, counts.get(session, _NO_ROWS))
        continuations: dict[str | None, list[str]] = {}
        for header in headers.values():
            if header.kind == "continuation":
                continuations.setdefault(header.parent_id, []).append(header.id)
        return [
            Related(header, tuple(continuations.get(session, ())))
            for session, header in with_lineage(headers).items()
            if session in stored
        ]

    def changed(self) -> frozenset[str] | None:
        """Tell which sessions grew since it was opened, or since the last `listing` or `changed`.

        Returns:
            None when nobody wrote; else the sessions with new rows. What else changed (a title, an end,
            a rewind) only a new `listing` shows.

        Raises:
            SourceError: the file is gone, or another one lies in its place.
        """
        stamp = self._now()
        if stamp == self._stamp and not self._db.failed:
            return None
        if stamp[1:] != self._stamp[1:] or self._db.failed:
            self._reopen()
            return frozenset(header.id for header in self.listing().headers)
        self._stamp = stamp
        newest = self._newest()
        # NOT INDEXED: by the new rows alone; SQLite would go through its index of sessions for DISTINCT
        sql = "SELECT DISTINCT session_id FROM messages NOT INDEXED WHERE id > ?"
        found = self._db.query(sql, (self._last_id,))
        self._last_id = newest
        return frozenset(row[0] for row in found if isinstance(row[0], str))

    def _now(self) -> tuple[int, int, int]:
        """A value that changes when another process writes, or replaces the file."""
        try:
            stat = self.path.stat()
        except OSError as error:
            raise SourceError(
                f"{self.path} is gone: {error.strerror}", "it is read again when it is back"
            ) from None
        version = 0 if self._db.failed else self._db.query("PRAGMA data_version")[0][0]
        return (version, stat.st_dev, stat.st_ino)

    def _reopen(self) -> None:
        """Open the file that is at the path now; SQLite itself keeps reading the old one."""
        fresh = type(self)(self.path)
        self._db.close()
        self.__dict__.update(fresh.__dict__)

    def _stored(
        self, ids: Sequence[str] | None = None, column: str = "id", since: float | None = None
    ) -> list[StoredSession]:
        """Rows of the sessions table, newest first.

        Args:
            ids: those whose `column` is one of these; None for all.
            column: the column.
            since: only those that began then or later, Unix seconds.
        """
        if ids is not None and (not ids or column not in self._columns["sessions"]):
            return []
        known = (name if name in self._columns["sessions"] else "NULL" for name in StoredSession._fields)
        where = "" if ids is None else f"WHERE {column} IN ({','.join('?' * len(ids))})"
        values: list[object] = list(ids or ())
        if since is not None:
            where += " AND started_at >= ?"
            values.append(since)
        sql = f"SELECT {', '.join(known)} FROM sessions {where} ORDER BY started_at DESC, id DESC"
        return list(map(StoredSession._make, self._db.query(sql, values)))

    def _children(self, ids: Sequence[str], since: float | None) -> list[StoredSession]:
        """Return the rows of the sessions that began with one of some others; none from a damaged page.

        Args:
            ids: the others.
            since: only those that began then or later, Unix seconds.
        """
        return self._salvaged(lambda some: self._stored(some, "parent_session_id", since), ids, {})

    def _counts(self, ids: Sequence[str] | None = None) -> dict[str, _Count]:
        time = "timestamp" if "timestamp" in self._columns["messages"] else "NULL"
        where = "" if ids is None else f"WHERE session_id IN ({','.join('?' * len(ids))})"
        # beside one max(), SQLite takes the time from the row that has it
        sql = (
            f"SELECT session_id, count(*), max(id), {time}, {self._active} "
            f"FROM messages {where} GROUP BY session_id"
        )
        return {row[0]: _Count(*row[1:]) for row in self._db.query(sql, ids or ())}

    def _header(self, row: StoredSession, parent_end: str | None, count: _Count) -> SessionHeader:
        texts: list[str | None] = [  # source to cwd
            text if text is None or (type(text) is str and text.isascii()) else plain_text(text)
            for text in row[1:7]
        ]
        channel, title, model, end_reason, parent, cwd = texts
        last, started = _moment(count.last_time), _moment(row.started_at)
        counters = f"{row.message_count}:{row.tool_call_count}:{row.rewind_count}"
        return SessionHeader(
            row.id,
            self.agent,
            self._place,
            channel,
            title,
            model,
            started,
            started if last is None else last,
            _moment(row.ended_at),
            end_reason,
            parent,
            session_kind(parent, parent_end, row.model_config, row.source),
            cwd,
            bool(row.archived),
            count.rows,
            f"{count.rows}:{count.last_id}:{count.active}:{counters}",
        )

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def with_lineage(headers: Mapping[str, SessionHeader]) -> dict[str, SessionHeader]:
    """Add to each stamp those of the sessions whose rows the session inherits or hands on."""
    others: dict[str, list[str]] = {}
    for header in headers.values():
        parent = headers.get(header.parent_id) if header.parent_id else None
        if parent is not None and header.kind in ("continuation", "branch"):
            others.setdefault(header.id, []).append(parent.stamp)
            if header.kind == "continuation":
                others.setdefault(parent.id, []).append(header.stamp)
    return {
        session: header._replace(stamp=" ".join((header.stamp, *sorted(others[session]))))
        if session in others
        else header
        for session, header in headers.items()
    }


def plain_text(value: object) -> str | None:
    """Return a stored value as text."""
    if value is None:
        return None
    return without_surrogates(value) if isinstance(value, str) else stored_text(value)


def _moment(value: object) -> float | None:
    """Return a stored time; what no calendar holds is none."""
    if type(value) is float:
        return in_calendar(value)
    return in_calendar(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
