"""The draft that was kept last: which it is, and going on with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from warmtui.errors import NotFoundError
from warmtui.library.glance import last_key
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.desk import Desk
    from warmtui.workspace.reading import Progress

NOT_DRAFTS = "app:"
"""How the keys begin under which the app keeps where the person was."""


async def last_draft(workspace: Workspace) -> str:
    """Return the name of the draft that was kept last; empty without one."""
    return await asyncio.to_thread(last_key, workspace.locations.library, NOT_DRAFTS) or ""


async def resumed(workspace: Workspace, name: str, progress: Progress | None = None) -> Desk:
    """Open a draft by its name.

    Args:
        workspace: the workspace.
        name: as `last_draft` returned it.
        progress: as for `Desk.of_sessions`.

    Raises:
        NotFoundError: the template that it changes is gone, or a session that it is made from.
    """
    from warmtui.tui.desk import Desk

    head, _, rest = name.partition(":")
    before, sign, number = rest.rpartition("#")
    if sign and number.isdecimal():  # kept beside another app's draft of the same
        rest = before
    if head == "template":
        return await Desk.of_template(workspace, rest)
    ids = rest.split(",")
    listed = {key.id: key for key in workspace.feed.rows.with_ids(ids)}
    if not all(one in listed for one in ids):
        raise NotFoundError(
            "not all sessions of the draft are listed here", "it is kept, and opens where they are"
        )
    return await Desk.of_sessions(workspace, [listed[one] for one in ids], progress)
