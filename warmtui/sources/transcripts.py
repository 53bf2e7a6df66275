"""Agents that append each session to a JSON lines file of its own, below one folder: Claude Code, Codex.

`TranscriptFolder` is the source. What an agent's records mean is in its `TranscriptFormat`, which turns the
first and last records of a file into a header and all of them into a session.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

import orjson

from warmtui.errors import SourceError
from warmtui.model.session import Problem, Session, SessionHeader, unreadable
from warmtui.sources.base import Listing
from warmtui.sources.json_records import (
    COMPRESSED,
    decode,
    open_records,
    split_values,
)
from warmtui.sources.session_files import (
    MAX_PROBLEMS,
    Fingerprint,
    cannot_read,
    fingerprint_of,
    first_problems,
)

HEAD_BYTES, TAIL_BYTES = 16_384, 65_536
"""How much of a file's beginning and of its end is decoded for its header."""
HEAD_LINES = 16
"""Lines that are decoded whatever their length: Codex begins with instructions of any size."""
END_BYTES = 256
"""How much of a log's end is compared before it is read on."""
KEPT_LOGS = 4
"""Files whose decoded records are kept, so that one that grows is read on from where it ended."""


Line = tuple[int, dict[str, Any]]
"""The number of a file's line, from 1, and the record on it; two records on one line share its number."""


class Log:
    """The records of one append-only file; `update` reads on from where the last reading ended.

    A file that was cut, replaced or written anew is read again from its start. The last line may still be
    written: as long as it has no end and cannot be decoded, it is left for the next update.
    """

    def __init__(self, path: Path, form: TranscriptFormat) -> None:
        self.path = path
        self._form = form
        self.lines: list[Line] = []
        self.bad: list[tuple[int, str]] = []
        """Line numbers of what could not be read, and why."""
        self._inode = -1
        self._offset = 0
        self._count = 0
        self._end = b""
        """What stood before `_offset`, to notice a file that was cut and grew again."""

    def update(self) -> None:
        """Read what was appended.

        Raises:
            OSError: the file is gone or cannot be read.
            SourceError: it is compressed, and damaged or too large.
        """
        inode = self.path.stat().st_ino
        is_packed = self.path.suffix.lower() in COMPRESSED
        with open_records(self.path) as file:
            file.seek(max(0, self._offset - len(self._end)))
            if inode != self._inode or file.read(len(self._end)) != self._end:
                self._inode, self._offset, self._count, self._end = inode, 0, 0, b""
                self.lines, self.bad = [], []
            file.seek(self._offset)
            slim, last = self._form.slim, b""
            for raw in file:
                values, trouble = values_of(raw)
                if (trouble or not values) and not raw.endswith(b"\n") and not is_packed:
                    break  # half a line: another process is writing it
                self._count += 1
                self._offset += len(raw)
                last = raw
                for value in values:
                    kept = slim(value)
                    if kept is not None:
                        self.lines.append((self._count, kept))
                if trouble:
                    self.bad.append((self._count, trouble))
            self._end = last[-END_BYTES:] or self._end


def values_of(raw: bytes) -> tuple[list[dict[str, Any]], str]:
    """Decode one line: its objects, of which two writers at once may have put several there.

    Returns:
        The objects, and what was wrong with the line; empty when nothing was.
    """
    try:
        value, trouble = orjson.loads(raw), ""
    except ValueError:
        if not raw.strip():
            return [], ""
        value, trouble = decode(raw)
    if isinstance(value, dict):
        return [value], trouble
    if value is not None:
        return [], "it is no object; left out"
    parts = list(split_values(raw))
    objects = [part for _, _, part in parts if isinstance(part, dict)]
    whole = bool(parts) and not raw[parts[-1][0] + parts[-1][1] :].strip()
    return objects, "" if whole else trouble


@dataclass(frozen=True, slots=True)
class Transcript:
    """One file, before it is read as a whole."""

    path: Path
    size: int
    """Bytes."""
    first: Sequence[dict[str, Any]]
    """Its first records: those in its first `HEAD_BYTES` or `HEAD_LINES`, whichever are more."""
    last: Sequence[dict[str, Any]]
    """Its last records, at least one if `first` does not hold all; in order."""


class _Head(NamedTuple):
    """What a file's beginning and end told."""

    fingerprint: Fingerprint
    """Of the file when they were read."""
    header: SessionHeader | None
    problem: Problem | None = None


class TranscriptFormat(Protocol):
    """How one agent names its files and what their records mean."""

    agent: str

    def find(self, root: Path) -> Iterable[Path]:
        """Yield the files that may be sessions."""
        ...

    def slim(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """Return what of a record `read` needs, which is kept in memory; None for nothing."""
        ...

    def header(self, transcript: Transcript) -> SessionHeader | None:
        """Read a header; None for a file that is no session.

        `source` and `stamp` are filled in by the folder. `rows` is 0 for a session without messages, else
        any number that is no less than its messages.
        """
        ...

    def relate(self, headers: Mapping[str, SessionHeader], records: RecordsOf) -> dict[str, SessionHeader]:
        """Settle which sessions are copies, branches or subagents of others, now that all are known.

        Args:
            headers: all headers by id.
            records: reads the records of a session by its id.

        Returns:
            All headers, with `kind` and `parent_id` as they are.
        """
        ...

    def read(self, header: SessionHeader, log: Log, records: RecordsOf) -> Session:
        """Read a whole session; what it copied from its parent is left out.

        Args:
            header: its header.
            log: its records.
            records: reads the records of other sessions by their ids.
        """
        ...


RecordsOf = Callable[[str], Sequence[Line]]


class TranscriptFolder:
    """The sessions of one agent below one folder.

    Args:
        root: the folder.
        form: how the agent writes its files.

    Raises:
        SourceError: the folder cannot be read.
    """

    def __init__(self, root: Path, form: TranscriptFormat) -> None:
        self.path = root
        self.agent = form.agent
        self._form = form
        self._seen: dict[Path, Fingerprint] = {}
        self._heads: dict[Path, _Head] = {}
        self._files: dict[str, list[Path]] = {}
        """Files of each session, in the order in which they were begun; most have one."""
        self._headers: dict[str, SessionHeader] = {}
        self._problems: tuple[Problem, ...] = ()
        self._notes: tuple[str, ...] = ()
        self._logs: OrderedDict[Path, Log] = OrderedDict()
        self._grown: set[str] | None = None
        """Sessions that grew since `listing` or `changed`; None if no file changed."""
        self._scan()
        self._grown = None

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first."""
        self._scan()
        self._grown = None
        return Listing(tuple(self._headers.values()), self._problems, self._notes)

    def newest(self, count: int) -> list[SessionHeader]:
        """Return the headers of the sessions that began last."""
        return list(self._headers.values())[:count]

    def headers(self, ids: Iterable[str]) -> dict[str, SessionHeader]:
        """Return the newest headers of some sessions by their ids."""
        return {name: self._headers[name] for name in ids if name in self._headers}

    def changed(self) -> frozenset[str] | None:
        """Return which sessions grew since the folder was last looked at; None if no file changed."""
        self._scan()
        grown, self._grown = self._grown, None
        return None if grown is None else frozenset(grown)

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`; one that cannot be read comes with the reason."""
        self._scan()
        for name in ids:
            header = self._headers.get(name)
            if header is None:
                continue
            try:
                logs = self._logs_of(name)
                session = self._form.read(header, self._joined(logs), self._records)
                session = replace(session, problems=(*_troubles(logs), *session.problems))
            except Exception as error:  # a record of an unforeseen shape costs only its session
                session = Session(header, (), problems=(unreadable(str(self._files[name][-1]), name, error),))
            yield session if prompts else replace(session, system_prompt="")

    def close(self) -> None:
        """Forget the files; nothing is held open between calls."""
        self._logs.clear()

    def _records(self, session: str) -> Sequence[Line]:
        if session not in self._files:
            return ()
        try:
            return self._joined(self._logs_of(session)).lines
        except (OSError, SourceError):
            return ()

    def _logs_of(self, session: str) -> list[Log]:
        """Return the logs of a session's files, read up to now, in the order in which they were begun."""
        return [self._log(path) for path in self._files[session]]

    def _joined(self, logs: Sequence[Log]) -> Log:
        """Return the records of a session; those that several of its files hold count once."""
        if len(logs) == 1:
            return logs[0]
        whole = Log(logs[-1].path, self._form)
        seen: set[bytes] = set()
        for log in logs:
            whole.bad += log.bad
            for number, record in log.lines:
                raw = orjson.dumps(record)
                if raw not in seen:
                    seen.add(raw)
                    whole.lines.append((number, record))
        return whole

    def _log(self, path: Path) -> Log:
        log = self._logs.pop(path, None) or Log(path, self._form)
        log.update()
        self._logs[path] = log
        while len(self._logs) > KEPT_LOGS:
            self._logs.popitem(last=False)
        return log

    def _scan(self) -> None:
        """Look at all files and read the headers of those that changed."""
        seen: dict[Path, Fingerprint] = {}
        problems: list[Problem] = []
        try:
            self.path.stat()  # a folder that is gone would look like one without files
            for path in self._form.find(self.path):
                try:
                    stat = path.stat()
                except OSError as error:
                    problems.append(Problem(str(path), f"cannot be read: {error.strerror}"))
                    continue
                seen[path] = fingerprint_of(stat)
        except OSError as error:
            raise cannot_read(self.path, error) from error
        if seen == self._seen and self._seen:
            return
        self._seen = seen
        before, known = self._headers, self._heads
        self._heads = {
            path: head
            if (head := known.get(path)) is not None and head.fingerprint == fingerprint
            else self._head(path, fingerprint)
            for path, fingerprint in seen.items()
        }
        problems += [head.problem for head in self._heads.values() if head.problem is not None]
        self._choose()
        self._problems = first_problems(problems, self.path)
        grown = (
            name
            for name, header in self._headers.items()
            if name not in before or before[name].stamp != header.stamp
        )
        self._grown = (self._grown or set()).union(grown)

    def _choose(self) -> None:
        """List each session once, also where several files hold it: copies, or parts of it."""
        self._files = {}
        notes: list[str] = []
        headers: dict[str, SessionHeader] = {}
        found = [(head.header, path) for path, head in self._heads.items() if head.header is not None]
        for header, path in sorted(found, key=lambda item: (item[0].started_at or 0.0, item[0].rows)):
            before = headers.get(header.id)
            self._files.setdefault(header.id, []).append(path)
            headers[header.id] = header if before is None else _joined_header(before, header)
            if before is not None:
                first = self._files[header.id][0]
                notes.append(f"{path}: session {header.id} lies in {first} too; both are read as one")
        self._notes = tuple(notes)
        related = self._form.relate(headers, self._records)
        began = sorted(related.values(), key=lambda header: header.started_at or 0.0, reverse=True)
        self._headers = {header.id: _with_parent(header, related) for header in began}

    def _head(self, path: Path, fingerprint: Fingerprint) -> _Head:
        try:
            first, last = _ends(path)
            transcript = Transcript(path, fingerprint[2], first, last)
            header = self._form.header(transcript)
        except (OSError, SourceError) as error:
            why = getattr(error, "strerror", None) or error
            return _Head(fingerprint, None, Problem(str(path), f"cannot be read: {why}"))
        except Exception as error:  # a file of an unforeseen shape costs only its session
            why = f"{type(error).__name__}: {error}"
            return _Head(fingerprint, None, Problem(str(path), f"cannot be read: {why}"))
        if header is not None:
            stamp = "-".join(map(str, fingerprint))
            header = header._replace(agent=self.agent, source=str(self.path), stamp=stamp)
        return _Head(fingerprint, header)


def _troubles(logs: Sequence[Log]) -> list[Problem]:
    """Return what could not be read of a session's files, line by line."""
    found = [(log.path, *bad) for log in logs for bad in log.bad]
    return [Problem(f"{path}: line {line}", why) for path, line, why in found[:MAX_PROBLEMS]]


def _joined_header(header: SessionHeader, other: SessionHeader) -> SessionHeader:
    """Join the headers of two files of one session; `header` began first."""
    newest = max(header, other, key=lambda part: part.last_active_at or 0.0)
    return newest._replace(
        started_at=header.started_at, rows=header.rows + other.rows, stamp=f"{header.stamp} {other.stamp}"
    )


def _with_parent(header: SessionHeader, headers: Mapping[str, SessionHeader]) -> SessionHeader:
    """Add the parent's stamp to a branch's, whose figures depend on what it copied."""
    parent = headers.get(header.parent_id or "")
    if parent is None or header.kind not in ("branch", "continuation"):
        return header
    return header._replace(stamp=f"{header.stamp} {parent.stamp}")


def first_records(path: Path) -> list[dict[str, Any]]:
    """Decode the first records of a file, at least one if it holds any; none where it cannot be read."""
    try:
        with open_records(path) as file:
            return _first(file)
    except (OSError, SourceError):
        return []


def _first(file: BinaryIO) -> list[dict[str, Any]]:
    first: list[dict[str, Any]] = []
    for number, raw in enumerate(file, 1):
        first += values_of(raw)[0]
        if file.tell() >= HEAD_BYTES and number >= HEAD_LINES and first:
            break
    return first


def _ends(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Decode the first and the last records of a file."""
    last: list[dict[str, Any]] = []
    with open_records(path) as file:
        first = _first(file)
        at = file.tell()
        end = file.seek(0, os.SEEK_END)
        size = TAIL_BYTES
        while end > at and not last:
            start = max(at, end - size)
            file.seek(start)
            if start > at:
                file.readline()  # the rest of a line that begins before
            for raw in file:
                last += values_of(raw)[0]
            if start == at:
                break
            size *= 8  # its last line is longer
    return first, last
