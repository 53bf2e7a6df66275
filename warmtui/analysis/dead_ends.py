"""Dead ends: what failed several times with the same message, or found nothing again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.call_shape import CallShape, shapes_in
from warmtui.analysis.call_use import CallUse, family_of, use_of
from warmtui.analysis.calls import settle
from warmtui.analysis.command_purpose import LOOKS
from warmtui.analysis.error_patterns import message_shape
from warmtui.analysis.outcomes import error_line
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.results import found_nothing
from warmtui.analysis.scratch_files import ScratchFiles, find_scratch_files
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

MIN_FAILURES = 2
"""A single failure that was never repaired shows that the agent gave up, not that it is no use."""
_USES: frozenset[CallUse] = frozenset({"runner", "service", "tool", "record", "program", "install", "query"})
"""Uses of calls that can be refused here. A file, a statement or code that fails is the agent's own."""
MIN_TRIES = 4
"""Tries of anything else in other words. Fewer are an agent that feels its way; in recorded sessions that
tried as often, hardly one went on to find the way."""
_OF_THE_MOMENT = frozenset(
    {"NoMatch", "Syntax", "FileNotFound", "NotFound", "Exception", "Timeout", "Network", "Findings"}
)
"""Types of errors that say more about the call, or about the hour, than about the place."""
_OF_THE_CODE = frozenset({"Exception", "Findings"})
"""Types of errors that say what the code under work does, however often."""
NOTHING = "it gave nothing"
"""The message of a search that succeeded without a hit."""
MAX_ERRORS = 3
"""Different messages that are told of tries."""


class FoundDeadEnd(NamedTuple):
    """Calls that met the same refusal or error, or found nothing, and were never put right."""

    calls: tuple[int, ...]
    """Indexes of the failed calls among the calls given, in order; at least two."""
    error: str
    """The error of the first, in one line; for tries, the different ones, at most three."""
    same_call: bool
    """Whether all of them are the same call; otherwise only the tool or program is the same."""
    refused: bool = True
    """Whether it was refused from outside; otherwise the agent tried one thing in several wordings."""


class _Met(NamedTuple):
    """What stopped a call: the key of calls like it, the message with slots, and the message."""

    family: str
    shape: str
    line: str
    refused: bool


def find_dead_ends(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    shapes: Sequence[CallShape] | None = None,
) -> tuple[FoundDeadEnd, ...]:
    """Find what failed again and again with the same message, numbers and names aside, and never worked.

    Two refusals are enough; a statement, a search that gives nothing and the like must have been tried
    four times. No dead end: what a recovery answers, what worked later, an error of the code under work, and
    anything that runs a file which the session made for itself.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order.
        recoveries: the result of `find_recoveries` for them.
        shapes: the result of `shapes_of(calls)`, if the caller has it already.

    Returns:
        The dead ends, in the order of their first calls.
    """
    cwd = session.header.cwd or ""
    calls = settle(calls)
    in_folder = shapes_in(cwd, calls, shapes)
    scratch = find_scratch_files(calls, in_folder, cwd)
    answered = {index for recovery in recoveries for index in recovery.failures}
    groups: dict[tuple[str, str], list[tuple[int, _Met]]] = {}
    last_success: dict[str, int] = {}
    for index, (call, shape) in enumerate(zip(calls, in_folder, strict=True)):
        if call.housekeeping or call.result is None:
            continue
        met = _met(call, shape, scratch)
        if met is not None:
            groups.setdefault((met.family, met.shape), []).append((index, met))
        elif call.verdict.outcome == "ok":
            last_success.update(dict.fromkeys(_keys(shape), index))
    return tuple(
        _dead_end(group, calls)
        for (family, _), group in groups.items()
        if len(group) >= (MIN_FAILURES if group[0][1].refused else MIN_TRIES)
        and last_success.get(family, -1) < group[-1][0]
        and answered.isdisjoint(index for index, _ in group)
    )


def _dead_end(group: Sequence[tuple[int, _Met]], calls: Sequence[JudgedCall]) -> FoundDeadEnd:
    indexes = tuple(index for index, _ in group)
    refused = group[0][1].refused
    lines = dict.fromkeys(met.line for _, met in group)
    error = "; ".join([*lines][: 1 if refused else MAX_ERRORS])
    return FoundDeadEnd(indexes, error, len({calls[index].call.arguments for index in indexes}) == 1, refused)


def _met(call: JudgedCall, shape: CallShape, scratch: ScratchFiles) -> _Met | None:
    """Return what stopped a call; None if it did its job, or says nothing about the place."""
    if scratch.run_by(shape):
        return None
    outcome, error_type = call.verdict.outcome, call.verdict.error_type
    if outcome in ("error", "denied"):
        line = error_line(call.result.text) if call.result is not None else ""
        if not line or error_type in _OF_THE_CODE:
            return None
        refused = use_of(shape) in _USES and error_type not in _OF_THE_MOMENT
        return _Met(family_of(shape) if refused else _aim(shape), message_shape(line), line, refused)
    if outcome == "ok" and shape.purpose in LOOKS and found_nothing(call):
        return _Met(_aim(shape), NOTHING, NOTHING, refused=False)
    return None


def _aim(shape: CallShape) -> str:
    """Return a key that tries of one thing share: the same programs on the same files, or the same tool."""
    if not shape.steps:
        return f"tries {shape.tool}"
    programs = dict.fromkeys(step.command.program for step in shape.steps if not step.command.piped)
    return f"tries {' '.join(programs)}: {' '.join(sorted(shape.files()))}"


def _keys(shape: CallShape) -> Iterator[str]:
    yield family_of(shape)
    yield _aim(shape)
