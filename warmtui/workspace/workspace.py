"""The one object that both faces hold: every use case, each a method."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from warmtui.errors import NotFoundError
from warmtui.later import Later
from warmtui.workspace.browsing import Browsing
from warmtui.workspace.handing import Handing

if TYPE_CHECKING:
    from warmtui.library.profiles.query import Order
    from warmtui.model.comparison import Comparison
    from warmtui.model.profile import Profile
    from warmtui.model.session import Problem
    from warmtui.model.stats import SessionSummary
    from warmtui.workspace import doctor, extraction, findings
    from warmtui.workspace.extraction import ExtractOptions, ExtractResult, SessionCriteria
    from warmtui.workspace.findings import Findings
    from warmtui.workspace.reader import JudgedSession, OnProgress, SessionListing
    from warmtui.workspace.settings import LookAtSettings
else:
    # listing sessions needs none of these, and they take three times as long to load as what it needs
    findings, doctor, extraction = (
        Later(f"warmtui.workspace.{name}") for name in ("findings", "doctor", "extraction")
    )


class Workspace(Browsing, Handing):
    """Sources and library, and what can be done with them.

    Use it as an asynchronous context manager; `Workspace.open` makes one. Sources are read in a thread
    of their own, the library through its own connection, so that nothing here blocks an event loop.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; the default place without it.
        environ: environment variables.
        now: the clock, Unix seconds.
    """

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

    async def sessions(
        self, *, include_hidden: bool = False, progress: OnProgress | None = None
    ) -> SessionListing:
        """Judge and list every session, newest first.

        Args:
            include_hidden: empty and archived sessions too.
            progress: called with how many of how many are done, from the reading thread.

        Raises:
            SourceError: no source could be read.
        """
        from warmtui.workspace.reader import SessionListing

        pages = [page async for page in self.session_pages(include_hidden=include_hidden, progress=progress)]
        hidden, problems = await self.left_out(include_hidden=include_hidden)
        return SessionListing(tuple(one for page in pages for one in page), hidden, problems)

    async def session_pages(
        self,
        *,
        include_hidden: bool = False,
        order: Order = "age",
        limit: int | None = None,
        progress: OnProgress | None = None,
    ) -> AsyncIterator[list[SessionSummary]]:
        """Judge every session and yield them, some hundreds at a time, so that none need be held.

        By age, the newest come while older ones are judged.

        Args:
            include_hidden: empty and archived sessions too.
            order: by what, descending; words ascending; sessions without it last.
            limit: at most so many.
            progress: called with how many of how many are done, from the reading thread.

        Raises:
            SourceError: no source could be read.
        """

        def look() -> Iterator[list[SessionSummary]]:
            self._catalogue.look(to_judge=True)
            return self._catalogue.pages(
                order, -1 if limit is None else limit, include_hidden=include_hidden, progress=progress
            )

        pages = await self._read(look)
        while (page := await self._read(lambda: next(pages, None))) is not None:
            yield page

    async def left_out(self, *, include_hidden: bool = False) -> tuple[dict[str, int], tuple[Problem, ...]]:
        """Return how many sessions `session_pages` left out, by reason, and what could not be read."""
        hidden = {"empty": 0, "archived": 0}
        if not include_hidden:
            hidden = await self._read(self._catalogue.left_out)
        return hidden, await self._read(self._catalogue.problems)

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
        return await self._read(lambda: findings.findings_of(self.reader.one(reference)))

    async def profile(self, reference: str) -> Profile:
        """Describe one session.

        Raises:
            NotFoundError: none or several are named so.
        """
        return await self._read(lambda: findings.profile_of(findings.findings_of(self.reader.one(reference))))

    async def compare(self, references: Sequence[str]) -> Comparison:
        """Put two or more sessions side by side, in the order named.

        Raises:
            UsageError: fewer than two are named, or one of them twice.
            NotFoundError: none or several are named so.
        """
        # imported when asked for: every other command starts faster without its records
        from warmtui.workspace.comparing import compare_named

        return await self._read(lambda: compare_named(self.reader, references))

    async def extract(self, reference: str, wish: ExtractOptions, *, dry_run: bool = False) -> ExtractResult:
        """Make a template from one session, by the default selection, and save it.

        Args:
            reference: the session.
            wish: name, type, tags and limits.
            dry_run: do everything but save.

        Raises:
            NotFoundError: no such session, or nothing in it is worth keeping.
            LibraryError: it could not be saved.
        """
        extraction.checked(wish)
        return await self._make([await self.findings(reference)], wish, dry_run=dry_run)

    async def build(
        self,
        wish: ExtractOptions,
        mining: SessionCriteria,
        *,
        dry_run: bool = False,
        progress: OnProgress | None = None,
    ) -> ExtractResult:
        """Make one template from the newest sessions that fit, each thing once.

        Raises:
            NotFoundError: no session fits, or nothing in them is worth keeping.
        """
        extraction.checked(wish)
        listing = await self.sessions(progress=progress)
        rows = [row for row in listing.sessions if extraction.fits(row, mining)][: mining.max_sessions]
        if not rows:
            raise NotFoundError(
                f"none of {len(listing.sessions)} sessions fits",
                "lower --min-messages, or see: warmtui build --help",
            )

        def mine() -> list[Findings]:
            by_place = {
                (header.source, header.id): (source, header) for source, header in self.reader.headers()
            }
            chosen = [by_place[row.header.source, row.header.id] for row in rows]
            return [findings.findings_of(one) for one in self.reader.judged(chosen)]

        return await self._make(await self._read(mine), wish, dry_run=dry_run)

    async def _make(self, found: Sequence[Findings], wish: ExtractOptions, *, dry_run: bool) -> ExtractResult:
        name = wish.name or await self.library.free_name(extraction.default_name(self.now()))
        known = self.known_secrets()
        made = await self._read(lambda: extraction.make(found, wish, name, known, self.settings.thresholds))
        if dry_run:
            return made
        return replace(made, saved=await self.library.save(made.draft))

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
