"""Candidates picked into a draft: picking, unpicking and suggesting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from warmtui.curation.candidates import Candidate, SystemContext
from warmtui.curation.candidates.selection import Suggestion, seed_with, suggest
from warmtui.curation.editing.fields import short_label
from warmtui.curation.editing.meter import seed_tokens
from warmtui.curation.editing.state import DraftState, TakenCandidate, find_item, has_item, remove_items
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.curation.summaries import candidate_summary
from warmtui.curation.tokens import Limits
from warmtui.model.template import Item, Seed, SourceSession, UserPatterns


class Offer(NamedTuple):
    """A masked record that can be picked, with the session that it comes from."""

    id: str
    """The candidate's id. A listed item has the same id."""
    record: Item | UserPatterns | SystemContext
    source: SourceSession

    @classmethod
    def of(cls, candidate: Candidate, source: SourceSession) -> Offer:
        """Offer a candidate that `curation.masking.mask_candidate` has masked."""
        return cls(candidate.id, candidate.record, source)


@dataclass(frozen=True, slots=True)
class Pick:
    """Add offers at the end of their lists. A single part replaces the one that is there."""

    offers: tuple[Offer, ...]
    suggested: bool = False
    """The offers are the suggestion. Only the label of the undo step depends on it."""

    def apply(self, state: DraftState) -> DraftState:
        """Return the state with those offers added that it does not have yet."""
        for offer in self.offers:
            if not is_picked(state, offer):
                state = _with_offer(state, offer)
        return state

    def label(self, _before: Seed) -> str:
        """Say what was picked."""
        if self.suggested:
            return f"took the suggestion, {len(self.offers)} item{'s' * (len(self.offers) != 1)}"
        return f"picked {_offers_label(self.offers)}"


@dataclass(frozen=True, slots=True)
class Unpick:
    """Remove what was picked of these offers."""

    offers: tuple[Offer, ...]

    def apply(self, state: DraftState) -> DraftState:
        """Return the state without the items that these offers became."""
        items = (picked_item(state, offer) for offer in self.offers)
        return remove_items(state, filter(None, items))

    def label(self, _before: Seed) -> str:
        """Say what was unpicked."""
        return f"unpicked {_offers_label(self.offers)}"


def _offers_label(offers: Sequence[Offer]) -> str:
    return f"{len(offers)} items" if len(offers) != 1 else short_label(candidate_summary(offers[0].record))


def is_picked(state: DraftState, offer: Offer) -> bool:
    """Whether an offer is in the draft, edited or not."""
    return picked_item(state, offer) is not None


def picked_item(state: DraftState, offer: Offer) -> str | None:
    """Return the id of the item that an offer became, None when it is not picked."""
    if isinstance(offer.record, Item):
        return offer.record.id if find_item(state.seed, offer.record.id) else None
    single = _single_of(offer)
    if not has_item(state.seed, single):
        return None
    # an edited part no longer equals its record, so its candidate is remembered
    taken = next((taken for taken in state.taken if taken.item == single), None)
    if taken is not None:
        return single if taken.candidate == offer.id else None
    return single if seed_with(state.seed, offer.record) == state.seed else None


def suggest_additions(
    state: DraftState,
    candidates: Sequence[Candidate],
    limits: Limits = Limits(),  # noqa: B008 - immutable
) -> Suggestion:
    """Suggest what to add to a draft, within the limits that remain.

    Args:
        state: the draft. Nothing in it is removed or replaced.
        candidates: masked candidates, best first.
        limits: how much the whole draft holds at most.

    Returns:
        The selection. Its seed holds only the additions, its tokens count the whole bootstrap.
    """
    seed = state.seed
    picked = [candidate for candidate in candidates if has_item(seed, candidate.id)]
    keys = {candidate.key for candidate in picked}
    calls = {call for candidate in picked for call in candidate.calls}
    shapes = {candidate.shape for candidate in picked if candidate.kind == "tool_example"}
    free = [
        candidate
        for candidate in candidates
        if candidate.key not in keys
        and calls.isdisjoint(candidate.calls)
        and not (candidate.kind == "tool_example" and candidate.shape in shapes)
        and not (candidate.kind == "user_patterns" and seed.user_patterns is not None)
    ]
    return suggest(
        free,
        tokens=lambda more: seed_tokens(_joined(seed, more)),
        limits=limits._replace(
            recoveries=max(0, limits.recoveries - len(seed.recoveries)),
            examples=max(0, limits.examples - len(seed.tool_examples)),
            markers=max(0, limits.markers - len(seed.context_markers)),
            notes=max(0, limits.notes - len(seed.notes)),
        ),
        shows_call=bool(seed.tool_examples),
    )


def _joined(seed: Seed, more: Seed) -> Seed:
    patterns = more.user_patterns or seed.user_patterns
    return seed.with_items(more.items()).model_copy(update={USER_PATTERNS: patterns})


def _single_of(offer: Offer) -> str:
    return SYSTEM_CONTEXT if isinstance(offer.record, SystemContext) else USER_PATTERNS


def _with_offer(state: DraftState, offer: Offer) -> DraftState:
    if not isinstance(offer.record, Item):
        single = _single_of(offer)
        # the part that is replaced takes its sources and masks with it
        state = remove_items(state, (single,))
        taken = TakenCandidate(single, offer.id, offer.source.agent, offer.source.id)
        state = replace(state, taken=(*state.taken, taken))
    return replace(
        state, seed=seed_with(state.seed, offer.record), sources=_with_source(state.sources, offer.source)
    )


def _with_source(sources: tuple[SourceSession, ...], source: SourceSession) -> tuple[SourceSession, ...]:
    if any((known.agent, known.id) == (source.agent, source.id) for known in sources):
        return sources
    return (*sources, source)
