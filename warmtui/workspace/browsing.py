"""The use cases of the app's live list: what is there, what changed, and what one session holds."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from warmtui.later import Later
from warmtui.workspace.opened import Opened

if TYPE_CHECKING:
    from warmtui.library.profiles import Selected, Selection
    from warmtui.model.profile import Profile
    from warmtui.workspace import call_fixes, extraction, findings
    from warmtui.workspace.call_fixes import CallFixes
    from warmtui.workspace.extraction import CandidateSet
    from warmtui.workspace.feed import Changes
    from warmtui.workspace.findings import Findings
    from warmtui.workspace.reader import JudgedSession, OnProgress
    from warmtui.workspace.searcher import Found, Ids
    from warmtui.workspace.session_table import SessionKey
else:
    # listing sessions needs none of these, and they take three times as long to load as what it needs
    findings, call_fixes, extraction = (
        Later(f"warmtui.workspace.{name}") for name in ("findings", "call_fixes", "extraction")
    )

T = TypeVar("T")


class Browsing(Opened):
    """Sessions as the app lists them; use `Workspace`."""

    async def begin(self) -> Changes:
        """Show the newest sessions in `feed` without listing all; see `SessionFeed.begin`."""
        return await self._read(self.feed.begin)

    async def refresh(self, *, force: bool = False) -> Changes:
        """Look at the sources once and keep `feed` up to date; see `SessionFeed.refresh`."""
        return await self._read(lambda: self.feed.refresh(force=force))

    async def judge(self, seconds: float, first: Iterable[SessionKey] = ()) -> Changes:
        """Judge sessions of `feed` that wait for it; see `SessionFeed.judge`."""
        return await self._read(lambda: self.feed.judge(seconds, first))

    @staticmethod
    def words_of(text: str) -> tuple[str, ...]:
        """Return the words and phrases of free text as `Selection.words` has them."""
        from warmtui.sources.search_words import pieces_of

        return tuple(piece.text.casefold() for piece in pieces_of(text)[0])

    async def search(self, words: str, told: Callable[[Ids], None] = lambda ids: None) -> Found | None:
        """Find the sessions of `feed` whose messages hold words; much is searched in another process.

        Args:
            words: what is looked for.
            told: hears, in the event loop, of the sessions found so far.

        Returns:
            What was found; None when a newer search came.
        """
        return await self._searching.search(self._catalogue.sources, words, told)

    async def prepare_search(self) -> None:
        """Begin to learn what makes the first `search` fast; that ends it."""
        await self._searching.prepare(self._catalogue.sources)

    def end_search(self) -> None:
        """End the `search` that is under way: nobody waits for it any more."""
        if "_searching" in self.__dict__:
            self._searching.end()

    async def select(self, asked: Selection, limit: int = -1) -> Selected | None:
        """Select and order sessions of `feed`, in a thread that no reading holds up.

        Args:
            asked: which, and in which order.
            limit: at most so many; -1 for all.

        Returns:
            None when `end_selection` was called meanwhile.
        """
        from warmtui.library.profiles import SelectionEndedError

        with suppress(SelectionEndedError):
            return await self._list(lambda: self.feed.rows.select(asked, limit))
        return None

    def end_selection(self) -> None:
        """End the `select` that is under way: something else is to be listed."""
        self.feed.rows.end_selection()

    async def placed(self, asked: Selection, before: array[int], keys: Collection[SessionKey]) -> array[int]:
        """Put a few sessions that changed where they belong among those selected before.

        Args:
            asked: which were selected, and in which order.
            before: the numbers of all of them.
            keys: the sessions that changed.
        """
        return await self._list(lambda: self.feed.rows.placed(asked, before, keys))

    async def _list(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._listing, work)

    async def values_of_fields(self) -> dict[str, list[str]]:
        """Return the values that a filter of the sessions of `feed` can name, by field."""
        return await self._list(self.feed.rows.values_of_fields)

    async def profile_of(self, key: SessionKey) -> Profile:
        """Describe one session of `feed`; a long one in another process, which cancelling ends.

        Raises:
            NotFoundError: it went away.
            SourceError: it could not be read.
        """
        from warmtui.workspace import apart

        if apart.pays(self, [key]) and (found := await apart.profile(self, key)) is not None:
            return found
        mined = await self.findings_of(key)  # loads the rules too: not in the event loop
        return findings.profile_of(mined)

    async def findings_of(self, key: SessionKey) -> Findings:
        """Find everything in one session of `feed`.

        Raises:
            NotFoundError: it went away.
        """
        judged = await self.judged_of(key)
        # a long session takes seconds: the sources are read on meanwhile
        return await asyncio.get_running_loop().run_in_executor(
            self._analysis, lambda: findings.findings_of(judged)
        )

    async def fixes_of(self, key: SessionKey, judged: JudgedSession) -> CallFixes:
        """Find which calls of one session of `feed` fixed which; a long one in another process.

        Args:
            key: the session.
            judged: what was read of it; a long one is read again, and may have grown since.

        Returns:
            The fixes, calls by their index among the session's.
        """
        from warmtui.workspace import apart

        if apart.pays(self, [key]) and (found := await apart.fixes(self, key)) is not None:
            return found
        return await asyncio.get_running_loop().run_in_executor(
            self._analysis, lambda: call_fixes.fixes_in(judged)
        )

    async def judged_of(self, key: SessionKey) -> JudgedSession:
        """Read and judge one session of `feed`; far quicker than finding everything in it.

        Raises:
            NotFoundError: it went away.
            SourceError: it could not be read.
        """
        return await self._read(lambda: self.feed.session(key))

    async def offered(self, keys: Sequence[SessionKey], progress: OnProgress | None = None) -> CandidateSet:
        """Find what sessions of `feed` offer to keep, masked, best first, each thing once.

        Args:
            keys: the sessions; much of them is looked through in another process, which cancelling ends.
            progress: called there with how many of how many are done.

        Raises:
            NotFoundError: one of them went away.
        """
        from warmtui.workspace import apart

        if apart.pays(self, keys) and (found := await apart.offered(self, keys, progress)) is not None:
            return found
        known = self.known_secrets()

        def find() -> CandidateSet:
            return extraction.offered([findings.findings_of(self.feed.session(key)) for key in keys], known)

        return await self._read(find)

    async def drafting(self, work: Callable[[], T]) -> T:
        """Run what only computes on a draft, in a thread that no reading and no analysis holds up.

        Raises:
            Exception: whatever `work` raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._drafting, work)
