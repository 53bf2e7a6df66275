"""Drafts: what the app has open and unsaved, kept under keys of its own choosing."""

from __future__ import annotations

from warmtui.errors import UsageError
from warmtui.library.connection import Transaction
from warmtui.library.text import shown
from warmtui.model.template import Record

KEY_CHARACTERS = 200


class KeptDraft(Record):
    """An unsaved state as the app gave it."""

    key: str
    content: str
    """The app's own JSON; the library does not look into it."""
    updated_at: str
    """ISO 8601 UTC with `Z`."""


def checked_key(key: str) -> str:
    """The key, if it can be one.

    Raises:
        UsageError: it is empty or longer than 200 characters.
    """
    if not 1 <= len(key) <= KEY_CHARACTERS:
        raise UsageError(
            f"the draft key {shown(key)} cannot be kept", f"use 1 to {KEY_CHARACTERS} characters"
        )
    return key


async def put(transaction: Transaction, key: str, content: str) -> None:
    """Keep a draft in place of the one under the same key."""
    await transaction.rows(
        "INSERT INTO drafts (key, content, updated_at) VALUES (?, ?, ?) "
        "ON CONFLICT (key) DO UPDATE SET content = excluded.content, updated_at = excluded.updated_at",
        key,
        content,
        transaction.now,
    )


async def get(transaction: Transaction, key: str) -> KeptDraft | None:
    """The draft under a key, None without one."""
    row = await transaction.row("SELECT key, content, updated_at FROM drafts WHERE key = ?", key)
    return KeptDraft(key=row[0], content=row[1], updated_at=row[2]) if row else None


async def all_of(transaction: Transaction) -> tuple[KeptDraft, ...]:
    """All drafts, newest first."""
    rows = await transaction.rows("SELECT key, content, updated_at FROM drafts ORDER BY updated_at DESC, key")
    return tuple(KeptDraft(key=key, content=content, updated_at=at) for key, content, at in rows)


async def drop(transaction: Transaction, key: str) -> bool:
    """Forget the draft under a key; whether there was one."""
    there = await transaction.row("SELECT 1 FROM drafts WHERE key = ?", key)
    await transaction.rows("DELETE FROM drafts WHERE key = ?", key)
    return there is not None
