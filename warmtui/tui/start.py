"""Start the app on its own workspace."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from warmtui.tui.preload import start_preload
from warmtui.tui.ui_state import remember
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.app import WarmtuiApp


def start(sources: Sequence[str], library: str | None) -> int:
    """Run the app until it is left.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; None for the default place.

    Returns:
        The exit code.
    """
    workspace = Workspace.open(sources=sources, library=library)
    preload = start_preload(workspace)
    # textual loads while the first rows are read
    from warmtui.tui import responsiveness, terminal
    from warmtui.tui.app import WarmtuiApp
    from warmtui.tui.themes import ascii_only

    async def run() -> int:
        async with workspace:
            app = WarmtuiApp(
                workspace,
                ascii_only=ascii_only(
                    workspace.context.environ, sys.stdout.encoding, workspace.settings.signs
                ),
                driver_class=terminal.driver(),
                welcome=not workspace.context.locations.library.exists(),
                preload=preload,
            )

            def end(code: int) -> None:
                app.exit(return_code=code)

            terminal.on_signals(end)
            tasks = [asyncio.create_task(job) for job in (responsiveness.settle(), terminal.watch(end))]
            await app.run_async()
            for task in tasks:
                task.cancel()
            if app.draft is not None and app.draft.unsaved:
                await app.draft.autosave()
            if app.place is not None:
                await remember(workspace, app.place)
            return report_draft(app) or app.return_code or 0

    responsiveness.set_up()
    return asyncio.run(run())


def report_draft(app: WarmtuiApp) -> int:
    """Say on stderr that the draft could not be saved; return the exit code, 0 if it was saved."""
    from warmtui.display import display_line
    from warmtui.tui.app import NOT_KEPT

    if app.draft is None or not app.draft.unsaved:
        return 0
    with contextlib.suppress(OSError):  # stderr may be gone
        print(f"warmtui: {NOT_KEPT}: {display_line(app.draft.autosave_error)}", file=sys.stderr, flush=True)
    return 1
