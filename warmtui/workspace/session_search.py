"""Free text in the messages of all sources, one search at a time, in a thread of its own.

SQLite lets the interpreter go while it works, so that typing and drawing go on meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from warmtui.errors import SourceError
from warmtui.sources.hermes.message_runs import MessageRuns, learn_newest
from warmtui.sources.live_database import LiveDatabase, ReadInterruptedError
from warmtui.sources.openai.file import is_json

LIMIT = 5_000
"""Sessions found in one database at most: more is no answer to a search."""
REPORT_SECONDS = 0.2
"""Between two reports of what was found so far: each has a list made anew."""
Ids = Mapping[str, Sequence[str]]
"""Ids of sessions by their source."""
OnFound = Callable[[Ids], None]


class Found(NamedTuple):
    """What a search found."""

    ids: Ids
    notes: tuple[str, ...]
    """What a person should know about how it was searched."""


class SessionSearch:
    """The searches of one workspace; a new one ends the one before it. Used in one event loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warmtui-search")
        self._databases: dict[str, LiveDatabase] = {}
        """Connections of the searching thread's own."""
        self._runs: dict[str, MessageRuns] = {}
        """What searches learned of each database, for the next letter."""
        self._turn = 0
        self._closed = False

    async def prepare(self, paths: Sequence[str]) -> None:
        """Learn what makes the first search fast; a search ends it."""
        turn = self._turn
        if not self._closed:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._learn, turn, paths)

    async def search(
        self, paths: Sequence[str], words: str, on_found: OnFound = lambda ids: None
    ) -> Found | None:
        """Find the sessions whose messages hold words.

        Args:
            paths: the sources.
            words: what to look for.
            on_found: called in the event loop with the sessions found so far.

        Returns:
            What was found; None if a newer search came, or `end` or `close` was called.
        """
        self.end()
        if self._closed:
            return None
        loop, turn = asyncio.get_running_loop(), self._turn

        def report(ids: Ids) -> None:
            loop.call_soon_threadsafe(on_found, ids)

        found = await loop.run_in_executor(self._thread, self._find, turn, paths, words, report)
        return found if turn == self._turn else None

    def end(self) -> None:
        """End the search that is under way: nobody waits for it any more."""
        self._turn += 1
        for database in list(self._databases.values()):
            database.interrupt()

    async def close(self) -> None:
        """End what is under way and close every connection."""
        self._closed = True
        self.end()
        self._thread.submit(self._close_databases)
        await asyncio.to_thread(self._thread.shutdown)

    # In the searching thread.

    def _learn(self, turn: int, paths: Sequence[str]) -> None:
        for path in paths:
            if turn == self._turn:
                with suppress(SourceError):  # Searching says why it cannot be opened.
                    database = self._open(path)
                    if database is not None:
                        learn_newest(database, self._runs_of(path))

    def _find(self, turn: int, paths: Sequence[str], words: str, report: OnFound) -> Found | None:
        from warmtui.sources.hermes.search import search_sessions  # First screens need no patterns.

        ids: dict[str, Sequence[str]] = {}
        notes: list[str] = []
        reported_at = -REPORT_SECONDS
        for path in paths:
            if turn != self._turn:
                return None

            def report_more(some: frozenset[str], path: str = path) -> None:
                nonlocal reported_at
                if time.monotonic() - reported_at >= REPORT_SECONDS:
                    report({**ids, path: tuple(some)})
                    reported_at = time.monotonic()

            try:
                database = self._open(path)
                if database is None:
                    notes.append("in JSON files only titles are searched")
                    continue
                found = search_sessions(
                    database, words, limit=LIMIT, told=report_more, runs=self._runs_of(path)
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

    def _close_databases(self) -> None:
        for database in self._databases.values():
            database.close()
        self._databases.clear()
