"""What a whole session says about its calls: which came back, what is scratch, which gave the answer."""

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
    """For each call that succeeded: how often it, or its way, succeeded."""
    made: ScratchFiles
    """What the session made for itself."""
    answers: frozenset[int]
    """The last query of each turn, where it gave rows: no other try followed it."""


def family(shape: CallShape) -> str:
    """Return what calls have in common that show the same thing: tool and way."""
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
        shapes: what `call_shape.shapes_of` gave for them, when the caller has it already.
    """
    cwd = session.header.cwd or ""
    shapes = shapes_in(cwd, calls, shapes)
    groups: dict[str, list[int]] = {}
    previous = (-1, "")
    looping: set[int] = set()
    queries: dict[int, int] = {}
    for i, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if shape.sql:
            queries[call.turn] = i
        if call.verdict.outcome != "ok" or call.housekeeping:
            continue
        exact = f"{call.call.tool} {canonical(call.call.arguments)}"
        key = family(shape) if shape.purpose in CONVENTIONS or is_nested(shape) else exact
        groups.setdefault(key, []).append(i)
        # a call made again at once is an agent in a loop, not one that came back to what worked
        looping.update({i} if (call.turn, exact) == previous else ())
        previous = (call.turn, exact)
    uses = {i: len(set(group) - looping) for group in groups.values() for i in group}
    return Facts(
        shapes,
        uses,
        find_scratch_files(calls, shapes, cwd),
        frozenset(
            i for i in queries.values() if calls[i].verdict.outcome == "ok" and not gave_no_rows(calls[i])
        ),
    )


def is_nested(shape: CallShape) -> bool:
    """Whether the arguments of a plain call have lists or objects inside."""
    values = shape.values or {}
    if len(values) < 2 or shape.steps or shape.sql or shape.code:
        return False
    return any(isinstance(value, (list, dict)) and value for value in values.values())
