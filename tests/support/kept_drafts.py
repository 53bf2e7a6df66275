"""The drafts of a library, read behind its back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from warmtui.library.drafts import KeptDraft


def drafts_in(path: Path) -> list[KeptDraft]:
    """Return all drafts, newest first; none where there is no library."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT key, content, updated_at FROM drafts ORDER BY updated_at DESC, key")
        return [KeptDraft(*row) for row in rows]
