"""Judging a whole history on two cores: a second process takes a share of the sessions.

Measured on 10,985 sessions (436,000 messages): one process takes 7.2 times as long as reading the rows
alone, two take 4.2 times. The second process costs about 0.3 s to start, so small histories do without.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.summary import summarise
from warmtui.model.session import Problem
from warmtui.model.summary import SessionSummary
from warmtui.sources.base import Source
from warmtui.sources.detect import open_source

WORTH_IT = 60_000
"""Rows from which a second process pays: below, it is still starting when the first one is done."""
SHARE = 0.46
"""Of the rows, what the second process takes: a little less than half, for its start."""
FRAME = 200
"""Sessions that it hands over at a time."""


class Judged(NamedTuple):
    """What one session came to, light enough to be handed from process to process."""

    summary: SessionSummary
    problems: tuple[Problem, ...]


class Task(NamedTuple):
    """What the second process is asked."""

    path: str
    ids: tuple[str, ...]
    now: float
    findings_are_errors: bool


def judge_all(source: Source, ids: Sequence[str], now: float, findings_are_errors: bool) -> Iterator[Judged]:
    """Judge sessions of one source, in order.

    A session that our own rules fail on becomes a problem, so that it hides no other.
    """
    for session in source.read(ids, prompts=False):
        problems = session.problems
        try:
            calls = judge_calls(session, now=now, findings_are_errors=findings_are_errors)
        except Exception as error:  # a fault of ours in one session must not hide the others
            place = f"{session.header.source}: session {session.header.id}"
            fault = f"could not be judged, a fault in warmtui itself: {type(error).__name__}: {error}"
            yield Judged(SessionSummary(session.header, 0, 0), (*problems, Problem(place, fault)))
            continue
        yield Judged(summarise(session, calls), problems)


def split(rows: Sequence[int]) -> int:
    """Return how many of the first sessions stay with this process, by their rows."""
    kept = sum(rows) * (1 - SHARE)
    seen = 0
    for number, count in enumerate(rows):
        seen += count
        if seen >= kept:
            return number + 1
    return len(rows)


class Second:
    """The second process, collecting its answers in a thread.

    Args:
        task: what it is to judge.
    """

    def __init__(self, task: Task) -> None:
        self.done: list[Judged] = []
        self.complete = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from warmtui.workspace.bulk import serve; serve()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._thread = threading.Thread(target=self._collect, args=(task,), daemon=True)
        self._thread.start()

    def _collect(self, task: Task) -> None:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process.stdin, process.stdout:
                pickle.dump(task, process.stdin)
                process.stdin.flush()
                while frame := pickle.load(process.stdout):
                    self.done += frame
                self.complete = True
        except (OSError, EOFError, pickle.UnpicklingError):
            self.complete = False  # it died: the first process judges what is missing

    def join(self) -> None:
        """Wait for its last answer."""
        self._thread.join()
        self._process.wait()

    def kill(self) -> None:
        """End it; what it judged so far stays."""
        self._process.kill()
        self.join()


@contextmanager
def second(task: Task | None) -> Iterator[Second | None]:
    """Run the second process around a block, and end it however the block ends."""
    other = None if task is None else Second(task)
    try:
        yield other
    finally:
        if other is not None:
            other.kill()


def can_share() -> bool:
    """Whether a second process would run at the same time as this one."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) > 1


def serve() -> None:
    """Be the second process: read a task, answer in frames, end with an empty one."""
    gc.set_threshold(100_000, 50, 100)  # see `few_collections`
    task: Task = pickle.load(sys.stdin.buffer)
    source = open_source(Path(task.path))
    source.listing()
    frame: list[Judged] = []
    for one in judge_all(source, task.ids, task.now, task.findings_are_errors):
        frame.append(one)
        if len(frame) == FRAME:
            pickle.dump(frame, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
            frame = []
    if frame:
        pickle.dump(frame, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)
    pickle.dump([], sys.stdout.buffer)
    sys.stdout.buffer.flush()
