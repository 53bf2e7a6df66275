"""Recoveries (A5): a failed call and the later call that did the same job right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.attempts import Attempt, Fix
from warmtui.analysis.fixes import fix_of
from warmtui.analysis.jobs import job_of
from warmtui.analysis.targets import CallShape, shape_of
from warmtui.analysis.troubles import Trouble, trouble_of
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

WINDOW = 15
"""Calls after the failed one among which its fix is looked for: in the recorded and the measured sessions
every pair worth keeping lay closer, and what lies farther is another task of the same turn."""
LONG_WINDOW = 40
"""The same for a missing program or module: the next run of the tests settles it, however late."""
TURNS = 1
"""A fix lies in the same turn or in the next (PRODUCT.md, "recovery")."""


class FoundRecovery(NamedTuple):
    """A failed call, the call that did its job, and what changed between them."""

    failed: JudgedCall
    fixed: JudgedCall
    failed_index: int
    """Index of the failed call in the calls given."""
    fixed_index: int
    failures: tuple[int, ...]
    """Indexes of all failed calls that this fix answers, this one's own included."""
    error: str
    """The error in one line."""
    error_type: str
    change: str
    """What changed, in words: `python -m pytest → python3 -m unittest`."""
    used_after: int
    """How often the fixed shape was used successfully afterwards, calls repeated at once not counted."""
    strength: float
    """0..1: how sure it is that both calls had one job."""


class _Pair(NamedTuple):
    failed: int
    fixed: int
    trouble: Trouble
    fix: Fix


def way(shape: CallShape) -> frozenset[str]:
    """Return what counts as using a call's way of doing things again.

    For a shell call how each telling program is run, for a database the tables, else the tool with the
    files and addresses it is about.
    """
    if shape.commands:
        steps = [
            (how, command.wrappers, job_of(command, how))
            for command, how in zip(shape.commands, shape.leads, strict=True)
        ]
        told = {
            " ".join((*wrappers, how.interpreter, "-m" if how.module else "", how.program, how.subcommand))
            for how, wrappers, job in steps
            if job == shape.job and not how.code
        }
        if told:
            return frozenset(told)
    kept = ("file:", "url:", "table:", "module:")
    return frozenset(t for t in shape.targets if t.startswith(kept)) | {f"tool:{shape.tool}"}


def _used_again(fix: Fix, fixed: CallShape, later: CallShape) -> bool:
    if fix.path:
        return fix.path in later.files()
    if fixed.commands:
        return bool(way(fixed) & way(later))
    return way(fixed) <= way(later)


def _at_once(before: JudgedCall, call: JudgedCall) -> bool:
    """Whether a call repeats the one before it in the same turn: an agent in a loop."""
    return before.turn == call.turn and before.call[1:] == call.call[1:]


def _pairs(attempts: Sequence[Attempt], cwd: str) -> Iterator[_Pair]:
    for i, failed in enumerate(attempts):
        if failed.call.verdict.outcome != "error" or failed.call.housekeeping or failed.call.result is None:
            continue
        trouble = trouble_of(failed.call, failed.shape, cwd)
        window = LONG_WINDOW if trouble.kind in ("command", "module") else WINDOW
        seen = 0
        for j in range(i + 1, len(attempts)):
            later = attempts[j]
            if later.call.turn > failed.call.turn + TURNS or seen >= window:
                break
            if later.call.housekeeping:
                continue
            seen += 1
            if later.call.verdict.outcome != "ok" or later.call.position == failed.call.position:
                continue
            fix = fix_of(failed, later, trouble, attempts[i + 1 : j])
            if fix is not None:
                yield _Pair(i, j, trouble, fix)
                break


def find_recoveries(session: Session, calls: Sequence[JudgedCall]) -> tuple[FoundRecovery, ...]:
    """Find the failed calls whose job a later call did right.

    A fix counts when its outcome is `ok`, findings included: a test runner that ran is what
    `pytest: command not found` wanted. Several failures with one fix, and the same failure fixed the same
    way again, are one recovery.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order.

    Returns:
        The recoveries in the order of their failed calls.
    """
    cwd = session.header.cwd or ""
    attempts = [
        Attempt(i, call, shape_of(call.call.tool, call.call.arguments, cwd)) for i, call in enumerate(calls)
    ]
    by_fix: dict[tuple[int, str], list[_Pair]] = {}
    for pair in _pairs(attempts, cwd):
        by_fix.setdefault((pair.fixed, pair.trouble.kind), []).append(pair)
    merged: dict[tuple[str, frozenset[str], str], tuple[_Pair, list[int]]] = {}
    for pairs in by_fix.values():
        best = max(pairs, key=lambda pair: (pair.fix.strength, -pair.failed))
        key = (best.trouble.kind, best.trouble.things, attempts[best.fixed].shape.skeleton)
        kept = merged.setdefault(key, (best, []))
        kept[1].extend(pair.failed for pair in pairs)
    found = []
    for best, failures in merged.values():
        fixed = attempts[best.fixed]
        after = sum(
            later.call.verdict.outcome == "ok"
            and _used_again(best.fix, fixed.shape, later.shape)
            and not _at_once(attempts[later.number - 1].call, later.call)
            for later in attempts[best.fixed + 1 :]
        )
        failed = attempts[best.failed].call
        found.append(
            FoundRecovery(
                failed,
                fixed.call,
                best.failed,
                best.fixed,
                tuple(sorted(set(failures))),
                best.trouble.line or failed.verdict.reason,
                failed.verdict.error_type,
                best.fix.change,
                after,
                best.fix.strength,
            )
        )
    return tuple(sorted(found, key=lambda recovery: recovery.failed_index))
