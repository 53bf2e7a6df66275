"""Sessions as they are and as they change: headers at once, figures as they come, changes as they happen."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from warmtui.analysis.summary import summary_of
from warmtui.errors import NotFoundError, SourceError
from warmtui.library.profiles import Row
from warmtui.model.session import SessionHeader
from warmtui.model.summary import SessionSummary
from warmtui.workspace.catalogue import Catalogue
from warmtui.workspace.helping import cores
from warmtui.workspace.later import Later
from warmtui.workspace.reading import JudgedSession, Reader

if TYPE_CHECKING:
    from warmtui.workspace import bulk
else:
    # the first screen needs none of the rules: figures come from the index, or a little later
    bulk = Later("warmtui.workspace.bulk")

RELIST_SECONDS = 2.0
"""A change that adds no rows (a title, an end, a rewind) shows after this long at most."""
SLICE = 8
"""Sessions judged between two looks at the clock."""
MANY_ROWS = 20_000
"""Rows waiting from which helper processes judge them: about half a second of work, which keys would feel."""
FIRST = 200
"""Sessions shown before all are listed: more than any screen has lines."""


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
    listed: bool = False
    """Whether any of them is new, or changed in anything but its figures."""
    removed: set[SessionKey] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    """Sources that could not be read this time."""

    def __bool__(self) -> bool:
        return bool(self.updated or self.removed or self.problems)


class Feed:
    """All sessions of a catalogue, kept up to date; used from the reader's thread.

    `rows` may be read from any thread: it is replaced key by key, never while it is iterated here.

    Args:
        reader: the sources.
        catalogue: what is kept of them.
    """

    def __init__(self, reader: Reader, catalogue: Catalogue) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self.rows: dict[SessionKey, SessionRow] = {}
        self._waiting: dict[SessionKey, str] = {}
        """Sessions that have no figures yet, or old ones, newest first, with the stamp to be judged."""
        self._own: dict[SessionKey, None] = {}
        """Those of them that are judged here: all that no helper was handed as it is now."""
        self._crew: bulk.Crew | None = None
        self._handed: dict[SessionKey, SessionHeader] = {}
        """What the crew was handed, as it was then."""
        self._listed_at = 0.0
        self._stale = False
        self.complete = False
        """Whether every session is in `rows`; `begin` shows the newest ones only."""
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
        if force or not self.complete:
            return self._relist()
        changes = Changes()
        for place in self._catalogue.sources:
            try:
                source = self._catalogue.source(place)
                grown = source.changed()
                if grown is None:
                    continue
                self._stale = True
                self._grown(place, list(source.headers(grown).values()), changes)
            except SourceError as error:
                changes.problems.append(str(error))
        self.read_at = time.monotonic()
        if self._stale and time.monotonic() - self._listed_at > RELIST_SECONDS:
            more = self._relist()
            changes.updated |= more.updated
            changes.removed |= more.removed
            changes.listed |= more.listed
        return changes

    def _grown(self, place: str, headers: Sequence[SessionHeader], changes: Changes) -> None:
        if not headers:
            return
        self._catalogue.index.put(place, headers)
        news = {}
        for row in self._catalogue.index.rows([place], [header.id for header in headers]):
            self._show(row, changes)
            if row.waits:
                news[SessionKey(place, row.header.id)] = row.header.stamp
        self._waiting |= news
        self._own = dict.fromkeys(news) | self._own

    def _show(self, row: Row, changes: Changes) -> None:
        """Take a row of the index over."""
        header, figures = row.header, row.figures
        key = SessionKey(header.source, header.id)
        if figures is None:
            self.rows[key] = SessionRow(header)
        else:
            self.rows[key] = SessionRow(header, summary_of(header, figures), figures.tools, figures.words)
        changes.updated.add(key)
        changes.listed = True

    def begin(self) -> Changes:
        """Show the newest sessions, so that a screen need not wait until a long history is listed.

        Raises:
            SourceError: no source is named and none is found.
        """
        changes = Changes()
        for place, headers in self._catalogue.newest(FIRST).items():
            if headers is None:
                for row in self._catalogue.index.rows([place], limit=FIRST):
                    self._show(row, changes)
                continue
            for header in headers:
                key = SessionKey(place, header.id)
                self.rows[key] = SessionRow(header)
                changes.updated.add(key)
                changes.listed = True
        return changes

    def _relist(self) -> Changes:
        changes = Changes()
        for place, synced in self._catalogue.look().items():
            gone = {SessionKey(place, one) for one in synced.removed}
            if not self.complete:  # the first ones were shown without being kept
                gone |= {key for key in self.rows if key.source == place}
            for row in self._catalogue.index.rows([place], synced.updated if self.complete else None):
                self._show(row, changes)
                gone.discard(SessionKey(place, row.header.id))
            for key in gone & self.rows.keys():
                del self.rows[key]
                changes.removed.add(key)
        self._waiting = {
            SessionKey(place, header.id): header.stamp
            for place, headers in self._catalogue.waiting().items()
            for header in headers
        }
        self._own = {
            key: None
            for key, stamp in self._waiting.items()
            if key not in self._handed or self._handed[key].stamp != stamp
        }
        self.complete = True
        self._listed_at = self.read_at = time.monotonic()
        self._stale = False
        self._call_crew()
        return changes

    def _call_crew(self) -> None:
        """Hand what waits to helper processes, where it is much."""
        fresh = [row for key in self._own if (row := self.rows.get(key)) is not None]
        if self._crew is not None or sum(row.header.rows for row in fresh) < MANY_ROWS:
            return
        by_place: dict[str, list[SessionHeader]] = {}
        for row in fresh:
            by_place.setdefault(row.header.source, []).append(row.header)
        jobs = [job for place, headers in by_place.items() for job in self._catalogue.jobs(place, headers)]
        try:
            self._crew = bulk.Crew(jobs, cores(), lazily=True)
        except OSError:
            return  # no process can be started: everything is judged here
        self._handed = {row.key: row.header for row in fresh}
        self._own = {}

    def judge(self, seconds: float, first: Iterable[SessionKey] = ()) -> Changes:
        """Judge sessions that wait, newest first, for about so long.

        Args:
            seconds: how long; at least a few sessions are judged, or a helper's answer is waited for.
            first: sessions that are on screen, to be judged before the others.
        """
        changes = Changes()
        deadline = time.monotonic() + seconds
        mine = [key for key in first if key in self._waiting]
        mine = list(dict.fromkeys((*mine, *self._own)))
        while mine and not self._reader.stop.is_set():
            some, mine = mine[:SLICE], mine[SLICE:]
            try:
                self._judge(some, changes)
            except SourceError as error:
                changes.problems.append(str(error))
                return changes
            if time.monotonic() >= deadline:
                break
        if self._crew is not None:
            self._collect(self._crew, max(0.0, deadline - time.monotonic()), changes)
        return changes

    def _judge(self, keys: Sequence[SessionKey], changes: Changes) -> None:
        """Judge a few sessions here and now."""
        by_place: dict[str, dict[str, SessionHeader]] = {}
        for key in keys:
            row = self.rows.get(key)
            if row is None:
                self._waiting.pop(key, None)
                self._own.pop(key, None)
            else:
                by_place.setdefault(key.source, {})[key.id] = row.header
        for place, headers in by_place.items():
            for job in self._catalogue.jobs(place, headers.values()):
                judged = list(bulk.judge_job(self._catalogue.source(place), job))
                self._keep(place, judged, headers, changes)

    def _collect(self, team: bulk.Crew, seconds: float, changes: Changes) -> None:
        """Take over what helpers have answered, waiting so long for the first; send them home when done."""
        deadline = time.monotonic() + seconds
        done = not team.busy
        while True:
            try:
                answer = team.answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if answer is not None:
                job, judged = answer
                place = job.path
                headers = {one.id: self._handed[SessionKey(place, one.id)] for one in judged}
                self._keep(place, judged, headers, changes)
        if (done and team.answers.empty()) or not self._waiting:
            # what no helper answered is judged here
            team.close()
            self._crew, self._handed, self._own = None, {}, dict.fromkeys(self._waiting)

    def _keep(
        self, place: str, judged: Sequence[bulk.Judged], headers: dict[str, SessionHeader], changes: Changes
    ) -> None:
        """Keep what sessions came to, and show it; what came too late for its session is dropped."""
        timely = [
            one
            for one in judged
            if (row := self.rows.get(SessionKey(place, one.id))) is not None
            and row.header.stamp == headers[one.id].stamp
        ]
        self._catalogue.keep(place, timely, headers)
        for one in timely:
            key, figures = SessionKey(place, one.id), one.figures
            header = self.rows[key].header
            self._waiting.pop(key, None)
            self._own.pop(key, None)
            self.rows[key] = SessionRow(header, summary_of(header, figures), figures.tools, figures.words)
            changes.updated.add(key)

    def session(self, key: SessionKey) -> JudgedSession:
        """Read and judge one whole session.

        Raises:
            NotFoundError: it went away.
        """
        row = self.rows.get(key)
        if row is not None:
            for one in self._reader.judged([(self._catalogue.source(key.source), row.header)]):
                return one
        raise NotFoundError(f"session {key.id} is gone from {key.source}", "it may have been deleted")

    def close(self) -> None:
        """End the helpers."""
        if self._crew is not None:
            self._crew.close()
