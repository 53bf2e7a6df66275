"""The words of a search, as a person typed them."""

from __future__ import annotations

import re
from typing import NamedTuple

from warmtui.text import without_surrogates

QUERY_CHARACTERS = 2_048
"""As many as Hermes' own search reads (`MAX_FTS5_QUERY_CHARS`)."""
MAX_WORDS = 8
MAX_CHARACTERS = 64
"""Of one word or phrase: LIKE takes the product of this and of a message's length, and nothing ends it
within one message. What the template search narrows by is the same."""
_PIECE = re.compile(r'"([^"]*)("?)|([^\s"]+)')


class Piece(NamedTuple):
    """One word or quoted phrase."""

    text: str
    closed: bool
    """It was in quotes, so its last word is a whole one."""


def pieces_of(words: str) -> tuple[list[Piece], bool]:
    """Take apart what was typed.

    Returns:
        The words and phrases to look for, and whether something was left out.
    """
    text = without_surrogates(words[:QUERY_CHARACTERS]).replace("\0", " ")
    found = []
    for phrase, end, word in _PIECE.findall(text):
        piece = " ".join((phrase or word).split())
        if piece:
            found.append(Piece(piece, bool(end)))
    cut = [Piece(piece.text[:MAX_CHARACTERS].rstrip(), piece.closed) for piece in found[:MAX_WORDS]]
    return cut, cut != found or len(words) > QUERY_CHARACTERS
