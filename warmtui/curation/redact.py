"""Redaction: secrets and personal data are found and replaced by typed slots. Pure: no I/O, no clock."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from warmtui.curation.detect import json_spans, personal
from warmtui.curation.detect.json_spans import FittedSpan
from warmtui.curation.detect.rule import Span
from warmtui.curation.detect.secrets import (
    columns,
    commands,
    named_values,
    positional,
    structures,
    vendors,
)
from warmtui.curation.detect.secrets.known import Known, find_known
from warmtui.curation.long_texts import cache_long_texts

__all__ = ["SLOT", "Finding", "Known", "Redaction", "Secrets", "redact", "redact_except"]

Secrets = tuple[str | Known, ...]
"""Values known to be secrets, as plain strings or with their kind."""

SLOT = re.compile(r"‹(?:secret|personal):[a-z0-9-]+›")
"""A slot in redacted text."""
_PASSES = 4
"""Passes at most. The second seldom finds anything, and each only widens what is masked."""


class Finding(NamedTuple):
    """One secret or personal datum in the original text."""

    kind: str
    """Kebab-case: `github-token`, `password`, `email`, …"""
    start: int
    """Offset in characters of the original text."""
    end: int
    """Offset past the last character."""
    rule: str
    """Kebab-case id of the rule that decided the extent."""
    slot: str
    """What replaces it: `‹secret:github-token›`, `‹personal:email›`."""


class Redaction(NamedTuple):
    """A text with slots in place of what was recognised, and what that was."""

    text: str
    findings: tuple[Finding, ...]
    """In the order of the original text, never overlapping."""


def redact(text: str, known: Secrets = ()) -> Redaction:
    """Put a typed slot in place of every secret and personal datum that is recognised.

    Four layers: exact known values in their encodings; vendors' formats and structures (PEM, URL userinfo,
    headers, cookies); values under a name that asks for a secret; personal data. Nothing of a value is kept.
    JSON stays valid: a slot replaces what is inside the quotes, and is quoted in place of a bare number.
    Redacting the result again finds nothing more. Finding nothing never means that nothing is there.

    Args:
        text: any text: a message, a tool result, JSON, JSON within JSON.
        known: values known to be secrets.

    Returns:
        The redacted text, and the findings in order with offsets into the original text.
    """
    spans = _find_all(text, known)
    findings = tuple(Finding(span.kind, span.start, span.end, span.rule, _slot(span)) for span, _ in spans)
    return Redaction(_render(text, spans), findings)


def redact_except(text: str, known: Secrets, keep: Callable[[str], bool]) -> str:
    """Redact a text as `redact` does, except for the findings whose text `keep` accepts."""
    spans = _find_all(text, known)
    return _render(text, [fitted for fitted in spans if not keep(text[fitted.span.start : fitted.span.end])])


@cache_long_texts
def _find_all(text: str, known: Secrets) -> list[FittedSpan]:
    """Find what to mask, until redacting the redacted text finds nothing more."""
    spans = _resolve(_find_spans(text, known), text)
    if not spans:
        return []
    original = json_spans.parse(text)
    # with slots in place, patterns can match what the values kept apart
    for _ in range(_PASSES):
        fitted = _fit(text, spans, original)
        redacted = _render(text, fitted)
        more = _resolve(_find_spans(redacted, known), redacted)
        if not more:
            break
        spans = _resolve([*spans, *_in_original(more, fitted)], text)
    return fitted


def _slot(span: Span) -> str:
    return f"‹{span.family}:{span.kind}›"


def _find_spans(text: str, known: Secrets) -> Iterator[Span]:
    lowered = text.lower()
    if len(lowered) != len(text):
        # Only U+0130 grows when lowered; offsets must stay the same.
        lowered = text.replace("\u0130", "I").lower()
    # of findings with the same extent and rank, the first one names the slot
    yield from find_known(text, known)
    yield from vendors.find(text)
    yield from structures.find(text, lowered)
    # names and options of programs are case-sensitive, so the hints are too
    yield from commands.RULES.scan(text, text)
    yield from positional.RULES.scan(text, lowered)
    yield from named_values.find(text, lowered)
    yield from columns.find(text, lowered)
    yield from personal.find(text, lowered)


def _resolve(spans: Iterable[Span], text: str) -> list[Span]:
    """Order spans and join those that overlap: the longest gives the kind, then the most specific.

    Where two overlap without one holding the other, the whole of both is masked, so nothing is left over.
    Spans within a slot that the text already holds are dropped, and none reaches into one.
    """
    slots = [match.span() for match in SLOT.finditer(text)] if "‹" in text else []
    ordered = sorted(_outside(spans, slots), key=lambda span: (span.start, -span.end, span.rank))
    resolved: list[Span] = []
    for span in ordered:
        if resolved and span.start < resolved[-1].end:
            resolved[-1] = _join(resolved[-1], span)
        else:
            resolved.append(span)
    return resolved


def _join(left: Span, right: Span) -> Span:
    best = min(left, right, key=lambda span: (span.start - span.end, span.rank))
    return best._replace(start=min(left.start, right.start), end=max(left.end, right.end))


def _outside(spans: Iterable[Span], slots: list[tuple[int, int]]) -> Iterator[Span]:
    """Cut spans so that none reaches into a slot."""
    ends = [end for _, end in slots]
    for span in spans:
        at = span.start
        for low, high in slots[bisect_right(ends, span.start) :]:
            if low >= span.end:
                break
            if at < low:
                yield span._replace(start=at, end=low)
            at = high
        if at < span.end:
            yield span._replace(start=at)


def _fit(text: str, spans: list[Span], original: object) -> list[FittedSpan]:
    """Add the quotes that slots need; trim the spans if the text is JSON and would not stay JSON."""
    fitted = [FittedSpan(span, json_spans.quote_of_number(text, span.start, span.end)) for span in spans]
    # a slot seldom breaks JSON, and fitting to its grammar costs much more
    if original is not None and not json_spans.keeps_json(original, json_spans.parse(_render(text, fitted))):
        return json_spans.fit(text, spans)
    return fitted


def _render(text: str, fitted: list[FittedSpan]) -> str:
    parts: list[str] = []
    at = 0
    for span, quote in fitted:
        parts += (text[at : span.start], quote, _slot(span), quote)
        at = span.end
    parts.append(text[at:])
    return "".join(parts)


def _in_original(found: list[Span], fitted: list[FittedSpan]) -> Iterator[Span]:
    """Translate spans of the redacted text, which are between slots, to the original."""
    ends: list[int] = []
    shifts = [0]
    for span, quote in fitted:
        length = len(_slot(span)) + 2 * len(quote)
        ends.append(span.start - shifts[-1] + length)
        shifts.append(shifts[-1] + (span.end - span.start) - length)
    for span in found:
        shift = shifts[bisect_right(ends, span.start)]
        yield span._replace(start=span.start + shift, end=span.end + shift)
