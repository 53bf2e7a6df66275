"""Codex' sessions below `~/.codex/sessions`, and rollout files anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from warmtui.errors import SourceError
from warmtui.model.session import Session, SessionHeader, SessionKind
from warmtui.sources.calls import first_text
from warmtui.sources.codex.rollout import ROWS, SILENT, RolloutReader, without_copies
from warmtui.sources.json_records import named_json, open_records
from warmtui.sources.messages import time_of
from warmtui.sources.transcripts import Log, RecordsOf, Transcript, TranscriptFolder, values_of

_NAME = "rollout-*.jsonl*"
_LEVELS = ("", "*/", "*/*/", "*/*/*/", "sessions/*/*/*/", "archived_sessions/")
"""Where below a folder rollout files are looked for: sessions lie by year, month and day."""
_LEAST_MESSAGE = 40
"""Bytes; no message takes less of a file."""


class CodexFormat:
    """How Codex names its files and what their rows mean."""

    agent = "codex"

    def __init__(self, root: Path) -> None:
        self._index = root.parent / "session_index.jsonl"
        self._forks: set[str] = set()
        """Sessions whose files begin with a copy of another's history."""
        self._shorter: frozenset[str] = frozenset()
        """Those of them that leave it out, because another session shows it."""

    def find(self, root: Path) -> Iterator[Path]:
        """Yield the rollout files below a folder, archived ones included, or the file that is named."""
        if root.is_file():
            yield root
            return
        roots = (root, root.parent / "archived_sessions") if root.name == "sessions" else (root,)
        for folder in roots:
            for path in sorted(folder.rglob(_NAME)):
                if named_json(path):
                    yield path

    def slim(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """Return a record without what no figure needs; None for one that says nothing."""
        kind, payload = record.get("type"), record.get("payload")
        if not isinstance(payload, dict):
            return record
        if kind == "session_meta":
            payload.pop("dynamic_tools", None)  # thousands of objects, again and again
        silent = SILENT.get(kind) if isinstance(kind, str) else None
        return None if silent is not None and (not silent or payload.get("type") in silent) else record

    def header(self, transcript: Transcript) -> SessionHeader | None:
        """Read the header of a session from the first and last rows of its file.

        Raises:
            SourceError: it does not begin with a session's head.
        """
        rows = [*transcript.first, *transcript.last]
        if not rows:
            return None
        if not is_head(rows[0]):
            raise SourceError("its first row is not the head of a session", "look for the whole file")
        typed = isinstance(rows[0].get("payload"), dict)
        head = rows[0]["payload"] if typed else rows[0]
        model = cwd = None
        has_messages = bool(transcript.last)
        for row in rows:
            payload = row.get("payload")
            if row.get("type") == "turn_context" and isinstance(payload, dict):
                model = first_text(payload, "model") or model
                cwd = cwd or first_text(payload, "cwd")
            has_messages = has_messages or row.get("type") in ("response_item", "event_msg", "message")
        times = [at for row in rows if (at := time_of(row.get("timestamp"))) is not None]
        kind, parent = _place(head)
        (self._forks.add if parent and _has_copies(rows) else self._forks.discard)(str(head["id"]))
        source, git = head.get("source"), head.get("git")
        return SessionHeader(
            id=str(head["id"]),
            agent=self.agent,
            source="",
            channel=source if isinstance(source, str) else None,
            model=model,
            started_at=time_of(head.get("timestamp")) or (times[0] if times else None),
            last_active_at=max(times, default=None),
            parent_id=parent,
            kind=kind,
            cwd=first_text(head, "cwd") or cwd,
            archived=transcript.path.parent.name == "archived_sessions",
            rows=transcript.size // _LEAST_MESSAGE + 1 if has_messages else 0,
            git_branch=first_text(git, "branch") if isinstance(git, dict) else None,
            version=first_text(head, "cli_version"),
        )

    def relate(self, headers: Mapping[str, SessionHeader], _records: RecordsOf) -> dict[str, SessionHeader]:
        """Add the names that people gave to sessions, and settle which forks leave out what they copied."""
        forks = [headers[own] for own in self._forks if own in headers]
        heirs: dict[str | None, SessionHeader] = {}
        """The fork that shows the history of each session that is not here: the last, which copied most."""
        for fork in sorted(forks, key=_heritage):
            heirs[fork.parent_id] = fork
        self._shorter = frozenset(
            fork.id for fork in forks if fork.parent_id in headers or heirs[fork.parent_id] is not fork
        )
        names = self._names()
        return {
            own: header._replace(
                title=names.get(own, header.title),
                stamp=f"{header.stamp} shorter" if own in self._shorter else header.stamp,
            )
            for own, header in headers.items()
        }

    def read(self, header: SessionHeader, log: Log, _records: RecordsOf) -> Session:
        """Read a whole session; the history that it copied is left out where another session shows it."""
        lines = log.lines
        typed = bool(lines) and isinstance(lines[0][1].get("payload"), dict)
        if header.id in self._shorter:
            lines = without_copies(lines, header.started_at)
        return RolloutReader(header, log.path, typed=typed).read(lines, log.bad)

    def _names(self) -> dict[str, str]:
        """Return the newest name of each session that has one."""
        names: dict[str, str] = {}
        try:
            with self._index.open("rb") as file:
                for raw in file:
                    for row in values_of(raw)[0]:
                        own, name = first_text(row, "id"), first_text(row, "thread_name")
                        if own and name:
                            names[own] = name.strip()
        except OSError:
            pass
        return names


def is_head(row: object) -> bool:
    """Whether a decoded value is the first row of a rollout."""
    if not isinstance(row, dict):
        return False
    payload = row.get("payload")
    if row.get("type") == "session_meta" and isinstance(payload, dict):
        return isinstance(payload.get("id"), str)
    # the first versions: {id, timestamp, instructions, git}
    return "type" not in row and {"id", "timestamp", "instructions"} <= row.keys() and "messages" not in row


def _place(head: Mapping[str, Any]) -> tuple[SessionKind, str | None]:
    """Return how a session began, and the session it came from."""
    source = head.get("source")
    spawn = source.get("subagent") if isinstance(source, dict) else None
    thread = spawn.get("thread_spawn") if isinstance(spawn, dict) else None
    base = head.get("history_base")
    above = first_text(head, "parent_thread_id") or (
        first_text(thread, "parent_thread_id") if isinstance(thread, dict) else None
    )
    forked = first_text(head, "forked_from_id") or (
        first_text(base, "thread_id") if isinstance(base, dict) else None
    )
    if spawn is not None or above or head.get("thread_source") == "subagent":
        root = first_text(head, "session_id")
        return "subagent", above or forked or (root if root != head.get("id") else None)
    return ("branch", forked) if forked else ("root", None)


def _heritage(header: SessionHeader) -> tuple[bool, float, str]:
    """Sorts the forks of a session by how much of it they copied: subagents' first, the last one last."""
    return header.kind != "subagent", header.started_at or 0.0, header.id


def _has_copies(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the second row is the head of another session, whose history follows."""
    if len(rows) < 2 or rows[1].get("type") != "session_meta":
        return False
    first, second = rows[0].get("payload"), rows[1].get("payload")
    return isinstance(first, dict) and isinstance(second, dict) and first.get("id") != second.get("id")


def open_sessions(path: Path) -> TranscriptFolder | None:
    """Open a folder of rollouts, or one rollout; None for anything else.

    Raises:
        SourceError: it cannot be read.
    """
    if path.is_dir():
        if path.name != "sessions" and any(path.glob(f"sessions/*/*/*/{_NAME}")):
            path = (path / "sessions").resolve()
        is_home = path.name == "sessions" and path.parent.name == ".codex"
        if is_home or any(any(path.glob(level + _NAME)) for level in _LEVELS):
            return TranscriptFolder(path, CodexFormat(path))
        return None
    if not path.is_file() or not named_json(path) or not _is_rollout(path):
        return None
    return TranscriptFolder(path, CodexFormat(path))


def _is_rollout(path: Path) -> bool:
    """Whether a file's first record that can be read is the head, or another row, of a rollout."""
    try:
        with open_records(path) as file:
            values = values_of(file.readline())[0]
    except OSError:
        return False
    return bool(values) and (is_head(values[0]) or _is_row(values[0]))


def _is_row(value: Mapping[str, Any]) -> bool:
    return value.get("type") in ROWS and isinstance(value.get("payload"), dict)
