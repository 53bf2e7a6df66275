"""The one object that both faces hold: every use case, each a method."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from warmtui.errors import NotFoundError, WarmtuiError
from warmtui.workspace.catalogue import Catalogue
from warmtui.workspace.feed import Changes, Feed, SessionKey
from warmtui.workspace.later import Later
from warmtui.workspace.locations import locate, settings_path
from warmtui.workspace.reading import JudgedSession, Progress, Reader, SessionListing
from warmtui.workspace.searching import Found, Searcher
from warmtui.workspace.settings import read_settings

if TYPE_CHECKING:
    from warmtui.agents.hermes import Prefill, PrefillMode
    from warmtui.agents.install import Installed, Uninstalled
    from warmtui.curation.bootstrap import Places
    from warmtui.curation.diff import Change
    from warmtui.library import Library
    from warmtui.model.comparison import Comparison
    from warmtui.model.profile import Profile
    from warmtui.model.session import Problem
    from warmtui.workspace import analysing, doctor, making, using
    from warmtui.workspace.analysing import Findings
    from warmtui.workspace.making import Made, Mining, Offered, Wish
    from warmtui.workspace.settings import LookAtSettings
    from warmtui.workspace.using import Exported, Launched, Preview
else:
    # listing sessions needs none of these, and they take three times as long to load as what it needs
    analysing, doctor, making, using = (
        Later(f"warmtui.workspace.{name}") for name in ("analysing", "doctor", "making", "using")
    )

T = TypeVar("T")
CHUNK = 16
"""Sessions handed from the reading thread at a time."""


class Workspace:
    """Sources and library, and what can be done with them.

    Use it as an asynchronous context manager; `Workspace.open` makes one. Sources are read in a thread
    of their own, the library through its own connection, so that nothing here blocks an event loop.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; the default place without it.
        environ: environment variables.
        now: the clock, Unix seconds.
    """

    def __init__(
        self,
        *,
        sources: Sequence[str] = (),
        library: str | Path | None = None,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.environ = dict(os.environ if environ is None else environ)
        self.settings, self.settings_problems = read_settings(
            settings_path(self.environ), self.environ.get("HOME")
        )
        """What holds, and what is wrong in the settings file and has its default instead."""
        paths = self.settings.paths
        if paths.hermes_home and not self.environ.get("HERMES_HOME"):
            # so that Hermes, started from here, finds the same home
            self.environ["HERMES_HOME"] = paths.hermes_home
        library = library or self.environ.get("WARMTUI_LIBRARY") or paths.library
        self.locations = locate(self.environ, library or None)
        self.now = now
        self._folder = self.environ.get("PWD") or os.sep
        self.reader = Reader(
            sources or paths.sources,
            self.locations,
            now=now,
            findings_are_errors=self.settings.findings_are_errors,
        )
        self._catalogue = Catalogue(self.reader, self.locations.index)
        self.feed = Feed(self.reader, self._catalogue)
        """Sessions as the app lists them."""
        self._searcher = Searcher()
        self._library: Library | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warmtui-sources")
        self._analysis = ThreadPoolExecutor(1, thread_name_prefix="warmtui-analysis")
        self._drafting = ThreadPoolExecutor(1, thread_name_prefix="warmtui-drafting")

    @classmethod
    def open(
        cls,
        *,
        sources: Sequence[str] = (),
        library: str | Path | None = None,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> Workspace:
        """Return a workspace to be entered with `async with`; nothing is opened before it is needed."""
        return cls(sources=sources, library=library, environ=environ, now=now)

    async def __aenter__(self) -> Workspace:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.reader.stop.set()
        for one in (self.feed, self._catalogue, self.reader):
            self._thread.submit(one.close)
        self._thread.shutdown(wait=True)
        self._analysis.shutdown(wait=True, cancel_futures=True)
        self._drafting.shutdown(wait=True, cancel_futures=True)
        await asyncio.to_thread(self._searcher.close)
        if self._library is not None:
            await self._library.close()

    @property
    def library(self) -> Library:
        """The library; opened when it is first asked for."""
        if self._library is None:
            from warmtui.library import Library

            self._library = Library(
                self.locations.library, clock=lambda: datetime.fromtimestamp(self.now(), UTC)
            )
        return self._library

    async def _read(self, work: Callable[[], T]) -> T:
        """Run reading work in the sources' thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _stream(self, start: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
        iterator = await self._read(start)
        while chunk := await self._read(lambda: list(islice(iterator, CHUNK))):
            for one in chunk:
                yield one

    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read so far."""
        return self.reader.problems()

    async def sessions(
        self, *, include_hidden: bool = False, progress: Progress | None = None
    ) -> SessionListing:
        """Judge and list every session, newest first.

        Args:
            include_hidden: empty and archived sessions too.
            progress: called with how many of how many are done, from the reading thread.

        Raises:
            SourceError: no source could be read.
        """

        def work() -> SessionListing:
            self._catalogue.look(to_judge=True)
            self._catalogue.judge_all(progress)
            return self._catalogue.listing(include_hidden=include_hidden)

        return await self._read(work)

    async def begin(self) -> Changes:
        """Show the newest sessions in `feed` without listing all; see `Feed.begin`."""
        return await self._read(self.feed.begin)

    async def refresh(self, *, force: bool = False) -> Changes:
        """Look at the sources once and keep `feed` up to date; see `Feed.refresh`."""
        return await self._read(lambda: self.feed.refresh(force=force))

    async def judge(self, seconds: float, first: Iterable[SessionKey] = ()) -> Changes:
        """Judge sessions of `feed` that wait for it; see `Feed.judge`."""
        return await self._read(lambda: self.feed.judge(seconds, first))

    async def search(self, words: str) -> Found | None:
        """Find the sessions of `feed` whose messages hold words; None when a newer search came."""
        paths = list(
            dict.fromkeys(
                key.source for key, row in list(self.feed.rows.items()) if row.header.agent == "hermes"
            )
        )
        turn = self._searcher.begin()
        return await asyncio.to_thread(self._searcher.search, turn, paths, words)

    async def profile_of(self, key: SessionKey) -> Profile:
        """Describe one session of `feed`.

        Raises:
            NotFoundError: it went away.
        """
        return analysing.profile_of(await self.findings_of(key))

    async def findings_of(self, key: SessionKey) -> Findings:
        """Find everything in one session of `feed`.

        Raises:
            NotFoundError: it went away.
        """
        judged = await self.judged_of(key)
        # a long session takes seconds: the sources are read on meanwhile
        return await asyncio.get_running_loop().run_in_executor(
            self._analysis, lambda: analysing.findings_of(judged)
        )

    async def judged_of(self, key: SessionKey) -> JudgedSession:
        """Read and judge one session of `feed`; far quicker than finding everything in it.

        Raises:
            NotFoundError: it went away.
            SourceError: it could not be read.
        """
        return await self._read(lambda: self.feed.session(key))

    async def offered(self, keys: Sequence[SessionKey]) -> Offered:
        """Find what sessions of `feed` offer to keep, masked, best first, each thing once.

        Raises:
            NotFoundError: one of them went away.
        """
        known = self.known_secrets()

        def find() -> Offered:
            return making.offered([analysing.findings_of(self.feed.session(key)) for key in keys], known)

        return await self._read(find)

    async def drafting(self, work: Callable[[], T]) -> T:
        """Run what only computes on a draft, in a thread that no reading and no analysis holds up.

        Raises:
            Exception: whatever `work` raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._drafting, work)

    def known_secrets(self) -> tuple[str, ...]:
        """Return the secret values that this machine holds in the open."""
        return making.known_secrets(self.environ, self.locations.hermes_home)

    async def session(self, reference: str) -> JudgedSession:
        """Read and judge one session, named by a unique prefix of its id or `agent:prefix`.

        Raises:
            NotFoundError: none or several are named so.
            SourceError: it could not be read.
        """
        return await self._read(lambda: self.reader.one(reference))

    async def outcomes(self, references: Sequence[str] | None) -> AsyncIterator[JudgedSession]:
        """Yield judged sessions: the named ones in that order, or all with None, newest first."""

        def start() -> Iterator[JudgedSession]:
            if references is None:
                chosen = [one for one in self.reader.headers() if one[1].rows]
                return self.reader.judged(chosen, prompts=False)
            return self.reader.judged([self.reader.find(one) for one in references], prompts=False)

        async for one in self._stream(start):
            yield one

    async def findings(self, reference: str) -> Findings:
        """Find everything in one session: recoveries, markers, user patterns, candidates.

        Raises:
            NotFoundError: none or several are named so.
        """
        return await self._read(lambda: analysing.findings_of(self.reader.one(reference)))

    async def profile(self, reference: str) -> Profile:
        """Describe one session.

        Raises:
            NotFoundError: none or several are named so.
        """
        return await self._read(
            lambda: analysing.profile_of(analysing.findings_of(self.reader.one(reference)))
        )

    async def compare(self, references: Sequence[str]) -> Comparison:
        """Put two or more sessions side by side, in the order named.

        Raises:
            UsageError: fewer than two are named, or one of them twice.
            NotFoundError: none or several are named so.
        """
        # imported when asked for: every other command starts faster without its records
        from warmtui.workspace.comparing import compare_named

        return await self._read(lambda: compare_named(self.reader, references))

    async def extract(self, reference: str, wish: Wish, *, dry_run: bool = False) -> Made:
        """Make a template from one session, by the default selection, and save it.

        Args:
            reference: the session.
            wish: name, type, tags and limits.
            dry_run: do everything but save.

        Raises:
            NotFoundError: no such session, or nothing in it is worth keeping.
            LibraryError: it could not be saved.
        """
        making.checked(wish)
        return await self._make([await self.findings(reference)], wish, dry_run=dry_run)

    async def build(
        self, wish: Wish, mining: Mining, *, dry_run: bool = False, progress: Progress | None = None
    ) -> Made:
        """Make one template from the newest sessions that fit, each thing once.

        Raises:
            NotFoundError: no session fits, or nothing in them is worth keeping.
        """
        making.checked(wish)
        listing = await self.sessions(progress=progress)
        rows = [row for row in listing.sessions if making.fits(row, mining)][: mining.max_sessions]
        if not rows:
            raise NotFoundError(
                f"none of {len(listing.sessions)} sessions fits",
                "lower --min-messages, or see: warmtui build --help",
            )

        def mine() -> list[Findings]:
            by_place = {
                (header.source, header.id): (source, header) for source, header in self.reader.headers()
            }
            chosen = [by_place[row.header.source, row.id] for row in rows]
            return [analysing.findings_of(one) for one in self.reader.judged(chosen)]

        return await self._make(await self._read(mine), wish, dry_run=dry_run)

    async def _make(self, found: Sequence[Findings], wish: Wish, *, dry_run: bool) -> Made:
        name = wish.name or await self.library.free_name(making.default_name(self.now()))
        known = self.known_secrets()
        made = await self._read(lambda: making.make(found, wish, name, known, self.settings.thresholds))
        if dry_run:
            return made
        return replace(made, saved=await self.library.save(made.draft))

    def places(self) -> Places:
        """Return what `{home}` and `{cwd}` stand for; a current folder that is gone stands where it was."""
        found = using.last_places(self.environ, self._folder)
        self._folder = found.cwd
        return found

    async def preview(self, template: str, *, cwd: str | None = None) -> Preview:
        """Build the exact messages of a template.

        Args:
            template: its name or id, `@N` for a version.
            cwd: what `{cwd}` stands for; the current folder without it.

        Raises:
            NotFoundError: there is none.
        """
        return using.preview(await self.library.get(template), using.places(self.environ, cwd))

    async def diff(self, template: str, older: int, newer: int) -> tuple[Change, ...]:
        """Compare two versions of a template."""
        from warmtui.curation.diff import diff_versions

        return diff_versions(
            await self.library.get_version(template, older), await self.library.get_version(template, newer)
        )

    async def export(
        self, template: str, target: str, path: str | None, *, cwd: str | None = None, force: bool = False
    ) -> Exported:
        """Write a template in a target's format.

        Args:
            template: its name or id.
            target: a name of `warmtui.exchange.targets.TARGETS`.
            path: the file or folder; None only renders it.
            cwd: what `{cwd}` stands for.
            force: replace a file that is there.

        Raises:
            UsageError: no such target, or a file is there.
            WarmtuiError: the template is empty, or the file cannot be written.
        """
        kind = using.target_of(target)
        where = using.places(self.environ, cwd)
        shown = using.preview(await self.library.get(template), where)
        using.refuse_empty(shown)
        data = using.render(shown, kind, where, self.now())
        written = None
        if path is not None:
            written = using.write_file(data, path, shown.template.name, kind.extension, force=force)
        return using.Exported(shown, data, written)

    async def install(self, template: str, *, cwd: str | None = None) -> Installed:
        """Make a template the prefill that Hermes sends by default."""
        shown = await self.preview(template, cwd=cwd)
        return using.install_for_hermes(shown, self.environ, self.now())

    async def uninstall(self) -> Uninstalled:
        """Undo `install`."""
        return using.uninstall_for_hermes(self.environ)

    def configured_prefill(self, command: Sequence[str]) -> Prefill | None:
        """Return the prefill that the Hermes which a command starts is told to use already."""
        return using.configured(self.environ, command)

    async def launch(
        self,
        template: str,
        command: Sequence[str],
        *,
        prefill: PrefillMode = "combine",
        cwd: str | None = None,
    ) -> Launched:
        """Start an agent with a template, wait for it, and record the use.

        To be awaited in the main thread with nothing else running: the terminal is the agent's.

        Args:
            template: its name or id.
            command: the agent's command line.
            prefill: what happens to a prefill that is configured already.
            cwd: what `{cwd}` stands for.

        Raises:
            NotFoundError: no such template.
            LaunchError: the command could not be started.
        """
        shown = await self.preview(template, cwd=cwd)
        done = self.start(shown, command, prefill=prefill)
        return await self.record(shown, command, done)

    def start(self, shown: Preview, command: Sequence[str], *, prefill: PrefillMode = "combine") -> Launched:
        """Start an agent with a template and wait for it; blocks, for the terminal is the agent's.

        Raises:
            LaunchError: the command could not be started.
        """
        return using.launch(shown, command, self.environ, prefill, using.current_folder())

    async def record(self, shown: Preview, command: Sequence[str], done: Launched) -> Launched:
        """Record that a template was used; secrets in the command are masked."""
        known = self.known_secrets()
        try:
            await self.library.record_use(
                shown.template.id,
                shown.template.version.number,
                agent="hermes",
                session_id=done.session.session_id,
                source=str(using.hermes_database(self.environ, command)),
                started_at=datetime.fromtimestamp(done.result.started_at, UTC),
                command=making.redacted(command, known),
                exit_code=done.result.exit_code,
                candidates=done.session.candidates,
            )
        except WarmtuiError as error:
            # the agent has run; what it returned matters more than our record of it
            return replace(done, unrecorded=str(error))
        return done

    async def doctor(self, look: LookAtSettings | None = None) -> list[doctor.Check]:
        """Look at everything that may be wrong.

        Args:
            look: tells what is wrong with those settings that only the app knows: its theme and keys.
        """
        path = self.locations.config
        return [
            doctor.check_programs(),
            *doctor.check_settings(
                path, (*self.settings_problems, *(look(self.settings, path) if look else ()))
            ),
            *await self._read(lambda: doctor.check_sources(self.reader)),
            *await doctor.check_library(self.library),
            *doctor.check_hermes(self.locations, self.environ),
        ]

    def paths(self) -> dict[str, str]:
        """Tell where everything lies, by name."""
        places = self.locations
        return {
            "library": str(places.library),
            "settings": str(places.config),
            "hermes_home": str(places.hermes_home),
            "hermes_sessions": str(places.hermes_home / "state.db"),
            "hermes_prefill": str(places.hermes_home / "prefill"),
        }
