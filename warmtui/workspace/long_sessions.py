"""Long sessions looked through in a process of their own, which cancelling ends.

Finding everything in a session of 10,000 messages takes more than a second of pure Python. In a thread it
would hold up every key, and a thread cannot be told to stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from warmtui.analysis.calls import judge_calls
from warmtui.errors import NotFoundError, WarmtuiError
from warmtui.model.session import Problem, SessionKey, unreadable
from warmtui.model.stats import SessionRow
from warmtui.registry import open_source
from warmtui.workspace.call_fixes import CallFixes, fixes_in
from warmtui.workspace.extraction import SessionOffer
from warmtui.workspace.findings import Findings, findings_of, profile_of
from warmtui.workspace.offers import offer_or_problem
from warmtui.workspace.reader import JudgedSession, OnProgress
from warmtui.workspace.workers import run_in_process

if TYPE_CHECKING:
    from warmtui.model.profile import Profile

T = TypeVar("T")
FROM_ROWS = 2_000
"""A process pays off from this many rows of all sessions together: it starts in about 0.4 s, in which a
thread looks through as many (`benchmarks/timeline.py`)."""


class Task(NamedTuple):
    """A session to look through."""

    key: SessionKey
    now: float
    findings_are_errors: bool
    known: tuple[str, ...] = ()
    """Secret values that are known outright; they go through a pipe, not onto a command line."""


def are_long(rows: Iterable[SessionRow]) -> bool:
    """Whether sessions are so long in total that a process of their own pays off."""
    return sum(row.header.rows for row in rows) >= FROM_ROWS


async def try_in_process(
    function: Callable[[Task], T], tasks: Sequence[Task], on_done: OnProgress | None = None
) -> list[T] | None:
    """Call one of the functions below with each task, in another process; cancelling ends it.

    Returns:
        The results; None if no process could be started, it died, or a session cannot be read. The caller
        then does the same here, which says what is wrong.
    """
    try:
        return await run_in_process(function, tasks, on_done)
    except (OSError, BrokenProcessPool, WarmtuiError):
        return None


def find_profile(task: Task) -> Profile:
    """Describe a session."""
    return profile_of(_find(task))


def find_fixes(task: Task) -> CallFixes:
    """Find which calls of a session fixed which."""
    return fixes_in(_read(task))


def find_offer(task: Task) -> SessionOffer | Problem:
    """Find what a session offers to keep, masked, or why it cannot be read."""
    try:
        return offer_or_problem(_read(task), task.known)
    except WarmtuiError as error:
        return unreadable(task.key.source, task.key.id, error)


def _find(task: Task) -> Findings:
    return findings_of(_read(task))


def _read(task: Task) -> JudgedSession:
    """Read and judge a session.

    Raises:
        NotFoundError: it went away.
        SourceError: it cannot be read.
    """
    with closing(open_source(Path(task.key.source))) as source:
        for session in source.read([task.key.id]):
            calls = judge_calls(session, now=task.now, findings_are_errors=task.findings_are_errors)
            return JudgedSession(session, calls)
    raise NotFoundError(f"session {task.key.id} is gone from {task.key.source}", "it may have been deleted")
