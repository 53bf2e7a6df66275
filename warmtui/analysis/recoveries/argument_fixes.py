"""Fixes of calls that are no shell command: database statements and plain arguments (A5)."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

from warmtui.analysis.call_similarity import SIMILAR_TEXT, Attempt, Fix, alike, no_rows
from warmtui.analysis.recoveries.changes import joined, leaves, token_change, value_change
from warmtui.analysis.recoveries.failure_causes import Trouble

SAME_WORDS = 0.7
"""Share of a statement's words, those that the error named left out, that its fix must keep."""
_CLAUSES = frozenset(
    [
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "distinct",
        "group",
        "having",
        "order",
        "limit",
        "where",
        "join",
        "union",
        "intersect",
        "except",
        "not",
        "in",
        "exists",
        "like",
        "between",
        "and",
        "or",
        "desc",
        "asc",
    ]
)
"""Words of a statement that say what is asked: a fix has as many of each."""
_WORDS = re.compile(r"\w+|[^\w\s]")
_MAX_WORDS = 600


def _words(sql: str) -> list[str]:
    return _WORDS.findall(sql[:8_000].lower())[:_MAX_WORDS]


def _tables(attempt: Attempt) -> frozenset[str]:
    return frozenset(target[6:] for target in attempt.shape.targets if target.startswith("table:"))


def _answers(f: Attempt, g: Attempt, trouble: Trouble) -> bool:
    """Whether a statement puts new names where the error named unknown ones, and otherwise asks the same.

    A name that the statement used already for something else is a guess that happened to run.
    """
    old, new = _words(f.shape.sql), _words(g.shape.sql)
    had, has = Counter(old), Counter(new)
    named = {thing for thing in trouble.things if has[thing] < had[thing]}
    fresh = {word for word in has if word.isidentifier() and not had[word]}
    ambiguous = "ambiguous" in trouble.line.lower()
    if trouble.kind == "schema" and not ambiguous and (not named or not fresh):
        return False
    asked = {word: count for word, count in had.items() if word in _CLAUSES}
    asks = {word: count for word, count in has.items() if word in _CLAUSES}
    # a refused statement may gain a clause that was missing; none of what was asked may go
    if any(asks.get(word, 0) < count for word, count in asked.items()):
        return False
    if trouble.kind == "schema" and asked != asks:
        return False
    lost, gained = _tables(f) - _tables(g), _tables(g) - _tables(f)
    if any(table.rsplit(".", 1)[-1] not in trouble.things for table in lost) or len(gained) > len(lost):
        return False
    kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return kept >= SAME_WORDS * sum(word not in trouble.things for word in old)


def statement_fix(f: Attempt, g: Attempt, trouble: Trouble) -> Fix | None:
    """Pair two database statements: a column or table corrected, nothing else much changed."""
    if not g.shape.sql or f.call.call.tool != g.call.call.tool or no_rows(g.call):
        return None
    first, second = f.shape.sql.split(None, 1), g.shape.sql.split(None, 1)
    if not first or not second or first[0].lower() != second[0].lower():
        return None
    similar = alike(f.shape.sql, g.shape.sql)
    changed = token_change(f.shape.sql, g.shape.sql)
    if similar < SIMILAR_TEXT or not changed or not _answers(f, g, trouble):
        return None
    if trouble.kind != "schema" and all(change.startswith("without ") for change in changed):
        return None
    return Fix(joined(changed), similar)


def _plain(value: object) -> str:
    return "".join(char for char in str(value).lower() if char.isalnum())


def argument_fix(f: Attempt, g: Attempt, trouble: Trouble) -> Fix | None:
    """Pair two calls of one tool whose arguments differ in form, or in the value that was refused."""
    old, new = f.shape.values, g.shape.values
    if old is None or new is None or f.call.call.tool != g.call.call.tool:
        return None
    was, now = dict(leaves(old)), dict(leaves(new))
    same = [name for name in now if was.get(name, f) == now[name]]
    changed = [name for name in now if name in was and was[name] != now[name]]
    parts = value_change(f.shape, g.shape)
    if not parts:
        return None
    # `W123` → `#W123`, "3" → 3: the same value in the form that is wanted
    if (
        changed
        and all(_plain(was[name]) == _plain(now[name]) for name in changed)
        and was.keys() == now.keys()
    ):
        return Fix(joined(parts), 0.95)
    # most of what was asked must have stayed, or it is another call
    if 2 * len(same) < len(was):
        return None
    if old.keys() != new.keys() and same:
        named = any(key in trouble.line for key in old.keys() ^ new.keys())
        return Fix(joined(parts), 0.9) if named or trouble.kind == "argument" else None
    # a refused value of a call that otherwise stayed: what the words of the error are about
    if trouble.kind == "argument" and len(same) >= 2 and len(same) >= len(changed):
        return Fix(joined(parts), 0.6)
    return None
