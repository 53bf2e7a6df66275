"""Drafts: what the app has open and unsaved, under keys of its own choosing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from warmtui.library.sqlite import connect

KEY_CHARACTERS = 200
PATIENCE = 0.2
"""Seconds that the first paint waits for another program that is saving."""


class KeptDraft(NamedTuple):
    """An unsaved state as the app gave it."""

    key: str
    content: str
    """The app's own JSON; the library does not look into it."""
    updated_at: str
    """ISO 8601 UTC with `Z`."""


def read_draft(path: Path, key: str) -> str | None:
    """Read a draft without an event loop; the app needs one before its first paint.

    Args:
        path: the library file; it need not exist, and is not written.
        key: as it was given to `Library.put_draft`.

    Returns:
        The content; None when there is none, or the file cannot be read just now.
    """
    if not path.exists():
        return None
    try:
        with closing(connect(path, "mode=ro", timeout=PATIENCE)) as db:
            row = db.execute("SELECT content FROM drafts WHERE key = ?", (key,)).fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row and isinstance(row[0], str) else None
