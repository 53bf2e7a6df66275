"""A draft: a template while a person makes it, as one immutable record.

Every edit builds a new state and shares with the old one whatever it leaves alone, so keeping all states for
undo costs little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

from pydantic import ConfigDict

from warmtui.curation.bootstrap import ACKNOWLEDGED, MESSAGE, OPENING
from warmtui.curation.masking import AllowedValue
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import (
    GROUPS,
    Group,
    Item,
    Note,
    Seed,
    SourceSession,
    TemplateType,
    UserPatterns,
)

SINGLES = (SYSTEM_CONTEXT, USER_PATTERNS)
"""The single parts of a seed: it has at most one of each. Each is its own item id."""
_RESERVED = frozenset({"", SYSTEM_CONTEXT, USER_PATTERNS, OPENING, ACKNOWLEDGED, MESSAGE})
"""Ids that an item must not have, because they mean something else."""

_EMPTY = Seed()
STRICT = ConfigDict(strict=True, extra="forbid")
"""How records of a draft are read back from JSON."""


class Base(NamedTuple):
    """The version that a draft was opened from."""

    template_id: str
    version: int


class TakenCandidate(NamedTuple):
    """The candidate that a single part came from. Items know their provenance themselves."""

    item: str
    """`system_context` or `user_patterns`."""
    candidate: str
    agent: str
    session_id: str


class PendingText(NamedTuple):
    """A typed text that is not valid yet: the editor shows it, the bootstrap does not."""

    item: str
    field: str
    text: str


class AcceptedMask(NamedTuple):
    """A masked place that a person reviewed and left masked."""

    item: str
    field: str
    ordinal: int
    slot: str


@dataclass(frozen=True, slots=True)
class DraftState:
    """A template while a person makes it. The candidates are kept elsewhere."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str = ""
    description: str = ""
    task_type: TemplateType | None = None
    """None: the examples decide."""
    tags: tuple[str, ...] = ()
    seed: Seed = _EMPTY
    sources: tuple[SourceSession, ...] = ()
    base: Base | None = None
    taken: tuple[TakenCandidate, ...] = ()
    pending: tuple[PendingText, ...] = ()
    allowed: tuple[AllowedValue, ...] = ()
    accepted: tuple[AcceptedMask, ...] = ()

    def pending_text(self, item: str, field: str) -> str | None:
        """Return the text of a field that is not valid yet, None when the field is valid."""
        return next(
            (pending.text for pending in self.pending if (pending.item, pending.field) == (item, field)), None
        )


@dataclass(frozen=True, slots=True)
class ItemPosition:
    """An item with its position in the seed."""

    group: Group
    index: int
    item: Item


def find_item(seed: Seed, item_id: str) -> ItemPosition | None:
    """Return an item with its position, None when the seed has no item of that id."""
    for group in GROUPS.values():
        for index, item in enumerate(seed.group(group)):
            if item.id == item_id:
                return ItemPosition(group, index, item)
    return None


def siblings(seed: Seed, found: ItemPosition) -> tuple[Item, ...]:
    """Return the items that are listed and numbered together with one: of the notes, those of its kind."""
    items = seed.group(found.group)
    if not isinstance(found.item, Note):
        return items
    return tuple(item for item in items if isinstance(item, Note) and item.kind == found.item.kind)


def has_item(seed: Seed, item_id: str) -> bool:
    """Whether the seed has an item of this id, or the single part of this name."""
    if item_id == SYSTEM_CONTEXT:
        return bool(seed.system_context.strip())
    if item_id == USER_PATTERNS:
        return seed.user_patterns is not None
    return find_item(seed, item_id) is not None


def with_item(seed: Seed, record: Item | UserPatterns) -> Seed:
    """Return the seed with the record in place of the item with its id."""
    if isinstance(record, UserPatterns):
        return seed.model_copy(update={"user_patterns": record})
    found = find_item(seed, record.id)
    if found is None:
        return seed
    items = seed.group(found.group)
    replaced = (*items[: found.index], record, *items[found.index + 1 :])
    return seed.model_copy(update={found.group: replaced})


def without_items(seed: Seed, item_ids: Collection[str]) -> Seed:
    """Return the seed without these items; single parts go by their name."""
    update: dict[str, object] = {}
    for group in GROUPS.values():
        kept = tuple(item for item in seed.group(group) if item.id not in item_ids)
        if len(kept) < len(seed.group(group)):
            update[group] = kept
    if SYSTEM_CONTEXT in item_ids and seed.system_context:
        update[SYSTEM_CONTEXT] = ""
    if USER_PATTERNS in item_ids and seed.user_patterns is not None:
        update[USER_PATTERNS] = None
    return seed.model_copy(update=update) if update else seed


def remove_items(state: DraftState, item_ids: Iterable[str]) -> DraftState:
    """Return the state without these items and without what it knows about them."""
    gone = frozenset(item_ids)
    after = replace(
        state,
        seed=without_items(state.seed, gone),
        taken=tuple(taken for taken in state.taken if taken.item not in gone),
        pending=tuple(pending for pending in state.pending if pending.item not in gone),
        allowed=tuple(allowed for allowed in state.allowed if allowed.item not in gone),
        accepted=tuple(accepted for accepted in state.accepted if accepted.item not in gone),
    )
    # nothing was removed, so no session has lost its last item
    return after if after.seed is state.seed else replace(after, sources=_sources_left(after, state))


def with_unique_ids(seed: Seed) -> Seed:
    """Return the seed with every id once and no reserved id.

    Ids of items made here are unique, but files from elsewhere may repeat one. The first item keeps its id,
    the others get one derived from it.
    """
    seen: set[str] = set(_RESERVED)
    update: dict[str, object] = {}
    for group in GROUPS.values():
        items = seed.group(group)
        unique = tuple(_with_free_id(item, seen) for item in items)
        if unique != items:
            update[group] = unique
    return seed.model_copy(update=update) if update else seed


def _with_free_id(item: Item, seen: set[str]) -> Item:
    item_id = free_id(item.id, seen)
    seen.add(item_id)
    return item if item_id == item.id else item.model_copy(update={"id": item_id})


def free_id(wanted: str, used: Collection[str]) -> str:
    """Return `wanted`, or twelve hexadecimal digits derived from it when it is in use or reserved."""
    free = wanted
    attempt = 1
    while free in used or free in _RESERVED:
        free = hashlib.sha256(f"{wanted}\x1f{attempt}".encode("utf-8", "replace")).hexdigest()[:12]
        attempt += 1
    return free


def sessions_of(state: DraftState) -> dict[str, frozenset[tuple[str, str]]]:
    """Return for each item the sessions (agent, id) that it is known to come from; empty when unknown."""
    sessions: dict[str, frozenset[tuple[str, str]]] = {
        item.id: frozenset({(item.provenance.agent, item.provenance.session_id)})
        for item in state.seed.items()
    }
    for single in SINGLES:
        if has_item(state.seed, single):
            origin = next((taken for taken in state.taken if taken.item == single), None)
            sessions[single] = frozenset({(origin.agent, origin.session_id)} if origin else ())
    return sessions


def _sources_left(state: DraftState, before: DraftState) -> tuple[SourceSession, ...]:
    """Return the sources of a state from which items were removed.

    A session goes with its last item. While a single part is of unknown origin, as in every template from the
    library, no session goes: the part may come from it.
    """
    if state.seed.is_empty():
        return ()
    known = sessions_of(state)
    if not all(known.values()):
        return state.sources
    gone = _union(sessions_of(before).values()) - _union(known.values())
    return tuple(source for source in state.sources if (source.agent, source.id) not in gone)


def _union(sessions: Iterable[frozenset[tuple[str, str]]]) -> frozenset[tuple[str, str]]:
    return frozenset().union(*sessions)
