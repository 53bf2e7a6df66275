"""Pictures of a screen as text: what stands where, and in which look, so that a difference can be read."""

from __future__ import annotations

import difflib
import os
import re
import string
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pilots import wait_for
from textual.pilot import Pilot

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "tui" / "snapshots"
RENEW = "WARMTUI_RENEW_SNAPSHOTS"
"""Set it to write the pictures anew; then read the difference in git."""
VOLATILE = re.compile(r"^ *(draft )?(kept|read)( \d+ s)?( ago)? *$|^, read \d+ s ago *$")
"""Pieces of a line that say how long ago something was; they are left out."""
LETTERS = string.ascii_letters + string.digits
SETTLED = 1.0
"""Seconds without a change after which a picture is taken."""


def picture(app: Any) -> str:
    """Return the screen: its lines, then a letter per cell for the look, then what the letters stand for."""
    looks: dict[str, str] = {}
    texts, styles = [], []
    for strip in app.screen._compositor.render_strips():
        text = style = ""
        for segment in strip:
            if VOLATILE.match(segment.text):
                continue
            look = str(segment.style) if segment.style else "none"
            # actions and links ride along in a style and are not seen
            look = re.sub(r" ?(meta|link)\b.*", "", look)
            letter = looks.setdefault(look, LETTERS[len(looks) % len(LETTERS)])
            text += segment.text
            style += letter * len(segment.text)
        text = text.rstrip()
        texts.append(text)
        styles.append(style[: len(text)])
    legend = [f"{letter} {look}" for look, letter in looks.items()]
    return "\n".join([*texts, "=" * 20, *styles, "=" * 20, *legend]) + "\n"


def pinned(name: str) -> str:
    """Return the version of a package that the pictures were taken with."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name}=="))


def skip_where_it_looks_otherwise() -> None:
    """Skip where Textual or rich are of other versions than the pictures: they draw otherwise."""
    for name in ("textual", "rich"):
        if version(name) != pinned(name):
            pytest.skip(f"the pictures are of {name} {pinned(name)}, here is {version(name)}")


async def expect_snapshot(pilot: Pilot[Any], name: str) -> None:
    """Wait until the screen looks as it is stored; fail with the difference when it does not come to.

    Args:
        pilot: drives the app.
        name: of the picture, without folder and ending.
    """
    path = FOLDER / f"{name}.txt"
    if os.environ.get(RENEW):
        await wait_for(pilot, _settled(pilot), f"{name} to settle")
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture(pilot.app), encoding="utf-8")
        return
    assert path.exists(), f"there is no {path.name}; {RENEW}=1 makes it"
    wanted = path.read_text(encoding="utf-8")
    try:
        await wait_for(pilot, lambda: picture(pilot.app) == wanted, name)
    except AssertionError:
        found = picture(pilot.app)
        lines = difflib.unified_diff(
            wanted.splitlines(), found.splitlines(), f"{name}, stored", f"{name}, now", lineterm="", n=1
        )
        words = "\n".join(lines)
        pytest.fail(
            f"{words}\n\nif this is right: {RENEW}=1 pytest tests/tui/test_snapshots.py", pytrace=False
        )


def _settled(pilot: Pilot[Any]) -> Callable[[], bool]:
    """Return what tells that the screen has not changed for a while."""
    last, since = "", time.perf_counter()

    def settled() -> bool:
        nonlocal last, since
        now = picture(pilot.app)
        if now != last:
            last, since = now, time.perf_counter()
        return time.perf_counter() - since > SETTLED

    return settled
