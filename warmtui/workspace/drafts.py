"""Drafts being edited: their messages and exports, and the original text of what was masked in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from warmtui.curation.bootstrap import bootstrap
from warmtui.curation.candidates import Candidate
from warmtui.curation.candidates.selection import seed_of
from warmtui.curation.candidates.session_candidates import tool_example
from warmtui.curation.diff import Change, diff_versions
from warmtui.curation.editing import Base, DraftState, ReviewedPlace, original_of, to_draft
from warmtui.curation.editing.state import SINGLES, find_item, sessions_of
from warmtui.curation.folders import Folders
from warmtui.curation.seed_texts import USER_PATTERNS, text_at
from warmtui.errors import WarmtuiError
from warmtui.exchange.messages import SessionMeta
from warmtui.exchange.targets import Target
from warmtui.library.templates import content_of
from warmtui.model.chat import ChatMessage
from warmtui.model.session import SessionKey
from warmtui.model.template import ContextMarker, Draft, Item, Note, Seed, Template, ToolExample, Version
from warmtui.workspace.context import Context
from warmtui.workspace.findings import Findings
from warmtui.workspace.sessions import Sessions
from warmtui.workspace.templates import session_id

T = TypeVar("T")
EDITED = "the text was edited since, so it cannot be told which of its words that was"


class Rendered(NamedTuple):
    """A draft as it would be saved, and the messages made from it."""

    draft: Draft
    messages: tuple[ChatMessage, ...]


class Original(NamedTuple):
    """The original text behind a slot."""

    text: str | None
    """As it is in the session; None if that cannot be found out."""
    why: str = ""
    """Why not, in a few words."""


class Drafts:
    """Renders drafts in a thread of its own, apart from reading and analysis.

    Args:
        context: the workspace's environment.
        sessions: where drafts come from.
    """

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="warmtui-drafting")

    def close(self) -> None:
        """Wait for what is being computed."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def compute(self, work: Callable[[], T]) -> T:
        """Run work on drafts one after another, in a thread that neither reading nor analysis holds up.

        Raises:
            Exception: whatever `work` raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def originals(self, state: DraftState, places: Sequence[ReviewedPlace]) -> dict[str, Original]:
        """Read the originals of masked places from their sessions again; they are never written anywhere.

        Args:
            state: the draft that the places belong to.
            places: masked places of one or more items; others are passed over.

        Returns:
            By the place's key the original, or why it cannot be had.
        """
        known = self._context.known_secrets()
        came_from = sessions_of(state)
        by_item: dict[str, tuple[_ItemSeed, ...] | str] = {}
        read: dict[SessionKey, Findings | str] = {}
        found: dict[str, Original] = {}
        for place in places:
            if not place.masked:
                continue
            if place.item not in by_item:
                sessions = came_from.get(place.item) or {
                    (source.agent, source.id) for source in state.sources
                }
                by_item[place.item] = await self._unmasked(state, place.item, sorted(sessions), read)
            seeds = by_item[place.item]
            found[place.key] = (
                Original(None, seeds) if isinstance(seeds, str) else _original(state, place, seeds, known)
            )
        return found

    async def _unmasked(
        self,
        state: DraftState,
        item: str,
        sessions: Sequence[tuple[str, str]],
        read: dict[SessionKey, Findings | str],
    ) -> tuple[_ItemSeed, ...] | str:
        """Return an item as its sessions have it, or why it cannot be had."""
        why = "nothing says which session it came from"
        seeds: list[_ItemSeed] = []
        for agent, session in sessions:
            if not session:
                return "it was written by hand"
            rows = self._sessions.table.with_ids([session])
            keys = [key for key, row in rows.items() if row.header.agent == agent]
            why = f"session {session} of {agent} is not there any more" if not keys else EDITED
            for key in keys:
                if key not in read:
                    try:
                        read[key] = await self._sessions.findings_of(key)
                    except WarmtuiError as error:
                        read[key] = str(error)
                found = read[key]
                if isinstance(found, str):
                    why = found
                else:
                    seeds += _same_items(state, item, found)
        return tuple(seeds) or why


class _ItemSeed(NamedTuple):
    """An item as its session has it."""

    item: str
    """Its id there."""
    seed: Seed
    """A seed that holds it alone."""


def render_draft(state: DraftState, known: Iterable[str], folders: Folders) -> Rendered:
    """Return a draft as it would be saved, with its messages.

    Args:
        state: the draft.
        known: secret values that are known outright.
        folders: what `{home}` and `{cwd}` stand for.
    """
    draft = to_draft(state, tuple(known))
    return Rendered(draft, bootstrap(draft.seed, folders))


def export_draft(rendered: Rendered, target: Target, folders: Folders, started_at: float) -> bytes:
    """Write a draft in a target's format, byte for byte what exporting it after saving would write.

    Args:
        rendered: the draft.
        target: the format.
        folders: what the draft's messages were built with.
        started_at: when a session target's session begins, Unix seconds.

    Raises:
        WarmtuiError: there is nothing to start with.
    """
    if not rendered.messages:
        raise WarmtuiError("the template is empty", "pick something in Curate first")
    meta = SessionMeta(
        session_id=session_id(content_of(rendered.draft).hash),
        title=rendered.draft.name or None,
        cwd=folders.cwd,
        started_at=started_at,
    )
    return target.render(rendered.messages, meta)


def changes_since(version: Version, draft: Draft) -> tuple[Change, ...]:
    """Return what a draft changes in a saved version."""
    fields = ("seed", "description", "task_type", "sources", "masked")
    update = {field: getattr(draft, field) for field in fields}
    return diff_versions(version, version.model_copy(update=update))


class SaveTarget(NamedTuple):
    """What saving under a name does, given the templates that are there."""

    templates: tuple[Template, ...]
    base: Base | None
    """The version that the draft was opened from."""

    @property
    def opened(self) -> Template | None:
        """The template that the draft was opened from, as it is now; None if it is gone."""
        return next(
            (template for template in self.templates if self.base and template.id == self.base.template_id),
            None,
        )

    def onto(self, name: str) -> Base | None:
        """Return which template gets a new version, and at which version it must be; None for a new one."""
        found = self._named(name)
        if found is None:
            return None
        if self.base is not None and found.id == self.base.template_id:
            return self.base
        return Base(found.id, found.version.number)

    def tags(self, name: str, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return the tags to save: another template that gets a new version keeps its own too."""
        found = self._named(name)
        if found is None or (self.base is not None and found.id == self.base.template_id):
            return tags
        return tuple(sorted({*found.tags, *tags}))

    def explain(self, name: str) -> str:
        """Say what saving under a name does."""
        found, opened = self._named(name), self.opened
        if not name:
            return "Give it a name."
        if found is None:
            return f"A new template; {opened.name} stays as it is." if opened else "A new template."
        number = found.version.number
        if opened is None or found.id != opened.id:
            return f"This name is in use: it becomes version {number + 1} of that template."
        if self.base is not None and number != self.base.version:
            return (
                f"Version {number} was saved elsewhere meanwhile: you will see both before anything is saved."
            )
        return f"It becomes version {number + 1}; version {number} stays."

    def _named(self, name: str) -> Template | None:
        return next((template for template in self.templates if template.name == name), None)


def _original(
    state: DraftState, place: ReviewedPlace, seeds: Sequence[_ItemSeed], known: tuple[str, ...]
) -> Original:
    for item, seed in seeds:
        at = text_at(seed, item, place.field)
        text = original_of(state, place, at[1], known) if at is not None else None
        if text is not None:
            return Original(text)
    return Original(None, EDITED)


def _same_items(state: DraftState, item: str, found: Findings) -> Iterator[_ItemSeed]:
    """Yield what a session offers as this item: the same candidate, else one made of the same call."""
    if item in SINGLES:
        kind = "user_patterns" if item == USER_PATTERNS else "system_context"
        for candidate in found.candidates:
            if candidate.kind == kind:
                yield _ItemSeed(item, seed_of([candidate]))
        return
    kept = find_item(state.seed, item)
    if kept is None:
        return
    record = kept.item
    for candidate in found.candidates:
        if candidate.id == item or _same_origin(candidate, record):
            yield _ItemSeed(getattr(candidate.record, "id", item), seed_of([candidate]))
    if isinstance(record, ToolExample):
        # Of similar calls only the best is offered, and which one that is may change as a session grows.
        origin = record.provenance
        for call in found.judged.calls:
            if (call.message_id, call.call.id) == (origin.message_id, origin.call_id):
                example = tool_example(found.judged.session, call)
                yield _ItemSeed(example.id, Seed(tool_examples=(example,)))


def _same_origin(candidate: Candidate, record: Item) -> bool:
    other = candidate.record
    return (
        isinstance(other, Item)
        and type(other) is type(record)
        and other.provenance == record.provenance
        and not isinstance(other, ContextMarker | Note)
    )
