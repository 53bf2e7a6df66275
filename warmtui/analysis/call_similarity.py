"""Calls compared: what two tries at one job have in common, and what a call did beside its result."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import Counter
from typing import NamedTuple

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import Job, Lead, job_of
from warmtui.analysis.error_patterns import readable
from warmtui.analysis.shell import Command
from warmtui.model.outcome import JudgedCall

CLOSE_TEXT = 0.8
"""Commands at least this alike are the same command written another way."""
SIMILAR_TEXT = 0.5
"""Commands, statements and passages at least this alike (difflib ratio) are two tries at one thing."""
_COMPARED = 400
"""Characters of two texts that are compared: the comparison costs their product."""

_FILTERS = frozenset(
    [
        "grep",
        "egrep",
        "fgrep",
        "rg",
        "sort",
        "uniq",
        "wc",
        "awk",
        "gawk",
        "cut",
        "sed",
        "jq",
        "tr",
        "xargs",
        "comm",
        "diff",
        "join",
        "column",
    ]
)
"""Programs behind a pipe that shape what was asked for; `head` and `tail` only shorten it."""
_TELLING: frozenset[Job] = frozenset({"test", "build", "check", "install", "run", "query", "edit", "remove"})
EDITS: frozenset[Job] = frozenset({"edit", "remove"})
"""Jobs that change files."""
_NOTHING = re.compile(
    r"(?:\[\]|\{\}|\(\)|null|none|0|no (?:matches|results|files)[\w .]{0,40})?\Z", re.IGNORECASE
)
_COUNT_NOTHING = re.compile(r'"(?:total_count|count|total|num_matches)":\s*0\b')
_NO_ROWS = re.compile(
    r"[\[(\s]*(?:0(?:\.0+)?|none|null)?[\])\s,]*\Z|(?:empty set|0 rows|\(0 rows\))", re.IGNORECASE
)
_WRITING_KEYS = frozenset({"content", "new_string", "new_str", "patch", "file_text", "edits", "input"})
_NO_SHELL = (None, None)


class Attempt(NamedTuple):
    """One call of the session with what it is about."""

    number: int
    """Its index among the session's calls."""
    call: JudgedCall
    shape: CallShape


class Fix(NamedTuple):
    """How one call set another right."""

    change: str
    strength: float
    """0..1: how sure it is that both calls had one job; breaks ties between failures with one fix."""
    path: str = ""
    """Of a misnamed path: the right one."""


def alike(before: str, after: str) -> float:
    """Return how alike two texts are, 0..1 (difflib's ratio over their first 400 characters)."""
    if before == after:
        return 1.0
    matcher = difflib.SequenceMatcher(None, before[:_COMPARED], after[:_COMPARED], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR_TEXT else 0.0


def empty_result(call: JudgedCall) -> bool:
    """Whether a call found or printed nothing."""
    if call.result is None:
        return True
    text = call.result.text
    if len(text) < 400 and _COUNT_NOTHING.search(text):
        return True
    return _NOTHING.match(readable(text[:4_000]).strip()) is not None


def no_rows(call: JudgedCall) -> bool:
    """Whether a query gave no rows, or one row that holds nothing: a count of zero, a sum over no rows."""
    if empty_result(call):
        return True
    text = call.result.text if call.result is not None else ""
    return len(text) < 400 and _NO_ROWS.match(readable(text).strip()) is not None


def written(shape: CallShape) -> frozenset[str]:
    """Return the files that a call creates or changes."""
    if shape.commands:
        files: set[str] = set()
        for command, how in zip(shape.commands, shape.leads, strict=True):
            files.update(
                posixpath.normpath(posixpath.join(command.directory, path)) for path in command.writes
            )
            if job_of(command, how) in EDITS or how.program in ("git", "unzip", "tar"):
                files.update(
                    posixpath.normpath(posixpath.join(command.directory, word))
                    for word in how.rest
                    if not word.startswith("-")
                )
        return frozenset(files)
    if shape.values is not None and _WRITING_KEYS & shape.values.keys():
        return shape.files()
    return frozenset()


def about(shape: CallShape) -> frozenset[str]:
    """Return what a call is about, without the programs it uses."""
    return frozenset(t for t in shape.targets if not t.startswith("program:"))


def steps(shape: CallShape) -> list[tuple[Command, Lead]]:
    """Return the commands of a shell call with how each begins."""
    return list(zip(shape.commands, shape.leads, strict=True))


def step_with(shape: CallShape, things: frozenset[str]) -> tuple[Command, Lead] | tuple[None, None]:
    """Return the step of a command line that used one of these programs."""
    for command, how in steps(shape):
        names = {command.program, how.program, posixpath.basename(how.program), how.interpreter}
        if names & things:
            return command, how
    return _NO_SHELL


def same_job_step(shape: CallShape, job: Job) -> tuple[Command, Lead] | tuple[None, None]:
    """Return the first step of a command line that does this job."""
    return next(((c, how) for c, how in steps(shape) if job_of(c, how) == job), _NO_SHELL)


def _asked(shape: CallShape) -> Counter[str]:
    """Count the parts of a command line that say what is asked: its filters and its telling jobs."""
    found: Counter[str] = Counter()
    for command, how in steps(shape):
        if command.piped and command.program in _FILTERS:
            found[command.program] += 1
        elif not command.piped and job_of(command, how) in _TELLING:
            found[f"job {job_of(command, how)}"] = 1
    return found


def keeps_parts(f: CallShape, g: CallShape) -> bool:
    """Whether a command line still asks for all parts of an earlier one: none of its filters and jobs gone.

    A program may be replaced by another one (`awk` for `cut`); fewer of them ask for something else.
    """
    if not f.commands or not g.commands:
        return True
    asked, asks = _asked(f), _asked(g)
    jobs = {part for part in asked if part.startswith("job ")}
    filters = sum(count for part, count in asked.items() if part not in jobs)
    others = sum(count for part, count in asks.items() if not part.startswith("job "))
    return jobs <= asks.keys() and filters <= others
