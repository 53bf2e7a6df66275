"""The draft that is being edited: its state with undo, what can be picked for it, and its autosaved copy."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from textual.timer import Timer

from warmtui.analysis.call_arguments import canonical
from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    DraftProblem,
    DraftState,
    Edit,
    History,
    Offer,
    Part,
    Pick,
    SessionFolders,
    UndoStep,
    dump,
    from_template,
    is_picked,
    load,
    parts,
    problems,
    suggest_additions,
    to_draft,
)
from warmtui.curation.editing.state import Base
from warmtui.curation.folders import Folders
from warmtui.curation.summaries import candidate_summary
from warmtui.errors import LibraryError, NotFoundError, WarmtuiError
from warmtui.exchange.checks import check
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.session import Problem, SessionKey
from warmtui.model.template import Recovery, Saved, Template, ToolExample
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.ui_state import AUTO_PREFIX
from warmtui.tui.widgets.cells import clip
from warmtui.workspace import Workspace
from warmtui.workspace.drafts import Rendered, render_draft
from warmtui.workspace.reader import OnProgress

if TYPE_CHECKING:
    from warmtui.workspace.findings import Findings

AUTOSAVE_DELAY = 0.4
"""Seconds from a change until it is autosaved; the copy must be in the library within one second."""
MAX_COPIES = 8
"""How many apps may edit the same template at once, each with an autosaved draft of its own."""
SUMMARY_WIDTH = 60
"""Cells of a call's summary in a message: enough to recognise the call."""


class DraftSession:
    """One draft with its undo history and the offers that can be picked for it.

    Args:
        workspace: the open workspace.
        name: the key under which the library holds the autosaved draft.
        history: the state to start from.
    """

    def __init__(self, workspace: Workspace, name: str, history: History) -> None:
        self.workspace = workspace
        self.name = name
        self.history = history
        self.candidates: tuple[Candidate, ...] = ()
        self.offers: dict[str, Offer] = {}
        """The candidates as they would be picked, by id."""
        self.folders: tuple[SessionFolders, ...] = ()
        self.unread: tuple[Problem, ...] = ()
        """Why sessions that it was to be made from are missing."""
        self._autosaved_state = history.state
        self._own_contents: set[int] = set()
        """Hashes of the contents read or written under `name`; any other content is another app's."""
        self._autosave_lock = asyncio.Lock()
        self._check_lock = asyncio.Lock()
        self._parts: tuple[DraftState, tuple[Part, ...]] | None = None
        self._problems: tuple[DraftState, tuple[DraftProblem, ...]] | None = None
        self._rendered: tuple[DraftState, tuple[str, ...], Folders, Rendered] | None = None
        self.autosaved_at: float | None = None
        """When the draft was last autosaved, monotonic seconds."""
        self.autosave_error = ""
        """Why the last autosave failed; empty when it succeeded."""
        self.restored = False
        """Whether an autosaved draft was found and taken up."""

    @classmethod
    async def of_sessions(
        cls, workspace: Workspace, keys: Sequence[SessionKey], progress: OnProgress | None = None
    ) -> DraftSession:
        """Open the autosaved draft of these sessions, or a new one.

        Args:
            workspace: the open workspace.
            keys: the sessions.
            progress: called with the numbers of sessions done and in total; cancelling stops the reading.
        """
        # all ids, because the draft is opened again by its name
        name = "sessions:" + ",".join(sorted(key.id for key in keys))
        draft = cls(workspace, name, History(DraftState()))
        await draft.add_sessions(keys, progress)
        autosaved = await _find_autosaved(workspace, name)
        if autosaved is not None:
            draft._take_up(autosaved)
            draft.restored = True
        return draft

    @classmethod
    async def of_auto(
        cls, workspace: Workspace, name: str, progress: OnProgress | None = None
    ) -> DraftSession:
        """Open a draft that `warmtui auto` made, with what the project's sessions offer.

        Args:
            workspace: the open workspace.
            name: the draft's key.
            progress: as for `of_sessions`.

        Raises:
            NotFoundError: there is no such draft.
        """
        autosaved = await _find_autosaved(workspace, name)
        if autosaved is None:
            raise NotFoundError("the draft is not there any more", "warmtui auto makes drafts")
        draft = cls(workspace, name, autosaved.history)
        draft._take_up(autosaved)
        keys = list(workspace.sessions.table.with_ids(await workspace.auto.sessions_of(name)))
        if keys:
            await draft.add_sessions(keys, progress)
        return draft

    @classmethod
    async def of_template(cls, workspace: Workspace, template_id: str) -> DraftSession:
        """Open the autosaved draft of a template, or its current version.

        Raises:
            NotFoundError: there is no such template.
        """
        template = await workspace.library.get(template_id)
        name = f"template:{template.id}"
        draft = cls(
            workspace, name, History(await workspace.drafts.compute(partial(from_template, template)))
        )
        autosaved = await _find_autosaved(workspace, name)
        if autosaved is not None and autosaved.history.state.base is not None:
            # A draft of an older version is still the person's work; saving it shows both versions.
            draft.restored = autosaved.history.state != draft.state
            draft._take_up(autosaved)
        keys = list(workspace.sessions.table.with_ids(source.id for source in template.version.sources))
        if keys:
            await draft.add_sessions(keys)
        return draft

    async def add_sessions(
        self, keys: Sequence[SessionKey], progress: OnProgress | None = None, *, only: str = ""
    ) -> None:
        """Add what sessions offer to the candidates.

        Args:
            keys: the sessions.
            progress: called with the numbers of sessions done and in total.
            only: the id of the one candidate that is wanted; empty for all.
        """
        found = await self.workspace.sessions.candidates_of(keys, progress)
        new = {name for name in found.offers if name not in self.offers and only in ("", name)}
        self.candidates += tuple(candidate for candidate in found.candidates if candidate.id in new)
        self.offers |= {name: found.offers[name] for name in found.offers if name in new}
        self.unread += found.problems
        self.folders += tuple(folders for folders in found.folders if folders not in self.folders)

    # editing

    @property
    def state(self) -> DraftState:
        """The draft as it is now."""
        return self.history.state

    def apply(self, edit: Edit, *, typing: bool = False) -> bool:
        """Apply an edit and return whether it changed anything.

        Args:
            edit: the change.
            typing: merge it into the last undo step if that typed in the same field a moment ago.
        """
        before = self.state
        self.history = self.history.do(edit, time.monotonic() if typing else None)
        return self.state is not before

    def undo(self) -> str:
        """Undo the last change and return its label."""
        moved = self.history.undo()
        self.history = moved.history
        return moved.label

    def redo(self) -> str:
        """Redo the change undone last and return its label."""
        moved = self.history.redo()
        self.history = moved.history
        return moved.label

    def replace_with(self, template: Template) -> None:
        """Replace the draft by a template's current version; undo brings the draft back."""
        label = f"took version {template.version.number}"
        self.history = History(from_template(template), (*self.history.past, UndoStep(label, self.state)))

    # what it holds

    def is_picked(self, candidate_id: str) -> bool:
        """Return whether a candidate is in the draft."""
        offer = self.offers.get(candidate_id)
        return offer is not None and is_picked(self.state, offer)

    def parts(self) -> tuple[Part, ...]:
        """Return the draft's parts with their token counts; computed once per state."""
        if self._parts is None or self._parts[0] is not self.state:
            self._parts = self.state, parts(self.state)
        return self._parts[1]

    def suggestion(self) -> tuple[Offer, ...]:
        """Return offers to add to what is picked, within the limits of the settings."""
        limits = self.workspace.settings.thresholds
        chosen = suggest_additions(self.state, self.candidates, limits).chosen
        return tuple(self.offers[name] for name in chosen if name in self.offers)

    def why_no_suggestion(self) -> str:
        """Say why `suggestion` is empty."""
        worthy = (candidate.id for candidate in self.candidates if candidate.worth_keeping)
        if all(self.is_picked(name) for name in worthy if name in self.offers):
            return "nothing else here is worth keeping by itself; space picks by hand"
        most = self.workspace.settings.thresholds
        limits = f"{most.tokens:,} tokens, {most.recoveries} recoveries, {most.examples} examples"
        return f"the rest is like what is picked, or over the limits: {limits}"

    @property
    def checked(self) -> bool:
        """Whether `problems` describe the draft as it is now."""
        return self._problems is not None and self._problems[0] is self.state

    def problems(self) -> tuple[DraftProblem, ...]:
        """Return what a person should look at before saving, as `check` last found it."""
        return self._problems[1] if self._problems is not None else ()

    async def check(self) -> None:
        """Find the problems of the draft as it is when this returns.

        They are looked for in a thread, as this takes longer than the time between two keys. Calls wait for
        each other, so a burst of changes is checked about once.
        """
        async with self._check_lock:
            while not self.checked:
                state = self.state
                find = partial(self._find_problems, state)
                self._problems = state, await self.workspace.drafts.compute(find)

    def _find_problems(self, state: DraftState) -> tuple[DraftProblem, ...]:
        limits = self.workspace.settings.thresholds
        known = self.workspace.context.known_secrets()
        return problems(state, check=_refused, limits=limits, known=known)

    def invalid_texts(self) -> list[DraftProblem]:
        """Return the texts that are not valid, so that saving leaves them out."""
        return [problem for problem in self.problems() if problem.kind == "invalid"]

    def rendered(self) -> Rendered:
        """Return the draft as it would be saved, with the messages made from it."""
        state, last = self.state, self._rendered
        known, folders = self.workspace.context.known_secrets(), self.workspace.context.folders()
        if last is not None and last[0] is state and last[1:3] == (known, folders):
            return last[3]
        rendered = render_draft(state, known, folders)
        self._rendered = state, known, folders, rendered
        return rendered

    # autosave and save

    @property
    def unsaved(self) -> bool:
        """Whether the draft changed since it was opened or last autosaved."""
        return self.state is not self._autosaved_state

    def _take_up(self, autosaved: _Autosaved) -> None:
        self.name, self.history = autosaved.name, autosaved.history
        self._autosaved_state = self.state
        self._own_contents = {hash(autosaved.content)}

    async def _owns_copy(self) -> bool:
        """Return whether the copy under `name` was read or written here; True if there is none."""
        copy = await self.workspace.library.get_draft(self.name)
        return copy is None or hash(copy.content) in self._own_contents

    async def autosave(self) -> None:
        """Store the draft in the library, so that a crash loses nothing.

        Calls run one after the other, so the newest state is stored last. If another app has stored a draft
        under the same name meanwhile, this draft goes beside it under the next free name.
        """
        async with self._autosave_lock:
            history = self.history

            def serialized() -> str:
                return dump(history, self.workspace.context.known_secrets())

            content = await self.workspace.drafts.compute(serialized)
            try:
                while not await self._owns_copy():
                    self.name, self._own_contents = _next_name(self.name), set()
                self._own_contents.add(hash(content))
                await self.workspace.library.put_draft(self.name, content)
            except LibraryError as error:
                self.autosave_error = str(error)
                return
            self.autosaved_at, self.autosave_error = time.monotonic(), ""
            self._autosaved_state = history.state

    async def save(
        self, name: str, description: str, tags: tuple[str, ...], *, onto: Base | None = None
    ) -> Saved:
        """Save the draft as a template and drop its autosaved copy.

        Args:
            name: of the template.
            description: of the template.
            tags: of the template.
            onto: the template that gets a new version, with the version it must be at; None for a new
                template, whose name must be free.

        Raises:
            ConflictError: the template is at another version, or the name is in use.
            NotFoundError: the template no longer exists.
            LibraryError: it could not be saved; the draft stays.
        """
        before = self.state
        state = replace(before, name=name, description=description, tags=tags)
        draft = to_draft(state, self.workspace.context.known_secrets())
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
        self._autosaved_state = state
        async with self._autosave_lock:
            try:
                if await self._owns_copy():
                    await library.drop_draft(self.name)
            except LibraryError as error:
                # The template is saved; only the copy remains.
                self.autosave_error = str(error)
            if self.name.startswith(AUTO_PREFIX):
                with contextlib.suppress(LibraryError):
                    await self.workspace.auto.note_saved(self.name, saved.template.id)
            self.name = f"template:{saved.template.id}"
        return saved


def _refused(messages: Sequence[ChatMessage]) -> Sequence[CheckFinding]:
    return check(messages, after_system=True)


def _rebased(steps: Sequence[UndoStep], before: DraftState, saved: DraftState) -> tuple[UndoStep, ...]:
    """Update the saved base in every undo step, so that saving after an undo raises no ConflictError."""

    def rebase(state: DraftState) -> DraftState:
        if state.base != before.base:
            return state
        tags = saved.tags if state.tags == before.tags else state.tags
        description = saved.description if state.description == before.description else state.description
        return replace(state, base=saved.base, name=saved.name, description=description, tags=tags)

    return tuple(UndoStep(step.label, rebase(step.other)) for step in steps)


class _Autosaved(NamedTuple):
    name: str
    content: str
    history: History
    updated_at: str


def _next_name(name: str) -> str:
    """Return the name to try after this one: `x`, `x#2`, `x#3`.

    >>> _next_name("template:t_1"), _next_name("template:t_1#2")
    ('template:t_1#2', 'template:t_1#3')
    """
    head, sign, number = name.rpartition("#")
    return f"{head}#{int(number) + 1}" if sign and number.isdecimal() else f"{name}#2"


async def _find_autosaved(workspace: Workspace, name: str) -> _Autosaved | None:
    """Return the newest draft autosaved under a name or those after it."""
    found: list[_Autosaved] = []
    for _ in range(MAX_COPIES):
        # A copy that cannot be read is left alone: another version of the app may read it.
        with contextlib.suppress(WarmtuiError):
            copy = await workspace.library.get_draft(name)
            if copy is not None:
                history = await workspace.drafts.compute(partial(load, copy.content))
                found.append(_Autosaved(name, copy.content, history, copy.updated_at))
        name = _next_name(name)
    return max(found, key=lambda autosaved: autosaved.updated_at, default=None)


class Autosave:
    """Autosaves a draft while a screen changes it; `on_saved` is called after each attempt."""

    def __init__(
        self, screen: BaseScreen, draft: DraftSession, on_saved: Callable[[], None] = lambda: None
    ) -> None:
        self._screen, self._draft, self._on_saved = screen, draft, on_saved
        self._timer: Timer | None = None

    def schedule(self) -> None:
        """Autosave within `AUTOSAVE_DELAY` seconds; changes made until then are part of it."""
        if self._timer is None:
            self._timer = self._screen.set_timer(AUTOSAVE_DELAY, self._start)

    def _start(self) -> None:
        self._screen.run_worker(self._run(), group="autosave")

    async def _run(self) -> None:
        await self._draft.autosave()
        self._timer = None
        if self._draft.autosave_error:
            self._screen.say(self._draft.autosave_error, "warning")
        elif self._draft.unsaved:
            self.schedule()
        self._on_saved()

    def close(self) -> None:
        """Autosave changes that are still waiting; the app finishes this after the screen is gone."""
        if self._draft.unsaved:
            self._screen.app.run_worker(self._draft.autosave())


# picking a call of a session


class CallPick(NamedTuple):
    """What became of a call that was to be picked."""

    draft: DraftSession | None
    """The draft that has it; None if the call is not offered."""
    words: str
    """What was done, or why not."""
    changed: bool = False
    """Whether the draft was changed."""


async def pick_call(
    workspace: Workspace, drafts: Sequence[DraftSession], key: SessionKey, findings: Findings, index: int
) -> CallPick:
    """Pick a call for a draft, and autosave the draft.

    Args:
        workspace: the open workspace.
        drafts: open drafts. The first one made from the session, perhaps among others, gets the call;
            without one it goes into the draft of the session alone.
        key: the session.
        findings: of the session.
        index: of the call among the session's judged calls.

    Raises:
        WarmtuiError: the session could not be read any more.
    """
    candidate = candidate_of(findings, index)
    if candidate is None:
        return CallPick(None, f"not offered: {_why_not_offered(findings, index)}")
    draft = next((each for each in drafts if _offers_session(each, findings)), None)
    if draft is None:
        draft = await DraftSession.of_sessions(workspace, [key])
        draft = next((each for each in drafts if each.name == draft.name), draft)
    if candidate.id not in draft.offers:
        # A draft of several sessions offers what they share only once, perhaps from another session.
        await draft.add_sessions([key], only=candidate.id)
    offer = draft.offers.get(candidate.id)
    if offer is None:
        return CallPick(None, "not offered: the session has many calls that speak for themselves more")
    words = clip(candidate_summary(offer.record), SUMMARY_WIDTH)
    if draft.is_picked(candidate.id):
        return CallPick(draft, f"the draft has it already: {words}")
    draft.apply(Pick((offer,)))
    await draft.autosave()
    return CallPick(draft, draft.autosave_error or f"in the draft: {words} · 2 opens it", changed=True)


def candidate_of(findings: Findings, index: int) -> Candidate | None:
    """Return the candidate that a session offers for one of its calls, given by its index.

    Returns:
        The recovery whose failure the call is. For a call that worked, its example, else the example of a
        call with the same tool and arguments, else the recovery whose fix it is. Otherwise None.
    """
    for recovery in findings.recoveries:
        if index in recovery.failures:
            return _candidate_from(findings, recovery.failed_index, Recovery)
    call = findings.judged.calls[index]
    if call.verdict.outcome != "ok":
        return None
    if (example := _candidate_from(findings, index, ToolExample)) is not None:
        return example
    arguments = canonical(call.call.arguments)
    for other_index, other in enumerate(findings.judged.calls):
        if other.call.tool == call.call.tool and canonical(other.call.arguments) == arguments:
            example = _candidate_from(findings, other_index, ToolExample)
            if example is not None:
                return example
    for recovery in findings.recoveries:
        if recovery.fixed_index == index:
            return _candidate_from(findings, recovery.failed_index, Recovery)
    return None


def _candidate_from(findings: Findings, index: int, kind: type[Recovery | ToolExample]) -> Candidate | None:
    call = findings.judged.calls[index]
    for candidate in findings.candidates:
        if isinstance(candidate.record, kind):
            origin = candidate.record.provenance
            if origin.message_id == call.message_id and origin.call_id == call.call.id:
                return candidate
    return None


def _why_not_offered(findings: Findings, index: int) -> str:
    call = findings.judged.calls[index]
    if call.verdict.outcome == "error":
        return "it failed, and nothing after it is seen to have fixed it"
    if call.verdict.outcome != "ok":
        return f"only calls that worked are kept; this one is {call.verdict.outcome}"
    if call.housekeeping:
        return "it is the agent's housekeeping, which teaches nothing about the project"
    return "its tool teaches nothing about a project, or its arguments are not fit to be shown again"


def _offers_session(draft: DraftSession, findings: Findings) -> bool:
    header = findings.judged.session.header
    sources = {(offer.source.agent, offer.source.id) for offer in draft.offers.values()}
    return (header.agent, header.id) in sources
