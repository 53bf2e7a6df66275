"""A live list of sessions: headers at once, figures once judged, changes as they happen."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from warmtui.errors import NotFoundError, SourceError
from warmtui.library.index import Synced
from warmtui.model.session import SessionHeader, SessionKey
from warmtui.workspace.catalogue import Catalogue, result_of, submit_jobs
from warmtui.workspace.reader import JudgedSession, LocatedSession, Reader
from warmtui.workspace.session_table import SessionTable
from warmtui.workspace.workers import WorkerPool, cores

if TYPE_CHECKING:
    from warmtui.library.index import IndexedStats, WaitingSession
    from warmtui.workspace.judging_jobs import Job

RELIST_SECONDS = 2.0
"""A change that adds no rows (a title, an end, a rewind) shows after this long, if a full listing is quick
or the session is among the newest."""
WHOLE_SHARE = 60
"""While an agent writes, at most one part in this many of the time is spent on listing everything: that takes
0.2 s for 11,000 sessions, and old sessions hardly ever change."""
SLOW_POLL = 0.03
"""Looking whether a source was written takes a folder of thousands of transcripts longer than this."""
POLL_SHARE = 20
"""Such looks take at most one part in this many of the time."""
RECENT = 64
"""How many of the newest sessions are looked at between two full listings, besides all that grew."""
SLICE = 8
"""Sessions judged between two looks at the clock."""
MANY_ROWS = 20_000
"""From this many waiting rows on, worker processes judge them: it is about half a second of work, which would
delay key presses."""
FIRST = 200
"""Sessions found before all are listed: more than any screen has lines."""


@dataclass(slots=True)
class Changes:
    """What one step of a feed changed."""

    updated: set[SessionKey] = field(default_factory=set)
    """New or changed rows."""
    listed: bool = False
    """Whether a session may be new, or have changed in anything but its figures."""
    removed: set[SessionKey] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    """Sources that could not be read this time."""

    def add(self, more: Changes) -> None:
        """Add what another step changed."""
        self.updated |= more.updated
        self.removed |= more.removed
        self.listed |= more.listed
        self.problems += more.problems

    def __bool__(self) -> bool:
        """Whether a list has to show something else."""
        return bool(self.listed or self.updated or self.removed)


@dataclass(slots=True)
class _Batch:
    """Sessions that worker processes judge."""

    pool: WorkerPool
    jobs: dict[Future[list[IndexedStats] | None], Job]
    """What is still to be answered."""
    stamps: dict[SessionKey, str]
    """The stamp that each session had when it was handed out."""


class SessionFeed:
    """All sessions of a catalogue, kept up to date; used from the reader's thread.

    `rows` may be read from any thread.

    Args:
        reader: the sources.
        catalogue: what is kept of them.
    """

    def __init__(self, reader: Reader, catalogue: Catalogue) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self.rows = SessionTable(catalogue)
        self._waiting: dict[SessionKey, str] = {}
        """Sessions that have no figures yet, or old ones, newest first, with the stamp to be judged."""
        self._own: dict[SessionKey, None] = {}
        """Those that are judged in this process: all whose current state was not handed to a worker."""
        self._batch: _Batch | None = None
        self._listed_at = 0.0
        self._whole_at = self._whole_took = 0.0
        """When everything was listed last, and how long that took."""
        self._stale = False
        """Whether something was written since."""
        self._grew: dict[str, set[str]] = {}
        """Ids by source of the sessions that grew since."""
        self._poll_at: dict[str, float] = {}
        """When each source is looked at again: a slow one more rarely, so that it does not hold up others."""
        self._searched_at = 0.0
        """When new sources were looked for last."""
        self._troubles: dict[str, str] = {}
        """Sources that could not be read when they were last looked at, and why."""
        self.complete = False
        """Whether all sessions were listed once; `begin` finds the newest ones only."""
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
            return self._completed(self._relist())
        changes = Changes()
        for place in self._catalogue.sources:
            began = time.monotonic()
            if began < self._poll_at.get(place, 0.0):
                continue
            try:
                self._poll(place, changes)
                self._troubles.pop(place, None)
            except SourceError as error:
                self._troubles[place] = str(error)
            took = time.monotonic() - began
            if took > SLOW_POLL:
                # one that stays locked takes all its patience, and is wanted as soon as it is free
                pause = RELIST_SECONDS if place in self._troubles else POLL_SHARE * took
                self._poll_at[place] = began + took + pause
        now = self.read_at = time.monotonic()
        if now - self._searched_at > RELIST_SECONDS:
            self._searched_at = now
            for place, synced in self._catalogue.look_for_new().items():
                self._take(place, synced, changes)
        if self._stale and now - self._listed_at > RELIST_SECONDS:
            if now - self._whole_at > WHOLE_SHARE * self._whole_took:
                changes.add(self._relist())
            else:
                self._look_at_recent(changes)
        return self._completed(changes)

    def _completed(self, changes: Changes) -> Changes:
        """Add the sessions that became copies or are none any more, and the sources that cannot be read."""
        changes.updated |= self._catalogue.take_switched()
        changes.problems += dict.fromkeys((*self._troubles.values(), *self._catalogue.failures))
        return changes

    def _poll(self, place: str, changes: Changes) -> None:
        """Look at one source whether it was written, and take over what was."""
        polled = self._catalogue.poll(place)
        if isinstance(polled, Synced):
            self._take(place, polled, changes)
        elif polled is not None:
            self._stale = True
            self._grew.setdefault(place, set()).update(polled)
            self._put(place, list(self._catalogue.source(place).headers(polled).values()), changes)

    def _take(self, place: str, synced: Synced, changes: Changes) -> None:
        """Take over what listing one source changed."""
        changes.updated |= {SessionKey(place, session) for session in synced.updated}
        changes.removed |= {SessionKey(place, session) for session in synced.removed}
        changes.listed |= bool(synced.updated)
        self.rows.note_write()
        waiting = {
            SessionKey(place, session.id): session.stamp
            for session in self._catalogue.waiting().get(place, ())
        }
        self._waiting |= waiting
        self._own |= dict.fromkeys(waiting)

    def _look_at_recent(self, changes: Changes) -> None:
        """Look whether one of the newest sessions changed in anything but its rows."""
        self._listed_at = time.monotonic()
        for place in self._catalogue.opened_sources():
            try:
                source = self._catalogue.source(place)
                recent = [*source.newest(RECENT), *source.headers(self._grew.get(place, ())).values()]
            except SourceError as error:
                changes.problems.append(str(error))
                continue
            rows = self._catalogue.index.rows([place], [header.id for header in recent])
            known = {row.header.id: row.header for row in rows}
            self._put(place, [header for header in recent if known.get(header.id) != header], changes)

    def _put(self, place: str, headers: Sequence[SessionHeader], changes: Changes) -> None:
        """Keep new or changed headers, and note which of them wait to be judged."""
        if not headers:
            return
        self._catalogue.index.put(place, headers)
        self._catalogue.settle_copies({header.id for header in headers})
        self.rows.note_write()
        waiting = {}
        for row in self._catalogue.index.rows([place], [header.id for header in headers]):
            key = SessionKey(place, row.header.id)
            changes.updated.add(key)
            if row.waits and not self._catalogue.is_copy(*key):
                waiting[key] = row.header.stamp
        changes.listed = True
        self._waiting |= waiting
        self._own = dict.fromkeys(waiting) | self._own  # What just changed comes first.

    def begin(self) -> Changes:
        """Find the newest sessions, so that a screen need not wait until a long history is listed.

        Raises:
            SourceError: no source is named and none is found.
        """
        found = Changes(listed=bool(self._catalogue.newest(FIRST)))
        self.rows.note_write()
        return found

    def _relist(self) -> Changes:
        changes, began = Changes(), time.monotonic()
        for place, synced in self._catalogue.look().items():
            changes.updated |= {SessionKey(place, session) for session in synced.updated}
            changes.removed |= {SessionKey(place, session) for session in synced.removed}
        self.rows.note_write()
        changes.listed = bool(changes.updated) or not self.complete
        waiting = self._catalogue.waiting()
        self._waiting = {
            SessionKey(place, session.id): session.stamp
            for place, sessions in waiting.items()
            for session in sessions
        }
        handed = {} if self._batch is None else self._batch.stamps
        self._own = {key: None for key, stamp in self._waiting.items() if handed.get(key) != stamp}
        self.complete = True
        self._listed_at = self._whole_at = self.read_at = time.monotonic()
        self._whole_took = self._whole_at - began
        self._stale = False
        self._grew.clear()
        self._start_batch(waiting)
        return changes

    def _start_batch(self, waiting: Mapping[str, Sequence[WaitingSession]]) -> None:
        """Hand waiting sessions to worker processes, if there are many."""
        if self._batch is not None:
            return
        fresh = {
            place: [session for session in sessions if SessionKey(place, session.id) in self._own]
            for place, sessions in waiting.items()
        }
        if sum(session.rows for sessions in fresh.values() for session in sessions) < MANY_ROWS:
            return
        jobs = [job for place, sessions in fresh.items() for job in self._catalogue.jobs(place, sessions)]
        pool = WorkerPool(cores(), low_priority=True)
        # Jobs that no worker can be started for are judged here.
        submitted = {future: job for job, future in submit_jobs(pool, jobs) if future is not None}
        stamps = {
            SessionKey(place, session.id): session.stamp
            for place, sessions in fresh.items()
            for session in sessions
        }
        self._batch = _Batch(pool, submitted, stamps)
        self._own = {}

    def judge(self, seconds: float, first: Iterable[SessionKey] = ()) -> Changes:
        """Judge sessions that wait, newest first, for about this long.

        Args:
            seconds: how long; at least a few sessions are judged, or a worker's answer is waited for.
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
        if self._batch is not None:
            self._collect(self._batch, max(0.0, deadline - time.monotonic()), changes)
        return changes

    def _judge(self, keys: Sequence[SessionKey], changes: Changes) -> None:
        """Judge a few sessions here and now."""
        by_place: dict[str, list[str]] = {}
        for key in keys:
            by_place.setdefault(key.source, []).append(key.id)
        for place, ids in by_place.items():
            headers = [row.header for row in self._catalogue.index.rows([place], ids)]
            for session_id in {*ids} - {header.id for header in headers}:  # They went away meanwhile.
                self._done(SessionKey(place, session_id))
            for job in self._catalogue.jobs(place, headers):
                self._keep(place, self._catalogue.judge(place, job), changes)

    def _collect(self, batch: _Batch, seconds: float, changes: Changes) -> None:
        """Take over what workers have answered, waiting this long for the first answer."""
        for future in wait(batch.jobs, timeout=seconds, return_when=FIRST_COMPLETED).done:
            job, judged = batch.jobs.pop(future), result_of(future)
            if judged is not None:
                self._keep(job.path, judged, changes)
        if not batch.jobs or not self._waiting:
            batch.pool.close()
            self._batch = None
            # What no worker answered is judged here.
            self._own = dict.fromkeys(self._waiting)

    def _keep(self, place: str, judged: Sequence[IndexedStats], changes: Changes) -> None:
        """Keep the results of judging; those for an older state of a session are dropped."""
        timely = [
            session
            for session in judged
            if self._waiting.get(SessionKey(place, session.id), session.stamp) == session.stamp
        ]
        self._catalogue.index.store(place, timely)
        self.rows.note_write()
        for session in timely:
            key = SessionKey(place, session.id)
            self._done(key)
            changes.updated.add(key)

    def _done(self, key: SessionKey) -> None:
        self._waiting.pop(key, None)
        self._own.pop(key, None)

    def session(self, key: SessionKey) -> JudgedSession:
        """Read and judge one whole session.

        Raises:
            NotFoundError: it went away.
        """
        row = self.rows.get(key)
        if row is not None:
            located = LocatedSession(self._catalogue.source(key.source), row.header)
            for session in self._reader.judged([located]):
                return session
        raise NotFoundError(f"session {key.id} is gone from {key.source}", "it may have been deleted")

    def close(self) -> None:
        """End the workers, and the reading of `rows`."""
        if self._batch is not None:
            self._batch.pool.close()
        self.rows.close()
