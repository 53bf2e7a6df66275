"""Where Hermes keeps its home, as Hermes 0.19.0 finds it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

_PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_VALUE_FLAGS = frozenset(
    {"-z", "--oneshot", "-m", "--model", "--provider", "-t", "--toolsets", "-r", "--resume", "-s", "--skills"}
    | {"--usage-file"}
)
"""Options of `hermes` whose next word is a value, so never a `-p` of its own."""


def hermes_root(environ: Mapping[str, str]) -> Path:
    """Return the folder that holds Hermes' default home and its profiles.

    Args:
        environ: the environment variables; `HERMES_HOME` and `HOME` are read.

    Returns:
        `$HERMES_HOME` (of a profile's home: the folder above `profiles`), else `~/.hermes`.
    """
    named = environ.get("HERMES_HOME", "").strip()
    home = expand_user(named, environ) if named else expand_user("~/.hermes", environ)
    return home.parent.parent if home.parent.name == "profiles" else home


def hermes_home(environ: Mapping[str, str], command: Sequence[str] = ()) -> Path:
    """Return the home that Hermes will use.

    Args:
        environ: the environment variables; `HERMES_HOME` and `HOME` are read.
        command: a command that starts Hermes, for its `-p`/`--profile`; may be empty.

    Returns:
        `$HERMES_HOME`, default `~/.hermes`; a profile that the command names, or else one that was made
        sticky (`hermes profile use`), moves it to `profiles/<name>` below.
    """
    root = hermes_root(environ)
    named = environ.get("HERMES_HOME", "").strip()
    profile = _profile_in(command)
    if not profile:
        if named and expand_user(named, environ).parent.name == "profiles":
            return expand_user(named, environ)
        profile = _first_line(root / "active_profile")
    if profile in ("", "default") or not _PROFILE_NAME.fullmatch(profile):
        return root
    return root / "profiles" / profile


def _profile_in(command: Sequence[str]) -> str:
    """Return the profile that a `hermes …` command names, as Hermes parses it; empty without one."""
    if not command or Path(command[0]).name != "hermes":
        return ""
    words = list(command[1:])
    while words:
        word = words.pop(0)
        if word == "--":
            break
        if word in ("-p", "--profile") and words:
            return words[0]
        if word.startswith("--profile="):
            return word.removeprefix("--profile=")
        if word in _VALUE_FLAGS and words:
            words.pop(0)
    return ""


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # Hermes passes over an unreadable one as well


def expand_user(text: str, environ: Mapping[str, str]) -> Path:
    """Expand a leading `~` as Hermes does: by `HOME` of the given environment first."""
    home = environ.get("HOME", "")
    if home and (text == "~" or text.startswith("~/")):
        return Path(home) / text[2:]
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:  # ~nobody-of-that-name
        return path
