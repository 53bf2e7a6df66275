"""Hermes Agent's `state.db`, live, whatever columns its version has (S1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import NoneType
from typing import Any

import orjson

from warmtui.model.session import CompactionMark, Session, SessionHeader, StoredMessage, unreadable
from warmtui.sources.base import Stretch
from warmtui.sources.hermes_headers import BOUND, CLOCK_SLACK, HermesHeaders, plain_text
from warmtui.sources.hermes_rows import message_of, messages_of, row_of
from warmtui.sources.lineage import Row, adopted, without_copies
from warmtui.sources.live import DamageError

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
PAGE_ROWS = 2000
_PASSING_ROWS = 256
"""Rows of a page of a pass over a whole history: few enough to stay in the processor's cache until they are
judged, which takes a tenth of the time off it."""
_PASSING = ("id", "session_id", "role", "content", "tool_calls", "tool_call_id", "timestamp", "active")
"""The columns of a `StoredMessage`."""
_BY_ID, _BY_SESSION = itemgetter(0), itemgetter(1)
_ACTIVE, _PASSING_ACTIVE = itemgetter(tuple(_ROW).index("active")), itemgetter(_PASSING.index("active"))


def _is_ordinary(row: tuple[Any, ...]) -> bool:
    """Whether every column has the type that Hermes writes."""
    _, _, role, content, calls, call_id, at, _ = row
    return (
        isinstance(role, str)
        and isinstance(content, (str, NoneType))
        and isinstance(calls, (str, NoneType))
        and isinstance(call_id, (str, NoneType))
        and isinstance(at, (float, NoneType))
    )


class HermesDatabase(HermesHeaders):
    """The sessions of one `state.db`.

    Args:
        path: the database file.

    Raises:
        SourceError: it is missing, empty, not SQLite, damaged, or another program's.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        columns = {
            name: name if name in self._columns["messages"] else f"{stand_in} AS {name}"
            for name, stand_in in _ROW.items()
        }
        select, passing = ", ".join(columns.values()), ", ".join(columns[name] for name in _PASSING)
        # ordered by id in Python: SQLite would copy every text through a sorter
        self._rows_of = f"SELECT {select} FROM messages WHERE session_id IN (%s) ORDER BY session_id"
        these = "FROM messages WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
        self._rows_by_id, self._passing_by_id = f"SELECT {select} {these}", f"SELECT {passing} {these}"
        self._passing_between = (
            f"SELECT {passing} FROM messages WHERE id >= ? AND id <= ? ORDER BY id LIMIT {_PASSING_ROWS}"
        )

    def stretches(self, first: int, last: int, delegated: Container[str]) -> Iterator[Stretch]:
        """Yield rows `first` to `last` in the order they were written.

        Reading rows as they lie costs half of reading them session by session.
        """
        goals: dict[str, set[str]] = {}
        while True:
            found, cut = self._db.page(self._passing_between, (first, last), text_column=3)
            for session, rows in groupby(found, _BY_SESSION):
                yield self._stretch(
                    session, list(rows), session in delegated, goals.setdefault(session, set())
                )
            if not cut and len(found) < _PASSING_ROWS:
                return
            first = found[-1][0] + 1

    def stretches_of(self, session: str, *, delegated: bool) -> Iterator[Stretch]:
        """Yield the rows of one session page by page."""
        goals: set[str] = set()
        for found in self._pages(self._passing_by_id, session, _PASSING_ROWS):
            yield self._stretch(session, found, delegated, goals)

    def _pages(self, sql: str, session: str, rows: int) -> Iterator[list[Any]]:
        """Yield the rows of one session in their order, so many at a time, fewer where they are long.

        Their ids come from an index first: asked for by session and in order, SQLite would copy all texts
        that are still to come through a sorter for every page.
        """
        found = self._db.query("SELECT json_group_array(id) FROM messages WHERE session_id = ?", (session,))
        ids: list[int] = sorted(orjson.loads(found[0][0]))
        at = 0
        while at < len(ids):
            some = ids[at : at + rows]
            page, cut = self._db.page(sql, (orjson.dumps(some).decode(),), text_column=3)
            yield page
            at = bisect_right(ids, page[-1][0]) if cut else at + rows

    def _stretch(
        self, session: str, rows: Sequence[StoredMessage], delegated: bool, goals: set[str]
    ) -> Stretch:
        place = f"{self._place}: session {session}"
        read = partial(message_of, delegated=delegated, place=place, goals=goals)
        plain = all(map(_PASSING_ACTIVE, rows)) and all(map(_is_ordinary, rows))
        return Stretch(session, rows, read, plain)

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`, read in pages of bounded rows and bytes."""
        for start in range(0, len(ids), BOUND):
            some = ids[start : start + BOUND]
            lost: dict[str, DamageError] = {}
            headers = {header.id: header for header in self._salvaged(self._headers_of, some, lost)}
            yield from (self._unread(SessionHeader(one, self.agent, self._place), lost[one]) for one in lost)
            batch: list[SessionHeader] = []
            size = 0
            for header in (headers[one] for one in some if one in headers):
                if batch and size + header.rows > PAGE_ROWS:
                    yield from self._read_apart(batch, prompts)
                    batch, size = [], 0
                batch.append(header)
                size += header.rows
            if batch:
                yield from self._read_apart(batch, prompts)

    def _read_apart(self, headers: Sequence[SessionHeader], prompts: bool) -> Iterator[Session]:
        """Read a batch; where that fails, each session alone: a bad page or row costs only its own."""
        try:
            sessions = list(self._read_batch(headers, prompts))
        except Exception as error:
            if len(headers) == 1:
                yield self._unread(headers[0], error)
                return
            for one in headers:
                yield from self._read_apart([one], prompts)
            return
        yield from sessions

    def _unread(self, header: SessionHeader, error: Exception) -> Session:
        """Return a session without its messages, and why they could not be read."""
        return Session(header, (), problems=(unreadable(self._place, header.id, error),))

    def _read_batch(self, headers: Sequence[SessionHeader], with_prompts: bool) -> Iterator[Session]:
        ids = [header.id for header in headers]
        prompts = self._system_prompts(ids) if with_prompts else {}
        if len(headers) == 1:
            yield self._session(headers[0], self._rows(ids[0]), prompts)
            return
        found, cut = self._db.page(self._rows_of % ",".join("?" * len(ids)), ids, text_column=3)
        by_session = {
            session: sorted(map(row_of, rows), key=_BY_ID) for session, rows in groupby(found, _BY_SESSION)
        }
        whole = set(ids)
        if cut:
            # rows come sorted by session: what sorts after the last one seen was not read, and that
            # one only in part
            last = found[-1][1]
            whole = {one for one in ids if one < last}
        for header in headers:
            rows = by_session.get(header.id, []) if header.id in whole else self._rows(header.id)
            yield self._session(header, rows, prompts)

    def _rows(self, session: str) -> list[Row]:
        """All rows of one session, page by page."""
        pages = self._pages(self._rows_by_id, session, PAGE_ROWS)
        return [row_of(row) for page in pages for row in page]

    def _system_prompts(self, ids: Sequence[str]) -> dict[str, str]:
        if "system_prompt" not in self._columns["sessions"]:
            return {}
        marks = ",".join("?" * len(ids))
        found = self._db.query(f"SELECT id, system_prompt FROM sessions WHERE id IN ({marks})", ids)
        return {one: plain_text(prompt) or "" for one, prompt in found}

    def _session(self, header: SessionHeader, rows: Sequence[Row], prompts: dict[str, str]) -> Session:
        session, delegated = header.id, header.kind == "subagent"
        place = f"{self._place}: session {session}"
        if self.counts_alone(header) and all(map(_ACTIVE, rows)):
            # neither compacted nor rewound nor continued: every row counts as it is
            messages, problems = messages_of(rows, delegated=delegated, place=place)
            return Session(header, messages, prompts.get(session, ""), (), problems)
        parent = header.parent_id if header.kind in ("continuation", "branch") else None
        counted = without_copies(rows, self._rows(parent) if parent else None)
        kept = counted.rows
        for child in self._continuing(header):
            kept = kept + adopted(kept, self._rows(child))
        messages, problems = messages_of(kept, delegated=delegated, place=place)
        return Session(
            header,
            messages,
            prompts.get(session, ""),
            tuple(CompactionMark(*one) for one in counted.compactions),
            problems,
        )

    def _continuing(self, header: SessionHeader) -> list[str]:
        """Return the sessions that a compaction continued one with."""
        since = None if header.started_at is None else header.started_at - CLOCK_SLACK
        children = [row.id for row in self._children([header.id], since)]
        return [one.id for one in self.headers(children).values() if one.kind == "continuation"]
