"""The default selection (C1, C7) and the merging of candidates from many sessions (C11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from warmtui.curation.candidates import Candidate, SystemContext
from warmtui.curation.deduplicate import SHOWN_BY_RECOVERY, lower_duplicates
from warmtui.curation.tokens import DEFAULT_BUDGET, DEFAULT_EXAMPLES, DEFAULT_MARKERS, DEFAULT_RECOVERIES
from warmtui.model.template import ContextMarker, Recovery, Seed, ToolExample, UserPatterns


class LeftOut(NamedTuple):
    """A candidate that was not selected, and why."""

    id: str
    reason: str


class Selection(NamedTuple):
    """What a template starts with unless a person picks otherwise."""

    seed: Seed
    chosen: tuple[str, ...]
    """Ids of the selected candidates, in the order of the seed."""
    left_out: tuple[LeftOut, ...]
    """Those above the bar that were left out all the same."""
    tokens: int
    """Of the whole bootstrap, its framing included; 0 for an empty seed."""


def suggest(
    cands: Sequence[Candidate],
    *,
    tokens: Callable[[Seed], int],
    budget: int = DEFAULT_BUDGET,
    max_examples: int = DEFAULT_EXAMPLES,
    max_recoveries: int = DEFAULT_RECOVERIES,
    max_markers: int = DEFAULT_MARKERS,
) -> Selection:
    """Select what is worth keeping by default: little, recoveries first.

    Nothing below the bar, nothing that reads like an instruction to an agent, at most one example of each
    tool and argument shape, and everything within the budget. Recoveries come first, then examples, then
    how the person works, then markers, each by evidence; one that does not fit is left out and the next is
    tried.

    Args:
        cands: candidates of one session, or merged ones, best first.
        tokens: counts what a seed costs as a bootstrap, its framing included.
        budget: tokens of the whole bootstrap.
        max_examples: how many examples at most.
        max_recoveries: how many recoveries at most.
        max_markers: how many markers at most.

    Returns:
        The seed, what was chosen, and what was left out for which reason.
    """
    seed = Seed()
    chosen: list[str] = []
    left_out: list[LeftOut] = []
    shapes: set[str] = set()
    keys: set[str] = set()
    limits = {
        "recovery": max_recoveries,
        "tool_example": max_examples,
        "user_patterns": 1,
        "marker": max_markers,
    }
    for kind, limit in limits.items():
        count = 0
        for one in cands:
            if one.kind != kind or not one.worth_keeping:
                continue
            reason = ""
            grown = seed_with(seed, one.record)
            if one.flags:
                reason = f"reads like an instruction: {one.flags[0]}"
            elif one.key in keys:
                reason = "the same as another one"
            elif kind == "tool_example" and one.shape in shapes:
                reason = "the same tool and argument shape as another one"
            elif count >= limit:
                reason = f"more than {limit} by default"
            elif tokens(grown) > budget:
                reason = f"would go over {budget} tokens"
            if reason:
                left_out.append(LeftOut(one.id, reason))
                continue
            seed = grown
            count += 1
            chosen.append(one.id)
            keys.add(one.key)
            shapes.add(one.shape)
        if kind == "tool_example" and not count and limit:
            # a start without any call shows no form: the best of those that a recovery says in words
            one_more = next((one for one in cands if _shown_in_words(one)), None)
            if one_more is not None and tokens(grown := seed_with(seed, one_more.record)) <= budget:
                seed = grown
                chosen.append(one_more.id)
    return Selection(seed, tuple(chosen), tuple(left_out), 0 if seed.is_empty() else tokens(seed))


def _shown_in_words(one: Candidate) -> bool:
    """Whether an example is below the bar only because a recovery says the same in a line."""
    return one.kind == "tool_example" and SHOWN_BY_RECOVERY in one.reasons and not one.flags


def seed_of(candidates: Iterable[Candidate]) -> Seed:
    """Return a seed of these candidates, in the order given; a later single part replaces an earlier."""
    seed = Seed()
    for candidate in candidates:
        seed = seed_with(seed, candidate.record)
    return seed


def seed_with(
    seed: Seed, record: Recovery | ToolExample | UserPatterns | ContextMarker | SystemContext
) -> Seed:
    """Return the seed with a record at the end of its list, or as its single part."""
    match record:
        case Recovery():
            update: dict[str, object] = {"recoveries": (*seed.recoveries, record)}
        case ToolExample():
            update = {"tool_examples": (*seed.tool_examples, record)}
        case ContextMarker():
            update = {"context_markers": (*seed.context_markers, record)}
        case UserPatterns():
            update = {"user_patterns": record}
        case SystemContext():
            update = {"system_context": record.text}
    return seed.model_copy(update=update)


def merge(many: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Bring the candidates of many sessions together, each thing once.

    Candidates that say the same add up their evidence; the one with the most evidence stands for them,
    of equals the one of the earlier session given. Of markers the uses add up too.

    Args:
        many: the candidates of each session, in the order in which sessions are preferred.

    Returns:
        The candidates, most evidence first, ties to the earlier session and message.
    """
    groups: dict[str, list[tuple[int, Candidate]]] = {}
    for number, cands in enumerate(many):
        for one in cands:
            groups.setdefault(one.key, []).append((number, one))
    merged: list[tuple[int, Candidate]] = []
    for group in groups.values():
        number, best = max(group, key=lambda item: (item[1].evidence, -item[0], -item[1].order))
        sessions = len({place for place, _ in group})
        if len(group) > 1:
            record = best.record
            if isinstance(record, ContextMarker):
                uses = sum(one.record.uses for _, one in group if isinstance(one.record, ContextMarker))
                record = record.model_copy(update={"uses": uses})
            reasons = (f"seen in {sessions} sessions", *best.reasons) if sessions > 1 else best.reasons
            best = replace(
                best,
                record=record,
                evidence=round(sum(one.evidence for _, one in group), 3),
                reasons=reasons,
                flags=tuple(dict.fromkeys(flag for _, one in group for flag in one.flags)),
            )
        merged.append((number, best))
    lowered = lower_duplicates(one for _, one in merged)
    ranked = list(zip((number for number, _ in merged), lowered, strict=True))
    ranked.sort(key=lambda item: (-item[1].evidence, item[0], item[1].order))
    return tuple(one for _, one in ranked)
