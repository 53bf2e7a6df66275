"""Whether a later call got round a program or module that was missing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import CommandStep
from warmtui.analysis.recoveries.changes import (
    CLOSE_TEXT,
    SIMILAR_TEXT,
    Fix,
    code_change,
    command_change,
    joined,
    run_as,
    similarity,
)
from warmtui.analysis.recoveries.failure_causes import Attempt, FailureCause
from warmtui.analysis.results import readable_result

_NO_PACKAGE = re.compile(r"-|\.\Z|[\w./-]*requirements[\w./-]*\.txt\Z")
"""Arguments of an install command that name no package: it installs the project's own list."""


def _installed(names: frozenset[str], between: Sequence[Attempt]) -> str:
    """Describe what was installed between two calls, if it can have supplied one of the missing names."""
    for call, shape in between:
        if call.verdict.outcome != "ok" or shape.purpose != "install":
            continue
        result = readable_result(call.result.text) if call.result else ""
        if "already satisfied" in result and "Successfully installed" not in result:
            # it installed nothing, so the module was missing for another reason
            continue
        words = " ".join(word for step in shape.steps for word in step.command.words).lower()
        supplied = next((name for name in sorted(names) if name.lower().split(".")[0] in words), None)
        if supplied is not None:
            return f"installed {supplied} first"
        if all(_NO_PACKAGE.match(word) for step in shape.steps for word in step.invocation.rest):
            return f"ran {run_as(shape.steps[-1])} first"
    return ""


def _runs_own_script(step: CommandStep, attempts: Sequence[Attempt]) -> bool:
    """Whether a command runs a file that one of these calls wrote."""
    path = posixpath.normpath(posixpath.join(step.command.directory, step.invocation.program))
    return any(path in attempt.shape.files_written() for attempt in attempts)


def missing_program_fix(
    failed: Attempt, later: Attempt, cause: FailureCause, between: Sequence[Attempt]
) -> Fix | None:
    """Return the fix if a later call ran the missing program: installed, found elsewhere, or replaced."""
    step = _step_running(failed.shape, cause.names)
    if step is None:
        return None
    if failed.shape.skeleton == later.shape.skeleton:
        # the same command works now, so something was installed in between, or chance helped
        installed = _installed(cause.names, between)
        return Fix(installed, 0.9) if installed else None
    typed = run_as(step)
    close = [again for again in later.shape.steps if similarity(typed, run_as(again)) >= CLOSE_TEXT]
    other = close[0] if close else later.shape.step_with_purpose(step.purpose)
    if other is None or (_still_uses(other, cause.names) and not _reached_otherwise(step, other, cause)):
        return None
    if _runs_own_script(other, [*between, later]):
        # a script that the session wrote for itself is no way for the next one
        return None
    shared = failed.shape.subjects() & later.shape.subjects()
    code, other_code = step.invocation.code, other.invocation.code
    if step.purpose == "test":
        strength = 0.9 if shared or not failed.shape.files() else 0.75
    elif close or shared or (code and other_code and similarity(code, other_code) >= SIMILAR_TEXT):
        strength = 0.8
    else:
        return None
    return Fix(joined(command_change(step, other, with_code=False)), strength)


def _step_running(shape: CallShape, programs: frozenset[str]) -> CommandStep | None:
    """Return the first step of a command line that uses any of these programs."""
    for step in shape.steps:
        invocation = step.invocation
        names = {step.command.program, invocation.program, invocation.interpreter}
        if not programs.isdisjoint({*names, posixpath.basename(invocation.program)}):
            return step
    return None


def _still_uses(step: CommandStep, names: frozenset[str]) -> bool:
    program = step.invocation.program
    used = (step.command.program, program, posixpath.basename(program), step.invocation.interpreter)
    return not names.isdisjoint(used)


def _reached_otherwise(step: CommandStep, other: CommandStep, cause: FailureCause) -> bool:
    """Whether the missing name itself was found in another place or through another interpreter."""
    word = other.command.words[0]
    if (word != step.command.words[0] and "/" in word) or other.command.wrappers != step.command.wrappers:
        return True
    return cause.kind == "module" and run_as(step) != run_as(other)


def missing_module_fix(
    failed: Attempt, later: Attempt, cause: FailureCause, between: Sequence[Attempt]
) -> Fix | None:
    """Return the fix if a later call ran where the missing module could be found."""
    for step in failed.shape.steps:
        if step.invocation.module and step.invocation.program in cause.names:
            return missing_program_fix(failed, later, cause, between)
    roots = {name.split(".")[0] for name in cause.names}
    # a module that the session wrote itself was not missing from the environment
    written = [path for attempt in between for path in attempt.shape.files_written()]
    if any(part in roots for path in written for part in posixpath.splitext(path)[0].split("/")):
        return None
    installed = _installed(cause.names, between)
    if not failed.shape.steps:
        return _missing_module_fix_in_code(failed, later, roots, installed)
    shared = failed.shape.subjects() & later.shape.subjects()
    for step in failed.shape.steps:
        if step.purpose not in ("test", "run", "build", "check"):
            continue
        for other in later.shape.steps:
            same_aim = _same_command(step, other) or (shared and other.purpose == step.purpose)
            if same_aim and (installed or _runs_elsewhere(step, other)):
                return Fix(joined([installed, *command_change(step, other)]), 0.85)
    return None


def _missing_module_fix_in_code(
    failed: Attempt, later: Attempt, roots: set[str], installed: str
) -> Fix | None:
    """Return the fix of code that a tool runs: it must still want the module, and reach it differently."""
    wanted = any(module.split(".")[0] in roots for module in later.shape.targets_of("module"))
    if not wanted or later.call.call.tool != failed.call.call.tool or failed.shape.code == later.shape.code:
        return None
    change = joined([installed, *code_change(failed.shape.code, later.shape.code)])
    return Fix(change, 0.9) if change else None


def _same_command(step: CommandStep, other: CommandStep) -> bool:
    code, other_code = step.invocation.code, other.invocation.code
    if code:
        return bool(other_code) and similarity(code, other_code) >= 0.7
    return step.invocation.action == other.invocation.action


def _runs_elsewhere(step: CommandStep, other: CommandStep) -> bool:
    """Whether the second command looks for modules in other places than the first."""
    code, other_code = step.invocation.code, other.invocation.code
    return (
        run_as(step) != run_as(other)
        or not set(other.command.assigned) <= set(step.command.assigned)
        or other.command.directory != step.command.directory
        or bool(code and "sys.path" in other_code and "sys.path" not in code)
    )
