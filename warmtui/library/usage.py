"""Usage: which sessions a template started, and how their commands ended."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from warmtui.errors import LibraryError, NotFoundError
from warmtui.library.names import shown
from warmtui.library.store import Transaction
from warmtui.model.library import Use

_COLUMNS = ", ".join(Use.model_fields)


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
) -> None:
    """Keep a use; arguments and errors as `Library.record_use`."""
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


async def of_template(transaction: Transaction, template_id: str) -> tuple[Use, ...]:
    """Read the uses of a template, newest first.

    Raises:
        LibraryError: the record of one is damaged.
    """
    rows = await transaction.rows(
        f"SELECT {_COLUMNS} FROM uses WHERE template_id = ? ORDER BY started_at DESC, id DESC", template_id
    )
    try:
        return tuple(_use(dict(zip(Use.model_fields, row, strict=True))) for row in rows)
    except (ValidationError, ValueError) as error:
        raise LibraryError(
            f"the usage of the template {shown(template_id)} in {transaction.path} is damaged",
            "put a backup of the library in its place to have it back",
        ) from error


def _use(row: dict[str, Any]) -> Use:
    words = {name: _unpacked(row[name]) for name in ("command", "candidates")}
    return Use.model_validate(row | words)


def _packed(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def _unpacked(text: str) -> tuple[str, ...]:
    words = json.loads(text)
    if not isinstance(words, list):
        raise ValueError("not a list")
    return tuple(words)
