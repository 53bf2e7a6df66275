"""Free text in the messages of all Hermes databases, on connections of their own, one search at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from warmtui.errors import SourceError
from warmtui.sources.live import LiveDatabase, ReadInterruptedError
from warmtui.sources.message_runs import MessageRuns, learn_newest
from warmtui.workspace.listed import SessionKey

LIMIT = 5_000
"""Sessions found in one database at most: more is no answer to a search."""


class Found(NamedTuple):
    """What a search came to."""

    keys: frozenset[SessionKey]
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
                        learn_newest(self._open(path), self._runs_of(path))

    def search(
        self,
        turn: int,
        paths: Sequence[str],
        words: str,
        told: Callable[[frozenset[SessionKey]], None] = lambda keys: None,
    ) -> Found | None:
        """Search; to be called in a thread.

        Args:
            turn: what `begin` gave.
            paths: the databases.
            words: what is looked for.
            told: hears, in that thread, of the sessions found so far.

        Returns:
            The sessions; None when a newer search came.
        """
        from warmtui.sources.search import search_sessions  # many patterns, which no first screen needs

        keys: set[SessionKey] = set()
        notes: list[str] = []
        with self._lock:
            for path in paths:
                if turn != self._turn:
                    return None
                sofar = partial(self._tell, told, frozenset(keys), path)
                try:
                    found = search_sessions(
                        self._open(path), words, limit=LIMIT, told=sofar, runs=self._runs_of(path)
                    )
                except ReadInterruptedError:
                    return None
                except SourceError as error:
                    notes.append(str(error))
                    continue
                keys |= {SessionKey(path, one) for one in found.ids}
                if found.note:
                    notes.append(found.note)
        return Found(frozenset(keys), tuple(dict.fromkeys(notes)))

    @staticmethod
    def _tell(
        told: Callable[[frozenset[SessionKey]], None],
        before: frozenset[SessionKey],
        path: str,
        found: frozenset[str],
    ) -> None:
        told(before | {SessionKey(path, one) for one in found})

    def _open(self, path: str) -> LiveDatabase:
        if path not in self._databases:
            self._databases[path] = LiveDatabase(Path(path))
        return self._databases[path]

    def _runs_of(self, path: str) -> MessageRuns:
        return self._runs.setdefault(path, MessageRuns())

    def close(self) -> None:
        """End what is under way and close every connection."""
        self.begin()
        with self._lock:
            for database in self._databases.values():
                database.close()
            self._databases.clear()
