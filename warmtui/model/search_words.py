"""The words of a search: what an index in SQLite finds them by, and where they stand in a text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from warmtui.text import without_surrogates

QUERY_CHARACTERS = 2_048
"""As many as Hermes' own search reads (`MAX_FTS5_QUERY_CHARS`)."""
MAX_WORDS = 8
MAX_CHARACTERS = 64
"""Of one word or phrase: LIKE takes the product of this and of a message's length, and nothing ends it
within one message. What the template search narrows by is the same."""
PREFIX = 3
"""From this many letters on, a word is found by its beginning, as few as a trigram index takes; a shorter
one is found whole: all that begins with two letters is most of a history."""
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
    "]"
)
"""Scripts whose words the unicode61 tokenizer cannot tell apart, Hermes' list and their neighbours."""
_RUN = re.compile(r"[^\W_]+")
_PIECE = re.compile(r'"([^"]*)("?)|([^\s"]+)')
CUT = f"words after the first {MAX_WORDS}, and what follows the first {MAX_CHARACTERS} characters of one"
"""What of a long query is not searched for."""


class Piece(NamedTuple):
    """One word or quoted phrase."""

    text: str
    closed: bool
    """It was in quotes, so its last word is a whole one."""

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but words; an index of words knows no signs between them."""
        return all(char.isalnum() or char == " " for char in self.text) and not _UNSPACED.search(self.text)

    @property
    def has_words(self) -> bool:
        """Whether an index of words can find it at all: `c++` would be any c there."""
        long = any(len(run) > 1 for run in self.runs)
        return (long or self.text.isalnum()) and not _UNSPACED.search(self.text)

    @property
    def runs(self) -> list[str]:
        """Its words."""
        return _RUN.findall(self.text)

    @property
    def by_beginning(self) -> bool:
        """Whether its last word is found by its beginning."""
        return not self.closed and bool(self.runs) and len(self.runs[-1]) >= PREFIX

    @property
    def forms(self) -> tuple[str, ...]:
        """It as written, and as JSON and JSON inside JSON write it: calls and results are often kept so."""
        forms = [self.text]
        for ascii_only in (True, False):
            form = self.text
            for _ in range(2):
                form = json.dumps(form, ensure_ascii=ascii_only)[1:-1]
                forms.append(form)
        return tuple(dict.fromkeys(forms))

    def as_words(self, *, escaped: bool = False) -> str:
        r"""Return what to match in an FTS5 index of words; the last word by its beginning.

        Args:
            escaped: also behind an escape such as `\n`, whose letter the index takes for the word's.
        """
        star = "*" if self.by_beginning else ""
        before = ("", "n", "t", "r") if escaped else ("",)
        return _any_of(_quoted(letter + form) + star for form in self.forms for letter in before)

    def as_trigrams(self) -> str:
        """Return what to match in an FTS5 index of trigrams."""
        return _any_of(map(_quoted, self.forms))

    def like(self) -> list[list[str]]:
        r"""Return patterns for LIKE with the escape `\`: a text that holds it fits one of each list.

        LIKE knows upper and lower case of ASCII only, so other letters are asked for in each case.
        """
        parts = [(run,) for run in self.runs] if self.is_plain else [self.forms]
        found = []
        for forms in parts:
            cases: set[str] = set()
            for form in forms:
                cases |= {form} if form.isascii() else {form, form.lower(), form.upper(), form.capitalize()}
            found.append([f"%{_escaped(case)}%" for case in sorted(cases)])
        return found


def _any_of(matches: Iterable[str]) -> str:
    parts = list(matches)
    return f"({' OR '.join(parts)})" if len(parts) > 1 else parts[0]


def _quoted(text: str) -> str:
    """Return a text as an FTS5 phrase."""
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    """Return a text for LIKE with an escape of a backslash."""
    return re.sub(r"([\\%_])", r"\\\1", text)


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


class Finder:
    """Finds the pieces of a search in texts, by the same rules whatever index found the session.

    Args:
        pieces: what a text must hold, all of it.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._patterns = [_pattern_of(piece) for piece in pieces]

    def holds(self, *texts: str | None) -> bool:
        """Return whether the texts together hold every piece."""
        folded = [_fold(text) for text in texts if text]
        return all(any(pattern.search(text) for text in folded) for pattern in self._patterns)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Find the pieces in a text, in order, without overlaps."""
        folded = _fold(text)
        found = sorted(match.span() for pattern in self._patterns for match in pattern.finditer(folded))
        spans: list[tuple[int, int]] = []
        for start, end in found:
            if not spans or start >= spans[-1][1]:
                spans.append((start, end))
        return spans


def _pattern_of(piece: Piece) -> re.Pattern[str]:
    """Return what finds a piece in a text that `_fold` folded; patterns begin with letters, as `re` likes."""
    forms = dict.fromkeys(map(_fold, piece.forms))
    if not piece.is_plain:
        return re.compile("|".join(map(re.escape, forms)))
    ends = "" if piece.by_beginning else r"(?![^\W_])"
    return re.compile("|".join(f"{_words_pattern(form.split())}{ends}" for form in forms))


def _words_pattern(words: Sequence[str]) -> str:
    r"""Return a pattern of whole words but the last; one also begins after `\n` in text kept as JSON."""
    first, *others = map(re.escape, words)
    begins = rf"{first}(?:(?<![^\W_]{first})|(?<=\\[nrt]{first}))"
    return begins + "".join(rf"(?:\\[nrt]|[\W_])+{word}" for word in others)


def _fold(text: str) -> str:
    """Return a text of the same length in lower case, without accents, as the index of words compares it."""
    return text.lower() if text.isascii() else "".join(map(_base, text))


@lru_cache(maxsize=10_000)
def _base(char: str) -> str:
    base = unicodedata.normalize("NFD", char)
    plain = base[0] if len(base) > 1 and all(map(unicodedata.combining, base[1:])) else char
    lower = plain.lower()
    return lower if len(lower) == 1 else plain
