"""Dead ends: what failed several times with the same message and never worked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from warmtui.analysis.call_shape import CallShape, shapes_in
from warmtui.analysis.call_use import CallUse, family_of, use_of
from warmtui.analysis.calls import settle
from warmtui.analysis.error_patterns import message_shape
from warmtui.analysis.outcomes import error_line
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.scratch_files import find_scratch_files
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

MIN_FAILURES = 2
"""A single failure that was never repaired shows that the agent gave up, not that it is no use."""
_USES: frozenset[CallUse] = frozenset({"runner", "service", "tool", "record", "program", "install", "query"})
"""Uses of calls that can be refused here. A file, a statement or code that fails is the agent's own."""
_OF_THE_MOMENT = frozenset(
    {"NoMatch", "Syntax", "FileNotFound", "NotFound", "Exception", "Timeout", "Network", "Findings"}
)
"""Types of errors that say more about the call, or about the hour, than about the place."""


class FoundDeadEnd(NamedTuple):
    """Calls that met the same refusal or error and were never put right."""

    calls: tuple[int, ...]
    """Indexes of the failed calls among the calls given, in order; at least two."""
    error: str
    """The error of the first, in one line."""
    same_call: bool
    """Whether all of them are the same call; otherwise only the tool or program is the same."""


def find_dead_ends(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    shapes: Sequence[CallShape] | None = None,
) -> tuple[FoundDeadEnd, ...]:
    """Find what failed at least twice with the same message, numbers and names aside, and never worked.

    No dead end: what a recovery answers, what worked later, a mistake in a call itself, and anything that
    runs a file which the session made for itself.

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
    groups: dict[tuple[str, str], list[int]] = {}
    last_success: dict[str, int] = {}
    for index, (call, shape) in enumerate(zip(calls, in_folder, strict=True)):
        if call.housekeeping or call.result is None or use_of(shape) not in _USES:
            continue
        family = family_of(shape)
        if call.verdict.outcome == "ok":
            last_success[family] = index
        elif call.verdict.outcome in ("error", "denied") and call.verdict.error_type not in _OF_THE_MOMENT:
            line = error_line(call.result.text)
            if line and not scratch.run_by(shape):
                groups.setdefault((family, message_shape(line)), []).append(index)
    return tuple(
        FoundDeadEnd(
            tuple(indexes),
            error_line(result.text) if (result := calls[indexes[0]].result) is not None else "",
            len({calls[index].call.arguments for index in indexes}) == 1,
        )
        for (family, _), indexes in groups.items()
        if len(indexes) >= MIN_FAILURES
        and last_success.get(family, -1) < indexes[-1]
        and answered.isdisjoint(indexes)
    )
