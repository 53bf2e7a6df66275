"""warmtui: turn good past agent sessions into warm-start templates.

Examples:
    >>> import asyncio
    >>> from warmtui import Workspace
    >>> async def best(path: str) -> list[str]:
    ...     async with Workspace.open(sources=[path]) as workspace:
    ...         listing = await workspace.sessions.list()
    ...         return [row.id for row in listing.sessions if (row.score or 0) > 90]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmtui.workspace import Workspace as Workspace

__version__ = "0.1.0"
__all__ = ["Workspace", "__version__"]


def __getattr__(name: str) -> object:
    """Load `Workspace` when it is first asked for, so that `--help` stays fast."""
    if name == "Workspace":
        from warmtui.workspace import Workspace

        return Workspace
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
