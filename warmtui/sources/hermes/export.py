"""What Hermes writes of a session besides `state.db`: exports, snapshots, transcripts and request dumps.

An export is a session's row with its message rows, as the database has them. A snapshot (`session_ID.json`)
and a saved conversation call a few fields otherwise. A transcript (`sessions/ID.jsonl`) has a message a line
behind a head of role `session_meta`. A request dump (`request_dump_….json`) holds what was sent to the model,
in the shape of its provider.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from warmtui.model.session import CompactionMark, Problem, Session, SessionHeader, SessionKind
from warmtui.sources.hermes.lineage import Row, counted_rows
from warmtui.sources.hermes.rows import (
    JSON_CONTENT,
    is_delegated,
    messages_of,
    retold,
    session_kind,
    with_delegation,
)
from warmtui.sources.hermes.usage import COSTS, TOKENS, usage_of
from warmtui.sources.messages import role_of, time_of
from warmtui.sources.openai.messages import text_of
from warmtui.text import dump_json, without_surrogates

_COLUMNS = frozenset(
    {"source", "started_at", "message_count", "tool_call_count", "end_reason", "parent_session_id"}
    | {"system_prompt", "model_config", "billing_provider", "api_call_count"}
)


_SNAPSHOT = frozenset({"session_id", "session_start", "messages"})
_DUMP = frozenset({"session_id", "reason", "url", "headers"})
_NAMED_AFTER = re.compile(r"(\d{8})_(\d{6})_\w+")
"""How Hermes names a session: after the local time at which it began."""


def is_export(record: Mapping[str, Any]) -> bool:
    """Whether a session is an export or a snapshot, whose messages are as Hermes keeps them.

    It has at least two columns of Hermes' `sessions` table, or the fields of a saved conversation.
    """
    return len(_COLUMNS & record.keys()) > 1 or record.keys() >= _SNAPSHOT


def is_transcript(head: Mapping[str, Any]) -> bool:
    """Whether messages on lines of their own are a transcript of Hermes."""
    return head.get("role") == "session_meta"


def is_dump(head: Mapping[str, Any]) -> bool:
    """Whether a session is a request that Hermes dumped."""
    return head.keys() >= _DUMP


def with_file_facts(header: SessionHeader, head: Mapping[str, Any]) -> SessionHeader:
    """Return the header of a transcript or a request dump, with what only Hermes' files have.

    Args:
        header: as any chat's file has it.
        head: what stands beside its messages. The time in a dump is that of the request.
    """
    channel = text_of(head.get("source", head.get("platform")))
    if is_dump(head):
        header = header._replace(started_at=None, last_active_at=time_of(head.get("timestamp")))
    return _with_start(header._replace(agent="hermes", channel=channel, kind=kind_of(head, None)))


def _with_start(header: SessionHeader) -> SessionHeader:
    """Return a header with the time that its id is made of, where the file has none."""
    named = _NAMED_AFTER.fullmatch(header.id) if header.started_at is None else None
    return header._replace(started_at=time_of(f"{named[1]}T{named[2]}")) if named else header


def with_authors(session: Session) -> Session:
    """Return a session that Hermes kept in a provider's shape as its database would have it.

    The words that are its own are told apart from the person's, and the system prompt is no message.
    """
    said = [
        message
        for message in session.messages
        if message.origin != "system" or message.text != session.system_prompt
    ]
    return replace(session, messages=tuple(retold(said, delegated=is_delegated(session.header))))


def count_said(entries: Sequence[Any]) -> int:
    """Return how many messages of a request are no system prompt."""
    return sum(not (isinstance(entry, dict) and role_of(entry) == "system") for entry in entries)


def header_of(record: Mapping[str, Any], *, session: str, source: str) -> SessionHeader:
    """Read a session's head; its kind is the one it has without its parent, see `kind_of`.

    Args:
        record: the decoded line.
        session: the id it is known by.
        source: the resolved path of its file.
    """
    started = time_of(record.get("started_at", record.get("session_start")))
    rows = record["messages"]
    times = (time_of(row.get("timestamp")) for row in reversed(rows) if isinstance(row, dict))
    last = next((at for at in times if at is not None), time_of(record.get("last_updated")))
    header = SessionHeader(
        id=session,
        agent="hermes",
        source=source,
        channel=text_of(record.get("source", record.get("platform"))),
        title=text_of(record.get("title")),
        model=text_of(record.get("model")),
        started_at=started,
        last_active_at=started if last is None else last,
        ended_at=time_of(record.get("ended_at")),
        end_reason=text_of(record.get("end_reason")),
        parent_id=text_of(record.get("parent_session_id")),
        kind=kind_of(record, None),
        cwd=text_of(record.get("cwd")),
        archived=bool(record.get("archived")),
        hidden=bool(record.get("hidden")),
        rows=len(rows),
        git_branch=text_of(record.get("git_branch")),
        repository=text_of(record.get("git_repo_root")),
    )
    return _with_start(header)


def kind_of(record: Mapping[str, Any], parent_end: str | None) -> SessionKind:
    """Return how a session began.

    Args:
        record: the decoded line; its messages are not needed.
        parent_end: how its parent session ended, when that is in the same file.
    """
    config = record.get("model_config")
    text = dump_json(config) if isinstance(config, dict) else config
    channel = record.get("source", record.get("platform"))
    return session_kind(text_of(record.get("parent_session_id")), parent_end, text, channel)


def rows_of(record: Mapping[str, Any], session: str) -> list[Row]:
    """Return a session's message rows as they were stored; anything but an object is passed over."""
    rows = []
    for number, entry in enumerate(record["messages"], 1):
        if not isinstance(entry, dict):
            continue
        content, calls, own_id = entry.get("content"), entry.get("tool_calls"), entry.get("id")
        if content is not None and not isinstance(content, str):
            content = JSON_CONTENT + dump_json(content) if isinstance(content, (list, dict)) else str(content)
        if calls is not None and not isinstance(calls, str):
            calls = dump_json(calls) if calls else None
        active, compacted = entry.get("active"), entry.get("compacted")
        rows.append(
            Row(
                own_id if isinstance(own_id, int) else text_of(own_id) or number,
                session,
                text_of(entry.get("role")),
                content,
                calls,
                text_of(entry.get("tool_call_id")),
                text_of(entry.get("tool_name")),
                time_of(entry.get("timestamp")),
                1 if active is None else int(bool(active)),
                int(bool(compacted)),
                int(bool(entry.get("observed"))),
                text_of(entry.get("display_kind")),
                int(bool(entry.get("_compressed_summary"))),
            )
        )
    return rows


def session_of(
    record: Mapping[str, Any],
    header: SessionHeader,
    *,
    place: str,
    parent: Sequence[Row] | None,
    children: Sequence[Sequence[Row]],
) -> Session:
    """Read a whole session, each row once, by the rules of the live database.

    Args:
        record: the decoded line.
        header: its head.
        place: what problems are said to be in, `export.jsonl: line 3`.
        parent: the rows of its parent session, when that is in the file.
        children: the rows of the sessions in the file that continue it.
    """
    rows = rows_of(record, header.id)
    if header.kind == "root" and parent:
        header = with_delegation(header, rows, (row.tool_calls for row in parent if row.tool_calls))
    inherits = header.kind in ("continuation", "branch")
    counted = counted_rows(rows, parent if inherits else None, children)
    messages, problems = messages_of(counted.rows, delegated=is_delegated(header), place=place)
    odd = sum(not isinstance(entry, dict) for entry in record["messages"])
    if odd:
        problems = (Problem(place, f"{odd} of its messages are no objects; left out"), *problems)
    prompt = record.get("system_prompt")
    return Session(
        header,
        messages,
        without_surrogates(prompt) if isinstance(prompt, str) else "",
        tuple(CompactionMark(*compaction) for compaction in counted.compactions),
        problems,
        usage_of(
            [record.get(name) for name in TOKENS],
            [record.get(name) for name in COSTS],
            record.get("cost_status"),
        ),
    )
