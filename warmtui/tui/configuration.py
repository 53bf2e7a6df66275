"""The settings that only the app can check: its theme and its keys."""

from __future__ import annotations

import pkgutil
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from textual.binding import Binding
from textual.keys import KEY_TO_UNICODE_NAME, Keys

from warmtui import tui
from warmtui.tui.commands import Command
from warmtui.tui.themes import OFFERED
from warmtui.workspace.settings import SettingProblem, Settings

RESERVED = {
    "ctrl+c": "copies in a field, else leaves the app",
    "ctrl+q": "leaves the app",
    "ctrl+p": "opens the palette",
}
"""Keys that cannot be remapped, so that there is always a way out."""
EVERYWHERE = ("app", "room", "rows")
"""Scopes whose keys work together with every screen's."""
TOGETHER: Mapping[str, Collection[str]] = {"text": ("timeline", "templates", "preview")}
"""Scopes of widgets, and the screens that have such a widget."""
MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED = frozenset(key.value for key in Keys) | frozenset(KEY_TO_UNICODE_NAME) | {"slash", "backslash", "at"}


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
            # `vars`, so that a subclass does not list what it inherits a second time
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
    usable, unusable = check_keymap(wanted, all_commands())
    for name, sentence in unusable.items():
        text, _, remedy = sentence.partition("; ")
        problems.append(SettingProblem(str(file), _place(name), text, remedy or "mend it, or take it out"))
    return Configuration(theme, usable, tuple(problems))


def _place(name: str) -> str:
    return f'keys."{name}"'


# keys


def check_keymap(
    keymap: Mapping[str, object], commands: Iterable[Command]
) -> tuple[dict[str, str], dict[str, str]]:
    """Check a person's keymap; Textual itself ignores unknown ids and lets keys clash silently.

    Args:
        keymap: binding id → key, as the settings hold it.
        commands: every command of the app.

    Returns:
        The entries that can be used, and for the others (an unknown id, an unknown key, a clash) by their id
        what is wrong and what to do, as a sentence.
    """
    defaults = {binding_id: _normal(key) for command in commands for binding_id, key in command.each_key()}
    usable: dict[str, str] = {}
    problems: dict[str, str] = {}
    for binding_id, key in keymap.items():
        text = _entry_problem(binding_id, key, defaults)
        if text:
            problems[binding_id] = text
        else:
            usable[binding_id] = _normal(str(key))
    while clash := _first_clash(usable, defaults):
        binding_id, other = clash
        del usable[binding_id]
        problems[binding_id] = f"{other} has this key already; give one of the two another"
    return usable, problems


def _entry_problem(binding_id: str, key: object, known: Mapping[str, str]) -> str:
    if binding_id not in known:
        near = get_close_matches(binding_id, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "the help screen lists the names"
        return f"no command is called {binding_id}; {hint}"
    if not isinstance(key, str) or not key.strip():
        return "a key is written as text, such as x, f5 or ctrl+e"
    if "," in key and key.strip() != ",":
        return "one key per command; further keys have names of their own"
    if not _is_key(_normal(key)):
        return f"no key is called {key}; write it as x, f5, ctrl+e or question_mark"
    return ""


def _first_clash(usable: Mapping[str, str], defaults: Mapping[str, str]) -> tuple[str, str] | None:
    final = {**defaults, **usable}
    for binding_id, key in usable.items():
        if key == defaults[binding_id]:
            continue  # default keys were chosen with each other in mind
        scope = binding_id.partition(".")[0]
        for other, other_key in final.items():
            other_scope = other.partition(".")[0]
            if other_key == key and other != binding_id and _together(scope, other_scope):
                return binding_id, other
    return None


def _together(scope: str, other: str) -> bool:
    """Return whether keys of the two scopes can work at once."""
    return (
        scope == other
        or scope in EVERYWHERE
        or other in EVERYWHERE
        or other in TOGETHER.get(scope, ())
        or scope in TOGETHER.get(other, ())
    )


def _normal(key: str) -> str:
    """Return a key as Textual names it: `?` → `question_mark`."""
    key = key.strip()
    return "comma" if key == "," else next(iter(Binding.make_bindings([Binding(key, "")]))).key


def _is_key(key: str) -> bool:
    *modifiers, name = key.split("+")
    if not MODIFIERS.issuperset(modifiers):
        return False
    if len(name) == 1:
        return name.isprintable()
    if name in _NAMED or name in ("minus", "plus", "underscore"):
        return True
    try:
        unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return False
    return True
