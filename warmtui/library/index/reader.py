"""Lists as they are asked of the index, on a connection of their own, so that no writing holds them up."""

from __future__ import annotations

import sqlite3
import threading
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from warmtui.library.index.file import open_for_reading
from warmtui.library.index.query import EMPTY, WAITS, Row, Selection, marks, order, where
from warmtui.library.index.session_index import FEW, PAGE, SessionIndex, problems_from
from warmtui.model.session import Problem


class Selected(NamedTuple):
    """Which sessions a list shows."""

    numbers: array[int]
    """By which the index knows them, in the order asked for."""
    kinds: Mapping[tuple[str, ...], int]
    """How many sessions there are, selected or not, of each mix of `empty`, `archived` and `subagents`."""

    @property
    def total(self) -> int:
        """How many sessions there are."""
        return sum(self.kinds.values())


class SelectionEndedError(Exception):
    """`IndexReader.end_selection` ended what was being selected: nobody waits for it any more."""


class Place(NamedTuple):
    """What one source holds."""

    agent: str
    source: str
    sessions: int
    """With messages."""
    empty: int


class IndexReader:
    """Reads an index that another thread writes; used by one thread at a time.

    Args:
        index: it; where that is only in memory, or the file turns out damaged, its own connection is used.
    """

    def __init__(self, index: SessionIndex) -> None:
        self._index = index
        self._db: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._may_end = False
        """Whether what is being read is a selection, which `end_selection` ends."""
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
        """End the selection that is under way, from any thread; what else is read goes on."""
        db = self._db
        if db is not None and self._may_end:
            with suppress(sqlite3.ProgrammingError):  # closed: nothing is under way
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
        asked: Selection,
        limit: int = -1,
        kinds: Mapping[tuple[str, ...], int] | None = None,
    ) -> Selected:
        """Select and order sessions.

        Args:
            sources: of these.
            asked: which, and in which order.
            limit: at most so many; -1 for all.
            kinds: what an earlier selection said of all sessions, where nothing was written since.

        Raises:
            SelectionEndedError: `end_selection` was called.
        """
        numbers = self._index.numbers(sources)
        condition, values = where(asked, numbers)
        # one text of all numbers: a row of Python for each of 100,000 would cost more than finding them
        sql = (
            f"SELECT group_concat(number) FROM (SELECT number FROM session WHERE {condition} "
            f"ORDER BY {order(asked)} LIMIT ?)"
        )
        found = self._read(sql, (*values, limit), may_end=True)[0][0]
        if kinds is None:
            kinds = self._kinds(tuple(numbers))
        return Selected(array("q", map(int, found.split(",")) if found else ()), kinds)

    def any_waits(self, numbers: Sequence[int], now: float) -> bool:
        """Whether one of some sessions has no figures yet, or old ones; `now` in Unix seconds."""
        sql = (
            f"SELECT 1 FROM session WHERE number IN ({marks(len(numbers))}) "
            f"AND ({WAITS} OR recheck <= ?) LIMIT 1"
        )
        return bool(self._read(sql, (*numbers, now)))

    def fitting(self, sources: Iterable[str], asked: Selection, numbers: Sequence[int]) -> list[int]:
        """Return those of some sessions that are still selected, in any order."""
        condition, values = where(asked, self._index.numbers(sources))
        sql = f"SELECT number FROM session WHERE number IN ({marks(len(numbers))}) AND {condition}"
        return [row[0] for row in self._read(sql, (*numbers, *values))]

    def placed(
        self, sources: Iterable[str], asked: Selection, before: array[int], changed: Collection[int]
    ) -> array[int]:
        """Put a few sessions that changed where they belong among those that were selected before.

        What `select` would give now, in the time of some lookups a session instead of one of all.

        Args:
            sources: of these.
            asked: which were selected, and in which order.
            before: all their numbers, in the order asked for, but for those that changed.
            changed: the numbers of sessions of which anything may have changed.
        """
        fitting = self.fitting(sources, asked, tuple(changed))
        numbers = before[:]
        for one in changed:
            with suppress(ValueError):
                numbers.remove(one)
        first = f"SELECT number FROM session WHERE number IN (?, ?) ORDER BY {order(asked)} LIMIT 1"
        for one in fitting:
            low, high = 0, len(numbers)
            while low < high:
                middle = (low + high) // 2
                if self._read(first, (one, numbers[middle]))[0][0] == one:
                    high = middle
                else:
                    low = middle + 1
            numbers.insert(low, one)
        return numbers

    def _kinds(self, numbers: Sequence[int]) -> dict[tuple[str, ...], int]:
        sql = (
            f"SELECT {EMPTY}, archived, kind = 'subagent', count(*) FROM session "
            f"WHERE +source IN ({marks(len(numbers))}) GROUP BY 1, 2, 3"
        )
        names = ("empty", "archived", "subagents")
        return {
            tuple(name for name, yes in zip(names, is_of, strict=True) if yes): count
            for *is_of, count in self._read(sql, numbers, may_end=True)
        }

    def count(self, sources: Iterable[str]) -> int:
        """Return how many sessions there are."""
        numbers = tuple(self._index.numbers(sources))
        sql = f"SELECT count(*) FROM session WHERE source IN ({marks(len(numbers))})"
        found: int = self._read(sql, numbers)[0][0]
        return found

    def left_out(self, sources: Iterable[str]) -> dict[str, int]:
        """Return how many sessions are empty, whole or archived, and how many others are archived."""
        paths = tuple(self._index.numbers(sources))
        sql = (
            f"SELECT coalesce(sum({EMPTY} AND (archived OR problems IS NULL)), 0), "
            f"coalesce(sum(archived AND NOT {EMPTY}), 0) FROM session "
            f"WHERE +source IN ({marks(len(paths))})"
        )
        empty, archived = self._read(sql, paths)[0]
        return {"empty": empty, "archived": archived}

    def problems(self, sources: Iterable[str]) -> list[Problem]:
        """Return what could not be read of sessions, the newest first."""
        paths = tuple(self._index.numbers(sources))
        sql = (
            f"SELECT problems FROM session WHERE +source IN ({marks(len(paths))}) "
            "AND problems IS NOT NULL ORDER BY at DESC, id DESC"
        )
        return [problem for row in self._read(sql, paths) for problem in problems_from(row[0])]

    def fetch(self, numbers: Sequence[int]) -> Iterator[tuple[int, Row]]:
        """Yield sessions with the numbers by which they were asked for, in any order; some may be gone."""
        for start in range(0, len(numbers), PAGE):
            some = numbers[start : start + PAGE]
            sql = f"{self._index.columns} WHERE session.number IN ({marks(len(some))})"
            yield from ((row[0], self._index.row_from(row[1:])) for row in self._read(sql, tuple(some)))

    def with_ids(self, sources: Iterable[str], ids: Iterable[str]) -> Iterator[tuple[int, Row]]:
        """Yield the sessions of some ids, of any of the sources, with their numbers."""
        paths = self._index.numbers(sources)
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), PAGE):
            some = wanted[start : start + PAGE]
            sql = (
                f"{self._index.columns} WHERE source IN ({marks(len(paths))}) AND id IN ({marks(len(some))})"
            )
            yield from ((row[0], self._index.row_from(row[1:])) for row in self._read(sql, (*paths, *some)))

    def places(self, sources: Iterable[str]) -> list[Place]:
        """Return what each source holds."""
        found: list[Place] = []
        for number, path in self._index.numbers(sources).items():
            agent = self._read("SELECT agent FROM session WHERE source = ? LIMIT 1", (number,))
            sql = f"SELECT count(*), coalesce(sum({EMPTY}), 0) FROM session WHERE +source = ?"
            total, empty = self._read(sql, (number,))[0]
            if agent:  # a source is one agent's
                found.append(Place(agent[0][0], path, total - empty, empty))
        return found

    def values(self, sources: Iterable[str]) -> dict[str, list[str]]:
        """Return the values that fields of few values have, and the names of all tools, sorted."""
        paths = tuple(self._index.numbers(sources))
        of = f"FROM session WHERE +source IN ({marks(len(paths))})"
        rows = self._read(f"SELECT DISTINCT {', '.join(FEW)}, tools {of}", paths)
        found = {name: {row[at] for row in rows} for at, name in enumerate(FEW)}
        found["tool"] = {name for tools in {row[-1] for row in rows} for name in orjson.loads(tools or "[]")}
        return {name: sorted(filter(None, values)) for name, values in found.items()}
