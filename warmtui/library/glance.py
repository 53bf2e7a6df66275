"""A look into the library without opening it: what the first screen needs before anything else is loaded."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote


def kept_content(path: Path, key: str) -> str | None:
    """Return what is kept under a draft's key.

    Args:
        path: the library file; it need not exist, and is not written.
        key: as it was given to `Library.put_draft`.

    Returns:
        The content; None when there is none, or the file cannot be read just now.
    """
    return _one(path, "SELECT content FROM drafts WHERE key = ?", key)


def last_key(path: Path, besides: str) -> str | None:
    """Return the key of the draft that was kept last.

    Args:
        path: the library file, as for `kept_content`.
        besides: keys that begin with this are passed over.

    Returns:
        The key; None as for `kept_content`.
    """
    words = "SELECT key FROM drafts WHERE substr(key, 1, length(?1)) <> ?1 ORDER BY updated_at DESC, key"
    return _one(path, words, besides)


def _one(path: Path, words: str, argument: str) -> str | None:
    if not path.exists():
        return None
    try:
        db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0.2)
        try:
            row = db.execute(words, (argument,)).fetchone()
        finally:
            db.close()
    except sqlite3.Error:
        return None
    return row[0] if row and isinstance(row[0], str) else None
