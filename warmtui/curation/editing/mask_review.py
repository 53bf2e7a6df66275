"""Looking through what is masked, place by place, to accept or restore each (C8). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from warmtui.curation.editing.maskings import Secrets, Values, digest, kind_of_slot, wanted_at
from warmtui.curation.editing.state import Accepted, DraftState
from warmtui.curation.redact import SLOT, redact
from warmtui.curation.texts import Place, every_text

Standing = Literal["masked", "accepted", "restored", "open"]
"""Of a place: masked and not looked at yet; masked and looked at; unmasked because a person wants it so;
unmasked as it was typed, so that saving masks it."""
AROUND = 60
"""Characters of the text on each side of a place that are given with it."""


class ReviewedPlace(NamedTuple):
    """One place that is masked, or would be."""

    item: str
    field: str
    number: int
    """Which of the places in its field it is, from 0; it stays when the place is restored or masked."""
    ordinal: int
    """Which of the masked ones it is (`Accept`, `Restore`), or of the unmasked ones (`Keep`, `Remask`)."""
    kind: str
    slot: str
    """What stands in its place when it is masked."""
    standing: Standing
    before: str
    """What stands before it, up to `AROUND` characters."""
    value: str
    """What stands there now: the slot, or the text unmasked."""
    after: str

    @property
    def key(self) -> str:
        """What names the place for good."""
        return f"{self.item}\x1f{self.field}\x1f{self.number}"

    @property
    def unmasked(self) -> bool:
        """Whether it would be sent and saved as it is."""
        return self.standing == "restored"


def review(state: DraftState, known: Secrets = ()) -> tuple[ReviewedPlace, ...]:
    """List every place that is masked or stands unmasked, in the order of the seed.

    Args:
        state: the workbench. Fields whose text is not valid yet are left out until it is.
        known: secret values that are known outright.
    """
    values = tuple(known)
    return tuple(
        one
        for place, text in every_text(state.seed)
        if state.pending_text(place.item, place.field) is None
        for one in _places(state, place, text, values)
    )


def _places(state: DraftState, place: Place, text: str, known: Values) -> Iterator[ReviewedPlace]:
    wanted = wanted_at(state.allowed, place)
    found: list[tuple[int, int, int, str, str, Standing]] = []
    for ordinal, slot in enumerate(SLOT.finditer(text)):
        seen = Accepted(place.item, place.field, ordinal, slot[0]) in state.accepted
        standing: Standing = "accepted" if seen else "masked"
        found.append((slot.start(), slot.end(), ordinal, kind_of_slot(slot[0]), slot[0], standing))
    for ordinal, one in enumerate(redact(text, known).findings):
        standing = "restored" if digest(text[one.start : one.end]) in wanted else "open"
        found.append((one.start, one.end, ordinal, one.kind, one.slot, standing))
    for number, (start, end, ordinal, kind, slot_text, how) in enumerate(sorted(found)):
        yield ReviewedPlace(
            place.item,
            place.field,
            number,
            ordinal,
            kind,
            slot_text,
            how,
            text[max(0, start - AROUND) : start],
            text[start:end],
            text[end : end + AROUND],
        )
