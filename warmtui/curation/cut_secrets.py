"""Secrets that were cut when a text was shortened.

No rule recognises half a secret, so it is looked for in the original text.
"""

from __future__ import annotations

import re
from itertools import islice

from warmtui.curation.redact import Known, redact

CUT = "…"
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


def mask_cuts(text: str, originals: tuple[str, ...], known: tuple[str | Known, ...]) -> str:
    """Replace what each cut in a shortened text left of a secret by a slot.

    Args:
        text: a text with `CUT` wherever something was left out.
        originals: the whole texts that the shortened one may come from.
        known: secret values that are known.
    """
    if not originals:
        return text
    *parts, end = text.split(CUT)
    return CUT.join((*(_mask_end(part, originals, known) for part in parts), end))


def _mask_end(part: str, originals: tuple[str, ...], known: tuple[str | Known, ...]) -> str:
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
