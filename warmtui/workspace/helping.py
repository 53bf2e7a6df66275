"""Starting the processes that judge: light, because it is done before anything else is loaded."""

from __future__ import annotations

import os
import subprocess
import sys


def start_helper(*, lazily: bool = False) -> subprocess.Popen[bytes]:
    """Start a helper, which takes jobs at its standard input; see `warmtui.workspace.bulk.serve`.

    Args:
        lazily: it gives way to other programs, and to a screen.

    Raises:
        OSError: no process can be started.
    """
    return subprocess.Popen(
        # -P: nothing is imported from the folder that warmtui was started in
        [sys.executable, "-P", "-c", f"from warmtui.workspace.bulk import serve; serve(lazily={lazily})"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def cores() -> int:
    """Return how many processes can run at the same time."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1
