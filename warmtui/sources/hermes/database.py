"""Sessions read from Hermes Agent's `state.db`, whatever columns its version has."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import orjson

from warmtui.model.session import CompactionMark, Session, SessionHeader, unreadable
from warmtui.sources.base import OnFound, SearchResult
from warmtui.sources.hermes.headers import BOUND, HermesHeaders, Related, plain_text
from warmtui.sources.hermes.lineage import Row, adopted, without_copies
from warmtui.sources.hermes.rows import messages_of, rows_of
from warmtui.sources.live_database import MAGIC, DamageError

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
_BY_ID, _BY_SESSION = attrgetter("id"), attrgetter("session_id")


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
        select = ", ".join(columns.values())
        # ordered by id in Python: SQLite would copy every text through a sorter
        self._rows_of = f"SELECT {select} FROM messages WHERE session_id IN (%s) ORDER BY session_id"
        ids = "SELECT value FROM json_each(?)"
        self._rows_by_id = f"SELECT {select} FROM messages WHERE id IN ({ids}) ORDER BY id"

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
        if len(batch) == 1:
            yield self._session(batch[0], self._rows(ids[0]), prompts)
            return
        found, cut = self._db.page(self._rows_of % ",".join("?" * len(ids)), ids, text_column=3)
        by_session = {
            session: sorted(rows, key=_BY_ID) for session, rows in groupby(rows_of(found), _BY_SESSION)
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
            rows += rows_of(page)
            at = bisect_right(ids, page[-1][0]) if cut else at + PAGE_ROWS
        return rows

    def _system_prompts(self, ids: Sequence[str]) -> dict[str, str]:
        if "system_prompt" not in self._columns["sessions"]:
            return {}
        marks = ",".join("?" * len(ids))
        found = self._db.query(f"SELECT id, system_prompt FROM sessions WHERE id IN ({marks})", ids)
        return {session: plain_text(prompt) or "" for session, prompt in found}

    def _session(self, item: Related, rows: Sequence[Row], prompts: dict[str, str]) -> Session:
        header = item.header
        parent = header.parent_id if header.kind in ("continuation", "branch") else None
        counted = without_copies(rows, self._rows(parent) if parent else None)
        kept = counted.rows
        for child in item.continuations:
            kept = kept + adopted(kept, self._rows(child))
        messages, problems = messages_of(
            kept, delegated=header.kind == "subagent", place=f"{self._place}: session {header.id}"
        )
        return Session(
            header,
            messages,
            prompts.get(header.id, ""),
            tuple(CompactionMark(*compaction) for compaction in counted.compactions),
            problems,
        )

    def search(self, words: str, *, limit: int, on_found: OnFound) -> SearchResult:
        """Find the sessions with a message that holds every word; see `search_sessions`."""
        # most commands search nothing
        from warmtui.sources.hermes.search import search_sessions

        return search_sessions(self._db, words, limit=limit, on_found=on_found)

    def interrupt(self) -> None:
        """End the search that is under way, from any thread."""
        self._db.interrupt()


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
