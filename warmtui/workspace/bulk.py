"""Judging many sessions: jobs of some 8,000 rows each, done here or by helper processes.

Python runs one thread at a time, so what is judged beside a live screen, or on two cores, is judged in
processes of its own. They are given jobs newest first and answer with figures alone. Measured on 10,985
sessions (436,000 messages, two cores), see docs/measured.md.
"""

from __future__ import annotations

import gc
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from warmtui.analysis.row_tally import RowTally
from warmtui.analysis.tally import Tally
from warmtui.errors import SourceError
from warmtui.model.session import Problem, SessionHeader, unjudged
from warmtui.model.summary import NO_FIGURES, Figures
from warmtui.sources.base import Source, Stretch
from warmtui.sources.detect import open_source
from warmtui.workspace.helping import start_helper

WINDOW = 8_192
"""Row ids that a job covers: some 70 ms of work, so that helpers end together and a screen fills steadily."""
DENSE = WINDOW // 4
"""Asked rows from which a window is read as it lies; below, its sessions are read one by one."""
WORTH_IT = 60_000
"""Rows from which a helper pays: it costs about 0.2 s to start."""
NOWHERE = -1
"""Stands for the window of sessions of which nobody knows where their rows lie."""
AHEAD = 2
"""Jobs a helper has been handed, so that it never waits for the next one."""


class Asked(NamedTuple):
    """A session to be judged."""

    id: str
    rows: int
    ended: bool
    delegated: bool
    """It works for another agent: no user row of it is a person's."""
    alone: bool
    """No other session's rows decide which of this one's count."""


class Job(NamedTuple):
    """Sessions of one source to be judged together."""

    path: str
    now: float
    findings_are_errors: bool
    asked: tuple[Asked, ...]
    first: int = 0
    last: int = 0
    """The row ids among which most of their rows lie; 0 and 0 to read session by session."""


class Judged(NamedTuple):
    """What one session came to."""

    id: str
    figures: Figures
    problems: tuple[Problem, ...]


def plan(
    source: Source, headers: Iterable[SessionHeader], now: float, findings_are_errors: bool
) -> list[Job]:
    """Cut sessions of one source into jobs, newest rows first."""
    windows: dict[int, list[Asked]] = {}
    for header in headers:
        asked = Asked(
            header.id,
            header.rows,
            header.ended_at is not None,
            header.kind == "subagent",
            source.counts_alone(header),
        )
        last = source.last_row(header)
        windows.setdefault(NOWHERE if last is None else last // WINDOW, []).append(asked)
    jobs: list[Job] = []

    def put(some: list[Asked], first: int = 0, last: int = 0) -> None:
        if some:
            jobs.append(Job(str(source.path), now, findings_are_errors, tuple(some), first, last))

    alone: list[Asked] = []
    rows = 0
    for number in sorted(windows, reverse=True):
        some = windows[number]
        short = [one for one in some if one.rows <= WINDOW]
        if number != NOWHERE and sum(one.rows for one in short) >= DENSE:
            put(alone)  # what is newer comes first
            alone, rows = [], 0
            put(short, number * WINDOW, (number + 1) * WINDOW - 1)
            some = [one for one in some if one.rows > WINDOW]
        for asked in some:
            alone.append(asked)
            rows += asked.rows
            if rows >= DENSE:
                put(alone)
                alone, rows = [], 0
    put(alone)
    return jobs


def judge_job(source: Source, job: Job) -> Iterator[Judged]:
    """Judge the sessions of one job.

    A session that our own rules fail on becomes a problem, so that it hides no other; so does one whose
    rows are damaged.

    Raises:
        SourceError: the source as a whole cannot be read.
    """
    missing = job.asked
    if job.last:
        delegated = {one.id for one in job.asked if one.delegated}
        with suppress(SourceError):  # a damaged page: what lies on it is read session by session below
            stretches = source.stretches(job.first, job.last, delegated)
            done = {one.id: one for one in _tallied(stretches, job)}
            missing = tuple(one for one in job.asked if one.id not in done)
            yield from done.values()
    for one in missing:
        judged = None
        if one.alone:
            with suppress(SourceError):
                stretches = source.stretches_of(one.id, delegated=one.delegated)
                judged = next(_tallied(stretches, job._replace(asked=(one,))), None)
        yield judged or _whole(source, one, job)


def _tallied(stretches: Iterable[Stretch], job: Job) -> Iterator[Judged]:
    """Count the asked sessions whose rows all pass by and count as they are."""
    asked = {one.id: one for one in job.asked if one.alone}
    tallies = {one: RowTally(findings_are_errors=job.findings_are_errors) for one in asked}
    seen = dict.fromkeys(asked, 0)
    for session, rows, read, plain in stretches:
        tally = tallies.get(session)
        if tally is None:
            continue
        if not plain:
            del tallies[session]
            continue
        try:
            tally.add_rows(rows, read)
        except Exception:  # a fault of ours: `_whole` says it
            del tallies[session]
            continue
        seen[session] += len(rows)
    for session, tally in tallies.items():
        if seen[session] >= asked[session].rows:
            figures = tally.figures(ended=asked[session].ended, now=job.now)
            yield Judged(session, figures, tuple(tally.problems))


def _whole(source: Source, asked: Asked, job: Job) -> Judged:
    """Judge a session of which only its source can tell what counts."""
    for session in source.read([asked.id], prompts=False):
        tally = Tally(findings_are_errors=job.findings_are_errors)
        try:
            tally.add(session.messages)
            return Judged(asked.id, tally.figures(ended=asked.ended, now=job.now), session.problems)
        except Exception as error:  # a fault of ours in one session must not hide the others
            problem = unjudged(job.path, asked.id, error)
            return Judged(asked.id, NO_FIGURES, (*session.problems, problem))
    return Judged(asked.id, NO_FIGURES, ())


class Crew:
    """Does jobs in helper processes, in order; whoever owns it may `take` jobs as well.

    Args:
        jobs: what is to be done.
        helpers: how many processes.
        lazily: let them give way to other programs, and to the screen.
        started: processes that were started already, to be taken first; the crew ends them too.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        helpers: int,
        *,
        lazily: bool = False,
        started: Sequence[subprocess.Popen[bytes]] = (),
    ) -> None:
        self._jobs = deque(jobs)
        self._under_way = 0
        self._lock = threading.Lock()
        self._closed = False
        self.answers: queue.SimpleQueue[tuple[Job, list[Judged]] | None] = queue.SimpleQueue()
        """Done jobs; None when a helper has ended."""
        spare = list(started[:helpers])
        self._helpers = [*spare, *(start_helper(lazily=lazily) for _ in range(helpers - len(spare)))]
        for process in self._helpers:
            threading.Thread(target=self._lead, args=(process,), daemon=True).start()

    def take(self) -> Job | None:
        """Take the next job; whoever takes it does it. None when there is none left."""
        with self._lock:
            return self._jobs.popleft() if self._jobs and not self._closed else None

    @property
    def busy(self) -> bool:
        """Whether a helper is still to answer."""
        with self._lock:
            return self._under_way > 0

    def _lead(self, process: subprocess.Popen[bytes]) -> None:
        """Hand jobs to one helper and collect its answers; what it did not answer goes back."""
        assert process.stdin is not None
        assert process.stdout is not None
        mine: deque[Job] = deque()
        with suppress(OSError, EOFError, pickle.UnpicklingError), process.stdin, process.stdout:
            while True:
                while len(mine) < AHEAD and (job := self._taken()) is not None:
                    mine.append(job)
                    pickle.dump(job, process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                    process.stdin.flush()
                if not mine:
                    break
                found = pickle.load(process.stdout)
                if found is None:  # it could not read the source: the owner will see why
                    break
                self.answers.put((mine.popleft(), found))
                with self._lock:
                    self._under_way -= 1
        with self._lock:
            self._under_way -= len(mine)
            self._jobs.extendleft(reversed(mine))
        self.answers.put(None)

    def _taken(self) -> Job | None:
        with self._lock:
            if self._closed or not self._jobs:
                return None
            self._under_way += 1
            return self._jobs.popleft()

    def close(self) -> None:
        """End every helper; what was not answered is not done."""
        with self._lock:
            self._closed = True
        for process in self._helpers:
            process.kill()
            process.wait()


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the cyclic garbage collector run rarely: millions of records are made here, and no cycle."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


_RARELY = (100_000, 50, 100)


def serve(*, lazily: bool = False) -> None:
    """Be a helper: read jobs, answer each with its list of `Judged`; None when its source cannot be read."""
    if lazily and hasattr(os, "nice"):
        os.nice(5)
    gc.set_threshold(*_RARELY)
    sources: dict[str, Source] = {}
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    # read by a thread, so that whoever hands out jobs never waits while an answer is on its way to them
    threading.Thread(target=_read_jobs, args=(jobs,), daemon=True).start()
    while (job := jobs.get()) is not None:
        answer: list[Judged] | None = None
        with suppress(SourceError):
            if job.path not in sources:
                sources[job.path] = open_source(Path(job.path))
            answer = list(judge_job(sources[job.path], job))
        pickle.dump(answer, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
        sys.stdout.buffer.flush()


def _read_jobs(jobs: queue.SimpleQueue[Job | None]) -> None:
    """Read jobs until there are no more; the last one is None."""
    with suppress(EOFError, OSError):
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))
    jobs.put(None)
