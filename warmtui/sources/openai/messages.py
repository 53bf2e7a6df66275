"""Chats in the OpenAI shape and its dialects: heads and whole sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warmtui.model.session import Problem, Session, SessionHeader
from warmtui.sources.code_mode.chats import unpack_scripts
from warmtui.sources.harness_texts import is_harness_text
from warmtui.sources.messages import message_time, read_messages, time_of
from warmtui.sources.openai.dialects import Chat
from warmtui.sources.trajectories.reader import form_of, read_trajectory, usage_of
from warmtui.text import without_surrogates


def text_of(value: object) -> str | None:
    """Read a short text of a session's head; anything but a text that holds something is None."""
    return without_surrogates(value) if isinstance(value, str) and value.strip() else None


_STARTED = (
    "started_at",
    "created_at",
    "created",
    "timestamp",
    "session_start",
    "start_time",
    "startTime",
    "create_time",
)
_CHANGED = ("last_active_at", "last_updated", "updated_at", "lastUpdated", "update_time")


def header_of(chat: Chat, *, session: str, source: str) -> SessionHeader:
    """Read a session's head.

    Args:
        chat: the session as it stands in the file.
        session: the id it is known by.
        source: the resolved path of its file.
    """
    rows = [row for row in chat.entries if isinstance(row, dict)]
    first = next((at for at in map(message_time, rows) if at is not None), None)
    backwards = (at for at in map(message_time, reversed(rows)) if at is not None)
    last = None if first is None else next(backwards)
    # a step of a trajectory becomes two messages
    count = len(chat.entries) + sum("observation" in row for row in rows)
    header = head_of(chat.head, session=session, source=source, rows=count)
    started = first if header.started_at is None else header.started_at
    changed = header.last_active_at if last is None else last
    return header._replace(started_at=started, last_active_at=started if changed is None else changed)


def head_of(head: Mapping[str, Any], *, session: str, source: str, rows: int) -> SessionHeader:
    """Read what stands beside a session's messages.

    Args:
        head: the decoded fields.
        session: the id it is known by.
        source: the resolved path of its file.
        rows: how many messages it has.
    """
    info = head.get("info")
    if isinstance(info, dict):  # opencode, mini-swe-agent
        times = info.get("time")
        times = times if isinstance(times, dict) else {}
        head = {"created": times.get("created"), "last_updated": times.get("updated"), **info, **head}
    return SessionHeader(
        id=session,
        agent="openai",
        source=source,
        channel=text_of(head.get("channel")) or text_of(head.get("platform")),
        title=text_of(head.get("title")) or text_of(head.get("instance_id")),
        model=text_of(head.get("model")),
        started_at=_first_time(head, *_STARTED),
        last_active_at=_first_time(head, *_CHANGED),
        cwd=text_of(head.get("cwd")) or text_of(head.get("directory")),
        rows=rows,
    )


def _first_time(record: Mapping[str, Any], *names: str) -> float | None:
    return next((at for name in names if (at := time_of(record.get(name))) is not None), None)


def session_of(chat: Chat, header: SessionHeader, *, place: str) -> Session:
    """Read a whole session.

    Its system prompt is the one beside its messages, else its first system message, which stays a message.

    Args:
        chat: the session as it stands in the file.
        header: its head.
        place: what problems are said to be in, `log.jsonl: line 3`.
    """
    form = form_of(chat.entries, chat.head)
    if form is None:
        messages, problems = read_messages(chat.entries, place=place)
    else:
        trajectory = read_trajectory(chat.entries, form, place=place)
        messages, problems = read_messages(trajectory.entries, place=place)
        problems += trajectory.problems
    earlier = text_of(chat.head.get("previous_response_id"))
    if earlier:
        told = f"it continues the response {earlier[:80]}, whose messages are not in it"
        problems += (Problem(place, told),)
    prompt = text_of(chat.head.get("system_prompt")) or next(
        (message.text for message in messages if message.origin == "system"), ""
    )
    messages = tuple(
        message._replace(origin="harness")
        if message.origin == "person" and is_harness_text(message.text)
        else message
        for message in messages
    )
    return Session(header, unpack_scripts(messages), prompt, problems=problems, usage=usage_of(chat.head))
