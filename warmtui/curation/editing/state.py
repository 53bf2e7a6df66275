"""The workbench: a template while it is being made, as one immutable record.

Every edit makes a new workbench out of the old one, and shares with it whatever it left alone, so that
keeping all of them for undo costs little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from pydantic import ConfigDict

from warmtui.curation.bootstrap import ACKNOWLEDGED, MESSAGE, OPENING
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import (
    ContextMarker,
    Recovery,
    Seed,
    SourceSession,
    TemplateType,
    ToolExample,
    UserPatterns,
)

Group = Literal["recoveries", "tool_examples", "context_markers"]
GROUPS: tuple[Group, ...] = ("recoveries", "tool_examples", "context_markers")
"""The lists of a seed whose items have an id and an order."""
SINGLES = (SYSTEM_CONTEXT, USER_PATTERNS)
"""The parts of which a seed has one at most; each is its own item id."""
_RESERVED = frozenset({"", SYSTEM_CONTEXT, USER_PATTERNS, OPENING, ACKNOWLEDGED, MESSAGE})
"""What an item must not be called: it would be taken for something else."""

_EMPTY = Seed()
Listed = Recovery | ToolExample | ContextMarker
"""An item of one of the groups."""


class Base(NamedTuple):
    """The version that a workbench was opened from."""

    template_id: str
    version: int


class Taken(NamedTuple):
    """Which candidate a single part came from; listed items know their provenance themselves."""

    item: str
    """`system_context` or `user_patterns`."""
    candidate: str
    agent: str
    session_id: str


class Pending(NamedTuple):
    """A text that is not valid yet: shown in the editor, no part of the bootstrap, never lost."""

    item: str
    field: str
    text: str


class Allowed(NamedTuple):
    """A place that a person wants unmasked. The text itself stands in its field and nowhere else."""

    item: str
    field: str
    """Without the number in a list: `corrections`, not `corrections.2`."""
    sha256: str


class Accepted(NamedTuple):
    """A masked place that a person looked at and left masked."""

    item: str
    field: str
    ordinal: int
    slot: str


@dataclass(frozen=True, slots=True)
class DraftState:
    """A template while it is being made. Candidates are kept outside."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    name: str = ""
    description: str = ""
    task_type: TemplateType | None = None
    """None as long as the examples shall tell it."""
    tags: tuple[str, ...] = ()
    seed: Seed = _EMPTY
    sources: tuple[SourceSession, ...] = ()
    base: Base | None = None
    taken: tuple[Taken, ...] = ()
    pending: tuple[Pending, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    accepted: tuple[Accepted, ...] = ()

    def pending_text(self, item: str, field: str) -> str | None:
        """Return the text of a field that is not valid yet, None when the field is valid."""
        return next((one.text for one in self.pending if one.item == item and one.field == field), None)


def listed(seed: Seed) -> Iterator[tuple[Group, Listed]]:
    """Yield every item that has an id, with its group, in the order of the seed."""
    for group in GROUPS:
        for one in group_items(seed, group):
            yield group, one


def group_items(seed: Seed, group: Group) -> tuple[Listed, ...]:
    """Return the items of one group."""
    items: tuple[Listed, ...] = getattr(seed, group)
    return items


def find_item(seed: Seed, item: str) -> tuple[Group, int, Listed] | None:
    """Return an item with its group and its index there, None when there is none of that id."""
    for group in GROUPS:
        for at, one in enumerate(group_items(seed, group)):
            if one.id == item:
                return group, at, one
    return None


def has_item(seed: Seed, item: str) -> bool:
    """Whether the seed has a listed item of this id, or the single part of this name."""
    if item == SYSTEM_CONTEXT:
        return bool(seed.system_context.strip())
    if item == USER_PATTERNS:
        return seed.user_patterns is not None
    return find_item(seed, item) is not None


def with_item(seed: Seed, record: Listed | UserPatterns) -> Seed:
    """Return the seed with a record in the place of the one with its id."""
    if isinstance(record, UserPatterns):
        return seed.model_copy(update={"user_patterns": record})
    found = find_item(seed, record.id)
    if found is None:
        return seed
    group, at, _ = found
    items = group_items(seed, group)
    return seed.model_copy(update={group: (*items[:at], record, *items[at + 1 :])})


def without_items(seed: Seed, items: Collection[str]) -> Seed:
    """Return the seed without these items; single parts go by their name."""
    update: dict[str, object] = {}
    for group in GROUPS:
        kept = tuple(one for one in group_items(seed, group) if one.id not in items)
        if len(kept) < len(group_items(seed, group)):
            update[group] = kept
    if SYSTEM_CONTEXT in items and seed.system_context:
        update[SYSTEM_CONTEXT] = ""
    if USER_PATTERNS in items and seed.user_patterns is not None:
        update[USER_PATTERNS] = None
    return seed.model_copy(update=update) if update else seed


def with_own_ids(seed: Seed) -> Seed:
    """Return the seed with every id in it once, and none that means something else.

    Ids of items made here are unique; files from elsewhere may hold the same one twice. The first keeps
    it, the others get one derived from it.
    """
    seen: set[str] = set(_RESERVED)
    update: dict[str, object] = {}
    for group in GROUPS:
        items = group_items(seed, group)
        own = tuple(_with_own_id(one, seen) for one in items)
        if own != items:
            update[group] = own
    return seed.model_copy(update=update) if update else seed


def _with_own_id(one: Listed, seen: set[str]) -> Listed:
    name = free_id(one.id, seen)
    seen.add(name)
    return one if name == one.id else one.model_copy(update={"id": name})


def free_id(name: str, used: Collection[str]) -> str:
    """Return `name`, or where it is used already twelve hexadecimal digits derived from it."""
    free = name
    turn = 1
    while free in used or free in _RESERVED:
        free = hashlib.sha256(f"{name}\x1f{turn}".encode("utf-8", "replace")).hexdigest()[:12]
        turn += 1
    return free


def sessions_of(state: DraftState) -> dict[str, frozenset[tuple[str, str]]]:
    """Return for each item present the sessions (agent, id) it is known to come from; none when unknown."""
    found: dict[str, frozenset[tuple[str, str]]] = {
        one.id: frozenset({(one.provenance.agent, one.provenance.session_id)})
        for _, one in listed(state.seed)
    }
    for single in SINGLES:
        if has_item(state.seed, single):
            origin = next((one for one in state.taken if one.item == single), None)
            found[single] = frozenset({(origin.agent, origin.session_id)} if origin else ())
    return found


def sources_needed(state: DraftState, before: DraftState) -> tuple[SourceSession, ...]:
    """Return the sources of a state from which items were taken out.

    A session goes when its last item goes. While there is a single part of unknown origin, as in every
    template from the library, nothing goes: it may be from there.
    """
    if state.seed.is_empty():
        return ()
    known: Mapping[str, frozenset[tuple[str, str]]] = sessions_of(state)
    if not all(known.values()):
        return state.sources
    gone = _all(sessions_of(before).values()) - _all(known.values())
    return tuple(one for one in state.sources if (one.agent, one.id) not in gone)


def _all(sessions: Iterable[frozenset[tuple[str, str]]]) -> frozenset[tuple[str, str]]:
    return frozenset().union(*sessions)
