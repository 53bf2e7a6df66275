"""Worker processes: they answer, end when told to, and end with whoever started them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

import pytest

from warmtui.workspace.workers import WorkerPool, child_python, run_in_process

PATIENCE = 20.0


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with suppress(OSError):  # A zombie that nobody waits for is gone too.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return False


def expect_soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def write_pid_and_sleep(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)


async def test_calls_are_answered_in_order_with_progress() -> None:
    told: list[tuple[int, int]] = []
    answers = await run_in_process(abs, [-1, -2, -3], lambda done, of: told.append((done, of)))
    assert answers == [1, 2, 3]
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_pool_starts_where_stderr_is_no_file() -> None:
    code = """
import io, sys
from warmtui.workspace.workers import WorkerPool

class Captured(io.StringIO):  # As Textual replaces it.
    def fileno(self):
        return -1

if __name__ == "__main__":
    sys.stderr = Captured()
    pool = WorkerPool(1)
    print(pool.submit(abs, -3).result())
    pool.close()
"""
    done = subprocess.run(child_python("-c", code), capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == "3\n", done.stderr


async def test_what_the_function_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await run_in_process(int, ["no number"])


async def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    task = asyncio.create_task(run_in_process(write_pid_and_sleep, [str(path)]))
    async with asyncio.timeout(PATIENCE):
        while not path.exists() or not path.read_text():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
    while not task.done():  # An app that ends cancels its workers more than once.
        task.cancel()
        await asyncio.sleep(0)
    assert task.cancelled()
    await asyncio.to_thread(expect_soon, lambda: is_gone(int(path.read_text())))


def test_closing_cancels_what_waits_and_ends_what_runs() -> None:
    pool = WorkerPool(1)
    pid = pool.submit(os.getpid).result(PATIENCE)
    busy = pool.submit(time.sleep, 600)
    pool.close()
    expect_soon(lambda: is_gone(pid))
    with pytest.raises((BrokenProcessPool, CancelledError)):
        busy.result(PATIENCE)


def test_a_worker_that_is_killed_breaks_the_pool_and_nothing_hangs() -> None:
    pool = WorkerPool(1)
    pid = pool.submit(os.getpid).result(PATIENCE)
    busy = pool.submit(time.sleep, 600)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(BrokenProcessPool):
        busy.result(PATIENCE)
    pool.close()


def test_workers_end_with_whoever_started_them() -> None:
    code = (
        "import os, time\n"
        "from warmtui.workspace.workers import WorkerPool\n"
        "pool = WorkerPool(1)\n"
        "print(pool.submit(os.getpid).result(), flush=True)\n"
        "pool.submit(time.sleep, 600)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(child_python("-c", code), stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    expect_soon(lambda: is_gone(pid))


def test_code_of_the_current_folder_does_not_run_in_a_worker(tmp_path: Path) -> None:
    for module in ("multiprocessing", "warmtui", "pickle", "orjson"):
        (tmp_path / f"{module}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    code = (
        "import os\n"
        "from warmtui.workspace.workers import WorkerPool\n"
        "pool = WorkerPool(1)\n"
        "print(pool.submit(os.getpid).result())\n"
        "pool.close()\n"
    )
    done = subprocess.run(child_python("-c", code), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()


def test_no_variable_of_ours_stays_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    pool = WorkerPool(1)
    pool.submit(os.getpid).result(PATIENCE)
    pool.close()
    assert "PYTHONSAFEPATH" not in os.environ
