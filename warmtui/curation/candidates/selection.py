"""The default selection: what a template starts with unless a person picks otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from warmtui.curation.candidates.candidate import Candidate, CandidateRecord, SystemContext
from warmtui.curation.candidates.deduplicate import SHOWN_BY_LINE, SHOWN_BY_RECOVERY
from warmtui.curation.candidates.evidence import BAR, FILLS_IN
from warmtui.curation.tokens import Limits
from warmtui.model.template import ContextMarker, Note, Seed, ToolExample, UserPatterns

MAX_FILLED_IN = 3
"""So many candidates below the bar are taken at most where nothing is above it."""


class LeftOut(NamedTuple):
    """A candidate that was not selected, and why."""

    id: str
    reason: str


class Suggestion(NamedTuple):
    """The selected candidates as a seed."""

    seed: Seed
    chosen: tuple[str, ...]
    """Ids of the selected candidates, in the order of the seed."""
    left_out: tuple[LeftOut, ...]
    """Candidates above the bar that were not selected."""
    tokens: int
    """Tokens of the whole bootstrap, its framing included; 0 for an empty seed."""


def suggest(
    candidates: Sequence[Candidate],
    *,
    tokens: Callable[[Seed], int],
    limits: Limits = Limits(),  # noqa: B008 - immutable
    shows_call: bool = False,
) -> Suggestion:
    """Select what is worth keeping by default: few items, recoveries first.

    Nothing below the bar, nothing that reads like an instruction to an agent, at most one example of each
    family of calls, and everything within the budget. Recoveries come first, then the other lessons
    of a line (dead ends, what the person prefers, conventions, known noise, markers), examples and user
    patterns, each by evidence. When a candidate does not fit, the next is tried. Where that selects nothing,
    the best examples, conventions and places from `FILLS_IN` on fill in, `MAX_FILLED_IN` at most.

    Args:
        candidates: masked candidates of one session or of merged sessions, best first.
        tokens: counts what a seed costs as a bootstrap, its framing included.
        limits: how much the seed holds at most.
        shows_call: whether the draft that the seed is for has an example already.

    Returns:
        The seed, what was chosen, and what was left out for which reason.
    """
    seed = Seed()
    chosen: list[str] = []
    left_out: list[LeftOut] = []
    shapes: set[str] = set()
    keys: set[str] = set()
    limit_of_kind = {
        "recovery": (limits.recoveries, "recoveries"),
        "dead_end": (limits.notes, "notes"),
        # conventions find room beside what the person said
        "preference": (limits.notes * 2 // 3, "dead ends and preferences"),
        "convention": (limits.notes, "notes"),
        "known_noise": (limits.notes, "notes"),
        # a line costs little, so examples take what is left
        "marker": (limits.markers, "markers"),
        "tool_example": (limits.examples, "examples"),
        "user_patterns": (1, "user patterns"),
    }
    for kind, (limit, what) in limit_of_kind.items():
        count = 0
        for candidate in candidates:
            if candidate.kind != kind or not candidate.worth_keeping:
                continue
            reason = ""
            # sections share headings, so only the whole seed tells what a candidate adds
            grown = seed_with(seed, candidate.record)
            if candidate.flags:
                reason = f"reads like an instruction: {candidate.flags[0]}"
            elif candidate.key in keys:
                reason = "the same as another one"
            elif kind == "tool_example" and candidate.shape in shapes:
                reason = "the same way as another one"
            elif (len(seed.notes) if isinstance(candidate.record, Note) else count) >= limit:
                reason = f"over the limit for {what} ({limit})"
            elif tokens(grown) > limits.tokens:
                reason = f"would go over {limits.tokens} tokens"
            if reason:
                left_out.append(LeftOut(candidate.id, reason))
                continue
            seed = grown
            count += 1
            chosen.append(candidate.id)
            keys.add(candidate.key)
            shapes.add(candidate.shape)
        if kind == "tool_example" and not count and limit and not shows_call:
            # a template needs a call to imitate; without another, one that a line already describes
            spare = next(filter(_shown_in_words, candidates), None)
            if spare is not None and tokens(grown := seed_with(seed, spare.record)) <= limits.tokens:
                seed = grown
                chosen.append(spare.id)
    if seed.is_empty() and not shows_call:
        for candidate in islice(filter(_fills_in, candidates), MAX_FILLED_IN):
            grown = seed_with(seed, candidate.record)
            if len(chosen) < limit_of_kind[candidate.kind][0] and tokens(grown) <= limits.tokens:
                seed = grown
                chosen.append(candidate.id)
    return Suggestion(seed, tuple(chosen), tuple(left_out), 0 if seed.is_empty() else tokens(seed))


def _fills_in(candidate: Candidate) -> bool:
    """Whether a candidate below the bar is better than an empty template."""
    match candidate.record:
        case ToolExample() | Note(kind="convention") | ContextMarker(kind="path" | "url"):
            return FILLS_IN <= candidate.evidence < BAR and not candidate.flags
        case _:
            return False


def _shown_in_words(candidate: Candidate) -> bool:
    """Whether an example is below the bar only because a line says the same."""
    in_words = {SHOWN_BY_RECOVERY, SHOWN_BY_LINE}.intersection(candidate.reasons)
    return candidate.kind == "tool_example" and bool(in_words) and not candidate.flags


def seed_of(candidates: Iterable[Candidate]) -> Seed:
    """Return a seed of these candidates, in the order given; a later single part replaces an earlier."""
    seed = Seed()
    for candidate in candidates:
        seed = seed_with(seed, candidate.record)
    return seed


def seed_with(seed: Seed, record: CandidateRecord) -> Seed:
    """Return the seed with a record at the end of its list, or as its single part."""
    match record:
        case UserPatterns():
            return seed.model_copy(update={"user_patterns": record})
        case SystemContext():
            return seed.model_copy(update={"system_context": record.text})
        case _:
            return seed.with_items((record,))
