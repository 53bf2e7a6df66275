"""Programs in a pseudo-terminal: keys in, every byte that they write out, and what in it acts."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from workspaces import environ_in

from warmtui.workspace.workers import child_python

PATIENCE = 30.0
"""Seconds after which a test gives up; only a failing test waits that long."""
CSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
OTHER = re.compile(r"\x1b[\]P_^X][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]")
"""Strings (OSC, DCS, APC, PM, SOS) and two-character escapes."""


class Terminal:
    """One program in a pseudo-terminal of its own.

    Args:
        command: program and arguments.
        environ: its environment.
        cwd: its folder.
        size: columns and lines.
        stderr: a file for what goes to stderr; the terminal without it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        *,
        size: tuple[int, int] = (120, 40),
        stderr: int | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.written = bytearray()
        """Every byte so far."""
        self._since = 0
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave if stderr is None else stderr,
            env=dict(environ),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)

    @property
    def text(self) -> str:
        """What was written since the last keys, without escapes."""
        text = bytes(self.written[self._since :]).decode("utf-8", "replace")
        return OTHER.sub("", CSI.sub("", text))

    def press(self, keys: str, until: Callable[[str], object] | str) -> None:
        """Send keys, and wait until what is written from then on holds something."""
        self._since = len(self.written)
        os.write(self._master, keys.encode())
        self.expect(until)

    def expect(self, until: Callable[[str], object] | str) -> None:
        """Wait until the text written since the last keys holds something."""
        holds = until if callable(until) else lambda text: until in text
        end = time.monotonic() + PATIENCE
        while not holds(self.text):
            assert time.monotonic() < end, f"waited in vain for {until}; there is: {self.text[-2000:]!r}"
            assert self.read(0.1), f"it ended, {until} did not come: {self.text[-4000:]}"

    def finish(self) -> int:
        """Read to the end; return the exit code."""
        end = time.monotonic() + PATIENCE
        while self.read(0.1):
            assert time.monotonic() < end, f"it does not end; there is: {self.text[-2000:]!r}"
        return self.process.wait(PATIENCE)

    def hang_up(self) -> None:
        """Take the terminal away; a program in a session of its own gets no signal for it."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def close(self) -> None:
        """End the program if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()

    def read(self, seconds: float) -> bool:
        """Read what there is within so long; return whether the program still has the terminal."""
        if not select.select([self._master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux says so when the last writer is gone
            return False
        self.written += data
        return bool(data)


def terminal_environ(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment for a terminal, whose home, library, settings and Hermes lie in a folder."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return kept | environ_in(folder, TERM="xterm-256color", LANG="C.UTF-8", **more)


def warmtui(*words: str) -> list[str]:
    """Return the command line of warmtui as it is here."""
    return child_python("-m", "warmtui", *words)


def strings(written: bytes) -> set[str]:
    """Return the escapes that are no CSI: strings such as titles and clipboards, resets."""
    return set(OTHER.findall(CSI.sub("", written.decode("utf-8", "replace"))))


def hidden(written: bytes) -> set[str]:
    """Return control and format characters outside escapes, but line ends, tabs and the joiner of emoji."""
    text = OTHER.sub("", CSI.sub("", written.decode("utf-8")))
    return {
        f"U+{ord(char):04X}"
        for char in set(text)
        if unicodedata.category(char) in ("Cc", "Cs", "Cf") and char not in "\r\n\t\u200d"
    }
