"""The words of a search: what a person typed, and how it is asked for in SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from warmtui.sources.text import without_surrogates

QUERY_CHARACTERS = 2_048
"""As many as Hermes' own search reads (`MAX_FTS5_QUERY_CHARS`)."""
MAX_WORDS = 8
MAX_CHARACTERS = 64
"""Of one word or phrase: LIKE takes the product of this and of a message's length, and nothing ends it
within one message. What the template search narrows by is the same."""
TRIGRAM = 3
"""The trigram tokenizer finds nothing shorter: https://sqlite.org/fts5.html#the_trigram_tokenizer."""
PREFIX = 3
"""Letters of a word from which it is found by its beginning, as few as the trigram index takes; a shorter
one is found whole. All that begins with two letters costs six times as much (436,000 messages)."""

MOST_NAMED = 24
"""Words that begin with some letters which are asked for by name, where they are so few. All that begins with
a word costs FTS5 a look at its every hit before it gives the first one, a name a comparison a hit."""
MOST_PHRASES = 4
"""The same of phrases: for each of them the words before its last one are looked up again."""

Endings = Callable[[str, int], "list[str] | None"]
"""Gives the words that begin with ASCII letters in lower case; None where they are more than so many."""

_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
    "]"
)
"""Scripts whose words the unicode61 tokenizer cannot tell apart, Hermes' list and their neighbours."""
_PIECE = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_RUN = re.compile(r"[^\W_]+")
INDEXES = ("messages_fts", "messages_fts_trigram")
TEXT = "CASE WHEN content < char(1) THEN CAST(substr(CAST(content AS BLOB), 2) AS TEXT) ELSE content END"
"""LIKE stops at a NUL, and content that is a list of parts begins with one."""


class Piece(NamedTuple):
    """One word or quoted phrase."""

    text: str
    closed: bool
    """In quotes, so that its last word is a whole one."""

    @property
    def plain(self) -> bool:
        """Nothing but words, which the index of words finds best: it knows no signs between them."""
        return all(one.isalnum() or one == " " for one in self.text) and not _UNSPACED.search(self.text)

    @property
    def wordy(self) -> bool:
        """Whether the index of words can find it at all: `c++` would be any c there."""
        long = any(len(run) > 1 for run in _RUN.findall(self.text))
        return (long or self.text.isalnum()) and not _UNSPACED.search(self.text)

    def as_words(self, endings: Endings) -> str:
        """Return what to match in the index of words: the last one by its beginning, unless it is closed."""
        runs = _RUN.findall(self.text)
        if self.closed or not runs or len(runs[-1]) < PREFIX:
            return quoted(self.text)
        begin = runs[-1]
        if begin.isascii():
            words = endings(begin.lower(), MOST_NAMED if len(runs) == 1 else MOST_PHRASES)
            if words:
                before = self.text[: self.text.rindex(begin)]
                return "(" + " OR ".join(quoted(before + word) for word in words) + ")"
        return quoted(self.text) + "*"


class Plan(NamedTuple):
    """How the pieces are looked for; every part has to hold."""

    indexed: tuple[tuple[str, str], ...]
    """Per index what to match there."""
    like: tuple[str, ...]
    """What no index can find."""


def pieces_of(words: str) -> tuple[list[Piece], bool]:
    """Take apart what was typed.

    Returns:
        The words and phrases that are looked for, and whether something was left out.
    """
    text = without_surrogates(words[:QUERY_CHARACTERS]).replace("\0", " ")
    found = []
    for phrase, end, word in _PIECE.findall(text):
        piece = " ".join((phrase or word).split())
        if piece:
            found.append(Piece(piece, bool(end)))
    cut = [Piece(one.text[:MAX_CHARACTERS].rstrip(), one.closed) for one in found[:MAX_WORDS]]
    return cut, cut != found or len(words) > QUERY_CHARACTERS


def plan_of(pieces: Sequence[Piece], indexes: frozenset[str], endings: Endings) -> Plan:
    """Tell which index finds each piece, of those that there are.

    Args:
        pieces: what is looked for.
        indexes: those that there are.
        endings: looks words up in the index of words.
    """
    words, trigram = (name in indexes for name in INDEXES)
    matches: dict[str, list[str]] = {INDEXES[1]: [], INDEXES[0]: []}
    rest: list[str] = []
    for piece in pieces:
        if words and piece.plain:
            matches[INDEXES[0]].append(piece.as_words(endings))
        elif trigram and len(piece.text) >= TRIGRAM:
            matches[INDEXES[1]].append(quoted(piece.text))
        elif words and piece.wordy:
            matches[INDEXES[0]].append(piece.as_words(endings))
        else:
            rest.append(piece.text)
    # a parenthesis and what follows it want the word between them
    return Plan(tuple((table, " AND ".join(some)) for table, some in matches.items() if some), tuple(rest))


def quoted(text: str) -> str:
    """Return a text in double quotes, as SQL's names and FTS5's phrases are."""
    return '"' + text.replace('"', '""') + '"'


def pattern(text: str) -> str:
    """Return a text for LIKE with an escape of a backslash."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def like(expression: str, texts: Sequence[str]) -> tuple[str, list[object]]:
    """An SQL condition that holds when `expression` holds every text, and its values.

    LIKE knows upper and lower case of ASCII only, so other letters are asked for in each case.
    """
    clauses, values = ["1"], list[object]()
    for text in texts:
        cases = {text} if text.isascii() else {text, text.lower(), text.upper(), text.capitalize()}
        clauses.append("(" + " OR ".join([f"{expression} LIKE ? ESCAPE '\\'"] * len(cases)) + ")")
        values += [f"%{pattern(one)}%" for one in sorted(cases)]
    return "(" + " AND ".join(clauses) + ")", values


def everything(columns: set[object]) -> str:
    """An SQL expression of what Hermes' indexes hold of a message."""
    more = [f"COALESCE({name}, '')" for name in ("tool_name", "tool_calls") if name in columns]
    return "(" + " || ' ' || ".join([f"COALESCE({TEXT}, '')", *more]) + ")"


def visible(columns: set[object]) -> str:
    """An SQL condition for rows that count: rewound ones do not, compacted ones do."""
    if "active" not in columns:
        return "1"
    return "(active OR compacted)" if "compacted" in columns else "active"
