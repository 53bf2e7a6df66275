"""Facts about the calls of a whole session: which recurred, what is scratch, which gave the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape, shapes_in
from warmtui.analysis.call_similarity import gave_no_rows
from warmtui.analysis.command_purpose import CONVENTIONS
from warmtui.analysis.recoveries import approach_of
from warmtui.analysis.scratch_files import ScratchFiles, find_scratch_files
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session


class Facts(NamedTuple):
    """What the whole session says about its calls."""

    shapes: tuple[CallShape, ...]
    uses: Mapping[int, int]
    """For each successful call: how often it, or its family, succeeded."""
    scratch: ScratchFiles
    """What the session made for itself."""
    answers: frozenset[int]
    """The last query of each turn, if it returned rows: no other attempt followed it."""


def family(shape: CallShape) -> str:
    """Return the tool and approach of a call. Calls of one family show the same thing."""
    if shape.steps:
        return f"{shape.tool}: {' + '.join(sorted(approach_of(shape)))}"
    return f"{shape.tool}: {shape.skeleton}"


def facts_of(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape] | None = None
) -> Facts:
    """Gather what the session says about its calls as a whole.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of` for them, when the caller has it.
    """
    cwd = session.header.cwd or ""
    shapes = shapes_in(cwd, calls, shapes)
    groups: dict[str, list[int]] = {}
    previous = (-1, "")
    looping: set[int] = set()
    queries: dict[int, int] = {}
    for index, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if shape.sql:
            queries[call.turn] = index
        if call.verdict.outcome != "ok" or call.housekeeping:
            continue
        exact = f"{call.call.tool} {canonical(call.call.arguments)}"
        key = family(shape) if shape.purpose in CONVENTIONS or is_nested(shape) else exact
        groups.setdefault(key, []).append(index)
        # a call repeated at once is an agent in a loop, not one that returns to what worked
        looping.update({index} if (call.turn, exact) == previous else ())
        previous = (call.turn, exact)
    uses = {index: len(set(group) - looping) for group in groups.values() for index in group}
    return Facts(
        shapes,
        uses,
        find_scratch_files(calls, shapes, cwd),
        frozenset(
            index
            for index in queries.values()
            if calls[index].verdict.outcome == "ok" and not gave_no_rows(calls[index])
        ),
    )


def is_nested(shape: CallShape) -> bool:
    """Whether the arguments of a plain call contain lists or objects."""
    values = shape.values or {}
    if len(values) < 2 or shape.steps or shape.sql or shape.code:
        return False
    return any(isinstance(value, (list, dict)) and value for value in values.values())
