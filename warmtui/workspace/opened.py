"""What a workspace opens: settings, sources, library, and the threads that they are used in."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from warmtui.later import Later
from warmtui.workspace.locations import locate, settings_path
from warmtui.workspace.settings import read_settings

if TYPE_CHECKING:
    from warmtui.library import Library
    from warmtui.model.session import Problem
    from warmtui.workspace import catalogue, extraction, feed, reader, searching
    from warmtui.workspace.catalogue import Catalogue
    from warmtui.workspace.feed import SessionFeed
    from warmtui.workspace.reader import Reader
    from warmtui.workspace.searching import Searching
else:
    # what works with the library alone needs none of these
    catalogue, feed, extraction, reader, searching = (
        Later(f"warmtui.workspace.{name}")
        for name in ("catalogue", "feed", "extraction", "reader", "searching")
    )

T = TypeVar("T")
CHUNK = 16
"""Sessions handed from the reading thread at a time."""


class opened_once(Generic[T]):  # noqa: N801 - it is used as a property is
    """A property of a workspace that is made when it is first asked for, once, whichever thread asks.

    `functools.cached_property` makes it twice when two threads ask at once.

    Args:
        make: makes the value.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Hear under which name it stands."""
        self._name = name

    def __get__(self, workspace: Opened, owner: type | None = None) -> T:
        """Return the value; kept in the workspace, where later looks find it without coming here."""
        with workspace._opening:
            kept = workspace.__dict__
            if self._name not in kept:
                kept[self._name] = self._make(workspace)
            value: T = kept[self._name]
            return value


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
        self._named_sources = tuple(sources or paths.sources)
        self._opening = threading.RLock()
        """Held while what several threads use is opened."""
        self._stop = threading.Event()
        """Set when the workspace is left: a long read ends after the session at hand."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warmtui-sources")
        self._listing = ThreadPoolExecutor(1, thread_name_prefix="warmtui-listing")
        self._analysis = ThreadPoolExecutor(1, thread_name_prefix="warmtui-analysis")
        self._drafting = ThreadPoolExecutor(1, thread_name_prefix="warmtui-drafting")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._stop.set()
        self._listing.shutdown(wait=True, cancel_futures=True)
        self._thread.submit(self._close_sources)  # after what waits there, which may open them yet
        self._thread.shutdown(wait=True)
        self._analysis.shutdown(wait=True, cancel_futures=True)
        self._drafting.shutdown(wait=True, cancel_futures=True)
        opened = self.__dict__
        if "_searching" in opened:
            await self._searching.close()
        if "library" in opened:
            await self.library.close()

    def _close_sources(self) -> None:
        """Close what was opened of them, in their thread."""
        for name in ("feed", "_catalogue", "reader"):
            if name in self.__dict__:
                self.__dict__[name].close()

    @opened_once
    def reader(self) -> Reader:
        """The sources; opened when they are first asked for."""
        return reader.Reader(
            self._named_sources,
            self.locations,
            now=self.now,
            findings_are_errors=self.settings.findings_are_errors,
            stop=self._stop,
        )

    @opened_once
    def _catalogue(self) -> Catalogue:
        return catalogue.Catalogue(self.reader, self.locations.index, lambda text: self._mask_title(text))

    @opened_once
    def _mask_title(self) -> Callable[[str], str]:
        """Masks titles and first words. A history has many, so known secrets are read once."""
        from warmtui.curation.redact import redact

        known = self.known_secrets()
        return lambda text: redact(text, known).text

    @opened_once
    def feed(self) -> SessionFeed:
        """Sessions as the app lists them."""
        return feed.SessionFeed(self.reader, self._catalogue)

    @opened_once
    def _searching(self) -> Searching:
        return searching.Searching()

    @opened_once
    def library(self) -> Library:
        """The library; opened when it is first asked for."""
        from warmtui.library import Library

        return Library(
            self.locations.library,
            clock=lambda: datetime.fromtimestamp(self.now(), UTC),
            mask=self._masked,
        )

    def _masked(self, text: str) -> str:
        """Return a text with a slot in place of every secret."""
        from warmtui.curation.redact import redact

        return redact(text, self.known_secrets()).text

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
        return extraction.known_secrets(self.environ, self.locations.hermes_home)

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
