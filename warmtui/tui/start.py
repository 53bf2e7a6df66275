"""Start the app on its own workspace, with its first rows in the first paint and its keys responsive.

This module does not import textual: the first rows are read, in some 15 ms, while textual loads, in some 200.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, get_args

from warmtui.errors import WarmtuiError
from warmtui.model.conditions import Order, Selected
from warmtui.tui.ui_state import HIDDEN, Place, read_place, remember, unfiltered
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.app import WarmtuiApp

SCREENFUL = 200
"""More sessions than any screen has lines."""
SWITCH_SECONDS = 0.001
"""Seconds after which a thread releases the GIL (Python's default: 0.005). A redraw writes to the terminal
several times and may lose the GIL at each."""
FIRST_SCREEN_SECONDS = 0.5
"""Seconds after the start, when the app has drawn its first screen."""
NEXT = ("warmtui.tui.timeline.screen", "warmtui.workspace.findings", "warmtui.tui.curate.screen")
"""Modules that the keys of the list need, the most urgent first."""


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
    from warmtui.tui import terminal
    from warmtui.tui.app import WarmtuiApp
    from warmtui.tui.widgets.glyphs import ascii_only

    async def run() -> int:
        async with workspace:
            app = WarmtuiApp(
                workspace,
                ascii_only=ascii_only(
                    workspace.context.environ, sys.stdout.encoding, workspace.settings.signs
                ),
                driver_class=terminal.driver(),
                # a library exists once anything was saved, so this is a first run
                welcome=not workspace.context.locations.library.exists(),
                preload=preload,
            )

            def end(code: int) -> None:
                app.exit(return_code=code)

            terminal.on_signals(end)
            tasks = [asyncio.create_task(job) for job in (load_next_screens(), terminal.watch(end))]
            await app.run_async()
            for task in tasks:
                task.cancel()
            if app.draft is not None and app.draft.unsaved:
                await app.draft.autosave()
            if app.place is not None:
                await remember(workspace, app.place)
            return report_draft(app) or app.return_code or 0

    sys.setswitchinterval(SWITCH_SECONDS)
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


# the first rows, read while textual loads


class Preload(NamedTuple):
    """What is read before the first screen is there."""

    place: Place
    selected: Selected | None
    """The first sessions; None with a filter, which has to be parsed first."""


def start_preload(workspace: Workspace) -> Future[Preload]:
    """Start reading, in the sources' own thread."""
    return workspace.sessions.preload(lambda: _read(workspace))


def _read(workspace: Workspace) -> Preload:
    place = read_place(workspace)
    with contextlib.suppress(WarmtuiError):  # the list reports it
        workspace.sessions.feed.begin()
    # a filter is parsed by code that loads with the screens
    if place.filter:
        return Preload(place, None)
    hidden = {kind: hides and kind not in place.shown for kind, hides in HIDDEN.items()}
    order: Order = next((name for name in get_args(Order) if name == place.sort), "age")
    selection = unfiltered(hidden, order, place.reverse)
    return Preload(place, workspace.sessions.table.select(selection, SCREENFUL))


# the screens that come next


async def load_next_screens() -> None:
    """Load what the next keys need, and exempt it all from garbage collection.

    Reading a session of 10,000 messages creates enough records to trigger a full collection, which visits
    everything that the app has loaded and delays every key meanwhile: 80 to 140 ms without this, 40 ms
    with it. Loading a screen when it is first opened costs as much again.
    """
    await asyncio.sleep(FIRST_SCREEN_SECONDS)
    for name in NEXT:
        # one after the other, so that quitting waits for at most one of them
        await asyncio.to_thread(import_module, name)
    gc.freeze()
