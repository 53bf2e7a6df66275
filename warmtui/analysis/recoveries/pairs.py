"""Recoveries (A5): a failed call and the later call that did the same job right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.call_shape import CallShape, shapes_in
from warmtui.analysis.call_similarity import Attempt, Fix
from warmtui.analysis.command_purpose import job_of
from warmtui.analysis.recoveries.failure_causes import Trouble, trouble_of
from warmtui.analysis.recoveries.fixes import fix_of
from warmtui.analysis.repeats import canonical
from warmtui.analysis.scratch_files import Leftovers, leftovers
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


def _uses_after(best: _Pair, attempts: Sequence[Attempt], ways: Sequence[frozenset[str]]) -> int:
    """Count the later calls that worked in the way of a fix, those repeated at once left out."""
    fix, shell = best.fix, bool(attempts[best.fixed].shape.commands)
    mine, path = ways[best.fixed], f"file:{fix.path}"
    count = 0
    for number in range(best.fixed + 1, len(attempts)):
        later = attempts[number]
        if later.call.verdict.outcome != "ok":
            continue
        if fix.path:
            again = path in later.shape.targets
        else:
            again = not mine.isdisjoint(ways[number]) if shell else mine <= ways[number]
        if again and not _at_once(attempts[number - 1].call, later.call):
            count += 1
    return count


def _at_once(before: JudgedCall, call: JudgedCall) -> bool:
    """Whether a call repeats the one before it in the same turn: an agent in a loop."""
    return before.turn == call.turn and before.call[1:] == call.call[1:]


def _rests_on(made: Leftovers, fixed: CallShape, trouble: Trouble, fix: Fix) -> bool:
    """Whether what set a call right is something that the session made for itself."""
    if fix.path:
        return made.holds(fix.path)
    if trouble.kind in ("command", "module"):
        # how a program is reached is the project's way, whatever file it was tried on
        return made.runs(fixed)
    return made.carry(fixed)


def _pairs(attempts: Sequence[Attempt], made: Leftovers, cwd: str) -> Iterator[_Pair]:
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
            if fix is not None and not _rests_on(made, later.shape, trouble, fix):
                yield _Pair(i, j, trouble, fix)
                break


def _lessons(pair: _Pair, attempts: Sequence[Attempt]) -> Iterator[tuple[object, ...]]:
    """Yield what recoveries have in common that teach the same: the fixed call, the change, the failure."""
    failed, fixed = attempts[pair.failed], attempts[pair.fixed]
    tool = fixed.call.call.tool
    yield "call", tool, canonical(fixed.call.call.arguments)
    yield "change", failed.call.call.tool, tool, pair.fix.change
    yield "failure", pair.trouble.kind, pair.trouble.things, tool, fixed.shape.skeleton


def _merged(pairs: Sequence[_Pair], attempts: Sequence[Attempt]) -> list[tuple[_Pair, list[int]]]:
    """Bring together the pairs that teach the same; the surest of the first fixed call stands for them."""
    groups: list[list[_Pair]] = []
    where: dict[tuple[object, ...], int] = {}
    for pair in pairs:
        lessons = list(_lessons(pair, attempts))
        place = next((where[lesson] for lesson in lessons if lesson in where), len(groups))
        if place == len(groups):
            groups.append([])
        groups[place].append(pair)
        for lesson in lessons:
            where.setdefault(lesson, place)
    return [
        (
            max(
                (pair for pair in group if pair.fixed == min(one.fixed for one in group)),
                key=lambda pair: (pair.fix.strength, -pair.failed),
            ),
            [pair.failed for pair in group],
        )
        for group in groups
    ]


def find_recoveries(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> tuple[FoundRecovery, ...]:
    """Find the failed calls whose job a later call did right.

    A fix counts when its outcome is `ok`, findings included: a test runner that ran is what
    `pytest: command not found` wanted. Several failures with one fix, the same change made again, and the
    same failure fixed the same way again are one recovery. A fix that rests on what the session made for
    itself is none.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order.
        shapes: what `targets.shapes_of` gave for them, when the caller has it already.

    Returns:
        The recoveries in the order of their failed calls.
    """
    cwd = session.header.cwd or ""
    attempts = [
        Attempt(i, call, shape)
        for i, (call, shape) in enumerate(zip(calls, shapes_in(cwd, calls, shapes), strict=True))
    ]
    made = leftovers(calls, [attempt.shape for attempt in attempts], cwd)
    merged = _merged(list(_pairs(attempts, made, cwd)), attempts)
    ways = [way(attempt.shape) for attempt in attempts] if merged else []
    found = []
    for best, failures in merged:
        fixed = attempts[best.fixed]
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
                _uses_after(best, attempts, ways),
                best.fix.strength,
            )
        )
    return tuple(sorted(found, key=lambda recovery: recovery.failed_index))
