"""Settings of the interpreter that keep keys responsive while threads read and judge."""

from __future__ import annotations

import asyncio
import gc
import sys
from importlib import import_module

FIRST_SCREEN_SECONDS = 0.5
"""Seconds after the start, when the app has drawn its first screen."""
NEXT = ("warmtui.tui.timeline.screen", "warmtui.workspace.findings", "warmtui.tui.curate.screen")
"""Modules that the keys of the list need, the most urgent first."""
SWITCH_SECONDS = 0.001
"""Seconds after which a thread releases the GIL (Python's default: 0.005). A redraw writes to the terminal
several times and may lose the GIL at each."""


def set_up() -> None:
    """Have threads release the GIL sooner."""
    sys.setswitchinterval(SWITCH_SECONDS)


async def settle() -> None:
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
