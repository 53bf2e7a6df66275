"""Health checks behind `warmtui doctor`."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from warmtui import registry
from warmtui.errors import LibraryError, WarmtuiError
from warmtui.integrations.base import Check
from warmtui.library.index import Unread
from warmtui.library.library import Library
from warmtui.library.text_index import state_of
from warmtui.model.session import Problem, SessionHeader
from warmtui.text import counted, iso
from warmtui.workspace.context import Context
from warmtui.workspace.sessions import Sessions
from warmtui.workspace.settings import CheckSettings, SettingProblem

JUDGED_ROWS = 60_000
"""Up to this many rows are judged to tell what was not understood: some seconds of work."""


class SourceReport(NamedTuple):
    """What one source holds."""

    path: str
    agent: str
    sessions: int
    """All of its sessions; those below included, which lists leave out."""
    empty: int
    archived: int
    hidden: int
    """Those that their agent keeps out of its own lists."""
    copies: int
    """Those that stand in another source too, which lists the newer copy."""
    newest: float | None
    """When a session was active last, Unix seconds."""
    not_judged: int
    """Those of which it is not known yet what is not understood."""
    unread: int
    """How many things were not understood in the others."""
    unread_sessions: int
    """In how many sessions."""
    problems: tuple[Problem, ...]
    """The same by kind."""
    search: str
    """What a search covers."""


class Diagnosis(NamedTuple):
    """The result of `check_all`."""

    checks: tuple[Check, ...]
    sources: tuple[SourceReport, ...]


async def check_all(
    context: Context, sessions: Sessions, library: Library, check_settings: CheckSettings | None
) -> Diagnosis:
    """Check everything that may be wrong: programs, settings, sources, library, agents.

    Args:
        context: the workspace's environment.
        sessions: opens the sources.
        library: the saved templates.
        check_settings: says what is wrong with the settings that only the app knows.
    """
    path = context.locations.config
    app_problems = check_settings(context.settings, path) if check_settings else ()
    unread: Sequence[Unread] = ()
    with suppress(WarmtuiError):  # checking the sources says why
        unread = await sessions.unread(JUDGED_ROWS)
    sources = await sessions.read_with(lambda: check_sources(sessions, context, unread))
    checks = (
        Check("python", "ok", f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"),
        *settings_checks(path, (*context.settings_problems, *app_problems)),
        *sources.checks,
        *await check_library(library),
        check_words(context.locations.words_file),
        *check_integrations(context.environ),
    )
    return Diagnosis(checks, sources.sources)


def check_sources(sessions: Sessions, context: Context, unread: Sequence[Unread]) -> Diagnosis:
    """Open every source, count its sessions, and say how much was not understood of those that are judged."""
    reader = sessions.reader
    known = {figures.source: figures for figures in unread}
    checks: list[Check] = []
    if not context.sources:
        checks = [
            Check("source", "note", f"no {title} sessions: {why}")
            for title, why in registry.missing(context.environ)
        ]
    try:
        listed = Counter(header.source for _, header in reader.headers())
    except WarmtuiError as error:
        return Diagnosis((*checks, Check("source", "problem", error.what, error.remedy)), ())
    told = reader.problems()
    by_source: dict[str, list[SessionHeader]] = {place: [] for place in reader.places()}
    for header in reader.all_headers():
        by_source[header.source].append(header)
    reports = []
    for place, headers in by_source.items():
        if not headers:
            if not any(problem.place == place for problem in told):
                checks.append(Check("source", "note", f"{place}: no sessions"))
            continue
        report = _report(headers, len(headers) - listed[place], known.get(place), sessions.summary(place))
        reports.append(report)
        checks += [Check("source", "ok", _described(report)), *_understanding(report)]
    checks += [Check("source", "note", text) for text in reader.notes()]
    failures = reader.failures()
    checks += [
        Check("source", "problem" if problem in failures else "note", f"{problem.place}: {problem.text}")
        for problem in told
    ]
    return Diagnosis(tuple(checks), tuple(reports))


def _report(
    headers: Sequence[SessionHeader], copies: int, unread: Unread | None, problems: tuple[Problem, ...]
) -> SourceReport:
    empty = sum(not header.rows for header in headers)
    active = (header.last_active_at or header.started_at for header in headers)
    agent = headers[0].agent
    own = any(known.name == agent and known.open_search is not None for known in registry.AGENTS)
    return SourceReport(
        path=headers[0].source,
        agent=agent,
        sessions=len(headers),
        empty=empty,
        archived=sum(header.archived for header in headers),
        hidden=sum(header.hidden for header in headers),
        copies=copies,
        newest=max((at for at in active if at is not None), default=None),
        not_judged=0 if unread is None else unread.waiting,
        unread=0 if unread is None else unread.things,
        unread_sessions=0 if unread is None else unread.sessions,
        problems=problems,
        search="messages, through the agent's own index" if own else "messages, through warmtui's index",
    )


def _described(report: SourceReport) -> str:
    """Write what a source holds as a line."""
    titles = {agent.name: agent.title for agent in registry.AGENTS}
    apart = [
        f"{count:,} {what}"
        for count, what in (
            (report.empty, "empty"),
            (report.archived, "archived"),
            (report.hidden, "hidden by it"),
            (report.copies, "copies of another source's"),
        )
        if count
    ]
    left_out = f", of them {', '.join(apart)}" if apart else ""
    newest = f"; newest {iso(report.newest)}" if report.newest is not None else ""
    return (
        f"{report.path}: {titles.get(report.agent, report.agent)}, {counted(report.sessions, 'session')}"
        f"{left_out}{newest}; a search covers {report.search}"
    )


def _understanding(report: SourceReport) -> Iterator[Check]:
    """Say how much was not understood of a source, as far as its sessions are judged."""
    if report.unread:
        things, sessions = counted(report.unread, "thing"), counted(report.unread_sessions, "session")
        text = f"{report.path}: {things} in {sessions} not understood"
        yield Check("source", "note", text, "their profiles name them: warmtui sessions 'unread>0'")
    for problem in report.problems:
        yield Check("source", "note", f"{problem.place}: {problem.text}")
    if report.not_judged:
        text = f"{report.path}: {counted(report.not_judged, 'session')} not judged yet, so not all is known"
        yield Check("source", "note", text, "judge them: warmtui sessions")


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


def check_words(file: Path) -> Check:
    """Say what the index of words holds, which some agents' sessions are searched through."""
    try:
        state = state_of(file)
    except LibraryError as error:
        return Check("words", "note", f"the index of words {error.what}", error.remedy)
    if state is None:
        return Check("words", "note", f"{file} does not exist yet; the first search that needs it makes it")
    held = f"{counted(state.sessions, 'session')} of {counted(state.sources, 'source')}"
    return Check("words", "ok", f"{file}: {held}, {state.size / 1e6:,.1f} MB, unmasked; safe to delete")


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
