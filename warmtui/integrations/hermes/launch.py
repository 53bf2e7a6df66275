"""Starting an agent with a prefill, and finding the session that it made."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from warmtui.errors import LaunchError
from warmtui.integrations.base import RunResult
from warmtui.integrations.hermes.home import hermes_home
from warmtui.integrations.hermes.prefill import PREFILL_VARIABLE

_TAIL_BYTES = 64 * 1024
"""How much of the end of each stream is searched for the session id, which Hermes prints last."""
_DRAIN_SECONDS = 2.0
"""How long output is awaited after the command ended: something it left running may hold the stream open."""
_QUIET_ID = re.compile(rb"^session_id: ([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q … -Q` prints to stderr as its last line."""
_SUMMARY_ID = re.compile(rb"^Session:[ \t]{1,16}([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q …` and the interactive agent print to stdout when they end."""
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    prefill: bytes,
    clock: Callable[[], float] = time.time,
) -> RunResult:
    """Run a command with a prefill and wait for it.

    The prefill lies in a private file outside Hermes' home, named to the command in
    `HERMES_PREFILL_MESSAGES_FILE`, and is removed when the command ends, however it ends. Standard input and
    every stream that is a terminal are the command's own, so interactive agents work; when standard output
    is no terminal, both outputs are passed through and read for the session id. Ctrl-C reaches the command,
    which decides what it means; this waits for it. To be called in the main thread, where signals arrive.

    Args:
        command: the program and its arguments.
        env: the environment it gets.
        prefill: the prefill file's content.
        clock: the time in Unix seconds.

    Returns:
        Exit code, printed session id, and the time of start and end.

    Raises:
        LaunchError: the command is empty, not found, or cannot be executed.
    """
    if not command:
        raise LaunchError("there is no command to start", "put one after --, for example: -- hermes chat")
    folder = _private_folder(env)
    try:
        file = folder / "prefill.json"
        try:
            file.touch(mode=0o600)
            file.write_bytes(prefill)
        except OSError as error:
            raise LaunchError(f"{file} cannot be written: {error.strerror or error}", "set TMPDIR") from error
        return _attend(command, {**env, PREFILL_VARIABLE: str(file)}, clock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _private_folder(env: Mapping[str, str]) -> Path:
    home = os.path.realpath(hermes_home(env))
    bases = [base for base in (tempfile.gettempdir(), "/var/tmp", "/tmp") if Path(base).is_dir()]
    outside = [base for base in bases if not Path(os.path.realpath(base)).is_relative_to(home)]
    try:
        return Path(tempfile.mkdtemp(prefix="warmtui-", dir=(outside or bases)[0]))
    except OSError as error:
        raise LaunchError(
            f"no temporary file can be made: {error.strerror or error}", "set TMPDIR"
        ) from error


def _attend(command: Sequence[str], env: Mapping[str, str], clock: Callable[[], float]) -> RunResult:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # what was said before the start stays before what the command says
    piped_out = not os.isatty(1)
    piped_err = piped_out or not os.isatty(2)
    with _signals() as attach:
        started_at = clock()
        try:
            child = subprocess.Popen(
                list(command),
                env=dict(env),
                stdout=subprocess.PIPE if piped_out else None,
                stderr=subprocess.PIPE if piped_err else None,
            )
        except FileNotFoundError as error:
            raise LaunchError(f"{command[0]}: no such command", "is it installed and on the PATH?") from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            raise LaunchError(f"{command[0]} cannot be started: {reason or error}") from error
        attach(child)
        tails = [
            _Tail(stream, target)
            for stream, target in ((child.stdout, 1), (child.stderr, 2))
            if stream is not None
        ]
        code = child.wait()
        ended_at = clock()
        deadline = time.monotonic() + _DRAIN_SECONDS
        for tail in tails:
            tail.join(max(0.0, deadline - time.monotonic()))
    return RunResult(128 - code if code < 0 else code, _printed_id(tails), started_at, ended_at)


def _printed_id(tails: Sequence[_Tail]) -> str | None:
    """The last id printed; stderr first, because what the model says goes to stdout."""
    for pattern in (_QUIET_ID, _SUMMARY_ID):
        for tail in sorted(tails, key=lambda tail: -tail.target):
            found = pattern.findall(bytes(tail.kept))
            if found:
                return str(found[-1], "ascii")
    return None


class _Tail(threading.Thread):
    """Passes a stream of the command through to ours and keeps its end."""

    def __init__(self, source: IO[bytes], target: int) -> None:
        super().__init__(daemon=True)
        self.source = os.dup(source.fileno())
        source.close()
        self.target = target
        self.kept = bytearray()
        self.start()

    def run(self) -> None:
        # Our reader is gone: closing the pipe tells the command, as it would without us.
        with contextlib.suppress(OSError):
            while chunk := os.read(self.source, 65536):
                self.kept += chunk
                del self.kept[:-_TAIL_BYTES]
                while chunk:
                    chunk = chunk[self._write(chunk) :]
        os.close(self.source)

    def _write(self, chunk: bytes) -> int:
        try:
            return os.write(self.target, chunk)
        except BlockingIOError:  # our output was made non-blocking by whoever shares it
            select.select([], [self.target], [])
            return 0


@contextlib.contextmanager
def _signals() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """While the command runs, let signals reach it rather than end us."""
    child: list[subprocess.Popen[bytes]] = []
    waiting: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        if not child:
            waiting.append(number)
        elif number != signal.SIGINT or not _at_terminal():
            child[0].send_signal(number)

    def attach(started: subprocess.Popen[bytes]) -> None:
        child.append(started)
        for number in waiting:
            started.send_signal(number)

    if threading.current_thread() is not threading.main_thread():
        yield attach
        return
    before = {number: signal.getsignal(number) for number in _FORWARDED}
    # One that is ignored (nohup) stays ignored, for the command too; None is a handler Python cannot restore.
    ours = [number for number, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    for number in ours:
        signal.signal(number, forward)
    try:
        yield attach
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _at_terminal() -> bool:
    """Whether a terminal sends Ctrl-C to our whole process group, the command included."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
