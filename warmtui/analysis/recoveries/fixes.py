"""Whether a later call fixed a failed one, by the cause of the failure.

The rules prefer silence. A test that passes after an edit, a file created in between, an identical retry or
another order number are work or chance, and teach the next session nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import CONVENTIONS, EDITS, LOOKS, CommandStep, Purpose
from warmtui.analysis.patterns import word_set
from warmtui.analysis.recoveries.changes import (
    CLOSE_TEXT,
    SIMILAR_TEXT,
    Fix,
    arrow,
    code_change,
    command_change,
    joined,
    leaves,
    run_as,
    similarity,
    token_change,
    value_change,
)
from warmtui.analysis.recoveries.failure_causes import Attempt, FailureCause
from warmtui.analysis.recoveries.missing_fixes import missing_module_fix, missing_program_fix
from warmtui.analysis.results import found_nothing, gave_no_rows, readable_result
from warmtui.analysis.tools import command_line

SIMILAR_NAME = 0.7
"""File names at least this similar are one file misnamed: `test_domain_python.py` and `test_domain_py.py`;
`deploy.yml` and `docker-compose.yml` are two files."""
_FILTERS = word_set("grep egrep fgrep rg sort uniq wc awk gawk cut sed jq tr xargs comm diff join column")
"""Programs that, after a pipe, shape what was asked for; `head` and `tail` only shorten it."""
_TELLING: frozenset[Purpose] = EDITS | {"test", "build", "check", "install", "run", "query"}
_LOOSE_PURPOSES: frozenset[Purpose] = frozenset({"vcs", "build", "install", "query", "check", "test", "run"})
_TRANSIENT = re.compile(
    r"connection (?:reset|refused|aborted)|temporar|try again|rate limit|too many requests|"
    r"\b(?:429|502|503|504)\b|database is locked|resource busy|network is unreachable|name resolution",
    re.IGNORECASE,
)
_SYNTAX = re.compile(
    r"syntax error|unexpected (?:EOF|end of file|token)|unterminated|unmatched", re.IGNORECASE
)
_API_ERROR = re.compile(r"has no attribute|unexpected keyword|cannot import name")
_COMMON_NAME = re.compile(
    r"(?:index|main|mod|lib|utils?|helpers?|types|config|settings|models|views|urls|admin|app|test|tests|__init__|"
    r"conftest|setup|readme|changelog|license|package|makefile|dockerfile|src|bin|docs?|dist|build|scripts?)"
    r"(?:\.[a-z]{1,5})?\Z",
    re.IGNORECASE,
)
"""Names that projects have in every folder: two paths with such a name need not mean the same file."""
_STILL_BROKEN = re.compile(
    r"Traceback \(most recent call last\)|"
    r"^[\w./-]{1,40}: [^\n]{0,200}(?:No such file|command not found|not permitted|denied)",
    re.MULTILINE,
)
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
_PROBE = frozenset({"--version", "-V", "--help", "which", "whereis"})


def fix_of(failed: Attempt, later: Attempt, cause: FailureCause, between: Sequence[Attempt]) -> Fix | None:
    """Return what made a later call do what the failed one was meant to do; None if it did not.

    Args:
        failed: the failed call.
        later: a later call whose outcome is `ok`.
        cause: what `failed` ran into.
        between: the calls between the two.
    """
    if later.shape.values is None or failed.shape.values is None or (_probes(later) and not _probes(failed)):
        return None
    if failed.shape.values == later.shape.values and _same_tool(failed, later):
        # nothing changed in the call itself: either it was bad luck, or something else was put right first
        if _TRANSIENT.search(cause.line):
            return Fix("the same call again: a retry", 0.7)
        if cause.kind not in ("unread", "command", "module", "permission"):
            return None
    strict = cause.kind in ("usage", "other", "path", "permission")
    if strict and not _keeps_all_parts(failed.shape, later.shape):
        return None
    fix: Fix | None
    match cause.kind:
        case "command":
            fix = missing_program_fix(failed, later, cause, between)
        case "module":
            fix = missing_module_fix(failed, later, cause, between)
        case "path":
            fix = _path_fix(failed, later, cause, between)
        case "timeout":
            fix = _timeout_fix(failed, later)
        case "permission":
            fix = _permission_fix(failed, later, between)
        case "no-match":
            fix = _no_match_fix(failed, later, between)
        case "unread":
            fix = _unread_fix(failed, later, between)
        case "schema":
            fix = _statement_fix(failed, later, cause)
        case "usage" if failed.shape.sql:
            fix = _statement_fix(failed, later, cause)
        case "usage":
            fix = _usage_fix(failed, later, cause, between)
        case "argument":
            fix = _argument_fix(failed, later, cause)
        case _:
            fix = _other_fix(failed, later, cause, between)
    return fix if fix is not None and fix.change and not _still_broken(later, cause) else None


def _same_tool(failed: Attempt, later: Attempt) -> bool:
    return failed.call.call.tool == later.call.call.tool


def _probes(attempt: Attempt) -> bool:
    """Whether a command only asks a program for its version or help, which does no work."""
    return any(_PROBE.intersection(step.command.words) for step in attempt.shape.steps[-1:])


def _still_broken(later: Attempt, cause: FailureCause) -> bool:
    """Whether the output of a call that counts as ok shows the same error, or another one."""
    text = readable_result(later.call.result.text) if later.call.result is not None else ""
    if len(cause.line) > 12 and cause.line.rstrip("…") in " ".join(text.split()):
        return True
    is_shell = bool(later.shape.steps) and not later.call.verdict.findings
    return is_shell and _STILL_BROKEN.search(text[:2_000]) is not None


def _line(shape: CallShape) -> str:
    return command_line(shape.tool, shape.values or {})


def _any_written(attempts: Sequence[Attempt]) -> bool:
    return any(attempt.shape.files_written() for attempt in attempts)


def _any_read(attempts: Sequence[Attempt], files: frozenset[str]) -> bool:
    return any(files & attempt.shape.files() and not attempt.shape.files_written() for attempt in attempts)


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
    if extension == other_extension and extension:
        close = similarity(stem, other_stem) >= SIMILAR_NAME and abs(len(stem) - len(other_stem)) <= 8
        return 0.75 if close else 0.0
    return 0.0


def _path_fix(failed: Attempt, later: Attempt, cause: FailureCause, between: Sequence[Attempt]) -> Fix | None:
    purpose, later_purpose = failed.shape.purpose, later.shape.purpose
    if purpose in EDITS and failed.shape.steps:
        # what a second `mv` or `rm` names is another change, not the right path
        return None
    same_kind = _same_tool(failed, later) and (purpose == later_purpose or {purpose, later_purpose} <= LOOKS)
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
    for missing in sorted(cause.names):
        for path in sorted(later.shape.files() - failed.shape.files()):
            certainty = 0.0 if path in created else _same_file(missing, path)
            if certainty and (best is None or certainty > best[0]):
                best = (certainty, missing, path)
    if best is None or (found_nothing(later.call) and purpose in (*LOOKS, "other")):
        return None
    certainty, missing, path = best
    tools = "" if _same_tool(failed, later) else arrow(failed.call.call.tool, later.call.call.tool)
    return Fix(joined([f"path {arrow(missing, path)}", tools]), certainty, path)


def _timeout_fix(failed: Attempt, later: Attempt) -> Fix | None:
    if not _same_tool(failed, later):
        return None
    if not failed.shape.steps:
        change = joined(value_change(failed.shape, later.shape))
        return Fix(change, 0.7) if change and failed.shape.subjects() & later.shape.subjects() else None
    for step in failed.shape.steps:
        invocation = step.invocation
        for other in later.shape.steps:
            if other.invocation.action != invocation.action or step.purpose in (*LOOKS, *EDITS):
                continue
            # without a common argument it is another task
            shares_arguments = not set(invocation.rest).isdisjoint(other.invocation.rest)
            if invocation.rest and not invocation.module and not shares_arguments:
                continue
            parts = command_change(step, other)
            # the tool's own limit stands beside the command line
            parts += _limit_changes(failed.shape, later.shape)
            parts = parts or token_change(_line(failed.shape), _line(later.shape))
            return Fix(joined(parts), 0.8) if parts else None
    return None


def _limit_changes(before: CallShape, after: CallShape) -> list[str]:
    """Describe the arguments beside the command line that are new, or set a time limit."""
    values = before.values or {}
    keys = [key for key in after.values or {} if key not in values or key in ("timeout", "background")]
    return [change for change in value_change(before, after) if any(key in change for key in keys)]


def _permission_fix(failed: Attempt, later: Attempt, between: Sequence[Attempt]) -> Fix | None:
    shared = failed.shape.subjects() & later.shape.subjects()
    if not shared or not failed.shape.steps or failed.shape.purpose in LOOKS:
        return None
    for step in failed.shape.steps:
        program = posixpath.basename(step.invocation.program)
        for other in later.shape.steps:
            if posixpath.basename(other.invocation.program) != program:
                continue
            allowed = any(
                changer.command.program in ("chmod", "chown") and shared & attempt.shape.subjects()
                for attempt in (*between, later)
                for changer in attempt.shape.steps
            )
            parts = ["after chmod"] if allowed else []
            if run_as(step) != run_as(other):
                parts.append(arrow(run_as(step), run_as(other)))
            return Fix(joined(parts), 0.8) if parts else None
    return None


def _text_argument(shape: CallShape, prefix: str) -> str:
    values = (shape.values or {}).items()
    return next((value for key, value in values if key.startswith(prefix) and isinstance(value, str)), "")


def _no_match_fix(failed: Attempt, later: Attempt, between: Sequence[Attempt]) -> Fix | None:
    if not failed.shape.files() & later.shape.files() or not _same_tool(failed, later):
        return None
    worked = [attempt for attempt in between if attempt.call.verdict.outcome == "ok"]
    read = _any_read(worked, later.shape.files())
    old, new = _text_argument(failed.shape, "old_str"), _text_argument(later.shape, "old_str")
    if similarity(old, new) < SIMILAR_TEXT:
        return None
    replacements = _text_argument(failed.shape, "new_str"), _text_argument(later.shape, "new_str")
    if not read and similarity(*replacements) < SIMILAR_TEXT:
        return None
    if old == new:
        # the same text matches now, so another argument was wrong
        parts = value_change(failed.shape, later.shape)
        return Fix(joined(parts), 0.7) if parts else None
    return Fix(joined(["old_string now matches the file", "after reading it" if read else ""]), 0.85)


def _unread_fix(failed: Attempt, later: Attempt, between: Sequence[Attempt]) -> Fix | None:
    files = failed.shape.files()
    if not _same_tool(failed, later) or not files & later.shape.files():
        return None
    return Fix("read the file first", 0.9) if _any_read(between, files) else None


def _same_runner(shape: CallShape, other: CallShape) -> bool:
    """Whether two lines run a project's convention with the same program: `npm test`, `npm run test:unit`."""
    if shape.purpose not in CONVENTIONS or shape.purpose != other.purpose:
        return False
    programs = {step.invocation.program for step in shape.steps}
    return any(step.invocation.program in programs for step in other.steps)


def _usage_fix(
    failed: Attempt, later: Attempt, cause: FailureCause, between: Sequence[Attempt]
) -> Fix | None:
    """Pair two attempts at the same command line, the second with other options or quoting."""
    if not _same_tool(failed, later) or not failed.shape.steps or not later.shape.steps:
        return None
    # a search that finds nothing after all shows no right way to ask
    if failed.shape.purpose in LOOKS and (found_nothing(later.call) or _SYNTAX.search(cause.line)):
        return None
    # a here-document is content, not a command line that was typed wrong
    if any(step.command.inline for step in failed.shape.steps) or failed.shape.purpose == "remove":
        return None
    if _any_written(between):
        return None
    line, other = _line(failed.shape), _line(later.shape)
    alike = similarity(line, other)
    same_aim = failed.shape.subjects() & later.shape.subjects() or _same_runner(failed.shape, later.shape)
    if alike < 0.6 or not same_aim:
        return None
    for step in failed.shape.steps:
        program = step.invocation.program
        match = next((again for again in later.shape.steps if again.invocation.program == program), None)
        parts = command_change(step, match) if match is not None else []
        if parts:
            return Fix(joined(parts), alike)
    parts = token_change(line, other)
    return Fix(joined(parts), alike) if parts else None


def _other_fix(
    failed: Attempt, later: Attempt, cause: FailureCause, between: Sequence[Attempt]
) -> Fix | None:
    """Pair calls whose error names nothing known: same program, other options, nothing edited in between."""
    if failed.shape.code and not failed.shape.steps:
        if not _same_tool(failed, later) or _any_written(between) or not _API_ERROR.search(cause.line):
            return None
        if similarity(failed.shape.code, later.shape.code) < 0.6:
            return None
        parts = code_change(failed.shape.code, later.shape.code)
        return Fix(joined(parts), 0.6) if parts else None
    if not failed.shape.steps:
        return _argument_fix(failed, later, cause)
    purpose = failed.shape.purpose
    if purpose not in _LOOSE_PURPOSES or later.shape.purpose != purpose or _any_written(between):
        return None
    step, other = failed.shape.step_with_purpose(purpose), later.shape.step_with_purpose(purpose)
    if step is None or other is None:
        return None
    if step.invocation.action != other.invocation.action and purpose != "build":
        return None
    if purpose == "run" and set(other.command.assigned) <= set(step.command.assigned):
        # the program itself may have been repaired; only a new environment tells otherwise
        return None
    close = similarity(" ".join(step.command.words), " ".join(other.command.words)) >= CLOSE_TEXT
    subjects = failed.shape.subjects()
    if subjects and not subjects & later.shape.subjects() and not close:
        return None
    parts = command_change(step, other)
    return Fix(joined(parts), 0.6) if parts else None


def _statement_fix(failed: Attempt, later: Attempt, cause: FailureCause) -> Fix | None:
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
    return attempt.shape.targets_of("table")


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


def _argument_fix(failed: Attempt, later: Attempt, cause: FailureCause) -> Fix | None:
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


def _keeps_all_parts(before: CallShape, after: CallShape) -> bool:
    """Whether a command line still has the filters and telling purposes of an earlier one.

    A filter may be replaced (`cut` by `awk`); fewer filters ask for something else.
    """
    if not before.steps or not after.steps:
        return True
    return _purposes(before) <= _purposes(after) and _count_filters(before) <= _count_filters(after)


def _is_filter(step: CommandStep) -> bool:
    return step.command.piped and step.command.program in _FILTERS


def _count_filters(shape: CallShape) -> int:
    return sum(map(_is_filter, shape.steps))


def _purposes(shape: CallShape) -> set[Purpose]:
    return {step.purpose for step in shape.steps if not step.command.piped and step.purpose in _TELLING}
