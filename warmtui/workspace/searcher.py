"""Free text in the messages of all Hermes databases, on connections of their own, one search at a time.

This is what searches; `searching.py` says in which process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from warmtui.errors import SourceError
from warmtui.sources.detect import is_json
from warmtui.sources.hermes.message_runs import MessageRuns, learn_newest
from warmtui.sources.live_database import LiveDatabase, ReadInterruptedError

LIMIT = 5_000
"""Sessions found in one database at most: more is no answer to a search."""

TOLD_SECONDS = 0.2
"""Between two times that it is told what was found so far: each has a list made anew."""

Ids = Mapping[str, Sequence[str]]
"""Ids of sessions by their source."""


class Found(NamedTuple):
    """What a search came to."""

    ids: Ids
    """The sessions."""
    notes: tuple[str, ...]
    """What a person should know about how it was searched."""


class Searcher:
    """Searches in a thread; a new search ends the one before it."""

    def __init__(self) -> None:
        self._databases: dict[str, LiveDatabase] = {}
        self._runs: dict[str, MessageRuns] = {}
        """What searches learned of each database, for the next letter."""
        self._turn = 0
        self._lock = threading.Lock()

    def begin(self) -> int:
        """Say that a new search comes: the one under way is ended. Returns its number."""
        self._turn += 1
        for database in list(self._databases.values()):
            database.interrupt()
        return self._turn

    def prepare(self, paths: Sequence[str]) -> None:
        """Learn, in a thread, what makes the first search fast; `begin` ends it."""
        turn = self._turn
        with self._lock:
            for path in paths:
                if turn == self._turn:
                    with suppress(SourceError):  # searching says why it cannot be opened
                        database = self._open(path)
                        if database is not None:
                            learn_newest(database, self._runs_of(path))

    def search(
        self,
        turn: int,
        paths: Sequence[str],
        words: str,
        told: Callable[[Ids], None] = lambda ids: None,
    ) -> Found | None:
        """Search; to be called in a thread.

        Args:
            turn: what `begin` gave.
            paths: the sources.
            words: what is looked for.
            told: hears, in that thread, of the sessions found so far.

        Returns:
            The sessions; None when a newer search came.
        """
        from warmtui.sources.hermes.search import (
            search_sessions,  # many patterns, which no first screen needs
        )

        ids: dict[str, Sequence[str]] = {}
        notes: list[str] = []
        told_at = -TOLD_SECONDS
        with self._lock:
            for path in paths:
                if turn != self._turn:
                    return None

                def sofar(some: frozenset[str], path: str = path) -> None:
                    nonlocal told_at
                    if time.monotonic() - told_at >= TOLD_SECONDS:
                        told({**ids, path: tuple(some)})
                        told_at = time.monotonic()

                try:
                    database = self._open(path)
                    if database is None:
                        notes.append("in JSON files only titles are searched")
                        continue
                    found = search_sessions(
                        database, words, limit=LIMIT, told=sofar, runs=self._runs_of(path)
                    )
                except ReadInterruptedError:
                    return None
                except SourceError as error:
                    notes.append(str(error))
                    continue
                ids[path] = found.ids
                if found.note:
                    notes.append(found.note)
        return Found(ids, tuple(dict.fromkeys(notes)))

    def _open(self, path: str) -> LiveDatabase | None:
        """Open a database once; None for JSON, whose messages are not searched."""
        if path not in self._databases and not is_json(Path(path)):
            self._databases[path] = LiveDatabase(Path(path))
        return self._databases.get(path)

    def _runs_of(self, path: str) -> MessageRuns:
        return self._runs.setdefault(path, MessageRuns())

    def close(self) -> None:
        """End what is under way and close every connection."""
        self.begin()
        with self._lock:
            for database in self._databases.values():
                database.close()
            self._databases.clear()
