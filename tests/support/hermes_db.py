"""Small `state.db` files of any shape, for tests."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

SESSION_COLUMNS = (
    "source TEXT, model TEXT, model_config TEXT, title TEXT, system_prompt TEXT, parent_session_id TEXT, "
    "ended_at REAL, end_reason TEXT, cwd TEXT, archived INTEGER DEFAULT 0"
)
NEWER_SESSION_COLUMNS = (
    "git_branch TEXT, git_repo_root TEXT, "
    "system_prompt_hash TEXT, hidden INTEGER DEFAULT 0, input_tokens INTEGER DEFAULT 0, "
    "output_tokens INTEGER DEFAULT 0, cache_read_tokens INTEGER DEFAULT 0, "
    "cache_write_tokens INTEGER DEFAULT 0, estimated_cost_usd REAL, actual_cost_usd REAL, cost_status TEXT"
)
"""What Hermes 0.23 has besides, as far as it is read."""
NEWER_MESSAGE_COLUMNS = "observed INTEGER DEFAULT 0, display_kind TEXT, _compressed_summary INTEGER DEFAULT 0"
NEWER_TABLES = """
CREATE TABLE schema_version(version INTEGER);
INSERT INTO schema_version VALUES (30);
CREATE TABLE system_prompts(hash TEXT PRIMARY KEY, prompt TEXT NOT NULL);
CREATE TABLE session_model_usage(
    session_id TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, cost_usd REAL
);
"""
MESSAGE_COLUMNS = "tool_name TEXT, timestamp REAL, active INTEGER DEFAULT 1, compacted INTEGER DEFAULT 0"

INDEX = """
CREATE VIRTUAL TABLE {name} USING fts5(content{tokenizer});
CREATE TRIGGER {name}_insert AFTER INSERT ON messages BEGIN
    INSERT INTO {name}(rowid, content) VALUES (
        new.id,
        COALESCE(new.content, '') || ' ' || COALESCE(new.tool_name, '') || ' ' || COALESCE(new.tool_calls, '')
    );
END;
CREATE TRIGGER {name}_delete AFTER DELETE ON messages BEGIN
    DELETE FROM {name} WHERE rowid = old.id;
END;
CREATE TRIGGER {name}_update AFTER UPDATE ON messages BEGIN
    DELETE FROM {name} WHERE rowid = old.id;
    INSERT INTO {name}(rowid, content) VALUES (
        new.id,
        COALESCE(new.content, '') || ' ' || COALESCE(new.tool_name, '') || ' ' || COALESCE(new.tool_calls, '')
    );
END;
"""
"""As `FTS_SQL` and `FTS_TRIGRAM_SQL` of Hermes 0.19.0."""

VIEWS = """
CREATE VIEW messages_fts_src AS SELECT id,
    CASE WHEN role = 'tool' THEN substr(COALESCE(content, ''), 1, 8192) ELSE content END AS content,
    tool_name, tool_calls FROM messages;
CREATE VIRTUAL TABLE messages_fts USING fts5(
    content, tool_name, tool_calls, content='messages_fts_src', content_rowid='id'
);
CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages BEGIN
    INSERT INTO messages_fts(rowid, content, tool_name, tool_calls)
    SELECT id, content, tool_name, tool_calls FROM messages_fts_src WHERE id = new.id;
END;
CREATE VIEW messages_fts_trigram_src AS SELECT m.id, m.content, m.tool_name
    FROM messages m JOIN sessions s ON s.id = m.session_id
    WHERE m.role <> 'tool' AND s.source NOT IN ('cron', 'subagent');
CREATE VIRTUAL TABLE messages_fts_trigram USING fts5(
    content, tool_name, content='messages_fts_trigram_src', content_rowid='id', tokenize='trigram'
);
CREATE TRIGGER messages_fts_trigram_insert AFTER INSERT ON messages BEGIN
    INSERT INTO messages_fts_trigram(rowid, content, tool_name)
    SELECT id, content, tool_name FROM messages_fts_trigram_src WHERE id = new.id;
END;
"""
"""Indexes over views, as Hermes keeps them from schema 23 on; the shape of 0.23."""


def create(
    path: Path, *, minimal: bool = False, newer: bool = False, wal: bool = False
) -> sqlite3.Connection:
    """Create an empty database with Hermes' tables.

    Args:
        path: the file.
        minimal: only with the columns that every version has.
        newer: also with those of Hermes 0.23.
        wal: in WAL mode.
    """
    db = sqlite3.connect(path, isolation_level=None)
    if wal:
        db.execute("PRAGMA journal_mode=WAL")
    more = "" if minimal else f", {SESSION_COLUMNS}" + (f", {NEWER_SESSION_COLUMNS}" if newer else "")
    db.execute(f"CREATE TABLE sessions (id TEXT PRIMARY KEY, started_at REAL NOT NULL{more})")
    more = "" if minimal else f", {MESSAGE_COLUMNS}" + (f", {NEWER_MESSAGE_COLUMNS}" if newer else "")
    db.execute(
        "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, "
        f"role TEXT NOT NULL, content TEXT, tool_calls TEXT, tool_call_id TEXT{more})"
    )
    if not minimal:
        db.execute("CREATE INDEX idx_messages_session ON messages(session_id, timestamp)")
    if newer:
        db.executescript(NEWER_TABLES)
    return db


def index(db: sqlite3.Connection, *, trigram: bool = True, views: bool = False) -> None:
    """Make Hermes' indexes of words, which are filled from then on; with `views` those of newer versions."""
    if views:
        db.executescript(VIEWS)
        return
    db.executescript(INDEX.format(name="messages_fts", tokenizer=""))
    if trigram:
        db.executescript(INDEX.format(name="messages_fts_trigram", tokenizer=", tokenize='trigram'"))


def insert(db: sqlite3.Connection, table: str, **values: Any) -> int:
    """Insert one row and return its row id."""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def session(db: sqlite3.Connection, name: str, started_at: float = 1_000.0, **values: Any) -> None:
    """Insert one session."""
    insert(db, "sessions", id=name, started_at=started_at, **values)


def said(db: sqlite3.Connection, name: str, role: str, text: str | None, **values: Any) -> int:
    """Insert one message."""
    return insert(db, "messages", session_id=name, role=role, content=text, **values)


def called(db: sqlite3.Connection, name: str, *calls: tuple[str, str, Any], **values: Any) -> int:
    """Insert an assistant message with calls `(id, tool, arguments)`."""
    return said(db, name, "assistant", values.pop("text", ""), tool_calls=calls_json(*calls), **values)


def answered(db: sqlite3.Connection, name: str, call: str, text: str | None, **values: Any) -> int:
    """Insert one tool result."""
    return said(db, name, "tool", text, tool_call_id=call, **values)


def calls_json(*calls: tuple[str, str, Any]) -> str:
    """Return calls as Hermes stores them."""
    return json.dumps(
        [
            {
                "id": call_id,
                "type": "function",
                "function": {
                    "name": tool,
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
            for call_id, tool, arguments in calls
        ]
    )
