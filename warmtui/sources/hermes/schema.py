"""The tables of a `state.db`, which differ between versions of Hermes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from warmtui.errors import SourceError
from warmtui.model.session import Problem
from warmtui.sources.live_database import DamageError, LiveDatabase

NEWEST = 30
"""The newest schema that is known: Hermes 0.23.3."""
REQUIRED = {
    "sessions": {"id", "started_at"},
    "messages": {"id", "session_id", "role", "content", "tool_calls", "tool_call_id"},
}
"""Columns that every version of Hermes has."""
OPTIONAL = ("schema_version", "system_prompts", "session_model_usage")
"""Tables that newer versions have."""
_KNOWN = REQUIRED["messages"] | {
    "tool_name",
    "effect_disposition",
    "timestamp",
    "token_count",
    "finish_reason",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "codex_reasoning_items",
    "codex_message_items",
    "platform_message_id",
    "observed",
    "_compressed_summary",
    "active",
    "compacted",
    "api_content",
    "display_kind",
    "display_metadata",
}
"""Columns of messages up to `NEWEST`. Those that are not read repeat `content` as it was sent (`api_content`,
`codex_message_items`), or hold thoughts, which are not sent again."""
_POSTGRES = re.compile(r"""^[ \t]*(?:\w+_)?backend[ \t]*:[ \t]*["']?postgres(?:ql)?\b""", re.MULTILINE)
LOOKED_AT = 1_000
"""How many of the newest messages are searched for content in columns that are not known."""


def open_tables(path: Path) -> tuple[LiveDatabase, dict[str, set[str]]]:
    """Open a database and return it with the columns of its tables, once it is known to be Hermes'.

    Raises:
        SourceError: it cannot be read, or is another program's.
    """
    db = LiveDatabase(path)
    try:
        columns = {
            table: {row[1] for row in db.query(f"PRAGMA table_info({table})")}
            for table in (*REQUIRED, *OPTIONAL)
        }
        missing = [
            f"{table}.{column}"
            for table, needed in REQUIRED.items()
            for column in sorted(needed - columns[table])
        ]
        if missing:
            raise SourceError(
                f"{path} is not a Hermes database: it has no {', '.join(missing)}",
                "give Hermes' own state.db",
            )
    except SourceError:
        db.close()
        raise
    return db, columns


def unread_columns(db: LiveDatabase, columns: Mapping[str, set[str]]) -> list[Problem]:
    """Return a problem for each unknown column of the messages that holds text, as content would.

    Only the newest messages are looked at: a version that moved the content writes it there.
    """
    problems = []
    for column in sorted(columns["messages"] - _KNOWN):
        quoted = '"' + column.replace('"', '""') + '"'
        sql = (
            f"SELECT count(*), sum(typeof({quoted}) IN ('text', 'blob') AND length({quoted}) > 0) "
            f"FROM (SELECT {quoted} FROM messages ORDER BY id DESC LIMIT {LOOKED_AT})"
        )
        try:
            total, filled = db.query(sql)[0]
        except DamageError:
            continue
        if filled:
            text = f"column {column!r} is unknown and holds text in {filled} of the newest {total} messages"
            problems.append(Problem(f"{db.path}: messages", f"{text}; not read"))
    return problems


def notes_of(db: LiveDatabase, columns: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return the notes about a database that are told once: a newer version, other places."""
    notes = []
    version = None
    if "version" in columns["schema_version"]:
        with suppress(DamageError):
            version = db.query("SELECT max(version) FROM schema_version")[0][0]
    if isinstance(version, int) and version > NEWEST:
        known = f"this version knows ({NEWEST})"
        notes.append(f"schema {version} is newer than {known}; what it added is not read")
    if names_postgres(db.path.parent):
        notes.append("config.yaml names PostgreSQL: sessions that are kept there are not read")
    return tuple(f"{db.path}: {note}" for note in notes)


def names_postgres(home: Path) -> bool:
    """Return whether the configuration of a Hermes home names PostgreSQL as a backend."""
    try:
        text = (home / "config.yaml").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return _POSTGRES.search(text) is not None
