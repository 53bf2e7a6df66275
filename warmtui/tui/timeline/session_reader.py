"""What a timeline shows over time: a long session's beginning at once, then the whole, then its growth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from warmtui.errors import WarmtuiError
from warmtui.model.session import SessionHeader
from warmtui.tui.timeline.prepared import Prepared, prepare
from warmtui.workspace import Workspace
from warmtui.workspace.glimpses import beginning_of, grown_of
from warmtui.workspace.reader import JudgedSession
from warmtui.workspace.session_table import SessionKey

POLL_SECONDS = 0.5
"""Between two looks at whether the session grew."""


class Seen(NamedTuple):
    """What one look at a session gave."""

    prepared: Prepared | None
    """None when there is nothing new."""
    trouble: str = ""
    """What could not be read, in a line."""
    whole: bool = True
    """Whether it is all of the session."""


async def follow(
    workspace: Workspace, key: SessionKey, wanted: str, width: Callable[[], int]
) -> AsyncIterator[Seen]:
    """Read a session, and again whenever it changed, for as long as anybody asks.

    What is read next waits until the next look is asked for, so that drawing comes first.

    Args:
        workspace: the workspace.
        key: which session of its feed.
        wanted: id of a message that has to be in what is shown first; empty for any.
        width: tells the cells for the words of a row.
    """
    stamp: tuple[object, ...] | None = None
    shown: Prepared | None = None
    whole: JudgedSession | None = None
    while True:
        row, started = workspace.feed.rows.get(key), time.monotonic()
        if row is None:
            yield Seen(None, "the session is gone from its source; this is what was read before")
        elif (now := _stamp(row.header)) != stamp:
            if shown is None and (start := await beginning_of(workspace, key)) is not None:
                shown = prepare(start, width())  # so few rows that a thread would only cost a turn
                if not wanted or any(entry.holds(wanted) for entry in shown.entries):
                    yield Seen(shown, whole=False)
            try:
                read = await grown_of(workspace, key, whole) if whole is not None else None
                whole = read if read is not None else await workspace.judged_of(key)
            except WarmtuiError as error:
                yield Seen(None, str(error))
            else:
                stamp = now
                shown = await asyncio.to_thread(prepare, whole, width(), shown)
                yield Seen(shown, _unread(whole))
        # a session that takes long to read is read less often
        await asyncio.sleep(max(POLL_SECONDS, 2 * (time.monotonic() - started)))


def grew_from(before: JudgedSession, now: JudgedSession) -> bool:
    """Return whether what was read of a session only grew, so that its calls have their indexes still."""
    last = len(before.calls) - 1
    return last < 0 or (last < len(now.calls) and now.calls[last].message_id == before.calls[last].message_id)


def _stamp(header: SessionHeader) -> tuple[object, ...]:
    """Return what changes when a session is written."""
    return header.rows, header.stamp, header.last_active_at, header.ended_at, header.title


def _unread(judged: JudgedSession) -> str:
    """Return what of a session could not be read, in a line."""
    problems = judged.session.problems
    if not problems:
        return ""
    more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
    return f"{problems[0].place}: {problems[0].text}{more}"
