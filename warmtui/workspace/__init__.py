"""The use cases: everything a person can do, for the command line, the app and Python alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmtui.workspace.workspace import Workspace as Workspace

__all__ = ["Workspace"]


def __getattr__(name: str) -> object:
    """Load `Workspace` when it is first asked for: the second process of a bulk read does without."""
    if name == "Workspace":
        from warmtui.workspace.workspace import Workspace

        return Workspace
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
