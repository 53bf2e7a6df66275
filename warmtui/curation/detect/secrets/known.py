"""Exact values that are known to be secrets, as they are or encoded."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from warmtui.curation.detect.rule import KNOWN, Span
from warmtui.curation.detect.values import says_nothing

_SHORTEST = 4
"""Characters of the shortest known value that is looked for: shorter ones are in every text."""
_ALONE_BELOW = 8
"""Known values shorter than this are found only where no letter or digit adjoins them."""
_BASE64_FROM = 6
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]*+={0,2}")


class Known(NamedTuple):
    """A secret known from elsewhere (`.env`, the environment, an auth file), found wherever it occurs."""

    value: str
    kind: str = "known-value"
    """Kebab-case kind that its slot names."""


def find_known(text: str, known: Iterable[str | Known]) -> Iterator[Span]:
    """Yield every place of a known value: raw, JSON-escaped once or twice, URL-encoded, base64.

    Values below four characters and words that say nothing (`true`, `localhost`) are skipped.

    Args:
        text: any text.
        known: the values; a plain string has the kind `known-value`.
    """
    entries = (entry if isinstance(entry, Known) else Known(entry) for entry in known)
    for entry in dict.fromkeys(entries):
        value = entry.value
        if len(value) < _SHORTEST or says_nothing(value):
            continue
        for form in _forms(value):
            for start in _places(text, form):
                end = start + len(form)
                if len(value) >= _ALONE_BELOW or _alone(text, start, end):
                    yield Span(start, end, entry.kind, "known-value", KNOWN)
        if len(value.encode("utf-8", "surrogatepass")) >= _BASE64_FROM:
            yield from _in_base64(text, entry)


def _forms(value: str) -> set[str]:
    plain = json.dumps(value, ensure_ascii=False)[1:-1]
    ascii_only = json.dumps(value)[1:-1]
    percent = {
        quote(value, safe="", errors="replace"),
        quote(value, errors="replace"),
        quote_plus(value, errors="replace"),
    }
    lower = {re.sub(r"%[0-9A-F]{2}", lambda match: match.group().lower(), form) for form in percent}
    markup = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        value,
        plain,
        ascii_only,
        plain.replace("/", "\\/"),
        json.dumps(plain, ensure_ascii=False)[1:-1],
        json.dumps(ascii_only)[1:-1],
        markup,
        markup.replace('"', "&quot;"),
        *percent,
        *lower,
    }


def _places(text: str, form: str) -> Iterator[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + len(form))


def _alone(text: str, start: int, end: int) -> bool:
    return not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())


def _in_base64(text: str, entry: Known) -> Iterator[Span]:
    """Find a value inside base64, in each position that its bytes can have in the groups of three."""
    data = entry.value.encode("utf-8", "surrogatepass")
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + data).decode()
        # the characters at both ends also encode neighbouring bytes, so they are left out
        first = -(-lead * 8 // 6)
        last = (lead + len(data)) * 8 // 6
        core = encoded[first:last]
        for form in {core, core.replace("+", "-").replace("/", "_")}:
            done = 0
            for start in _places(text, form):
                if start < done:
                    continue
                # a pattern cannot search backwards, so what precedes the value is reversed
                before = _BASE64_RUN.match(text[max(done, start - 4096) : start][::-1])
                after = _BASE64_RUN.match(text, start)
                done = after.end() if after else start + len(form)
                begin = start - (len(before.group()) if before else 0)
                yield Span(begin, done, entry.kind, "known-value-base64", KNOWN)
