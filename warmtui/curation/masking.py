"""Masking what must not leave a session: secrets, personal data, the names of folders (C8, C14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from warmtui.curation.candidates import Candidate, SystemContext
from warmtui.curation.editing.maskings import masked_places
from warmtui.curation.folders import mask_folders, mask_json_folders
from warmtui.curation.redact import redact
from warmtui.curation.selection import seed_of
from warmtui.curation.texts import Place, map_texts
from warmtui.model.template import MaskedPlace, Seed

NAME_CHARACTERS = 64
"""Texts up to this are remembered: a history has the names of few tools, thousands of times."""


class Masked(NamedTuple):
    """A seed fit to be kept, and what was masked in it."""

    seed: Seed
    places: tuple[MaskedPlace, ...]


def mask(seed: Seed, *, home: str | None, cwd: str | None, known: Iterable[str] = ()) -> Masked:
    """Replace secrets and personal data by typed slots, folders by `{home}` and `{cwd}`.

    To be done once, on a session's own texts: a `{cwd}` that already stands in them is taken literally.
    Texts that a person edited later go through `curation.editing.maskings.masked_seed`.

    Args:
        seed: what was picked.
        home: the home folder of the session's user, when it is known.
        cwd: the session's working directory.
        known: secret values that are known outright, from `.env` files and the environment.

    Returns:
        The seed without them, and one record per masked place; what no rule recognises stays.
    """
    values = tuple(known)

    def change(place: Place, text: str) -> str:
        hide = mask_json_folders if place.is_json else mask_folders
        shown = _of_name(text, values) if len(text) <= NAME_CHARACTERS else redact(text, values).text
        return hide(shown, home=home, cwd=cwd)

    clean = map_texts(seed, change)
    return Masked(clean, masked_places(clean))


@lru_cache(maxsize=1024)
def _of_name(text: str, known: tuple[str, ...]) -> str:
    return redact(text, known).text


def mask_candidate(
    one: Candidate, *, home: str | None, cwd: str | None, known: Iterable[str] = ()
) -> Candidate:
    """Return a candidate whose record is fit to be kept; arguments as `mask`."""
    clean = mask(seed_of([one]), home=home, cwd=cwd, known=known).seed
    # what is masked is shown next: looking for flags must not wait for the drawing
    one = replace(one, flags=tuple(one.flags), secrets=tuple(one.secrets))
    for record in (*clean.recoveries, *clean.tool_examples, *clean.context_markers, clean.user_patterns):
        if record is not None:
            return replace(one, record=record)
    return replace(one, record=SystemContext(text=clean.system_context))
