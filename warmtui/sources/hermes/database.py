"""Sessions read from Hermes Agent's `state.db`, whatever columns its version has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson

from warmtui.errors import SourceError
from warmtui.model.session import CompactionMark, Problem, Session, SessionHeader, Usage, unreadable
from warmtui.sources.base import Listing, OnFound, SearchResult
from warmtui.sources.hermes.lineage import Row, counted_rows
from warmtui.sources.hermes.rows import (
    AGENT,
    NO_ROWS,
    RESETS,
    UNCOUNTED,
    RowCount,
    StoredSession,
    goals_in,
    header_of,
    is_delegated,
    messages_of,
    moment,
    plain_text,
    with_lineage,
)
from warmtui.sources.hermes.schema import notes_of, open_tables, unread_columns
from warmtui.sources.hermes.usage import filled, usage_by_model
from warmtui.sources.live_database import MAGIC, DamageError, LiveDatabase

if TYPE_CHECKING:
    from warmtui.sources.hermes.search import LongTexts

T = TypeVar("T")
_ROW = {
    "id": "NULL",
    "session_id": "NULL",
    "role": "NULL",
    "content": "NULL",
    "tool_calls": "NULL",
    "tool_call_id": "NULL",
    "tool_name": "NULL",
    "timestamp": "NULL",
    "active": "1",
    "compacted": "0",
    "observed": "0",
    "display_kind": "NULL",
    "_compressed_summary": "0",
}
"""The columns of a `Row`, with a substitute for each that this version does not have."""
_TEXTS = frozenset({"role", "content", "tool_calls", "tool_call_id", "tool_name"})
"""Those that hold text. An SQLite column holds values of any type, so they are cast to it."""
PAGE_ROWS = 2000
CLOCK_SLACK = 86_400.0
"""Seconds by which a clock may have been set between a session and the one that continues it."""
BOUND = 500
"""Sessions asked for in one query."""
_ID, _SESSION = map(itemgetter, (0, 1))
"""Columns of `_ROW`."""


class Related(NamedTuple):
    """A session with what is read along with it."""

    header: SessionHeader
    continuations: tuple[str, ...]
    """The sessions that a compaction continued it with."""
    usage: Usage | None = None


class HermesDatabase:
    """The sessions of one `state.db`.

    Args:
        path: the database file.

    Raises:
        SourceError: it is missing, empty, not SQLite, damaged, or another program's.
    """

    agent = AGENT

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = str(path)
        self._use(*open_tables(path))

    def _use(self, db: LiveDatabase, columns: Mapping[str, set[str]]) -> None:
        """Read from a connection from now on; `columns` are those of its tables."""
        self._db, self._columns = db, columns
        self._long_texts: dict[int, LongTexts] = {}
        known = {name: name if name in columns["messages"] else stand_in for name, stand_in in _ROW.items()}
        select = ", ".join(
            f"CAST({value} AS TEXT)" if name in _TEXTS else value for name, value in known.items()
        )
        # ordered by id in Python: SQLite would copy every text through a sorter
        self._rows_of = f"SELECT {select} FROM messages WHERE session_id IN (%s) ORDER BY session_id"
        ids = "SELECT value FROM json_each(?)"
        self._rows_by_id = f"SELECT {select} FROM messages WHERE id IN ({ids}) ORDER BY id"
        self._active = "sum(active)" if self._active_is_indexed() else "NULL"
        self._last = self._newest()
        self._stamp = self._now()
        self._not_read = unread_columns(db, columns)

    def _newest(self) -> tuple[Any, ...]:
        """The newest row, its id first, which later rows are above; (0,) where a damaged page hides it."""
        time = "timestamp" if "timestamp" in self._columns["messages"] else "NULL"
        try:
            found = self._db.query(
                f"SELECT id, session_id, role, {time} FROM messages ORDER BY id DESC LIMIT 1"
            )
        except DamageError:
            return (0,)
        return tuple(found[0]) if found else (0,)

    def _active_is_indexed(self) -> bool:
        """Whether an index holds `session_id` and `active`, so that counting them reads no message."""
        for row in self._db.query("PRAGMA index_list(messages)"):
            columns = {column[2] for column in self._db.query(f'PRAGMA index_info("{row[1]}")')}
            if {"session_id", "active"} <= columns and not row[4]:
                return True
        return False

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first; a session on a damaged page is left out."""
        stamp = self._now()
        if stamp[1:] != self._stamp[1:] or self._db.failed:
            self._reopen()
        else:
            self._stamp, self._last = stamp, self._newest()
        try:
            return self._listing(self._stored(), self._counts(), [*self._not_read])
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
        stored.sort(key=lambda row: (moment(row.started_at) or 0.0, row.id), reverse=True)
        uncounted: dict[str, DamageError] = {}
        counts = self._salvaged(
            lambda some: [*self._counts(some).items()], [row.id for row in stored], uncounted
        )
        problems = [Problem(f"{self.path}: session {session}", str(error)) for session, error in lost.items()]
        return self._listing(stored, dict(counts) | dict.fromkeys(uncounted, UNCOUNTED), problems)

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
        self, stored: Sequence[StoredSession], counts: Mapping[str, RowCount], problems: list[Problem]
    ) -> Listing:
        ends = {row.id: row.end_reason for row in stored}
        headers: dict[str, SessionHeader] = {}
        for row in stored:
            if not isinstance(row.id, str) or not row.id:
                problems.append(Problem(f"{self.path}: sessions", f"id {row.id!r} is not a text; left out"))
                continue
            end = ends.get(row.parent_session_id)
            headers[row.id] = header_of(row, end, counts.get(row.id, NO_ROWS), self._place, self._stamp[2])
        orphans = counts.keys() - ends.keys()
        if orphans:
            total = sum(counts[session].rows for session in orphans)
            problems.append(
                Problem(f"{self.path}: messages", f"{total} messages belong to no session; left out")
            )
        notes = notes_of(self._db, self._columns)
        known = with_lineage(self._with_delegations(headers))
        return Listing(tuple(known.values()), tuple(problems), notes)

    def _with_delegations(self, headers: Mapping[str, SessionHeader]) -> dict[str, SessionHeader]:
        """Return headers, as subagents' those that begin with a goal of their parent, which nothing marks."""
        parents: dict[str, str] = {}
        for header in headers.values():
            parent = headers.get(header.parent_id or "")
            if header.kind == "root" and header.rows and parent and parent.end_reason not in RESETS:
                parents[header.id] = parent.id
        calls: dict[str, list[object]] = {}
        for session, stored in self._salvaged(self._delegations, list({*parents.values()}), {}):
            calls.setdefault(session, []).append(stored)
        goals = {session: goals_in(stored) for session, stored in calls.items()}
        children = [session for session, parent in parents.items() if parent in goals]
        found = dict(headers)
        for session, words in self._salvaged(self._first_words, children, {}):
            if isinstance(words, str) and words.strip() in goals[parents[session]]:
                found[session] = headers[session]._replace(kind="subagent")
        return found

    def _delegations(self, ids: Sequence[str]) -> list[tuple[str, object]]:
        """Return the calls of some sessions that delegate something, as they are stored."""
        marks = ",".join("?" * len(ids))
        sql = (
            f"SELECT session_id, tool_calls FROM messages WHERE session_id IN ({marks}) "
            "AND tool_calls LIKE '%delegate_task%'"
        )
        return self._db.query(sql, ids) if ids else []

    def _first_words(self, ids: Sequence[str]) -> list[tuple[str, object]]:
        """Return what stands first in the user's role, by session."""
        marks = ",".join("?" * len(ids))
        of_these = f"WHERE session_id IN ({marks}) AND role = 'user'"
        first = f"SELECT min(id) FROM messages {of_these} GROUP BY session_id"
        sql = f"SELECT session_id, content FROM messages WHERE id IN ({first})"
        return self._db.query(sql, ids) if ids else []

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
        family |= {row.id: row for row in self._continuations(stored.values())}
        counts = self._counts(list(family))
        headers = {}
        for session, row in family.items():
            parent = family.get(row.parent_session_id or "")
            end = parent.end_reason if parent else None
            headers[session] = header_of(row, end, counts.get(session, NO_ROWS), self._place, self._stamp[2])
        headers = self._with_delegations(headers)
        continuations: dict[str | None, list[str]] = {}
        for header in headers.values():
            if header.kind == "continuation":
                continuations.setdefault(header.parent_id, []).append(header.id)
        return [
            Related(header, tuple(continuations.get(session, ())), stored[session].usage)
            for session, header in with_lineage(headers).items()
            if session in stored
        ]

    def changed(self) -> frozenset[str] | None:
        """Return which sessions grew since it was opened, or since the last `listing` or `changed`.

        Returns:
            None if nothing was written; else the sessions with new rows. What else changed (a title, an end,
            a rewind) only a new `listing` shows.

        Raises:
            SourceError: the file is gone, or another one is in its place.
        """
        stamp = self._now()
        if stamp == self._stamp and not self._db.failed:
            return None
        replaced = stamp[1:] != self._stamp[1:] or self._db.failed
        if replaced:
            self._reopen()
        if replaced or not self._holds(self._last):
            return frozenset(header.id for header in self.listing().headers)
        self._stamp = stamp
        newest = self._newest()
        # NOT INDEXED: by the new rows alone; SQLite would go through its index of sessions for DISTINCT
        sql = "SELECT DISTINCT session_id FROM messages NOT INDEXED WHERE id > ?"
        found = self._db.query(sql, (self._last[0],))
        self._last = newest
        return frozenset(row[0] for row in found if isinstance(row[0], str))

    def _holds(self, row: tuple[Any, ...]) -> bool:
        """Whether a row that was the newest is still there: if not, other rows may have its id and below."""
        if not row[0]:
            return True
        time = "timestamp" if "timestamp" in self._columns["messages"] else "NULL"
        found = self._db.query(f"SELECT id, session_id, role, {time} FROM messages WHERE id = ?", row[:1])
        return [tuple(same) for same in found] == [row]

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
        db, columns = open_tables(self.path)
        self._db.close()
        self._use(db, columns)

    def _stored(
        self,
        ids: Sequence[str] | None = None,
        column: str = "id",
        began: tuple[float, float] | None = None,
    ) -> list[StoredSession]:
        """Rows of the sessions table, newest first.

        Args:
            ids: those whose `column` is one of these; None for all.
            column: the column.
            began: only those that began between two times, Unix seconds.
        """
        if ids is not None and (not ids or column not in self._columns["sessions"]):
            return []
        known = (name if name in self._columns["sessions"] else "NULL" for name in StoredSession._fields)
        where = "" if ids is None else f"WHERE {column} IN ({','.join('?' * len(ids))})"
        values: list[object] = list(ids or ())
        if began is not None:
            where += " AND started_at BETWEEN ? AND ?"
            values += began
        sql = f"SELECT {', '.join(known)} FROM sessions {where} ORDER BY started_at DESC, id DESC"
        return list(map(StoredSession._make, self._db.query(sql, values)))

    def _continuations(self, sessions: Iterable[StoredSession]) -> list[StoredSession]:
        """Return the rows of the sessions that a compaction continued some with; none from a damaged page.

        Hermes keeps an index of when sessions began and none of parents: without bounds every look at one
        session would go through all. It ends a session and begins the next in the same moment.
        """
        ends = {row.id: moment(row.ended_at) for row in sessions if row.end_reason == "compression"}
        known = [end for end in ends.values() if end is not None]
        between = (
            (min(known) - CLOCK_SLACK, max(known) + CLOCK_SLACK) if len(known) == len(ends) > 0 else None
        )
        return self._salvaged(lambda some: self._stored(some, "parent_session_id", between), list(ends), {})

    def _counts(self, ids: Sequence[str] | None = None) -> dict[str, RowCount]:
        time = "timestamp" if "timestamp" in self._columns["messages"] else "NULL"
        where = "" if ids is None else f"WHERE session_id IN ({','.join('?' * len(ids))})"
        # beside one max(), SQLite takes the time from the row that has it
        sql = (
            f"SELECT session_id, count(*), max(id), {time}, {self._active} "
            f"FROM messages {where} GROUP BY session_id"
        )
        return {row[0]: RowCount(*row[1:]) for row in self._db.query(sql, ids or ())}

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`, read in pages of bounded rows and bytes.

        A session that cannot be read comes without messages and with a problem that says why.
        """
        for start in range(0, len(ids), BOUND):
            some = ids[start : start + BOUND]
            lost: dict[str, DamageError] = {}
            known = {item.header.id: item for item in self._salvaged(self._with_relatives, some, lost)}
            for session, error in lost.items():
                yield self._unread(SessionHeader(session, self.agent, self._place), error)
            batch: list[Related] = []
            size = 0
            for item in (known[session] for session in some if session in known):
                if batch and size + item.header.rows > PAGE_ROWS:
                    yield from self._read_apart(batch, prompts)
                    batch, size = [], 0
                batch.append(item)
                size += item.header.rows
            if batch:
                yield from self._read_apart(batch, prompts)

    def _read_apart(self, batch: Sequence[Related], prompts: bool) -> Iterator[Session]:
        """Read a batch; where that fails, each session alone: a bad page or row costs only its own."""
        try:
            sessions = list(self._read_batch(batch, prompts))
        except Exception as error:
            if len(batch) == 1:
                yield self._unread(batch[0].header, error)
                return
            for item in batch:
                yield from self._read_apart([item], prompts)
            return
        yield from sessions

    def _unread(self, header: SessionHeader, error: Exception) -> Session:
        """Return a session without its messages, and why they could not be read."""
        return Session(header, (), problems=(unreadable(self._place, header.id, error),))

    def _read_batch(self, batch: Sequence[Related], with_prompts: bool) -> Iterator[Session]:
        ids = [item.header.id for item in batch]
        prompts = self._system_prompts(ids) if with_prompts else {}
        by_model = self._usage_by_model(ids)
        batch = [item._replace(usage=filled(item.usage, by_model.get(item.header.id))) for item in batch]
        if len(batch) == 1:
            yield self._session(batch[0], self._rows(ids[0]), prompts)
            return
        found, cut = self._db.page(self._rows_of % ",".join("?" * len(ids)), ids, text_column=3)
        by_session = {
            session: list(map(Row._make, sorted(rows, key=_ID))) for session, rows in groupby(found, _SESSION)
        }
        whole = set(ids)
        if cut:
            # rows come sorted by session: what sorts after the last one seen was not read, and that
            # one only in part
            last = found[-1][1]
            whole = {session for session in ids if session < last}
        for item in batch:
            session = item.header.id
            rows = by_session.get(session, []) if session in whole else self._rows(session)
            yield self._session(item, rows, prompts)

    def _rows(self, session: str) -> list[Row]:
        """Return all rows of one session in their order, read in pages of bounded rows and bytes.

        Their ids come from an index first: asked for by session and in order, SQLite would copy all texts
        that are still to come through a sorter for every page.
        """
        found = self._db.query("SELECT json_group_array(id) FROM messages WHERE session_id = ?", (session,))
        ids: list[int] = sorted(orjson.loads(found[0][0]))
        rows: list[Row] = []
        at = 0
        while at < len(ids):
            some = ids[at : at + PAGE_ROWS]
            page, cut = self._db.page(self._rows_by_id, (orjson.dumps(some).decode(),), text_column=3)
            rows += map(Row._make, page)
            at = bisect_right(ids, page[-1][0]) if cut else at + PAGE_ROWS
        return rows

    def _system_prompts(self, ids: Sequence[str]) -> dict[str, str]:
        """Return system prompts by session; newer versions keep each text once, by its hash."""
        known = self._columns["sessions"]
        own = "system_prompt" if "system_prompt" in known else "NULL"
        kept = "NULL"
        if "system_prompt_hash" in known and self._columns["system_prompts"]:
            kept = "(SELECT prompt FROM system_prompts WHERE hash = system_prompt_hash)"
        if own == kept:
            return {}
        marks = ",".join("?" * len(ids))
        found = self._db.query(f"SELECT id, {kept}, {own} FROM sessions WHERE id IN ({marks})", ids)
        return {session: plain_text(prompt or old) or "" for session, prompt, old in found}

    def _usage_by_model(self, ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """Return what the models of some sessions used, by session."""
        columns = self._columns["session_model_usage"]
        if "session_id" not in columns:
            return {}
        found = self._db.query(usage_by_model(columns, ",".join("?" * len(ids))), ids)
        return {row[0]: row[1:] for row in found}

    def _session(self, item: Related, rows: Sequence[Row], prompts: dict[str, str]) -> Session:
        header = item.header
        parent = header.parent_id if header.kind in ("continuation", "branch") else None
        counted = counted_rows(
            rows, self._rows(parent) if parent else None, [self._rows(child) for child in item.continuations]
        )
        messages, problems = messages_of(
            counted.rows, delegated=is_delegated(header), place=f"{self._place}: session {header.id}"
        )
        return Session(
            header,
            messages,
            prompts.get(header.id, ""),
            tuple(CompactionMark(*compaction) for compaction in counted.compactions),
            problems,
            item.usage,
        )

    def search(self, words: str, *, limit: int, on_found: OnFound) -> SearchResult:
        """Find the sessions with a message that holds every word; see `search_sessions`."""
        # most commands search nothing
        from warmtui.sources.hermes.search import search_sessions

        if self._db.failed or self._now()[1:] != self._stamp[1:]:
            self._reopen()
        return search_sessions(self._db, words, limit=limit, on_found=on_found, long_texts=self._long_texts)

    def interrupt(self) -> None:
        """End the running search, from any thread."""
        self._db.interrupt()

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def open_database(path: Path) -> HermesDatabase | None:
    """Open a `state.db`, or that of a folder; None for anything but an SQLite database.

    Raises:
        SourceError: it is damaged, or another program's.
    """
    if path.is_dir():
        path = path / "state.db"
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError:
        return None
    return HermesDatabase(path) if start == MAGIC else None
