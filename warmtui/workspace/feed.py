"""Sessions as they are and as they change: headers at once, figures as they come, changes as they happen."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from warmtui.analysis.summary import summarise
from warmtui.errors import NotFoundError, SourceError
from warmtui.model.session import SessionHeader
from warmtui.model.summary import SessionSummary
from warmtui.sources.base import Source
from warmtui.workspace.reading import JudgedSession, Reader

RELIST_SECONDS = 2.0
"""A change that adds no rows (a title, an end, a rewind) shows after this long at most."""
SLICE = 8
"""Sessions judged between two looks at the clock."""


class SessionKey(NamedTuple):
    """What tells a session from every other of a workspace."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as a list shows it; its figures come later than its header."""

    header: SessionHeader
    summary: SessionSummary | None = None
    tools: frozenset[str] = frozenset()
    words: str = ""
    """The person's first words, for a session without a title."""

    @property
    def key(self) -> SessionKey:
        """The session's key."""
        return SessionKey(self.header.source, self.header.id)


@dataclass(slots=True)
class Changes:
    """What one step of a feed changed."""

    updated: set[SessionKey] = field(default_factory=set)
    """New or changed rows."""
    removed: set[SessionKey] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    """Sources that could not be read this time."""

    def __bool__(self) -> bool:
        return bool(self.updated or self.removed or self.problems)


class Feed:
    """All sessions of a reader, kept up to date; used from the reader's thread.

    `rows` may be read from any thread: it is replaced key by key, never while it is iterated here.

    Args:
        reader: the sources.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.rows: dict[SessionKey, SessionRow] = {}
        self._sources: dict[str, Source] = {}
        self._waiting: deque[SessionKey] = deque()
        self._listed_at = 0.0
        self._stale = False
        self.read_at: float | None = None
        """When the sources were last looked at, monotonic seconds."""

    @property
    def waiting(self) -> int:
        """How many sessions have no figures yet, or old ones."""
        return len(self._waiting)

    def refresh(self, *, force: bool = False) -> Changes:
        """Look at the sources once: no work when nothing changed.

        Args:
            force: list everything again.

        Raises:
            SourceError: no source can be read; what was read before stays in `rows`.
        """
        if force or not self.rows:
            return self._relist()
        changes = Changes()
        for path, source in self._sources.items():
            try:
                grown = source.changed()
            except SourceError as error:
                changes.problems.append(str(error))
                continue
            if grown is None:
                continue
            self._stale = True
            for one, header in source.headers(grown).items():
                self._put(SessionKey(path, one), header, changes)
        self.read_at = time.monotonic()
        if self._stale and time.monotonic() - self._listed_at > RELIST_SECONDS:
            more = self._relist()
            changes.updated |= more.updated
            changes.removed |= more.removed
        return changes

    def _put(self, key: SessionKey, header: SessionHeader, changes: Changes) -> None:
        old = self.rows.get(key)
        self.rows[key] = (
            SessionRow(header) if old is None else SessionRow(header, old.summary, old.tools, old.words)
        )
        changes.updated.add(key)
        if header.rows and key not in self._waiting:
            self._waiting.appendleft(key)

    def _relist(self) -> Changes:
        changes = Changes()
        self._reader.forget_headers()
        headers = self._reader.headers()
        self._sources = {str(source.path): source for source, _ in headers}
        seen: set[SessionKey] = set()
        fresh: list[SessionKey] = []
        for source, header in headers:
            key = SessionKey(str(source.path), header.id)
            seen.add(key)
            old = self.rows.get(key)
            if old is not None and old.header == header:
                continue
            if old is None:
                self.rows[key] = SessionRow(header)
            else:
                self.rows[key] = SessionRow(header, old.summary, old.tools, old.words)
            changes.updated.add(key)
            if header.rows:
                fresh.append(key)
        for key in self.rows.keys() - seen:
            del self.rows[key]
            changes.removed.add(key)
        waiting = set(self._waiting)
        self._waiting.extend(key for key in fresh if key not in waiting)
        self._listed_at = self.read_at = time.monotonic()
        self._stale = False
        return changes

    def judge(self, seconds: float, first: Iterable[SessionKey] = ()) -> Changes:
        """Judge sessions that wait, newest first, for about so long.

        Args:
            seconds: how long; at least a few sessions are judged.
            first: sessions that are on screen, to be judged before the others.
        """
        changes = Changes()
        deadline = time.monotonic() + seconds
        waiting = set(self._waiting)
        for key in first:
            if key in waiting and self._waiting[0] != key:
                self._waiting.remove(key)
                self._waiting.appendleft(key)
        while self._waiting and not self._reader.stop.is_set():
            keys = [self._waiting.popleft() for _ in range(min(SLICE, len(self._waiting)))]
            chosen = [
                (self._sources[key.source], self.rows[key].header)
                for key in keys
                if key in self.rows and key.source in self._sources
            ]
            try:
                for one in self._reader.judged(chosen, prompts=False):
                    header = one.session.header
                    key = SessionKey(header.source, header.id)
                    words = next((m.text for m in one.session.messages if m.origin == "person"), "")
                    self.rows[key] = SessionRow(
                        header,
                        summarise(one.session, one.calls),
                        frozenset(call.call.tool for call in one.calls),
                        words[:200],
                    )
                    changes.updated.add(key)
            except SourceError as error:
                changes.problems.append(str(error))
                self._waiting.extend(keys)
                return changes
            if time.monotonic() >= deadline:
                break
        return changes

    def session(self, key: SessionKey) -> JudgedSession:
        """Read and judge one whole session.

        Raises:
            NotFoundError: it went away.
        """
        row, source = self.rows.get(key), self._sources.get(key.source)
        if row is not None and source is not None:
            for one in self._reader.judged([(source, row.header)]):
                return one
        raise NotFoundError(f"session {key.id} is gone from {key.source}", "it may have been deleted")
