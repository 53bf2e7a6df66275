"""The draft on the draft: what is being made, its way back, and its copy in the library."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    DraftState,
    Edit,
    History,
    Limits,
    Offer,
    Part,
    Problem,
    SessionFolders,
    Step,
    dump,
    from_template,
    load,
    parts,
    problems,
    suggest_additions,
    to_draft,
    total,
)
from warmtui.curation.editing.state import Base
from warmtui.errors import LibraryError, WarmtuiError
from warmtui.exchange.checks import check
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.workspace import Workspace
from warmtui.workspace.reader import OnProgress
from warmtui.workspace.session_table import SessionKey

if TYPE_CHECKING:
    from warmtui.library.templates import Saved
    from warmtui.model.template import Template

SAVE_AFTER = 0.4
"""Seconds from a change until the draft is kept; it has to be there within one."""


class DraftSession:
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
        self.folders: tuple[SessionFolders, ...] = ()
        self._kept = history.state
        self._written: set[int] = set()
        """Hashes of what was found or written here under `name`; other content there is another app's."""
        self._keeping = asyncio.Lock()
        self._counted: tuple[DraftState, tuple[Part, ...]] | None = None
        self._looked: tuple[DraftState, tuple[Problem, ...]] | None = None
        self.autosaved_at: float | None = None
        """When the draft was last kept, monotonic seconds."""
        self.autosave_error = ""
        """Why it could not be kept."""
        self.restored = False
        """It was found in the library, from before."""

    @classmethod
    async def of_sessions(
        cls, workspace: Workspace, keys: Sequence[SessionKey], progress: OnProgress | None = None
    ) -> DraftSession:
        """Open the draft of sessions: the one kept from before, or a new one.

        Args:
            workspace: the workspace.
            keys: the sessions.
            progress: called with how many of how many were looked through; cancelling stops that.
        """
        name = "sessions:" + ",".join(sorted(key.id for key in keys))[:180]
        draft = cls(workspace, name, History(DraftState()))
        await draft.add_sessions(keys, progress)
        kept = await _kept(workspace, name)
        if kept is not None:
            draft._take_up(kept)
            draft.restored = True
        return draft

    @classmethod
    async def of_template(cls, workspace: Workspace, template: str) -> DraftSession:
        """Open a template, or the draft of it that was kept from before.

        Raises:
            NotFoundError: there is no such template.
        """
        found = await workspace.library.get(template)
        name = f"template:{found.id}"
        draft = cls(workspace, name, History(await workspace.drafting(partial(from_template, found))))
        kept = await _kept(workspace, name)
        if kept is not None and kept.history.state.base is not None:
            # begun from an older version, it is still what the person wrote; saving it shows both
            draft.restored = kept.history.state != draft.state
            draft._take_up(kept)
        keys = list(workspace.feed.rows.with_ids(source.id for source in found.version.sources))
        if keys:
            await draft.add_sessions(keys)
        return draft

    async def add_sessions(
        self, keys: Sequence[SessionKey], progress: OnProgress | None = None, *, only: str = ""
    ) -> None:
        """Put what sessions offer beside what is offered already.

        Args:
            keys: the sessions.
            progress: told how far it is.
            only: the id of the one candidate that is wanted; empty for all.
        """
        offered = await self.workspace.offered(keys, progress)
        fresh = {one for one in offered.offers if one not in self.offers and only in ("", one)}
        self.candidates += tuple(one for one in offered.candidates if one.id in fresh)
        self.offers.update((name, one) for name, one in offered.offers.items() if name in fresh)
        self.folders += tuple(one for one in offered.folders if one not in self.folders)

    @property
    def unsaved(self) -> bool:
        """Whether something changed since the draft was opened or last kept."""
        return self.state is not self._kept

    @property
    def state(self) -> DraftState:
        """The draft as it stands."""
        return self.history.state

    def apply(self, edit: Edit, *, typing: bool = False) -> str:
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
        """Return what the draft holds and costs; counted once for each state."""
        if self._counted is None or self._counted[0] is not self.state:
            self._counted = self.state, parts(self.state)
        return self._counted[1]

    def tokens(self) -> int:
        """Return about what the whole start costs."""
        return total(self.parts())

    def suggestion(self) -> tuple[Offer, ...]:
        """Return what to add to what is picked, within what the settings allow."""
        most = self.workspace.settings.thresholds
        chosen = suggest_additions(
            self.state,
            self.candidates,
            budget=most.tokens,
            max_examples=most.examples,
            max_recoveries=most.recoveries,
            max_markers=most.markers,
        ).chosen
        return tuple(self.offers[one] for one in chosen if one in self.offers)

    @property
    def checked(self) -> bool:
        """Whether `problems` are those of the draft as it stands."""
        return self._looked is not None and self._looked[0] is self.state

    def problems(self) -> tuple[Problem, ...]:
        """Return what is to be looked at before it is saved, as `check` last found it."""
        return self._looked[1] if self._looked is not None else ()

    async def check(self) -> None:
        """Find what is to be looked at; in a thread, for it takes too long between two keys."""
        state, most = self.state, self.workspace.settings.thresholds
        limits = Limits(most.tokens, most.recoveries, most.examples, most.markers)

        def look() -> tuple[Problem, ...]:
            return problems(state, check=_refused, limits=limits, known=self.workspace.known_secrets())

        found = await self.workspace.drafting(look)
        self._looked = state, found

    def _take_up(self, kept: _Kept) -> None:
        """Go on with a draft kept from before."""
        self.name, self.history, self._kept = kept.name, kept.history, kept.history.state
        self._written = {hash(kept.content)}

    async def _is_ours(self) -> bool:
        """Whether what is kept under `name` was found or written here, or is nothing."""
        kept = await self.workspace.library.get_draft(self.name)
        return kept is None or hash(kept.content) in self._written

    async def autosave(self) -> None:
        """Keep the draft in the library, so that a crash loses nothing; one after the other, the newest last.

        Where another app has kept a draft of the same meanwhile, this one is kept beside it.
        """
        async with self._keeping:
            history = self.history

            def written() -> str:
                return dump(history.state, history, self.workspace.known_secrets())

            content = await self.workspace.drafting(written)
            try:
                while not await self._is_ours():
                    self.name, self._written = _next_name(self.name), set()
                self._written.add(hash(content))
                await self.workspace.library.put_draft(self.name, content)
            except LibraryError as error:
                self.autosave_error = str(error)
                return
            self.autosaved_at, self.autosave_error = time.monotonic(), ""
            self._kept = history.state

    async def save(
        self, name: str, description: str, tags: tuple[str, ...], *, onto: Base | None = None
    ) -> Saved:
        """Save the draft as a template.

        Args:
            name: of the template.
            description: likewise.
            tags: likewise.
            onto: the template that gets a new version, with the version it has to be at; None for a new
                template, whose name has to be free.

        Raises:
            ConflictError: the template is at another version, or the name is in use.
            NotFoundError: the template is not there any more.
            LibraryError: it could not be saved; the draft stays.
        """
        before = self.state
        state = replace(before, name=name, description=description, tags=tags)
        draft = to_draft(state, self.workspace.known_secrets())
        library = self.workspace.library
        if onto is not None:
            saved = await library.save(draft, template=onto.template_id, expected_version=onto.version)
        else:
            saved = await library.save(draft, expected_version=0)
        state = replace(
            state,
            name=draft.name,
            description=draft.description,
            tags=draft.tags,
            seed=draft.seed,
            base=Base(saved.template.id, saved.version.number),
        )
        self.history = History(state, _rebased(self.history.past, before, state))
        self._kept = state
        async with self._keeping:
            try:
                if await self._is_ours():
                    await library.drop_draft(self.name)
            except LibraryError as error:
                self.autosave_error = str(error)  # it is saved; only the draft beside it stays
            self.name = f"template:{saved.template.id}"
        return saved

    def replace_with(self, template: Template) -> None:
        """Put the current version of a template in the draft's place; undo brings the draft back."""
        label = f"took version {template.version.number}"
        past = (*self.history.past, Step(label, self.state))
        self.history = History(from_template(template), past)


def _refused(messages: Sequence[ChatMessage]) -> Sequence[CheckFinding]:
    return check(messages, followed_by_user=True, after_system=True)


def _rebased(steps: Sequence[Step], before: DraftState, saved: DraftState) -> tuple[Step, ...]:
    """Let what undo goes back to know that it was saved, so that saving that is no conflict with oneself."""

    def one(state: DraftState) -> DraftState:
        if state.base != before.base:
            return state
        tags = saved.tags if state.tags == before.tags else state.tags
        description = saved.description if state.description == before.description else state.description
        return replace(state, base=saved.base, name=saved.name, description=description, tags=tags)

    return tuple(Step(step.label, one(step.other)) for step in steps)


class _Kept(NamedTuple):
    name: str
    content: str
    history: History
    at: str


APPS = 8
"""Apps that may have the same template open at once, each with a draft of its own."""


def _next_name(name: str) -> str:
    """Return the name that is tried after one: `x`, `x#2`, `x#3`.

    >>> _next_name("template:t_1"), _next_name("template:t_1#2")
    ('template:t_1#2', 'template:t_1#3')
    """
    head, sign, number = name.rpartition("#")
    return f"{head}#{int(number) + 1}" if sign and number.isdecimal() else f"{name}#2"


async def _kept(workspace: Workspace, name: str) -> _Kept | None:
    """Return the draft kept last under a name or those after it; one that cannot be read stays there."""
    found: list[_Kept] = []
    for _ in range(APPS):
        with contextlib.suppress(WarmtuiError):
            kept = await workspace.library.get_draft(name)
            if kept is not None:
                read = await workspace.drafting(partial(load, kept.content))
                found.append(_Kept(name, kept.content, read.history, kept.updated_at))
        name = _next_name(name)
    return max(found, key=lambda one: one.at, default=None)
