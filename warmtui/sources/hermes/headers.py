"""Headers of the sessions in Hermes' `state.db`, read without their messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from warmtui.model.session import SessionHeader
from warmtui.model.times import in_calendar
from warmtui.sources.hermes.rows import session_kind
from warmtui.sources.text import stored_text, without_surrogates

AGENT = "hermes"


class StoredSession(NamedTuple):
    """One row of the sessions table, as it is stored; None for a column that this version does not have."""

    id: Any
    source: Any
    title: Any
    model: Any
    end_reason: Any
    parent_session_id: Any
    cwd: Any
    model_config: Any
    started_at: Any
    ended_at: Any
    archived: Any
    message_count: Any
    tool_call_count: Any
    rewind_count: Any
    """This and the two before it change when Hermes compacts or rewinds, which leaves rows their ids."""


class RowCount(NamedTuple):
    """One session's rows, copies and rewound ones included."""

    rows: int
    last_id: int
    last_time: float | None
    """Of the newest row."""
    active: int | None
    """Rows that are neither rewound nor compacted away; None where counting them would read every row."""


NO_ROWS = RowCount(0, 0, None, None)
UNCOUNTED = RowCount(1, 0, None, None)
"""Of a session whose rows a damaged page hides: not empty, so that reading it says what is wrong."""


def header_of(row: StoredSession, parent_end: str | None, count: RowCount, place: str) -> SessionHeader:
    """Return a session's header, its stamp without those of its relatives; see `with_lineage`.

    Args:
        row: its row.
        parent_end: how its parent session ended; None without a parent.
        count: its messages.
        place: the path of the database.
    """
    texts: list[str | None] = [  # source to cwd
        text if text is None or (type(text) is str and text.isascii()) else plain_text(text)
        for text in row[1:7]
    ]
    channel, title, model, end_reason, parent, cwd = texts
    last, started = moment(count.last_time), moment(row.started_at)
    counters = f"{row.message_count}:{row.tool_call_count}:{row.rewind_count}"
    return SessionHeader(
        row.id,
        AGENT,
        place,
        channel,
        title,
        model,
        started,
        started if last is None else last,
        moment(row.ended_at),
        end_reason,
        parent,
        session_kind(parent, parent_end, row.model_config, row.source),
        cwd,
        bool(row.archived),
        count.rows,
        f"{count.rows}:{count.last_id}:{count.active}:{counters}",
    )


def with_lineage(headers: Mapping[str, SessionHeader]) -> dict[str, SessionHeader]:
    """Add to each stamp those of the sessions whose rows the session inherits or hands on."""
    others: dict[str, list[str]] = {}
    for header in headers.values():
        parent = headers.get(header.parent_id) if header.parent_id else None
        if parent is not None and header.kind in ("continuation", "branch"):
            others.setdefault(header.id, []).append(parent.stamp)
            if header.kind == "continuation":
                others.setdefault(parent.id, []).append(header.stamp)
    return {
        session: header._replace(stamp=" ".join((header.stamp, *sorted(others[session]))))
        if session in others
        else header
        for session, header in headers.items()
    }


def plain_text(value: object) -> str | None:
    """Return a stored value as text."""
    if value is None:
        return None
    return without_surrogates(value) if isinstance(value, str) else stored_text(value)


def moment(value: object) -> float | None:
    """Return a stored time; what no calendar holds is none."""
    if type(value) is float:
        return in_calendar(value)
    return in_calendar(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
