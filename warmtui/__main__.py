"""The composition root: starts the command line or the app, which know nothing of each other."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmtui.workspace.settings import SettingProblem, Settings


COLLECT = (10_000, 20, 50)
"""When the garbage collector runs, in place of Python's (700, 10, 10)."""


def open_app(sources: Sequence[str], library: str | None) -> int:
    """Open the app and wait until it is left.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; None for the default place.
    """
    from warmtui.tui.start import start

    return start(sources, library)


def check_app_settings(settings: Settings, path: Path) -> Sequence[SettingProblem]:
    """Return the problems of the settings that only the app can check: its theme and its keys."""
    from warmtui.tui.configuration import check

    return check(settings, path).problems


def main() -> None:
    """Run warmtui and exit with its code."""
    # loading code makes a hundred thousand objects that stay: going through them again and again took a
    # tenth of the time until a command answers
    gc.set_threshold(*COLLECT)
    from warmtui.cli.main import main as run

    sys.exit(run(open_app=open_app, check_app_settings=check_app_settings))


if __name__ == "__main__":
    main()
