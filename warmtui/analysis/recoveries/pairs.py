"""Pairs of a failed call and the later call that did the same job right."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape, shapes_in
from warmtui.analysis.calls import settle
from warmtui.analysis.recoveries.changes import Fix
from warmtui.analysis.recoveries.circumstances import lists_files
from warmtui.analysis.recoveries.failures import Attempt, Failure, Trial, failure_of, usual_lines, worked
from warmtui.analysis.recoveries.ways import Way, fix_of, look_up, window_of
from warmtui.analysis.scratch_files import ScratchFiles, find_scratch_files
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

TURNS = 1
"""A fix is at most this many turns after the failure."""

SURE = 0.85
LIKELY = 0.7
"""Strengths from which a pair is called sure or likely; below, it is perhaps one."""


_NUMBER = re.compile(r"[0-9]{1,9}")
_HEAD = 300
"""Characters by which two messages are compared; what a harness repeats differs in numbers."""


class FoundRecovery(NamedTuple):
    """A failed call, the call that did its job, and what changed between them."""

    failed: JudgedCall
    fixed: JudgedCall
    failed_index: int
    """Index of the failed call in the calls given."""
    fixed_index: int
    failures: tuple[int, ...]
    """Indexes of all failed calls that this fix answers, `failed_index` included."""
    error: str
    """The error in one line."""
    error_type: str
    """The error's type; `Refused`, `Findings`, `FoundNothing` or `TooLong` where the call did not fail."""
    change: str
    """What changed, in words: `python -m pytest → python3 -m unittest`."""
    used_after: int
    """How often the fixed approach was used successfully afterwards; immediate repeats do not count."""
    strength: float
    """0..1: how certain it is that both calls had the same aim."""
    way: str = ""
    """What set it right, for a person: `another program`."""
    made_by: tuple[JudgedCall, ...] = ()
    """The calls between the two that made the change, where `fixed` is as the failed call was."""

    @property
    def sureness(self) -> str:
        """How certain it is, in a word: `sure`, `likely` or `perhaps`."""
        return "sure" if self.strength >= SURE else "likely" if self.strength >= LIKELY else "perhaps"


class _Pair(NamedTuple):
    failed: int
    fixed: int
    failure: Failure
    fix: Fix
    way: Way


def find_recoveries(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> tuple[FoundRecovery, ...]:
    """Find the failed calls whose job a later call did right: the first that did, in one of the `WAYS`.

    A call also counts as failed when the person refused it in words, when a checker reported findings, when a
    pipe hides its failure, when it found nothing, and when its output was cut. A fix has the outcome `ok`,
    findings included: a test runner that ran is what `pytest: command not found` called for. Several failures
    with the same fix, a repeated change, and a failure fixed the same way again are one recovery. A fix that
    depends on the session's own scratch files does not count.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order; the recoveries are in the order of their failed calls.
        shapes: the result of `shapes_of(calls)`, if the caller has it already.
    """
    cwd = session.header.cwd or ""
    calls = settle(calls)
    in_folder = shapes_in(cwd, calls, shapes)
    requests = _requests(session)
    attempts = [
        Attempt(call._replace(turn=bisect_right(requests, call.position)), shape)
        for call, shape in zip(calls, in_folder, strict=True)
    ]
    scratch = find_scratch_files(calls, in_folder, cwd)
    merged = _merged(list(_pairs(attempts, scratch, cwd, usual_lines(calls))), attempts)
    approaches = [approach_of(attempt.shape) for attempt in attempts] if merged else []
    recoveries = [
        FoundRecovery(
            calls[pair.failed],
            calls[pair.fixed],
            pair.failed,
            pair.fixed,
            tuple(sorted(set(failures))),
            pair.failure.line or attempts[pair.failed].call.verdict.reason,
            _type_of(pair.failure, attempts[pair.failed].call),
            pair.fix.change,
            _uses_after(pair, attempts, approaches),
            pair.fix.strength,
            pair.way.name,
            pair.fix.made_by,
        )
        for pair, failures in merged
    ]
    return tuple(sorted(recoveries, key=lambda recovery: recovery.failed_index))


def _requests(session: Session) -> list[int]:
    """Return the indexes of the person's messages, without those that a harness repeats in their name."""
    heads = {
        position: _NUMBER.sub("0", message.text[:_HEAD])
        for position, message in enumerate(session.messages)
        if message.origin == "person"
    }
    counts = Counter(heads.values())
    return [position for position, head in heads.items() if counts[head] == 1]


def approach_of(shape: CallShape) -> frozenset[str]:
    """Return the approach that a call takes; a later call that shares it uses the approach again.

    For a shell call: how each telling program is run. For a database: the tables. For other tools: the tool
    with its files and addresses.
    """
    runs = set()
    for command, invocation, purpose in shape.steps:
        if purpose == shape.purpose and not invocation.code:
            flag = "-m" if invocation.module else ""
            words = (invocation.interpreter, flag, invocation.program, invocation.subcommand)
            runs.add(" ".join((*command.wrappers, *words)))
    if runs:
        return frozenset(runs)
    kinds = ("file:", "url:", "table:", "module:")
    return frozenset(target for target in shape.targets if target.startswith(kinds)) | {f"tool:{shape.tool}"}


def _type_of(failure: Failure, call: JudgedCall) -> str:
    if failure.how == "failed":
        return call.verdict.error_type or "Other"
    return {"refused": "Refused", "findings": "Findings", "nothing": "FoundNothing", "cut": "TooLong"}[
        failure.how
    ]


def _uses_after(pair: _Pair, attempts: Sequence[Attempt], approaches: Sequence[frozenset[str]]) -> int:
    """Count the later calls that worked with the approach of a fix, without immediate repeats."""
    fixed_approach, is_shell = approaches[pair.fixed], bool(attempts[pair.fixed].shape.steps)
    count = 0
    for index in range(pair.fixed + 1, len(attempts)):
        later = attempts[index]
        if later.call.verdict.outcome != "ok":
            continue
        if pair.fix.path:
            again = f"file:{pair.fix.path}" in later.shape.targets
        elif is_shell:
            again = not fixed_approach.isdisjoint(approaches[index])
        else:
            again = fixed_approach <= approaches[index]
        if again and not _repeats(attempts[index - 1].call, later.call):
            count += 1
    return count


def _repeats(before: JudgedCall, call: JudgedCall) -> bool:
    """Whether a call repeats the call before it in the same turn: an agent in a loop."""
    return before.turn == call.turn and before.call[1:] == call.call[1:]


def _rests_on(scratch: ScratchFiles, fixed: CallShape, failure: Failure, fix: Fix) -> bool:
    """Whether the fix depends on something that the session made for itself."""
    if failure.how == "refused":
        # what the person said holds whatever the call was about
        return False
    if fix.path:
        return scratch.holds(fix.path)
    if failure.kind in ("command", "module"):
        # how a program is run is the project's convention, whatever file it was run on
        return scratch.run_by(fixed)
    return scratch.needed_by(fixed)


def _pairs(
    attempts: Sequence[Attempt], scratch: ScratchFiles, cwd: str, usual: frozenset[str]
) -> Iterator[_Pair]:
    """Yield each failed call with the first later one that set it right."""
    for i, failed in enumerate(attempts):
        failure = failure_of(failed, cwd, usual)
        if failure is None:
            continue
        pair = _first(attempts, i, failure, scratch, fix_of)
        if pair is None and failure.kind == "schema":
            pair = _first(attempts, i, failure, scratch, look_up)
        if pair is not None:
            yield pair


def _first(
    attempts: Sequence[Attempt],
    i: int,
    failure: Failure,
    scratch: ScratchFiles,
    find: Callable[[Trial], tuple[Way, Fix] | None],
) -> _Pair | None:
    """Return a failed call with the first later one that set it right; None without one."""
    failed = attempts[i]
    window = window_of(failure)
    # some agents keep the words of a refusal as a message too
    turns = TURNS + (failure.how == "refused")
    searched = 0
    for j in range(i + 1, len(attempts)):
        later = attempts[j]
        if later.call.turn > failed.call.turn + turns or searched >= window:
            return None
        if later.call.housekeeping:
            continue
        searched += 1
        # calls of the same message were made before the failure was known
        if later.call.position == failed.call.position or not worked(later):
            continue
        found = find(Trial(failed, failure, later, attempts[i + 1 : j]))
        if found is not None and not _rests_on(scratch, later.shape, failure, found[1]):
            return _Pair(i, j, failure, found[1], found[0])
    return None


def _lessons(pair: _Pair, attempts: Sequence[Attempt]) -> Iterator[tuple[object, ...]]:
    """Yield the lessons of a pair: the fixed call, the change, the failure. Equal lessons merge pairs."""
    failed, fixed = attempts[pair.failed], attempts[pair.fixed]
    tool = fixed.call.call.tool
    yield "call", tool, canonical(fixed.call.call.arguments)
    yield "change", failed.call.call.tool, tool, pair.fix.change
    yield "failure", pair.failure.kind, pair.failure.names, tool, fixed.shape.skeleton
    if pair.failure.how == "cut":
        yield "cut", tool, lists_files(failed)


def _merged(pairs: Sequence[_Pair], attempts: Sequence[Attempt]) -> list[tuple[_Pair, list[int]]]:
    """Merge pairs that teach the same; the strongest with the earliest fixed call represents them."""
    groups: list[list[_Pair]] = []
    group_of: dict[tuple[object, ...], int] = {}
    for pair in pairs:
        lessons = list(_lessons(pair, attempts))
        number = next((group_of[lesson] for lesson in lessons if lesson in group_of), len(groups))
        if number == len(groups):
            groups.append([])
        groups[number].append(pair)
        for lesson in lessons:
            group_of.setdefault(lesson, number)
    return [(min(group, key=_rank), [pair.failed for pair in group]) for group in groups]


def _rank(pair: _Pair) -> tuple[int, float, int]:
    return pair.fixed, -pair.fix.strength, pair.failed
