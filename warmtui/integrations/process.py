"""Running an agent's command in the foreground: its terminal, its signals, the end of its output."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import IO, NamedTuple

from warmtui.errors import LaunchError

_TAIL_BYTES = 64 * 1024
"""How much of the end of each stream is kept."""
_DRAIN_SECONDS = 2.0
"""How long output is awaited after the command ended: something it left running may hold the stream open."""
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Finished(NamedTuple):
    """The result of a command."""

    exit_code: int
    """The command's own; 128 + n when signal n ended it."""
    stdout: bytes
    """The end of its output; empty when it wrote to a terminal."""
    stderr: bytes


def run_command(command: Sequence[str], *, env: Mapping[str, str]) -> Finished:
    """Run a command and wait for it.

    Standard input and every stream that is a terminal are the command's own, so interactive agents work.
    If standard output is not a terminal, both outputs are passed through and their ends are kept. Ctrl-C
    reaches the command, which decides what it means. Call this in the main thread, where signals arrive.

    Args:
        command: the program and its arguments.
        env: the environment it gets.

    Raises:
        LaunchError: the command is empty, not found, or cannot be executed.
    """
    if not command:
        raise LaunchError("there is no command to start", "put one after --, for example: -- hermes chat")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # our own output stays before that of the command
    piped_out = not os.isatty(1)
    piped_err = piped_out or not os.isatty(2)
    with _signals() as attach:
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
        tails = {
            target: _Tail(stream, target)
            for stream, target in ((child.stdout, 1), (child.stderr, 2))
            if stream is not None
        }
        code = _wait(child)
        deadline = time.monotonic() + _DRAIN_SECONDS
        for tail in tails.values():
            tail.join(max(0.0, deadline - time.monotonic()))
    ends = [bytes(tails[target].kept) if target in tails else b"" for target in (1, 2)]
    # Popen says -n when signal n ended the command, a shell 128 + n.
    return Finished(128 - code if code < 0 else code, ends[0], ends[1])


def _wait(child: subprocess.Popen[bytes]) -> int:
    # Without a timeout, Python would not see a signal that arrives just before the system call blocks.
    # With one, it looks every 50 ms.
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=60)


class _Tail(threading.Thread):
    """Passes a stream of the command through to our own and keeps its end."""

    def __init__(self, source: IO[bytes], target: int) -> None:
        super().__init__(daemon=True)
        self.source = os.dup(source.fileno())
        source.close()
        self.target = target
        self.kept = bytearray()
        self.start()

    def run(self) -> None:
        # When our reader is gone, closing the pipe tells the command, as it would without us.
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
        except BlockingIOError:  # another process that shares our output made it non-blocking
            select.select([], [self.target], [])
            return 0


@contextlib.contextmanager
def _signals() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Send signals on to the command while it runs, instead of ending ourselves."""
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
    # An ignored signal (nohup) stays ignored, for the command too. Python cannot restore a None handler.
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
