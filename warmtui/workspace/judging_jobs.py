"""Many sessions judged in jobs of some 4,000 rows, done here or by worker processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from warmtui.analysis.unread import count_things, not_understood
from warmtui.library.index import IndexedStats, WaitingSession
from warmtui.model.session import Session, SessionHeader, unjudged
from warmtui.model.stats import NO_STATS
from warmtui.registry import open_source
from warmtui.sources.base import Source

JOB_ROWS = 4_096
"""Rows that a job covers: some 70 ms of work, so that workers end together and a screen fills steadily."""


class Job(NamedTuple):
    """Sessions of one source to be judged together."""

    path: str
    now: float
    findings_are_errors: bool
    stamps: Mapping[str, str]
    """The stamp that each session has when it is handed out, by its id."""


def plan_jobs(
    path: Path, sessions: Iterable[WaitingSession | SessionHeader], now: float, findings_are_errors: bool
) -> list[Job]:
    """Cut sessions of one source into jobs of about `JOB_ROWS` rows, in their order."""
    jobs: list[Job] = []
    stamps: dict[str, str] = {}
    rows = 0
    for session in sessions:
        stamps[session.id] = session.stamp
        rows += session.rows
        if rows >= JOB_ROWS:
            jobs.append(Job(str(path), now, findings_are_errors, stamps))
            stamps, rows = {}, 0
    if stamps:
        jobs.append(Job(str(path), now, findings_are_errors, stamps))
    return jobs


def judge_job(source: Source, job: Job) -> Iterator[IndexedStats]:
    """Judge the sessions of one job; one that is gone has no figures.

    Raises:
        SourceError: the source as a whole cannot be read.
    """
    gone = dict(job.stamps)
    for session in source.read(tuple(job.stamps), prompts=False):
        gone.pop(session.header.id, None)
        yield _judge(session, job)
    for session_id, stamp in gone.items():
        yield IndexedStats(session_id, stamp, NO_STATS, ())


def judge_in_worker(job: Job) -> list[IndexedStats] | None:
    """Judge the sessions of one job in a worker, which keeps its sources open.

    Returns:
        None if the source cannot be read: the caller then tries it too, and reports why.
    """
    from warmtui.errors import SourceError

    try:
        return list(judge_job(_open_once(job.path), job))
    except SourceError:
        return None


@cache
def _open_once(path: str) -> Source:
    return open_source(Path(path))


def _judge(session: Session, job: Job) -> IndexedStats:
    # the rules take long to load, and who only plans jobs needs none of them
    from warmtui.analysis.calls import judge_calls
    from warmtui.analysis.stats import count

    stats, problems, session_id = NO_STATS, session.problems, session.header.id
    try:
        calls = judge_calls(session, now=job.now, findings_are_errors=job.findings_are_errors)
        stats, problems = count(session, calls), not_understood(session, calls)
    except Exception as error:  # Our fault with one session must not hide the others.
        problems = (*session.problems, unjudged(job.path, session_id, error))
        stats = NO_STATS._replace(unread=count_things(problems))
    return IndexedStats(session_id, job.stamps[session_id], stats, problems)
