"""Masking: what is saved or sent holds no secrets, no personal data and no names of folders.

A text that a person types goes through the same rules as a session's. What a person wants unmasked is
remembered by field and SHA-256, never as text beside the field that holds it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from warmtui.curation.candidates import Candidate, SystemContext, with_findings
from warmtui.curation.candidates.selection import seed_of
from warmtui.curation.folders import make_relative, mask_folders
from warmtui.curation.redact import SLOT, Secrets, redact, redact_except
from warmtui.curation.seed_texts import Place, every_text, map_texts, without_index
from warmtui.model.template import MaskedPlace, Seed, SourceSession

MaskedTexts = dict[tuple[str, frozenset[str], bool], str]
"""Masked texts by the original, the hashes of what stays in it, and whether it is JSON."""

_NAME_CHARACTERS = 64
"""Masked texts up to this length are cached: a history repeats the names of few tools thousands of times."""


class AllowedValue(NamedTuple):
    """A value that a person wants unmasked in a field. The value itself is only in its field."""

    item: str
    field: str
    """The field's name without an index: `corrections`, not `corrections.2`."""
    sha256: str


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def allow(place: Place, values: Iterable[str]) -> set[AllowedValue]:
    """Return the records that allow some values at a place."""
    field = without_index(place.field)
    return {AllowedValue(place.item, field, digest(value)) for value in values if value}


def allowed_at(allowed: Iterable[AllowedValue], item: str, field: str) -> frozenset[str]:
    """Return the SHA-256 of each value that is allowed in a field."""
    field = without_index(field)
    return frozenset(value.sha256 for value in allowed if (value.item, value.field) == (item, field))


def allow_all(seed: Seed) -> tuple[AllowedValue, ...]:
    """Allow what is unmasked in a saved seed: a person left it so when saving."""
    found: set[AllowedValue] = set()
    for place, text in every_text(seed):
        found |= allow(place, (text[finding.start : finding.end] for finding in redact(text).findings))
    return tuple(sorted(found))


def mask_text(text: str, allowed: Collection[str], known: Secrets = ()) -> str:
    """Mask a text, except the values whose SHA-256 is in `allowed`."""
    if not allowed:
        return redact(text, known).text
    return redact_except(text, known, lambda value: digest(value) in allowed)


def mask_draft(
    seed: Seed, allowed: Iterable[AllowedValue], known: Secrets = (), *, cache: MaskedTexts | None = None
) -> Seed:
    """Mask every text of a draft's seed, except the allowed values; home folders become `{home}`.

    Args:
        seed: the seed.
        allowed: what a person wants unmasked.
        known: secret values that are known.
        cache: texts masked before with the same `known`; it is read and added to.
    """
    allowed = tuple(allowed)
    masked: MaskedTexts = {} if cache is None else cache

    def change(place: Place, text: str) -> str:
        values = allowed_at(allowed, place.item, place.field)
        key = (text, values, place.is_json)
        if key not in masked:
            masked[key] = make_relative(mask_text(text, values, known), is_json=place.is_json)
        return masked[key]

    return map_texts(seed, change)


def mask_session(
    seed: Seed,
    *,
    home: str | None,
    cwd: str | None,
    known: Secrets = (),
    originals: Iterable[str] = (),
) -> Seed:
    """Mask a seed of a session's own texts; folders become `{home}` and `{cwd}`.

    Do this once: a `{cwd}` that is already in a text is taken literally. `mask_draft` masks texts that a
    person edited.

    Args:
        seed: what was picked.
        home: the home folder of the session's user, if it is known.
        cwd: the session's working directory.
        known: secret values that are known, from `.env` files and the environment.
        originals: the texts of the session that shortened texts of the seed come from. What a cut left of a
            secret is found in them.
    """
    whole = tuple(originals)

    def change(place: Place, text: str) -> str:
        # before anything else, as a slot or a placeholder would change the words around a cut
        text = _mask_cuts(text, whole, known)
        short = len(text) <= _NAME_CHARACTERS
        masked = _mask_name(text, known) if short else redact(text, known).text
        return mask_folders(masked, home=home, cwd=cwd, is_json=place.is_json)

    return map_texts(seed, change)


@lru_cache(maxsize=1024)
def _mask_name(text: str, known: Secrets) -> str:
    return redact(text, known).text


def mask_candidate(
    candidate: Candidate, *, home: str | None, cwd: str | None, known: Secrets = ()
) -> Candidate:
    """Return a candidate with its findings and a masked record; arguments as for `mask_session`."""
    originals = candidate.originals
    # a seed of the one record, so that candidates and templates are masked by the same walk
    seed = mask_session(seed_of([candidate]), home=home, cwd=cwd, known=known, originals=originals)
    found = replace(with_findings(candidate), originals=(), sentences=())
    for record in (*seed.items(), seed.user_patterns):
        if record is not None:
            return replace(found, record=record)
    return replace(found, record=SystemContext(text=seed.system_context))


def mask_titles(sources: Iterable[SourceSession], known: Secrets) -> tuple[SourceSession, ...]:
    """Mask the titles of sessions, which hold their first words."""
    return tuple(
        source
        if source.title is None
        else source.model_copy(update={"title": redact(source.title, known).text})
        for source in sources
    )


def masked_places(seed: Seed) -> tuple[MaskedPlace, ...]:
    """Return every place of a seed that has a slot."""
    return tuple(
        MaskedPlace(kind=kind_of_slot(slot[0]), slot=slot[0], item=place.item, field=place.field)
        for place, text in every_text(seed)
        for slot in SLOT.finditer(text)
    )


def kind_of_slot(slot: str) -> str:
    """Return the kind that a slot names: `github-token` of `‹secret:github-token›`."""
    return slot.strip("‹›").partition(":")[2]


_CUT = "…"
"""The mark at the end of a shortened text."""
_CONTEXT_WORDS = (6, 3, 1)
"""Numbers of words before a cut by which it is found in its original, the most telling first."""
_CERTAIN = 8
"""Characters of a single word that is enough to find the cut after it."""
_CUTS = 5
"""Places of an original that are tried, if the words before a cut occur in it more than once."""
_AROUND = 200
"""Characters around a cut, on each side, in which the secret that it splits is recognised."""
_LONG_WORD = re.compile(r"\S{0,1000}")
"""A word longer than `_AROUND` is read up to this length."""
_ESCAPE = re.compile(r"\\(.)")


def _mask_cuts(text: str, originals: tuple[str, ...], known: Secrets) -> str:
    """Replace what each cut in a shortened text left of a secret by a slot.

    No rule recognises half a secret, so the whole is looked for in the texts that the shortened one may come
    from.
    """
    if not originals:
        return text
    *parts, end = text.split(_CUT)
    return _CUT.join((*(_mask_end(part, originals, known) for part in parts), end))


def _mask_end(part: str, originals: tuple[str, ...], known: Secrets) -> str:
    """Mask the secret that the cut at the end of a part has split."""
    words = part.rstrip()
    for end, original in _ends_in_originals(words, originals):
        first = max(0, end - 2 * _AROUND)
        word = _LONG_WORD.match(original, end)
        last = max(end + _AROUND, word.end() if word else end)
        for finding in redact(original[first:last], known).findings:
            if finding.start + first < end <= finding.end + first:
                # Shortening joins white space, so the secret's beginning may be spaced differently here.
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
