"""Whether a later call got round a program or module that a failed one missed (A5)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from warmtui.analysis.call_similarity import (
    CLOSE_TEXT,
    SIMILAR_TEXT,
    Attempt,
    Fix,
    about,
    alike,
    same_job_step,
    step_with,
    steps,
    written,
)
from warmtui.analysis.command_purpose import Lead, job_of
from warmtui.analysis.error_patterns import readable
from warmtui.analysis.recoveries.changes import code_change, command_change, how_run, joined
from warmtui.analysis.recoveries.failure_causes import Trouble
from warmtui.analysis.shell import Command

_NO_PACKAGE = re.compile(r"-|\.\Z|[\w./-]*requirements[\w./-]*\.txt\Z")
"""Words of an install command that name no package: it installs what the project says."""


def _installed(things: frozenset[str], between: Sequence[Attempt]) -> str:
    """Say what was installed between two calls, if it can have brought what was missing."""
    for attempt in between:
        if attempt.call.verdict.outcome != "ok" or attempt.shape.job != "install":
            continue
        result = readable(attempt.call.result.text) if attempt.call.result else ""
        if "already satisfied" in result and "Successfully installed" not in result:
            continue
        words = " ".join(word for command in attempt.shape.commands for word in command.words).lower()
        thing = next((t for t in sorted(things) if t.lower().split(".")[0] in words), None)
        if thing is not None:
            return f"installed {thing} first"
        if all(_NO_PACKAGE.match(word) for how in attempt.shape.leads for word in how.rest):
            return f"ran {how_run(attempt.shape.commands[-1], attempt.shape.leads[-1])} first"
    return ""


def _own(how: Lead, command: Command, attempts: Sequence[Attempt]) -> bool:
    """Whether a command runs a file that these calls wrote themselves: a scratch script, no convention."""
    path = posixpath.normpath(posixpath.join(command.directory, how.program))
    return any(path in written(attempt.shape) for attempt in attempts)


def missing_program(f: Attempt, g: Attempt, trouble: Trouble, between: Sequence[Attempt]) -> Fix | None:
    """Tell whether `g` ran what `f` could not: installed, found elsewhere, or replaced by another."""
    command, how = step_with(f.shape, trouble.things)
    if command is None or how is None:
        return None
    if f.shape.skeleton == g.shape.skeleton:
        installed = _installed(trouble.things, between)
        return Fix(installed, 0.9) if installed else None
    job = job_of(command, how)
    ours = about(f.shape)
    shared = ours & about(g.shape)
    typed = how_run(command, how)
    close = [step for step in steps(g.shape) if alike(typed, how_run(*step)) >= CLOSE_TEXT]
    other, other_how = close[0] if close else same_job_step(g.shape, job)
    if other is None or other_how is None:
        return None
    still = {other.program, other_how.program, posixpath.basename(other_how.program), other_how.interpreter}
    if trouble.things & still:
        # the missing thing itself, found in another place or through another interpreter
        placed = other.words[0] != command.words[0] and "/" in other.words[0]
        placed = placed or other.wrappers != command.wrappers
        if not (placed or (trouble.kind == "module" and how_run(command, how) != how_run(other, other_how))):
            return None
    if _own(other_how, other, [*between, g]):
        return None
    if job == "test":
        strength = 0.9 if shared or not f.shape.files() else 0.75
    elif close or shared or (how.code and other_how.code and alike(how.code, other_how.code) >= SIMILAR_TEXT):
        strength = 0.8
    else:
        return None
    return Fix(joined(command_change((command, how), (other, other_how), with_code=False)), strength)


def missing_module(f: Attempt, g: Attempt, trouble: Trouble, between: Sequence[Attempt]) -> Fix | None:
    """Tell whether `g` ran where the module that `f` missed could be found."""
    for _, how in steps(f.shape):
        if how.module and how.program in trouble.things:
            return missing_program(f, g, trouble, between)
    roots = {thing.split(".")[0] for thing in trouble.things}
    made = {
        part for b in between for path in written(b.shape) for part in posixpath.splitext(path)[0].split("/")
    }
    if roots & made:
        return None
    installed = _installed(trouble.things, between)
    shared = about(f.shape) & about(g.shape)
    if not f.shape.commands:
        # code run by a tool: the same module must still be wanted, and reached another way
        wanted = any(t[7:].split(".")[0] in roots for t in g.shape.targets if t.startswith("module:"))
        if not wanted or g.call.call.tool != f.call.call.tool:
            return None
        change = joined([installed, *code_change(f.shape.code, g.shape.code)])
        return Fix(change, 0.9) if change and f.shape.code != g.shape.code else None
    for command, how in steps(f.shape):
        job = job_of(command, how)
        if job not in ("test", "run", "build", "check"):
            continue
        for other, other_how in steps(g.shape):
            same = (other_how.program, other_how.subcommand) == (how.program, how.subcommand) and not how.code
            same = same or bool(how.code and other_how.code and alike(how.code, other_how.code) >= 0.7)
            if not same and not (shared and job_of(other, other_how) == job):
                continue
            reached = (
                how_run(command, how) != how_run(other, other_how)
                or set(other.assigned) - set(command.assigned)
                or other.directory != command.directory
                or (how.code and "sys.path" in other_how.code and "sys.path" not in how.code)
            )
            if reached or installed:
                parts = command_change((command, how), (other, other_how))
                return Fix(joined([installed, *parts]), 0.85)
    return None
