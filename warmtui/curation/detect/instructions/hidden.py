"""Text that a person does not see: invisible characters, direction overrides, encoded orders."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from itertools import islice

from warmtui.curation.detect.instructions.flags import MOST, InstructionFlag

_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_FLAG_TAGS = 6
"""An emoji flag (🏴󠁧󠁢󠁥󠁮󠁧󠁿) is a black flag and at most six tags."""
# A tag in JSON that escapes what is not ASCII: U+E0041 is \udb40\udc41.
_ESCAPED_TAGS = re.compile(r"(?:\\{1,4}udb40\\{1,4}udc[2-7][0-9a-f]){4,}", re.IGNORECASE)
_TAG_CODE = re.compile(r"udc([2-7][0-9a-f])", re.IGNORECASE)
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060-\u2064\u180e\ufeff]{8,}")
_ESCAPED_ZERO_WIDTH = re.compile(r"(?:\\{1,4}u(?:200[b-f]|206[0-4]|180e|feff)){8,}", re.IGNORECASE)
_OVERRIDE = re.compile("[\u202d\u202e]+(?=[^\\n\u202c]{2})")
_ESCAPED_OVERRIDE = re.compile(r"\\{1,4}u202[de](?=[^\W\d_][\w ]{3})", re.IGNORECASE)
_CONCEALED = re.compile(
    r"(?:\x1b|\\{1,4}(?:x1b|u001b|e|033))\[(?:[0-9]{1,3};){0,4}8m(?P<body>[^\x1b\\]{8,400})", re.IGNORECASE
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{28,}(?:(?:\\n|\n)[A-Za-z0-9+/_-]{28,}){0,40}={0,2}")
_BROKEN_LINE = re.compile(r"\\n|\n")
_LEAST = 28
"""Characters of the shortest base64 that is decoded: fewer hold no order."""
_REORDERED = 40
"""Characters after a direction override that are shown."""
_BLOB = 4_000
"""Characters of one blob that are decoded: an order is at its start."""
_BLOBS = 64
"""Blobs of one text that are decoded."""


def hidden_flags(text: str) -> Iterator[InstructionFlag]:
    """Find runs of invisible characters and direction overrides, as characters or as JSON escapes.

    Four tag characters or variation selectors, or eight zero-width characters, in a row have no use in
    writing; fewer occur in emoji, flags and Indic or Persian words.
    """
    if not text.isascii():
        for match in islice(_TAGS.finditer(text), MOST):
            start, end = match.span()
            if text[start - 1 : start] == "\U0001f3f4" and end - start <= _FLAG_TAGS:
                continue
            letters = "".join(chr(ord(tag) - 0xE0000) for tag in match[0])
            yield InstructionFlag(start, end, "hidden-text", letters)
        yield from _hidden_runs(_SELECTORS, text, lambda match: _selected(match[0]))
        yield from _hidden_runs(_ZERO_WIDTH, text, lambda _: "")
        yield from _overrides(_OVERRIDE, text)
    if "\\" in text:
        yield from _hidden_runs(_ESCAPED_TAGS, text, _escaped_letters)
        yield from _hidden_runs(_ESCAPED_ZERO_WIDTH, text, lambda _: "")
        yield from _overrides(_ESCAPED_OVERRIDE, text)
    if "8m" in text:
        yield from _hidden_runs(_CONCEALED, text, lambda match: match["body"])


def _hidden_runs(
    pattern: re.Pattern[str], text: str, words: Callable[[re.Match[str]], str]
) -> Iterator[InstructionFlag]:
    for match in islice(pattern.finditer(text), MOST):
        yield InstructionFlag(*match.span(), "hidden-text", words(match))


def _overrides(pattern: re.Pattern[str], text: str) -> Iterator[InstructionFlag]:
    for match in islice(pattern.finditer(text), MOST):
        end = min(len(text), match.end() + _REORDERED)
        yield InstructionFlag(match.start(), end, "reordered-text", text[match.end() : end])


def _escaped_letters(match: re.Match[str]) -> str:
    return "".join(chr(int(code, 16)) for code in _TAG_CODE.findall(match[0]))


def _selected(run: str) -> str:
    """Decode bytes written as variation selectors: VS1-16 are 0-15, VS17-256 the rest."""
    codes = map(ord, run)
    octets = bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)
    decoded = octets.decode("utf-8", "replace")
    return decoded if decoded.isprintable() and "\ufffd" not in decoded else ""


def encoded_flags(
    text: str, flags_of: Callable[[str], tuple[InstructionFlag, ...]]
) -> Iterator[InstructionFlag]:
    """Find base64 that decodes to text which `flags_of` flags."""
    # without a long word there is no base64 to decode
    if max(map(len, text.split()), default=0) < _LEAST:
        return
    decoded_blobs = 0
    for match in _BASE64.finditer(text):
        lines = _BROKEN_LINE.split(match[0][:_BLOB])
        # lines may be of one blob or of several, of which the first is enough
        decoded = _decoded("".join(lines)) or _decoded(lines[0])
        if not decoded:
            continue
        found = flags_of(decoded)
        if found:
            yield InstructionFlag(*match.span(), "encoded-order", found[0].words)
        decoded_blobs += 1
        if decoded_blobs == _BLOBS:
            return


def _decoded(blob: str) -> str:
    head = blob.rstrip("=").replace("-", "+").replace("_", "/")
    head = head[: len(head) - 1] if len(head) % 4 == 1 else head
    try:
        octets = base64.b64decode(head + "=" * (-len(head) % 4), validate=True)
    except (binascii.Error, ValueError):
        return ""
    decoded = octets.decode("utf-8", "replace")
    bad = sum(
        not (character.isprintable() or character in "\n\r\t") or character == "\ufffd"
        for character in decoded
    )
    return decoded if bad <= 1 else ""
