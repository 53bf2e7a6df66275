"""Health checks behind `warmtui doctor`."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from warmtui import registry
from warmtui.errors import WarmtuiError
from warmtui.integrations.base import Check
from warmtui.library.library import Library
from warmtui.text import counted
from warmtui.workspace.context import Context
from warmtui.workspace.reader import Reader
from warmtui.workspace.sessions import Sessions
from warmtui.workspace.settings import CheckSettings, SettingProblem

JUDGED_ROWS = 60_000
"""Up to this many rows are judged to tell what was not understood: some seconds of work."""


async def check_all(
    context: Context, sessions: Sessions, library: Library, check_settings: CheckSettings | None
) -> list[Check]:
    """Check everything that may be wrong: programs, settings, sources, library, agents.

    Args:
        context: the workspace's environment.
        sessions: opens the sources.
        library: the saved templates.
        check_settings: says what is wrong with the settings that only the app knows.
    """
    path = context.locations.config
    app_problems = check_settings(context.settings, path) if check_settings else ()
    return [
        Check("python", "ok", f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"),
        *settings_checks(path, (*context.settings_problems, *app_problems)),
        *await sessions.read_with(lambda: check_sources(sessions.reader)),
        *await check_understanding(sessions),
        *await check_library(library),
        *check_integrations(context.environ),
    ]


def check_sources(reader: Reader) -> list[Check]:
    """Open every source and count its sessions."""
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
    checks += [Check("source", "note", text) for text in reader.notes()]
    checks += [
        Check("source", "problem", f"{problem.place}: {problem.text}") for problem in reader.problems()
    ]
    return checks


async def check_understanding(sessions: Sessions) -> list[Check]:
    """Say how much was not understood of each source, as far as its sessions are judged."""
    try:
        found = await sessions.unread(JUDGED_ROWS)
    except WarmtuiError:
        return []  # checking the sources says why
    checks = []
    for source, things, in_sessions, waiting in found:
        if things:
            text = f"{source}: {counted(things, 'thing')} in {counted(in_sessions, 'session')} not understood"
            checks.append(
                Check("source", "note", text, "their profiles name them: warmtui sessions 'unread>0'")
            )
        if waiting:
            text = f"{source}: {counted(waiting, 'session')} not judged yet, so not all is known"
            checks.append(Check("source", "note", text, "judge them: warmtui sessions"))
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
    templates = counted(len(listing.templates), "template")
    return found or [Check("library", "ok", f"{library.path}: {templates}, hashes right")]


def check_integrations(environ: Mapping[str, str]) -> list[Check]:
    """Check what each agent that can be configured is set to send."""
    integrations = [agent.integration for agent in registry.AGENTS if agent.integration is not None]
    return [check for integration in integrations for check in integration.checks(environ)]


def settings_checks(path: Path, problems: Sequence[SettingProblem]) -> list[Check]:
    """Report what is wrong in the settings file.

    Args:
        path: the file; it need not exist.
        problems: what was found wrong in it.
    """
    found = [
        Check("settings", "problem", f"{problem.where}: {problem.text}", problem.remedy)
        for problem in problems
    ]
    return found or [
        Check("settings", "ok", str(path) if path.exists() else f"defaults; {path} does not exist")
    ]
