"""Review of a draft's masks: a person leaves each place masked or puts the original back. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from warmtui.curation.detect import json_spans
from warmtui.curation.editing.fields import object_error
from warmtui.curation.editing.state import AcceptedMask, DraftState
from warmtui.curation.masking import allow, allowed_at, digest, kind_of_slot, mask_text
from warmtui.curation.redact import SLOT, Secrets, redact
from warmtui.curation.seed_texts import Place, every_text, text_at, with_text, without_index

Standing = Literal["masked", "accepted", "restored", "open"]
"""State of a place: masked and not reviewed; masked and reviewed; unmasked because a person wants it so;
unmasked as it was typed, so that saving masks it."""
AROUND = 60
"""Characters of the text on each side of a place that are given with it."""


class ReviewedPlace(NamedTuple):
    """A place that is masked, or holds a secret or personal datum unmasked."""

    item: str
    field: str
    number: int
    """Index among the places of its field; it stays when the place is restored or masked."""
    ordinal: int
    """Index among the masked places (`Accept`, `Restore`), or among the unmasked ones (`Keep`, `Remask`)."""
    kind: str
    slot: str
    """What replaces it when it is masked."""
    standing: Standing
    before: str
    """The text before it, up to `AROUND` characters."""
    value: str
    """What is there now: the slot, or the unmasked text."""
    after: str

    @property
    def key(self) -> str:
        """A lasting name of the place."""
        return f"{self.item}\x1f{self.field}\x1f{self.number}"

    @property
    def masked(self) -> bool:
        """Whether the slot is there."""
        return self.standing in ("masked", "accepted")

    @property
    def restored(self) -> bool:
        """Whether a person wants it unmasked, so that it is sent and saved as it is."""
        return self.standing == "restored"


def review(
    state: DraftState, known: Secrets = (), *, include_pending: bool = False
) -> tuple[ReviewedPlace, ...]:
    """List every place that is masked or holds something unmasked, in the order of the seed.

    Args:
        state: the draft.
        known: secret values that are known.
        include_pending: also list fields whose typed text is not valid yet, with their last valid text.
    """
    return tuple(
        reviewed
        for place, text in every_text(state.seed)
        if include_pending or state.pending_text(place.item, place.field) is None
        for reviewed in _review_text(state, place, text, known)
    )


def _review_text(state: DraftState, place: Place, text: str, known: Secrets) -> Iterator[ReviewedPlace]:
    allowed = allowed_at(state.allowed, place.item, place.field)
    for number, spot in enumerate(_spots(text, known)):
        value = text[spot.start : spot.end]
        standing: Standing
        if spot.masked:
            mark = AcceptedMask(place.item, place.field, spot.ordinal, spot.slot)
            standing = "accepted" if mark in state.accepted else "masked"
        else:
            standing = "restored" if digest(value) in allowed else "open"
        yield ReviewedPlace(
            item=place.item,
            field=place.field,
            number=number,
            ordinal=spot.ordinal,
            kind=spot.kind,
            slot=spot.slot,
            standing=standing,
            before=text[max(0, spot.start - AROUND) : spot.start],
            value=value,
            after=text[spot.end : spot.end + AROUND],
        )


class _Spot(NamedTuple):
    """A slot in a text, or a datum without one."""

    start: int
    end: int
    masked: bool
    ordinal: int
    """Index among the masked spots of the text, or among the unmasked ones."""
    kind: str
    slot: str


def _spots(text: str, known: Secrets) -> list[_Spot]:
    slots = [
        _Spot(*slot.span(), True, ordinal, kind_of_slot(slot[0]), slot[0])
        for ordinal, slot in enumerate(SLOT.finditer(text))
    ]
    findings = [
        _Spot(finding.start, finding.end, False, ordinal, finding.kind, finding.slot)
        for ordinal, finding in enumerate(redact(text, known).findings)
    ]
    return sorted([*slots, *findings])


def original_of(state: DraftState, place: ReviewedPlace, raw: str, known: Secrets = ()) -> str | None:
    """Find the original of a slot in the session's own text.

    Args:
        state: the draft.
        place: the masked place.
        raw: the text of the same field before it was masked, shortened as the item's is.
        known: the secret values that it was masked with.

    Returns:
        The original as the session has it. None if it cannot be found, because the text was edited too far or
        the session has the slot itself.
    """
    at = text_at(state.seed, place.item, place.field)
    if at is None:
        return None
    # masking keeps number and order of the places, so the n-th slot here is the n-th finding there
    here, there = _spots(at[1], known), _spots(raw, known)
    numbers = [number for number, spot in enumerate(here) if spot.masked]
    if len(here) != len(there) or not 0 <= place.ordinal < len(numbers):
        return None
    spot = there[numbers[place.ordinal]]
    return None if spot.masked or spot.slot != place.slot else raw[spot.start : spot.end]


def accept(state: DraftState, item: str, field: str, ordinal: int) -> DraftState:
    """Mark a masked place as reviewed."""
    at = text_at(state.seed, item, field)
    pending = state.pending_text(item, field) is not None
    slots = SLOT.findall(at[1]) if at and not pending else []
    if not 0 <= ordinal < len(slots):
        return state
    mark = AcceptedMask(item, field, ordinal, slots[ordinal])
    return replace(state, accepted=tuple(sorted({*state.accepted, mark})))


def restore(
    state: DraftState, item: str, field: str, ordinal: int, original: str, known: Secrets = ()
) -> DraftState:
    """Put an original back in the place of its slot, and allow it there.

    Args:
        state: the draft.
        item: the item's id.
        field: the field's name.
        ordinal: index of the slot in the field.
        original: the text as the session has it, escapes and all. It is escaped if it would break JSON.
        known: secret values that are known.

    Returns:
        The new state; the same one if there is no such slot, or the text does not fit there.
    """
    at = text_at(state.seed, item, field)
    slots = list(SLOT.finditer(at[1])) if at else []
    if at is None or not 0 <= ordinal < len(slots) or not original.strip():
        return state
    place, text = at
    start, end = slots[ordinal].span()
    fitting = _fit(place, text, start, end, original)
    if fitting is None:
        return state
    changed = text[:start] + fitting + text[end:]
    # What the rules find there now may reach further than what was put in.
    found = (
        changed[finding.start : finding.end]
        for finding in redact(changed, known).findings
        if finding.start < start + len(fitting) and finding.end > start
    )
    return _allowing(_with_text(state, place, text, changed, known), place, (fitting, *found))


def _fit(place: Place, text: str, start: int, end: int, original: str) -> str | None:
    """Return the original in the form that fits the text: escaped if it would break JSON."""
    if not place.is_json and json_spans.parse(text) is None:
        return original
    for form in (original, json.dumps(original, ensure_ascii=False)[1:-1]):
        whole = text[:start] + form + text[end:]
        if (object_error(whole) is None) if place.is_json else (json_spans.parse(whole) is not None):
            return form
    return None if place.is_json else original


def keep(state: DraftState, item: str, field: str, ordinal: int, known: Secrets = ()) -> DraftState:
    """Allow an unmasked place as it is, so that saving does not mask it."""
    at = text_at(state.seed, item, field)
    findings = redact(at[1], known).findings if at else ()
    if at is None or not 0 <= ordinal < len(findings):
        return state
    finding = findings[ordinal]
    return _allowing(state, at[0], (at[1][finding.start : finding.end],))


def _allowing(state: DraftState, place: Place, values: Iterable[str]) -> DraftState:
    return replace(state, allowed=tuple(sorted({*state.allowed, *allow(place, values)})))


def remask(
    state: DraftState, item: str, field: str, known: Secrets = (), ordinal: int | None = None
) -> DraftState:
    """Mask what is unmasked in a field, also what is allowed there.

    Args:
        state: the draft.
        item: the item's id.
        field: the field's name.
        known: secret values that are known.
        ordinal: index of an unmasked place. Only it, the same value elsewhere in the field, and what is not
            allowed are masked; without it, everything is.

    Returns:
        The new state; an equal one if there was nothing to mask.
    """
    at = text_at(state.seed, item, field)
    if at is None:
        return state
    place, text = at
    revoked = {value for value in state.allowed if (value.item, value.field) == (item, without_index(field))}
    if ordinal is not None:
        findings = redact(text, known).findings
        if not 0 <= ordinal < len(findings):
            return state
        sha256 = digest(text[findings[ordinal].start : findings[ordinal].end])
        revoked = {value for value in revoked if value.sha256 == sha256}
    allowed = tuple(value for value in state.allowed if value not in revoked)
    masked = mask_text(text, allowed_at(allowed, item, field), known)
    if masked != text:
        state = _with_text(state, place, text, masked, known)
    return replace(state, allowed=allowed)


def _with_text(state: DraftState, place: Place, old: str, new: str, known: Secrets) -> DraftState:
    """Put a text with other slots in the place of `old`; what was accepted in it stays accepted.

    An accepted place is known by its index among the slots, which changes when a slot is restored or a place
    masked again. If the places of both texts cannot be matched, all of the field are to be reviewed again.
    """
    before, after = _spots(old, known), _spots(new, known)
    numbers = [number for number, spot in enumerate(before) if spot.masked]
    ordinals = {number: spot.ordinal for number, spot in enumerate(after) if spot.masked}
    accepted = set()
    for mark in state.accepted:
        if (mark.item, mark.field) != (place.item, place.field):
            accepted.add(mark)
        elif len(before) == len(after) and mark.ordinal < len(numbers) and numbers[mark.ordinal] in ordinals:
            accepted.add(mark._replace(ordinal=ordinals[numbers[mark.ordinal]]))
    return replace(state, seed=with_text(state.seed, place, new), accepted=tuple(sorted(accepted)))
