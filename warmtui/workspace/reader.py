"""The sources of a workspace: opened, listed, and searched for a session by its name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from warmtui.errors import AmbiguousError, NotFoundError, SourceError
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Problem, Session, SessionHeader, unjudged
from warmtui.model.stats import SessionSummary
from warmtui.registry import open_source, source_paths
from warmtui.sources.base import Source

OnProgress = Callable[[int, int], None]
"""Called with how many of how many are done."""
CHOICES = 5
"""How many matching names an error lists."""


class SessionListing(NamedTuple):
    """The result of `Sessions.list`."""

    sessions: tuple[SessionSummary, ...]
    """Newest first."""
    hidden: dict[str, int]
    """How many sessions were left out, by reason: `empty`, `archived`, `hidden`."""
    problems: tuple[Problem, ...]


class LocatedSession(NamedTuple):
    """A session and the source that holds it."""

    source: Source
    header: SessionHeader


@dataclass(frozen=True, slots=True)
class JudgedSession:
    """A session with the outcome of each of its calls."""

    session: Session
    calls: tuple[JudgedCall, ...]


class Reader:
    """All sources of one workspace, used from one thread at a time.

    Args:
        specs: paths or agents' names; empty to look where the known agents keep their sessions.
        environ: the environment variables, which say where those are.
        now: the clock, Unix seconds.
        findings_are_errors: count test runners that reported failures as errors.
        stop: set to end a long read after the session at hand.
    """

    def __init__(
        self,
        specs: Sequence[str],
        environ: Mapping[str, str],
        *,
        now: Callable[[], float],
        findings_are_errors: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        self._specs = tuple(specs)
        self._environ = environ
        self.now = now
        self.findings_are_errors = findings_are_errors
        self._sources: dict[Path, Source] = {}
        self._problems: list[Problem] = []
        self._headers: list[LocatedSession] | None = None
        self.stop = stop or threading.Event()

    def paths(self) -> list[Path]:
        """Return the paths that the specs name.

        Raises:
            UsageError: a name that is neither a path nor an agent.
            SourceError: nothing was named and nothing was found.
        """
        return source_paths(self._specs, self._environ)

    def _open(self) -> list[Source]:
        """Open what is not open yet; a source that failed before is tried again."""
        failures: list[SourceError] = []
        for path in self.paths():
            if path in self._sources:
                continue
            try:
                self._sources[path] = open_source(path)
            except SourceError as error:
                failures.append(error)
                self._problems.append(Problem(str(path), str(error)))
        if not self._sources:
            raise failures[0]
        return list(self._sources.values())

    def headers(self) -> list[LocatedSession]:
        """Return every session's header with its source, newest first.

        Raises:
            SourceError: no source could be read.
        """
        if self._headers is None:
            found: list[LocatedSession] = []
            failures: list[SourceError] = []
            sources = self._open()
            for source in sources:
                try:
                    listing = source.listing()
                except SourceError as error:
                    failures.append(error)
                    self._problems.append(Problem(str(source.path), str(error)))
                    continue
                self._problems += listing.problems
                found += (LocatedSession(source, header) for header in listing.headers)
            if len(failures) == len(sources):
                raise failures[0]
            found.sort(key=lambda located: _age_key(located.header), reverse=True)
            self._headers = found
        return self._headers

    def source(self, path: Path) -> Source:
        """Return the source at one of `paths`, opened when it is first asked for.

        Raises:
            SourceError: it cannot be read.
        """
        if path not in self._sources:
            self._sources[path] = open_source(path)
        return self._sources[path]

    def note_problem(self, path: Path, error: SourceError) -> None:
        """Note that a source cannot be read."""
        self._problems.append(Problem(str(path), str(error)))

    def forget_headers(self) -> None:
        """Make the next `headers` look again; a source that failed is tried again too."""
        self._headers = None
        self._problems.clear()

    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read so far."""
        return tuple(self._problems)

    def judged(self, chosen: Sequence[LocatedSession], *, prompts: bool = True) -> Iterator[JudgedSession]:
        """Read and judge sessions, source by source, in the given order within each."""
        # imported only here, because listing sessions that were judged before needs none of the rules
        from warmtui.analysis.calls import judge_calls

        by_source: dict[int, tuple[Source, list[str]]] = {}
        for source, header in chosen:
            by_source.setdefault(id(source), (source, []))[1].append(header.id)
        now = self.now()
        for source, ids in by_source.values():
            for session in source.read(ids, prompts=prompts):
                if self.stop.is_set():
                    return
                self._problems += session.problems
                try:
                    calls = judge_calls(session, now=now, findings_are_errors=self.findings_are_errors)
                except Exception as error:  # our fault with one session must not hide the others
                    self._problems.append(unjudged(session.header.source, session.header.id, error))
                    continue
                yield JudgedSession(session, calls)

    def find(self, reference: str) -> LocatedSession:
        """Find one session by any unique prefix of its id, `agent:prefix`, or its whole title.

        Raises:
            NotFoundError: nothing fits; close names are offered.
            AmbiguousError: several fit.
        """
        headers = self.headers()
        agent, _, prefix = reference.rpartition(":")
        fits = [found for found in headers if found.header.id == reference]
        if not fits and agent:
            of_agent = [found for found in headers if found.header.agent == agent]
            fits = [found for found in of_agent if found.header.id == prefix]
            fits = fits or [found for found in of_agent if prefix and found.header.id.startswith(prefix)]
        if not fits and reference:
            fits = [found for found in headers if found.header.id.startswith(reference)]
        if not fits:
            title = reference.strip().casefold()
            fits = [found for found in headers if title and (found.header.title or "").casefold() == title]
        if not fits:
            close = get_close_matches(reference, [header.id for _, header in headers], n=3, cutoff=0.6)
            raise NotFoundError(
                f"no session is named {reference!r}",
                f"did you mean {', '.join(close)}?" if close else "see: warmtui sessions --all",
            )
        if len(fits) > 1:
            shown = ", ".join(_choice(header, fits) for _, header in fits[:CHOICES])
            more = f" and {len(fits) - CHOICES} more" if len(fits) > CHOICES else ""
            raise AmbiguousError(
                f"{len(fits)} sessions are named {reference!r}…: {shown}{more}", "give more of the id"
            )
        return fits[0]

    def get(self, reference: str) -> JudgedSession:
        """Read and judge the session that `find` finds.

        Raises:
            NotFoundError: none or several are named so, or it went away.
        """
        found = self.find(reference)
        for judged in self.judged([found]):
            return judged
        raise NotFoundError(
            f"session {found.header.id} is gone from {found.header.source}", "list the sessions again"
        )

    def close(self) -> None:
        """Close every source."""
        for source in self._sources.values():
            source.close()
        self._sources.clear()
        self._headers = None


def _choice(header: SessionHeader, fits: Sequence[LocatedSession]) -> str:
    same = [other for _, other in fits if other.id == header.id]
    if len(same) == 1:
        return header.id
    return f"{header.agent}:{header.id} in {header.source}"


def _age_key(header: SessionHeader) -> tuple[float, str]:
    return (header.last_active_at or header.started_at or 0.0, header.id)
