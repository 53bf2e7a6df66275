"""Judging many sessions: jobs of some 4,000 rows each, done here or by helper processes.

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

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.stats import count
from warmtui.errors import SourceError
from warmtui.model.session import Problem, Session, SessionHeader, unjudged
from warmtui.model.stats import NO_STATS, SessionStats
from warmtui.sources.base import Source
from warmtui.sources.detect import open_source
from warmtui.workspace.helping import start_helper

JOB_ROWS = 4_096
"""Rows that a job covers: some 70 ms of work, so that helpers end together and a screen fills steadily."""
WORTH_IT = 60_000
"""Rows from which a helper pays: it costs about 0.2 s to start."""
AHEAD = 2
"""Jobs a helper has been handed, so that it never waits for the next one."""


class Job(NamedTuple):
    """Sessions of one source to be judged together."""

    path: str
    now: float
    findings_are_errors: bool
    ids: tuple[str, ...]


class Judged(NamedTuple):
    """What one session came to."""

    id: str
    figures: SessionStats
    problems: tuple[Problem, ...]


def plan(
    source: Source, headers: Iterable[SessionHeader], now: float, findings_are_errors: bool
) -> list[Job]:
    """Cut sessions of one source into jobs of about `JOB_ROWS` rows, in their order."""
    jobs: list[Job] = []
    ids: list[str] = []
    rows = 0
    for header in headers:
        ids.append(header.id)
        rows += header.rows
        if rows >= JOB_ROWS:
            jobs.append(Job(str(source.path), now, findings_are_errors, tuple(ids)))
            ids, rows = [], 0
    if ids:
        jobs.append(Job(str(source.path), now, findings_are_errors, tuple(ids)))
    return jobs


def judge_job(source: Source, job: Job) -> Iterator[Judged]:
    """Judge the sessions of one job; one that is gone has no figures.

    Raises:
        SourceError: the source as a whole cannot be read.
    """
    gone = dict.fromkeys(job.ids)
    for session in source.read(job.ids, prompts=False):
        gone.pop(session.header.id, None)
        yield _judge(session, job)
    for session_id in gone:
        yield Judged(session_id, NO_STATS, ())


def _judge(session: Session, job: Job) -> Judged:
    header = session.header
    try:
        calls = judge_calls(session, now=job.now, findings_are_errors=job.findings_are_errors)
        return Judged(header.id, count(session, calls), session.problems)
    except Exception as error:  # a fault of ours in one session must not hide the others
        problem = unjudged(job.path, header.id, error)
        return Judged(header.id, NO_STATS, (*session.problems, problem))


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
