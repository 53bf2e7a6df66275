"""The composition root: starts the command line or the app, which know nothing of each other."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def open_app(sources: Sequence[str], library: str | None) -> int:
    """Open the app and wait until it is left.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; None for the default place.
    """
    from warmtui.tui.start import start

    return start(sources, library)


def main() -> None:
    """Run warmtui and exit with its code."""
    from warmtui.cli.main import main as run

    sys.exit(run(open_app=open_app))


if __name__ == "__main__":
    main()
