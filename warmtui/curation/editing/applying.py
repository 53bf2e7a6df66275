"""Applying edits: each makes a new state out of the old one, or gives the old one back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from warmtui.curation.candidates import Candidate, SystemContext
from warmtui.curation.editing import maskings
from warmtui.curation.editing.edits import (
    Accept,
    Clear,
    Describe,
    Edit,
    Keep,
    MakeRelative,
    Move,
    Offer,
    Pick,
    Remask,
    Remove,
    Rename,
    Restore,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    Unpick,
)
from warmtui.curation.editing.fields import error_of, record_of, shown, spec_of, written
from warmtui.curation.editing.meter import seed_tokens
from warmtui.curation.editing.relative import SessionFolders, make_relative
from warmtui.curation.editing.state import (
    SINGLES,
    DraftState,
    Pending,
    Taken,
    find_item,
    group_items,
    has_item,
    sessions_of,
    sources_needed,
    with_item,
    without_items,
)
from warmtui.curation.editing.walk import clean, map_every_text
from warmtui.curation.limits import DEFAULT_BUDGET, DEFAULT_EXAMPLES, DEFAULT_MARKERS, DEFAULT_RECOVERIES
from warmtui.curation.selection import Selection, suggest
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS, Place
from warmtui.model.template import ContextMarker, Recovery, Seed, SourceSession, ToolExample


def apply(state: DraftState, edit: Edit) -> DraftState:
    """Do one edit.

    Args:
        state: the workbench.
        edit: what to do. What it names need not be there any more; then nothing happens.

    Returns:
        The new state, or the very same object when nothing changed.

    Raises:
        ValueError: a `SetField` names a field that its item does not have; a mistake of the caller.
    """
    after = _applied(state, edit)
    return state if after == state else after


def _applied(state: DraftState, edit: Edit) -> DraftState:
    match edit:
        case Pick():
            return _picked(state, edit.offers)
        case Unpick():
            return _removed(state, [one for offer in edit.offers if (one := _item_of(state, offer))])
        case Remove():
            return _removed(state, edit.items)
        case Clear():
            return _removed(state, (*SINGLES, *sessions_of(state)))
        case Move():
            return _moved(state, edit.item, edit.by)
        case SetField():
            return _typed(state, edit.item, edit.field, clean(edit.text))
        case ToggleShown():
            return _toggled(state, edit.items)
        case MakeRelative():
            return _relative(state, edit.folders, edit.item)
        case Rename():
            return replace(state, name=clean(edit.name))
        case Describe():
            return replace(state, description=clean(edit.description))
        case SetTags():
            tags = dict.fromkeys(tag for one in edit.tags if (tag := clean(one).strip()))
            return replace(state, tags=tuple(tags))
        case SetType():
            return replace(state, task_type=edit.task_type)
        case Restore():
            return maskings.restored(
                state, edit.item, edit.field, edit.ordinal, clean(edit.original), edit.known
            )
        case Keep():
            return maskings.kept(state, edit.item, edit.field, edit.ordinal, edit.known)
        case Remask():
            return maskings.remasked(state, edit.item, edit.field, edit.known, edit.ordinal)
        case Accept():
            return maskings.accepted(state, edit.item, edit.field, edit.ordinal)


def is_picked(state: DraftState, offer: Offer) -> bool:
    """Whether what is offered is in the template, edited or not."""
    return _item_of(state, offer) is not None


def toggled(state: DraftState, offers: Iterable[Offer]) -> Pick | Unpick:
    """Return the edit that ticks what is offered, or unticks it when all of it is ticked."""
    given = tuple(offers)
    missing = tuple(one for one in given if not is_picked(state, one))
    return Pick(missing) if missing else Unpick(given)


def suggested(
    state: DraftState,
    candidates: Sequence[Candidate],
    *,
    budget: int = DEFAULT_BUDGET,
    max_examples: int = DEFAULT_EXAMPLES,
    max_recoveries: int = DEFAULT_RECOVERIES,
    max_markers: int = DEFAULT_MARKERS,
) -> Selection:
    """Tell what to add to what is picked already, within the limits that remain.

    Args:
        state: the workbench; nothing in it is taken out or replaced.
        candidates: best first, masked.
        budget: tokens of the whole bootstrap.
        max_examples: examples at most, those picked included.
        max_recoveries: recoveries at most, likewise.
        max_markers: markers at most, likewise.

    Returns:
        The selection; its seed holds only what would be added, its tokens count the whole.
    """
    seed = state.seed
    there = [one for one in candidates if has_item(seed, one.id)]
    keys = {one.key for one in there}
    shapes = {one.shape for one in there if one.kind == "tool_example"}
    free = [
        one
        for one in candidates
        if one.key not in keys
        and not (one.kind == "tool_example" and one.shape in shapes)
        and not (one.kind == "user_patterns" and seed.user_patterns is not None)
    ]
    return suggest(
        free,
        tokens=lambda more: seed_tokens(_both(seed, more)),
        budget=budget,
        max_examples=max(0, max_examples - len(seed.tool_examples)),
        max_recoveries=max(0, max_recoveries - len(seed.recoveries)),
        max_markers=max(0, max_markers - len(seed.context_markers)),
    )


def _both(seed: Seed, more: Seed) -> Seed:
    return seed.model_copy(
        update={
            "user_patterns": more.user_patterns or seed.user_patterns,
            "recoveries": (*seed.recoveries, *more.recoveries),
            "tool_examples": (*seed.tool_examples, *more.tool_examples),
            "context_markers": (*seed.context_markers, *more.context_markers),
        }
    )


def _item_of(state: DraftState, offer: Offer) -> str | None:
    """Return the id of the item that a pick of this offer made, None when it is not picked."""
    if isinstance(offer.record, Recovery | ToolExample | ContextMarker):
        return offer.record.id if find_item(state.seed, offer.record.id) else None
    single = _single(offer)
    if not has_item(state.seed, single):
        return None
    taken = next((one for one in state.taken if one.item == single), None)
    if taken is not None:
        return single if taken.candidate == offer.id else None
    return single if _with_single(state.seed, offer) == state.seed else None


def _single(offer: Offer) -> str:
    return SYSTEM_CONTEXT if isinstance(offer.record, SystemContext) else USER_PATTERNS


def _with_single(seed: Seed, offer: Offer) -> Seed:
    if isinstance(offer.record, SystemContext):
        return seed.model_copy(update={SYSTEM_CONTEXT: offer.record.text})
    return seed.model_copy(update={USER_PATTERNS: offer.record})


def _picked(state: DraftState, offers: Iterable[Offer]) -> DraftState:
    for offer in offers:
        if is_picked(state, offer):
            continue
        match offer.record:
            case Recovery():
                seed = _appended(state.seed, "recoveries", offer.record)
            case ToolExample():
                seed = _appended(state.seed, "tool_examples", offer.record)
            case ContextMarker():
                seed = _appended(state.seed, "context_markers", offer.record)
            case _:
                state = _single_picked(state, offer)
                continue
        state = replace(state, seed=seed, sources=_with_source(state.sources, offer.source))
    return state


def _appended(seed: Seed, group: str, record: Recovery | ToolExample | ContextMarker) -> Seed:
    return seed.model_copy(update={group: (*getattr(seed, group), record)})


def _single_picked(state: DraftState, offer: Offer) -> DraftState:
    single = _single(offer)
    state = _removed(state, (single,))
    taken = Taken(single, offer.id, offer.source.agent, offer.source.id)
    return replace(
        state,
        seed=_with_single(state.seed, offer),
        sources=_with_source(state.sources, offer.source),
        taken=(*state.taken, taken),
    )


def _with_source(sources: tuple[SourceSession, ...], source: SourceSession) -> tuple[SourceSession, ...]:
    if any((one.agent, one.id) == (source.agent, source.id) for one in sources):
        return sources
    return (*sources, source)


def _removed(state: DraftState, items: Iterable[str]) -> DraftState:
    """Take items out, and with them what the state knows about them."""
    gone = frozenset(items)
    after = replace(
        state,
        seed=without_items(state.seed, gone),
        taken=tuple(one for one in state.taken if one.item not in gone),
        pending=tuple(one for one in state.pending if one.item not in gone),
        allowed=tuple(one for one in state.allowed if one.item not in gone),
        accepted=tuple(one for one in state.accepted if one.item not in gone),
    )
    return after if after.seed is state.seed else replace(after, sources=sources_needed(after, state))


def _moved(state: DraftState, item: str, by: int) -> DraftState:
    found = find_item(state.seed, item)
    if found is None:
        return state
    group, at, record = found
    items = group_items(state.seed, group)
    rest = (*items[:at], *items[at + 1 :])
    to = min(max(at + by, 0), len(rest))
    return replace(state, seed=state.seed.model_copy(update={group: (*rest[:to], record, *rest[to:])}))


def _typed(state: DraftState, item: str, field: str, text: str) -> DraftState:
    record = record_of(state.seed, item)
    if record is None and item != SYSTEM_CONTEXT:
        return state
    spec = spec_of(record, field)
    others = tuple(one for one in state.pending if (one.item, one.field) != (item, field))
    if record is None:
        return replace(state, seed=state.seed.model_copy(update={SYSTEM_CONTEXT: text}), pending=others)
    if text == shown(spec, record):
        return replace(state, pending=others)
    if error_of(spec, text) is not None:
        return replace(state, pending=(*others, Pending(item, field, text)))
    changed = written(record, spec, text)
    if changed == record:
        return replace(state, pending=others)
    return replace(state, seed=with_item(state.seed, changed), pending=others)


def _toggled(state: DraftState, items: Iterable[str]) -> DraftState:
    for item in dict.fromkeys(items):
        found = find_item(state.seed, item)
        if found and isinstance(found[2], Recovery):
            other = "line" if found[2].shown_as == "messages" else "messages"
            changed = found[2].model_copy(update={"shown_as": other})
            state = replace(state, seed=with_item(state.seed, changed))
    return state


def _relative(state: DraftState, folders: Sequence[SessionFolders], item: str | None) -> DraftState:
    origins = sessions_of(state)

    def change(place: Place, text: str) -> str:
        if item is not None and place.item != item:
            return text
        sessions = {session for _, session in origins.get(place.item, ())}
        fitting = next((one for one in folders if one.session_id in sessions), None)
        fitting = fitting or next((one for one in folders if one.session_id is None), None)
        return make_relative(text, fitting, is_json=place.is_json)

    return replace(state, seed=map_every_text(state.seed, change))
