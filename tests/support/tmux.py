"""Programs in tmux: keys in, and the screens as a person sees them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a test gives up; only a failing test waits that long."""
PROGRAM = shutil.which("tmux")


class Tmux:
    """One program in a tmux server of its own, which nobody else's keys reach; a context manager.

    Args:
        command: program and arguments.
        environ: its whole environment.
        cwd: its folder.
        size: columns and lines.
        socket: a file for the server's socket; a short path, as sockets want it.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        *,
        size: tuple[int, int],
        socket: Path,
    ) -> None:
        assert PROGRAM is not None
        self._tmux = [PROGRAM, "-S", str(socket), "-f", "/dev/null"]
        self._environ = {**environ, "TERM": "screen-256color"}
        self.pressed: list[str] = []
        """Every key so far."""
        self.typed: list[str] = []
        """What was typed as words."""
        self.screens: list[str] = []
        """What was seen after each step, under what was done."""
        columns, lines = size
        what = shlex.join(["env", "-i", *(f"{name}={value}" for name, value in environ.items()), *command])
        self._call("new-session", "-d", "-x", str(columns), "-y", str(lines), "-c", str(cwd), what)

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *error: object) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False, env=self._environ)

    def screen(self) -> str:
        """What is on the screen now, lines without their trailing blanks."""
        return self._call("capture-pane", "-p")

    def press(self, *keys: str, until: Callable[[str], object] | str) -> str:
        """Press keys, named as tmux names them, and wait for what shall be on the screen."""
        self.pressed += keys
        self._call("send-keys", *keys)
        return self.expect(" ".join(keys), until)

    def write(self, words: str, until: Callable[[str], object] | str | None = None) -> str:
        """Type words, and wait for them, or for what they shall bring."""
        self.typed.append(words)
        self._call("send-keys", "-l", "--", words)
        return self.expect(repr(words), words if until is None else until)

    def expect(self, what: str, until: Callable[[str], object] | str) -> str:
        """Wait until the screen holds something; return it, and keep it under what was done."""
        holds = until if callable(until) else lambda text: until in text
        end = time.monotonic() + PATIENCE
        while not holds(text := self.screen()):
            assert time.monotonic() < end, f"after {what}: waited in vain for {until}; there is:\n{text}"
            time.sleep(0.05)
        self.screens.append(f"── {what} ──\n{text}")
        return text

    def _call(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words], capture_output=True, text=True, check=False, env=self._environ, timeout=30
        )
        assert done.returncode == 0, f"tmux {words[0]}: {done.stderr}"
        return done.stdout
