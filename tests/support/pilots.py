"""Driving the app in tests: waiting for what shall come, and reading what is on the screen."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from warmtui.tui.sessions.session_list import SessionRows
from warmtui.workspace.session_table import SessionKey

S = TypeVar("S", bound=Screen[Any])
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


async def expect_screen(pilot: Pilot[Any], kind: type[S]) -> S:
    """Wait until the app shows a screen of this kind, and return it."""
    await wait_for(pilot, lambda: isinstance(pilot.app.screen, kind), kind.__name__)
    screen = pilot.app.screen
    assert isinstance(screen, kind)
    return screen


def toasts(app: App[Any]) -> list[str]:
    """Return the messages of the toasts on the screen."""
    return [toast.message for toast in app._notifications]


def toast_text(app: App[Any]) -> str:
    """Return the messages of the toasts on the screen, a line each."""
    return "\n".join(toasts(app))


def session_keys(rows: SessionRows) -> list[SessionKey]:
    """Return the sessions of a list, in its order."""
    return [row.key for row in rows.sessions(0, len(rows))]


def screen_lines(pilot: Pilot[Any]) -> list[str]:
    """Return the text of the whole screen, as it is shown, a string per line."""
    width, height = pilot.app.size
    strips = pilot.app.screen._compositor.render_strips()
    assert len(strips) <= height, f"{len(strips)} lines on a screen {width}×{height}"
    return [strip.text for strip in strips]


def screen_text(pilot: Pilot[Any]) -> str:
    """Return the text of the whole screen, lines without their trailing blanks."""
    return "\n".join(line.rstrip() for line in screen_lines(pilot))


def widget_lines(widget: Widget) -> list[str]:
    """Return the text that a widget draws, a string per line, borders included."""
    region = widget.region.reset_offset
    return [strip.text for strip in widget.render_lines(region)]


def hostile_characters(text: str) -> set[str]:
    """Return the characters a terminal could obey or hide: Cc, Cs and Cf, the joiner of emoji excepted."""
    return {
        f"U+{ord(char):04X}"
        for char in text
        if unicodedata.category(char) in ("Cc", "Cs", "Cf") and char not in ("\u200d", "\n")
    }
