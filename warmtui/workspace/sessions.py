"""The sessions of a workspace: listed, judged, searched, and everything found in one of them."""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from warmtui.errors import SourceError, UsageError, WarmtuiError
from warmtui.library.index import SelectionEndedError, Unread
from warmtui.model.conditions import Selected, Selection
from warmtui.model.session import Problem, SessionHeader, SessionKey, unreadable
from warmtui.model.stats import SessionRow, SessionSummary
from warmtui.workspace.catalogue import Catalogue
from warmtui.workspace.context import Context, mask_with
from warmtui.workspace.feed import Changes, SessionFeed
from warmtui.workspace.reader import JudgedSession, LocatedSession, OnProgress, Reader, SessionListing
from warmtui.workspace.references import reference_of
from warmtui.workspace.session_search import Found, Ids, SessionSearch
from warmtui.workspace.session_table import SessionTable

# Listing sessions needs none of the rules, which take three times as long to load as what it needs:
# the methods that use them import them.
if TYPE_CHECKING:
    from warmtui.model.comparison import Comparison
    from warmtui.model.profile import Profile
    from warmtui.workspace.call_fixes import CallFixes
    from warmtui.workspace.extraction import CandidateSet
    from warmtui.workspace.findings import Findings
    from warmtui.workspace.long_sessions import Task
    from warmtui.workspace.offers import Offers
    from warmtui.workspace.search_hits import Hits

T = TypeVar("T")
COMPLETED = 5_000
"""Sessions that a shell completes: more take longer than a person waits for it."""
CHUNK = 16
"""Sessions handed from the reading thread at a time."""


class Sessions:
    """Sessions of all sources. Sources are read in a thread of their own, so nothing blocks an event loop.

    Commands name a session by a *reference* (see `warmtui.workspace.references`); the app, which has listed
    the sessions before, by its *key*.

    Args:
        context: the workspace's environment.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stop = Event()
        """Set when the workspace is left: a long read ends after the session at hand."""
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="warmtui-sources")
        self._selecting = ThreadPoolExecutor(1, thread_name_prefix="warmtui-listing")
        self.reader = Reader(
            context.sources,
            context.environ,
            now=context.now,
            findings_are_errors=context.settings.findings_are_errors,
            stop=self._stop,
        )
        """The sources; used from the reading thread."""
        self._catalogue = Catalogue(self.reader, context.locations.index, lambda text: self._mask_title(text))
        self.feed = SessionFeed(self.reader, self._catalogue)
        """Sessions as they change; used from the reading thread."""
        self._search = SessionSearch(context.locations.words)

    async def close(self) -> None:
        """Stop what is under way and close every source."""
        self._stop.set()
        self._selecting.shutdown(wait=True, cancel_futures=True)
        # Work that waits in the reading thread may still open a source: close them after it.
        self._reading.submit(self._close_sources)
        self._reading.shutdown(wait=True)
        await self._search.close()

    def _close_sources(self) -> None:
        for part in (self.feed, self._catalogue, self.reader):
            part.close()

    @cached_property
    def _mask_title(self) -> Callable[[str], str]:
        """Masks titles and first words; a history has many, so the known secrets are read once."""
        return mask_with(self._context.known_secrets())

    async def read_with(self, work: Callable[[], T]) -> T:
        """Run work in the thread that reads the sources."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, work)

    def preload(self, work: Callable[[], T]) -> Future[T]:
        """Begin work in the thread that reads the sources, before there is an event loop."""
        return self._reading.submit(work)

    def paths(self) -> Sequence[Path]:
        """The sources that were named or found.

        Raises:
            UsageError: a name that is neither a path nor an agent.
            SourceError: nothing was named and nothing was found.
        """
        return self.reader.paths()

    def summary(self, place: str) -> tuple[Problem, ...]:
        """What was not understood of a source's judged sessions, by kind; for the reading thread."""
        return self._catalogue.summary(place)

    def failures(self) -> tuple[Problem, ...]:
        """Why sources could not be read so far."""
        return self.reader.failures()

    def problems(self) -> tuple[Problem, ...]:
        """What could not be read so far."""
        return self.reader.problems()

    # For commands, which list sessions and name them by reference.

    async def list(
        self, *, include_hidden: bool = False, progress: OnProgress | None = None
    ) -> SessionListing:
        """Judge and list every session, newest first.

        Args:
            include_hidden: include empty, archived and hidden sessions.
            progress: called with how many of how many are done, from the reading thread.

        Raises:
            SourceError: no source could be read.
        """
        selection = Selection(empty=include_hidden, archived=include_hidden)
        pages = [page async for page in self.pages(selection, progress=progress)]
        hidden, problems = await self.left_out(include_hidden=include_hidden)
        return SessionListing(tuple(row for page in pages for row in page), hidden, problems)

    async def pages(
        self,
        selection: Selection,
        *,
        limit: int | None = None,
        progress: OnProgress | None = None,
    ) -> AsyncIterator[Sequence[SessionSummary]]:
        """Judge every session and yield them a few hundred at a time, so that they need not all be in memory.

        By age, the newest come while older ones are judged.

        Args:
            selection: which, and in which order; sessions without what they are ordered by come last.
            limit: at most this many.
            progress: called with how many of how many are done, from the reading thread.

        Raises:
            SourceError: no source could be read.
        """

        def look() -> Iterator[Sequence[SessionSummary]]:
            self._catalogue.look()
            return self._catalogue.pages(selection, -1 if limit is None else limit, progress=progress)

        pages = await self.read_with(look)
        while (page := await self.read_with(lambda: next(pages, None))) is not None:
            yield page

    async def unread(self, rows: int) -> Sequence[Unread]:
        """Return how much was not understood of each source.

        Args:
            rows: what waits is judged first if it has no more rows than this.

        Raises:
            SourceError: no source could be read.
        """
        return await self.read_with(lambda: self._catalogue.unread(rows))

    async def agents(self) -> Sequence[str]:
        """Return the agents whose sessions the sources hold."""
        return await self.read_with(self._catalogue.agents)

    async def left_out(self, *, include_hidden: bool = False) -> tuple[dict[str, int], tuple[Problem, ...]]:
        """Return how many sessions `pages` left out, by reason, and what could not be read."""
        hidden = {"empty": 0, "archived": 0, "hidden": 0}
        if not include_hidden:
            hidden = await self.read_with(self._catalogue.left_out)
        return hidden, await self.read_with(self._catalogue.problems)

    async def complete(self, begun: str) -> Sequence[tuple[str, str]]:
        """Return references to the newest sessions that begin with a text, and titles; nothing is judged.

        Raises:
            SourceError: no source is named and none is found.
        """

        def find() -> Sequence[tuple[str, str]]:
            self.feed.begin()
            rows = self.table.first(Selection(empty=False), COMPLETED)
            headers = [row.header for row in rows]
            ids = Counter(header.id for header in headers)
            named = (
                (header.id if ids[header.id] == 1 else reference_of(header, headers), header.title or "")
                for header in headers
            )
            return [(reference, title) for reference, title in named if reference.startswith(begun)]

        return await self.read_with(find)

    async def get(self, reference: str) -> JudgedSession:
        """Read and judge one session.

        Raises:
            NotFoundError: none or several are named so.
            SourceError: it could not be read.
        """
        return await self.read_with(lambda: self.reader.get(reference))

    async def outcomes(self, references: Sequence[str] | None) -> AsyncIterator[JudgedSession]:
        """Yield judged sessions: the named ones in that order, or all with None, newest first."""

        def start() -> Iterator[JudgedSession]:
            if references is None:
                chosen = [found for found in self.reader.headers() if found.header.rows]
            else:
                chosen = [self.reader.find(reference) for reference in references]
            return self.reader.judged(chosen, prompts=False)

        judged = await self.read_with(start)
        while chunk := await self.read_with(lambda: list(islice(judged, CHUNK))):
            for session in chunk:
                yield session

    async def findings(self, reference: str) -> Findings:
        """Find everything in one session: recoveries, markers, user patterns, candidates.

        Raises:
            NotFoundError: none or several are named so.
        """
        from warmtui.workspace.findings import findings_of

        return await self.read_with(lambda: findings_of(self.reader.get(reference)))

    async def offers_of(self, headers: Sequence[SessionHeader], progress: OnProgress | None = None) -> Offers:
        """Find what listed sessions offer to keep, masked; one that cannot be read costs only itself.

        Args:
            headers: the sessions.
            progress: called with how many of how many are done, from the reading thread.
        """
        from warmtui.workspace.offers import read_offers

        known = self._context.known_secrets()

        def find() -> Offers:
            chosen = [LocatedSession(self.reader.source_at(header.source), header) for header in headers]
            return read_offers(self.reader, chosen, known, progress)

        return await self.read_with(find)

    async def profile(self, reference: str) -> Profile:
        """Describe one session.

        Raises:
            NotFoundError: none or several are named so.
        """
        from warmtui.workspace.findings import findings_of, profile_of

        return await self.read_with(lambda: profile_of(findings_of(self.reader.get(reference))))

    async def compare(self, references: Sequence[str]) -> Comparison:
        """Put two or more sessions side by side, in the order named.

        Raises:
            UsageError: fewer than two are named, or one of them twice.
            NotFoundError: none or several are named so.
        """
        from warmtui.workspace.findings import compare_named

        return await self.read_with(lambda: compare_named(self.reader, references))

    # For the app, which follows sessions as they change.

    @property
    def table(self) -> SessionTable:
        """Every session of `feed`, read when it is looked at; may be used from any thread."""
        return self.feed.rows

    @property
    def waiting(self) -> int:
        """How many sessions have no figures yet, or old ones."""
        return self.feed.waiting

    async def begin(self) -> Changes:
        """Find the newest sessions without listing all; see `SessionFeed.begin`."""
        return await self.read_with(self.feed.begin)

    async def refresh(self, *, force: bool = False) -> Changes:
        """Look at the sources once and keep `feed` up to date; see `SessionFeed.refresh`."""
        return await self.read_with(lambda: self.feed.refresh(force=force))

    async def judge(self, seconds: float, first: Iterable[SessionKey] = ()) -> Changes:
        """Judge sessions of `feed` that wait for it; see `SessionFeed.judge`."""
        return await self.read_with(lambda: self.feed.judge(seconds, first))

    @staticmethod
    def words_of(text: str) -> tuple[str, ...]:
        """Return the words and phrases of free text, as `Selection.words` has them."""
        from warmtui.model.search_words import pieces_of

        return tuple(piece.text.casefold() for piece in pieces_of(text)[0])

    async def search(
        self,
        words: str,
        on_found: Callable[[Ids], None] = lambda ids: None,
        on_progress: OnProgress = lambda done, total: None,
    ) -> Found | None:
        """Find the sessions whose messages hold words; a newer search ends this one.

        Args:
            words: what to look for.
            on_found: called in the event loop with the sessions found so far.
            on_progress: called there while sessions are indexed that are new or changed.

        Returns:
            What was found; None if a newer search came.
        """
        return await self._search.search(self._catalogue.sources, words, on_found, on_progress)

    async def search_hits(
        self,
        words: str,
        *,
        limit: int = 100,
        include_hidden: bool = False,
        on_progress: OnProgress = lambda done, total: None,
    ) -> Hits:
        """Find where in the messages of all sources words stand.

        Args:
            words: what to look for.
            limit: at most this many hits.
            include_hidden: look in archived and hidden sessions too.
            on_progress: called in the event loop while sessions are indexed that are new or changed.

        Raises:
            UsageError: there are no words.
            SourceError: no source could be read.
        """
        from warmtui.model.search_words import Finder, pieces_of
        from warmtui.workspace.search_hits import locate

        pieces, _ = pieces_of(words)
        if not pieces:
            raise UsageError("there is nothing to search for", "give one or more words")
        paths = await self.read_with(self.reader.searched)
        found = await self._search.search(paths, words, on_progress=on_progress) or Found({}, ())
        finder, mask = Finder(pieces), mask_with(self._context.known_secrets())
        return await self.read_with(
            lambda: locate(self.reader, found, finder, mask, limit=limit, include_hidden=include_hidden)
        )

    def end_search(self) -> None:
        """End the running `search`, whose result is no longer wanted."""
        self._search.end()

    async def select(self, selection: Selection, limit: int = -1) -> Selected | None:
        """Select and order sessions, in a thread that never waits for reading.

        Args:
            selection: which, and in which order.
            limit: at most this many; -1 for all.

        Returns:
            None if `end_selection` was called meanwhile.
        """
        with suppress(SelectionEndedError):
            return await self._select_with(lambda: self.table.select(selection, limit))
        return None

    def end_selection(self) -> None:
        """End the running `select`: something else will be listed."""
        self.table.end_selection()

    async def move_changed(
        self, selection: Selection, before: array[int], keys: Collection[SessionKey]
    ) -> array[int]:
        """Move a few changed sessions to where they belong among those selected before.

        Args:
            selection: which were selected, and in which order.
            before: the numbers of all of them.
            keys: the sessions that changed.
        """
        return await self._select_with(lambda: self.table.move_changed(selection, before, keys))

    async def values_of_fields(self) -> Mapping[str, Sequence[str]]:
        """Return the values that a filter can name, by field."""
        return await self._select_with(self.table.values_of_fields)

    async def _select_with(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._selecting, work)

    async def read(self, key: SessionKey) -> JudgedSession:
        """Read and judge one session; far quicker than finding everything in it.

        Raises:
            NotFoundError: it went away.
            SourceError: it could not be read.
        """
        return await self.read_with(lambda: self.feed.session(key))

    async def findings_of(self, key: SessionKey) -> Findings:
        """Find everything in one session.

        Raises:
            NotFoundError: it went away.
        """
        judged = await self.read(key)

        def find() -> Findings:
            from warmtui.workspace.findings import findings_of

            return findings_of(judged)

        # A long session takes seconds: the sources can be read meanwhile.
        return await asyncio.to_thread(find)

    async def profile_of(self, key: SessionKey) -> Profile:
        """Describe one session; a long one in another process, which cancelling ends.

        Raises:
            NotFoundError: it went away.
            SourceError: it could not be read.
        """
        from warmtui.model.profile import ProblemRecord
        from warmtui.workspace import long_sessions
        from warmtui.workspace.findings import profile_of

        if long_sessions.are_long(self._rows([key])):
            profiles = await long_sessions.try_in_process(long_sessions.find_profile, self._tasks([key]))
            if profiles is not None:
                also = self.reader.copies.problems_of(key)
                problems = (*profiles[0].problems, *(ProblemRecord(**copy._asdict()) for copy in also))
                return profiles[0].model_copy(update={"problems": problems})
        return profile_of(await self.findings_of(key))

    async def fixes_of(self, key: SessionKey, judged: JudgedSession) -> CallFixes:
        """Find which calls of one session fixed which; of a long one in another process.

        Args:
            key: the session.
            judged: what was read of it; a long one is read again, and may have grown since.

        Returns:
            The fixes, calls by their index among the session's.
        """
        from warmtui.workspace import long_sessions
        from warmtui.workspace.call_fixes import fixes_in

        if long_sessions.are_long(self._rows([key])):
            fixes = await long_sessions.try_in_process(long_sessions.find_fixes, self._tasks([key]))
            if fixes is not None:
                return fixes[0]
        return await asyncio.to_thread(fixes_in, judged)

    async def candidates_of(
        self, keys: Sequence[SessionKey], progress: OnProgress | None = None
    ) -> CandidateSet:
        """Find what sessions offer to keep, masked, best first, each thing once.

        Args:
            keys: the sessions; long ones are looked through in another process, which cancelling ends.
            progress: called with how many of how many are done.

        Returns:
            The candidates, and why sessions are missing: one that cannot be read costs only itself.

        Raises:
            NotFoundError: all of them went away.
            SourceError: none of them can be read.
        """
        from warmtui.workspace import long_sessions
        from warmtui.workspace.extraction import SessionOffer, combine
        from warmtui.workspace.offers import offer_or_problem

        known = self._context.known_secrets()

        def find(key: SessionKey) -> SessionOffer | Problem:
            try:
                return offer_or_problem(self.feed.session(key), known)
            except WarmtuiError as error:
                return unreadable(key.source, key.id, error)

        found: list[SessionOffer | Problem] | None = None
        if long_sessions.are_long(self._rows(keys)):
            tasks = self._tasks(keys, known)
            found = await long_sessions.try_in_process(long_sessions.find_offer, tasks, progress)
        if found is None:
            found = []
            for key in keys:
                found.append(await self.read_with(partial(find, key)))
                if progress is not None:
                    progress(len(found), len(keys))
        offers = [result for result in found if isinstance(result, SessionOffer)]
        problems = tuple(result for result in found if isinstance(result, Problem))
        if keys and not offers:
            await self.read(keys[0])  # raises what is wrong
            raise SourceError(problems[0].text)
        return replace(combine(offers), problems=problems)

    def _rows(self, keys: Sequence[SessionKey]) -> Sequence[SessionRow]:
        return [row for key in keys if (row := self.table.get(key)) is not None]

    def _tasks(self, keys: Sequence[SessionKey], known: tuple[str, ...] = ()) -> Sequence[Task]:
        from warmtui.workspace.long_sessions import Task

        now, strict = self._context.now(), self._context.settings.findings_are_errors
        return [Task(key, now, strict, known) for key in keys]
