"""Find sessions by the words of their messages, in a Hermes database.

Hermes keeps two FTS5 indexes of content, tool name and tool calls: `messages_fts` knows words,
`messages_fts_trigram` every run of three characters. As in its own `SessionDB.search_messages` (0.19.0),
every word has to occur in the same message, rewound rows are out and compacted ones in, words of scripts
without spaces are looked up in the trigram index, and those shorter than three characters by LIKE. Unlike
there, the query has no operators, so that nothing a person types is a syntax error, and words with signs in
them go through the trigram index as well.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.errors import SourceError
from warmtui.sources.base import OnFound, SearchResult
from warmtui.sources.hermes.lineage import SUMMARY_PREFIXES
from warmtui.sources.hermes.rows import HARNESS_PREFIXES
from warmtui.sources.live_database import LiveDatabase, ReadInterruptedError
from warmtui.sources.search_words import MAX_CHARACTERS, MAX_WORDS, Piece, pieces_of

INDEXES = ("messages_fts", "messages_fts_trigram")
INDEX_WINDOW = 250_000
"""Messages that one query of an index covers: about 150 ms where every message holds the words."""
SCAN_WINDOW = 20_000
"""Messages that one query by LIKE covers: about 30 ms, so that no read stays open."""
SECONDS = 2.0
"""After this many seconds a search ends with what it has, as reading a locked database does."""
TRIGRAM = 3
"""The trigram tokenizer finds nothing shorter: https://sqlite.org/fts5.html#the_trigram_tokenizer."""
PREFIX = 3
"""From this many letters on, a word is found by its beginning, as few as the trigram index takes; a shorter
one is found whole: all that begins with two letters is most of a history."""
_UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Myanmar, Khmer
    "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
    "]"
)
"""Scripts whose words the unicode61 tokenizer cannot tell apart, Hermes' list and their neighbours."""
_RUN = re.compile(r"[^\W_]+")
_FILLS = re.compile(r"\bINSERT\s+ON\s+messages\b.*?\bINTO\s+(\w+)", re.IGNORECASE | re.DOTALL)
_TEXT = (
    "CASE WHEN m.content < char(1) THEN CAST(substr(CAST(m.content AS BLOB), 2) AS TEXT) ELSE m.content END"
)
"""LIKE stops at a NUL, and content that is a list of parts begins with one."""


class _Plan(NamedTuple):
    """How the pieces are searched for; a message must match every part."""

    matches: dict[str, str]
    """What to match in each index."""
    like: list[str]
    """What no index can find."""


def search_sessions(
    db: LiveDatabase, words: str, *, limit: int, on_found: OnFound = lambda ids: None
) -> SearchResult:
    """Find the sessions with a message that holds every word; titles are not searched.

    Words of letters and digits are found by their beginnings, in any case, through the index without
    accents too; text in quotes as whole words in this order; words with signs in them (`cart.py`, `c++`)
    and words of scripts without spaces as they are written, anywhere. Compaction copies rows, so a child
    session is found by words of its parent that it was given.

    Args:
        db: the database, for as long as the search lasts. `LiveDatabase.interrupt` from another thread ends
            the search within one query.
        words: any text.
        limit: how many sessions at most.
        on_found: called with the sessions found so far while older messages are searched.

    Returns:
        The sessions, by their newest message with the words, newest first, and what a person should know.

    Raises:
        ReadInterruptedError: `interrupt` was called after the search began.
        SourceError: the database cannot be read.
    """
    return _Search(db, max(0, limit), on_found).run(words)


class _Search:
    """One search; it looks at the clock and at interrupts between its queries."""

    def __init__(self, db: LiveDatabase, limit: int, on_found: OnFound) -> None:
        self._limit = limit
        self._on_found = on_found
        self._query = db.interruptible()
        self._deadline = time.monotonic() + SECONDS
        self._notes: list[str] = []

    def run(self, words: str) -> SearchResult:
        pieces, cut = pieces_of(words)
        if cut:
            self._notes.append(
                f"only the first {MAX_WORDS} words were searched, {MAX_CHARACTERS} characters of each"
            )
        if not pieces or not self._limit:
            return SearchResult((), "nothing to search for" if not pieces else "")
        ids = list(self._sessions(pieces))
        if len(ids) > self._limit:
            self._notes.append(f"more than {self._limit:,} were found; the newest are shown")
        return SearchResult(tuple(ids[: self._limit]), "; ".join(self._notes))

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def _sessions(self, pieces: Sequence[Piece]) -> dict[str, None]:
        """Sessions with a message that holds the pieces, through the best index that can be read."""
        try:
            kept = self._kept_indexes()
            plan = _plan(pieces, kept)
            if plan.matches:
                return self._indexed(plan)
            why = "" if kept else "Hermes keeps no index of its messages here"
        except ReadInterruptedError:
            raise
        except SourceError as error:
            if self._is_late():
                raise  # it stayed locked: the slower way would wait as long again
            kept, why = frozenset(), f"Hermes' index could not be read ({error.what})"
        if kept:
            self._notes.append("words this short are in no index: messages were searched one by one")
        try:
            found = self._scanned([piece.text for piece in pieces], all_rows=bool(kept))
        except ReadInterruptedError:
            raise
        except SourceError as error:
            self._notes.append(f"only titles were searched: the messages could not be read ({error.what})")
            return {}
        if why:
            self._notes.append(f"{why}: only titles and the person's words were searched")
        return found

    def _columns(self) -> set[object]:
        return {row[1] for row in self._query("PRAGMA table_info(messages)")}

    def _kept_indexes(self) -> frozenset[str]:
        """The indexes that exist and that a trigger still fills: a Hermes without FTS5 drops those."""
        rows = self._query(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') "
            "AND (name IN (?, ?) OR tbl_name = 'messages')",
            INDEXES,
        )
        tables = {str(name) for kind, name, _ in rows if kind == "table"}
        filled = {
            match.lower() for kind, _, sql in rows if kind == "trigger" for match in _FILLS.findall(str(sql))
        }
        return frozenset(tables & filled & set(INDEXES))

    def _indexed(self, plan: _Plan) -> dict[str, None]:
        columns = self._columns()
        wanted, values = _like(_everything(columns), plan.like)
        (table, match), *others = plan.matches.items()
        # the plus keeps SQLite from asking the first index once per hit of the other
        both = "".join(
            f" AND +hits.rowid IN (SELECT rowid FROM {other} WHERE {other} MATCH ?)" for other, _ in others
        )
        sql = (
            f"SELECT m.session_id FROM {table} AS hits CROSS JOIN messages AS m ON m.id = hits.rowid "
            f"WHERE hits.{table} MATCH ? AND hits.rowid > ? AND hits.rowid <= ?{both} "
            f"AND {_visible(columns)} AND {wanted} GROUP BY m.session_id ORDER BY max(m.id) DESC"
        )
        more = [other_match for _, other_match in others]
        return self._windowed(sql, INDEX_WINDOW, [match], [*more, *values])

    def _scanned(self, texts: Sequence[str], *, all_rows: bool) -> dict[str, None]:
        """Sessions by LIKE.

        Args:
            texts: what a message must hold.
            all_rows: look at everything the index would hold, else at what the person wrote.
        """
        columns = self._columns()
        where, values = _like(_everything(columns) if all_rows else _TEXT, texts)
        if not all_rows:
            ours = [f"{_pattern(prefix)}%" for prefix in (*SUMMARY_PREFIXES, *HARNESS_PREFIXES)]
            where = f"m.role = 'user' AND {where}" + " AND m.content NOT LIKE ? ESCAPE '\\'" * len(ours)
            values += ours
        sql = (
            "SELECT m.session_id FROM messages AS m WHERE m.id > ? AND m.id <= ? "
            f"AND {_visible(columns)} AND {where} GROUP BY m.session_id ORDER BY max(m.id) DESC"
        )
        return self._windowed(sql, SCAN_WINDOW, [], values)

    def _windowed(
        self, sql: str, window: int, before: Sequence[object], after: Sequence[object]
    ) -> dict[str, None]:
        """Ask for sessions window by window, newest messages first, until there are too many.

        Args:
            sql: selects sessions, newest first; takes `before`, the window's two ends, `after`.
            window: how many row ids a window covers.
            before: parameters.
            after: parameters.
        """
        found: dict[str, None] = {}
        for low, high in self._windows(window):
            if found:
                self._on_found(frozenset(found))
            if found and self._is_late():
                self._notes.append(f"after {SECONDS:g} s older messages were left out")
                return found
            rows = self._query(sql, (*before, low, high, *after))
            found.update((row[0], None) for row in rows if isinstance(row[0], str))
            if len(found) > self._limit:
                return found
        return found

    def _windows(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield ranges of message ids, newest first, each beginning at a message that exists."""
        high = self._query("SELECT max(id) FROM messages")[0][0]
        while high is not None:
            yield high - size, high
            high = self._query("SELECT max(id) FROM messages WHERE id <= ?", (high - size,))[0][0]


def _plan(pieces: Sequence[Piece], indexes: frozenset[str]) -> _Plan:
    """Decide which of the existing indexes finds each piece."""
    words, trigram = (name in indexes for name in INDEXES)
    matches: dict[str, list[str]] = {INDEXES[1]: [], INDEXES[0]: []}
    rest: list[str] = []
    for piece in pieces:
        if words and _is_plain(piece):
            matches[INDEXES[0]].append(_as_words(piece))
        elif trigram and len(piece.text) >= TRIGRAM:
            matches[INDEXES[1]].append(_quoted(piece.text))
        elif words and _has_words(piece):
            matches[INDEXES[0]].append(_as_words(piece))
        else:
            rest.append(piece.text)
    return _Plan({table: " ".join(parts) for table, parts in matches.items() if parts}, rest)


def _is_plain(piece: Piece) -> bool:
    """Whether it is nothing but words; the index of words knows no signs between them."""
    return all(char.isalnum() or char == " " for char in piece.text) and not _UNSPACED.search(piece.text)


def _has_words(piece: Piece) -> bool:
    """Whether the index of words can find it at all: `c++` would be any c there."""
    long = any(len(run) > 1 for run in _RUN.findall(piece.text))
    return (long or piece.text.isalnum()) and not _UNSPACED.search(piece.text)


def _as_words(piece: Piece) -> str:
    """Return what to match in the index of words: the last one by its beginning, unless it is closed."""
    runs = _RUN.findall(piece.text)
    by_beginning = not piece.closed and runs and len(runs[-1]) >= PREFIX
    return _quoted(piece.text) + ("*" if by_beginning else "")


def _quoted(text: str) -> str:
    """Return a text as an FTS5 phrase."""
    return '"' + text.replace('"', '""') + '"'


def _pattern(text: str) -> str:
    """Return a text for LIKE with an escape of a backslash."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _like(expression: str, texts: Sequence[str]) -> tuple[str, list[object]]:
    """An SQL condition that holds when `expression` holds every text, and its values.

    LIKE knows upper and lower case of ASCII only, so other letters are asked for in each case.
    """
    clauses, values = ["1"], list[object]()
    for text in texts:
        cases = {text} if text.isascii() else {text, text.lower(), text.upper(), text.capitalize()}
        clauses.append("(" + " OR ".join([f"{expression} LIKE ? ESCAPE '\\'"] * len(cases)) + ")")
        values += [f"%{_pattern(case)}%" for case in sorted(cases)]
    return "(" + " AND ".join(clauses) + ")", values


def _everything(columns: set[object]) -> str:
    """An SQL expression for the text of a message that Hermes' indexes hold."""
    more = [f"COALESCE(m.{name}, '')" for name in ("tool_name", "tool_calls") if name in columns]
    return "(" + " || ' ' || ".join([f"COALESCE({_TEXT}, '')", *more]) + ")"


def _visible(columns: set[object]) -> str:
    """An SQL condition for rows that count: rewound ones do not, compacted ones do."""
    if "active" not in columns:
        return "1"
    return "(m.active OR m.compacted)" if "compacted" in columns else "m.active"
