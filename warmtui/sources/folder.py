"""A folder of session files of any kind, opened as one source."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from warmtui.errors import SourceError, WarmtuiError
from warmtui.model.session import Problem, Session, SessionHeader, unreadable
from warmtui.sources.base import Listing, Source
from warmtui.sources.copies import began_together, say_the_same
from warmtui.sources.json_records import named_json
from warmtui.sources.session_files import Fingerprint, cannot_read, fingerprint_of, first_problems

MAX_FILES = 50_000
"""Most files of a folder that are read; one with more is likely not meant, like a home folder."""
TOLD_COPIES = 5
"""Copies that are named; the others are counted."""
_PASSED_BY = frozenset({"node_modules", "__pycache__", "site-packages"})
"""Folders in which JSON files are no sessions; those whose names begin with a dot are passed by as well."""


class _File(NamedTuple):
    """One file as it was when it was last looked at."""

    fingerprint: Fingerprint
    source: Source | None
    """None if it cannot be read."""
    headers: tuple[SessionHeader, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


class _Place(NamedTuple):
    """Where a session of the folder is."""

    path: Path
    own_id: str
    """Its id in that file."""


class SessionFolder:
    """The sessions of all JSON files below a folder, whichever program wrote each.

    A file that changed is read again, the others are not. A file that cannot be read costs only itself.
    A session that stands in several files is listed once, from the file that shows most of it; another
    one of the same id takes its file's name into its own.

    Args:
        path: the folder.
        open_file: opens one file; None where no reader knows it. It may raise `SourceError`.

    Raises:
        SourceError: the folder cannot be read, or none of its files holds a session.
    """

    def __init__(self, path: Path, open_file: Callable[[Path], Source | None]) -> None:
        self.path = path
        self._open_file = open_file
        self._files: dict[Path, _File] = {}
        self._headers: dict[str, SessionHeader] = {}
        self._places: dict[str, _Place] = {}
        self._problems: tuple[Problem, ...] = ()
        self._notes: tuple[str, ...] = ()
        self._same: dict[tuple[_Place, str, _Place, str], bool] = {}
        """What comparing two sessions of one id gave, by their places and stamps."""
        listing = self.listing()
        if not listing.headers:
            first = next(iter(listing.problems), None)
            why = f": {first.place}: {first.text}" if first is not None else ""
            what = f"no file in {path} holds a session{why}"
            raise SourceError(what, "give a folder of JSON or JSONL files")
        agents = {header.agent for header in listing.headers}
        self.agent = agents.pop() if len(agents) == 1 else "openai"

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first; those without a time last."""
        self._scan()
        return Listing(tuple(self._headers.values()), self._problems, self._notes)

    def newest(self, count: int) -> list[SessionHeader]:
        """Return the first headers of the listing."""
        return list(self._headers.values())[:count]

    def headers(self, ids: Iterable[str]) -> dict[str, SessionHeader]:
        """Return the headers of some sessions by their ids."""
        return {name: self._headers[name] for name in ids if name in self._headers}

    def changed(self) -> frozenset[str] | None:
        """Return which sessions grew since the folder was last looked at; None if no file changed."""
        before = self._headers
        if not self._scan():
            return None
        return frozenset(
            name
            for name, header in self._headers.items()
            if name not in before or before[name].stamp != header.stamp
        )

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`; one whose file cannot be read comes with the reason."""
        known = [name for name in ids if name in self._places]
        for path, names in groupby(known, key=lambda name: self._places[name].path):
            yield from self._read_from(path, list(names), prompts=prompts)

    def close(self) -> None:
        """Close what was opened for its files."""
        for file in self._files.values():
            if file.source is not None:
                file.source.close()
        self._files = {}

    def _read_from(self, path: Path, names: Sequence[str], *, prompts: bool) -> Iterator[Session]:
        own_ids = {self._places[name].own_id: name for name in names}
        file = self._files.get(path)
        missing = dict.fromkeys(names)
        try:
            if file is not None and file.source is not None:
                for session in file.source.read(list(own_ids), prompts=prompts):
                    name = own_ids[session.header.id]
                    missing.pop(name, None)
                    yield replace(session, header=self._headers[name])
        except (WarmtuiError, OSError) as error:
            for name in missing:
                problem = unreadable(str(path), name, error)
                yield Session(self._headers[name], (), problems=(problem,))

    def _scan(self) -> bool:
        """Look at all files and read the headers of those that changed; return whether any did."""
        problems: list[Problem] = []
        found = dict(self._find(problems))
        before = {path: file.fingerprint for path, file in self._files.items()}
        if found == before and before:
            return False
        for path in self._files.keys() - found.keys():
            self._files.pop(path)
        for path, fingerprint in found.items():
            if before.get(path) != fingerprint:
                self._files[path] = self._look(path, fingerprint)
        for path in found:
            problems += self._files[path].problems
        copies = self._choose(list(found), problems)
        notes = [note for path in found for note in self._files[path].notes]
        self._notes = (*notes, *copies[:TOLD_COPIES])
        if len(copies) > TOLD_COPIES:
            self._notes += (f"{self.path}: {len(copies) - TOLD_COPIES:,} more copies of its sessions",)
        self._problems = first_problems(problems, self.path)
        return True

    def _find(self, problems: list[Problem]) -> Iterator[tuple[Path, Fingerprint]]:
        """Yield the JSON files below the folder with their fingerprints, sorted by path."""
        count = 0

        def on_error(error: OSError) -> None:
            if Path(error.filename) == self.path:
                raise cannot_read(self.path, error) from error
            problems.append(Problem(str(error.filename), f"cannot be read: {error.strerror}"))

        for folder, folders, files in os.walk(self.path, onerror=on_error):
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and name not in _PASSED_BY
            )
            for name in sorted(files):
                path = Path(folder, name)
                if name.startswith(".") or not named_json(path):
                    continue
                count += 1
                if count > MAX_FILES:
                    told = f"it holds more than {MAX_FILES:,} files; the others are left out"
                    problems.append(Problem(str(self.path), told))
                    return
                try:
                    stat = path.stat()
                except OSError as error:
                    problems.append(Problem(str(path), f"cannot be read: {error.strerror}"))
                    continue
                yield path, fingerprint_of(stat)

    def _look(self, path: Path, fingerprint: Fingerprint) -> _File:
        """Read the headers of one file."""
        try:
            source = self._open_file(path)
            if source is None:
                return _File(fingerprint, None, (), ())
            listing = source.listing()
        except WarmtuiError as error:
            text = error.what.removeprefix(f"{path} ") if isinstance(error, SourceError) else str(error)
            return _File(fingerprint, None, (), (Problem(str(path), text),))
        except Exception as error:  # a file of an unforeseen shape costs only its sessions
            problem = Problem(str(path), f"cannot be read: {type(error).__name__}: {error}")
            return _File(fingerprint, None, (), (problem,))
        return _File(fingerprint, source, listing.headers, listing.problems, listing.notes)

    def _choose(self, paths: Sequence[Path], problems: list[Problem]) -> list[str]:
        """List each session once, from the file that shows most of it; return notes of the other copies."""
        by_id: dict[str, list[tuple[SessionHeader, _Place]]] = {}
        for path in paths:
            for header in self._files[path].headers:
                by_id.setdefault(header.id, []).append((header, _Place(path, header.id)))
        chosen: list[tuple[SessionHeader, _Place]] = []
        notes: list[str] = []
        for session, copies in by_id.items():
            if len(copies) > 1:
                copies = self._settle(session, copies, by_id.keys(), problems, notes)
            chosen += copies
        chosen.sort(key=lambda found: float("inf") if (at := found[0].started_at) is None else -at)
        own = str(self.path)
        self._headers = {header.id: header._replace(source=own) for header, _ in chosen}
        self._places = {header.id: place for header, place in chosen}
        return notes

    def _settle(
        self,
        session: str,
        copies: list[tuple[SessionHeader, _Place]],
        taken: Iterable[str],
        problems: list[Problem],
        notes: list[str],
    ) -> list[tuple[SessionHeader, _Place]]:
        """Tell copies of one session from other sessions that have its id."""
        groups: list[list[tuple[SessionHeader, _Place]]] = []
        for copy in copies:
            group = next((group for group in groups if self._is_copy(group[0], copy)), None)
            if group is None:
                groups.append([copy])
            else:
                group.append(copy)
        names = set(taken)
        settled: list[tuple[SessionHeader, _Place]] = []
        for group in groups:
            header, place = max(group, key=lambda copy: _fullness(copy[0]))
            name = session
            if settled:
                name = self._name(session, place.path, names)
                told = f"its session {session} has the id of another; read as {name}"
                problems.append(Problem(str(place.path), told))
            names.add(name)
            settled.append((header._replace(id=name), place))
            others = (other for _, other in group if other != place)
            notes += (
                f"{other.path}: a copy of session {name}, which is read from {place.path}" for other in others
            )
        return settled

    def _name(self, session: str, path: Path, taken: set[str]) -> str:
        """Return an id that no other session has, made from the file's name."""
        parts = path.relative_to(self.path).with_suffix("").parts
        for count in range(1, len(parts) + 1):
            name = f"{session}-{'-'.join(parts[-count:])}"
            if name not in taken:
                return name
        return f"{session}-{path.name}"

    def _is_copy(self, one: tuple[SessionHeader, _Place], other: tuple[SessionHeader, _Place]) -> bool:
        """Whether two sessions of one id are the same: one begins with all of the other."""
        (header, place), (second, elsewhere) = one, other
        if header.agent != second.agent:
            return False
        if header.id.startswith("chat-") or began_together(header, second):
            return True  # an id made from the messages, or the same time: not worth reading both
        key = (place, header.stamp, elsewhere, second.stamp)
        if key not in self._same:
            self._same[key] = say_the_same(self._whole(place), self._whole(elsewhere))
        return self._same[key]

    def _whole(self, place: _Place) -> Session | None:
        source = self._files[place.path].source
        try:
            return None if source is None else next(source.read([place.own_id], prompts=False), None)
        except (WarmtuiError, OSError):
            return None


def _fullness(header: SessionHeader) -> tuple[int, int, float]:
    """How much of a session a copy of it shows: its messages, what is known besides, then how new it is."""
    known = sum(value is not None for value in header)
    return header.rows, known, header.last_active_at or 0.0
