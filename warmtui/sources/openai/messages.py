"""Chats in the OpenAI shape and its dialects: heads and whole sessions."""

from __future__ import annotations

from typing import Any

from warmtui.model.session import Session, SessionHeader
from warmtui.sources.messages import message_time, read_messages, time_of
from warmtui.text import without_surrogates


def text_of(value: object) -> str | None:
    """Read a short text of a session's head; anything but a text that holds something is None."""
    return without_surrogates(value) if isinstance(value, str) and value.strip() else None


def header_of(record: dict[str, Any], *, session: str, source: str) -> SessionHeader:
    """Read a session's head.

    Args:
        record: the decoded session, with `messages`.
        session: the id it is known by.
        source: the resolved path of its file.
    """
    rows = [row for row in record["messages"] if isinstance(row, dict)]
    started = _first_time(record, "started_at", "created_at", "created", "timestamp")
    first = next((at for at in map(message_time, rows) if at is not None), None)
    last = next((at for at in map(message_time, reversed(rows)) if at is not None), None)
    started = first if started is None else started
    return SessionHeader(
        id=session,
        agent="openai",
        source=source,
        channel=text_of(record.get("channel")),
        title=text_of(record.get("title")),
        model=text_of(record.get("model")),
        started_at=started,
        last_active_at=started if last is None else last,
        cwd=text_of(record.get("cwd")),
        rows=len(record["messages"]),
    )


def _first_time(record: dict[str, Any], *names: str) -> float | None:
    return next((at for name in names if (at := time_of(record.get(name))) is not None), None)


def session_of(record: dict[str, Any], header: SessionHeader, *, place: str) -> Session:
    """Read a whole session; its first system message is its system prompt and stays a message.

    Args:
        record: the decoded session, with `messages`.
        header: its head.
        place: what problems are said to be in, `log.jsonl: line 3`.
    """
    messages, problems = read_messages(record["messages"], place=place)
    prompt = next((message.text for message in messages if message.origin == "system"), "")
    return Session(header, messages, prompt, problems=problems)
