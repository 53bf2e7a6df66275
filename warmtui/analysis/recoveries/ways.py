"""The ways in which a failed call was set right, in the order in which they are tried.

`edited_between`, `search_that_hit` and `refused_then_done` are here, the others in modules of their own. A
lesson that comes back in another session is told by its key, where sessions are merged.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple

from warmtui.analysis.command_purpose import CONVENTIONS, CommandStep
from warmtui.analysis.patterns import word_set
from warmtui.analysis.recoveries.argument_fixes import one_argument_changed
from warmtui.analysis.recoveries.changes import (
    MAX_SHOWN,
    Fix,
    arrow,
    code_change,
    joined,
    run_as,
    short,
)
from warmtui.analysis.recoveries.circumstances import conflict_resolved, shown_in_parts, way_cleared
from warmtui.analysis.recoveries.command_fixes import another_program, installs, words_added
from warmtui.analysis.recoveries.failures import Attempt, Failure, Trial, searches
from warmtui.analysis.results import found_nothing, gave_no_rows, readable_result

WINDOW = 15
"""Calls after the failed one that are searched for its fix. In recorded and measured sessions every pair
worth keeping was closer; a call farther away belongs to another task of the same turn."""
LONG_WINDOW = 40
"""The same for a missing program or module, and for a checker: the next run settles it, however late."""
SHORT_WINDOW = 4
"""The same for a search and a refusal: what comes later is another thought."""
MOST_EDITS = 4
"""Edits between a red run and a green one; with more it is the work itself."""
_RULE = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,5}\d{2,5}|[a-z]+(?:-[a-z]+)+|\((?:[a-z]{3,20})\)$"
    r"|\[[a-z]{3,20}(?:-[a-z]{2,20}){0,4}\])(?![\w-])"
)
"""The id of a linter's rule: `E501`, `no-unused-vars`, `(forbidigo)` at the end, `[arg-type]`."""
_DEFINITION = re.compile(r"\b(?:def|class|func|fn|function|struct|interface|trait|enum|type|module) \w")
"""A search for the place where a name is defined."""
_OLD = ("old_string", "old_str", "old_text", "search")
_NEW = ("new_string", "new_str", "new_text", "replace", "content", "file_text")
_LISTS = re.compile(
    r"\s*(?:show\s+(?:tables|columns|create)|desc\b|describe\b|pragma\s+table_info|select\b.{0,200}?"
    r"(?:information_schema|sqlite_master))",
    re.IGNORECASE | re.DOTALL,
)
"""Statements that list tables or columns."""
_PATCH = "*** Begin Patch"
MAX_PATCH = 20_000
"""Characters of a patch that are read."""
_OVERRIDES = word_set("--admin --force -f --no-verify --skip-checks --break-system-packages")
"""Options that overrule a check: who uses one decides that once, so it is nothing to learn."""
_PROBE = frozenset({"--version", "-V", "--help", "which", "whereis"})
_STILL_BROKEN = re.compile(
    r"Traceback \(most recent call last\)|"
    r"^[\w./-]{1,40}: [^\n]{0,200}(?:No such file|command not found|not permitted|denied)",
    re.MULTILINE,
)


class Way(NamedTuple):
    """A way in which a failed call was set right."""

    name: str
    """What set it right, for a person: `fixed by another program`."""
    find: Callable[[Trial], Fix | None]


def edited_between(trial: Trial) -> Fix | None:
    """Pair a red run of a checker with the same run green after edits of files that its output names.

    Or after something was installed: then it is enough that the message is gone.
    """
    failed, failure, later, between = trial
    if failure.how not in ("failed", "findings"):
        return None
    if failure.kind in ("command", "module", "timeout", "permission"):
        return None
    step, other = _checker(failed), _checker(later)
    if step is None or other is None or run_as(step) != run_as(other):
        return None
    old, new = step.invocation.rest, other.invocation.rest
    if old != new and not set(old) & set(new):
        return None
    installed = next(filter(None, (_installed(attempt, failure) for attempt in installs(between))), "")
    if installed and not _still_says(later, failure):
        return Fix(f"installed {installed} first", 0.8)
    if later.call.verdict.findings:
        return None
    edits = [attempt for attempt in between if attempt.shape.files_written() and _is_ok(attempt)]
    if len(edits) > MOST_EDITS:
        return None
    named = [
        attempt
        for attempt in edits
        if any(_stem(path) in failure.text for path in attempt.shape.files_written())
    ]
    changes = [(attempt, put_in) for attempt in named if (put_in := _put_in(attempt))]
    if not changes:
        return None
    rule = _RULE.search(failure.line)
    strength = 0.75 if rule is not None or failed.shape.purpose in ("check", "build") else 0.6
    made_by = tuple(attempt.call for attempt, _ in changes)
    return Fix(joined([put_in for _, put_in in changes]), strength, made_by=made_by)


def _installed(attempt: Attempt, failure: Failure) -> str:
    """Return the package that a call installed, if a part of its name is in the message of a failure."""
    packages = (
        word
        for step in attempt.shape.steps
        for word in step.invocation.rest
        if not word.startswith(("-", "."))
    )
    for package in packages:
        # `pytest-mock` supplies the fixture `mocker`
        parts = (part for part in package.split("-") if len(part) > 3 and part != "pytest")
        if any(map(failure.mentions, parts)):
            return package
    return ""


def _still_says(later: Attempt, failure: Failure) -> bool:
    """Whether a later result holds the line that says what failed."""
    text = readable_result(later.call.result.text) if later.call.result is not None else ""
    return failure.line.rstrip("…") in " ".join(text.split())


def _is_ok(attempt: Attempt) -> bool:
    return attempt.call.verdict.outcome == "ok"


def _checker(attempt: Attempt) -> CommandStep | None:
    """Return the command of a line that tests, builds or checks."""
    return next((step for step in attempt.shape.steps if step.purpose in CONVENTIONS - {"install"}), None)


def _stem(path: str) -> str:
    """Return a file's name without its ending, as the name of its tests holds it; the whole if short."""
    name = posixpath.basename(path)
    stem = posixpath.splitext(name)[0]
    return stem if len(stem) > 3 else name


def _put_in(attempt: Attempt) -> str:
    """Describe what an edit put in: `testenv.go: config.NewConfig() → config.New()`."""
    values = attempt.shape.values or {}
    path = next(iter(sorted(attempt.shape.files_written())), "")
    old = next((value for key in _OLD if isinstance(value := values.get(key), str)), "")
    new = next((value for key in _NEW if isinstance(value := values.get(key), str)), "")
    patch = next((value for value in values.values() if isinstance(value, str) and _PATCH in value), "")
    if patch:
        lines = patch[:MAX_PATCH].splitlines()
        old = "\n".join(line[1:] for line in lines if line.startswith("-"))
        new = "\n".join(line[1:] for line in lines if line.startswith("+"))
    parts = code_change(old, new) if old else []
    return f"{posixpath.basename(path)}: {', '.join(parts)}" if parts else ""


def search_that_hit(trial: Trial) -> Fix | None:
    """Pair a search that found nothing, or tests that did not run, with the first that did."""
    failed, failure, later, between = trial
    if failure.how != "nothing" or len(between) >= SHORT_WINDOW or trial.same_call:
        return None
    if failed.shape.steps and not searches(failed.shape):
        return _tests_that_ran(trial)
    if not searches(later.shape) or found_nothing(later.call):
        return None
    if _letters(failed) != _letters(later):
        # another name is another question
        return None
    misses = 1 + sum(searches(attempt.shape) and found_nothing(attempt.call) for attempt in between)
    same_place = failed.shape.files() == later.shape.files()
    # where a name is defined is worth knowing after a single wrong guess
    defined = bool(failed.shape.files()) and _DEFINITION.search(_line(failed)) is not None
    change = arrow(_line(failed), _line(later), MAX_SHOWN)
    return Fix(change, 0.7 if same_place else 0.6) if same_place or defined or misses > 1 else None


def _tests_that_ran(trial: Trial) -> Fix | None:
    step, other = _checker(trial.failed), _checker(trial.later)
    if step is None or other is None or step.command.program != other.command.program:
        return None
    shared = trial.failed.shape.targets_of("name") & trial.later.shape.targets_of("name")
    # another test is another job
    return Fix(arrow(_line(trial.failed), _line(trial.later), MAX_SHOWN), 0.75) if shared else None


def _letters(attempt: Attempt) -> str:
    """Return the letters of what a search asks for, so that two ways to write a pattern are equal."""
    return "".join(filter(str.isalnum, " ".join(sorted(attempt.shape.targets_of("name"))).lower()))


def _line(attempt: Attempt) -> str:
    shape = attempt.shape
    if shape.steps:
        return " ".join(" ".join((*step.command.wrappers, *step.command.words)) for step in shape.steps[:3])
    return f"{shape.tool} {' '.join(str(value) for value in (shape.values or {}).values())}"


def refused_then_done(trial: Trial) -> Fix | None:
    """Pair a call that the person refused in words with the next of its tool."""
    failure = trial.failure
    near = len(trial.between) < SHORT_WINDOW
    if failure.how != "refused" or not near or not trial.same_tool or trial.same_call:
        return None
    return Fix(f"the person said: {failure.line}", 0.75)


def names_looked_up(trial: Trial) -> Fix | None:
    """Pair a statement with a guessed table or column with the next that lists what there is."""
    later = trial.later
    if len(trial.between) >= SHORT_WINDOW or not trial.same_tool:
        return None
    if not _LISTS.match(later.shape.sql) or gave_no_rows(later.call):
        return None
    return Fix(f"looked up first: {short(later.shape.sql, MAX_SHOWN)}", 0.6)


WAYS: tuple[Way, ...] = (
    Way("one other argument", one_argument_changed),
    Way("running the same command differently", words_added),
    Way("another program", another_program),
    Way("an edit", edited_between),
    Way("dealing with what was in its way", way_cleared),
    Way("resolving a conflict", conflict_resolved),
    Way("another search", search_that_hit),
    Way("asking for a smaller part", shown_in_parts),
    Way("doing what the person asked for", refused_then_done),
)
LOOK_UP = Way("a look at what there is", names_looked_up)
"""The way that counts where no other is found: it shows how to ask, not what the answer is."""


def look_up(trial: Trial) -> tuple[Way, Fix] | None:
    """Return the look-up that followed a guess; None if the later call is none."""
    fix = names_looked_up(trial)
    return None if fix is None else (LOOK_UP, fix)


def fix_of(trial: Trial) -> tuple[Way, Fix] | None:
    """Return what set a failed call right, and in which way; None if the later call did not."""
    failed, failure, later, _ = trial
    if _overrules(later) - _overrules(failed):
        return None
    if later.shape.values is None or failed.shape.values is None or (_probes(later) and not _probes(failed)):
        return None
    for way in WAYS:
        fix = way.find(trial)
        if fix is not None and fix.change:
            return None if _still_broken(later, failure) else (way, fix)
    return None


def _overrules(attempt: Attempt) -> set[str]:
    """Return the options of a command line that overrule a check."""
    return {word for step in attempt.shape.steps for word in step.command.words if word in _OVERRIDES}


def window_of(failure: Failure) -> int:
    """Return how many calls after a failure are searched for its fix."""
    if failure.how in ("nothing", "refused"):
        return SHORT_WINDOW
    checked = failure.how == "findings" or failure.kind in ("command", "module")
    return LONG_WINDOW if checked else WINDOW


def _probes(attempt: Attempt) -> bool:
    """Whether a command only asks a program for its version or help, which does no work."""
    return any(_PROBE.intersection(step.command.words) for step in attempt.shape.steps[-1:])


def _still_broken(later: Attempt, failure: Failure) -> bool:
    """Whether the output of a call that counts as ok shows the same error, or another one."""
    if failure.how == "failed" and len(failure.line) > 12 and _still_says(later, failure):
        return True
    text = readable_result(later.call.result.text) if later.call.result is not None else ""
    is_shell = bool(later.shape.steps) and not later.call.verdict.findings
    return is_shell and _STILL_BROKEN.search(text[:2_000]) is not None
