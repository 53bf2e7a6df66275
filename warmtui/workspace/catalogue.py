"""All sessions of all sources with their figures, through the index that keeps them between two starts."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from warmtui.analysis.version import RULES
from warmtui.errors import NotFoundError, SourceError
from warmtui.later import Later
from warmtui.library.profiles import Judged as Kept
from warmtui.library.profiles import ProfileIndex, ProfileReader, Selection, Synced
from warmtui.library.profiles.query import Order
from warmtui.model.session import Problem, SessionHeader
from warmtui.model.stats import NO_STATS, SessionSummary
from warmtui.sources.base import Source
from warmtui.workspace.helping import cores, start_helper
from warmtui.workspace.reader import OnProgress, Reader

if TYPE_CHECKING:
    from warmtui.workspace import bulk
    from warmtui.workspace.bulk import Crew, Job, Judged
else:
    # a list of sessions that were judged before needs none of the rules
    bulk = Later("warmtui.workspace.bulk")

T = TypeVar("T")
PAGE = 500
"""Sessions handed on together."""
FRESH_SECONDS = 2.0
"""A file written so recently may be written again without looking any different (as git has it, "racy")."""


LARGE_BYTES = 40 * 2**20
"""Of a file from which a helper is started before it is listed: some seconds of judging."""


class Catalogue:
    """What is known of every session; used from the reader's thread.

    Args:
        reader: the sources.
        index: where the index belongs; None keeps it in memory.
        mask: replaces secrets in titles and first words before the index keeps them.
    """

    def __init__(self, reader: Reader, index: Path | None, mask: Callable[[str], str] = str) -> None:
        self._mask = mask
        self._reader = reader
        self._path = index
        self._index: ProfileIndex | None = None
        self._crews: dict[str, Crew] = {}
        """Helpers that judge a source already while it is put into the index."""
        self._looked: dict[str, Path] = {}
        """Sources that could be read so far, with the path each was named by."""

    @property
    def index(self) -> ProfileIndex:
        """The index; opened when it is first asked for."""
        if self._index is None:
            rules = f"{RULES}f" if self._reader.findings_are_errors else RULES
            self._index = ProfileIndex(self._path, rules, self._mask)
        return self._index

    @property
    def opened(self) -> ProfileIndex | None:
        """The index, when it was opened already; may be asked for from any thread."""
        return self._index

    @property
    def sources(self) -> list[str]:
        """The sources that could be read so far; may be asked for from any thread."""
        return list(self._looked)

    def source(self, place: str) -> Source:
        """Return an open source.

        Raises:
            SourceError: it cannot be read, or was not there at the last look.
        """
        if place not in self._looked:
            raise NotFoundError(f"{place} is not among the sources", "list the sessions again")
        return self._reader.source(self._looked[place])

    def look(self, *, to_judge: bool = False) -> dict[str, Synced]:
        """Look at every source whose file changed since it was last listed, and list it again.

        Args:
            to_judge: `judge_all` follows at once: helpers start while a large source is listed.

        Returns:
            What changed, by source; those that did not change are there with nothing.

        Raises:
            SourceError: no source could be read.
        """
        found: dict[str, Synced] = {}
        failures: list[SourceError] = []
        self._reader.forget_headers()
        for path in self._reader.paths():
            try:
                place, synced = self._look_at(path, to_judge)
            except SourceError as error:
                failures.append(error)
                self._reader.trouble(path, error)
                continue
            found[place] = synced
            self._know(place, path)
        if failures and not found:
            raise failures[0]
        return found

    def newest(self, count: int) -> list[str]:
        """Keep the newest sessions of sources of which the index knows none, without listing all.

        Returns:
            The sources of which some are known now. One that cannot be read is left out: `look` says so.
        """
        for path in self._reader.paths():
            place = place_of(path)
            with suppress(SourceError):
                if next(self.index.rows([place], limit=1), None) is None:
                    self.index.put(place, self._reader.source(path).newest(count))
                self._know(place, path)
        return self.sources

    def _know(self, place: str, path: Path) -> None:
        if place not in self._looked:  # another dict, because other threads may go through this one
            self._looked = {**self._looked, place: path}

    def _look_at(self, path: Path, to_judge: bool) -> tuple[str, Synced]:
        place = place_of(path)
        state = file_state(Path(place))
        if state and self.index.seen(place) == state:
            return place, Synced()
        early: list[subprocess.Popen[bytes]] = []
        if to_judge and not self._crews and cores() > 1 and self._is_much(place):
            with suppress(OSError):  # none can be started: all is judged here
                early.append(start_helper())
        try:
            listing = self._reader.source(path).listing()
            self._know(place, path)
            if early:
                found = [one for one in listing.headers if one.rows]
                self._crews[place] = bulk.Crew(self.jobs(place, found), cores() - 1, started=early)
        except BaseException:
            for process in early:
                process.kill()
                process.wait()
            raise
        return place, self.index.sync(place, listing.headers, listing.problems, state)

    def _is_much(self, place: str) -> bool:
        """Whether a source is large and the index knows nothing of it."""
        with suppress(OSError):
            return Path(place).stat().st_size > LARGE_BYTES and not any(self.index.rows([place], limit=1))
        return False

    def waiting(self) -> dict[str, list[SessionHeader]]:
        """Return the headers of the sessions that have to be judged, newest first, by source."""
        now = self._reader.now()
        return {one: found for one in self._looked if (found := self.index.waiting(one, now))}

    def jobs(self, place: str, headers: Iterable[SessionHeader]) -> list[Job]:
        """Cut sessions of one source into jobs."""
        return bulk.plan(self.source(place), headers, self._reader.now(), self._reader.findings_are_errors)

    def keep(self, place: str, judged: Iterable[Judged], stamps: Mapping[str, str]) -> None:
        """Keep what sessions came to.

        Args:
            place: their source.
            judged: what they came to.
            stamps: by their ids, as they were when they were asked for; what changed since is not kept.
        """
        kept = [Kept(one.id, stamps[one.id], one.figures, one.problems) for one in judged]
        self.index.store(place, kept)

    def judge_all(self, progress: OnProgress | None = None) -> None:
        """Judge whatever waits, on all cores where that pays, and keep it.

        Args:
            progress: told how many of how many sessions are done.
        """
        for _ in self._judging(progress):
            pass

    def _judging(self, progress: OnProgress | None) -> Generator[int]:
        """Do what `judge_all` does, step by step, and yield how many are done; helpers go on meanwhile."""
        waiting = self.waiting()
        if not waiting:
            return
        with bulk.few_collections():
            total, done = sum(map(len, waiting.values())), 0
            for place, found in waiting.items():
                stamps = {header.id: header.stamp for header in found}
                with closing(self._crew(place, found)) as crew:
                    for some in judged_together(self.source(place), crew):
                        if self._reader.stop.is_set():
                            return
                        self.keep(place, some, stamps)
                        done += len(some)
                        if progress is not None:
                            progress(done, total)
                        yield done

    def _crew(self, place: str, found: Sequence[SessionHeader]) -> Crew:
        """Return who judges sessions of a source: those who are at it already, or others."""
        if place in self._crews:
            return self._crews.pop(place)
        rows = sum(header.rows for header in found)
        return bulk.Crew(self.jobs(place, found), cores() - 1 if rows >= bulk.WORTH_IT else 0)

    def pages(
        self,
        order: Order = "age",
        limit: int = -1,
        *,
        include_hidden: bool = False,
        progress: OnProgress | None = None,
    ) -> Iterator[list[SessionSummary]]:
        """Judge what waits and yield sessions with their figures, some hundreds at a time.

        By age, the newest are yielded while older ones are judged.

        Args:
            order: by what, descending; words ascending.
            limit: at most so many; -1 for all.
            include_hidden: empty and archived sessions too.
            progress: told how many of how many sessions are done.
        """
        asked = Selection(empty=include_hidden, archived=include_hidden, troubled=True, order=order)
        judging = self._judging(progress)
        if order != "age":
            for _ in judging:
                pass
        reader = ProfileReader(self.index)
        try:
            numbers, now = reader.select(self._looked, asked).numbers, self._reader.now()
            judged = False
            for start in range(0, len(numbers), PAGE):
                some: Sequence[int] = numbers[start : start + PAGE]
                while reader.any_waits(some, now) and next(judging, None) is not None:
                    judged = True
                # only judging tells that a session is empty
                rows = dict(reader.fetch(reader.fitting(self._looked, asked, some) if judged else some))
                found = [rows[one] for one in some if one in rows]
                if limit >= 0:
                    found = found[:limit]
                    limit -= len(found)
                if found:
                    yield [SessionSummary(row.header, row.figures or NO_STATS) for row in found]
                if not limit:
                    break
            for _ in judging:  # what is not listed is counted
                pass
        finally:
            judging.close()
            reader.close()

    def left_out(self) -> dict[str, int]:
        """Return how many sessions `pages` leaves out, by reason: `empty`, `archived`."""
        return self._asked(lambda reader: reader.left_out(self._looked))

    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read: sources, and the sessions in them."""
        known = [one for place in self._looked for one in self.index.problems_of(place)]
        found = self._asked(lambda reader: reader.problems(self._looked))
        return (*self._reader.problems(), *known, *found)

    def _asked(self, ask: Callable[[ProfileReader], T]) -> T:
        reader = ProfileReader(self.index)
        try:
            return ask(reader)
        finally:
            reader.close()

    def close(self) -> None:
        """Close the index, and end helpers that had nothing to do."""
        for crew in self._crews.values():
            crew.close()
        if self._index is not None:
            self._index.close()


def judged_together(source: Source, team: Crew) -> Iterator[list[Judged]]:
    """Do jobs here and in helper processes; yield what each came to, as it comes."""
    while True:
        busy = team.busy
        if (job := team.take()) is not None:
            yield list(bulk.judge_job(source, job))
            yield from answers(team)
        elif busy:
            answer = team.answers.get()
            if answer is not None:
                yield answer[1]
        else:
            yield from answers(team)
            return


def answers(team: Crew) -> Iterator[list[Judged]]:
    """Yield what helpers have answered by now."""
    while not team.answers.empty():
        answer = team.answers.get()
        if answer is not None:
            yield answer[1]


def place_of(path: Path) -> str:
    """Return the file that the sessions of a source are said to come from."""
    return str(path / "state.db" if path.is_dir() else path)


def file_state(path: Path) -> str:
    """Return what changes whenever a file, or SQLite's log beside it, is written; "" when that is not sure.

    A database that is written to has its log's size or time changed by every commit.
    """
    parts: list[int] = []
    newest = 0
    for one in (path, Path(f"{path}-wal")):
        try:
            stat = one.stat()
        except OSError:
            continue
        parts += (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)
        newest = max(newest, stat.st_mtime_ns)
    if not parts or time.time() - newest / 1e9 < FRESH_SECONDS:
        return ""
    return "-".join(map(str, parts))
