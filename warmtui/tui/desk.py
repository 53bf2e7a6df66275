"""The draft on the desk: what is being made, its way back, and its copy in the library."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    Edit,
    Folders,
    History,
    Offer,
    Part,
    Problem,
    Workbench,
    dump,
    load,
    opened,
    parts,
    problems,
    to_draft,
    total,
)
from warmtui.curation.editing.state import Base
from warmtui.errors import LibraryError, WarmtuiError
from warmtui.exchange.checks import check
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.workspace import Workspace
from warmtui.workspace.apart import offered_of
from warmtui.workspace.feed import SessionKey
from warmtui.workspace.reading import Progress

if TYPE_CHECKING:
    from warmtui.library.templates import Saved

SAVE_AFTER = 0.6
"""Seconds without a change after which the draft is kept; it has to be there within a second."""


class Desk:
    """One draft with its history and what can be picked for it.

    Args:
        workspace: the workspace.
        name: the key under which the library keeps the draft.
        history: where it stands.
    """

    def __init__(self, workspace: Workspace, name: str, history: History) -> None:
        self.workspace = workspace
        self.name = name
        self.history = history
        self.candidates: tuple[Candidate, ...] = ()
        self.offers: dict[str, Offer] = {}
        self.folders: tuple[Folders, ...] = ()
        self._kept = history.state
        self.kept_at: float | None = None
        """When the draft was last kept, monotonic seconds."""
        self.trouble = ""
        """Why it could not be kept."""
        self.restored = False
        """It was found in the library, from before."""

    @classmethod
    async def of_sessions(
        cls, workspace: Workspace, keys: Sequence[SessionKey], progress: Progress | None = None
    ) -> Desk:
        """Open the draft of sessions: the one kept from before, or a new one.

        Args:
            workspace: the workspace.
            keys: the sessions.
            progress: called with how many of how many were looked through; cancelling stops that.
        """
        name = "sessions:" + ",".join(sorted(key.id for key in keys))[:180]
        desk = cls(workspace, name, History(Workbench()))
        await desk.take(keys, progress)
        kept = await _kept(workspace, name)
        if kept is not None:
            desk.history, desk.restored, desk._kept = kept, True, kept.state
        return desk

    @classmethod
    async def of_template(cls, workspace: Workspace, template: str) -> Desk:
        """Open a template, or the draft of it that was kept from before.

        Raises:
            NotFoundError: there is no such template.
        """
        found = await workspace.library.get(template)
        name = f"template:{found.id}"
        desk = cls(workspace, name, History(opened(found)))
        kept = await _kept(workspace, name)
        if kept is not None and kept.state.base == Base(found.id, found.version.number):
            desk.restored = kept.state != desk.state
            desk.history, desk._kept = kept, kept.state
        keys = [
            key
            for key in list(workspace.feed.rows)
            if any(key.id == source.id for source in found.version.sources)
        ]
        if keys:
            await desk.take(keys)
        return desk

    async def take(self, keys: Sequence[SessionKey], progress: Progress | None = None) -> None:
        """Put what sessions offer beside what is offered already."""
        offered = await offered_of(self.workspace, keys, progress)
        known = set(self.offers)
        self.candidates += tuple(one for one in offered.candidates if one.id not in known)
        self.offers.update(offered.offers)
        self.folders += tuple(one for one in offered.folders if one not in self.folders)

    @property
    def unkept(self) -> bool:
        """Whether something changed since the draft was opened or last kept."""
        return self.state is not self._kept

    @property
    def state(self) -> Workbench:
        """The draft as it stands."""
        return self.history.state

    def do(self, edit: Edit, *, typing: bool = False) -> str:
        """Do one edit.

        Args:
            edit: what to do.
            typing: join it with what was typed just before in the same field.

        Returns:
            What was done, in words; empty when nothing changed.
        """
        before = self.history
        self.history = self.history.do(edit, time.monotonic() if typing else None)
        if self.history is before:
            return ""
        return self.history.past[-1].label if self.history.past else ""

    def undo(self) -> str:
        """Take the last change back; returns what it was."""
        moved = self.history.undo()
        self.history = moved.history
        return moved.label

    def redo(self) -> str:
        """Do it again; returns what it was."""
        moved = self.history.redo()
        self.history = moved.history
        return moved.label

    def parts(self) -> tuple[Part, ...]:
        """Return what the draft holds and costs."""
        return parts(self.state)

    def tokens(self) -> int:
        """Return about what the whole start costs."""
        return total(self.parts())

    def problems(self) -> tuple[Problem, ...]:
        """Return what is to be looked at before it is saved."""

        def refused(messages: Sequence[ChatMessage]) -> Sequence[CheckFinding]:
            return check(messages, followed_by_user=True, after_system=True)

        return problems(self.state, check=refused)

    async def keep(self) -> None:
        """Keep the draft in the library, so that a crash loses nothing."""
        state = self.state
        try:
            await self.workspace.library.put_draft(
                self.name, dump(self.state, self.history, self.workspace.known_secrets())
            )
            self.kept_at, self.trouble = time.monotonic(), ""
            self._kept = state
        except LibraryError as error:
            self.trouble = str(error)

    async def save(self, name: str, description: str, tags: tuple[str, ...]) -> Saved:
        """Save the draft as a template.

        Raises:
            ConflictError: the template changed since it was opened.
            LibraryError: it could not be saved; the draft stays.
        """
        state = replace(self.state, name=name, description=description, tags=tags)
        draft = to_draft(state, self.workspace.known_secrets())
        base = state.base
        library = self.workspace.library
        if base is not None:
            saved = await library.save(draft, template=base.template_id, expected_version=base.version)
        else:
            saved = await library.save(draft)
        state = replace(state, seed=draft.seed, base=Base(saved.template.id, saved.version.number))
        self.history = History(state, self.history.past)
        self._kept = state
        await library.drop_draft(self.name)
        self.name = f"template:{saved.template.id}"
        return saved


async def _kept(workspace: Workspace, name: str) -> History | None:
    """Return a draft kept from before; one that cannot be read is left where it is."""
    try:
        kept = await workspace.library.get_draft(name)
        return load(kept.content).history if kept is not None else None
    except WarmtuiError:
        return None
