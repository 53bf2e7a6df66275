"""Answers the queries of lists, on a connection of its own so that they never wait for a write."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from warmtui.library.index.file import open_for_reading
from warmtui.library.index.query import EMPTY, WAITS, marks, of_sources, order, where
from warmtui.library.index.session_index import (
    COMPLETED,
    SELECT,
    SessionIndex,
    pages,
    problems_from,
    session_from,
)
from warmtui.model.conditions import Selected, Selection
from warmtui.model.session import SessionProblems
from warmtui.model.stats import SessionRow


class SelectionEndedError(Exception):
    """`IndexReader.end_selection` ended the selection, whose result is no longer wanted."""


class SourceCounts(NamedTuple):
    """How many sessions one source holds."""

    agent: str
    source: str
    sessions: int
    """How many sessions have messages."""
    empty: int


class Unread(NamedTuple):
    """What was not understood of one source."""

    source: str
    things: int
    sessions: int
    """In how many sessions those are."""
    waiting: int
    """How many sessions have to be judged first."""


class IndexReader:
    """Reads an index while another thread writes it; used by one thread at a time.

    Args:
        index: the index. While it is only in memory, or its file is damaged, this uses its connection.
    """

    def __init__(self, index: SessionIndex) -> None:
        self._index = index
        self._db: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._may_end = False
        """Whether a selection is being read, which `end_selection` may end."""
        if index.file is not None:
            try:
                self._db = open_for_reading(index.file)
            except sqlite3.Error:
                self._db = None

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def end_selection(self) -> None:
        """End the running selection, from any thread; other queries go on."""
        db = self._db
        if db is not None and self._may_end:
            with suppress(sqlite3.ProgrammingError):  # the connection is closed, so nothing is under way
                db.interrupt()

    def _read(self, sql: str, values: Sequence[object] = (), *, may_end: bool = False) -> list[Any]:
        with self._lock:
            while self._db is not None and self._index.file is not None:
                self._may_end = may_end
                try:
                    return self._db.execute(sql, values).fetchall()
                except sqlite3.Error as error:
                    if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_INTERRUPT:
                        self._db.close()
                        self._db = None
                    elif may_end:
                        raise SelectionEndedError from None
                finally:
                    self._may_end = False
        return self._index.read(sql, values)

    def select(
        self,
        sources: Iterable[str],
        selection: Selection,
        limit: int = -1,
        kinds: Mapping[tuple[str, ...], int] | None = None,
    ) -> Selected:
        """Select and order sessions.

        Args:
            sources: only sessions of these.
            selection: which, and in which order.
            limit: how many at most; -1 for all.
            kinds: those of an earlier selection, when nothing was written since; None to count them.

        Raises:
            SelectionEndedError: `end_selection` was called.
        """
        numbers = self._index.numbers(sources)
        condition, values = where(selection, numbers, self._index.copies)
        # One text of all numbers: 100,000 Python rows would cost more than finding them.
        sql = (
            f"SELECT group_concat(number) FROM (SELECT number FROM session WHERE {condition} "
            f"ORDER BY {order(selection)} LIMIT ?)"
        )
        found = self._read(sql, (*values, limit), may_end=True)[0][0]
        if kinds is None:
            kinds = self._kinds(numbers.values())
        return Selected(array("q", map(int, found.split(",")) if found else ()), kinds)

    def any_waits(self, numbers: Sequence[int], now: float) -> bool:
        """Whether any of these sessions has no figures, or old ones; `now` in Unix seconds."""
        sql = (
            f"SELECT 1 FROM session WHERE number IN ({marks(len(numbers))}) "
            f"AND ({WAITS} OR recheck <= ?) LIMIT 1"
        )
        return bool(self._read(sql, (*numbers, now)))

    def select_among(self, sources: Iterable[str], selection: Selection, numbers: Sequence[int]) -> list[int]:
        """Return the numbers of those sessions that are still selected, in any order."""
        condition, values = where(selection, self._index.numbers(sources), self._index.copies)
        sql = f"SELECT number FROM session WHERE number IN ({marks(len(numbers))}) AND {condition}"
        return [row[0] for row in self._read(sql, (*numbers, *values))]

    def move_changed(
        self, sources: Iterable[str], selection: Selection, before: array[int], changed: Collection[int]
    ) -> array[int]:
        """Update a selection after a few sessions changed.

        The result is that of `select`, found with a binary search for each changed session.

        Args:
            sources: only sessions of these.
            selection: what was selected, and in which order.
            before: the numbers that were selected, in that order.
            changed: the numbers of sessions that may have changed.
        """
        still = self.select_among(sources, selection, tuple(changed))
        numbers = before[:]
        for number in changed:
            with suppress(ValueError):
                numbers.remove(number)
        first = f"SELECT number FROM session WHERE number IN (?, ?) ORDER BY {order(selection)} LIMIT 1"
        for number in still:
            low, high = 0, len(numbers)
            while low < high:
                middle = (low + high) // 2
                if self._read(first, (number, numbers[middle]))[0][0] == number:
                    high = middle
                else:
                    low = middle + 1
            numbers.insert(low, number)
        return numbers

    def _listed(self, sources: Iterable[str]) -> tuple[str, tuple[object, ...]]:
        """Write the condition that a session is of these sources and no copy of another, and its values."""
        return of_sources(self._index.numbers(sources), self._index.copies)

    def _kinds(self, sources: Iterable[str]) -> dict[tuple[str, ...], int]:
        listed, values = self._listed(sources)
        sql = (
            f"SELECT {EMPTY}, archived OR hidden, kind = 'subagent', count(*) FROM session "
            f"WHERE {listed} GROUP BY 1, 2, 3"
        )
        names = ("empty", "archived", "subagents")
        return {
            tuple(name for name, yes in zip(names, is_of, strict=True) if yes): count
            for *is_of, count in self._read(sql, values, may_end=True)
        }

    def count(self, sources: Iterable[str]) -> int:
        """Return how many sessions there are."""
        listed, values = self._listed(sources)
        found: int = self._read(f"SELECT count(*) FROM session WHERE {listed}", values)[0][0]
        return found

    def left_out(self, sources: Iterable[str]) -> dict[str, int]:
        """Return how many sessions can be left out, by reason: `empty`, else `archived`, else `hidden`."""
        listed, values = self._listed(sources)
        sql = (
            f"SELECT coalesce(sum({EMPTY}), 0), "
            f"coalesce(sum(archived AND NOT {EMPTY}), 0), "
            f"coalesce(sum(hidden AND NOT archived AND NOT {EMPTY}), 0) FROM session "
            f"WHERE {listed}"
        )
        return dict(zip(("empty", "archived", "hidden"), self._read(sql, values)[0], strict=True))

    def unread(self, sources: Iterable[str]) -> list[Unread]:
        """Return how much was not understood of each source; copies are left out."""
        found = []
        for path in sources:
            listed, values = self._listed([path])
            sql = (
                f"SELECT coalesce(sum(unread), 0), coalesce(sum(unread > 0), 0), coalesce(sum({WAITS}), 0) "
                f"FROM session WHERE {listed}"
            )
            found.append(Unread(path, *self._read(sql, values)[0]))
        return found

    def problems(self, sources: Iterable[str]) -> Iterator[SessionProblems]:
        """Yield what was not understood of sessions, the newest first."""
        paths = self._index.numbers(sources)
        listed, values = self._listed(paths.values())
        sql = (
            f"SELECT source, id, messages, problems FROM session WHERE {listed} "
            "AND problems IS NOT NULL ORDER BY at DESC, id DESC"
        )
        for number, session, messages, problems in self._read(sql, values):
            yield SessionProblems(paths[number], session, bool(messages), problems_from(problems))

    def fetch(self, numbers: Sequence[int]) -> Iterator[tuple[int, SessionRow]]:
        """Yield sessions by their numbers, in any order; those that are gone are left out."""
        for page in pages(numbers):
            sql = f"{SELECT} WHERE session.number IN ({marks(len(page))})"
            yield from ((row[0], session_from(row)) for row in self._read(sql, tuple(page)))

    def with_ids(self, sources: Iterable[str], ids: Iterable[str]) -> Iterator[tuple[int, SessionRow]]:
        """Yield the sessions with these ids, of any of the sources, by their numbers."""
        paths = self._index.numbers(sources)
        for page in pages(tuple(dict.fromkeys(ids))):
            sql = f"{SELECT} WHERE source IN ({marks(len(paths))}) AND id IN ({marks(len(page))})"
            yield from ((row[0], session_from(row)) for row in self._read(sql, (*paths, *page)))

    def agents(self, sources: Iterable[str]) -> list[str]:
        """Return the agents of the sources, sorted; a source is one agent's."""
        sql = "SELECT agent FROM session WHERE source = ? LIMIT 1"
        return sorted(
            {row[0] for number in self._index.numbers(sources) for row in self._read(sql, (number,))}
        )

    def places(self, sources: Iterable[str]) -> list[SourceCounts]:
        """Return how many sessions each source holds."""
        found: list[SourceCounts] = []
        for number, path in self._index.numbers(sources).items():
            listed, values = self._listed([path])
            agent = self._read("SELECT agent FROM session WHERE source = ? LIMIT 1", (number,))
            sql = f"SELECT count(*), coalesce(sum({EMPTY}), 0) FROM session WHERE {listed}"
            total, empty = self._read(sql, values)[0]
            if agent:  # a source is one agent's
                found.append(SourceCounts(agent[0][0], path, total - empty, empty))
        return found

    def values(self, sources: Iterable[str]) -> dict[str, list[str]]:
        """Return the values of the fields that the filter completes, `tool` included, sorted."""
        paths = tuple(self._index.numbers(sources))
        of = f"FROM session WHERE +source IN ({marks(len(paths))})"
        rows = self._read(f"SELECT DISTINCT {', '.join(COMPLETED)}, tools {of}", paths)
        found = {name: {row[at] for row in rows} for at, name in enumerate(COMPLETED)}
        found["tool"] = {name for tools in {row[-1] for row in rows} for name in orjson.loads(tools or "[]")}
        return {name: sorted(filter(None, values)) for name, values in found.items()}
