"""Merge templates: two or more seeds become one, each thing once, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from warmtui.curation.candidates.deduplicate import record_key
from warmtui.curation.editing.serialization import from_template
from warmtui.curation.editing.state import DraftState, free_id
from warmtui.curation.masking import allow_all
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import (
    ContextMarker,
    Item,
    Note,
    Record,
    Seed,
    SourceSession,
    Template,
    UserPatterns,
    seen_also,
)

_STYLES = ("request_style", "feedback_style")
_NOT_COMPARED = frozenset({"id", "provenance", "also_seen", "uses", "seen"})
"""Fields that say where a thing was found, not what it is."""


class Duplicate(NamedTuple):
    """One thing that was left out because an earlier seed has it."""

    seed: int
    """Index of its seed."""
    item: str
    """Its id in that seed."""
    same_as: str
    """The id of the item that represents it in the merged seed."""
    differs: tuple[str, ...]
    """Fields in which the two differ nonetheless: `calls`, `closing`, …"""


class MergeResult(NamedTuple):
    """One seed made of several."""

    seed: Seed
    left_out: tuple[Duplicate, ...]
    """What was left out, in the order of the seeds and of their items."""


def merge_seeds(seeds: Sequence[Seed]) -> MergeResult:
    """Merge seeds, each thing once.

    Items keep their order. Of items that say the same the first stays, and the others are reported. Markers
    add up their uses, notes the sessions they were seen in. Different contexts follow one another. The first
    patterns give the styles, the others add their domains, tools and corrections. An id that another item
    has is replaced.

    Args:
        seeds: the preferred seed first.
    """
    kept: dict[str, Item] = {}
    left_out: list[Duplicate] = []
    used: set[str] = set()
    contexts: list[str] = []
    patterns: UserPatterns | None = None
    for number, seed in enumerate(seeds):
        context = seed.system_context.strip()
        if context in contexts:
            left_out.append(Duplicate(number, SYSTEM_CONTEXT, SYSTEM_CONTEXT, ()))
        elif context:
            contexts.append(context)
        if patterns is None:
            patterns = seed.user_patterns
        elif seed.user_patterns is not None:
            styles = _differing_fields(patterns, seed.user_patterns, _STYLES)
            if styles or record_key(patterns) == record_key(seed.user_patterns):
                left_out.append(Duplicate(number, USER_PATTERNS, USER_PATTERNS, styles))
            patterns = _united(patterns, seed.user_patterns)
        for item in seed.items():
            key = record_key(item)
            first = kept.get(key)
            if first is None:
                item_id = free_id(item.id, used)
                used.add(item_id)
                kept[key] = item if item_id == item.id else item.model_copy(update={"id": item_id})
                continue
            # the first item stays as it is, so a person must see what the others said differently
            fields = (field for field in type(item).model_fields if field not in _NOT_COMPARED)
            left_out.append(Duplicate(number, item.id, first.id, _differing_fields(first, item, fields)))
            if isinstance(first, ContextMarker) and isinstance(item, ContextMarker):
                kept[key] = first.model_copy(update={"uses": first.uses + item.uses})
            both = seen_also(kept[key], (item.provenance, *item.also_seen))
            if isinstance(both, Note) and isinstance(item, Note):
                more = len(both.also_seen) - len(first.also_seen)
                both = both.model_copy(update={"seen": max(both.seen + more, item.seen)})
            kept[key] = both
    singles = Seed(system_context="\n\n".join(contexts), user_patterns=patterns)
    return MergeResult(singles.with_items(kept.values()), tuple(left_out))


def merge_templates(templates: Sequence[Template], name: str) -> tuple[DraftState, tuple[Duplicate, ...]]:
    """Merge templates into a draft, to be reviewed and saved as a new template.

    Args:
        templates: the preferred template first.
        name: the name of the new template.

    Returns:
        The draft, with all tags and sources, and what was left out.
    """
    states = [from_template(template) for template in templates]
    merged = merge_seeds([state.seed for state in states])
    sources: dict[tuple[str, str], SourceSession] = {}
    for state in states:
        for source in state.sources:
            sources.setdefault((source.agent, source.id), source)
    draft = DraftState(
        name=name,
        tags=tuple(dict.fromkeys(tag for state in states for tag in state.tags)),
        seed=merged.seed,
        sources=tuple(sources.values()),
        allowed=allow_all(merged.seed),
    )
    return draft, merged.left_out


def _differing_fields(first: Record, second: Record, fields: Iterable[str]) -> tuple[str, ...]:
    return tuple(field for field in fields if getattr(first, field) != getattr(second, field))


def _united(first: UserPatterns, second: UserPatterns) -> UserPatterns:
    lists = {
        field: tuple(dict.fromkeys((*getattr(first, field), *getattr(second, field))))
        for field in ("domains", "preferred_tools", "corrections")
    }
    return first.model_copy(update=lists)
