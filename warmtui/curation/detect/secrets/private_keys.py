# ruff: noqa: E501 - a pattern is read and compared best on one line
r"""Private keys in PEM and PGP armour: whole, with `\n` in JSON or source code, numbered, cut off."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from warmtui.curation.detect.rule import STRUCTURE, Span

_BEGIN = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"
)
_END = re.compile(
    r"-----END (?:[A-Z0-9]{2,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----"
)
_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_LONGEST = 16_384
"""Characters between BEGIN and END at most; a PGP block with several subkeys has about 10,000."""
_CUT_OFF = re.compile(r"(?:[A-Za-z0-9+/=]{4,}+|\\{1,15}[nr]|[\s|>:]|\b\d{1,5}\|)*+")


def find(text: str) -> Iterator[Span]:
    """Yield armoured private keys.

    A key is found from BEGIN to END. Where quotes interrupt it, as in lines of source code, each run of the
    key's letters is found. A header without key material (`grep "BEGIN PRIVATE KEY"`) is no key.
    """
    if "PRIVATE KEY" not in text:
        return
    begins = list(_BEGIN.finditer(text))
    ends = list(_END.finditer(text))
    starts_of_ends = [end.start() for end in ends]
    for number, begin in enumerate(begins):
        following = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        nearest = bisect_left(starts_of_ends, begin.end())
        limit = min(following, begin.end() + _LONGEST)
        if nearest < len(ends) and starts_of_ends[nearest] < limit:
            stop = starts_of_ends[nearest]
            runs = list(_LINE.finditer(text, begin.end(), stop))
            if not runs:
                continue
            if '"' not in text[begin.end() : stop] and "'" not in text[begin.end() : stop]:
                yield Span(begin.start(), ends[nearest].end(), "private-key", "private-key-pem", STRUCTURE)
                continue
            for run in runs:
                escaped = text[run.start() - 1] == "\\" and run.group()[0] in "nrt"
                yield Span(run.start() + escaped, run.end(), "private-key", "private-key-lines", STRUCTURE)
            continue
        body = _CUT_OFF.match(text, begin.end(), limit)
        if body is not None and _LINE.search(text, body.start(), body.end()):
            stop = begin.end() + len(body.group().rstrip())
            yield Span(begin.start(), stop, "private-key", "private-key-cut-off", STRUCTURE)
