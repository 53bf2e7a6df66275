"""What is masked and what is not (C8): places to restore or accept one by one, and masking before saving.

A text that a person types goes through the same rules as a session's. What a person wants unmasked is
remembered by place and SHA-256, never as text beside the field that holds it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import NamedTuple

from warmtui.curation.editing.json_text import is_json, object_error
from warmtui.curation.editing.state import Accepted, Allowed, DraftState
from warmtui.curation.folders import make_relative
from warmtui.curation.redact import SLOT, Finding, Known, redact
from warmtui.curation.texts import Place, every_text, map_texts, text_at, with_text, without_index
from warmtui.model.template import MaskedPlace, Seed, SourceSession

Secrets = Iterable[str | Known]
"""Values known to be secrets, as `redact` takes them."""
Values = tuple[str | Known, ...]
"""The same, held."""
Memory = dict[tuple[str, frozenset[str], bool], str]
"""What was masked before: text, what shall stay in it, whether it is JSON → masked."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_BEFORE = re.compile(r'(?:(?<!\\)"\s{0,8}:|[\[,])\s{0,8}\Z')
"""What stands before a number that is a JSON value, but not within JSON in a JSON text."""


class Restorable(NamedTuple):
    """One place that is masked."""

    item: str
    field: str
    ordinal: int
    """Which of the slots in its field it is, from 0."""
    slot: str
    kind: str
    accepted: bool
    """A person looked at it and left it masked."""


class Exposed(NamedTuple):
    """One secret or personal datum that is not masked."""

    item: str
    field: str
    ordinal: int
    """Which of the unmasked ones in its field it is, from 0."""
    kind: str
    slot: str
    """What saving puts in its place."""
    allowed: bool
    """A person wants it so: saving leaves it."""


def restorables(state: DraftState) -> tuple[Restorable, ...]:
    """Return every masked place, in the order of the seed.

    Places in a field whose text is not valid yet are left out until it is.
    """
    found = []
    for place, text in every_text(state.seed):
        if state.pending_text(place.item, place.field) is not None:
            continue
        for ordinal, slot in enumerate(SLOT.finditer(text)):
            accepted = Accepted(place.item, place.field, ordinal, slot[0]) in state.accepted
            found.append(
                Restorable(place.item, place.field, ordinal, slot[0], kind_of_slot(slot[0]), accepted)
            )
    return tuple(found)


def exposed(state: DraftState, known: Secrets = ()) -> tuple[Exposed, ...]:
    """Return every secret or personal datum that stands unmasked, in the order of the seed.

    Args:
        state: the workbench.
        known: secret values that are known outright.
    """
    values = tuple(known)
    found = []
    for place, text in every_text(state.seed):
        wanted = wanted_at(state.allowed, place)
        for ordinal, one in enumerate(redact(text, values).findings):
            allowed = digest(text[one.start : one.end]) in wanted
            found.append(Exposed(place.item, place.field, ordinal, one.kind, one.slot, allowed))
    return tuple(found)


def kind_of_slot(slot: str) -> str:
    """Return the kind that a slot names: `github-token` of `‹secret:github-token›`."""
    return slot.strip("‹›").partition(":")[2]


def digest(text: str) -> str:
    """Return the SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def restored(
    state: DraftState, item: str, field: str, ordinal: int, original: str, known: Secrets = ()
) -> DraftState:
    """Put an original back in the place of its slot, and remember that it is wanted there.

    Args:
        state: the workbench.
        item: the item's id.
        field: the field's name.
        ordinal: which of its slots.
        original: the text as the session has it, escapes and all; where that would break JSON it is
            escaped.
        known: secret values that are known outright.

    Returns:
        The new state; the same one where no such slot stands, or the text cannot stand in it.
    """
    at = text_at(state.seed, item, field)
    slots = list(SLOT.finditer(at[1])) if at else []
    if at is None or not 0 <= ordinal < len(slots) or not original.strip():
        return state
    place, text = at
    start, end = slots[ordinal].span()
    fitting = _fitting(place, text, start, end, original)
    if fitting is None:
        return state
    changed = text[:start] + fitting + text[end:]
    # what the rules see there now may reach further than what was put in
    secrets = tuple(known)
    touched = (
        one
        for one in redact(changed, secrets).findings
        if one.start < start + len(fitting) and one.end > start
    )
    values = {fitting, *(changed[one.start : one.end] for one in touched)}
    return _allowing(_with_changed(state, place, text, changed, secrets), place, values)


def _with_changed(state: DraftState, place: Place, old: str, new: str, known: Values) -> DraftState:
    """Put a text with other slots in place of one; what was accepted in it stays accepted.

    An accepted place is known by its number among the slots, and those numbers shift when one is restored
    or masked again. Where places cannot be told apart any more all of the field are to be looked at again.
    """
    here, there = _places_of(old, known), _places_of(new, known)
    slots = [number for number, one in enumerate(here) if one.original is None]
    after = {number: at for at, number in enumerate(n for n, one in enumerate(there) if one.original is None)}
    marks = set()
    for one in state.accepted:
        if (one.item, one.field) != (place.item, place.field):
            marks.add(one)
        elif len(here) == len(there) and one.ordinal < len(slots) and slots[one.ordinal] in after:
            marks.add(one._replace(ordinal=after[slots[one.ordinal]]))
    return replace(state, seed=with_text(state.seed, place, new), accepted=tuple(sorted(marks)))


def _fitting(place: Place, text: str, start: int, end: int, original: str) -> str | None:
    """Return the original as it can stand in the text: escaped where raw it would break JSON."""
    if not place.is_json and not is_json(text):
        return original
    for form in (original, json.dumps(original, ensure_ascii=False)[1:-1]):
        whole = text[:start] + form + text[end:]
        if (object_error(whole) is None) if place.is_json else is_json(whole):
            return form
    return None if place.is_json else original


def kept(state: DraftState, item: str, field: str, ordinal: int, known: Secrets = ()) -> DraftState:
    """Remember that an unmasked place is wanted as it is, so that saving does not mask it."""
    at = text_at(state.seed, item, field)
    findings = redact(at[1], known).findings if at else ()
    if at is None or not 0 <= ordinal < len(findings):
        return state
    one = findings[ordinal]
    return _allowing(state, at[0], {at[1][one.start : one.end]})


def remasked(
    state: DraftState, item: str, field: str, known: Secrets = (), ordinal: int | None = None
) -> DraftState:
    """Mask what is unmasked in a field, also what was wanted so.

    Args:
        state: the workbench.
        item: the item's id.
        field: the field's name.
        known: secret values that are known outright.
        ordinal: which of the unmasked places only, from 0, as in `exposed`; the same value elsewhere in the
            field is masked with it, and so is what nobody wants unmasked. None masks all.

    Returns:
        The new state; the same one where nothing was to be masked.
    """
    at = text_at(state.seed, item, field)
    if at is None:
        return state
    values = tuple(known)
    own = {one for one in state.allowed if (one.item, one.field) == (item, without_index(field))}
    gone = own
    if ordinal is not None:
        findings = redact(at[1], values).findings
        if not 0 <= ordinal < len(findings):
            return state
        value = digest(at[1][findings[ordinal].start : findings[ordinal].end])
        gone = {one for one in own if one.sha256 == value}
    allowed = tuple(one for one in state.allowed if one not in gone)
    changed = masked_text(at[1], wanted_at(allowed, at[0]), values)
    if changed == at[1]:
        return state if allowed == state.allowed else replace(state, allowed=allowed)
    return replace(_with_changed(state, at[0], at[1], changed, values), allowed=allowed)


def accepted(state: DraftState, item: str, field: str, ordinal: int) -> DraftState:
    """Remember that a person looked at a masked place and left it masked."""
    for one in restorables(state):
        if (one.item, one.field, one.ordinal) == (item, field, ordinal) and not one.accepted:
            mark = Accepted(item, field, ordinal, one.slot)
            return replace(state, accepted=tuple(sorted({*state.accepted, mark})))
    return state


def _allowing(state: DraftState, place: Place, values: Collection[str]) -> DraftState:
    field = without_index(place.field)
    more = {Allowed(place.item, field, digest(value)) for value in values if value}
    return replace(state, allowed=tuple(sorted({*state.allowed, *more})))


def allowed_as_found(seed: Seed) -> tuple[Allowed, ...]:
    """Return what stands unmasked in a saved seed: it was left so when it was saved."""
    return tuple(
        sorted(
            {
                Allowed(place.item, without_index(place.field), digest(text[one.start : one.end]))
                for place, text in every_text(seed)
                for one in redact(text).findings
            }
        )
    )


def wanted_at(allowed: Iterable[Allowed], place: Place) -> frozenset[str]:
    """Return the SHA-256 of each value that a person wants unmasked in a field."""
    field = without_index(place.field)
    return frozenset(one.sha256 for one in allowed if (one.item, one.field) == (place.item, field))


def masked_text(text: str, wanted: Collection[str], known: Secrets = ()) -> str:
    """Mask a text but for the values whose SHA-256 is among `wanted`.

    Args:
        text: any text.
        wanted: SHA-256 of each value that shall stay, as `digest` gives it.
        known: secret values that are known outright.
    """
    values = tuple(known)
    whole = redact(text, values)
    if not wanted:
        return whole.text
    stay = [one for one in whole.findings if digest(text[one.start : one.end]) in wanted]
    if not stay:
        return whole.text
    structured = is_json(text)
    for quoting in (False, True):
        shielded, held = _shielded(text, stay, quoting=quoting)
        if not structured or is_json(shielded):
            break
    else:
        # rather masked against a wish than a result that is JSON no more
        return whole.text
    clean = redact(shielded, values).text
    for mark, value in held.items():
        clean = clean.replace(mark, value)
    return clean


def _shielded(text: str, stay: Iterable[Finding], *, quoting: bool) -> tuple[str, dict[str, str]]:
    """Put marks that no rule looks into, being slots, in the place of what shall stay.

    Args:
        text: the text.
        stay: what shall stay, in order.
        quoting: quote the marks of numbers that are JSON values of their own.
    """
    name = "kept"
    while f"‹secret:{name}-" in text:
        name += "-kept"
    parts: list[str] = []
    held: dict[str, str] = {}
    at = 0
    for number, one in enumerate(stay):
        value = text[one.start : one.end]
        alone = (
            quoting and _NUMBER.fullmatch(value) and _BEFORE.search(text, max(0, one.start - 20), one.start)
        )
        quote = '"' if alone else ""
        mark = f"{quote}‹secret:{name}-{number}›{quote}"
        held[mark] = value
        parts += (text[at : one.start], mark)
        at = one.end
    return "".join((*parts, text[at:])), held


def masked_seed(
    seed: Seed, allowed: Iterable[Allowed], known: Secrets = (), *, memory: Memory | None = None
) -> Seed:
    """Mask every text of a seed but for the allowed places; home folders become `{home}`.

    Args:
        seed: the seed.
        allowed: the places that a person wants unmasked.
        known: secret values that are known outright.
        memory: what was masked before under the same `known`, to be used again and added to.
    """
    values = tuple(known)
    places = tuple(allowed)
    done: Memory = {} if memory is None else memory

    def change(place: Place, text: str) -> str:
        wanted = wanted_at(places, place) if places else frozenset()
        key = (text, wanted, place.is_json)
        if key not in done:
            done[key] = make_relative(masked_text(text, wanted, values), is_json=place.is_json)
        return done[key]

    return map_texts(seed, change)


def masked_sources(sources: Iterable[SourceSession], known: Values) -> tuple[SourceSession, ...]:
    """Mask the titles of sessions, which hold their first words."""
    return tuple(
        one if one.title is None else one.model_copy(update={"title": redact(one.title, known).text})
        for one in sources
    )


def masked_places(seed: Seed) -> tuple[MaskedPlace, ...]:
    """Return every place of a seed at which a slot stands."""
    return tuple(
        MaskedPlace(kind=kind_of_slot(slot[0]), slot=slot[0], item=place.item, field=place.field)
        for place, text in every_text(seed)
        for slot in SLOT.finditer(text)
    )


def original_of(state: DraftState, place: Restorable, raw: str, known: Secrets = ()) -> str | None:
    """Find what a slot stands for in the text that the session has.

    Args:
        state: the workbench.
        place: the masked place.
        raw: the text of the same field before it was masked, shortened as the item's is.
        known: the secret values that it was masked with.

    Returns:
        The original as the session has it. None when it cannot be told: the text was edited too far, or
        the session has the slot itself.
    """
    at = text_at(state.seed, place.item, place.field)
    if at is None:
        return None
    values = tuple(known)
    here, there = _places_of(at[1], values), _places_of(raw, values)
    slots = [number for number, one in enumerate(here) if one.original is None]
    if len(here) != len(there) or not 0 <= place.ordinal < len(slots):
        return None
    one = there[slots[place.ordinal]]
    return one.original if one.slot == place.slot else None


class _Spot(NamedTuple):
    start: int
    slot: str
    original: str | None


def _places_of(text: str, known: Values) -> list[_Spot]:
    slots = [_Spot(found.start(), found[0], None) for found in SLOT.finditer(text)]
    bare = [_Spot(one.start, one.slot, text[one.start : one.end]) for one in redact(text, known).findings]
    return sorted([*slots, *bare], key=lambda one: one.start)
