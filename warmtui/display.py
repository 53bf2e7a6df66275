"""Untrusted text made safe to show on a terminal.

Session content may contain escape sequences that retitle the window, write the clipboard or hide text. All
text passes through `display_text` right before it is shown; stored and exported data never does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

TAB = 4
COMBINING_CAP = 4
"""Further combining marks on a character are dropped: a pile of them paints over other lines."""
JOINERS = 3
"""Joiners kept in a chain: the longest emoji families have three. Rich counts a chain as one character, but a
terminal that does not join draws each emoji, so an endless chain would paint over its line."""


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for code in range(0x20):
        if code not in (0x09, 0x0A):
            table[code] = chr(0x2400 + code)  # the control pictures ␀ … ␟
    table[0x7F] = "␡"
    replaced = [
        *range(0x80, 0xA0),  # C1: CSI, OSC and the like in one character
        0xAD,  # soft hyphen
        0x61C,  # Arabic letter mark
        0x34F,  # combining grapheme joiner
        0x180E,
        *range(0x200B, 0x200D),  # zero-width space and non-joiner; U+200D (ZWJ) holds emoji together
        *range(0x200E, 0x2010),  # left-to-right and right-to-left marks
        *range(0x2028, 0x202F),  # line and paragraph separators, bidi embeddings and overrides
        *range(0x2060, 0x2070),  # word joiner, invisible operators, bidi isolates
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
        *range(0xD800, 0xE000),  # lone surrogates
        *range(0x600, 0x606),  # format characters of scripts: rare in logs, and terminals may hide them
        0x6DD,
        0x70F,
        0x890,
        0x891,
        0x8E2,
        0x110BD,
        0x110CD,
        *range(0x13430, 0x13440),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
        *range(0xE0000, 0xE0080),  # tags: invisible ASCII
    ]
    table.update(dict.fromkeys(replaced, "\ufffd"))
    return table


_TABLE = _table()


def _ranges(codes: Iterable[int]) -> str:
    """Return codes as ranges of a character class, which compile in a fraction of the time."""
    ordered = sorted(codes)
    starts = [code for code in ordered if code - 1 not in _TABLE]
    ends = [code for code in ordered if code + 1 not in _TABLE]
    return "".join(f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(starts, ends, strict=True))


_SUSPECT = re.compile(f"[{_ranges(_TABLE)}]")
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\ufe00-\ufe0f\U000e0100-\U000e01ef"
    "\u0670\u06d6-\u06dc\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u0f71-\u0f84\u3099\u309a"
)
"""Variation selectors, and the marks of Latin, Hebrew, Arabic, Thai, Lao, Tibetan and kana."""


@cache
def _piles() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return patterns of piles of marks, of joiners that join nothing, and of endless chains."""
    return (
        re.compile(f"([{_MARKS}]{{{COMBINING_CAP}}})[{_MARKS}]+"),
        re.compile("(?<![\u2190-\U0001faff\ufe0f])\u200d|\u200d(?![\u2190-\U0001faff])"),
        re.compile(f"((?:\u200d[\u2190-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]?){{{JOINERS}}})\u200d+"),
    )


def display_text(text: str) -> str:
    r"""Return `text` without anything that a terminal would obey.

    Newlines stay, tabs become spaces, C0 and DEL become control pictures. C1, bidi controls, invisible
    characters and surrogates become U+FFFD, and so do joiners that join no emoji or that follow `JOINERS`
    others in a chain. Piles of combining marks are capped.

    >>> display_text("\x1b]0;owned\x07 ok")
    '␛]0;owned␇ ok'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\t" in text:
        text = text.expandtabs(TAB)
    if text.isascii() and text.isprintable():
        return text
    if _SUSPECT.search(text):
        text = text.translate(_TABLE)
    if text.isascii():
        return text
    pile, loose_joiner, chain = _piles()
    if "\u200d" in text:
        text = chain.sub("\\1\ufffd", loose_joiner.sub("\ufffd", text))
    return pile.sub(r"\1", text)


def display_json(text: str) -> str:
    r"""Return equivalent JSON without anything that a terminal would obey.

    >>> display_json('{"text": "\x9b31m"}')
    '{"text": "\\u009b31m"}'
    """
    import json  # slow to import, and listing sessions does not need it

    return _SUSPECT.sub(lambda found: json.dumps(found[0])[1:-1], text)


def display_line(text: str) -> str:
    """Return `text` as `display_text` does, on one line: line breaks become ⏎."""
    return display_text(text).replace("\n", "⏎")
