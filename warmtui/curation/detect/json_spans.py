"""Fit spans to JSON, and to JSON inside JSON: within a string, on whole escapes, or on a whole number."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import NamedTuple

from warmtui.curation.detect.rule import Span

_BARE_BEFORE = re.compile(r"(?P<quote>\\{0,15}[\"'])\s{0,8}:\s{0,8}\Z")
_BARE_AFTER = re.compile(r"\s{0,8}(?:[,}\]]|\\{1,15}[nr]|\Z)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_QUOTE = re.compile(r'\\*+"')
_SCALAR = re.compile(r"[^\s,:\[\]{}\"\\]+")


class FittedSpan(NamedTuple):
    """A span with the quotes that its slot needs."""

    span: Span
    quote: str
    """Put before and after the slot; empty inside a string."""


def quote_of_number(text: str, start: int, end: int) -> str:
    r"""Return the quote that a slot needs if it replaces a number which is a JSON value.

    It is the quote of the key before it: `"`, or `\"` in JSON inside JSON. It is empty if the text from
    `start` to `end` is not a number under a quoted key.
    """
    if not _NUMBER.fullmatch(text, start, end) or not _BARE_AFTER.match(text, end):
        return ""
    # the longest match of the pattern has 33 characters
    before = _BARE_BEFORE.search(text, max(0, start - 40), start)
    return before["quote"] if before else ""


def parse(text: str) -> object:
    """Parse a JSON object or list; None if the text is neither."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def keeps_json(original: object, redacted: object) -> bool:
    """Whether every text that was JSON before, at any depth inside strings, is JSON after.

    Both arguments are what `parse` returned.
    """
    pairs: list[tuple[object, object]] = [(original, redacted)]
    while pairs:
        before, after = pairs.pop()
        if isinstance(before, str) and isinstance(after, str):
            if before != after and (inner := parse(before)) is not None:
                pairs.append((inner, parse(after)))
        elif isinstance(before, dict) and isinstance(after, dict):
            if len(before) == len(after):
                pairs.extend(zip(before.values(), after.values(), strict=True))
        elif isinstance(before, list) and isinstance(after, list):
            pairs.extend(zip(before, after, strict=False))
        elif after is None and before is not None:
            return False
    return True


def fit(text: str, spans: list[Span]) -> list[FittedSpan]:
    """Trim ordered, disjoint spans to the grammar of the JSON object or list around them.

    A span over several strings becomes one span in each. A span that begins or ends within an escape takes
    the whole escape. A span outside strings takes the whole number or word and is quoted. Strings that hold
    JSON are treated in the same way. The result is ordered and disjoint too.
    """
    kept: list[FittedSpan] = []
    for fitted in _fit_region(text, 0, len(text), spans, 0):
        if fitted.span.start < fitted.span.end and (not kept or fitted.span.start >= kept[-1].span.end):
            kept.append(fitted)
    return kept


def _fit_region(text: str, low: int, high: int, spans: list[Span], slashes: int) -> list[FittedSpan]:
    """Fit spans of one JSON text, whose quotes are preceded by `slashes` backslashes."""
    strings = _strings(text, low, high, slashes)
    starts = [start for start, _ in strings]
    within: dict[int, list[Span]] = {}
    fitted: list[FittedSpan] = []
    for span in spans:
        at = max(span.start, low)
        while at < min(span.end, high):
            index = bisect_right(starts, at) - 1
            if index >= 0 and at < strings[index][1]:
                start, end = strings[index]
                inside = _on_escapes(text, span, start, end, max(at, start), min(span.end, end))
                within.setdefault(index, []).append(inside)
                at = end + slashes + 1
                continue
            following = strings[index + 1][0] - slashes - 1 if index + 1 < len(strings) else high
            stop = min(span.end, following)
            for word in _SCALAR.finditer(text, _word_start(text, low, at), following):
                if word.start() >= stop:
                    break
                whole = span._replace(start=word.start(), end=word.end())
                fitted.append(FittedSpan(whole, "\\" * slashes + '"'))
            at = following + slashes + 1 if span.end > following else span.end
    for index, inner in within.items():
        start, end = strings[index]
        if _holds_json(text[start:end], slashes):
            fitted.extend(_fit_region(text, start, end, inner, 2 * slashes + 1))
        else:
            fitted.extend(FittedSpan(span, "") for span in inner)
    return sorted(fitted, key=lambda fitted_span: fitted_span.span.start)


def _strings(text: str, low: int, high: int, slashes: int) -> list[tuple[int, int]]:
    """Find the insides of the strings: between quotes with as many backslashes, counted at this depth."""
    # an escaped backslash before a quote adds 2 * (slashes + 1) backslashes at this depth
    marks = [
        match
        for match in _QUOTE.finditer(text, low, high)
        if (match.end() - match.start() - 1) % (2 * (slashes + 1)) == slashes
    ]
    return [
        (marks[index].end(), marks[index + 1].end() - 1 - slashes) for index in range(0, len(marks) - 1, 2)
    ]


def _holds_json(inside: str, slashes: int) -> bool:
    """Whether the inside of a string, at a depth of escaping, is JSON once it is decoded."""
    while slashes >= 0:
        try:
            inside = json.loads(f'"{inside}"', strict=False)
        except ValueError:
            return False
        # a quote d levels deep has 2**d - 1 backslashes before it
        slashes = (slashes - 1) // 2 if slashes else -1
    return parse(inside) is not None


def _word_start(text: str, low: int, at: int) -> int:
    while at > low and _SCALAR.match(text[at - 1]):
        at -= 1
    return at


def _on_escapes(text: str, span: Span, low: int, high: int, start: int, end: int) -> Span:
    """Widen a span so that it holds every escape, at any depth, that it begins or ends in."""
    start = _escape_start(text, low, start)
    last = _escape_start(text, low, end)
    if last < end or text[end - 1 : end] == "\\":
        # the rest of the escape: backslashes, then one letter or `u` and four digits
        while end < high and text[end] == "\\":
            end += 1
        end = min(high, end + (5 if text[end : end + 1] == "u" else 1))
    return span._replace(start=start, end=end)


def _escape_start(text: str, low: int, at: int) -> int:
    """Return the start of the escape that an offset is in; the offset itself if it is in none."""
    for back in range(1, 6):
        start = at - back
        if start < low:
            break
        if text[start] == "\\":
            inside = back == 1 or text[start + 1] == "u"
            return _run_start(text, low, start) if inside else at
    return at


def _run_start(text: str, low: int, at: int) -> int:
    while at > low and text[at - 1] == "\\":
        at -= 1
    return at
