"""Masking what must not leave a session: secrets, personal data, the names of folders (C8, C14)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from warmtui.curation.candidates import Candidate, SystemContext, with_findings
from warmtui.curation.candidates.selection import seed_of
from warmtui.curation.editing.maskings import masked_places
from warmtui.curation.folders import mask_folders, mask_json_folders
from warmtui.curation.redact import redact
from warmtui.curation.texts import Place, map_texts
from warmtui.model.template import MaskedPlace, Seed

CUT = "…"
"""Ends what is left of a shortened text."""
_CONTEXT_WORDS = (6, 3, 1)
"""A cut is looked for in its original by so many words before it, the most telling first."""
_CERTAIN = 8
"""Characters from which one word alone says where a cut was made."""
_CUTS = 5
"""Places of an original that are looked at, where the words before a cut stand in it more than once."""
_AROUND = 200
"""Characters before and behind a cut in which the secret that it splits is recognised."""
_LONG_WORD = re.compile(r"\S{0,1000}")
"""A word that is longer than `_AROUND` is looked at up to this length."""
_ESCAPE = re.compile(r"\\(.)")
NAME_CHARACTERS = 64
"""Texts up to this are remembered: a history has the names of few tools, thousands of times."""


class Masked(NamedTuple):
    """A seed fit to be kept, and what was masked in it."""

    seed: Seed
    places: tuple[MaskedPlace, ...]


def mask(
    seed: Seed,
    *,
    home: str | None,
    cwd: str | None,
    known: Iterable[str] = (),
    originals: Iterable[str] = (),
) -> Masked:
    """Replace secrets and personal data by typed slots, folders by `{home}` and `{cwd}`.

    To be done once, on a session's own texts: a `{cwd}` that already stands in them is taken literally.
    Texts that a person edited later go through `curation.editing.maskings.masked_seed`.

    Args:
        seed: what was picked.
        home: the home folder of the session's user, when it is known.
        cwd: the session's working directory.
        known: secret values that are known outright, from `.env` files and the environment.
        originals: the texts of the session that shortened texts of the seed come from. What a cut has left
            of a secret is found in them, because no rule recognises half a secret.

    Returns:
        The seed without them, and one record per masked place; what no rule recognises stays.
    """
    values, whole = tuple(known), tuple(originals)

    def change(place: Place, text: str) -> str:
        hide = mask_json_folders if place.is_json else mask_folders
        if CUT in text and whole:
            text = _masked_at_cuts(text, whole, values)
        shown = _of_name(text, values) if len(text) <= NAME_CHARACTERS else redact(text, values).text
        return hide(shown, home=home, cwd=cwd)

    clean = map_texts(seed, change)
    return Masked(clean, masked_places(clean))


def _masked_at_cuts(text: str, originals: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Put a slot in place of what each cut of a text has left of a secret."""
    *cut, end = text.split(CUT)
    return CUT.join((*(_masked_end(part, originals, known) for part in cut), end))


def _masked_end(part: str, originals: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Mask the secret that the cut at the end of a part of a text has split."""
    words = part.rstrip()
    for end, original in _ends_in_originals(words, originals):
        first = max(0, end - 2 * _AROUND)
        word = _LONG_WORD.match(original, end)
        last = max(end + _AROUND, word.end() if word else end)
        for finding in redact(original[first:last], known).findings:
            if finding.start + first < end <= finding.end + first:
                # Shortening joins white space, so the secret's beginning may be written otherwise here.
                left = " ".join(original[finding.start + first : end].split())
                kept = words.removesuffix(left) if words.endswith(left) else words.rpartition(" ")[0]
                return kept + finding.slot
    return part


def _ends_in_originals(text: str, originals: tuple[str, ...]) -> list[tuple[int, str]]:
    """Find where a text ends in its originals, by its last words: the most telling number of them."""
    words = text.split()
    for count in _CONTEXT_WORDS:
        last = words[-count:]
        if not last or (count == 1 and len(last[0]) < _CERTAIN):
            break
        pattern = re.compile(r"\s+".join(map(re.escape, last)))
        ends = [place for original in originals for place in _ends_in(original, pattern)]
        if ends:
            return ends
    return []


def _ends_in(original: str, pattern: re.Pattern[str]) -> list[tuple[int, str]]:
    """Find a pattern in an original, else in it without JSON's escapes."""
    found = [match.end() for match in islice(pattern.finditer(original), _CUTS)]
    if not found and "\\" in original:
        original = _ESCAPE.sub(lambda match: " " if match[1] in "nrt" else match[1], original)
        found = [match.end() for match in islice(pattern.finditer(original), _CUTS)]
    return [(end, original) for end in found]


@lru_cache(maxsize=1024)
def _of_name(text: str, known: tuple[str, ...]) -> str:
    return redact(text, known).text


def mask_candidate(
    candidate: Candidate, *, home: str | None, cwd: str | None, known: Iterable[str] = ()
) -> Candidate:
    """Return a candidate with its findings and a masked record; arguments as in `mask`."""
    seed = seed_of([candidate])
    clean = mask(seed, home=home, cwd=cwd, known=known, originals=candidate.originals).seed
    found = replace(with_findings(candidate), originals=())
    for record in (*clean.recoveries, *clean.tool_examples, *clean.context_markers, clean.user_patterns):
        if record is not None:
            return replace(found, record=record)
    return replace(found, record=SystemContext(text=clean.system_context))
