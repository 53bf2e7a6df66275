"""Run warmtui and write down every callback of its event loop that takes long.

usage: _watched.py FILE [ARGS of warmtui…]; with `bare` in their place, a Textual app that does nothing

A line of FILE is a JSON list: when it ended (Unix seconds), milliseconds it took, milliseconds of processor
time the thread had in them, and whose it was. The difference of the two is what other threads and programs
took.
"""

from __future__ import annotations

import json
import os
import sys
import time
from asyncio import events
from pathlib import Path
from typing import Any

LEAST = 5.0
"""Milliseconds from which a callback is written down."""


def whose(handle: Any) -> str:
    """Name the task, or else the function, that a handle runs."""
    callback = handle._callback
    task: Any = getattr(callback, "__self__", None)
    if hasattr(task, "get_coro"):
        step = task.get_coro()
        return f"{task.get_name()}: {getattr(step, '__qualname__', step)}"
    return str(getattr(callback, "__qualname__", callback))


def watch(path: str) -> None:
    """Write long callbacks of every event loop of this process to a file from now on."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    run = events.Handle._run

    def watched(self: Any) -> None:
        name = whose(self)  # before: a task that ends forgets its own
        start, at_work = time.perf_counter(), time.thread_time()
        run(self)
        worked = 1000 * (time.thread_time() - at_work)
        took = 1000 * (time.perf_counter() - start)  # read last: never less than the work
        if took >= LEAST:
            line = [time.time(), took, worked, name]
            os.write(file, (json.dumps(line) + "\n").encode())

    events.Handle._run = watched  # type: ignore[method-assign]


def main() -> None:
    path, *words = sys.argv[1:]
    watch(path)
    if words == ["bare"]:
        sys.path.insert(0, str(Path(__file__).parent.parent))
        from benchmarks.app import BARE

        exec(BARE, {"__name__": "bare"})
        return
    from warmtui.__main__ import main as run

    sys.argv[1:] = words
    run()


if __name__ == "__main__":
    main()
