"""Free text in the messages of all sources, one search at a time, in a thread of its own.

SQLite releases the GIL while it works, so that typing and drawing go on meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warmtui.errors import LibraryError, SourceError
from warmtui.registry import open_search, open_source
from warmtui.sources.base import Searchable
from warmtui.sources.live_database import ReadInterruptedError

if TYPE_CHECKING:
    from warmtui.library.text_index import TextIndex

LIMIT = 5_000
"""The most sessions found in one database: more would not help the person searching."""
REPORT_SECONDS = 0.2
"""Seconds between two reports of what was found so far, as each makes the list again."""
Ids = Mapping[str, Sequence[str]]
"""Ids of sessions by their source."""
OnFound = Callable[[Ids], None]
OnProgress = Callable[[int, int], None]
"""Called with how many of how many sessions are indexed."""


class Found(NamedTuple):
    """What a search found."""

    ids: Ids
    notes: tuple[str, ...]
    """What a person should know about how it was searched."""
    not_searched: tuple[str, ...] = ()
    """What was left out, and why."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and what was left out."""
        return (*self.notes, *(f"not searched: {what}" for what in self.not_searched))


class SessionSearch:
    """The searches of one workspace; a new one ends the one before it. Used in one event loop.

    Args:
        index: where the index of words belongs, for sources without their own; None keeps it in memory.
    """

    def __init__(self, index: Path | None = None) -> None:
        self._index_path = index
        self._index: TextIndex | None = None
        self._trouble = ""
        """Why the index of words is no file."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warmtui-search")
        self._sources: dict[str, Searchable] = {}
        """Readers of the searching thread's own."""
        self._on_progress: OnProgress = lambda done, total: None
        self._turn = 0
        self._closed = False

    async def search(
        self,
        paths: Sequence[str],
        words: str,
        on_found: OnFound = lambda ids: None,
        on_progress: OnProgress = lambda done, total: None,
    ) -> Found | None:
        """Find the sessions whose messages hold words.

        Args:
            paths: the sources.
            words: what to look for.
            on_found: called in the event loop with the sessions found so far.
            on_progress: called there while sessions are indexed that are new or changed.

        Returns:
            What was found; None if a newer search came, or `end` or `close` was called.
        """
        self.end()
        if self._closed:
            return None
        loop, turn = asyncio.get_running_loop(), self._turn

        def report(ids: Ids) -> None:
            loop.call_soon_threadsafe(on_found, ids)

        told_at = -REPORT_SECONDS

        def report_progress(done: int, total: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= REPORT_SECONDS:
                told_at = time.monotonic()
                loop.call_soon_threadsafe(on_progress, done, total)

        self._on_progress = report_progress
        found = await loop.run_in_executor(self._thread, self._find, turn, paths, words, report)
        return found if turn == self._turn else None

    def end(self) -> None:
        """End the running search, whose result is no longer wanted."""
        self._turn += 1
        for source in list(self._sources.values()):
            source.interrupt()

    async def close(self) -> None:
        """End what is under way and close every source."""
        self._closed = True
        self.end()
        self._thread.submit(self._close_sources)
        await asyncio.to_thread(self._thread.shutdown)

    # In the searching thread.

    def _find(self, turn: int, paths: Sequence[str], words: str, report: OnFound) -> Found | None:
        ids: dict[str, Sequence[str]] = {}
        notes: list[str] = []
        left_out: list[str] = []
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
                source = self._source(path)
                found = source.search(words, limit=LIMIT, on_found=report_more)
            except ReadInterruptedError:
                return None
            except (SourceError, LibraryError) as error:
                left_out.append(str(error) if str(error).startswith(path) else f"{path}: {error}")
                continue
            ids[path] = found.ids
            left_out += (what if what.startswith(path) else f"{path}: {what}" for what in found.not_searched)
            if found.note:
                notes.append(found.note)
        if self._trouble:
            notes.append(self._trouble)
        return Found(ids, tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(left_out)))

    def _source(self, path: str) -> Searchable:
        """Return the searching thread's own reader of a source.

        Raises:
            SourceError: the source cannot be read.
            LibraryError: it is searched through the index of words, which cannot be used.
        """
        if path not in self._sources:
            self._sources[path] = open_search(Path(path)) or self._indexed(path)
        return self._sources[path]

    def _indexed(self, path: str) -> Searchable:
        # only what has no index of its own needs these
        from warmtui.workspace.indexed_search import IndexedSource, open_text_index

        source = open_source(Path(path))
        if self._index is None:
            try:
                self._index = open_text_index(self._index_path)
            except LibraryError as error:
                # it is made anew in each run, then
                self._index = open_text_index(None)
                self._trouble = f"{error.what}: it is kept in memory"
        return IndexedSource(source, self._index, lambda done, total: self._on_progress(done, total))

    def _close_sources(self) -> None:
        for source in self._sources.values():
            source.close()
        self._sources.clear()
        if self._index is not None:
            self._index.close()
