"""What masked places stood for, read again from the sessions they came from; it is kept nowhere else (C8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.curation.candidates import Candidate
from warmtui.curation.candidates.items import tool_example
from warmtui.curation.candidates.selection import seed_of
from warmtui.curation.editing import DraftState, ReviewedPlace, original_of
from warmtui.curation.editing.state import SINGLES, find_item, sessions_of
from warmtui.curation.texts import USER_PATTERNS, text_at
from warmtui.errors import WarmtuiError
from warmtui.model.template import ContextMarker, Recovery, Seed, ToolExample
from warmtui.workspace.findings import Findings
from warmtui.workspace.session_table import SessionKey
from warmtui.workspace.workspace import Workspace

EDITED = "the text was edited since, so it cannot be told which of its words that was"


class Original(NamedTuple):
    """What a slot stands for."""

    text: str | None
    """As the session has it; None when that cannot be told."""
    why: str = ""
    """Why not, in a few words."""


async def originals(
    workspace: Workspace, state: DraftState, places: Sequence[ReviewedPlace]
) -> dict[str, Original]:
    """Read again what masked places stood for.

    Args:
        workspace: the workspace; sessions are looked for in its `feed`.
        state: the workbench that the places are of.
        places: masked places of one or more items; others are left out.

    Returns:
        By the place's key the original, or why it cannot be had. Nothing is written anywhere.
    """
    known = workspace.known_secrets()
    came_from = sessions_of(state)
    raw: dict[str, tuple[tuple[str, Seed], ...] | str] = {}
    read: dict[SessionKey, Findings | str] = {}
    found: dict[str, Original] = {}
    for place in places:
        if not place.masked:
            continue
        if place.item not in raw:
            sessions = came_from.get(place.item) or {(one.agent, one.id) for one in state.sources}
            raw[place.item] = await _raw(workspace, state, place.item, sorted(sessions), read)
        seeds = raw[place.item]
        found[place.key] = (
            Original(None, seeds) if isinstance(seeds, str) else _original(state, place, seeds, known)
        )
    return found


def _original(
    state: DraftState, place: ReviewedPlace, seeds: Sequence[tuple[str, Seed]], known: tuple[str, ...]
) -> Original:
    for item, seed in seeds:
        at = text_at(seed, item, place.field)
        text = original_of(state, place, at[1], known) if at is not None else None
        if text is not None:
            return Original(text)
    return Original(None, EDITED)


async def _raw(
    workspace: Workspace,
    state: DraftState,
    item: str,
    sessions: Sequence[tuple[str, str]],
    read: dict[SessionKey, Findings | str],
) -> tuple[tuple[str, Seed], ...] | str:
    """Return an item as its sessions have it, unmasked, each with the item's id there; or why not."""
    why = "nothing says which session it came from"
    seeds: list[tuple[str, Seed]] = []
    for agent, session in sessions:
        keys = [
            key for key, row in workspace.feed.rows.with_ids([session]).items() if row.header.agent == agent
        ]
        why = f"session {session} of {agent} is not there any more" if not keys else EDITED
        for key in keys:
            if key not in read:
                try:
                    read[key] = await workspace.findings_of(key)
                except WarmtuiError as error:
                    read[key] = str(error)
            found = read[key]
            if isinstance(found, str):
                why = found
            else:
                seeds += _same_items(state, item, found)
    return tuple(seeds) or why


def _same_items(state: DraftState, item: str, found: Findings) -> Iterator[tuple[str, Seed]]:
    """Yield what a session offers as this item: the same candidate, else one made of the same call."""
    if item in SINGLES:
        kind = "user_patterns" if item == USER_PATTERNS else "system_context"
        for one in found.candidates:
            if one.kind == kind:
                yield item, seed_of([one])
        return
    kept = find_item(state.seed, item)
    if kept is None:
        return
    record = kept[2]
    for one in found.candidates:
        if one.id == item or _same_origin(one, record):
            yield getattr(one.record, "id", item), seed_of([one])
    if isinstance(record, ToolExample):
        # of calls that are alike only the best is offered, and which that is changes as a session grows
        origin = record.provenance
        for call in found.judged.calls:
            if (call.message_id, call.call.id) == (origin.message_id, origin.call_id):
                example = tool_example(found.judged.session, call)
                yield example.id, Seed(tool_examples=(example,))


def _same_origin(one: Candidate, record: Recovery | ToolExample | ContextMarker) -> bool:
    other = one.record
    return (
        isinstance(other, Recovery | ToolExample | ContextMarker)
        and type(other) is type(record)
        and other.provenance == record.provenance
        and not isinstance(other, ContextMarker)
    )
