"""Fixes of calls that are not shell commands: database statements and plain arguments."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

from warmtui.analysis.call_similarity import SIMILAR_TEXT, gave_no_rows, similarity
from warmtui.analysis.patterns import word_set
from warmtui.analysis.recoveries.changes import Fix, joined, leaves, token_change, value_change
from warmtui.analysis.recoveries.failure_causes import Attempt, FailureCause

SAME_WORDS = 0.7
"""Share of a statement's words that its fix must keep; words that the error names do not count."""
_CLAUSES = word_set(
    """
    count sum avg min max distinct group having order limit where join union intersect except not in exists
    like between and or desc asc
    """
)
"""Words of a statement that say what is asked: a fix has as many of each."""
_WORDS = re.compile(r"\w+|[^\w\s]")
_MAX_WORDS = 600


def statement_fix(failed: Attempt, later: Attempt, cause: FailureCause) -> Fix | None:
    """Pair two database statements: a column or table corrected, little else changed."""
    if not later.shape.sql or failed.call.call.tool != later.call.call.tool or gave_no_rows(later.call):
        return None
    before, after = failed.shape.sql, later.shape.sql
    first, second = before.split(None, 1), after.split(None, 1)
    if not first or not second or first[0].lower() != second[0].lower():
        return None
    alike = similarity(before, after)
    changed = token_change(before, after)
    if alike < SIMILAR_TEXT or not changed or not _asks_the_same(failed, later, cause):
        return None
    if cause.kind != "schema" and all(change.startswith("without ") for change in changed):
        return None
    return Fix(joined(changed), alike)


def _sql_words(sql: str) -> list[str]:
    return _WORDS.findall(sql[:8_000].lower())[:_MAX_WORDS]


def _tables(attempt: Attempt) -> frozenset[str]:
    return frozenset(target[6:] for target in attempt.shape.targets if target.startswith("table:"))


def _asks_the_same(failed: Attempt, later: Attempt, cause: FailureCause) -> bool:
    """Whether a statement puts new names where the error named unknown ones, and otherwise asks the same.

    A name that the failed statement already used elsewhere is a guess that happened to run.
    """
    old, new = _sql_words(failed.shape.sql), _sql_words(later.shape.sql)
    old_counts, new_counts = Counter(old), Counter(new)
    replaced = any(new_counts[name] < old_counts[name] for name in cause.names)
    fresh = any(word.isidentifier() and not old_counts[word] for word in new_counts)
    ambiguous = "ambiguous" in cause.line.lower()
    if cause.kind == "schema" and not ambiguous and not (replaced and fresh):
        return False
    old_clauses = {word: count for word, count in old_counts.items() if word in _CLAUSES}
    new_clauses = {word: count for word, count in new_counts.items() if word in _CLAUSES}
    # a refused statement may gain a clause that was missing, but lose none
    if any(new_clauses.get(word, 0) < count for word, count in old_clauses.items()):
        return False
    if cause.kind == "schema" and old_clauses != new_clauses:
        return False
    lost, gained = _tables(failed) - _tables(later), _tables(later) - _tables(failed)
    if any(table.rsplit(".", 1)[-1] not in cause.names for table in lost) or len(gained) > len(lost):
        return False
    kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return kept >= SAME_WORDS * sum(word not in cause.names for word in old)


def _letters(value: object) -> str:
    return "".join(char for char in str(value).lower() if char.isalnum())


def argument_fix(failed: Attempt, later: Attempt, cause: FailureCause) -> Fix | None:
    """Pair two calls of the same tool whose arguments differ in form, or in the value that was refused."""
    old, new = failed.shape.values, later.shape.values
    if old is None or new is None or failed.call.call.tool != later.call.call.tool:
        return None
    parts = value_change(failed.shape, later.shape)
    if not parts:
        return None
    old_leaves, new_leaves = dict(leaves(old)), dict(leaves(new))
    kept = [name for name, value in new_leaves.items() if name in old_leaves and old_leaves[name] == value]
    changed = [name for name, value in new_leaves.items() if name in old_leaves and old_leaves[name] != value]
    # `W123` → `#W123`, "3" → 3: the same value in the form that is wanted
    same_values = all(_letters(old_leaves[name]) == _letters(new_leaves[name]) for name in changed)
    if changed and same_values and old_leaves.keys() == new_leaves.keys():
        return Fix(joined(parts), 0.95)
    # unless most of the arguments stayed, it is another call
    if 2 * len(kept) < len(old_leaves):
        return None
    if old.keys() != new.keys() and kept:
        named = any(key in cause.line for key in old.keys() ^ new.keys())
        return Fix(joined(parts), 0.9) if named or cause.kind == "argument" else None
    # a refused value of a call that otherwise stayed the same
    if cause.kind == "argument" and len(kept) >= 2 and len(kept) >= len(changed):
        return Fix(joined(parts), 0.6)
    return None
