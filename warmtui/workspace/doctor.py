"""What may be wrong, looked at from outside."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from warmtui.errors import WarmtuiError
from warmtui.integrations.hermes.install import installed
from warmtui.integrations.hermes.prefill import configured_prefill
from warmtui.library.library import Library
from warmtui.workspace.context import Context
from warmtui.workspace.locations import Locations
from warmtui.workspace.reader import Reader
from warmtui.workspace.sessions import Sessions
from warmtui.workspace.settings import CheckSettings, SettingProblem


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "note", "problem"]
    text: str
    remedy: str = ""


async def check_all(
    context: Context, sessions: Sessions, library: Library, check_settings: CheckSettings | None
) -> list[Check]:
    """Check everything that may be wrong: programs, settings, sources, library, Hermes' prefill.

    Args:
        context: the workspace's environment.
        sessions: opens the sources.
        library: the saved templates.
        check_settings: says what is wrong with the settings that only the app knows.
    """
    path = context.locations.config
    app_problems = check_settings(context.settings, path) if check_settings else ()
    return [
        check_programs(),
        *settings_checks(path, (*context.settings_problems, *app_problems)),
        *await sessions.read_with(lambda: check_sources(sessions.reader)),
        *await check_library(library),
        *check_hermes(context.locations, context.environ),
    ]


def check_programs() -> Check:
    """Tell which Python and SQLite run this."""
    return Check("python", "ok", f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")


def check_sources(reader: Reader) -> list[Check]:
    """Open every source and count its sessions; nothing is judged."""
    try:
        paths = reader.paths()
        headers = reader.headers()
    except WarmtuiError as error:
        return [Check("source", "problem", error.what, error.remedy)]
    counts = Counter(str(source.path) for source, _ in headers)
    empty = Counter(str(source.path) for source, header in headers if not header.rows)
    checks = []
    for path in map(str, paths):
        if path in counts:
            text = f"{path}: {counts[path]:,} sessions, {empty[path]:,} of them empty"
            checks.append(Check("source", "ok", text))
        elif not any(problem.place == path for problem in reader.problems()):
            checks.append(Check("source", "note", f"{path}: no sessions"))
    checks += [Check("source", "problem", f"{one.place}: {one.text}") for one in reader.problems()]
    return checks


async def check_library(library: Library) -> list[Check]:
    """Verify the library: its file, its records, its hashes."""
    if not library.path.exists():
        return [Check("library", "note", f"{library.path} does not exist yet; the first save makes it")]
    try:
        listing = await library.listing()
        problems = await library.verify()
    except WarmtuiError as error:
        return [Check("library", "problem", error.what, error.remedy)]
    found = [Check("library", "problem", text) for text in problems]
    return found or [
        Check("library", "ok", f"{library.path}: {_counted(len(listing.templates))}, hashes right")
    ]


def _counted(templates: int) -> str:
    return "1 template" if templates == 1 else f"{templates:,} templates"


def check_hermes(locations: Locations, environ: Mapping[str, str]) -> list[Check]:
    """Tell which prefill Hermes is told to send, and whether it is ours."""
    home = locations.hermes_home
    if not home.is_dir():
        return [Check("hermes", "note", f"{home} does not exist: Hermes was not started here yet")]
    try:
        ours = installed(home)
        configured = configured_prefill(home, environ)
    except WarmtuiError as error:
        return [Check("hermes", "problem", error.what, error.remedy)]
    if ours is not None and not ours.active:
        return [
            Check(
                "hermes", "note", f"{ours.config} no longer names {ours.path}", "warmtui uninstall tidies up"
            )
        ]
    if configured is None:
        return [Check("hermes", "ok", f"{home}: no prefill is configured")]
    if configured.problem:
        return [
            Check(
                "hermes",
                "problem",
                configured.problem,
                "Hermes starts without it and says so only in its log",
            )
        ]
    whose = "ours" if ours is not None else "not ours"
    return [Check("hermes", "ok", f"{configured.path} is sent by default ({whose}, {configured.where})")]


def settings_checks(path: Path, problems: Sequence[SettingProblem]) -> list[Check]:
    """Tell what is wrong in the settings file.

    Args:
        path: the file; it need not exist.
        problems: what was found wrong in it.
    """
    if problems:
        return [Check("settings", "problem", f"{one.where}: {one.text}", one.remedy) for one in problems]
    if not path.exists():
        return [Check("settings", "ok", f"defaults; {path} does not exist")]
    return [Check("settings", "ok", f"{path}")]
