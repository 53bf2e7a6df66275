"""Start child processes. Light on imports, because a helper starts before anything else is loaded."""

from __future__ import annotations

import os
import subprocess
import sys


def child_python(*arguments: str) -> list[str]:
    """Build the command of a Python child process of ours; every one is started through this.

    Args:
        arguments: what follows the interpreter, such as `"-m", "warmtui"`.
    """
    # Without -P, `-c` and `-m` put the current folder first on the import path and would run its code.
    return [sys.executable, "-P", *arguments]


def serving(module: str, words: str = "") -> list[str]:
    """Build the command of a process that runs `serve(words)` of a module of ours."""
    return child_python("-c", f"from {module} import serve; serve({words})")


def start_helper(*, lazily: bool = False) -> subprocess.Popen[bytes]:
    """Start a helper, which takes jobs at its standard input; see `warmtui.workspace.bulk.serve`.

    Args:
        lazily: it gives way to other programs, and to a screen.

    Raises:
        OSError: no process can be started.
    """
    return subprocess.Popen(
        serving("warmtui.workspace.bulk", f"lazily={lazily}"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def cores() -> int:
    """Return how many processes can run at the same time."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1
