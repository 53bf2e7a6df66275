"""A long session at once: its beginning while the whole is read, and only what is new when it grows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from warmtui.analysis.calls import judge_calls
from warmtui.errors import SourceError
from warmtui.sources.glimpse import added, beginning
from warmtui.workspace.reader import JudgedSession
from warmtui.workspace.session_table import SessionKey

if TYPE_CHECKING:
    from warmtui.workspace.workspace import Workspace

FROM_ROWS = 600
"""Rows from which a session is shown in two steps: fewer are read in about the time of a redraw."""
ROWS = 240
"""Rows of a beginning: more than the tallest terminal shows."""


async def beginning_of(workspace: Workspace, key: SessionKey) -> JudgedSession | None:
    """Read and judge the first messages of a long session of `Workspace.feed`.

    Returns:
        The session cut off after them; None for a short one, and where the beginning cannot be told apart:
        `Workspace.judged_of` reads all of it.
    """
    row = workspace.sessions.table.get(key)
    if row is None or row.header.rows < FROM_ROWS or row.header.agent != "hermes":
        return None
    header, now, strict = row.header, workspace.context.now(), workspace.settings.findings_are_errors

    def read() -> JudgedSession | None:
        try:
            session = beginning(header, ROWS)
        except SourceError:
            return None  # reading the whole says what is wrong
        if session is None or not session.messages:
            return None
        return JudgedSession(session, judge_calls(session, now=now, findings_are_errors=strict))

    return await asyncio.to_thread(read)


async def grown_of(workspace: Workspace, key: SessionKey, before: JudgedSession) -> JudgedSession | None:
    """Read and judge what was added to a session since it was read.

    Args:
        workspace: the workspace.
        key: of a session of its feed.
        before: the whole session as it was.

    Returns:
        The whole session as it is, what was there before being the same objects; None where all of it has
        to be read again.
    """
    row = workspace.sessions.table.get(key)
    if row is None or row.header.rows <= before.session.header.rows or row.header.agent != "hermes":
        return None
    header, now, strict = row.header, workspace.context.now(), workspace.settings.findings_are_errors

    def read() -> JudgedSession | None:
        try:
            found = added(header, before.session)
        except SourceError:
            return None
        if found is None:
            return None
        calls = judge_calls(found.session, now=now, findings_are_errors=strict, before=before.calls)
        return JudgedSession(found.session, calls)

    return await asyncio.to_thread(read)
