"""Whether a later call did a failed call's job right, by what the failed one ran into (A5).

The rules prefer silence: a test that passes after an edit, a file that was created in between, an identical
retry, another order number are work or chance, and nothing to carry into the next session.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from warmtui.analysis.call_shape import CallShape, command_line
from warmtui.analysis.call_similarity import (
    CLOSE_TEXT,
    EDITS,
    SIMILAR_TEXT,
    Attempt,
    Fix,
    about,
    alike,
    empty_result,
    keeps_parts,
    same_job_step,
    steps,
    written,
)
from warmtui.analysis.command_purpose import CONVENTIONS, Job, job_of
from warmtui.analysis.error_patterns import readable
from warmtui.analysis.recoveries.argument_fixes import argument_fix, statement_fix
from warmtui.analysis.recoveries.changes import (
    arrow,
    code_change,
    command_change,
    how_run,
    joined,
    token_change,
    value_change,
)
from warmtui.analysis.recoveries.failure_causes import Trouble
from warmtui.analysis.recoveries.missing_fixes import missing_module, missing_program

SIMILAR_NAME = 0.7
"""File names at least this alike (difflib ratio) are the same file misnamed: `test_domain_python.py`
and `test_domain_py.py`; `deploy.yml` and `docker-compose.yml` are two files."""
_LOOKS: frozenset[Job] = frozenset({"look", "search"})
_LOOSE_JOBS: frozenset[Job] = frozenset({"vcs", "build", "install", "query", "check", "test", "run"})
_TRANSIENT = re.compile(
    r"connection (?:reset|refused|aborted)|temporar|try again|rate limit|too many requests|"
    r"\b(?:429|502|503|504)\b|database is locked|resource busy|network is unreachable|name resolution",
    re.IGNORECASE,
)
_SYNTAX = re.compile(
    r"syntax error|unexpected (?:EOF|end of file|token)|unterminated|unmatched", re.IGNORECASE
)
_EVERYWHERE = re.compile(
    r"(?:index|main|mod|lib|utils?|helpers?|types|config|settings|models|views|urls|admin|app|test|tests|__init__|"
    r"conftest|setup|readme|changelog|license|package|makefile|dockerfile|src|bin|docs?|dist|build|scripts?)"
    r"(?:\.[a-z]{1,5})?\Z",
    re.IGNORECASE,
)
"""Names that projects have in every folder: equal, they say nothing of being the same file."""
_STILL_BROKEN = re.compile(
    r"Traceback \(most recent call last\)|"
    r"^[\w./-]{1,40}: [^\n]{0,200}(?:No such file|command not found|not permitted|denied)",
    re.MULTILINE,
)


def _like(missing: str, path: str) -> float:
    """Return how likely a path is what a missing path meant: 0 for two different files."""
    name, other = posixpath.basename(missing), posixpath.basename(path)
    if not name or not other or missing == path:
        return 0.0
    if name == other:
        if _EVERYWHERE.match(name) and not f"/{path}".endswith(f"/{missing}"):
            near = alike(posixpath.dirname(missing), posixpath.dirname(path)) >= CLOSE_TEXT
            return 0.85 if near else 0.0
        return 0.95
    stem, extension = posixpath.splitext(name)
    other_stem, other_extension = posixpath.splitext(other)
    if stem == other_stem and posixpath.dirname(missing) == posixpath.dirname(path):
        return 0.85
    if extension == other_extension and extension:
        ratio = alike(stem, other_stem)
        return 0.75 if ratio >= SIMILAR_NAME and abs(len(stem) - len(other_stem)) <= 8 else 0.0
    return 0.0


def _wrong_path(f: Attempt, g: Attempt, trouble: Trouble, between: Sequence[Attempt]) -> Fix | None:
    if f.shape.job in EDITS and f.shape.commands:
        return None
    same_kind = f.call.call.tool == g.call.call.tool and (
        f.shape.job == g.shape.job or {f.shape.job, g.shape.job} <= _LOOKS
    )
    reads = not f.shape.commands and not written(f.shape) and g.shape.job in (*_LOOKS, "other")
    if not same_kind and not reads:
        return None
    created = frozenset[str]().union(*(written(b.shape) for b in between if b.call.verdict.outcome == "ok"))
    if written(g.shape) and not written(f.shape):
        return None
    best: tuple[float, str, str] | None = None
    for missing in sorted(trouble.things):
        for path in sorted(g.shape.files() - f.shape.files()):
            score = 0.0 if path in created else _like(missing, path)
            if score and (best is None or score > best[0]):
                best = (score, missing, path)
    if best is None or (empty_result(g.call) and f.shape.job in (*_LOOKS, "other")):
        return None
    score, missing, path = best
    tools = "" if f.call.call.tool == g.call.call.tool else arrow(f.call.call.tool, g.call.call.tool)
    return Fix(joined([f"path {arrow(missing, path)}", tools]), score, path)


def _timeout(f: Attempt, g: Attempt) -> Fix | None:
    if f.call.call.tool != g.call.call.tool:
        return None
    if not f.shape.commands:
        change = joined(value_change(f.shape, g.shape))
        return Fix(change, 0.7) if change and about(f.shape) & about(g.shape) else None
    for command, how in steps(f.shape):
        for other, other_how in steps(g.shape):
            if (other_how.program, other_how.subcommand) != (how.program, how.subcommand):
                continue
            if job_of(command, how) in (*_LOOKS, *EDITS):
                continue
            if how.rest and not set(how.rest) & set(other_how.rest) and not how.module:
                continue
            values = {**f.shape.values} if f.shape.values else {}
            extra = [k for k in (g.shape.values or {}) if k not in values or k in ("timeout", "background")]
            parts = command_change((command, how), (other, other_how))
            parts += [p for p in value_change(f.shape, g.shape) if any(k in p for k in extra)]
            parts = parts or token_change(_line(f.shape), _line(g.shape))
            return Fix(joined(parts), 0.8) if parts else None
    return None


def _permission(f: Attempt, g: Attempt, between: Sequence[Attempt]) -> Fix | None:
    shared = about(f.shape) & about(g.shape)
    if not shared or not f.shape.commands or f.shape.job in _LOOKS:
        return None
    for command, how in steps(f.shape):
        for other, other_how in steps(g.shape):
            if posixpath.basename(other_how.program) != posixpath.basename(how.program):
                continue
            allowed = any(
                step.program in ("chmod", "chown") and shared & about(b.shape)
                for b in (*between, g)
                for step in b.shape.commands
            )
            parts = ["after chmod"] if allowed else []
            if how_run(command, how) != how_run(other, other_how):
                parts.append(arrow(how_run(command, how), how_run(other, other_how)))
            return Fix(joined(parts), 0.8) if parts else None
    return None


def _passage(shape: CallShape) -> str:
    values = shape.values or {}
    return next((v for k, v in values.items() if k.startswith("old_str") and isinstance(v, str)), "")


def _replacement(shape: CallShape) -> str:
    values = shape.values or {}
    return next((v for k, v in values.items() if k.startswith("new_str") and isinstance(v, str)), "")


def _no_match(f: Attempt, g: Attempt, between: Sequence[Attempt]) -> Fix | None:
    if not f.shape.files() & g.shape.files() or f.call.call.tool != g.call.call.tool:
        return None
    read = any(
        b.shape.files() & g.shape.files() and not written(b.shape)
        for b in between
        if b.call.verdict.outcome == "ok"
    )
    old, new = _passage(f.shape), _passage(g.shape)
    similar = alike(old, new)
    if similar < SIMILAR_TEXT or not (
        read or alike(_replacement(f.shape), _replacement(g.shape)) >= SIMILAR_TEXT
    ):
        return None
    if old == new:
        parts = value_change(f.shape, g.shape)
        return Fix(joined(parts), 0.7) if parts else None
    return Fix(joined(["old_string now matches the file", "after reading it" if read else ""]), 0.85)


def _unread(f: Attempt, g: Attempt, between: Sequence[Attempt]) -> Fix | None:
    if f.call.call.tool != g.call.call.tool or not f.shape.files() & g.shape.files():
        return None
    read = any(b.shape.files() & f.shape.files() and not written(b.shape) for b in between)
    return Fix("read the file first", 0.9) if read else None


def _line(shape: CallShape) -> str:
    return command_line(shape.tool, shape.values or {})


def _same_runner(shape: CallShape, other: CallShape) -> bool:
    """Whether two command lines ask one runner of the project's jobs: `npm test`, `npm run test:unit`."""
    if shape.job not in CONVENTIONS or shape.job != other.job:
        return False
    return bool({how.program for how in shape.leads} & {how.program for how in other.leads})


def _usage(f: Attempt, g: Attempt, trouble: Trouble, between: Sequence[Attempt]) -> Fix | None:
    """Pair two tries at one command line, the second with other options or quoting."""
    if f.call.call.tool != g.call.call.tool or not f.shape.commands or not g.shape.commands:
        return None
    if f.shape.job in _LOOKS and (empty_result(g.call) or _SYNTAX.search(trouble.line)):
        return None
    if any(command.inline for command in f.shape.commands) or f.shape.job == "remove":
        return None
    if any(written(b.shape) for b in between):
        return None
    line, other = _line(f.shape), _line(g.shape)
    similar = alike(line, other)
    if similar < 0.6 or not (about(f.shape) & about(g.shape) or _same_runner(f.shape, g.shape)):
        return None
    for command, how in steps(f.shape):
        match = next(((c, h) for c, h in steps(g.shape) if h.program == how.program), None)
        if match is not None:
            parts = command_change((command, how), match)
            if parts:
                return Fix(joined(parts), similar)
    parts = token_change(line, other)
    return Fix(joined(parts), similar) if parts else None


def _loose(f: Attempt, g: Attempt, trouble: Trouble, between: Sequence[Attempt]) -> Fix | None:
    """Pair calls whose error names nothing known: same program, other options, nothing edited meanwhile."""
    if f.shape.code and not f.shape.commands:
        if g.call.call.tool != f.call.call.tool or any(written(b.shape) for b in between):
            return None
        api = re.search(r"has no attribute|unexpected keyword|cannot import name", trouble.line)
        if api is None or alike(f.shape.code, g.shape.code) < 0.6:
            return None
        parts = code_change(f.shape.code, g.shape.code)
        return Fix(joined(parts), 0.6) if parts else None
    if not f.shape.commands:
        return argument_fix(f, g, trouble)
    if f.shape.job not in _LOOSE_JOBS or g.shape.job != f.shape.job:
        return None
    if any(written(b.shape) for b in between):
        return None
    command, how = same_job_step(f.shape, f.shape.job)
    other, other_how = same_job_step(g.shape, g.shape.job)
    if command is None or how is None or other is None or other_how is None:
        return None
    if (how.program, how.subcommand) != (other_how.program, other_how.subcommand) and f.shape.job != "build":
        return None
    if f.shape.job == "run" and set(other.assigned) <= set(command.assigned):
        # a program that works the second time may have been mended: only its environment tells
        return None
    close = alike(" ".join(command.words), " ".join(other.words)) >= CLOSE_TEXT
    if about(f.shape) and not about(f.shape) & about(g.shape) and not close:
        return None
    parts = command_change((command, how), (other, other_how))
    return Fix(joined(parts), 0.6) if parts else None


_PROBE = frozenset({"--version", "-V", "--help", "which", "whereis"})


def fix_of(f: Attempt, g: Attempt, trouble: Trouble, between: Sequence[Attempt]) -> Fix | None:
    """Tell whether `g` did the job at which `f` failed, and what made the difference.

    Args:
        f: the failed call.
        g: a later call whose outcome is `ok`.
        trouble: what `f` ran into.
        between: the calls from `f` to `g`, both left out.
    """
    if g.shape.values is None or f.shape.values is None or (_probes(g) and not _probes(f)):
        return None
    if f.shape.values == g.shape.values and f.call.call.tool == g.call.call.tool:
        if _TRANSIENT.search(trouble.line):
            return Fix("the same call again: a retry", 0.7)
        if trouble.kind not in ("unread", "command", "module", "permission"):
            return None
    if trouble.kind in ("usage", "other", "path", "permission") and not keeps_parts(f.shape, g.shape):
        return None
    fix: Fix | None
    match trouble.kind:
        case "command":
            fix = missing_program(f, g, trouble, between)
        case "module":
            fix = missing_module(f, g, trouble, between)
        case "path":
            fix = _wrong_path(f, g, trouble, between)
        case "timeout":
            fix = _timeout(f, g)
        case "permission":
            fix = _permission(f, g, between)
        case "no-match":
            fix = _no_match(f, g, between)
        case "unread":
            fix = _unread(f, g, between)
        case "schema":
            fix = statement_fix(f, g, trouble)
        case "usage":
            fix = statement_fix(f, g, trouble) if f.shape.sql else _usage(f, g, trouble, between)
        case "argument":
            fix = argument_fix(f, g, trouble)
        case _:
            fix = _loose(f, g, trouble, between)
    return fix if fix is not None and fix.change and not _still_broken(g, trouble) else None


def _probes(one: Attempt) -> bool:
    """Whether a command only asks a program who it is, which does nobody's job."""
    return any(_PROBE.intersection(command.words) for command in one.shape.commands[-1:])


def _still_broken(g: Attempt, trouble: Trouble) -> bool:
    """Whether a call that passes for ok shows the same error, or another of its kind, in what it printed."""
    text = readable(g.call.result.text) if g.call.result is not None else ""
    if len(trouble.line) > 12 and trouble.line.rstrip("…") in " ".join(text.split()):
        return True
    shell = bool(g.shape.commands) and not g.call.verdict.findings
    return shell and _STILL_BROKEN.search(text[:2_000]) is not None
