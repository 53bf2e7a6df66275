"""Where Claude Code keeps its transcripts, and what a whole one says: headers, copies, sessions.

Checked on transcripts of the versions 2.0.64 to 2.1.237; older ones are read by what public parsers say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from warmtui.model.session import Session, SessionHeader, SessionKind
from warmtui.sources.claude_code.rows import SYNTHETIC, read_rows, slim, without_copies
from warmtui.sources.json_records import COMPRESSED, decode
from warmtui.sources.messages import time_of
from warmtui.sources.transcripts import (
    Log,
    RecordsOf,
    Transcript,
    TranscriptFolder,
    first_records,
)
from warmtui.text import without_surrogates

AGENT = "claude-code"
ROW_BYTES = 300
"""The frame of a row alone is longer, so a file holds no more rows than its bytes by this."""
COMPACTOR = "agent-acompact-"
"""How a file is named that holds a copy of the main history, for the compactor."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOOKED_AT = 8
"""Files of a folder that are looked into to see whose it is."""


class ClaudeCode:
    """What Claude Code's files and records mean; see `TranscriptFormat`."""

    agent = AGENT
    slim = staticmethod(slim)

    def __init__(self) -> None:
        self._first: dict[str, str] = {}
        """The first message of each session, which a copy of it begins with too."""
        self._earlier: dict[str, list[str]] = {}
        """Sessions whose records a session copied, the original first."""
        self._later: dict[str, list[str]] = {}

    def find(self, root: Path) -> Iterator[Path]:
        """Yield the transcripts below a folder, or one transcript and those of its subagents."""
        if root.is_file():
            yield root
            root = root.parent / _stem(root) / "subagents"
        unreadable: list[OSError] = []
        for folder, _, names in os.walk(root, onerror=unreadable.append):
            for name in names:
                if _is_named(name) and not name.startswith(COMPACTOR):
                    yield Path(folder, name)
        for error in unreadable:  # looking at this name fails too, and is told
            if not isinstance(error, FileNotFoundError):
                yield Path(error.filename, "*.jsonl")

    def header(self, transcript: Transcript) -> SessionHeader | None:
        """Read a header from a file's first and last records; None if they are not Claude Code's."""
        records = [*transcript.first, *transcript.last]
        if not any(map(_is_row, records)):
            return None
        stem = _stem(transcript.path)
        kind: SessionKind = "root"
        owner = _last(records, "sessionId")
        session = stem if _UUID.fullmatch(stem) else owner or stem
        parent = None
        if stem.startswith("agent-"):
            session, kind, parent = stem, "subagent", owner
        else:
            parent = _forked_from(records) or next(
                (other for other in _texts(transcript.first, "sessionId") if other != owner), None
            )
            kind = "branch" if parent else "root"
        self._first[session] = next(filter(None, map(_own_id, transcript.first)), "")
        said = sum(record.get("type") in ("user", "assistant", "queue-operation") for record in records)
        if transcript.last:
            said = max(said, transcript.size // ROW_BYTES, 1)
        times = (time_of(record.get("timestamp")) for record in records)
        ends = (time_of(record.get("timestamp")) for record in reversed(records))
        models = (_model(record) for record in reversed(records))
        return SessionHeader(
            id=session,
            agent=AGENT,
            source="",
            channel=_last(records, "entrypoint"),
            title=_last(records, "customTitle") or _last(records, "aiTitle") or _task(transcript.path),
            model=next(filter(None, models), None),
            started_at=next((at for at in times if at is not None), None),
            last_active_at=next((at for at in ends if at is not None), None),
            parent_id=parent,
            kind=kind,
            cwd=next(_texts(records, "cwd"), None),
            rows=said,
            git_branch=_last(records, "gitBranch"),
            version=_last(records, "version"),
        )

    def relate(self, headers: Mapping[str, SessionHeader], records: RecordsOf) -> dict[str, SessionHeader]:
        """Find the sessions that copied others: they begin with the same message, or name the other."""
        groups: dict[str, list[SessionHeader]] = {}
        for header in headers.values():
            groups.setdefault(self._first.get(header.id) or header.id, []).append(header)
        related = dict(headers)
        self._earlier, self._later = {}, {}
        for group in groups.values():
            group.sort(key=_originality)
            for place, header in enumerate(group):
                earlier = [other.id for other in group[:place]]
                parent = header.parent_id if header.kind != "subagent" else None
                if parent and parent in headers and parent not in (*earlier, header.id):
                    earlier.insert(0, parent)
                if earlier:
                    self._earlier[header.id] = earlier
                if earlier and header.kind == "root":
                    related[header.id] = header._replace(kind="branch", parent_id=earlier[0])
        for session, earlier in self._earlier.items():
            for other in earlier:
                self._later.setdefault(other, []).append(session)
        for session in {*self._earlier, *self._later}:
            others = (*self._earlier.get(session, ()), *self._later.get(session, ()))
            stamp = " ".join((headers[session].stamp, *(headers[other].stamp for other in others)))
            related[session] = related[session]._replace(stamp=stamp)
        return related

    def read(self, header: SessionHeader, log: Log, records: RecordsOf) -> Session:
        """Read a whole session, without what another one holds too and counts."""
        lines = log.lines
        earlier, later = self._earlier.get(header.id, ()), self._later.get(header.id, ())
        if earlier or later:
            lines = without_copies(lines, [records(other) for other in earlier], map(records, later))
        return read_rows(header, lines, place=str(log.path), damaged=bool(log.bad))


def open_folder(path: Path) -> TranscriptFolder | None:
    """Open Claude Code's home, a folder of its transcripts, or one transcript; None for anything else.

    Raises:
        SourceError: it cannot be read.
    """
    if path.is_dir():
        if (path / "projects").is_dir() and not _holds_transcripts(path.glob("*")):
            path = (path / "projects").resolve()
        usual = path.name == "projects" and path.parent.name.startswith(".claude")
        if not usual and not _holds_transcripts(chain(path.glob("*"), path.glob("*/*"))):
            return None
    elif not (path.is_file() and _is_named(path.name) and _is_transcript(path)):
        return None
    return TranscriptFolder(path, ClaudeCode())


def _holds_transcripts(paths: Iterable[Path]) -> bool:
    files = (path for path in paths if _is_named(path.name) and path.is_file())
    return any(_is_transcript(path) for path, _ in zip(files, range(_LOOKED_AT), strict=False))


def _is_transcript(path: Path) -> bool:
    """Whether a file's first records are rows of a transcript; other programs write no `parentUuid`."""
    return any(_is_row(record) and "parentUuid" in record for record in first_records(path))


def _is_row(record: Mapping[str, Any]) -> bool:
    names = ("parentUuid", "sessionId", "leafUuid", "messageId")
    return isinstance(record.get("type"), str) and any(name in record for name in names)


def _is_named(name: str) -> bool:
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    return name.endswith(".jsonl")


def _stem(path: Path) -> str:
    return path.name.partition(".jsonl")[0]


def _task(path: Path) -> str | None:
    """Return what a subagent was started for, as the file beside its transcript tells."""
    try:
        meta = decode(path.with_name(f"{_stem(path)}.meta.json").read_bytes())[0]
    except OSError:
        return None
    return next(_texts((meta,), "description"), None) if isinstance(meta, dict) else None


def _originality(header: SessionHeader) -> tuple[bool, bool, float, str]:
    """Sorts the original before its copies: these name it, or went on when it had ended."""
    named = header.parent_id is not None
    return header.kind == "subagent", named, header.last_active_at or 0.0, header.id


def _texts(records: Iterable[Mapping[str, Any]], name: str) -> Iterator[str]:
    for record in records:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            yield without_surrogates(value)


def _last(records: Sequence[Mapping[str, Any]], name: str) -> str | None:
    return next(_texts(reversed(records), name), None)


def _forked_from(records: Iterable[Mapping[str, Any]]) -> str | None:
    origins = (record["forkedFrom"] for record in records if isinstance(record.get("forkedFrom"), dict))
    return next(_texts(origins, "sessionId"), None)


def _own_id(record: Mapping[str, Any]) -> str:
    """Return the id of a message's row; empty for any other record."""
    own = record.get("uuid")
    return own if isinstance(own, str) and record.get("type") in ("user", "assistant") else ""


def _model(record: Mapping[str, Any]) -> str | None:
    message = record.get("message")
    if record.get("type") != "assistant" or not isinstance(message, dict):
        return None
    model = next(_texts((message,), "model"), None)
    return None if model == SYNTHETIC else model
