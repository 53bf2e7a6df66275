"""Profiles as the list of sessions asks for them: again and again, and only the last one matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warmtui.model.session import SessionKey

if TYPE_CHECKING:
    from warmtui.model.profile import Profile
    from warmtui.model.session import SessionHeader
    from warmtui.workspace.workspace import Workspace

KEPT = 32
"""Profiles that are kept: as many as a person walks up and down in a list."""


class ProfileCache:
    """Makes profiles and keeps the last few.

    Args:
        workspace: whose feed the sessions are of.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: dict[SessionKey, tuple[SessionHeader, Profile]] = {}

    def kept(self, key: SessionKey) -> Profile | None:
        """Return the profile of a session when it was made and the session is as it was."""
        row, found = self._workspace.sessions.table.get(key), self._kept.get(key)
        return found[1] if row is not None and found is not None and found[0] == row.header else None

    async def of(self, key: SessionKey) -> Profile:
        """Return the profile of a session; cancelling stops making it.

        Raises:
            NotFoundError: it went away.
            SourceError: it could not be read.
        """
        found = self.kept(key)
        row = self._workspace.sessions.table.get(key)
        if found is None:
            found = await self._workspace.sessions.profile_of(key)
        # What could not be read may be readable later, although its header stays as it is.
        if row is not None and not (found.problems and not found.messages):
            self._kept.pop(key, None)
            self._kept[key] = (row.header, found)
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return found
