"""The terminal while another program has it: what that said last stays to be read."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
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
    with suppress(KeyboardInterrupt, OSError, ValueError), _handled(SIGNALS, _interrupt):
        _make_ready(given.fileno())
        shown.write(f"\n{words} · Enter goes back to warmtui ")
        shown.flush()
        given.readline()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave Ctrl-C to the program that has the terminal: it goes to both, and would end the app."""
    with _handled(("SIGINT",), _nothing):
        yield


@contextmanager
def _handled(names: Sequence[str], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Have signals handled so; the app's loop hears of those it waits for all the same, when it goes on."""
    before = {}
    for name in names:
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """A handler of ours rather than none at all: a program that is started would inherit that."""


def _make_ready(number: int) -> None:
    """Forget what was typed before anything was asked; read lines again where a program left that undone."""
    try:
        import termios
    except ImportError:
        return
    with suppress(termios.error):
        mode = termios.tcgetattr(number)
        mode[0] |= termios.ICRNL
        mode[1] |= termios.OPOST | termios.ONLCR
        mode[3] |= termios.ICANON | termios.ECHO | termios.ISIG
        termios.tcsetattr(number, termios.TCSANOW, mode)
        termios.tcflush(number, termios.TCIFLUSH)
