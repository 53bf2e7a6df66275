"""The sources of a workspace: opened, listed, and searched for a session by its name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from warmtui.analysis.unread import not_understood
from warmtui.errors import NotFoundError, SourceError
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Problem, Session, SessionHeader, unjudged
from warmtui.model.stats import SessionSummary
from warmtui.registry import open_source, source_paths
from warmtui.sources.base import Source
from warmtui.workspace.copies import Copies, key_of
from warmtui.workspace.references import find_header

OnProgress = Callable[[int, int], None]
"""Called with how many of how many are done."""


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
    copies: tuple[Problem, ...] = ()
    """Where else it stands."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was not understood of it, and where else it stands."""
        return (*not_understood(self.session, self.calls), *self.copies)


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
        self._failures: list[Problem] = []
        """Why sources could not be read."""
        self._notes: dict[str, None] = {}
        self._unnamed: tuple[Problem, ...] = ()
        """Specs that name nothing that can be read."""
        self._headers: list[LocatedSession] | None = None
        self._copied: list[LocatedSession] = []
        self.copies = Copies(self._read)
        """Which sessions are listed once although several sources hold them."""
        self.stop = stop or threading.Event()

    def paths(self) -> list[Path]:
        """Return the paths that the specs name.

        Raises:
            UsageError: nothing is named but an agent that cannot be read yet.
            SourceError: nothing is named but agents without sessions, or nothing was named and found.
        """
        named = source_paths(self._specs, self._environ)
        self._unnamed = tuple(Problem(spec, str(error)) for spec, error in named.failures.items())
        return named.paths

    def _open(self) -> list[Source]:
        """Open what is not open yet; a source that failed before is tried again."""
        failures: list[SourceError] = []
        opened: dict[Path, Source] = {}
        for path in self.paths():
            try:
                source = self.source(path)
            except SourceError as error:
                failures.append(error)
                self.note_problem(path, error)
            else:
                opened.setdefault(source.path, source)
        if not opened:
            raise failures[0]
        return list(opened.values())

    def searched(self) -> list[str]:
        """Return the sources to search, each once however it is named; those that cannot be read too.

        Raises:
            SourceError: no source could be read.
        """
        opened = self._open()
        failed = (path for path in self.paths() if not self.is_open(path))
        return [*(str(source.path) for source in opened), *map(str, failed)]

    def headers(self) -> list[LocatedSession]:
        """Return every session's header with its source, newest first; of copies the newest only.

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
                    self.note_problem(source.path, error)
                    continue
                self._problems += listing.problems
                self._notes |= dict.fromkeys(listing.notes)
                found += (LocatedSession(source, header) for header in listing.headers)
            if len(failures) == len(sources):
                raise failures[0]
            found.sort(key=lambda located: _age_key(located.header), reverse=True)
            self._leave_out_copies(found, [str(source.path) for source in sources])
        return self._headers or []

    def _leave_out_copies(self, found: Sequence[LocatedSession], places: Sequence[str]) -> None:
        groups: dict[tuple[str, str], list[SessionHeader]] = {}
        if len(places) > 1:
            for _, header in found:
                groups.setdefault((header.agent, header.id), []).append(header)
        self.copies.settle(
            sorted(group, key=lambda header: places.index(header.source))
            for group in groups.values()
            if len(group) > 1
        )
        self._headers = [item for item in found if key_of(item.header) not in self.copies.newer]
        self._copied = [item for item in found if key_of(item.header) in self.copies.newer]

    def _read(self, header: SessionHeader) -> Session | None:
        """Read one session without judging it; None if it cannot be read."""
        with suppress(SourceError):
            return next(self.source_at(header.source).read([header.id], prompts=False), None)
        return None

    def source_at(self, place: str) -> Source:
        """Return the source whose sessions name this place as theirs, opened when it is first asked for.

        Raises:
            SourceError: it cannot be read.
        """
        opened = (source for source in self._sources.values() if str(source.path) == place)
        return next(opened, None) or self.source(Path(place))

    def source(self, path: Path) -> Source:
        """Return the source at one of `paths`, opened when it is first asked for.

        Raises:
            SourceError: it cannot be read.
        """
        if path not in self._sources:
            self._sources[path] = open_source(path)
        return self._sources[path]

    def is_open(self, path: Path) -> bool:
        """Whether the source at one of `paths` was opened already."""
        return path in self._sources

    def note_problem(self, path: Path, error: SourceError) -> None:
        """Note that a source cannot be read."""
        self._failures.append(Problem(str(path), str(error)))

    def drop_problems(self, path: Path) -> None:
        """Forget why a source could not be read: it can be now."""
        self._failures = [failure for failure in self._failures if failure.place != str(path)]

    def forget_headers(self) -> None:
        """Make the next `headers` look again; a source that failed is tried again too."""
        self._headers = None
        self._problems.clear()
        self._failures.clear()

    def notes(self) -> tuple[str, ...]:
        """Return what `headers` found that a person should know once."""
        return tuple(self._notes)

    def all_headers(self) -> list[SessionHeader]:
        """Return the headers that `headers` found, with those of the copies that it leaves out."""
        return [found.header for found in (*(self._headers or ()), *self._copied)]

    def places(self) -> list[str]:
        """Return what the sessions of the opened sources name as their source."""
        return list(dict.fromkeys(str(source.path) for source in self._sources.values()))

    def failures(self) -> tuple[Problem, ...]:
        """Return why sources could not be read; the other problems are of sources that could."""
        return (*self._unnamed, *dict.fromkeys(self._failures))

    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read so far."""
        return (*self.failures(), *dict.fromkeys(self._problems))

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
                yield JudgedSession(session, calls, self.copies.problems_of(key_of(session.header)))

    def find(self, reference: str) -> LocatedSession:
        """Find one session by a reference; see `warmtui.workspace.references.fitting`.

        Raises:
            NotFoundError: nothing fits; close names are offered.
            AmbiguousError: several fit; each is listed by a reference that names only it.
        """
        located = {key_of(found.header): found for found in (*self.headers(), *self._copied)}
        headers = [found.header for found in located.values()]
        return located[key_of(find_header(reference, headers, self.copies.newer))]

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


def _age_key(header: SessionHeader) -> tuple[float, str]:
    at = header.last_active_at or header.started_at or 0.0
    return (at if at == at else 0.0, header.id)
