"""Complete a path as it is typed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

MOST = 200
"""Names that are looked at in sorted order for what a person could mean; more cannot be read anyway."""


class Completion(NamedTuple):
    """What a path that is typed can become."""

    text: str
    """The path as far as it is certain: longer than what was typed if all matches begin alike."""
    fits: tuple[str, ...]
    """Names in the folder that fit, folders with a slash at the end, sorted; at most `MOST`."""


def complete(typed: str) -> Completion:
    """Complete a path.

    Args:
        typed: as a person types it: absolute, from the current folder, or from `~`.

    Returns:
        What it can become. Names that begin with a dot fit only when a dot was typed. Nothing fits in a
        folder that is not there or cannot be read.
    """
    folder, _, start = typed.rpartition("/")
    head = f"{folder}/" if "/" in typed else ""
    if typed == "~":
        return Completion("~/", ("~/",))
    try:
        here = Path(head or ".").expanduser()
        with os.scandir(here) as entries:
            names = [
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(start) and (start.startswith(".") or not entry.name.startswith("."))
            ]
    except (OSError, RuntimeError, ValueError):
        return Completion(typed, ())
    fits = tuple(sorted(names)[:MOST])
    certain = _common(min(names), max(names)) if names else start
    return Completion(head + certain if len(certain) > len(start) else typed, fits)


def _common(first: str, last: str) -> str:
    """Return what two texts, and all that sort between them, begin with."""
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[:same]
