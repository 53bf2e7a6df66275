"""What keeps keys prompt while threads of this process read and judge."""

from __future__ import annotations

import asyncio
import gc
import sys
from importlib import import_module

STANDS_SECONDS = 0.5
"""After its start, when an app has drawn its first screen."""
NEXT = ("warmtui.tui.timeline.screen", "warmtui.workspace.findings", "warmtui.tui.curate.screen")
"""What the keys of the list open, the quickest first."""
SWITCH_SECONDS = 0.001
"""After so long a thread has to let the others have a turn (Python's own: 0.005 s). A redraw writes to the
terminal several times and may lose its turn at each."""


def set_up() -> None:
    """Have threads of pure Python give way sooner."""
    sys.setswitchinterval(SWITCH_SECONDS)


async def settle() -> None:
    """Load what the next keys need, and leave all of it out of the garbage collector's rounds.

    Reading a session of 10,000 messages makes enough records to set a full round going, which goes over
    everything that the app is made of and holds every key up meanwhile: 80 to 140 ms without this, 40 ms
    with it. Loading a screen when it is first opened costs as much again.
    """
    await asyncio.sleep(STANDS_SECONDS)
    for name in NEXT:
        # one after the other, so that leaving the app at once waits for one of them at most
        await asyncio.to_thread(import_module, name)
    gc.freeze()
