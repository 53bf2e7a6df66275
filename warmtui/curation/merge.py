"""Merging templates (C12): two or more seeds into one, each thing once, the order kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.user_patterns import in_words
from warmtui.curation.editing.conversion import from_template
from warmtui.curation.editing.state import DraftState, Item, free_id, items_of
from warmtui.curation.masking import allow_all
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Record,
    Recovery,
    Seed,
    SourceSession,
    Template,
    ToolExample,
    UserPatterns,
)

_STYLES = ("request_style", "feedback_style")
_NOT_COMPARED = frozenset({"id", "provenance", "uses"})
"""Where a thing was found says nothing about what it is."""


class Duplicate(NamedTuple):
    """One thing that was left out because it is there already."""

    seed: int
    """Which of the seeds it was in, from 0."""
    item: str
    """Its id there."""
    same_as: str
    """The id of what stands for it in the merged seed."""
    differs: tuple[str, ...]
    """Fields in which the two differ all the same, `calls`, `closing`, …; empty without any."""


class Merged(NamedTuple):
    """One seed made of several."""

    seed: Seed
    left_out: tuple[Duplicate, ...]
    """In the order of the seeds and of their items."""


def key_of(record: Item | UserPatterns) -> str:
    """Return what is equal for records that say the same; of a candidate's record, the candidate's key."""
    match record:
        case Recovery():
            return f"recovery\x1f{record.failed.tool}\x1f{record.fixed.tool}\x1f{record.change}"
        case ToolExample():
            return "\x1f".join(("example", *(part for call in record.calls for part in _call_key(call))))
        case ContextMarker():
            return f"marker\x1f{record.kind}\x1f{record.text}"
        case UserPatterns():
            return "user_patterns\x1f" + "\x1f".join(in_words(record))


def _call_key(call: ExampleCall) -> tuple[str, str]:
    return call.tool, canonical(call.arguments)


def merge_seeds(seeds: Sequence[Seed]) -> Merged:
    """Bring seeds together, each thing once.

    What stands earlier stays, in its order; of what says the same later the rest is left out and told. Of
    markers the uses add up. Different contexts stand under each other. The first patterns give the styles,
    the others add their domains, tools and corrections. An id that is taken by something else is replaced.

    Args:
        seeds: in the order in which they are preferred.
    """
    kept: dict[str, Item] = {}
    left_out: list[Duplicate] = []
    used: set[str] = set()
    patterns: UserPatterns | None = None
    contexts: dict[str, None] = {}
    for number, seed in enumerate(seeds):
        context = seed.system_context.strip()
        if context in contexts:
            left_out.append(Duplicate(number, SYSTEM_CONTEXT, SYSTEM_CONTEXT, ()))
        elif context:
            contexts[context] = None
        if patterns is None:
            patterns = seed.user_patterns
        elif seed.user_patterns is not None:
            styles = tuple(_differing(patterns, seed.user_patterns, _STYLES))
            if styles or key_of(patterns) == key_of(seed.user_patterns):
                left_out.append(Duplicate(number, USER_PATTERNS, USER_PATTERNS, styles))
            patterns = _united(patterns, seed.user_patterns)
        for _, one in items_of(seed):
            key = key_of(one)
            first = kept.get(key)
            if first is None:
                name = free_id(one.id, used)
                used.add(name)
                kept[key] = one if name == one.id else one.model_copy(update={"id": name})
                continue
            fields = (field for field in type(one).model_fields if field not in _NOT_COMPARED)
            left_out.append(Duplicate(number, one.id, first.id, tuple(_differing(first, one, fields))))
            if isinstance(first, ContextMarker) and isinstance(one, ContextMarker):
                kept[key] = first.model_copy(update={"uses": first.uses + one.uses})
    records = kept.values()
    merged = Seed(
        system_context="\n\n".join(contexts),
        user_patterns=patterns,
        recoveries=tuple(one for one in records if isinstance(one, Recovery)),
        tool_examples=tuple(one for one in records if isinstance(one, ToolExample)),
        context_markers=tuple(one for one in records if isinstance(one, ContextMarker)),
    )
    return Merged(merged, tuple(left_out))


def merge_templates(templates: Sequence[Template], name: str) -> tuple[DraftState, tuple[Duplicate, ...]]:
    """Put several templates on one workbench, to be looked at and saved as a new one.

    Args:
        templates: in the order in which they are preferred.
        name: of the new template.

    Returns:
        The workbench, with all their tags and sources, and what was left out.
    """
    benches = [from_template(one) for one in templates]
    merged = merge_seeds([one.seed for one in benches])
    sources: dict[tuple[str, str], SourceSession] = {}
    for one in benches:
        for source in one.sources:
            sources.setdefault((source.agent, source.id), source)
    bench = DraftState(
        name=name,
        tags=tuple(dict.fromkeys(tag for one in benches for tag in one.tags)),
        seed=merged.seed,
        sources=tuple(sources.values()),
        allowed=allow_all(merged.seed),
    )
    return bench, merged.left_out


def _differing(one: Record, other: Record, fields: Iterable[str]) -> Iterator[str]:
    return (field for field in fields if getattr(one, field) != getattr(other, field))


def _united(one: UserPatterns, other: UserPatterns) -> UserPatterns:
    lists = {
        field: tuple(dict.fromkeys((*getattr(one, field), *getattr(other, field))))
        for field in ("domains", "preferred_tools", "corrections")
    }
    return one.model_copy(update=lists)
