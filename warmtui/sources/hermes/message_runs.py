"""Whose messages some row ids are, without reading the messages: most sessions' rows lie in one piece.

A word that stands in nearly every message is found in hundreds of thousands of rows and a few thousand
sessions. Fetching each row only to see whose it is was nine tenths of such a search.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar

import orjson

from warmtui.errors import SourceError
from warmtui.sources.live_database import LiveDatabase, Query

T = TypeVar("T")
SAMPLES = (64, 16, 4)
"""Of the rows of which nobody knows whose they are, every so many is asked, in turn."""
NEWEST = 10_000
"""Sessions that are learned of before anybody searches: more than twice as many as a search finds at most."""
_CHUNK = 1_000


class Piece(NamedTuple):
    """Those of some row ids that one session has."""

    session: str
    begin: int
    end: int
    """Where among the ids they begin, and where the next ones do."""


class MessageRuns:
    """Sessions of one database of which every row from the first to the last is their own.

    What was learned stays true where no id is given twice (`AUTOINCREMENT`): a row never changes its session.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[int, int, str]] = []
        """First id, last id and session, ascending, apart from each other."""
        self._lasts: list[int] = []
        self.scattered: set[str] = set()
        """Sessions between whose rows other rows lie."""
        self._newest = 0

    def at(self, newest: int) -> None:
        """Hear of the newest row id there is: if that is an older one than before, all is forgotten.

        So it is when an older state of the database was put in its place.
        """
        if newest < self._newest:
            self._runs, self._lasts = [], []
            self.scattered.clear()
        self._newest = newest

    @property
    def known(self) -> bool:
        """Whether anything was learned."""
        return bool(self._runs)

    def sessions(self) -> set[str]:
        """Return the sessions of which anything was learned."""
        return self.scattered.union(run[2] for run in self._runs)

    def learn(self, spans: Iterable[tuple[str, int, int, int]]) -> None:
        """Learn where sessions lie.

        Args:
            spans: session, its first and its last row id, and how many rows it has.
        """
        more = list(self._runs)
        for session, first, last, rows in spans:
            if last - first + 1 == rows:
                more.append((first, last, session))
            else:
                self.scattered.add(session)
        more.sort(key=lambda run: (run[0], -run[1]))
        self._runs = []
        reached = -1
        for run in more:
            if run[1] > reached:  # else it is an earlier, shorter state of the one before
                self._runs.append(run)
                reached = run[1]
        self._lasts = [run[1] for run in self._runs]

    def split(self, ids: Sequence[int]) -> tuple[list[Piece], list[int]]:
        """Tell whose some rows are.

        Args:
            ids: row ids, ascending.

        Returns:
            Which of them are of sessions that are known, newest last, and the ids of which nothing is known.
        """
        pieces: list[Piece] = []
        loose: list[int] = []
        done = 0
        for first, last, session in self._runs[bisect_left(self._lasts, ids[0]) if ids else 0 :]:
            if done >= len(ids):
                break
            begin = bisect_left(ids, first, done)
            end = bisect_right(ids, last, begin)
            if begin > done:
                loose += ids[done:begin]
            if end > begin:
                pieces.append(Piece(session, begin, end))
            done = end
        loose += ids[done:]
        return pieces, loose


def newest_row(query: Query, runs: MessageRuns) -> int:
    """Return the newest row id, 0 without one, of which the runs hear."""
    newest: int = query("SELECT max(id) FROM messages")[0][0] or 0
    runs.at(newest)
    return newest


def may_learn(query: Query) -> bool:
    """Whether no row id is given twice, and an index makes it cheap to learn where a session's rows lie."""
    table = query("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'messages'")
    if not any("autoincrement" in str(row[0]).lower() for row in table):
        return False
    names = [str(row[1]).replace('"', '""') for row in query("PRAGMA index_list(messages)")]
    return any(
        row[0] == 0 and row[2] == "session_id"
        for name in names
        for row in query(f'PRAGMA index_info("{name}")')
    )


def learn_of(query: Query, runs: MessageRuns, unknown: list[int], *, enough: int) -> None:
    """Learn of the sessions that many rows belong to where their rows lie.

    Args:
        query: asks the database.
        runs: learns.
        unknown: ids of the rows, ascending.
        enough: so many may stay unknown.
    """
    tried: set[str] = set()
    for every in SAMPLES:
        new: set[str] = set()
        for part in chunks(unknown[::every]):
            ids = ",".join(map(str, part))
            sql = (
                "SELECT json_group_array(DISTINCT session_id) FROM messages "
                f"WHERE id IN ({ids}) AND typeof(session_id) = 'text'"
            )
            new.update(orjson.loads(query(sql)[0][0]))
        new -= tried | runs.scattered
        tried |= new
        _learn(query, runs, sorted(new))
        unknown = runs.split(unknown)[1]
        if len(unknown) <= enough:
            return


def learn_newest(db: LiveDatabase, runs: MessageRuns, most: int = NEWEST) -> None:
    """Learn where the rows of the newest sessions lie, before anybody searches; an interrupt ends it.

    Args:
        db: the database, for as long as it lasts.
        runs: learns; what it knows is not asked again.
        most: sessions that are looked at.
    """
    query = db.interruptible()
    with suppress(SourceError):  # searching says what is wrong
        if may_learn(query):
            newest_row(query, runs)
            ids = "SELECT id FROM sessions WHERE typeof(id) = 'text' ORDER BY started_at DESC LIMIT ?"
            found = query(f"SELECT json_group_array(id) FROM ({ids})", (most,))
            known = runs.sessions()
            _learn(query, runs, [one for one in orjson.loads(found[0][0]) if one not in known])


def _learn(query: Query, runs: MessageRuns, sessions: Sequence[str]) -> None:
    for some in chunks(sessions):
        # one row of many: between two rows any busy thread may take its turn of 5 ms
        spans = (
            "SELECT session_id AS session, min(id) AS first, max(id) AS last, count(*) AS rows FROM messages "
            "WHERE session_id IN (SELECT value FROM json_each(?)) GROUP BY session_id"
        )
        sql = f"SELECT json_group_array(json_array(session, first, last, rows)) FROM ({spans})"
        found = query(sql, (orjson.dumps(some).decode(),))
        runs.learn(orjson.loads(found[0][0]))


def chunks(some: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a sequence into parts that one query can ask for."""
    return (some[at : at + _CHUNK] for at in range(0, len(some), _CHUNK))
