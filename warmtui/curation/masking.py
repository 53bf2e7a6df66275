"""Masking what must not leave a session: secrets, personal data, the names of folders (C8, C14)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from warmtui.curation.places import mask_json_places, mask_places
from warmtui.curation.redact import redact
from warmtui.curation.texts import Place, map_texts
from warmtui.model.template import MaskedPlace, Seed


class Masked(NamedTuple):
    """A seed fit to be kept, and what was masked in it."""

    seed: Seed
    places: tuple[MaskedPlace, ...]


def mask(seed: Seed, *, home: str | None, cwd: str | None, known: Iterable[str] = ()) -> Masked:
    """Replace secrets and personal data by typed slots, folders by `{home}` and `{cwd}`.

    Args:
        seed: what was picked.
        home: the home folder of the session's user, when it is known.
        cwd: the session's working directory.
        known: secret values that are known outright, from `.env` files and the environment.

    Returns:
        The seed without them, and one record per masked place; what no rule recognises stays.
    """
    values = tuple(known)
    found: list[MaskedPlace] = []

    def change(place: Place, text: str) -> str:
        redaction = redact(text, values)
        found.extend(
            MaskedPlace(kind=one.kind, slot=one.slot, item=place.item, field=place.field)
            for one in redaction.findings
        )
        hide = mask_json_places if place.is_json else mask_places
        return hide(redaction.text, home=home, cwd=cwd)

    return Masked(map_texts(seed, change), tuple(found))
