"""The one object that both faces hold: every use case, each a method."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

from warmtui.model.session import Problem
from warmtui.workspace.locations import locate
from warmtui.workspace.reading import JudgedSession, Progress, Reader, SessionListing

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
        self.locations = locate(self.environ, library)
        self.now = now
        self.reader = Reader(sources, self.locations, now=now)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warmtui-sources")

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
        self._thread.submit(self.reader.close)
        self._thread.shutdown(wait=True)

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
        return await self._read(lambda: self.reader.listing(include_hidden=include_hidden, progress=progress))

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
