"""Free text in messages: searched in a process of its own where there is much, else in a thread.

Going through a quarter of a million hits is a tenth of a second of Python. In a thread it takes turns with
the app, which draws what the letter before has found: both take twice as long.
"""

from __future__ import annotations

import asyncio
import pickle
import queue
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from warmtui.workspace import processes
from warmtui.workspace.searcher import Found, Ids, Searcher

FROM_BYTES = 64 * 2**20
"""Bytes of all sources together from which a process pays: below, a search takes some 10 ms, and the first
one would wait longer for the process."""
Told = Callable[[Ids], None]


class Asked(NamedTuple):
    """What the process is asked; whatever it was asked before is ended, unless this is only to learn."""

    turn: int
    paths: tuple[str, ...] = ()
    words: str = ""
    learn: bool = False
    """Nothing is looked for yet: what makes a search fast is to be learned."""


class Answer(NamedTuple):
    """What the process found."""

    turn: int
    ids: Ids
    notes: tuple[str, ...] = ()
    done: bool = False
    """All is found; else there is more to come."""


class ProcessEndedError(Exception):
    """The process could not be started, or died."""


class Searching:
    """The searches of one workspace; a new one ends the one before it. Used in its event loop."""

    def __init__(self) -> None:
        self._turn = 0
        self._closed = False
        self._waiting: asyncio.Future[Found | None] | None = None
        """For the answer to the newest search."""
        self._told: Told = lambda ids: None
        self._running: asyncio.Task[None] | None = None
        """Starts the process and hears what it says, for as long as it lives."""
        self._process: asyncio.subprocess.Process | None = None
        self._unsent: list[Asked] = []
        """What it is to be asked once it has started."""
        self._here = Searcher()

    async def prepare(self, paths: Sequence[str]) -> None:
        """Start what searches, and have it learn what makes the first search fast."""
        if self._closed:
            return
        if _is_much(paths):
            self._ask(Asked(self._turn, tuple(paths), learn=True))
        else:
            await asyncio.to_thread(self._here.prepare, paths)

    async def search(self, paths: Sequence[str], words: str, told: Told = lambda ids: None) -> Found | None:
        """Find the sessions whose messages hold words.

        Args:
            paths: the sources.
            words: what is looked for.
            told: hears, in the event loop, of the sessions found so far.

        Returns:
            What was found; None when a newer search came, or `end` or `close` was called.
        """
        self._forget()
        if self._closed:
            return None
        if _is_much(paths):
            with suppress(ProcessEndedError):  # the same is tried here, which says what is wrong
                return await self._beside(paths, words, told)
        return await self._searched_here(paths, words, told)

    def end(self) -> None:
        """End the search that is under way: nobody waits for it any more."""
        self._forget()
        self._here.begin()
        if self._process is not None:
            self._ask(Asked(self._turn))

    async def close(self) -> None:
        """End what is under way, and the process."""
        self._closed = True
        self._forget()
        self._unsent.clear()
        running = self._running
        while running is not None and not running.done():
            running.cancel()
            await asyncio.wait([running])
        await asyncio.to_thread(self._here.close)

    def _forget(self) -> None:
        """Let nobody wait for an earlier search any more."""
        self._turn += 1
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _searched_here(self, paths: Sequence[str], words: str, told: Told) -> Found | None:
        loop = asyncio.get_running_loop()
        turn = self._here.begin()

        def tell(ids: Ids) -> None:
            loop.call_soon_threadsafe(told, ids)

        return await asyncio.to_thread(self._here.search, turn, paths, words, tell)

    async def _beside(self, paths: Sequence[str], words: str, told: Told) -> Found | None:
        """Search in the process.

        Raises:
            ProcessEndedError: it could not be started, or died.
        """
        self._waiting = asyncio.get_running_loop().create_future()
        self._told = told
        self._ask(Asked(self._turn, tuple(paths), words))
        return await self._waiting

    def _ask(self, asked: Asked) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(processes.frame(asked))
            return
        self._unsent.append(asked)
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        """Be beside a process from its start to its end; beside another while more is asked by then."""
        while self._unsent:
            await self._run_one()

    async def _run_one(self) -> None:
        process: asyncio.subprocess.Process | None = None
        try:
            process = await processes.started("warmtui.workspace.searching")
            assert process.stdin is not None
            assert process.stdout is not None
            self._process = process
            for asked in self._unsent:
                process.stdin.write(processes.frame(asked))
            self._unsent.clear()
            while True:
                self._hear(await processes.heard(process.stdout))
        except (OSError, EOFError, pickle.UnpicklingError):
            self._unsent.clear()
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_exception(ProcessEndedError())
        finally:
            self._process = None
            if process is not None:
                await processes.ended(process)

    def _hear(self, answer: Answer) -> None:
        if answer.turn != self._turn or self._waiting is None or self._waiting.done():
            return
        if answer.done:
            self._waiting.set_result(Found(answer.ids, answer.notes))
        else:
            self._told(answer.ids)


def _is_much(paths: Sequence[str]) -> bool:
    size = 0
    for path in paths:
        with suppress(OSError):
            size += Path(path).stat().st_size
    return size >= FROM_BYTES


def serve() -> None:
    """Be the process: search for what standard input asks until that ends, answer on standard output."""
    searcher = Searcher()
    work: queue.SimpleQueue[tuple[int, Asked] | None] = queue.SimpleQueue()

    def listen() -> None:
        while (asked := processes.read(sys.stdin.buffer)) is not None:
            work.put((0 if asked.learn else searcher.begin(), asked))
        searcher.begin()
        work.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while (task := work.get()) is not None:
        do(searcher, *task, lambda answer: processes.write(sys.stdout.buffer, answer))


def do(searcher: Searcher, turn: int, asked: Asked, answer: Callable[[Answer], None]) -> None:
    """Do what was asked, and answer.

    Args:
        searcher: searches.
        turn: what it gave when this was heard.
        asked: what is to be done.
        answer: hears what was found.
    """
    if asked.learn:
        searcher.prepare(asked.paths)
    elif asked.paths:
        found = searcher.search(turn, asked.paths, asked.words, lambda ids: answer(Answer(asked.turn, ids)))
        if found is not None:
            answer(Answer(asked.turn, *found, done=True))
