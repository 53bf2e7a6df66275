"""The composition root: starts the command line or the app, which know nothing of each other."""

from __future__ import annotations

import sys


def main() -> None:
    """Run warmtui and exit with its code."""
    from warmtui.cli.main import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
