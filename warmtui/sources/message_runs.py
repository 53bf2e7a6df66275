"""Whose messages some row ids are, without reading the messages: most sessions' rows lie in one piece.

A word that stands in nearly every message is found in hundreds of thousands of rows and a few thousand
sessions. Fetching each row only to see whose it is was nine tenths of such a search.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """Those of some row ids that one session has."""

    session: str
    ids: Sequence[int]
    """Ascending, at least one."""


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
            Those of sessions that are known, newest last, and the ids of which nothing is known.
        """
        pieces: list[Piece] = []
        loose: list[int] = []
        done = 0
        for first, last, session in self._runs[bisect_left(self._lasts, ids[0]) if ids else 0 :]:
            if done >= len(ids):
                break
            begin = bisect_left(ids, first, done)
            end = bisect_right(ids, last, begin)
            loose += ids[done:begin]
            if end > begin:
                pieces.append(Piece(session, ids[begin:end]))
            done = end
        loose += ids[done:]
        return pieces, loose
