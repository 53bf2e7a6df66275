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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, NamedTuple

from warmtui.errors import LaunchError
from warmtui.integrations.hermes.home import hermes_home
from warmtui.integrations.hermes.prefill import PREFILL_VARIABLE
from warmtui.model.session import SessionHeader

_TAIL_BYTES = 64 * 1024
"""How much of the end of each stream is searched for the session id, which Hermes prints last."""
_DRAIN_SECONDS = 2.0
"""How long output is awaited after the command ended: something it left running may hold the stream open."""
_QUIET_ID = re.compile(rb"^session_id: ([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q … -Q` prints to stderr as its last line."""
_SUMMARY_ID = re.compile(rb"^Session:[ \t]{1,16}([A-Za-z0-9_.:-]{1,128})\r?$", re.MULTILINE)
"""What `hermes chat -q …` and the interactive agent print to stdout when they end."""
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunResult(NamedTuple):
    """How a started command went."""

    exit_code: int
    """The command's own; 128 + n when signal n ended it."""
    printed_session_id: str | None
    """The session id that it printed; None when it printed none or wrote to a terminal."""
    started_at: float
    """Unix seconds, just before the start."""
    ended_at: float


class Identified(NamedTuple):
    """The session that a launch made, when it can be told."""

    session_id: str | None
    """None when it cannot: none or several fit."""
    candidates: tuple[str, ...]
    """The sessions that fit, oldest first."""


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


def identify(
    printed_id: str | None,
    before: Collection[str],
    after: Iterable[SessionHeader],
    *,
    started_at: float,
    cwd: str,
) -> Identified:
    """Tell which session a launch made.

    Args:
        printed_id: the id that the command printed, which settles it.
        before: the ids of the sessions that were there before the start.
        after: the sessions that are there after the end.
        started_at: Unix seconds of the start.
        cwd: the folder in which the command ran, symbolic links followed.

    Returns:
        The printed one; else the only session that is new, is no child of another, and began in that folder
        after the start; else none, with those that fit. Sessions of no known folder are never taken, only
        named as candidates when nothing else fits.
    """
    if printed_id is not None:
        return Identified(printed_id, (printed_id,))
    known = set(before)
    new = [
        header
        for header in after
        if header.id not in known
        and header.kind == "root"
        and header.started_at is not None
        and header.started_at >= started_at
        and header.cwd in (cwd, None)
    ]
    new.sort(key=lambda header: (header.started_at or 0.0, header.id))
    here = tuple(header.id for header in new if header.cwd == cwd)
    if here:
        return Identified(here[0] if len(here) == 1 else None, here)
    return Identified(None, tuple(header.id for header in new))


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
