"""Usage: which sessions a template started, how their commands ended, and the person's thumb."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import ValidationError

from warmtui.errors import LibraryError, NotFoundError
from warmtui.library.connection import Transaction
from warmtui.library.text import shown
from warmtui.model.template import Record

Thumb = Literal["good", "bad"]


class Use(Record):
    """One start of an agent with a template."""

    id: int
    template_id: str
    version: int
    agent: str
    session_id: str | None
    """The session it started, None when that could not be told."""
    source: str
    """Where the agent keeps its sessions."""
    started_at: str
    """ISO 8601 UTC with `Z`."""
    command: tuple[str, ...]
    """The words of the command."""
    exit_code: int | None
    """None while it runs, and when warmtui was ended before it."""
    candidates: tuple[str, ...]
    """The sessions it may have been, when there was not exactly one."""
    thumb: Thumb | None
    """What the person said of the session."""


_COLUMNS = (
    "id, template_id, version, agent, session_id, source, started_at, command, exit_code, candidates, thumb"
)


async def record(
    transaction: Transaction,
    template_id: str,
    version: int,
    *,
    agent: str,
    session_id: str | None,
    source: str,
    started_at: str,
    command: tuple[str, ...],
    exit_code: int | None,
    candidates: tuple[str, ...],
) -> int:
    """Keep a use and give its number; as `Library.record_use`."""
    if not await transaction.row(
        "SELECT 1 FROM versions WHERE template_id = ? AND number = ?", template_id, version
    ):
        raise NotFoundError(
            f"there is no version {version} of a template {shown(template_id)}",
            "`warmtui list` shows what there is",
        )
    await transaction.rows(
        "INSERT INTO uses (template_id, version, agent, session_id, source, started_at, command, exit_code, "
        "candidates) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        template_id,
        version,
        agent,
        session_id,
        source,
        started_at,
        _packed(command),
        exit_code,
        _packed(candidates),
    )
    ((number,),) = await transaction.rows("SELECT last_insert_rowid()")
    return int(number)


async def finish(
    transaction: Transaction,
    use_id: int,
    *,
    session_id: str | None,
    exit_code: int | None,
    candidates: tuple[str, ...],
) -> None:
    """Complete a use that was recorded when its command began; as `Library.finish_use`."""
    if not await transaction.row("SELECT 1 FROM uses WHERE id = ?", use_id):
        raise NotFoundError(f"no use has the number {use_id}", "record it again")
    await transaction.rows(
        "UPDATE uses SET session_id = ?, exit_code = ?, candidates = ? WHERE id = ?",
        session_id,
        exit_code,
        _packed(candidates),
        use_id,
    )


async def of_template(transaction: Transaction, template_id: str) -> tuple[Use, ...]:
    """The uses of a template, newest first.

    Raises:
        LibraryError: the record of one is damaged.
    """
    rows = await transaction.rows(
        f"SELECT {_COLUMNS} FROM uses WHERE template_id = ? ORDER BY started_at DESC, id DESC", template_id
    )
    try:
        return tuple(
            Use(
                id=row[0],
                template_id=row[1],
                version=row[2],
                agent=row[3],
                session_id=row[4],
                source=row[5],
                started_at=row[6],
                command=_unpacked(row[7]),
                exit_code=row[8],
                candidates=_unpacked(row[9]),
                thumb=row[10],
            )
            for row in rows
        )
    except (ValidationError, ValueError) as error:
        raise LibraryError(
            f"the usage of the template {shown(template_id)} in {transaction.path} is damaged",
            "put a backup of the library in its place to have it back",
        ) from error


async def rate(transaction: Transaction, session_id: str, thumb: Thumb | None, agent: str | None) -> int:
    """Keep the person's thumb with every use that started a session; as `Library.rate`."""
    where = "session_id = ? AND (agent = ? OR ? IS NULL)"
    ((count,),) = await transaction.rows(f"SELECT count(*) FROM uses WHERE {where}", session_id, agent, agent)
    if not count:
        raise NotFoundError(
            f"no template is known to have started the session {shown(session_id)}",
            "only sessions started with `warmtui launch` can be rated",
        )
    await transaction.rows(f"UPDATE uses SET thumb = ? WHERE {where}", thumb, session_id, agent, agent)
    return int(count)


def _packed(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def _unpacked(text: str) -> tuple[str, ...]:
    words = json.loads(text)
    if not isinstance(words, list):
        raise ValueError("not a list")
    return tuple(words)
