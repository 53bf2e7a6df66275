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
    if not path.exists():
        return None
    try:
        db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0.2)
        try:
            row = db.execute("SELECT content FROM drafts WHERE key = ?", (key,)).fetchone()
        finally:
            db.close()
    except sqlite3.Error:
        return None
    return row[0] if row and isinstance(row[0], str) else None
