"""Parts of one long session: its beginning, to be shown while all of it is read, and what was added since.

Both are read over a connection of their own, opened for the moment, so that they wait for no other reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from warmtui.model.session import Message, Session, SessionHeader
from warmtui.sources.hermes_rows import messages_of
from warmtui.sources.lineage import SUMMARY_PREFIXES, Row
from warmtui.sources.live import LiveDatabase
from warmtui.sources.text import without_surrogates

_STAND_INS = {"tool_name": "NULL", "timestamp": "NULL", "active": "1", "compacted": "0"}
"""Columns that old versions do not have, with what stands for them."""
MOST_ADDED = 500
"""Rows up to which what was added is read by itself; more come with an import, and then all is read."""


class Added(NamedTuple):
    """A session that was longer when it was looked at again."""

    session: Session
    """All of it, the messages that were there before being the same objects."""
    before: int
    """How many those are."""


def beginning(header: SessionHeader, rows: int) -> Session | None:
    """Read the first messages of a session.

    Args:
        header: of a session in a Hermes database.
        rows: how many rows to read; the last calls among them are left out where their results follow later.

    Returns:
        The session with its first messages; None where these could turn out to be others once the whole
        is known: it continues or branches from another one, or was compacted right there.

    Raises:
        SourceError: the database cannot be read.
    """
    if not _stands_alone(header):
        return None
    with closing(LiveDatabase(Path(header.source))) as db:
        # the ids come from the index: sorting whole rows would move every text
        ids = "SELECT id FROM messages WHERE session_id = ? ORDER BY id LIMIT ?"
        found = _rows(db, f"id IN ({ids}) ORDER BY id", (header.id, rows))
        prompt = _prompt(db, header.id)
    kept = [row for row in found if row.active or row.compacted]
    if any(_begins_summary(row) for row in kept):
        return None
    messages, problems = messages_of(kept, delegated=header.kind == "subagent", place=header.source)
    return Session(header, _answered(messages), prompt, (), problems)


def added(header: SessionHeader, before: Session) -> Added | None:
    """Read what was added to a session since it was read.

    Args:
        header: of the session as it is now, in a Hermes database.
        before: as it was read.

    Returns:
        The longer session; None where more happened than that rows were added (rows taken back, a
        compaction), where that cannot be told, or where many were: then all of it has to be read.

    Raises:
        SourceError: the database cannot be read.
    """
    messages = before.messages
    if not _stands_alone(header) or not messages or before.compactions or before.problems:
        return None
    if any(call.tool == "delegate_task" for message in messages for call in message.calls):
        return None  # which later rows are the person's depends on what was handed on
    try:
        last = int(messages[-1].id)
    except ValueError:
        return None
    with closing(LiveDatabase(Path(header.source))) as db:
        was = db.query(
            f"SELECT count(*), sum({_column(db, 'active')}) FROM messages WHERE session_id = ? AND id <= ?",
            (header.id, last),
        )[0]
        if tuple(was) != (len(messages), len(messages)):
            return None
        ids = "SELECT id FROM messages WHERE session_id = ? AND id > ? ORDER BY id LIMIT ?"
        found = _rows(db, f"id IN ({ids}) ORDER BY id", (header.id, last, MOST_ADDED + 1))
    if len(found) > MOST_ADDED or any(not row.active or _begins_summary(row) for row in found):
        return None
    fresh, problems = messages_of(found, delegated=header.kind == "subagent", place=header.source)
    if problems:
        return None
    return Added(Session(header, (*messages, *fresh), before.system_prompt), len(messages))


def _stands_alone(header: SessionHeader) -> bool:
    """Whether a session's rows are its own: no parent's are repeated among them."""
    return header.agent == "hermes" and header.kind in ("root", "subagent")


def _column(db: LiveDatabase, name: str) -> str:
    known = {row[1] for row in db.query("PRAGMA table_info(messages)")}
    return name if name in known else _STAND_INS.get(name, "NULL")


def _rows(db: LiveDatabase, where: str, values: Sequence[Any]) -> list[Row]:
    known = {row[1] for row in db.query("PRAGMA table_info(messages)")}
    select = ", ".join(name if name in known else _STAND_INS.get(name, "NULL") for name in Row._fields)
    return [Row(*row) for row in db.query(f"SELECT {select} FROM messages WHERE {where}", values)]


def _prompt(db: LiveDatabase, session: str) -> str:
    if not any(row[1] == "system_prompt" for row in db.query("PRAGMA table_info(sessions)")):
        return ""
    found = db.query("SELECT system_prompt FROM sessions WHERE id = ?", (session,))
    return without_surrogates(found[0][0]) if found and isinstance(found[0][0], str) else ""


def _begins_summary(row: Row) -> bool:
    return isinstance(row.content, str) and row.content.startswith(SUMMARY_PREFIXES)


def _answered(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Leave out the last message with calls and all behind it: their results may follow."""
    for position in range(len(messages) - 1, -1, -1):
        if messages[position].calls:
            return tuple(messages[:position])
    return tuple(messages)
