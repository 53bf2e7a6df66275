"""Our child processes: pools that compute beside the event loop, and can be ended at once.

Python runs one thread at a time, so work that takes longer than a frame of a live screen runs in a process.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, redirect_stderr, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
FEW_COLLECTIONS = (100_000, 50, 100)
"""Thresholds of the garbage collector where millions of records are made, and no cycle."""
_STARTING = threading.Lock()
NICENESS = 5
"""The niceness of pools of low priority: other programs and the screen go first."""


def child_python(*arguments: str) -> list[str]:
    """Build the command of a Python child process of ours.

    Args:
        arguments: what follows the interpreter, such as `"-m", "warmtui"`.
    """
    # Without -P, `-c` and `-m` put the current folder first on the import path and would run its code.
    return [sys.executable, "-P", *arguments]


def cores() -> int:
    """Return how many processes can run at the same time."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the garbage collector run rarely while millions of records are made."""
    before = gc.get_threshold()
    gc.set_threshold(*FEW_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class WorkerPool:
    """A pool of processes that ends when it is closed, and when this process dies.

    Args:
        workers: how many processes at most; each starts when there is work for it.
        low_priority: let them give way to other programs, and to the screen.
    """

    def __init__(self, workers: int, *, low_priority: bool = False) -> None:
        # Nothing is ever sent: workers wait for the end of the pipe, which close() brings, or our death.
        self._lifeline, self._held = multiprocessing.Pipe(duplex=False)
        with _starting_children():
            self._executor = ProcessPoolExecutor(
                workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start_worker,
                initargs=(self._lifeline, low_priority),
            )

    def submit(self, function: Callable[..., T], *arguments: object) -> Future[T]:
        """Have a function of a module called with arguments; all three are pickled.

        Raises:
            OSError: no process can be started.
            BrokenProcessPool: a worker died before.
        """
        with _starting_children():
            return self._executor.submit(function, *arguments)

    def close(self) -> None:
        """End the workers at once; what they had not done raises or is cancelled."""
        self._held.close()
        self._lifeline.close()
        self._executor.shutdown(wait=False, cancel_futures=True)


async def run_in_process(
    function: Callable[..., T],
    arguments: Sequence[object],
    on_done: Callable[[int, int], None] | None = None,
) -> list[T]:
    """Call a function with each argument in a process of its own; cancelling ends the process.

    Args:
        function: a function of a module.
        arguments: one for each call.
        on_done: called with how many of how many calls are done.

    Raises:
        OSError: no process can be started.
        BrokenProcessPool: it died.
        Exception: whatever `function` raises.
    """
    pool = WorkerPool(1)
    try:
        futures = [pool.submit(function, argument) for argument in arguments]
        results = []
        for future in futures:
            results.append(await asyncio.wrap_future(future))
            if on_done is not None:
                on_done(len(results), len(arguments))
        return results
    finally:
        pool.close()


def _start_worker(lifeline: Connection, low_priority: bool) -> None:
    """Prepare a worker process."""
    # A Ctrl-C is for whoever started us, and a terminal that is drawn on must not be written to.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    if low_priority and hasattr(os, "nice"):
        os.nice(NICENESS)
    gc.set_threshold(*FEW_COLLECTIONS)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(0)


@contextmanager
def _starting_children() -> Iterator[None]:
    """Start children without the current folder on their import path, and with the real stderr.

    multiprocessing builds their commands itself, so a variable tells it what `child_python` does. It hands
    the file number of stderr to its resource tracker; that of Textual is -1, with which no process starts.
    """
    with _STARTING:  # Two threads at once would put back each other's values.
        before = os.environ.get("PYTHONSAFEPATH")
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            with redirect_stderr(sys.__stderr__):
                yield
        finally:
            if before is None:
                del os.environ["PYTHONSAFEPATH"]
            else:
                os.environ["PYTHONSAFEPATH"] = before
