"""Hermes Agent's `state.db`, live, whatever columns its version has (S1)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from warmtui.errors import SourceError
from warmtui.model.session import CompactionMark, Problem, Session, SessionHeader
from warmtui.model.times import in_calendar
from warmtui.sources.base import Listing, Stretch
from warmtui.sources.hermes_rows import messages_of, session_kind
from warmtui.sources.lineage import Row, adopted, without_copies
from warmtui.sources.live import LiveDatabase
from warmtui.sources.text import stored_text, without_surrogates

REQUIRED = {
    "sessions": {"id", "started_at"},
    "messages": {"id", "session_id", "role", "content", "tool_calls", "tool_call_id"},
}
"""The least that every version has."""
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
}
"""The columns of a `Row`, with what stands for one that this version does not have."""
_HEADER = (
    "source",
    "model",
    "model_config",
    "title",
    "parent_session_id",
    "started_at",
    "ended_at",
    "end_reason",
    "cwd",
    "archived",
)
PAGE_ROWS = 2000
_BOUND = 500
"""Sessions looked at again at once; more have grown only when somebody imports, and then a listing comes."""


_COUNTERS = ("message_count", "tool_call_count", "rewind_count")
"""Columns that change when Hermes compacts or rewinds, which leaves a session's rows their ids."""


class _Count(NamedTuple):
    """One session's rows, copies and rewound ones included."""

    rows: int
    last_id: int
    last_time: float | None
    """Of the newest row."""
    active: int | None
    """Rows that are neither rewound nor compacted away; None where counting them would read every row."""


_NO_ROWS = _Count(0, 0, None, None)
StoredRow = tuple[Any, ...]
"""A row as SQLite gives it, with the columns of `Row` in their order."""
_BY_ID, _BY_SESSION, _ACTIVE = (
    itemgetter(Row._fields.index(name)) for name in ("id", "session_id", "active")
)


class HermesDatabase:
    """The sessions of one `state.db`.

    Args:
        path: the database file.

    Raises:
        SourceError: it is missing, empty, not SQLite, damaged, or another program's.
    """

    agent = "hermes"

    def __init__(self, path: Path) -> None:
        self.path = path
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
        select = ", ".join(
            name if name in self._columns["messages"] else f"{stand_in} AS {name}"
            for name, stand_in in _ROW.items()
        )
        # ordered by id in Python: SQLite would copy every text through a sorter
        self._rows_of = f"SELECT {select} FROM messages WHERE session_id IN (%s) ORDER BY session_id"
        self._rows_after = (
            f"SELECT {select} FROM messages WHERE session_id = ? AND id > ? ORDER BY id LIMIT {PAGE_ROWS}"
        )
        self._rows_between = (
            f"SELECT {select} FROM messages WHERE id >= ? AND id <= ? ORDER BY id LIMIT {PAGE_ROWS}"
        )
        self._active = "sum(active)" if self._active_is_indexed() else "NULL"
        self._headers: dict[str, SessionHeader] = {}
        self._children: dict[str, list[str]] = {}
        self._last_id = 0
        self._stamp: tuple[int, int, int] = (0, 0, 0)

    def _table_columns(self, table: str) -> set[str]:
        return {row[1] for row in self._db.query(f"PRAGMA table_info({table})")}

    def _active_is_indexed(self) -> bool:
        """Whether an index holds `session_id` and `active`, so that counting them reads no message."""
        for row in self._db.query("PRAGMA index_list(messages)"):
            columns = {one[2] for one in self._db.query(f'PRAGMA index_info("{row[1]}")')}
            if {"session_id", "active"} <= columns and not row[4]:
                return True
        return False

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first."""
        self._stamp = self._now()
        stored, counts = self._stored(), self._counts()
        ends = {row["id"]: row.get("end_reason") for row in stored}
        problems: list[Problem] = []
        headers = []
        for row in stored:
            if not isinstance(row["id"], str) or not row["id"]:
                problems.append(
                    Problem(f"{self.path}: sessions", f"id {row['id']!r} is not a text; left out")
                )
                continue
            end = ends.get(row.get("parent_session_id"))
            headers.append(self._header(row, end, counts.get(row["id"], _NO_ROWS)))
        orphans = counts.keys() - ends.keys()
        if orphans:
            total = sum(counts[one].rows for one in orphans)
            problems.append(
                Problem(f"{self.path}: messages", f"{total} messages belong to no session; left out")
            )
        self._headers = {header.id: header for header in headers}
        self._last_id = max((one.last_id for one in counts.values()), default=0)
        self._note_children()
        for header in headers:
            if header.parent_id is not None or header.id in self._children:
                self._headers[header.id] = self._with_lineage(header)
        return Listing(tuple(self._headers.values()), tuple(problems))

    def changed(self) -> frozenset[str] | None:
        """Tell which sessions grew since the last `listing` or `changed`.

        Returns:
            None when nobody wrote; else the sessions with new rows, whose headers are new now. What
            else changed (a title, an end, a rewind) only a new `listing` shows.

        Raises:
            SourceError: the file is gone, or another one lies in its place.
        """
        stamp = self._now()
        if stamp == self._stamp:
            return None
        if stamp[1:] != self._stamp[1:]:
            self._reopen()
            return frozenset(header.id for header in self.listing().headers)
        self._stamp = stamp
        found = self._db.query("SELECT DISTINCT session_id FROM messages WHERE id > ?", (self._last_id,))
        ids = [row[0] for row in found if isinstance(row[0], str)][:_BOUND]
        if ids:
            counts = self._counts(ids)
            for row in self._stored(ids):
                known = self._headers.get(row.get("parent_session_id") or "")
                end = known.end_reason if known else None
                header = self._header(row, end, counts.get(row["id"], _NO_ROWS))
                self._headers[header.id] = self._with_lineage(header)
            self._last_id = max((one.last_id for one in counts.values()), default=self._last_id)
            self._note_children()
        return frozenset(one for one in ids if one in self._headers)

    def header(self, session: str) -> SessionHeader | None:
        """Return the newest header of a session."""
        return self._headers.get(session)

    def _now(self) -> tuple[int, int, int]:
        """What changes when anybody else writes, or puts another file in this one's place."""
        try:
            stat = self.path.stat()
        except OSError as error:
            raise SourceError(
                f"{self.path} is gone: {error.strerror}", "it is read again when it is back"
            ) from None
        return (self._db.query("PRAGMA data_version")[0][0], stat.st_dev, stat.st_ino)

    def _reopen(self) -> None:
        """Read the file that lies at the path now; SQLite itself would go on reading the old one."""
        fresh = HermesDatabase(self.path)
        self._db.close()
        self.__dict__.update(fresh.__dict__)

    def _note_children(self) -> None:
        self._children = {}
        for header in self._headers.values():
            if header.parent_id and header.kind == "continuation":
                self._children.setdefault(header.parent_id, []).append(header.id)

    def _with_lineage(self, header: SessionHeader) -> SessionHeader:
        """Put what the rows that a session inherits or hands on are like into its stamp."""
        others = list(self._children.get(header.id, ()))
        if header.kind in ("continuation", "branch"):
            others.append(header.parent_id or "")
        stamps = [self._headers[one].stamp.partition(" ")[0] for one in others if one in self._headers]
        return header._replace(stamp=" ".join((header.stamp.partition(" ")[0], *stamps)))

    def _stored(self, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Rows of the sessions table, newest first."""
        known = [name for name in (*_HEADER, *_COUNTERS) if name in self._columns["sessions"]]
        where = "" if ids is None else f"WHERE id IN ({','.join('?' * len(ids))})"
        sql = f"SELECT id, {', '.join(known)} FROM sessions {where} ORDER BY started_at DESC, id DESC"
        return [dict(zip(("id", *known), row, strict=True)) for row in self._db.query(sql, ids or ())]

    def _counts(self, ids: Sequence[str] | None = None) -> dict[str, _Count]:
        time = "timestamp" if "timestamp" in self._columns["messages"] else "NULL"
        where = "" if ids is None else f"WHERE session_id IN ({','.join('?' * len(ids))})"
        # beside one max(), SQLite takes the time from the row that has it
        sql = (
            f"SELECT session_id, count(*), max(id), {time}, {self._active} "
            f"FROM messages {where} GROUP BY session_id"
        )
        return {row[0]: _Count(*row[1:]) for row in self._db.query(sql, ids or ())}

    def _header(self, row: dict[str, Any], parent_end: str | None, count: _Count) -> SessionHeader:
        parent = _text(row.get("parent_session_id"))
        last, started = _moment(count.last_time), _moment(row["started_at"])
        return SessionHeader(
            id=row["id"],
            agent=self.agent,
            source=str(self.path),
            channel=_text(row.get("source")),
            title=_text(row.get("title")),
            model=_text(row.get("model")),
            started_at=started,
            last_active_at=started if last is None else last,
            ended_at=_moment(row.get("ended_at")),
            end_reason=_text(row.get("end_reason")),
            parent_id=parent,
            kind=session_kind(parent, parent_end, row.get("model_config"), row.get("source")),
            cwd=_text(row.get("cwd")),
            archived=bool(row.get("archived")),
            rows=count.rows,
            stamp=":".join(map(str, (count.rows, count.last_id, count.active, *map(row.get, _COUNTERS)))),
        )

    def stretches(self, first: int, last: int, delegated: Container[str]) -> Iterator[Stretch]:
        """Yield the messages of a range of rows in the order they were written.

        Reading rows as they lie costs half of reading them session by session.

        Args:
            first: the first row id.
            last: the last one.
            delegated: sessions that work for another agent, whose user rows are not a person's.
        """
        goals: dict[str, set[str]] = {}
        while True:
            found, cut = self._db.page(self._rows_between, (first, last), text_column=3)
            for session, rows in groupby(found, _BY_SESSION):
                run = list(rows)
                messages, problems = messages_of(
                    run,
                    delegated=session in delegated,
                    place=str(self.path),
                    goals=goals.setdefault(session, set()),
                )
                yield Stretch(session, messages, problems, all(map(_ACTIVE, run)))
            if not cut and len(found) < PAGE_ROWS:
                return
            first = found[-1][0] + 1

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`, read in pages of bounded rows and bytes."""
        if not self._headers:
            self.listing()
        batch: list[str] = []
        size = 0
        for one in ids:
            header = self._headers.get(one)
            if header is None:
                continue
            if batch and size + header.rows > PAGE_ROWS:
                yield from self._read_apart(batch, prompts)
                batch, size = [], 0
            batch.append(one)
            size += header.rows
        if batch:
            yield from self._read_apart(batch, prompts)

    def _read_apart(self, ids: Sequence[str], prompts: bool) -> Iterator[Session]:
        """Read a batch; where that fails, each session alone, so that a bad page costs only its own."""
        try:
            sessions = list(self._read_batch(ids, prompts))
        except SourceError as error:
            if len(ids) == 1:
                place = f"{self.path}: session {ids[0]}"
                yield Session(self._headers[ids[0]], (), problems=(Problem(place, str(error)),))
                return
            for one in ids:
                yield from self._read_apart([one], prompts)
            return
        yield from sessions

    def _read_batch(self, ids: Sequence[str], with_prompts: bool) -> Iterator[Session]:
        prompts = self._system_prompts(ids) if with_prompts else {}
        if len(ids) == 1:
            yield self._session(ids[0], self._rows(ids[0]), prompts)
            return
        found, cut = self._db.page(self._rows_of % ",".join("?" * len(ids)), ids, text_column=3)
        by_session = {one: sorted(rows, key=_BY_ID) for one, rows in groupby(found, _BY_SESSION)}
        whole = set(ids)
        if cut:
            # rows come sorted by session: what sorts after the last one seen was not read, and that
            # one only in part
            last = found[-1][1]
            whole = {one for one in ids if one < last}
        for one in ids:
            rows = by_session.get(one, []) if one in whole else self._rows(one)
            yield self._session(one, rows, prompts)

    def _rows(self, session: str) -> list[Row]:
        """All rows of one session, page by page."""
        rows: list[Row] = []
        last: int = -1
        while True:
            found, cut = self._db.page(self._rows_after, (session, last), text_column=3)
            rows += map(Row._make, found)
            if not cut and len(found) < PAGE_ROWS:
                return rows
            last = found[-1][0]

    def _system_prompts(self, ids: Sequence[str]) -> dict[str, str]:
        if "system_prompt" not in self._columns["sessions"]:
            return {}
        marks = ",".join("?" * len(ids))
        found = self._db.query(f"SELECT id, system_prompt FROM sessions WHERE id IN ({marks})", ids)
        return {one: _text(prompt) or "" for one, prompt in found}

    def _session(self, session: str, rows: Sequence[StoredRow], prompts: dict[str, str]) -> Session:
        header = self._headers[session]
        if header.parent_id is None and session not in self._children and all(map(_ACTIVE, rows)):
            # neither compacted nor rewound nor continued: every row counts as it is
            messages, problems = messages_of(rows, delegated=header.kind == "subagent", place=str(self.path))
            return Session(header, messages, prompts.get(session, ""), (), problems)
        stored = [Row._make(row) for row in rows]
        parent = header.parent_id if header.kind in ("continuation", "branch") else None
        inherited = self._rows(parent) if parent in self._headers else None
        counted = without_copies(stored, inherited)
        kept = counted.rows
        for child in self._children.get(session, ()):
            kept = kept + adopted(kept, self._rows(child))
        messages, problems = messages_of(kept, delegated=header.kind == "subagent", place=str(self.path))
        return Session(
            header,
            messages,
            prompts.get(session, ""),
            tuple(CompactionMark(*one) for one in counted.compactions),
            problems,
        )

    def close(self) -> None:
        """Close the database."""
        self._db.close()


def _text(value: object) -> str | None:
    if value is None:
        return None
    return without_surrogates(value) if isinstance(value, str) else stored_text(value)


def _moment(value: object) -> float | None:
    """Return a stored time; what no calendar holds is none."""
    return in_calendar(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
