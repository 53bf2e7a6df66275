"""Files that are shown, not run: the demo's recordings."""

from __future__ import annotations

from pathlib import Path

from warmtui.errors import WarmtuiError


def asset(name: str) -> Path:
    """Return the path of a bundled file, from a wheel and from a checkout alike.

    Args:
        name: the path below `assets/`, `recordings/state.db`.

    Raises:
        WarmtuiError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_assets", package.parent / "assets"):
        path = folder / name
        if path.exists():
            return path
    raise WarmtuiError(f"the bundled file {name} is missing from {package}", "install warmtui again")
