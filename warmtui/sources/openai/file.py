"""Files of sessions: `hermes sessions export`, and OpenAI chats as JSON and JSON lines.

A file is read record by record, never as a whole unless it is one document. The scan notes where each
session is, and reading goes back there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson

from warmtui.errors import SourceError
from warmtui.model.session import Problem, Session, SessionHeader, unreadable
from warmtui.sources.base import Listing
from warmtui.sources.hermes import export as hermes_export
from warmtui.sources.hermes.lineage import Row
from warmtui.sources.openai import messages as openai
from warmtui.text import JSON_ERRORS, decode_utf8, load_json, without_surrogates

MAX_RECORD = 256 * 2**20
"""Bytes of one line, or of a file that is one document; decoded it takes several times that."""
_LIMIT = f"{MAX_RECORD // 2**20} MB"
PEEK_LINES = 20
"""How many lines are searched for a session if the first one is not JSON."""
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
MAX_PROBLEMS = 100
"""Most problems listed; a file of garbage would otherwise bury the rest."""
ID_DIGITS = 12


class _Entry(NamedTuple):
    """Where a session is in the file."""

    header: SessionHeader
    offset: int
    length: int
    item: int
    """Index among the sessions of its record."""
    place: str


class JsonFile:
    """The sessions of one JSON or JSON lines file; which shape it has is found by looking at it.

    A record is a session (an object with `messages`), a list of sessions, `{"sessions": […]}`, or a bare
    list of messages. A session without an id is called `chat-` and the first twelve hexadecimal digits of
    the SHA-256 of its messages (JSON with sorted keys), so that it keeps that id wherever it is moved; one
    whose id was taken before gets `-2`, `-3`, ….

    Args:
        path: the file.

    Raises:
        SourceError: it is missing, unreadable, in UTF-16, or holds no session.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] = ()
        self._entries: dict[str, _Entry] = {}
        self._children: dict[str, list[str]] = {}
        """Hermes sessions by the one they continue."""
        self._problems: tuple[Problem, ...] = ()
        self._scan()
        self.agent = next(iter(self._entries.values())).header.agent

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first; those without a time last, in file order."""
        self._refresh()
        headers = sorted(
            (entry.header for entry in self._entries.values()),
            key=lambda header: float("inf") if header.started_at is None else -header.started_at,
        )
        return Listing(tuple(headers), self._problems)

    def newest(self, count: int) -> list[SessionHeader]:
        """Return the first headers of the listing."""
        return list(self.listing().headers[:count])

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`."""
        self._refresh()
        reader = _Reader(self.path)
        for name in ids:
            entry = self._entries.get(name)
            if entry is None:
                continue
            try:
                session = self._session(entry, reader)
            except JSON_ERRORS:
                trouble = Problem(entry.place, "it is nested too deeply; its messages are left out")
                session = Session(entry.header, (), problems=(trouble,))
            except SourceError:
                raise
            except Exception as error:  # a record of an unforeseen shape costs only its session
                problem = unreadable(str(self.path), entry.header.id, error)
                session = Session(entry.header, (), problems=(problem,))
            yield session if prompts else replace(session, system_prompt="")

    def changed(self) -> frozenset[str] | None:
        """Return which sessions grew: all that the file holds once it was written again, else None."""
        if _fingerprint(self.path) == self._seen:
            return None
        self._scan()
        return frozenset(self._entries)

    def headers(self, ids: Iterable[str]) -> dict[str, SessionHeader]:
        """Return the headers of some sessions by their ids."""
        return {name: self._entries[name].header for name in ids if name in self._entries}

    def close(self) -> None:
        """Forget the file; nothing is held open between calls."""
        self._entries = {}

    def _session(self, entry: _Entry, reader: _Reader) -> Session:
        header = entry.header
        record = reader.record(entry)
        if record is None:
            return Session(header, (), problems=(Problem(entry.place, "it changed while it was read"),))
        if header.agent != "hermes":
            return openai.session_of(record, header, place=entry.place)
        inherits = header.kind in ("continuation", "branch") and header.parent_id is not None
        return hermes_export.session_of(
            record,
            header,
            place=entry.place,
            parent=self._rows(header.parent_id or "", reader) if inherits else None,
            children=[self._rows(child, reader) or [] for child in self._children.get(header.id, ())],
        )

    def _rows(self, session: str, reader: _Reader) -> list[Row] | None:
        entry = self._entries.get(session)
        record = reader.record(entry) if entry is not None else None
        return None if record is None else hermes_export.rows_of(record, session)

    def _refresh(self) -> None:
        """Scan again when the file changed: offsets into another one mean nothing."""
        if _fingerprint(self.path) != self._seen:
            self._scan()

    def _scan(self) -> None:
        self._seen = _fingerprint(self.path)
        self._entries, self._children = {}, {}
        problems: list[Problem] = []
        unplaced: dict[str, dict[str, Any]] = {}
        """Heads of Hermes sessions that have a parent."""
        try:
            for record in read_records(self.path):
                place = f"{self.path}: line {record.line}" if record.line else str(self.path)
                if record.trouble:
                    problems.append(Problem(place, record.trouble))
                for item, found in enumerate(sessions_in(record.value)):
                    where = place if record.line else f"{place}: session {item + 1}"
                    if isinstance(found, str):
                        problems.append(Problem(where, found))
                        continue
                    header = self._add(record, item, found, where, problems)
                    if header.parent_id is not None:
                        keys = ("model_config", "parent_session_id", "source")
                        unplaced[header.id] = {key: found.get(key) for key in keys}
        except OSError as error:
            raise _unreadable(self.path, error) from error
        for session, head in unplaced.items():
            self._place(session, head)
        if not self._entries:
            why = f": {problems[0].text}" if problems else ""
            raise SourceError(
                f"{self.path} holds no session{why}",
                "give a Hermes session export, or OpenAI chats as JSON or JSON lines",
            )
        more = len(problems) - MAX_PROBLEMS
        if more > 0:
            problems[MAX_PROBLEMS:] = [Problem(str(self.path), f"{more} more problems of this kind")]
        self._problems = tuple(problems)

    def _add(
        self, record: Record, item: int, found: dict[str, Any], place: str, problems: list[Problem]
    ) -> SessionHeader:
        wanted = session_id(found)
        session, copy = wanted, 1
        while session in self._entries:
            copy += 1
            session = f"{wanted}-{copy}"
        if session != wanted:
            problems.append(Problem(place, f"its id {wanted} was there before; read as {session}"))
        read_header = hermes_export.header_of if hermes_export.is_export(found) else openai.header_of
        header = read_header(found, session=session, source=str(self.path))
        header = header._replace(stamp="-".join(map(str, self._seen)))
        self._entries[session] = _Entry(header, record.offset, record.length, item, place)
        return header

    def _place(self, session: str, head: dict[str, Any]) -> None:
        """Settle how a session with a parent began, now that all of the file is known."""
        entry = self._entries[session]
        parent = self._entries.get(entry.header.parent_id or "")
        kind = hermes_export.kind_of(head, parent.header.end_reason if parent else None)
        self._entries[session] = entry._replace(header=entry.header._replace(kind=kind))
        if parent is not None and kind == "continuation":
            self._children.setdefault(parent.header.id, []).append(session)


class _Reader:
    """Rereads records; keeps the last one, because the sessions of a document share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = -1
        self._found: list[dict[str, Any] | str] = []

    def record(self, entry: _Entry) -> dict[str, Any] | None:
        """Return a session's decoded record; None if it is no longer there."""
        if entry.offset != self._offset:
            try:
                with self._path.open("rb") as file:
                    raw = read_at(file, entry.offset, entry.length)
            except OSError as error:
                raise _unreadable(self._path, error) from error
            self._found = list(sessions_in(decode(raw)[0]))
            self._offset = entry.offset
        found = self._found[entry.item] if entry.item < len(self._found) else None
        return found if isinstance(found, dict) else None


def sessions_in(value: Any) -> Iterator[dict[str, Any] | str]:
    """Yield the sessions of one decoded record, or what is wrong with one in its place.

    Args:
        value: as decoded; None is passed over.
    """
    if isinstance(value, dict) and isinstance(value.get("sessions"), list) and "messages" not in value:
        value = value["sessions"]
    if isinstance(value, list) and any(isinstance(item, dict) and "role" in item for item in value):
        value = {"messages": value}
    for item in value if isinstance(value, list) else () if value is None else (value,):
        if not isinstance(item, dict):
            yield "it is no object; left out"
        elif not isinstance(item.get("messages"), list):
            yield "it has no list of messages; left out"
        else:
            yield item


def session_id(record: dict[str, Any]) -> str:
    """Return a session's own id, or one made from its messages."""
    for name in ("id", "session_id"):
        own = record.get(name)
        if isinstance(own, (str, int)) and not isinstance(own, bool) and str(own).strip():
            return without_surrogates(str(own)).strip()
    raw = b""
    with suppress(*JSON_ERRORS):
        try:
            raw = orjson.dumps(record["messages"], option=orjson.OPT_SORT_KEYS)
        except TypeError:
            raw = json.dumps(record["messages"], sort_keys=True).encode()
    return f"chat-{hashlib.sha256(raw).hexdigest()[:ID_DIGITS]}"


def _fingerprint(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"{path} cannot be read: {error.strerror or error}", "check the path and its permissions"
    )


def open_file(path: Path) -> JsonFile | None:
    """Open a JSON or JSON lines file; None for anything else.

    Raises:
        SourceError: it cannot be read, or holds no session.
    """
    return JsonFile(path) if is_json(path) else None


def is_json(path: Path) -> bool:
    """Whether a file is taken for JSON or JSON lines, by its name or its first bytes."""
    if path.is_dir():
        return False
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return True
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


class Record(NamedTuple):
    """One line, or the whole document: its place and its content."""

    offset: int
    length: int
    line: int
    """Line number from 1; 0 for a document."""
    value: Any
    """Decoded; None when that was not possible."""
    trouble: str
    """What was wrong with it; empty when nothing was."""


def decode(raw: bytes) -> tuple[Any, str]:
    """Decode one record.

    Returns:
        The value and what was wrong; the value is None when nothing could be read, and what is wrong is
        empty when nothing is.
    """
    raw = _bare(raw)
    try:
        return load_json(raw), ""
    except UnicodeDecodeError:
        try:
            return load_json(decode_utf8(raw)), "bytes that are not UTF-8 were replaced by U+FFFD"
        except JSON_ERRORS:
            return None, "it is not UTF-8 and not JSON; left out"
    except RecursionError:
        return None, "it is nested too deeply; left out"
    except ValueError:
        return None, "it is not JSON; left out"


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a file in order, one at a time in memory; empty lines are passed over.

    Args:
        path: the file; a byte order mark at its start and carriage returns are dropped.

    Raises:
        SourceError: it is in UTF-16, or one document past `MAX_RECORD`.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise SourceError(f"{path} is in UTF-16", "save it as UTF-8")
        if _is_document(file):
            raw = read_at(file, 0, MAX_RECORD + 1)
            if len(raw) > MAX_RECORD:
                raise SourceError(
                    f"{path} is one JSON document of more than {_LIMIT}", "write a session a line"
                )
            yield Record(0, len(raw), 0, *decode(raw))
            return
        for number, (offset, raw) in enumerate(_lines(file), 1):
            if len(raw) > MAX_RECORD:
                yield Record(offset, 0, number, None, f"it is longer than {_LIMIT}; left out")
            elif _bare(raw):
                yield Record(offset, len(raw), number, *decode(raw))


def read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """Read bytes of an open file."""
    file.seek(offset)
    return file.read(length)


def _bare(raw: bytes) -> bytes:
    return raw.removeprefix(_BOM).strip()


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their offsets; of one past the limit only its beginning."""
    file.seek(0)
    offset = 0
    while raw := file.readline(MAX_RECORD + 1):
        yield offset, raw
        offset += len(raw)
        if len(raw) > MAX_RECORD:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_RECORD)
                offset += len(raw)


def _is_document(file: BinaryIO) -> bool:
    """Whether a file is one JSON value over several lines.

    It is when its first line opens a value without closing it, and no line after it is a session.
    """
    lines = (line for _, raw in _lines(file) if (line := _bare(raw)))
    first = next(lines, b"")
    if first[:1] not in (b"{", b"[") or decode(first)[0] is not None:
        return False
    return not any(
        isinstance(value := decode(line)[0], dict) and "messages" in value
        for line in islice(lines, PEEK_LINES)
        if line[:1] == b"{"
    )
