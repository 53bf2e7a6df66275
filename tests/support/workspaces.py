"""Workspaces with a folder of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from warmtui.workspace import Workspace


def environ_in(folder: Path, **more: str) -> dict[str, str]:
    """Return an environment whose home, library, settings and Hermes lie in a folder."""
    return {
        "HOME": str(folder),
        "WARMTUI_LIBRARY": str(folder / "library.db"),
        "WARMTUI_CONFIG": str(folder / "config.toml"),
        "HERMES_HOME": str(folder / "hermes"),
        **more,
    }


def workspace_in(
    folder: Path, *sources: Path, now: Callable[[], float] = time.time, **environ: str
) -> Workspace:
    """Return a workspace on sources, with the environment of `environ_in`."""
    words = [str(source) for source in sources]
    return Workspace.open(sources=words, environ=environ_in(folder, **environ), now=now)
