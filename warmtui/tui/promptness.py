"""What keeps keys prompt while threads of this process read and judge."""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.001
"""After so long a thread has to let the others have a turn (Python's own: 0.005 s). A redraw writes to the
terminal several times and may lose its turn at each."""


def set_up() -> None:
    """Have threads of pure Python give way sooner."""
    sys.setswitchinterval(SWITCH_SECONDS)


def settle() -> None:
    """Leave what is there by now out of the garbage collector's rounds; to be called once the app stands.

    Reading a session of 10,000 messages makes enough records to set a full round going, which goes over
    everything that the app is made of and holds every key up meanwhile: 80 to 140 ms without this, 40 ms
    with it.
    """
    gc.freeze()
