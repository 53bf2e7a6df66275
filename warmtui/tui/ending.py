"""Ending the app when its terminal or the system says so, with the draft kept as on any other way out.

Without this, a signal ends the process at once, and a terminal that goes away without one leaves the app
reading the end of a file for ever.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from textual.driver import Driver

LOOK_SECONDS = 0.5
"""Between two looks whether the terminal is still there; one costs a microsecond."""
ENDED_BY_SIGNAL = 128
"""Added to a signal's number for the exit code, as shells do."""
SIGNALS = ("SIGHUP", "SIGTERM")


class UntilGone:
    """A terminal to write to; when it is gone, what is written goes nowhere.

    Textual's own writing ends with an error then, and its app waits for ever to hand over the next line.

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
        """Textual's driver, but that a terminal may go away."""

        def start_application_mode(self) -> None:
            """Begin to draw."""
            if sys.__stderr__ is not None:
                self._file = UntilGone(sys.__stderr__)  # type: ignore[assignment]
            super().start_application_mode()  # type: ignore[no-untyped-call]

        def run_input_thread(self) -> None:
            """Read keys until there is nothing to read them from."""
            try:
                super().run_input_thread()
            except OSError:
                return  # `watch` sees it too, and ends the app

    return LastingDriver


def on_signals(end: Callable[[int], object]) -> None:
    """Have the app end when it is told to; a second signal of the kind ends the process.

    Args:
        end: ends the app; called in its loop with the exit code.
    """
    loop = asyncio.get_running_loop()

    def told(number: int) -> None:
        loop.remove_signal_handler(number)
        end(ENDED_BY_SIGNAL + number)

    for name in SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and os.name == "posix":
            loop.add_signal_handler(number, told, int(number))


async def watch(end: Callable[[int], object]) -> None:
    """Have the app end when its terminal is gone.

    Args:
        end: as for `on_signals`.
    """
    if os.name != "posix" or sys.__stdin__ is None or not sys.__stdin__.isatty():
        return
    number = sys.__stdin__.fileno()
    drawn_on = [one for one in (1, 2) if os.isatty(one)]
    while os.isatty(number):  # noqa: ASYNC110 - nobody tells of a terminal that is gone
        await asyncio.sleep(LOOK_SECONDS)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for one in drawn_on:  # what Python still writes there on its way out would be an error
        os.dup2(nowhere, one)
    end(ENDED_BY_SIGNAL + int(signal.SIGHUP))
