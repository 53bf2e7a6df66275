"""The terminal while another program has it: what that said last stays to be read."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def until_enter(words: str) -> None:
    """Say something below what is on the terminal and wait for Enter; the app draws over it all afterwards.

    Ctrl-C, the end of input and a signal that ends the app count as Enter. Where nobody can press it,
    nothing is said. To be called in the main thread, with the app suspended.

    Args:
        words: what to say, harmless.
    """
    given, shown = sys.__stdin__, sys.__stdout__
    if given is None or shown is None or not (given.isatty() and shown.isatty()):
        return
    with suppress(KeyboardInterrupt, OSError, ValueError), _interrupting():
        _forget_typed(given.fileno())
        shown.write(f"\n{words} · Enter goes back to warmtui ")
        shown.flush()
        given.readline()


@contextmanager
def _interrupting() -> Iterator[None]:
    """Have signals end a wait; the app's loop hears of them all the same, and ends when it goes on."""
    before = {}
    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _forget_typed(number: int) -> None:
    """Forget what was typed before anything was asked."""
    with suppress(ImportError, OSError):
        import termios

        try:
            termios.tcflush(number, termios.TCIFLUSH)
        except termios.error:
            return
