"""Find sessions by the words of their messages, in a Hermes database.

Hermes keeps FTS5 indexes of its messages: `messages_fts` knows words, `messages_fts_trigram` every run of
three characters. Up to schema 22 both hold content, tool name and calls of every message. Later ones read a
view, which cuts results to their first 8,192 characters or leaves out results, calls and whole sessions.
So an index is asked first, and messages that it does not reach are looked at one by one, newest first.

As in Hermes' own `SessionDB.search_messages`, every word has to occur in the same message, rewound rows are
out and compacted ones in, words of scripts without spaces are looked up in the trigram index, and those
shorter than three characters by LIKE. Unlike there, the query has no operators, so that nothing a person
types is a syntax error, and words with signs in them go through the trigram index as well.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson

from warmtui.errors import SourceError
from warmtui.model.search_words import CUT, Finder, Piece, pieces_of
from warmtui.sources.base import OnFound, SearchResult
from warmtui.sources.live_database import LiveDatabase, Query, ReadInterruptedError

WORDS, TRIGRAMS = INDEXES = ("messages_fts", "messages_fts_trigram")
INDEX_WINDOW = 250_000
"""Messages that one query of an index covers: about 150 ms where every message holds the words."""
SCAN_WINDOW = 5_000
"""Messages that one query by LIKE covers: about 20 ms, so that no read stays open."""
SECONDS = 2.0
"""After this many seconds a search ends with what it has, as reading a locked database does."""
PATIENCE = 5
"""A search that has found nothing yet goes on for this many times as long."""
LONG_TEXTS = 500
"""Long messages that one query looks at."""
TRIGRAM = 3
"""The trigram tokenizer finds nothing shorter: https://sqlite.org/fts5.html#the_trigram_tokenizer."""
_FILLS = re.compile(r"\bINSERT\s+ON\s+messages\b.*?\bINTO\s+(\w+)", re.IGNORECASE | re.DOTALL)
_CONTENT = re.compile(r"\bcontent\s*=\s*['\"]?(\w*)", re.IGNORECASE)
"""The table or view that an index reads, in its SQL; none where the index keeps the text itself."""
_CUT = re.compile(r"\bsubstr(?:ing)?\s*\(.*?,\s*1\s*,\s*(\d+)\s*\)", re.IGNORECASE | re.DOTALL)
_PICKS = re.compile(r"\b(?:WHERE|JOIN|LIMIT|HAVING|EXCEPT|INTERSECT)\b", re.IGNORECASE)
_LENGTH = "octet_length" if sqlite3.sqlite_version_info >= (3, 43) else "length"
"""Bytes, which are at least as many as characters and are known without reading the text."""
_TEXT = (
    "CASE WHEN m.content < char(1) THEN CAST(substr(CAST(m.content AS BLOB), 2) AS TEXT) ELSE m.content END"
)
"""LIKE stops at a NUL, and content that is a list of parts begins with one."""


class _Plan(NamedTuple):
    """How the pieces are searched for; a message must match every part."""

    matches: dict[str, str]
    """What to match in each index."""
    like: list[Piece]
    """What no index can find."""


class _Statement(NamedTuple):
    """A query of one window: it selects sessions with their newest message that holds the words."""

    sql: str
    """It takes the ends of the window, the sessions found so far as JSON, and `values`."""
    values: Sequence[object]


class _Unreached(NamedTuple):
    """Which messages an index does not reach."""

    rows: str = ""
    """An SQL condition; "" for none."""
    cut: int = 0
    """It holds only so many characters of each content; 0 for all."""


class LongTexts:
    """The messages whose content is longer than an index holds, kept between the searches of one database.

    Finding them reads every content, in SQLite before 3.43 as a whole. Hermes inserts messages and changes
    their flags, but never what one says, so each is looked at once.

    Args:
        cut: so many characters an index holds.
    """

    def __init__(self, cut: int) -> None:
        self.cut = cut
        self._ids: list[int] = []
        """Newest first."""
        self._low = self._high = 0
        """Messages above the first and up to the second were looked at."""

    def pages(self, query: Query) -> Iterator[list[int]]:
        """Yield their ids, newest first; those that were not looked at yet window by window.

        Args:
            query: of the database.
        """
        top = query("SELECT max(id) FROM messages")[0][0] or 0
        if not self._high or top < self._high:
            self._ids, self._low, self._high = [], top, top
        newer: list[int] = []
        for low in range(self._high, top, SCAN_WINDOW):
            newer = self._between(query, low, min(low + SCAN_WINDOW, top)) + newer
        self._ids, self._high = newer + self._ids, top
        for start in range(0, len(self._ids), LONG_TEXTS):
            yield self._ids[start : start + LONG_TEXTS]
        while self._low > 0:
            # beginning at a message that exists
            high = query("SELECT max(id) FROM messages WHERE id <= ?", (self._low,))[0][0] or 0
            older = self._between(query, high - SCAN_WINDOW, high)
            self._ids += older
            self._low = max(0, high - SCAN_WINDOW)
            yield older

    def _between(self, query: Query, low: int, high: int) -> list[int]:
        sql = f"SELECT id FROM messages WHERE id > ? AND id <= ? AND {_LENGTH}(content) > ? ORDER BY id DESC"
        return [row[0] for row in query(sql, (low, high, self.cut))]


def search_sessions(
    db: LiveDatabase,
    words: str,
    *,
    limit: int,
    on_found: OnFound = lambda ids: None,
    long_texts: dict[int, LongTexts] | None = None,
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
        long_texts: of this database, by what an index holds of them; kept by the caller for the next search.

    Returns:
        The sessions, by their newest message with the words, newest first, what a person should know, and
        what was not searched.

    Raises:
        ReadInterruptedError: `interrupt` was called after the search began.
        SourceError: the database cannot be read.
    """
    return _Search(db, max(0, limit), on_found, {} if long_texts is None else long_texts).run(words)


class _Search:
    """One search; it looks at the clock and at interrupts between its queries."""

    def __init__(
        self, db: LiveDatabase, limit: int, on_found: OnFound, long_texts: dict[int, LongTexts]
    ) -> None:
        self._db = db
        self._long_texts = long_texts
        self._limit = limit
        self._on_found = on_found
        self._query = db.interruptible()
        self._began = time.monotonic()
        self._notes: list[str] = []
        self._not_searched: list[str] = []
        self._is_over = False
        """Whether the time is over."""
        self._found: dict[str, int] = {}
        """Sessions with the newest message of each that holds the words."""

    def run(self, words: str) -> SearchResult:
        pieces, cut = pieces_of(words)
        if cut:
            self._not_searched.append(CUT)
        if not pieces or not self._limit:
            return SearchResult((), "nothing to search for" if not pieces else "")
        self._find(pieces)
        ids = sorted(self._found, key=self._found.__getitem__, reverse=True)
        if len(ids) > self._limit:
            self._not_searched.append(f"more sessions with the words than the newest {self._limit:,}")
        return SearchResult(tuple(ids[: self._limit]), "; ".join(self._notes), tuple(self._not_searched))

    @property
    def _allowed(self) -> float:
        """Seconds that it may take."""
        return SECONDS if self._found else SECONDS * PATIENCE

    def _is_late(self) -> bool:
        return time.monotonic() - self._began > self._allowed

    def _find(self, pieces: Sequence[Piece]) -> None:
        """Ask the indexes that can be read, and look at the messages that they do not reach."""
        self._db.add_function("holds", Finder(pieces).holds)
        rest, why = _Unreached("1"), ""
        try:
            indexes = self._kept_indexes()
            plan = _plan(pieces, indexes.keys())
            if plan.matches:
                self._indexed(pieces, indexes.keys())
                rest = _together([indexes[table] for table in plan.matches])
            elif indexes:
                why = "words this short are in no index"
            else:
                why = "Hermes keeps no index of its messages here"
        except ReadInterruptedError:
            raise
        except SourceError as error:
            if time.monotonic() - self._began > SECONDS:
                raise  # it stayed locked: the slower way would wait as long again
            why = f"Hermes' index could not be read ({error.what})"
        if why:
            self._notes.append(f"{why}: messages were searched one by one")
        if rest == _Unreached() or self._is_over or len(self._found) > self._limit:
            return
        try:
            self._scanned(pieces, rest, "" if why else "texts that Hermes' index leaves out, in ")
        except ReadInterruptedError:
            raise
        except SourceError as error:
            self._not_searched.append(f"messages that could not be read ({error.what})")

    def _columns(self, table: str) -> set[object]:
        return {row[1] for row in self._query(f"PRAGMA table_info({table})")}

    def _kept_indexes(self) -> dict[str, _Unreached]:
        """Find the indexes that exist and that a trigger still fills: a Hermes without FTS5 drops those.

        Returns:
            For each which messages it does not reach.
        """
        rows = self._query(
            "SELECT type, name, sql FROM sqlite_master "
            "WHERE type IN ('table', 'view') OR type = 'trigger' AND tbl_name = 'messages'"
        )
        written = {str(name): str(sql) for kind, name, sql in rows if kind != "trigger"}
        filled = {
            match.lower() for kind, _, sql in rows if kind == "trigger" for match in _FILLS.findall(str(sql))
        }
        columns = self._columns("messages")
        waiting = self._waiting_for_index() if "state_meta" in written else ""
        return {
            table: _together([_unreached(written, table, self._columns(table), columns), _Unreached(waiting)])
            for table in INDEXES
            if table in written and table in filled
        }

    def _waiting_for_index(self) -> str:
        """Return an SQL condition for the messages that a rebuild of the indexes has not come to; or ""."""
        keys = ("fts_rebuild_progress", "fts_rebuild_high_water")
        done, end = (
            self._query("SELECT CAST(value AS INTEGER) FROM state_meta WHERE key = ?", (key,)) for key in keys
        )
        return (
            f"(m.id > {int(done[0][0] or 0) if done else 0} AND m.id <= {int(end[0][0] or 0)})" if end else ""
        )

    def _indexed(self, pieces: Sequence[Piece], indexes: Collection[str]) -> None:
        columns = self._columns("messages")
        visible = _visible(columns)
        statements = []
        for escaped in (False, True):
            plan = _plan(pieces, indexes, escaped=escaped)
            if escaped and WORDS not in plan.matches:
                continue
            wanted, values = _like(columns, plan.like)
            (table, match), *others = plan.matches.items()
            # the plus keeps SQLite from asking the first index once per hit of the other
            both = "".join(
                f" AND +hits.rowid IN (SELECT rowid FROM {other} WHERE {other} MATCH ?)"
                for other, _ in others
            )
            fresh, checked = (_NEW, f" AND {_holds(columns)}") if escaped else (_ANY, "")
            statements.append(
                _Statement(
                    f"SELECT m.session_id, max(m.id) FROM {table} AS hits "
                    "CROSS JOIN messages AS m ON m.id = hits.rowid "
                    f"WHERE hits.rowid > ? AND hits.rowid <= ? AND {fresh} AND hits.{table} MATCH ?{both} "
                    f"AND {visible} AND {wanted}{checked} GROUP BY m.session_id",
                    [match, *(other_match for _, other_match in others), *values],
                )
            )
        self._windowed(statements, INDEX_WINDOW, "")

    def _scanned(self, pieces: Sequence[Piece], rest: _Unreached, what: str) -> None:
        """Look at messages one by one.

        Args:
            pieces: what a message must hold.
            rest: the messages to look at.
            what: of them is looked at, as it is said when the time is over.
        """
        columns = self._columns("messages")
        wanted, values = _like(columns, pieces)
        which, holding = f"{_visible(columns)} AND {_NEW}", f"{wanted} AND {_holds(columns)}"
        if rest.rows:
            rows = f"{rest.rows} OR {_LENGTH}(m.content) > {rest.cut}" if rest.cut else rest.rows
            sql = (
                "SELECT m.session_id, max(m.id) FROM messages AS m WHERE m.id > ? AND m.id <= ? "
                f"AND {which} AND ({rows}) AND {holding} GROUP BY m.session_id"
            )
            self._windowed([_Statement(sql, values)], SCAN_WINDOW, what)
            return
        sql = (
            "SELECT m.session_id, max(m.id) FROM json_each(?) AS chosen "
            "CROSS JOIN messages AS m ON m.id = chosen.value "
            f"WHERE {which} AND {holding} GROUP BY m.session_id"
        )
        texts = self._long_texts.setdefault(rest.cut, LongTexts(rest.cut))
        for ids in texts.pages(self._query):
            if not self._goes_on(what):
                return
            self._take(sql, orjson.dumps(ids).decode(), orjson.dumps(list(self._found)).decode(), *values)

    def _windowed(self, statements: Sequence[_Statement], window: int, what: str) -> None:
        """Ask for sessions window by window, newest messages first, until there are too many.

        Args:
            statements: take the window's two ends, the sessions found so far, and their values.
            window: how many row ids a window covers.
            what: of the messages is looked at, as it is said when the time is over.
        """
        began = True
        for low, high in self._windows(window):
            if not self._goes_on(what, began=began):
                return
            began = False
            for sql, values in statements:
                self._take(sql, low, high, orjson.dumps(list(self._found)).decode(), *values)

    def _goes_on(self, what: str, *, began: bool = False) -> bool:
        """Tell what was found so far; return whether there is time for more, and use for it.

        Args:
            what: of the messages is looked at, as it is said when the time is over.
            began: whether nothing of them was looked at yet, which is done in any case.
        """
        if len(self._found) > self._limit:
            return False
        if self._found:
            self._on_found(frozenset(self._found))
        self._is_over = not began and self._is_late()
        if self._is_over:
            over = f"the search ended after {self._allowed:g} s"
            self._not_searched.append(f"{what}older messages: {over}")
        return not self._is_over

    def _take(self, sql: str, *values: object) -> None:
        """Add the sessions that a query finds, each with its newest message."""
        for session, newest in self._query(sql, values):
            if isinstance(session, str):
                self._found[session] = max(newest, self._found.get(session, 0))

    def _windows(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield ranges of message ids, newest first, each beginning at a message that exists."""
        high = self._query("SELECT max(id) FROM messages")[0][0]
        while high is not None:
            yield high - size, high
            high = self._query("SELECT max(id) FROM messages WHERE id <= ?", (high - size,))[0][0]


_NEW = "m.session_id NOT IN (SELECT value FROM json_each(?))"
"""A message of a session that is not found yet."""
_ANY = "? IS NOT NULL"
"""A message of any session, found or not."""


def _together(parts: Sequence[_Unreached]) -> _Unreached:
    """Return what at least one index does not reach."""
    rows = " OR ".join(dict.fromkeys(part.rows for part in parts if part.rows))
    return _Unreached(rows, min((part.cut for part in parts if part.cut), default=0))


def _unreached(
    written: Mapping[str, str], table: str, indexed: set[object], columns: set[object]
) -> _Unreached:
    """Return which messages an index does not reach.

    Args:
        written: the SQL of every table and view.
        table: the index.
        indexed: its columns.
        columns: those of the messages.
    """
    reads = _CONTENT.search(written[table])
    if reads is None:
        return _Unreached()  # it keeps everything itself
    if columns & {"tool_name", "tool_calls"} - indexed:
        return _Unreached("1")
    view = written.get(reads[1], "")
    cuts = _CUT.findall(view)
    if reads[1] != "messages" and (
        _PICKS.search(view) or len(cuts) != view.lower().count("substr") or not view
    ):
        return _Unreached("1")
    return _Unreached(cut=min(map(int, cuts), default=0))


def _plan(pieces: Sequence[Piece], indexes: Collection[str], *, escaped: bool = False) -> _Plan:
    """Decide which of the existing indexes finds each piece; `escaped`: also behind an escape of JSON."""
    words, trigram = WORDS in indexes, TRIGRAMS in indexes
    matches: dict[str, list[str]] = {TRIGRAMS: [], WORDS: []}
    rest: list[Piece] = []
    for piece in pieces:
        if words and piece.is_plain:
            matches[WORDS].append(piece.as_words(escaped=escaped))
        elif trigram and len(piece.text) >= TRIGRAM:
            matches[TRIGRAMS].append(piece.as_trigrams())
        elif words and piece.has_words:
            matches[WORDS].append(piece.as_words(escaped=escaped))
        else:
            rest.append(piece)
    return _Plan({table: " AND ".join(parts) for table, parts in matches.items() if parts}, rest)


def _like(columns: set[object], pieces: Sequence[Piece]) -> tuple[str, list[object]]:
    """An SQL condition that no message fails that holds every piece, and its values."""
    clauses, values = ["1"], list[object]()
    texts = [_TEXT, *(f"m.{name}" for name in ("tool_calls", "tool_name") if name in columns)]
    for patterns in (patterns for piece in pieces for patterns in piece.like()):
        likes = [f"{text} LIKE ? ESCAPE '\\'" for text in texts for _ in patterns]
        clauses.append(f"({' OR '.join(likes)})")
        values += patterns * len(texts)
    return "(" + " AND ".join(clauses) + ")", values


def _holds(columns: set[object]) -> str:
    """An SQL condition for messages that hold every piece, by the same rules as the indexes."""
    texts = ["m.content", *(f"m.{name}" for name in ("tool_name", "tool_calls") if name in columns)]
    return f"holds({', '.join(texts)})"


def _visible(columns: set[object]) -> str:
    """An SQL condition for messages that count: rewound ones do not, compacted ones do."""
    if "active" not in columns:
        return "1"
    return "(m.active OR m.compacted)" if "compacted" in columns else "m.active"
