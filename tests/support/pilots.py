"""Driving the app in tests: waiting for what shall come, and reading what is on the screen."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot

PATIENCE = 30.0
"""Seconds after which a test gives up; only a failing test waits that long."""


async def wait_for(pilot: Pilot[Any], predicate: Callable[[], object], what: str = "") -> None:
    """Wait until the predicate holds, letting the app work in between."""
    end = time.monotonic() + PATIENCE
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE:g} s in vain for {what or predicate}")
        await pilot.pause()
        await asyncio.sleep(0)
    await pilot.pause()


def toasts(app: App[Any]) -> list[str]:
    """Return the messages of the toasts on the screen."""
    return [toast.message for toast in app._notifications]


def screen_lines(pilot: Pilot[Any]) -> list[str]:
    """Return the text of the whole screen, as it is shown, a string per line."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    assert len(strips) <= height, f"{len(strips)} lines on a screen {width}×{height}"
    return [strip.text for strip in strips]


def screen_text(pilot: Pilot[Any]) -> str:
    """Return the text of the whole screen, lines without their trailing blanks."""
    return "\n".join(line.rstrip() for line in screen_lines(pilot))


def hostile_characters(text: str) -> set[str]:
    """Return the characters a terminal could obey or hide: Cc, Cs and Cf, the joiner of emoji excepted."""
    return {
        f"U+{ord(char):04X}"
        for char in text
        if unicodedata.category(char) in ("Cc", "Cs", "Cf") and char not in ("\u200d", "\n")
    }
