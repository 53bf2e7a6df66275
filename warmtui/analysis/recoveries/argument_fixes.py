"""One argument changed: the same tool again, with a value, a path or a statement put right.

The rules prefer silence. Another order number, a file created in between or another statement is work or
chance, and teaches the next session nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import EDITS, LOOKS
from warmtui.analysis.patterns import word_set
from warmtui.analysis.recoveries.changes import (
    CLOSE_TEXT,
    SIMILAR_TEXT,
    Fix,
    arrow,
    code_change,
    joined,
    leaves,
    similarity,
    token_change,
    value_change,
    word_similarity,
)
from warmtui.analysis.recoveries.command_fixes import installed_between, keeps_all_parts
from warmtui.analysis.recoveries.failures import Attempt, Failure, Trial, any_written, searches
from warmtui.analysis.results import found_nothing, gave_no_rows

SIMILAR_NAME = 0.7
"""File names at least this similar are one file misnamed: `test_domain_python.py` and `test_domain_py.py`;
`deploy.yml` and `docker-compose.yml` are two files."""
_API_ERROR = re.compile(r"has no attribute|unexpected keyword|cannot import name")
_COMMON_NAME = re.compile(
    r"(?:index|main|mod|lib|utils?|helpers?|types|config|settings|models|views|urls|admin|app|test|tests|__init__|"
    r"conftest|setup|readme|changelog|license|package|makefile|dockerfile|src|bin|docs?|dist|build|scripts?)"
    r"(?:\.[a-z]{1,5})?\Z",
    re.IGNORECASE,
)
"""Names that projects have in every folder: two paths with such a name need not mean the same file."""
SAME_WORDS = 0.7
"""Share of a statement's words that its fix must keep; words that the error names do not count."""
_CLAUSES = word_set(
    """
    count sum avg min max distinct group having order limit where join union intersect except not in exists
    like between and or desc asc
    """
)
"""Words of a statement that say what is asked: a fix has as many of each."""
_DROPS = re.compile(r"without ")
_SQL_NAME = re.compile(r"[A-Za-z_]\w{1,60}")
_WORDS = re.compile(r"\w+|[^\w\s]")
_MAX_WORDS = 600
_MAX_NAMES = 100
"""Names of a statement that are compared with a missing one."""
_OLD_TEXT = frozenset({"old_string", "old_str", "old_text"})
_TEXTS = _OLD_TEXT | {"new_string", "new_str", "new_text", "file_path"}
"""Arguments of an edit that say what is changed; the others are options."""
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")


def one_argument_changed(trial: Trial) -> Fix | None:
    """Pair a failed call with the next one of the same tool that names another path, value, name or table."""
    failed, failure, later, _ = trial
    if failure.how != "failed":
        return None
    if failed.shape.steps:
        whole = failure.kind == "path" and keeps_all_parts(failed.shape, later.shape)
        return _path_fix(trial) if whole else None
    if failure.kind in ("unread", "no-match") or _OLD_TEXT & (failed.shape.values or {}).keys():
        # any agent reads a file again before it edits it
        return _named_option(trial)
    if failed.shape.sql:
        return _statement_fix(failed, later, failure) if failure.kind in ("schema", "usage") else None
    if failed.shape.code:
        return _code_fix(trial)
    if failure.kind == "path":
        return _path_fix(trial)
    return _value_fix(trial)


def _named_option(trial: Trial) -> Fix | None:
    """Pair an edit with the same one that sets the option that the message names: `replace_all`."""
    before, after = trial.failed.shape.values or {}, trial.later.shape.values or {}
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if not trial.same_tool or not changed or not all("_" in name for name in changed):
        return None
    if changed & _TEXTS or not all(re.search(rf"\b{name}\b", trial.failure.text) for name in changed):
        return None
    return Fix(joined(value_change(trial.failed.shape, trial.later.shape)), 0.85)


def _code_fix(trial: Trial) -> Fix | None:
    """Pair two pieces of code: a missing module reached otherwise, a name that a library does not have."""
    failed, failure, later, between = trial
    before, after = failed.shape.code, later.shape.code
    if not trial.same_tool or before == after:
        return None
    installed = ""
    if failure.kind == "module":
        roots = {name.split(".")[0] for name in failure.names}
        if not any(module.split(".")[0] in roots for module in later.shape.targets_of("module")):
            return None
        installed = installed_between(failure.names, between)
    elif any_written(between) or not _API_ERROR.search(failure.line) or similarity(before, after) < 0.6:
        return None
    change = joined([installed, *code_change(before, after)])
    return Fix(change, 0.9 if failure.kind == "module" else 0.6) if change else None


def _same_file(missing: str, path: str) -> float:
    """Return how certain it is that a missing path meant this one; 0 for two different files."""
    name, other = posixpath.basename(missing), posixpath.basename(path)
    if not name or not other or missing == path:
        return 0.0
    if name == other:
        if _COMMON_NAME.match(name) and not f"/{path}".endswith(f"/{missing}"):
            near = similarity(posixpath.dirname(missing), posixpath.dirname(path)) >= CLOSE_TEXT
            return 0.85 if near else 0.0
        return 0.95
    stem, extension = posixpath.splitext(name)
    other_stem, other_extension = posixpath.splitext(other)
    if stem == other_stem and posixpath.dirname(missing) == posixpath.dirname(path):
        return 0.85
    beside = posixpath.dirname(missing) == posixpath.dirname(path)
    if beside and not extension and re.match(rf"{re.escape(name)}[_.-]", other):
        # the guess was the beginning of the name
        return 0.7
    if extension == other_extension and extension:
        close = similarity(stem, other_stem) >= SIMILAR_NAME and abs(len(stem) - len(other_stem)) <= 8
        return 0.75 if close else 0.0
    return 0.0


def _path_fix(trial: Trial) -> Fix | None:
    """Pair a call about a missing path with one about the path that was meant."""
    failed, failure, later, between = trial
    purpose, later_purpose = failed.shape.purpose, later.shape.purpose
    if purpose in EDITS and failed.shape.steps:
        # what a second `mv` or `rm` names is another change, not the right path
        return None
    same_kind = trial.same_tool and (purpose == later_purpose or {purpose, later_purpose} <= LOOKS)
    reads = not failed.shape.steps and not failed.shape.files_written() and later_purpose in (*LOOKS, "other")
    if not same_kind and not reads:
        return None
    if later.shape.files_written() and not failed.shape.files_written():
        return None
    # a file that was created in between is not the one that was meant
    created = frozenset[str]().union(
        *(attempt.shape.files_written() for attempt in between if attempt.call.verdict.outcome == "ok")
    )
    best: tuple[float, str, str] | None = None
    for missing in sorted(failure.names):
        for path in sorted(later.shape.files() - failed.shape.files()):
            certainty = 0.0 if path in created else _same_file(missing, path)
            if not certainty and searches(later.shape) and path == posixpath.dirname(missing):
                # the folder that was guessed is part of the names in the one above
                certainty = _same_pattern(failed.shape, later.shape)
            if certainty and (best is None or certainty > best[0]):
                best = (certainty, missing, path)
    if best is None or (found_nothing(later.call) and purpose in (*LOOKS, "other")):
        return None
    certainty, missing, path = best
    tools = "" if trial.same_tool else arrow(failed.call.call.tool, later.call.call.tool)
    return Fix(joined([f"path {arrow(missing, path)}", tools]), certainty, path)


def _same_pattern(before: CallShape, after: CallShape) -> float:
    """Return how certain it is that two searches look for the same."""
    shared = before.targets_of("name") & after.targets_of("name")
    alike = max(
        (similarity(old, new) for old in before.targets_of("name") for new in after.targets_of("name")),
        default=0.0,
    )
    return 0.7 if shared or alike >= SIMILAR_TEXT else 0.0


def _statement_fix(failed: Attempt, later: Attempt, failure: Failure) -> Fix | None:
    """Pair two database statements: a column or table corrected, little else changed."""
    if not later.shape.sql or failed.call.call.tool != later.call.call.tool or gave_no_rows(later.call):
        return None
    before, after = failed.shape.sql, later.shape.sql
    first, second = before.split(None, 1), after.split(None, 1)
    if not first or not second or first[0].lower() != second[0].lower():
        return None
    alike = word_similarity(_sql_words(before), _sql_words(after))
    if alike >= SIMILAR_TEXT and _asks_the_same(failed, later, failure):
        changed = token_change(before, after)
        if changed and (failure.kind == "schema" or not all(map(_DROPS.match, changed))):
            return Fix(joined(changed), alike)
    renamed = _renamed(failed, later, failure) if failure.kind == "schema" else ""
    return Fix(renamed, 0.75) if renamed else None


def _renamed(failed: Attempt, later: Attempt, failure: Failure) -> str:
    """Return what a later statement calls a table or column that does not exist: `orchestras → orchestra`."""
    old = {name.lower() for name in _SQL_NAME.findall(failed.shape.sql[:8_000])}
    new = {name.lower(): name for name in _SQL_NAME.findall(later.shape.sql[:8_000])[:_MAX_NAMES]}
    # a table is another table, not a column
    tables = {table.rsplit(".", 1)[-1] for table in _tables(later)} if "able " in failure.line else new.keys()
    pairs = (
        (similarity(gone, name), gone, name)
        for gone in sorted(failure.names - new.keys())
        for name in sorted(new.keys() - old - _CLAUSES)
        if name in tables
    )
    alike, gone, name = max(pairs, default=(0.0, "", ""))
    return arrow(gone, new[name]) if alike >= SIMILAR_NAME else ""


def _sql_words(sql: str) -> list[str]:
    return _WORDS.findall(sql[:8_000].lower())[:_MAX_WORDS]


def _tables(attempt: Attempt) -> frozenset[str]:
    return attempt.shape.targets_of("table")


def _asks_the_same(failed: Attempt, later: Attempt, failure: Failure) -> bool:
    """Whether a statement puts new names where the error named unknown ones, and otherwise asks the same.

    A name that the failed statement already used elsewhere is a guess that happened to run.
    """
    old, new = _sql_words(failed.shape.sql), _sql_words(later.shape.sql)
    old_counts, new_counts = Counter(old), Counter(new)
    replaced = any(new_counts[name] < old_counts[name] for name in failure.names)
    fresh = any(word.isidentifier() and not old_counts[word] for word in new_counts)
    ambiguous = "ambiguous" in failure.line.lower()
    if failure.kind == "schema" and not ambiguous and not (replaced and fresh):
        return False
    old_clauses = {word: count for word, count in old_counts.items() if word in _CLAUSES}
    new_clauses = {word: count for word, count in new_counts.items() if word in _CLAUSES}
    # a refused statement may gain a clause that was missing, but lose none
    if any(new_clauses.get(word, 0) < count for word, count in old_clauses.items()):
        return False
    if failure.kind == "schema" and old_clauses != new_clauses:
        return False
    lost, gained = _tables(failed) - _tables(later), _tables(later) - _tables(failed)
    if any(table.rsplit(".", 1)[-1] not in failure.names for table in lost) or len(gained) > len(lost):
        return False
    kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return kept >= SAME_WORDS * sum(word not in failure.names for word in old)


def _letters(value: object) -> str:
    return "".join(char for char in str(value).lower() if char.isalnum())


def _form(value: object) -> str:
    """Return the form of a value: `9` for `123`, `a_9` for `user_12`."""
    return _DIGITS.sub("9", _LETTERS.sub("a", str(value)))


def _names_any(failure: Failure, names: Iterable[str]) -> bool:
    """Whether a message names an argument: `payment method not found` names `payment_methods[0].id`."""
    words = {word for name in names for word in _LETTERS.findall(name) if len(word) > 3}
    return any(failure.mentions(word.removesuffix("s")) for word in words)


def _value_fix(trial: Trial) -> Fix | None:
    """Pair two calls whose arguments differ in form, or in what the message names."""
    failed, failure, later, between = trial
    old, new = failed.shape.values, later.shape.values
    if old is None or new is None or not trial.same_tool or later.shape.steps:
        return None
    parts = value_change(failed.shape, later.shape)
    again = any(
        attempt.call.call.tool == failed.call.call.tool and attempt.call.verdict.outcome == "ok"
        for attempt in between
    )
    # a call of the tool that worked in between was the next try
    if not parts or again:
        return None
    old_leaves, new_leaves = dict(leaves(old)), dict(leaves(new))
    kept = [name for name, value in new_leaves.items() if name in old_leaves and old_leaves[name] == value]
    changed = [name for name, value in new_leaves.items() if name in old_leaves and old_leaves[name] != value]
    # `W123` → `#W123`, "3" → 3: the same value in the form that is wanted
    same_values = all(_letters(old_leaves[name]) == _letters(new_leaves[name]) for name in changed)
    if changed and same_values and old_leaves.keys() == new_leaves.keys():
        return Fix(joined(parts), 0.95)
    if old_leaves.keys() == new_leaves.keys() and len(changed) == 1:
        before, after = old_leaves[changed[0]], new_leaves[changed[0]]
        if failure.mentions(str(before)) and _form(before) != _form(after):
            return Fix(joined(parts), 0.65)
        if failure.mentions(str(changed[0]).rsplit(".", 1)[-1]) and failure.kind == "argument":
            return Fix(joined(parts), 0.85)
        # the very next call, and nothing else changed
        if len(kept) > 1 and not between:
            return Fix(joined(parts), 0.65)
    # unless most of the arguments stayed, it is another call
    if 2 * len(kept) < len(old_leaves):
        return None
    moved = old_leaves.keys() ^ new_leaves.keys()
    if moved:
        is_told = _names_any(failure, moved) or (failure.kind == "argument" and old.keys() != new.keys())
        return Fix(joined(parts), 0.9) if kept and is_told else None
    if _names_any(failure, changed) and kept and len(changed) == 1:
        return Fix(joined(parts), 0.8)
    # a refused value of a call that otherwise stayed the same
    if failure.kind == "argument" and len(kept) >= 2 and len(kept) >= len(changed):
        return Fix(joined(parts), 0.6)
    return None
