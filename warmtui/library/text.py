"""Text and times in the form the library keeps: always valid UTF-8, always UTC."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import UTC, datetime

SEARCH_CHARACTERS = 200_000
"""How much of a template is searched: 25 times the default budget of 2,000 tokens of four characters."""


def storable(text: str) -> str:
    """The text with each lone surrogate as U+FFFD, since SQLite keeps valid UTF-8 only.

    Two surrogates that together are one character become that character.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def hash_of(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of a text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def folded(text: str) -> str:
    """The text as searching compares it: no case, compatible forms alike (NFKC), no NUL."""
    return unicodedata.normalize("NFKC", storable(text)).casefold().replace("\0", " ")


def decoded(raw: bytes) -> str:
    """A TEXT value as SQLite delivers it; bytes that damage left undecodable become U+FFFD."""
    return raw.decode("utf-8", "replace")


def stamp(moment: datetime) -> str:
    """A moment as ISO 8601 UTC in milliseconds with `Z`; a naive one is taken as local time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(text: str) -> str:
    """The text as an error quotes it: at most 80 characters."""
    return repr(text if len(text) <= 80 else text[:79] + "…")
