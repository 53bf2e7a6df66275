"""The terminal: lending it to other programs, taking it back, and losing it.

Without `watch` and `on_signals`, a signal ends the process at once, and a terminal that goes away without a
signal leaves the app reading the end of a file for ever. With them, the draft is saved as on any other exit.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from textual.driver import Driver

POLL_SECONDS = 0.5
"""Seconds between two checks whether the terminal is still there; a check costs a microsecond."""
ENDED_BY_SIGNAL = 128
"""Added to a signal's number for the exit code, as shells do."""
END_SIGNALS = ("SIGHUP", "SIGTERM")
"""Signals that end the app."""
SETTLE_SECONDS = 0.1
"""How long the app goes on after one of them."""
WAIT_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals that end the wait for Enter."""


# lending the terminal


def until_enter(words: str) -> None:
    """Print a line below what another program left on the terminal and wait for Enter.

    Ctrl-C, the end of input and a signal that ends the app count as Enter. Without a terminal,
    nothing is printed. Call it in the main thread, with the app suspended.

    Args:
        words: what to print; safe for a terminal.
    """
    stdin, stdout = sys.__stdin__, sys.__stdout__
    if stdin is None or stdout is None or not (stdin.isatty() and stdout.isatty()):
        return
    with suppress(KeyboardInterrupt, OSError, ValueError), _handled(WAIT_SIGNALS, _interrupt):
        _reset_input(stdin.fileno())
        stdout.write(f"\n{words} · Enter goes back to warmtui ")
        stdout.flush()
        stdin.readline()


@contextmanager
def ignore_interrupts() -> Iterator[None]:
    """Leave Ctrl-C to the program that has the terminal: both get the signal, and it would end the app."""
    with _handled(("SIGINT",), _nothing):
        yield


@contextmanager
def _handled(names: Sequence[str], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Install a signal handler; the app's loop still gets the signals it waits for, when it goes on."""
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
    """Do nothing. A handler rather than SIG_IGN, which a child process would inherit."""


def _reset_input(number: int) -> None:
    """Drop what was typed too early, and restore line input where a program left it off."""
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


# losing the terminal


class UntilGone:
    """A terminal to write to; once it is gone, writes do nothing.

    Textual's own writer thread dies of the error, and its app then waits for ever to hand over the next line.

    Args:
        file: the terminal.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.gone = False

    def write(self, text: str) -> None:
        """Write, or do nothing."""
        if not self.gone:
            try:
                self._file.write(text)
            except OSError:
                self.gone = True

    def flush(self) -> None:
        """Flush, or do nothing."""
        if not self.gone:
            try:
                self._file.flush()
            except OSError:
                self.gone = True


def driver() -> type[Driver] | None:
    """Return the driver that outlives its terminal; None for Textual's own choice."""
    from textual import constants

    if os.name != "posix" or constants.DRIVER is not None:
        return None
    from textual.drivers.linux_driver import LinuxDriver

    class LastingDriver(LinuxDriver):
        """Textual's driver, except that the terminal may go away."""

        def start_application_mode(self) -> None:
            """Begin to draw."""
            if sys.__stderr__ is not None:
                self._file = UntilGone(sys.__stderr__)  # type: ignore[assignment]
            super().start_application_mode()  # type: ignore[no-untyped-call]

        def run_input_thread(self) -> None:
            """Read keys until the terminal is gone."""
            try:
                super().run_input_thread()
            except OSError:
                return  # `watch` sees it too, and ends the app

    return LastingDriver


def on_signals(end: Callable[[int], object]) -> None:
    """End the app on SIGHUP or SIGTERM; a second signal of the same kind ends the process.

    Args:
        end: ends the app; called in its loop with the exit code.
    """
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        loop.remove_signal_handler(number)
        # what was typed last may still be on its way to the draft
        loop.call_later(SETTLE_SECONDS, end, ENDED_BY_SIGNAL + number)

    for name in END_SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and os.name == "posix":
            loop.add_signal_handler(number, on_signal, int(number))


async def watch(end: Callable[[int], object]) -> None:
    """End the app when its terminal is gone.

    Args:
        end: as for `on_signals`.
    """
    if os.name != "posix" or sys.__stdin__ is None or not sys.__stdin__.isatty():
        return
    number = sys.__stdin__.fileno()
    outputs = [output for output in (1, 2) if os.isatty(output)]
    while os.isatty(number):  # noqa: ASYNC110 - nothing reports a terminal that is gone
        await asyncio.sleep(POLL_SECONDS)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for output in outputs:  # what Python still writes there on exit would raise an error
        os.dup2(nowhere, output)
    end(ENDED_BY_SIGNAL + int(signal.SIGHUP))
