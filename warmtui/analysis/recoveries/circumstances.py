"""What had to be done about a failure other than write the call anew.

The same command works once something in its way is dealt with; a conflict is resolved and the command goes
on; an output that was too long for the model is asked for in parts.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from warmtui.analysis.command_purpose import CommandStep
from warmtui.analysis.patterns import any_of, word_set
from warmtui.analysis.recoveries.changes import MAX_SHOWN, Fix, arrow, joined, only_reads, short
from warmtui.analysis.recoveries.failures import Attempt, Trial, looks_at, searches
from warmtui.analysis.results import found_nothing, was_cut
from warmtui.analysis.tools import command_line

NEAR_LOOK = 4
"""Calls after a list that was cut in which a narrower look counts; a file tells by itself what is meant."""
MOST_STEPS = 2
"""Calls that are told of those that cleared the way."""
_IN_THE_WAY = any_of(
    r"\brejected\b|non-fast-forward|fetch first|\bbehind\b",
    r"must (?:first )?be|need(?:s)? to be|required|before (?:you )?(?:can|merg|push|switch)",
    r"not mergeable|prohibit|protected|policy",
    r"uncommitted|unstaged|would be overwritten|local changes|untracked",
    r"already (?:exists|in use|used|running)|in use\b|\block(?:ed)?\b",
    flags=re.IGNORECASE,
)
"""What a message says when the command itself was right."""
_CONFLICT = re.compile(r"\bCONFLICT\b|Merge conflict|could not apply", re.IGNORECASE)
_CONTINUED = word_set("rebase merge cherry-pick revert am pull")
_LISTS = word_set("ls find tree fd")


def way_cleared(trial: Trial) -> Fix | None:
    """Pair a command with the same one that works after something in its way was dealt with."""
    failed, failure, later, between = trial
    if failure.how != "failed" or not _IN_THE_WAY.search(failure.text):
        return None
    step = _acting(failed)
    other = _acting(later)
    if step is None or other is None or step.command.words != other.command.words:
        return None
    done = [
        told
        for attempt in between
        if attempt.call.verdict.outcome == "ok"
        for told in _changed_by(attempt, step)
    ]
    if not done:
        return None
    return Fix(f"first {joined(list(dict.fromkeys(done))[-MOST_STEPS:])}", 0.75)


def _acting(attempt: Attempt) -> CommandStep | None:
    """Return the command of a line that changes a repository or what a service keeps."""
    acting = (step for step in attempt.shape.steps if step.purpose in ("vcs", "query"))
    return next((step for step in acting if not only_reads(step)), None)


def _changed_by(attempt: Attempt, failed: CommandStep) -> Iterator[str]:
    """Yield the commands of a call that changed the same repository or service."""
    for step in attempt.shape.steps:
        program = posixpath.basename(step.command.program)
        related = step.purpose == "vcs" or program == posixpath.basename(failed.command.program)
        if related and not only_reads(step) and not step.command.piped:
            yield short(" ".join(step.command.words), MAX_SHOWN)


def conflict_resolved(trial: Trial) -> Fix | None:
    """Pair a merge, rebase or the like that met a conflict with the command that went on after it."""
    failed, failure, later, _ = trial
    if failure.how != "failed" or not _CONFLICT.search(failure.text):
        return None
    begun = {word for step in failed.shape.steps for word in step.command.words if word in _CONTINUED}
    for step in later.shape.steps:
        words = step.command.words
        goes_on = "--continue" in words or ("merge" in begun | {"pull"} & begun and "commit" in words)
        if step.command.program == "git" and goes_on and (begun & set(words) or "commit" in words):
            line = command_line(later.shape.tool, later.shape.values or {})
            return Fix(f"resolved the conflict, then {short(line, 2 * MAX_SHOWN)}", 0.8)
    return None


def shown_in_parts(trial: Trial) -> Fix | None:
    """Pair a look whose output was too long for the model with the next that asks for less."""
    failed, failure, later, between = trial
    if failure.how != "cut" or not looks_at(later.shape) or trial.same_call:
        return None
    if found_nothing(later.call) or (later.call.result is not None and was_cut(later.call.result.text)):
        return None
    if lists_files(failed):
        narrower = len(between) < NEAR_LOOK and (lists_files(later) or searches(later.shape))
    else:
        # another search is another question
        narrower = not searches(failed.shape) and bool(failed.shape.files() & later.shape.files())
    return Fix(arrow(_line(failed), _line(later), MAX_SHOWN), 0.7) if narrower else None


def lists_files(attempt: Attempt) -> bool:
    """Whether a call lists what is in folders."""
    steps = attempt.shape.steps
    return bool(steps) and posixpath.basename(steps[0].command.program) in _LISTS


def _line(attempt: Attempt) -> str:
    line = command_line(attempt.shape.tool, attempt.shape.values or {})
    return line or f"{attempt.shape.tool} {' '.join(map(str, (attempt.shape.values or {}).values()))}"
