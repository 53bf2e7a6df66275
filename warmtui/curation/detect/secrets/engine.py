"""Finding secrets and personal data in text, and putting slots in their place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from warmtui.curation.detect import json_spans as jsonfit
from warmtui.curation.detect import personal
from warmtui.curation.detect.json_spans import Fitted
from warmtui.curation.detect.secrets import (
    calls,
    columns,
    commands,
    named_values,
    private_keys,
    structures,
    vendors,
)
from warmtui.curation.detect.secrets import known as known_values
from warmtui.curation.detect.span import SLOT, Finding, Known, Redaction, Span

_PASSES = 4
"""Most often a second pass finds nothing; each pass only widens what is masked, so few can follow."""


def run(text: str, known: Iterable[str | Known] = ()) -> Redaction:
    """Redact a text; the contract stands at `warmtui.curation.redact.redact`."""
    entries = tuple(known)
    spans = _resolve(_all_spans(text, entries), text)
    if not spans:
        return Redaction(text, ())
    original = jsonfit.parsed(text)
    for _ in range(_PASSES):
        fitted = _fitted(text, spans, original)
        redacted = _render(text, fitted)
        more = _resolve(_all_spans(redacted, entries), redacted)
        if not more:
            break
        spans = _resolve([*spans, *_mapped_back(more, fitted)], text)
    findings = tuple(Finding(span.kind, span.start, span.end, span.rule, slot_of(span)) for span, _ in fitted)
    return Redaction(redacted, findings)


def slot_of(span: Span) -> str:
    """Write the slot that stands in a span's place, `‹secret:github-token›`."""
    return f"‹{span.family}:{span.kind}›"


def _all_spans(text: str, known: tuple[str | Known, ...]) -> list[Span]:
    lowered = text.lower()
    if len(lowered) != len(text):
        # Only U+0130 grows when lowered; offsets must stay the same.
        lowered = text.replace("\u0130", "I").lower()
    spans: list[Span] = []
    spans.extend(known_values.find(text, known))
    spans.extend(vendors.find(text))
    spans.extend(private_keys.find(text))
    spans.extend(structures.find(text, lowered))
    spans.extend(commands.find(text, lowered))
    spans.extend(calls.find(text, lowered))
    spans.extend(named_values.find(text, lowered))
    spans.extend(columns.find(text, lowered))
    spans.extend(personal.find(text, lowered))
    return spans


def _resolve(spans: Iterable[Span], text: str) -> list[Span]:
    """Make spans ordered and apart: of what overlaps, the longest gives the kind, then the most specific.

    Where two overlap without one holding the other, the whole of both is masked, so nothing is left over.
    Spans within a slot that the text already holds are dropped, and none reaches into one.
    """
    slots = [match.span() for match in SLOT.finditer(text)] if "‹" in text else []
    ordered = sorted(_outside(spans, slots), key=lambda span: (span.start, -span.end, span.rank))
    apart: list[Span] = []
    for span in ordered:
        if apart and span.start < apart[-1].end:
            apart[-1] = _joined(apart[-1], span)
        else:
            apart.append(span)
    return apart


def _joined(left: Span, right: Span) -> Span:
    best = min(left, right, key=lambda span: (span.start - span.end, span.rank))
    return best._replace(start=min(left.start, right.start), end=max(left.end, right.end))


def _outside(spans: Iterable[Span], slots: list[tuple[int, int]]) -> Iterator[Span]:
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


def _fitted(text: str, spans: list[Span], original: object) -> list[Fitted]:
    fitted = [Fitted(span, jsonfit.bare_number_quote(text, span.start, span.end)) for span in spans]
    if original is not None and not jsonfit.keeps_json(original, jsonfit.parsed(_render(text, fitted))):
        return jsonfit.fit(text, spans)
    return fitted


def _render(text: str, fitted: list[Fitted]) -> str:
    parts: list[str] = []
    at = 0
    for span, quote in fitted:
        parts += (text[at : span.start], quote, slot_of(span), quote)
        at = span.end
    parts.append(text[at:])
    return "".join(parts)


def _mapped_back(found: list[Span], fitted: list[Fitted]) -> Iterator[Span]:
    """Translate spans of the redacted text, which lie between slots, to the original."""
    ends: list[int] = []
    shifts = [0]
    for span, quote in fitted:
        length = len(slot_of(span)) + 2 * len(quote)
        ends.append(span.start - shifts[-1] + length)
        shifts.append(shifts[-1] + (span.end - span.start) - length)
    for span in found:
        shift = shifts[bisect_right(ends, span.start)]
        yield span._replace(start=span.start + shift, end=span.end + shift)
