"""The file of the index: made, opened, and thrown away when it is damaged or of older rules."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from warmtui.library import sqlite
from warmtui.library.index.query import FUNCTIONS

FORMAT = 8
"""The format of the tables below, as part of the file's name: two versions of warmtui keep a file each."""
PATIENCE = 5.0
"""Seconds to wait for another app that is writing."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS source (
    number INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    seen TEXT NOT NULL DEFAULT '',
    problems TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE IF NOT EXISTS session (
    number INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    id TEXT NOT NULL,
    at REAL NOT NULL,
    rows INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    kind TEXT NOT NULL,
    agent TEXT NOT NULL,
    channel TEXT,
    model TEXT,
    started_at REAL,
    last_active_at REAL,
    ended_at REAL,
    end_reason TEXT,
    parent_id TEXT,
    recheck REAL,
    messages INTEGER,
    calls INTEGER,
    ok INTEGER,
    errors INTEGER,
    denied INTEGER,
    interrupted INTEGER,
    unknown INTEGER,
    pending INTEGER,
    findings INTEGER,
    weak INTEGER,
    housekeeping INTEGER,
    repeated INTEGER,
    score INTEGER,
    early_error_rate REAL,
    late_error_rate REAL,
    gain REAL,
    task_type TEXT,
    tokens INTEGER,
    tokens_estimated INTEGER,
    cost_usd REAL,
    unread INTEGER,
    trend TEXT,
    tools TEXT,
    words TEXT,
    folded TEXT,
    title TEXT,
    cwd TEXT,
    project TEXT,
    stamp TEXT NOT NULL,
    git_branch TEXT,
    version TEXT,
    repository TEXT,
    judged TEXT,
    problems TEXT,
    UNIQUE (source, id)
);
CREATE TABLE IF NOT EXISTS value (
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (field, value)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_newest
    ON session (
        at DESC, id DESC, source, rows, messages, archived, hidden, kind, calls, ok, errors, score,
        channel, task_type, agent, model, project, tokens, cost_usd, unread, problems
    );
CREATE INDEX IF NOT EXISTS session_waiting ON session (source, at)
    WHERE rows > 0 AND (judged IS NULL OR judged != stamp);
CREATE INDEX IF NOT EXISTS session_pending ON session (source, recheck) WHERE recheck IS NOT NULL;
"""


def open_index(path: Path | None, rules: str) -> tuple[sqlite3.Connection, str]:
    """Open the index for writing.

    A damaged file is replaced by a new one. Where no file can be written, the index is kept in memory, and
    the next start does the same work again.

    Args:
        path: of the file, without the format and rules in its name; None for an index in memory.
        rules: names the rules that the figures are made by; files of other rules are removed.

    Returns:
        The connection, and why it is only in memory ("" when it is a file).
    """
    if path is None:
        return _prepare(sqlite.connect(None)), ""
    file = file_of(path, rules)
    trouble = ""
    for _ in range(2):
        try:
            # Titles are the person's own: nobody else may read them.
            sqlite.create_private(file)
            db = _prepare(sqlite.connect(file, timeout=PATIENCE))
        except sqlite3.DatabaseError as error:
            trouble = f"{file}: {error}"
            if not is_damage(error):
                break
            remove(file)
        except OSError as error:
            trouble = f"{file}: {error.strerror}"
            break
        else:
            _sweep(path, file)
            return db, ""
    return _prepare(sqlite.connect(None)), trouble


def file_of(path: Path, rules: str) -> Path:
    """The file that holds figures made by `rules`."""
    return path.with_name(f"{path.stem}-{FORMAT}-{rules}{path.suffix}")


def _prepare(db: sqlite3.Connection) -> sqlite3.Connection:
    try:
        db.execute("PRAGMA journal_mode = WAL")
        # After a crash the file is whole, but may lack the last figures, which are computed again.
        db.execute("PRAGMA synchronous = NORMAL")
        _add_functions(db).executescript(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def _add_functions(db: sqlite3.Connection) -> sqlite3.Connection:
    db.execute("PRAGMA mmap_size = 268435456")
    for name, arguments, function in FUNCTIONS:
        db.create_function(name, arguments, function, deterministic=True)
    return db


def open_for_reading(file: Path) -> sqlite3.Connection:
    """Open another connection to an index that is open already.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    db = _add_functions(sqlite.connect(file, timeout=PATIENCE))
    db.execute("PRAGMA query_only = ON")
    return db


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is not a sound database."""
    return sqlite.code_of(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def remove(file: Path) -> None:
    """Remove an index with what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            Path(f"{file}{ending}").unlink()


def _sweep(path: Path, keep: Path) -> None:
    """Remove the indexes of older rules except the newest, for a person who changes a setting and back."""
    others = [file for file in path.parent.glob(f"{path.stem}-*{path.suffix}") if file != keep]
    with suppress(OSError):
        others.sort(key=lambda file: file.stat().st_mtime)
    for file in others[:-1]:
        remove(file)
