"""Starting the app on a workspace of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from warmtui.tui import promptness
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.remembering import remember
from warmtui.tui.themes import ascii_only
from warmtui.workspace import Workspace


def start(sources: Sequence[str], library: str | None) -> int:
    """Run the app until it is left.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; None for the default place.

    Returns:
        The exit code.
    """

    async def run() -> int:
        async with Workspace.open(sources=sources, library=library) as workspace:
            app = WarmtuiApp(
                workspace,
                ascii_only=ascii_only(workspace.environ, sys.stdout.encoding, workspace.settings.signs),
                welcome=not workspace.locations.library.exists(),
            )
            settling = asyncio.create_task(promptness.settle())
            await app.run_async()
            settling.cancel()
            if app.desk is not None and app.desk.unkept:
                await app.desk.keep()
            if app.place is not None:
                await remember(workspace, app.place)
            return app.return_code or 0

    promptness.set_up()
    return asyncio.run(run())
