"""Files of sessions: `hermes sessions export`, and chats of many dialects as JSON and JSON lines.

A file is read record by record, never as a whole unless it is one document. The scan notes where each
session is, and reading goes back there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson

from warmtui.errors import SourceError
from warmtui.model.session import Problem, Session, SessionHeader, unreadable
from warmtui.sources.base import Listing
from warmtui.sources.copies import one_begins_with_other
from warmtui.sources.hermes import export as hermes_export
from warmtui.sources.hermes.lineage import Row
from warmtui.sources.hermes.rows import RESETS
from warmtui.sources.json_records import Record, decode, is_json, open_records, read_at, read_records
from warmtui.sources.messages import message_time
from warmtui.sources.openai import messages as openai
from warmtui.sources.openai.dialects import Chat, chats_in, is_line_of_chat
from warmtui.sources.session_files import Fingerprint, cannot_read, fingerprint_of, first_problems
from warmtui.text import JSON_ERRORS, without_surrogates

ID_DIGITS = 12
_IDS = ("id", "session_id", "custom_id", "conversation_id", "sessionId", "trajectory_id")


class _Entry(NamedTuple):
    """Where a session is in the file."""

    header: SessionHeader
    offset: int
    length: int
    item: int
    """Index among the sessions of its record."""
    place: str
    is_export: bool = False
    """Hermes wrote it, with messages as it keeps them, which need those of its relatives."""
    lines_of: str | None = None
    """Its messages stand on lines of their own, and these belong to it; None for a record of its own."""


@dataclass
class _Lines:
    """A session whose messages stand on lines of their own."""

    head: dict[str, Any] = field(default_factory=dict)
    rows: int = 0
    first: float | None = None
    last: float | None = None

    def add(self, line: dict[str, Any]) -> None:
        at = message_time(line)
        if line.get("role") == "session_meta":
            self.head = {**line, **self.head}
        else:
            self.rows += 1
        if at is not None:
            self.first, self.last = at if self.first is None else self.first, at


class JsonFile:
    """The sessions of one JSON or JSON lines file; which shape it has is found by looking at it.

    A record is a session, a list of sessions, `{"sessions": […]}`, or a bare list of messages; or every
    line is a message, then the file is one session called after it (one for each `session_id` where lines
    have one). A session without an id is called `chat-` and the first twelve hexadecimal digits of the
    SHA-256 of its messages (JSON with sorted keys), so that it keeps that id wherever it is moved.

    A session that was logged several times while it grew is listed once, as it was last. One whose id was
    taken by another gets `-2`, `-3`, ….

    Args:
        path: the file.

    Raises:
        SourceError: it is missing, unreadable, in UTF-16, or holds no session.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: Fingerprint = ()
        self._entries: dict[str, _Entry] = {}
        self._children: dict[str, list[str]] = {}
        """Hermes sessions by the one they continue."""
        self._problems: tuple[Problem, ...] = ()
        self._notes: tuple[str, ...] = ()
        self._scan()
        self.agent = next(iter(self._entries.values())).header.agent

    def listing(self) -> Listing:
        """Return the headers of all sessions, newest first; those without a time last, in file order."""
        self._refresh()
        headers = sorted(
            (entry.header for entry in self._entries.values()),
            key=lambda header: float("inf") if header.started_at is None else -header.started_at,
        )
        return Listing(tuple(headers), self._problems, self._notes)

    def newest(self, count: int) -> list[SessionHeader]:
        """Return the first headers of the listing."""
        return list(self.listing().headers[:count])

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions in the order of `ids`."""
        self._refresh()
        with _Reader(self.path) as reader:
            for name in ids:
                entry = self._entries.get(name)
                if entry is not None:
                    session = self._read_entry(entry, reader)
                    yield session if prompts else replace(session, system_prompt="")

    def _read_entry(self, entry: _Entry, reader: _Reader) -> Session:
        """Read one session; a record of an unforeseen shape costs only its own."""
        try:
            return self._session(entry, reader)
        except JSON_ERRORS:
            trouble = Problem(entry.place, "it is nested too deeply; its messages are left out")
            return Session(entry.header, (), problems=(trouble,))
        except SourceError:
            raise
        except Exception as error:
            problem = unreadable(str(self.path), entry.header.id, error)
            return Session(entry.header, (), problems=(problem,))

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
        chat = reader.chat(entry)
        if chat is None:
            return Session(header, (), problems=(Problem(entry.place, "it changed while it was read"),))
        if not entry.is_export:
            session = openai.session_of(chat, header, place=entry.place)
            return hermes_export.with_authors(session) if header.agent == "hermes" else session
        return hermes_export.session_of(
            chat.head,
            header,
            place=entry.place,
            parent=self._parent_rows(header, reader),
            children=[self._rows(child, reader) or [] for child in self._children.get(header.id, ())],
        )

    def _parent_rows(self, header: SessionHeader, reader: _Reader) -> list[Row] | None:
        """Return the rows of the session that one began with; None where that was a reset."""
        parent = self._entries.get(header.parent_id or "")
        if parent is None or (header.kind == "root" and parent.header.end_reason in RESETS):
            return None
        return self._rows(parent.header.id, reader)

    def _rows(self, session: str, reader: _Reader) -> list[Row] | None:
        entry = self._entries.get(session)
        chat = reader.chat(entry) if entry is not None else None
        return None if chat is None else hermes_export.rows_of(chat.head, session)

    def _refresh(self) -> None:
        """Scan again when the file changed: offsets into another one mean nothing."""
        if _fingerprint(self.path) != self._seen:
            self._scan()

    def _scan(self) -> None:
        self._seen = _fingerprint(self.path)
        try:
            scan = _Scan(self.path, "-".join(map(str, self._seen)))
        except OSError as error:
            raise cannot_read(self.path, error) from error
        self._entries, self._children = scan.entries, scan.children
        problems, self._notes = scan.problems, tuple(scan.notes)
        if not self._entries:
            why = f": {problems[0].text}" if problems else ""
            raise SourceError(
                f"{self.path} holds no session{why}",
                "give a Hermes session export, or OpenAI chats as JSON or JSON lines",
            )
        self._problems = first_problems(problems, self.path)


class _Scan:
    """One pass over a file: where its sessions are, and what is wrong with it."""

    def __init__(self, path: Path, stamp: str) -> None:
        self.entries: dict[str, _Entry] = {}
        self.children: dict[str, list[str]] = {}
        """Hermes sessions by the one they continue."""
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._path = path
        self._stamp = stamp
        self._older = 0
        """Snapshots of sessions that a later record holds again."""
        self._requests: dict[int, str] = {}
        """Sessions by what their newest request said."""
        with _Reader(path) as self._reader:
            self._read(path)

    def _read(self, path: Path) -> None:
        lines: dict[str, _Lines] = {}
        unplaced: dict[str, dict[str, Any]] = {}
        """Heads of Hermes sessions that have a parent."""
        for record in read_records(path):
            place = f"{path}: line {record.line}" if record.line else str(path)
            if record.trouble:
                self.problems.append(Problem(place, record.trouble))
            if is_line_of_chat(record.value):
                lines.setdefault(_line_owner(record.value), _Lines()).add(record.value)
                continue
            for item, chat in enumerate(chats_in(record.value)):
                where = place if record.line else f"{place}: session {item + 1}"
                if isinstance(chat, str):
                    self.problems.append(Problem(where, chat))
                    continue
                header = self._add(record, item, chat, where)
                if header.parent_id is not None:
                    keys = ("model_config", "parent_session_id", "source")
                    unplaced[header.id] = {key: chat.head.get(key) for key in keys}
        for owner, found in lines.items():
            self._add_lines(owner, found)
        for session, head in unplaced.items():
            self._place(session, head)
        if self._older:
            again = f"{self._older} older snapshot{'s' * (self._older != 1)} of these sessions; left out"
            self.notes.append(f"{path}: {again}")

    def _add(self, record: Record, item: int, chat: Chat, place: str) -> SessionHeader:
        is_export = hermes_export.is_export(chat.head)
        wanted = own_id(chat) or made_id(chat)
        session, copy = self._extended(chat) or wanted, 1
        while session in self.entries and (copy > 1 or not self._is_snapshot(session, chat)):
            copy += 1
            session = f"{wanted}-{copy}"
        if copy > 1:
            self.problems.append(Problem(place, f"its id {wanted} was there before; read as {session}"))
        if is_export:
            header = hermes_export.header_of(chat.head, session=session, source=str(self._path))
        else:
            header = openai.header_of(chat, session=session, source=str(self._path))
            if hermes_export.is_dump(chat.head):
                header = hermes_export.with_file_facts(header, chat.head)
                header = header._replace(rows=hermes_export.count_said(chat.entries))
        if header.title is None and ".traj" in self._path.suffixes:
            header = header._replace(title=_stem(self._path))
        header = header._replace(stamp=self._stamp)
        before = self.entries.get(session)
        if before is not None:
            self._older += 1
            if _is_newer(before.header, header):
                return before.header
        self.entries[session] = _Entry(header, record.offset, record.length, item, place, is_export)
        return header

    def _is_snapshot(self, session: str, chat: Chat) -> bool:
        """Whether a record is a session of the same id at another time."""
        other = self._reader.chat(self.entries[session])
        return other is not None and one_begins_with_other(chat.entries, other.entries, _gist)

    def _extended(self, chat: Chat) -> str | None:
        """Return the session that a logged request continues; None if it begins one."""
        if not chat.request:
            return None
        said = 0
        hashes = []
        for entry in chat.entries[: chat.request]:
            said = hash((said, _gist(entry)))
            hashes.append(said)
        earlier = (self._requests.get(before) for before in reversed(hashes[:-1]))
        session = next((found for found in earlier if found is not None), None)
        self._requests[said] = session or own_id(chat) or made_id(chat)
        return session

    def _add_lines(self, owner: str, found: _Lines) -> None:
        session = owner or own_id(Chat([], found.head)) or _stem(self._path)
        while session in self.entries:
            session = f"{session}-lines"
        header = openai.head_of(found.head, session=session, source=str(self._path), rows=found.rows)
        header = header._replace(
            started_at=found.first if header.started_at is None else header.started_at,
            last_active_at=found.last if header.last_active_at is None else header.last_active_at,
            stamp=self._stamp,
        )
        by_hermes = hermes_export.is_transcript(found.head)
        if by_hermes:
            header = hermes_export.with_file_facts(header, found.head)
        self.entries[session] = _Entry(header, 0, 0, 0, str(self._path), by_hermes, owner)

    def _place(self, session: str, head: dict[str, Any]) -> None:
        """Settle how a session with a parent began, now that all of the file is known."""
        entry = self.entries[session]
        parent = self.entries.get(entry.header.parent_id or "")
        kind = hermes_export.kind_of(head, parent.header.end_reason if parent else None)
        self.entries[session] = entry._replace(header=entry.header._replace(kind=kind))
        if parent is not None and kind == "continuation":
            self.children.setdefault(parent.header.id, []).append(session)


class _Reader:
    """Rereads records; keeps the last one, because the sessions of a document share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._offset = -1
        self._found: list[Chat | str] = []
        self._lines: dict[str, Chat] | None = None

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def chat(self, entry: _Entry) -> Chat | None:
        """Return a session as the file has it; None if it is no longer there."""
        try:
            if entry.lines_of is not None:
                return self._of_lines().get(entry.lines_of)
            if entry.offset != self._offset:
                if self._file is None:
                    self._file = open_records(self._path)
                raw = read_at(self._file, entry.offset, entry.length)
                self._found, self._offset = list(chats_in(decode(raw)[0])), entry.offset
        except OSError as error:
            raise cannot_read(self._path, error) from error
        found = self._found[entry.item] if entry.item < len(self._found) else None
        return found if isinstance(found, Chat) else None

    def _of_lines(self) -> dict[str, Chat]:
        if self._lines is None:
            heads: dict[str, dict[str, Any]] = {}
            for record in read_records(self._path):
                if is_line_of_chat(record.value):
                    head = heads.setdefault(_line_owner(record.value), {"messages": []})
                    if hermes_export.is_transcript(record.value):
                        head |= {**record.value, **head}
                    else:
                        head["messages"].append(record.value)
            self._lines = {owner: Chat(head["messages"], head) for owner, head in heads.items()}
        return self._lines


def _line_owner(line: Mapping[str, Any]) -> str:
    """The session that a message on a line of its own says it belongs to; empty if it does not say."""
    return openai.text_of(line.get("session_id")) or ""


def _stem(path: Path) -> str:
    return path.name.partition(".")[0] or path.name


def _gist(entry: object) -> Hashable:
    """What a message says, for telling whether two records hold the same one."""
    if not isinstance(entry, dict):
        return repr(entry)
    said = entry.get("content", entry.get("value"))
    if not isinstance(said, str):
        with suppress(*JSON_ERRORS, TypeError):
            said = orjson.dumps(said)
    return str(entry.get("role", entry.get("type"))), said if isinstance(said, (str, bytes)) else repr(said)


def _is_newer(header: SessionHeader, other: SessionHeader) -> bool:
    """Whether the first of two snapshots of a session shows more of it."""
    return (header.rows, header.last_active_at or 0.0) > (other.rows, other.last_active_at or 0.0)


def own_id(chat: Chat) -> str | None:
    """Return the id that a session's record gives it; None without one."""
    info = chat.head.get("info")
    heads = (chat.head, info) if isinstance(info, dict) else (chat.head,)
    for own in (head.get(name) for head in heads for name in _IDS):
        if isinstance(own, (str, int)) and not isinstance(own, bool) and str(own).strip():
            return without_surrogates(str(own)).strip()
    return None


def made_id(chat: Chat) -> str:
    """Return an id made from a session's messages."""
    raw = b""
    with suppress(*JSON_ERRORS):
        try:
            raw = orjson.dumps(chat.entries, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            raw = json.dumps(chat.entries, sort_keys=True).encode()
    return f"chat-{hashlib.sha256(raw).hexdigest()[:ID_DIGITS]}"


def _fingerprint(path: Path) -> Fingerprint:
    try:
        return fingerprint_of(path.stat())
    except OSError as error:
        raise cannot_read(path, error) from error


def open_file(path: Path) -> JsonFile | None:
    """Open a JSON or JSON lines file; None for anything else.

    Raises:
        SourceError: it cannot be read, or holds no session.
    """
    return JsonFile(path) if is_json(path) else None
