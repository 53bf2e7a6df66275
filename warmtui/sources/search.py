"""Finding sessions by the words of their messages, in a Hermes database.

Hermes keeps two FTS5 indexes of content, tool name and tool calls: `messages_fts` knows words,
`messages_fts_trigram` every run of three characters. As its own `SessionDB.search_messages` (0.19.0) does,
every word has to occur in the same message, rewound rows are out and compacted ones in, words of scripts
without spaces are looked up in the trigram index, and shorter ones than three characters by LIKE. Other
than there, the query has no operators, so that nothing a person types is a syntax error, and words with
signs in them go through the trigram index as well.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from warmtui.errors import SourceError
from warmtui.sources.hermes_rows import HARNESS_PREFIXES
from warmtui.sources.lineage import SUMMARY_PREFIXES
from warmtui.sources.live import LiveDatabase, ReadInterruptedError
from warmtui.sources.text import without_surrogates

How = Literal["fts", "like", "titles"]

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
PAGE_ROWS = 20_000
"""Rows looked at in one query: about 30 ms on 436,000 messages, so that no read stays open."""
FIRST_ROWS = 2_000
"""Rows of an index looked at in the first query, so that something is found within a few milliseconds."""
SECONDS = 2.0
"""After this long a search ends with what it has, as reading a locked database does."""
_CHUNK = 500

_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
    "]"
)
"""Scripts whose words the unicode61 tokenizer cannot tell apart, Hermes' list and their neighbours."""
_PIECE = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_RUN = re.compile(r"[^\W_]+")
_INDEXES = ("messages_fts", "messages_fts_trigram")
_FILLS = re.compile(r"\bINSERT\s+ON\s+messages\b.*?\bINTO\s+(\w+)", re.IGNORECASE | re.DOTALL)

_TEXT = "CASE WHEN content < char(1) THEN CAST(substr(CAST(content AS BLOB), 2) AS TEXT) ELSE content END"
"""LIKE stops at a NUL, and content that is a list of parts begins with one."""


class SearchResult(NamedTuple):
    """The sessions that were found."""

    ids: tuple[str, ...]
    """Newest first, as a listing has them."""
    how: How
    """Through Hermes' index; by LIKE over messages; or in titles only. Titles are always looked at."""
    note: str
    """What a person should know about it; "" when all messages were searched through the index."""


class _Piece(NamedTuple):
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

    def as_words(self) -> str:
        runs = _RUN.findall(self.text)
        star = "*" if runs and len(runs[-1]) >= PREFIX and not self.closed else ""
        return _quoted(self.text) + star


class _Plan(NamedTuple):
    """How the pieces are looked for; every part has to hold."""

    indexed: tuple[tuple[str, str], ...]
    """Per index what to match there."""
    like: tuple[str, ...]
    """What no index can find."""


Told = Callable[[frozenset[str]], None]
"""Hears of sessions as they are found."""


def search_sessions(
    db: LiveDatabase, words: str, *, limit: int, told: Told = lambda found: None
) -> SearchResult:
    """Find the sessions with a message that holds every word, or with a title that does.

    Words of letters and digits are found by their beginnings, in any case, through the index without
    accents too; what stands in quotes as whole words in this order; words with signs in them (`cart.py`,
    `c++`) and words of scripts without spaces as they stand, anywhere. Compaction copies rows, so a child
    session is found by words of its parent that it was given.

    `LiveDatabase.interrupt()` from another thread ends the search within one query, also between two
    of them. It ends whatever the connection does, so a search that is interrupted as a person types
    needs a `LiveDatabase` of its own, used by one search at a time.

    Args:
        db: the database, for as long as the search lasts.
        words: any text.
        limit: how many sessions at most.
        told: hears of those found so far, after a few milliseconds and again and again: a word that stands
            in every message takes a third of a second to be looked for in all.

    Returns:
        The sessions, how they were found, and what to say about it.

    Raises:
        ReadInterruptedError: `interrupt` was called after the search began.
        SourceError: not even titles can be read.
    """
    return _Search(db, limit, told).run(words)


class _Search:
    """One search; it keeps an eye on the clock and on interrupts between its queries."""

    def __init__(self, db: LiveDatabase, limit: int, told: Told) -> None:
        self._db = db
        self._limit = max(0, limit)
        self._told = told
        self._interrupts = db.interrupts
        self._deadline = time.monotonic() + SECONDS
        self._notes: list[str] = []

    def run(self, words: str) -> SearchResult:
        pieces = self._pieces(words)
        if not pieces or not self._limit:
            return SearchResult((), "titles", "nothing to search for" if not pieces else "")
        titled = self._titled(pieces)
        said, how = self._said(pieces)
        ids = self._newest_first({*titled, *said})
        if len(ids) > self._limit:
            self._notes.append(f"more than {self._limit:,} were found; the newest are shown")
        return SearchResult(tuple(ids[: self._limit]), how, "; ".join(self._notes))

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        if self._db.interrupts != self._interrupts:
            raise ReadInterruptedError(f"searching {self._db.path} was interrupted")
        return self._db.query(sql, values)

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _pieces(self, words: str) -> list[_Piece]:
        text = without_surrogates(words[:QUERY_CHARACTERS]).replace("\0", " ")
        found = []
        for phrase, end, word in _PIECE.findall(text):
            piece = " ".join((phrase or word).split())
            if piece:
                found.append(_Piece(piece, bool(end)))
        cut = [_Piece(one.text[:MAX_CHARACTERS].rstrip(), one.closed) for one in found[:MAX_WORDS]]
        if cut != found or len(words) > QUERY_CHARACTERS:
            self._notes.append(
                f"only the first {MAX_WORDS} words were searched, {MAX_CHARACTERS} characters of each"
            )
        return cut

    def _said(self, pieces: Sequence[_Piece]) -> tuple[set[str], How]:
        """Sessions with a message that holds the pieces."""
        try:
            kept = self._kept_indexes()
            plan = _plan(pieces, kept)
            if plan.indexed:
                return self._indexed(plan), "fts"
            why = "" if kept else "Hermes keeps no index of its messages here"
        except ReadInterruptedError:
            raise
        except SourceError as error:
            if self._late():
                raise  # it stayed locked: the slower way would wait as long again
            kept, why = frozenset(), f"Hermes' index could not be read ({error.what})"
        all_rows = bool(kept)
        if all_rows:
            self._notes.append("words this short are in no index: messages were searched one by one")
        try:
            found = self._scanned([piece.text for piece in pieces], all_rows)
        except ReadInterruptedError:
            raise
        except SourceError as error:
            self._notes.append(f"only titles were searched: the messages could not be read ({error.what})")
            return set(), "titles"
        if why:
            self._notes.append(f"{why}: only titles and the person's words were searched")
        return found, "like"

    def _columns(self, table: str) -> set[object]:
        return {row[1] for row in self._query(f"PRAGMA table_info({table})")}

    def _kept_indexes(self) -> frozenset[str]:
        """The indexes that exist and that a trigger still fills: a Hermes without FTS5 drops those."""
        rows = self._query(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') "
            "AND (name IN (?, ?) OR tbl_name = 'messages')",
            _INDEXES,
        )
        there = {str(name) for kind, name, _ in rows if kind == "table"}
        filled = {
            match.lower() for kind, _, sql in rows if kind == "trigger" for match in _FILLS.findall(str(sql))
        }
        return frozenset(there & filled & set(_INDEXES))

    def _indexed(self, plan: _Plan) -> set[str]:
        columns = self._columns("messages")
        wanted, values = _like(_everything(columns), plan.like)
        (table, match), *others = plan.indexed
        # the plus keeps SQLite from asking the first index once per hit of the other
        both = "".join(f" AND +rowid IN (SELECT rowid FROM {one} WHERE {one} MATCH ?)" for one, _ in others)
        # outer join: a row of an index whose message is gone still counts towards the page
        sql = (
            f"SELECT session_id, max({_visible(columns)} AND {wanted}), min(hit), count(*) FROM "
            f"(SELECT rowid AS hit FROM {table} WHERE {table} MATCH ? AND rowid < ?{both} "
            "ORDER BY rowid DESC LIMIT ?) LEFT JOIN messages ON messages.id = hit "
            "GROUP BY session_id"
        )
        more = [one for _, one in others]
        found: set[str] = set()
        below = 2**63 - 1
        page = min(FIRST_ROWS, PAGE_ROWS)
        while True:
            rows = self._query(sql, (*values, match, below, *more, page))
            found |= {one for one, fits, *_ in rows if isinstance(one, str) and fits}
            if sum(int(str(row[3])) for row in rows) < page or len(found) > self._limit:
                return found
            self._told(frozenset(found))
            page = min(2 * page, PAGE_ROWS)
            below = min(int(str(row[2])) for row in rows)
            if self._late():
                self._notes.append(f"after {SECONDS:g} s older messages were left out")
                return found

    def _scanned(self, texts: Sequence[str], all_rows: bool) -> set[str]:
        """Sessions by LIKE, page by page from the newest message on.

        Args:
            texts: what a message must hold.
            all_rows: look at everything the index would hold, else at what the person wrote.
        """
        columns = self._columns("messages")
        where, values = _like(_everything(columns) if all_rows else _TEXT, texts)
        if not all_rows:
            ours = [f"{_pattern(prefix)}%" for prefix in (*SUMMARY_PREFIXES, *HARNESS_PREFIXES)]
            where = f"role = 'user' AND {where}" + " AND content NOT LIKE ? ESCAPE '\\'" * len(ours)
            values += ours
        sql = (
            "SELECT DISTINCT session_id FROM messages "
            f"WHERE id < ? AND id >= ? AND {_visible(columns)} AND {where}"
        )
        found: set[str] = set()
        below = 2**63 - 1
        while True:
            start = self._query(
                f"SELECT id FROM messages WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET {PAGE_ROWS - 1}",
                (below,),
            )
            low = int(str(start[0][0])) if start else -(2**63)
            found |= {row[0] for row in self._query(sql, (below, low, *values)) if isinstance(row[0], str)}
            if not start or len(found) > self._limit:
                return found
            self._told(frozenset(found))
            below = low
            if self._late():
                self._notes.append(f"after {SECONDS:g} s older messages were left out")
                return found

    def _titled(self, pieces: Sequence[_Piece]) -> set[str]:
        if "title" not in self._columns("sessions"):
            return set()
        where, values = _like("title", [piece.text for piece in pieces])
        sql = f"SELECT id FROM sessions WHERE {where} ORDER BY started_at DESC LIMIT ?"
        return {str(row[0]) for row in self._query(sql, (*values, self._limit + 1))}

    def _newest_first(self, ids: set[str]) -> list[str]:
        """Sort by the sessions' own order; ids that belong to no session are left out."""
        rows: list[tuple[object, ...]] = []
        all_ids = sorted(ids)
        for at in range(0, len(all_ids), _CHUNK):
            part = all_ids[at : at + _CHUNK]
            marks = ",".join("?" * len(part))
            rows += self._query(f"SELECT started_at, id FROM sessions WHERE id IN ({marks})", part)
        numbered = [(at if isinstance(at, (int, float)) else 0.0, str(one)) for at, one in rows]
        return [one for _, one in sorted(numbered, reverse=True)]


def _plan(pieces: Sequence[_Piece], indexes: frozenset[str]) -> _Plan:
    words, trigram = (name in indexes for name in _INDEXES)
    matches: dict[str, list[str]] = {_INDEXES[1]: [], _INDEXES[0]: []}
    like: list[str] = []
    for piece in pieces:
        if words and piece.plain:
            matches[_INDEXES[0]].append(piece.as_words())
        elif trigram and len(piece.text) >= TRIGRAM:
            matches[_INDEXES[1]].append(_quoted(piece.text))
        elif words and piece.wordy:
            matches[_INDEXES[0]].append(piece.as_words())
        else:
            like.append(piece.text)
    return _Plan(tuple((table, " ".join(some)) for table, some in matches.items() if some), tuple(like))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _pattern(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _like(expression: str, texts: Sequence[str]) -> tuple[str, list[object]]:
    """An SQL condition that holds when `expression` holds every text, and its values.

    LIKE knows upper and lower case of ASCII only, so other letters are asked for in each case.
    """
    clauses, values = ["1"], list[object]()
    for text in texts:
        cases = {text} if text.isascii() else {text, text.lower(), text.upper(), text.capitalize()}
        clauses.append("(" + " OR ".join([f"{expression} LIKE ? ESCAPE '\\'"] * len(cases)) + ")")
        values += [f"%{_pattern(one)}%" for one in sorted(cases)]
    return "(" + " AND ".join(clauses) + ")", values


def _everything(columns: set[object]) -> str:
    """An SQL expression of what Hermes' indexes hold of a message."""
    more = [f"COALESCE({name}, '')" for name in ("tool_name", "tool_calls") if name in columns]
    return "(" + " || ' ' || ".join([f"COALESCE({_TEXT}, '')", *more]) + ")"


def _visible(columns: set[object]) -> str:
    """An SQL condition for rows that count: rewound ones do not, compacted ones do."""
    if "active" not in columns:
        return "1"
    return "(active OR compacted)" if "compacted" in columns else "active"
