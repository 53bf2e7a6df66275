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

import orjson

from warmtui.errors import SourceError
from warmtui.sources.hermes.lineage import SUMMARY_PREFIXES
from warmtui.sources.hermes.message_runs import MessageRuns, chunks, learn_of, may_learn, newest_row
from warmtui.sources.hermes.rows import HARNESS_PREFIXES
from warmtui.sources.hermes.search_words import (
    INDEXES,
    MAX_CHARACTERS,
    MAX_WORDS,
    TEXT,
    Piece,
    Plan,
    everything,
    like,
    pattern,
    pieces_of,
    plan_of,
    visible,
)
from warmtui.sources.live_database import LiveDatabase, ReadInterruptedError

How = Literal["fts", "like", "none"]

PAGE_ROWS = 20_000
"""Messages looked at in one query: about 30 ms on 436,000 messages, so that no read stays open."""
PAGE_HITS = 250_000
"""Rows of an index found in one query: about 50 ms there, of which 20 are for finding the words again."""
FIRST_HITS = 2_000
"""As many in the first query, so that something is seen within a few milliseconds, unless all of it is
nearly as fast: where it is known whose rows are whose …"""
MANY_MESSAGES = 1_000_000
"""… or in so many messages, in which finding all that begins with a word is most of the work."""
SLICE = 50_000
"""Hits looked at together, so that a search that has enough sessions stops early."""
FEW = 500
"""Hits of which nobody knows whose they are that are simply looked at."""
ENDINGS_SECONDS = 0.03
"""So long words are looked up that begin with what was typed: in 4 million messages each takes up to 6 ms."""
SECONDS = 2.0
"""After this long a search ends with what it has, as reading a locked database does."""

_FILLS = re.compile(r"\bINSERT\s+ON\s+messages\b.*?\bINTO\s+(\w+)", re.IGNORECASE | re.DOTALL)


class SearchResult(NamedTuple):
    """The sessions that were found."""

    ids: tuple[str, ...]
    """By their newest message with the words, newest first."""
    how: How
    """Through Hermes' index; by LIKE over messages; or not at all."""
    note: str
    """What a person should know about it; "" when all messages were searched through the index."""


Told = Callable[[frozenset[str]], None]
"""Hears of sessions as they are found."""


def search_sessions(
    db: LiveDatabase,
    words: str,
    *,
    limit: int,
    told: Told = lambda found: None,
    runs: MessageRuns | None = None,
) -> SearchResult:
    """Find the sessions with a message that holds every word; titles are for whoever lists them.

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
            in every message takes a tenth of a second to be looked for in all.
        runs: what earlier searches of this database learned; more is added.

    Returns:
        The sessions, how they were found, and what to say about it.

    Raises:
        ReadInterruptedError: `interrupt` was called after the search began.
        SourceError: the database cannot be read.
    """
    return _Search(db, limit, told, MessageRuns() if runs is None else runs).run(words)


class _Search:
    """One search; it keeps an eye on the clock and on interrupts between its queries."""

    def __init__(self, db: LiveDatabase, limit: int, told: Told, runs: MessageRuns) -> None:
        self._db = db
        self._limit = max(0, limit)
        self._told = told
        self._runs = runs
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
            return SearchResult((), "none", "nothing to search for" if not pieces else "")
        said, how = self._said(pieces)
        ids = list(said)
        if len(ids) > self._limit:
            self._notes.append(f"more than {self._limit:,} were found; the newest are shown")
        return SearchResult(tuple(ids[: self._limit]), how, "; ".join(self._notes))

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _said(self, pieces: Sequence[Piece]) -> tuple[dict[str, None], How]:
        """Sessions with a message that holds the pieces, those with the newest first."""
        try:
            kept = self._kept_indexes()
            plan = plan_of(pieces, kept, self._endings)
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
            return {}, "none"
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
            INDEXES,
        )
        there = {str(name) for kind, name, _ in rows if kind == "table"}
        filled = {
            match.lower() for kind, _, sql in rows if kind == "trigger" for match in _FILLS.findall(str(sql))
        }
        return frozenset(there & filled & set(INDEXES))

    def _endings(self, begin: str, most: int) -> list[str] | None:
        """The words in the index of words that begin with some letters; None where they are too many."""
        words = self._db.vocabulary(INDEXES[0])
        if words is None:
            return None
        found: list[str] = []
        at, until = begin, time.monotonic() + ENDINGS_SECONDS
        while True:
            try:
                row = self._query(f"SELECT term FROM {words} WHERE term >= ? LIMIT 1", (at,))
            except ReadInterruptedError:
                raise
            except SourceError:
                return None  # searching says what is wrong
            if not row or not str(row[0][0]).startswith(begin):
                return found
            if len(found) == most or time.monotonic() > until:
                return None
            found.append(str(row[0][0]))
            at = f"{found[-1]}\x01"  # what comes next, without going through all that this one stands in

    def _indexed(self, plan: Plan) -> dict[str, None]:
        columns = self._columns("messages")
        wanted, values = like(everything(columns), plan.like)
        fits = f"{visible(columns)} AND {wanted}"
        (table, match), *others = plan.indexed
        # the plus keeps SQLite from asking the first index once per hit of the other
        both = "".join(f" AND +rowid IN (SELECT rowid FROM {one} WHERE {one} MATCH ?)" for one, _ in others)
        # as one text: making a Python row of every hit would cost five times as much as finding it
        sql = (
            f"SELECT group_concat(hit) FROM (SELECT rowid AS hit FROM {table} "
            f"WHERE {table} MATCH ? AND rowid < ?{both} ORDER BY rowid DESC LIMIT ?)"
        )
        more = [one for _, one in others]
        learns = may_learn(self._query)
        found: dict[str, None] = {}
        below = 2**63 - 1
        newest = newest_row(self._query, self._runs)
        quick = newest >= MANY_MESSAGES or self._runs.known
        page = PAGE_HITS if quick else min(FIRST_HITS, PAGE_HITS)
        while True:
            hits: list[int] = orjson.loads(f"[{self._query(sql, (match, below, *more, page))[0][0] or ''}]")
            hits.sort()
            for end in range(len(hits), 0, -SLICE):
                self._look(hits[max(0, end - SLICE) : end], found, fits, values, learns=learns)
                if len(found) > self._limit:
                    break
            if len(hits) < page or len(found) > self._limit:
                return found
            self._told(frozenset(found))
            page = PAGE_HITS
            below = hits[0]
            if self._late():
                self._notes.append(f"after {SECONDS:g} s older messages were left out")
                return found

    def _look(
        self, hits: list[int], found: dict[str, None], fits: str, values: list[object], *, learns: bool
    ) -> None:
        """Add the sessions of those hits that fit, newest first, until there are too many.

        Args:
            hits: row ids, ascending.
            found: the sessions found before.
            fits: an SQL condition on a message.
            values: its parameters.
            learns: whether to learn whose rows unknown ones are.
        """
        pieces, loose = self._runs.split(hits)
        if learns and len(loose) > FEW:
            learn_of(self._query, self._runs, loose, enough=FEW)
            pieces, loose = self._runs.split(hits)
        new = [piece for piece in reversed(pieces) if piece.session not in found]
        # one row of many: between two rows any busy thread may take its turn of 5 ms
        sql = (
            "SELECT json_group_array(session_id) FROM (SELECT session_id FROM messages "
            f"WHERE id IN (%s) AND typeof(session_id) = 'text' AND {fits} ORDER BY id DESC)"
        )

        def look(ids: Sequence[int]) -> None:
            for part in chunks(ids):
                if len(found) > self._limit:
                    return
                rows = self._query(sql % ",".join(map(str, part)), values)
                found.update(dict.fromkeys(orjson.loads(str(rows[0][0]))))

        # of most sessions the newest hit is enough; else each is looked at
        look([hits[piece.end - 1] for piece in new])
        for piece in new:
            if piece.session not in found:
                loose += hits[piece.begin : piece.end]
        look(sorted(loose, reverse=True))

    def _scanned(self, texts: Sequence[str], all_rows: bool) -> dict[str, None]:
        """Sessions by LIKE, page by page from the newest message on.

        Args:
            texts: what a message must hold.
            all_rows: look at everything the index would hold, else at what the person wrote.
        """
        columns = self._columns("messages")
        where, values = like(everything(columns) if all_rows else TEXT, texts)
        if not all_rows:
            ours = [f"{pattern(prefix)}%" for prefix in (*SUMMARY_PREFIXES, *HARNESS_PREFIXES)]
            where = f"role = 'user' AND {where}" + " AND content NOT LIKE ? ESCAPE '\\'" * len(ours)
            values += ours
        sql = (
            "SELECT session_id FROM messages "
            f"WHERE id < ? AND id >= ? AND {visible(columns)} AND {where} "
            "GROUP BY session_id ORDER BY max(id) DESC"
        )
        found: dict[str, None] = {}
        below = 2**63 - 1
        while True:
            start = self._query(
                f"SELECT id FROM messages WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET {PAGE_ROWS - 1}",
                (below,),
            )
            low = int(str(start[0][0])) if start else -(2**63)
            rows = self._query(sql, (below, low, *values))
            found.update((row[0], None) for row in rows if isinstance(row[0], str))
            if not start or len(found) > self._limit:
                return found
            self._told(frozenset(found))
            below = low
            if self._late():
                self._notes.append(f"after {SECONDS:g} s older messages were left out")
                return found
