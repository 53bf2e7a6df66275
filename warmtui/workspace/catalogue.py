"""All sessions of all sources with their figures, kept between runs in an index."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from warmtui.analysis.stats import RULES
from warmtui.analysis.unread import summarize
from warmtui.errors import NotFoundError, SourceError, WarmtuiError
from warmtui.library.index import IndexedStats, IndexReader, SessionIndex, Synced, Unread, WaitingSession
from warmtui.model.conditions import Selection
from warmtui.model.session import Problem, SessionHeader, SessionKey
from warmtui.model.stats import NO_STATS, SessionSummary
from warmtui.sources.base import Source
from warmtui.workspace.copies import key_of
from warmtui.workspace.judging_jobs import Job, judge_in_worker, judge_job, plan_jobs
from warmtui.workspace.reader import OnProgress, Reader
from warmtui.workspace.workers import WorkerPool, cores, few_collections

T = TypeVar("T")
PAGE = 500
"""Sessions in a page."""
FRESH_SECONDS = 2.0
"""A file written this recently may change again without its size or time changing (git calls it "racy")."""
POOL_ROWS = 60_000
"""From this many rows on, worker processes pay off: they take about 0.2 s to start."""


LISTED = Selection(empty=False, archived=False)
"""What is listed by default."""


class Catalogue:
    """What is known about every session; used from the reader's thread.

    Args:
        reader: the sources.
        index: where the index belongs; None keeps it in memory.
        mask: replaces secrets in titles and first words before the index keeps them.
    """

    def __init__(self, reader: Reader, index: Path | None, mask: Callable[[str], str] = str) -> None:
        self._reader = reader
        self._path = index
        self._mask = mask
        self._index: SessionIndex | None = None
        self._found: dict[str, Path] = {}
        """Sources that could be read so far, with the path each was named by."""
        self._listed: list[str] = []
        """The sources in which copies were looked for last."""
        self._failed: dict[Path, tuple[str, SourceError]] = {}
        """Sources that could not be read, with the state of each file then, and why."""
        self._copies: dict[SessionKey, int] = {}
        """The numbers of the sessions that are copies."""
        self._switched: set[SessionKey] = set()

    @property
    def index(self) -> SessionIndex:
        """The index; opened when it is first asked for."""
        if self._index is None:
            rules = f"{RULES}f" if self._reader.findings_are_errors else RULES
            self._index = SessionIndex(self._path, rules, self._mask)
        return self._index

    @property
    def opened(self) -> SessionIndex | None:
        """The index if it was opened already; may be asked for from any thread."""
        return self._index

    @property
    def sources(self) -> list[str]:
        """The sources that could be read so far; may be asked for from any thread."""
        return list(self._found)

    def source(self, place: str) -> Source:
        """Return an open source.

        Raises:
            SourceError: it cannot be read, or was not there at the last look.
        """
        if place not in self._found:
            raise NotFoundError(f"{place} is not among the sources", "list the sessions again")
        return self._reader.source(self._found[place])

    def look(self) -> dict[str, Synced]:
        """List again every source whose file changed since it was last listed.

        Returns:
            What changed, by source; nothing for those that did not change.

        Raises:
            SourceError: no source could be read.
        """
        found: dict[str, Synced] = {}
        failures: list[SourceError] = []
        self._reader.forget_headers()
        self._failed.clear()
        for path in self._reader.paths():
            try:
                place, synced = self._sync(path)
            except SourceError as error:
                failures.append(error)
                self._note_failure(path, error)
                continue
            found[place] = synced
            self._add_source(place, path)
        if failures and not found:
            raise failures[0]
        self._settle_after(found)
        return found

    def look_for_new(self) -> dict[str, Synced]:
        """List the sources that appeared since the last look, or that can be read again.

        One that could not be read is tried again once it was written.

        Returns:
            What they hold, by source.
        """
        found: dict[str, Synced] = {}
        paths: list[Path] = []
        with suppress(WarmtuiError):  # nothing is there at the moment
            paths = self._reader.paths()
        for path in set(paths) - set(self._found.values()):
            state = file_state(path)
            if not path.exists() or (state and path in self._failed and self._failed[path][0] == state):
                continue
            self._reader.drop_problems(path)
            try:
                place, synced = self._sync(path)
            except SourceError as error:
                self._note_failure(path, error)
                continue
            self._failed.pop(path, None)
            found[place] = synced
            self._add_source(place, path)
        self._settle_after(found)
        return found

    def poll(self, place: str) -> Synced | frozenset[str] | None:
        """Look at one source whether it was written.

        Returns:
            Which sessions grew; what changed, if it is opened only now and was listed therefore; None for
            nothing.

        Raises:
            SourceError: it cannot be read.
        """
        path = self._found[place]
        if self._reader.is_open(path):
            return self.source(place).changed()
        state = file_state(Path(place))
        if state and state == self.index.seen(place):
            return None
        _, synced = self._sync(path)
        self._settle_after({place: synced})
        return synced

    def opened_sources(self) -> list[str]:
        """Return the sources that were opened, which those are not that were found as they were listed."""
        return [place for place, path in self._found.items() if self._reader.is_open(path)]

    @property
    def failures(self) -> list[str]:
        """Why sources that are named could not be read so far."""
        return [str(error) for _, error in self._failed.values()]

    def _note_failure(self, path: Path, error: SourceError) -> None:
        self._reader.note_problem(path, error)
        self._failed[path] = file_state(path), error

    def _settle_after(self, found: Mapping[str, Synced]) -> None:
        """Look for copies anew if sources changed, or are not those of the last time."""
        if self._listed != self.sources or any(map(any, found.values())):
            self.settle_copies()
            self._listed = self.sources

    def settle_copies(self, ids: Collection[str] | None = None) -> None:
        """Decide anew which sessions are copies of others and not listed.

        Args:
            ids: the ids of the sessions that are new or changed; None for all.
        """
        if len(self._found) < 2:
            return
        groups = self.index.shared(self.sources, ids)
        numbers = {key_of(header): number for group in groups for number, header in group}
        self._reader.copies.settle(([header for _, header in group] for group in groups), ids)
        newer = self._reader.copies.newer
        before = self._copies
        kept = {key: number for key, number in before.items() if key in newer}
        self._copies = kept | {key: numbers[key] for key in newer if key in numbers}
        if self._copies.keys() != before.keys():
            self._switched |= self._copies.keys() ^ before.keys()
            self.index.leave_out(self._copies.values())

    def take_switched(self) -> set[SessionKey]:
        """Return the sessions that became copies or are none any more since the last call."""
        switched, self._switched = self._switched, set()
        return switched

    def is_copy(self, place: str, session: str) -> bool:
        """Whether a session is not listed because it is a copy."""
        return SessionKey(place, session) in self._copies

    def newest(self, count: int) -> list[str]:
        """Index the newest sessions of every source that is not indexed yet, without listing all.

        Returns:
            The sources that are indexed now. One that cannot be read is left out; `look` reports it.
        """
        for path in self._reader.paths():
            with suppress(SourceError):
                place = self._place_of(path)
                if next(self.index.rows([place], limit=1), None) is None:
                    self.index.put(place, self._reader.source(path).newest(count))
                self._add_source(place, path)
        return self.sources

    def _add_source(self, place: str, path: Path) -> None:
        if place not in self._found:  # A new dict, because other threads may be iterating over this one.
            self._found = {**self._found, place: path}

    def _place_of(self, path: Path) -> str:
        """Return what the sessions of a source name as their source.

        A folder may stand for a file or another folder in it, which its agent's reader knows; one that is
        in the index stands for itself.

        Raises:
            SourceError: it cannot be read.
        """
        if not path.is_dir() or self.index.is_known(str(path)):
            return str(path)
        return str(self._reader.source(path).path)

    def _sync(self, path: Path) -> tuple[str, Synced]:
        place = self._place_of(path)
        state = file_state(Path(place))
        if state and self.index.seen(place) == state:
            return place, Synced()
        listing = self._reader.source(path).listing()
        return place, self.index.sync(place, listing.headers, listing.problems, state)

    def waiting(self) -> dict[str, list[WaitingSession]]:
        """Return the sessions that have to be judged, newest first, by source."""
        now = self._reader.now()
        waiting = {
            place: [
                session
                for session in self.index.waiting(place, now)
                if SessionKey(place, session.id) not in self._copies
            ]
            for place in self._found
        }
        return {place: sessions for place, sessions in waiting.items() if sessions}

    def jobs(self, place: str, sessions: Iterable[WaitingSession | SessionHeader]) -> list[Job]:
        """Cut sessions of one source into jobs."""
        reader = self._reader
        return plan_jobs(self.source(place).path, sessions, reader.now(), reader.findings_are_errors)

    def judge(self, place: str, job: Job) -> list[IndexedStats]:
        """Judge the sessions of a job in this process.

        Raises:
            SourceError: the source cannot be read.
        """
        return list(judge_job(self.source(place), job))

    def _judge_all(self, progress: OnProgress | None) -> Generator[int]:
        """Judge what waits, newest first, on all cores where that pays off, and keep the results.

        Yields how many are done; workers go on meanwhile.
        """
        waiting = self.waiting()
        total, done = sum(map(len, waiting.values())), 0
        for place, sessions in waiting.items():
            for judged in self._judge_source(place, sessions):
                if self._reader.stop.is_set():
                    return
                self.index.store(place, judged)
                done += len(judged)
                if progress is not None:
                    progress(done, total)
                yield done

    def _judge_source(self, place: str, sessions: Sequence[WaitingSession]) -> Iterator[list[IndexedStats]]:
        """Judge sessions of one source and yield them job by job, in their order."""
        jobs = self.jobs(place, sessions)
        with few_collections():
            if cores() == 1 or sum(session.rows for session in sessions) < POOL_ROWS:
                for job in jobs:
                    yield self.judge(place, job)
                return
            pool = WorkerPool(cores())
            try:
                submitted = deque(submit_jobs(pool, jobs))
                while submitted:  # a future that stayed here would keep its figures to the end
                    job, future = submitted.popleft()
                    judged = result_of(future)
                    yield self.judge(place, job) if judged is None else judged
            finally:
                pool.close()

    def pages(
        self,
        selection: Selection = LISTED,
        limit: int = -1,
        *,
        progress: OnProgress | None = None,
    ) -> Iterator[list[SessionSummary]]:
        """Judge what waits and yield sessions with their figures, a few hundred at a time.

        By age, the newest are yielded while older ones are judged.

        Args:
            selection: which, and in which order.
            limit: at most this many; -1 for all.
            progress: called with how many of how many sessions are done.
        """
        judging = self._judge_all(progress)
        if selection.judged or selection.words or selection.order != "age":
            for _ in judging:
                pass
        reader = IndexReader(self.index)
        try:
            numbers, now = reader.select(self._found, selection).numbers, self._reader.now()
            judged = False
            for start in range(0, len(numbers), PAGE):
                some: Sequence[int] = numbers[start : start + PAGE]
                while reader.any_waits(some, now) and next(judging, None) is not None:
                    judged = True
                # Whether a session is empty is known only after judging.
                rows = dict(
                    reader.fetch(reader.select_among(self._found, selection, some) if judged else some)
                )
                found = [rows[number] for number in some if number in rows]
                if limit >= 0:
                    found = found[:limit]
                    limit -= len(found)
                if found:
                    yield [SessionSummary(row.header, row.stats or NO_STATS) for row in found]
                if not limit:
                    break
            for _ in judging:  # Sessions that are not listed are judged too, because they are counted.
                pass
        finally:
            judging.close()
            reader.close()

    def unread(self, rows: int) -> list[Unread]:
        """Return how much was not understood of each source; judge what waits, if that is few rows.

        Raises:
            SourceError: no source could be read.
        """
        self.look()
        if sum(session.rows for sessions in self.waiting().values() for session in sessions) <= rows:
            for _ in self._judge_all(None):
                pass
        return self._read_index(lambda reader: reader.unread(self._found))

    def agents(self) -> list[str]:
        """Return the agents whose sessions the sources hold."""
        return self._read_index(lambda reader: reader.agents(self._found))

    def left_out(self) -> dict[str, int]:
        """Return how many sessions `pages` leaves out, by reason: `empty`, `archived`, `hidden`."""
        return self._read_index(lambda reader: reader.left_out(self._found))

    def problems(self) -> tuple[Problem, ...]:
        """Return what was not understood: of sources as they are, of sessions summed up by kind."""
        known = [problem for place in self._found for problem in self.index.problems_of(place)]
        found = self._read_index(lambda reader: summarize(reader.problems(self._found)))
        return (*self._reader.problems(), *known, *self._told_copies(), *found)

    def summary(self, place: str) -> tuple[Problem, ...]:
        """Return what was not understood of the judged sessions of a source, by kind."""
        return self._read_index(lambda reader: tuple(summarize(reader.problems([place]))))

    def _told_copies(self) -> Iterator[Problem]:
        """Say of each source how many of its sessions are copies of another's."""
        newer = self._reader.copies.newer
        pairs = Counter((key.source, newer[key].source) for key in self._copies)
        for (place, listed), count in pairs.items():
            are = "is a copy of one" if count == 1 else "are copies of those"
            yield Problem(place, f"{count:,} of its sessions {are} in {listed}; listed once")

    def _read_index(self, read: Callable[[IndexReader], T]) -> T:
        reader = IndexReader(self.index)
        try:
            return read(reader)
        finally:
            reader.close()

    def close(self) -> None:
        """Close the index."""
        if self._index is not None:
            self._index.close()


def submit_jobs(
    pool: WorkerPool, jobs: Iterable[Job]
) -> list[tuple[Job, Future[list[IndexedStats] | None] | None]]:
    """Hand jobs to workers; a job for which no worker can be started has no future."""
    submitted: list[tuple[Job, Future[list[IndexedStats] | None] | None]] = []
    for job in jobs:
        future = None
        with suppress(OSError, BrokenProcessPool):
            future = pool.submit(judge_in_worker, job)
        submitted.append((job, future))
    return submitted


def result_of(future: Future[list[IndexedStats] | None] | None) -> list[IndexedStats] | None:
    """Wait for what a worker found; None if it could not do the job, which is then done here."""
    with suppress(OSError, BrokenProcessPool):
        return None if future is None else future.result()
    return None


def file_state(path: Path) -> str:
    """Return a text that changes with every write to a source; "" if that is not sure.

    Of a file, SQLite's log counts too: every commit to a database changes the size or the time of its log.
    Of a folder, all files below it count.
    """
    parts: list[tuple[str, int, int, int, int]] = []
    files = _files_below(path) if path.is_dir() else (path, Path(f"{path}-wal"))
    for file in files:
        with suppress(OSError):
            stat = file.stat()
            parts.append((str(file), stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns))
    if not parts or time.time() - max(part[-1] for part in parts) / 1e9 < FRESH_SECONDS:
        return ""
    return hashlib.sha256(repr(sorted(parts)).encode("utf-8", "surrogateescape")).hexdigest()


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)
