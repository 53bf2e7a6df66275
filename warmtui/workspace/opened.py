"""What a workspace opens: settings, sources, library, and the threads that they are used in."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from warmtui.workspace.catalogue import Catalogue
from warmtui.workspace.feed import Feed
from warmtui.workspace.later import Later
from warmtui.workspace.locations import locate, settings_path
from warmtui.workspace.reading import Reader
from warmtui.workspace.searching import Searcher
from warmtui.workspace.settings import read_settings

if TYPE_CHECKING:
    from warmtui.library import Library
    from warmtui.model.session import Problem
    from warmtui.workspace import making
else:
    making = Later("warmtui.workspace.making")

T = TypeVar("T")
CHUNK = 16
"""Sessions handed from the reading thread at a time."""


class Opened:
    """Sources and library; use `Workspace`.

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
        self._listing = ThreadPoolExecutor(1, thread_name_prefix="warmtui-listing")
        self._analysis = ThreadPoolExecutor(1, thread_name_prefix="warmtui-analysis")
        self._drafting = ThreadPoolExecutor(1, thread_name_prefix="warmtui-drafting")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.reader.stop.set()
        self._listing.shutdown(wait=True, cancel_futures=True)
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

    def ahead(self, work: Callable[[], T]) -> Future[T]:
        """Begin reading work in the sources' thread, before there is an event loop."""
        return self._thread.submit(work)

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

    def known_secrets(self) -> tuple[str, ...]:
        """Return the secret values that this machine holds in the open."""
        return making.known_secrets(self.environ, self.locations.hermes_home)

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
