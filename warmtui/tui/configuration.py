"""The settings that only the app can check: its theme and its keys."""

from __future__ import annotations

import pkgutil
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from warmtui import tui
from warmtui.tui.commands import Command, check_keymap
from warmtui.tui.themes import OFFERED
from warmtui.workspace.settings import SettingProblem, Settings

RESERVED = {
    "ctrl+c": "copies in a field, else leaves the app",
    "ctrl+q": "leaves the app",
    "ctrl+p": "opens the palette",
}
"""Keys that cannot be remapped, so that there is always a way out."""


class Configuration(NamedTuple):
    """The usable settings of the app, and the problems of the others."""

    theme: str
    """Empty for the theme of the last time."""
    keymap: dict[str, str]
    """The keymap for `App.set_keymap`."""
    problems: tuple[SettingProblem, ...]


def all_commands() -> tuple[Command, ...]:
    """Return every command of the app; imports all its modules."""
    found: dict[Command, None] = {}
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        for kind in vars(import_module(module.name)).values():
            keys = vars(kind).get("KEYS", ()) if isinstance(kind, type) else ()
            found |= dict.fromkeys(command for command in keys if isinstance(command, Command))
    return tuple(found)


def check(settings: Settings, file: Path) -> Configuration:
    """Check theme and keys.

    Args:
        settings: as they were read.
        file: where they were read, to name it.

    Returns:
        The usable settings; the others keep their defaults and have a problem each.
    """
    problems: list[SettingProblem] = []
    theme = settings.theme
    if theme and theme not in OFFERED:
        near = get_close_matches(theme, OFFERED, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(OFFERED)}"
        problems.append(SettingProblem(str(file), "theme", f"there is no theme {theme!r}", remedy))
        theme = ""
    if not settings.keys:
        # importing every screen is only worth it where keys were changed
        return Configuration(theme, {}, tuple(problems))
    wanted = dict(settings.keys)
    for name, key in settings.keys.items():
        if key.strip().lower() in RESERVED:
            text = f"{key} {RESERVED[key.strip().lower()]}"
            problems.append(SettingProblem(str(file), _place(name), text, "give it another key"))
            del wanted[name]
    checked = check_keymap(wanted, all_commands())
    for problem in checked.problems:
        text, _, remedy = problem.text.partition("; ")
        remedy = remedy or "mend it, or take it out"
        problems.append(SettingProblem(str(file), _place(problem.id), text, remedy))
    return Configuration(theme, checked.usable, tuple(problems))


def _place(name: str) -> str:
    return f'keys."{name}"'
