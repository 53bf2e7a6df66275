"""Looking through long sessions in a process of its own, which can be ended at any moment.

Finding everything in a session of 10,000 messages is more than a second of pure Python. In a thread it
would take turns with the app, and every key would wait for it; and a thread cannot be told to stop.
"""

from __future__ import annotations

import gc
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from warmtui.sources.detect import open_source
from warmtui.workspace import processes
from warmtui.workspace.reader import JudgedSession, OnProgress
from warmtui.workspace.session_table import SessionKey

if TYPE_CHECKING:
    from warmtui.model.profile import Profile
    from warmtui.workspace.call_fixes import CallFixes
    from warmtui.workspace.context import Context
    from warmtui.workspace.extraction import CandidateSet
    from warmtui.workspace.sessions import Sessions

FROM_ROWS = 2_000
"""Rows, of all sessions asked for together, from which a process pays: it starts in about 0.4 s, in which a
thread looks through as many (`benchmarks/timeline.py`)."""
What = Literal["profile", "fixes", "offered"]


class Task(NamedTuple):
    """What the process is asked."""

    what: What
    keys: tuple[SessionKey, ...]
    now: float
    findings_are_errors: bool
    known: tuple[str, ...]
    """Secret values that are known outright; they go through a pipe, not onto a command line."""


class Answer(NamedTuple):
    """One frame of what it answers."""

    done: int
    """Sessions looked through so far."""
    result: object = None
    """At the end, what was asked for."""


def pays(sessions: Sessions, keys: Sequence[SessionKey]) -> bool:
    """Whether sessions of the feed are together so long that a process of their own pays."""
    rows = [row for key in keys if (row := sessions.table.get(key)) is not None]
    return sum(row.header.rows for row in rows) >= FROM_ROWS


async def profile(context: Context, key: SessionKey) -> Profile | None:
    """Describe one session in another process; cancelling ends that.

    Returns:
        The profile; None where it could not be made there: doing it here says why.
    """
    found: Profile | None = await _ask(_task(context, "profile", [key]), None)
    return found


async def fixes(context: Context, key: SessionKey) -> CallFixes | None:
    """Find which calls of one session fixed which in another process; cancelling ends that.

    Returns:
        The fixes; None where they could not be found there: doing it here says why.
    """
    found: CallFixes | None = await _ask(_task(context, "fixes", [key]), None)
    return found


async def offered(
    context: Context, keys: Sequence[SessionKey], progress: OnProgress | None = None
) -> CandidateSet | None:
    """Find what sessions offer to keep in another process; cancelling ends that.

    Args:
        context: the workspace's environment.
        keys: sessions of its feed.
        progress: called with how many of how many are done.

    Returns:
        What they offer; None where it could not be found there: doing it here says why.
    """
    found: CandidateSet | None = await _ask(_task(context, "offered", keys), progress)
    return found


def _task(context: Context, what: What, keys: Sequence[SessionKey]) -> Task:
    known = context.known_secrets() if what == "offered" else ()
    return Task(what, tuple(keys), context.now(), context.settings.findings_are_errors, known)


async def _ask(task: Task, progress: OnProgress | None) -> Any:
    """Have a task done; None when the process could not be started, failed or died."""
    try:
        process = await processes.started("warmtui.workspace.apart")
    except OSError:
        return None
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(processes.frame(task))
        process.stdin.write_eof()
        while True:
            answer: Answer = await processes.heard(process.stdout)
            if answer.result is not None:
                return answer.result
            if progress is not None:
                progress(answer.done, len(task.keys))
    except (OSError, EOFError, pickle.UnpicklingError):
        return None  # the same is tried in this process, which says what is wrong
    finally:
        await processes.ended(process)


def serve() -> None:
    """Be the other process: read a task, answer in frames, the last one with the result."""
    task: Task = processes.read(sys.stdin.buffer)
    gc.set_threshold(100_000, 50, 100)  # millions of records are made here, and no cycle
    do(task, lambda answer: processes.write(sys.stdout.buffer, answer))


def do(task: Task, answer: Callable[[Answer], None]) -> None:
    """Do a task and answer.

    Raises:
        LookupError: a session went away.
        SourceError: one cannot be read.
    """
    from warmtui.workspace import extraction, findings
    from warmtui.workspace.call_fixes import fixes_in

    if task.what == "fixes":
        for judged in _judged(task):
            answer(Answer(1, fixes_in(judged)))
        return
    found = []
    for judged in _judged(task):
        found.append(findings.findings_of(judged))
        answer(Answer(len(found)))
    result = (
        findings.profile_of(found[0]) if task.what == "profile" else extraction.offered(found, task.known)
    )
    answer(Answer(len(found), result))


def _judged(task: Task) -> Iterator[JudgedSession]:
    """Yield the sessions of a task in its order."""
    # only the process that does the work needs the rules
    from warmtui.analysis.calls import judge_calls

    sources = {path: open_source(Path(path)) for path in dict.fromkeys(key.source for key in task.keys)}
    try:
        for key in task.keys:
            session = _only(sources[key.source].read([key.id]), key)
            yield JudgedSession(
                session,
                judge_calls(session, now=task.now, findings_are_errors=task.findings_are_errors),
            )
    finally:
        for source in sources.values():
            source.close()


def _only(sessions: Iterable[Any], key: SessionKey) -> Any:
    for session in sessions:
        return session
    raise LookupError(f"session {key.id} is gone from {key.source}")
