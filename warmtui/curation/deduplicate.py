"""Candidates that show what another one shows already: the call of a recovery, the command of an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import shape_of
from warmtui.analysis.shell import parse
from warmtui.model.template import ContextMarker, ExampleCall, Recovery, ToolExample

if TYPE_CHECKING:
    from warmtui.curation.candidates import Candidate

SHOWN_ALREADY = 0.0
"""Evidence left to such a candidate: merging adds up, and must not lift it above the bar."""

SHOWN_BY_RECOVERY = "the recovery shows it already"
"""Why an example stands below the bar that would else be above it."""


def _shown(call: ExampleCall) -> Iterator[tuple[object, ...]]:
    """Yield what two calls have in common that show the same."""
    yield "call", call.tool, canonical(call.arguments)
    shape = shape_of(call.tool, call.arguments)
    if shape.skeleton and shape.targets:
        yield "shape", call.tool, shape.skeleton, shape.targets


def _commands(call: ExampleCall) -> Iterator[tuple[str, ...]]:
    shape = shape_of(call.tool, call.arguments)
    for command, _, _ in shape.steps:
        yield (command.directory, *command.wrappers, *command.words)


def _lowered(one: Candidate, reason: str) -> Candidate:
    if reason in one.reasons:
        return one
    return replace(one, evidence=min(one.evidence, SHOWN_ALREADY), reasons=(reason, *one.reasons))


def lower_duplicates(found: Iterable[Candidate]) -> list[Candidate]:
    """Put below the bar what a better candidate above it shows already; everything stays listed.

    An example whose call is the one that worked in a recovery, or has its shape and is about the same
    things; and a command among the markers that begins a command of a recovery or of an example.

    Args:
        found: candidates of one session, or merged ones.

    Returns:
        The same candidates in the same order.
    """
    cands = list(found)
    worked = {
        key
        for one in cands
        if one.worth_keeping and isinstance(one.record, Recovery)
        for key in _shown(one.record.fixed)
    }
    commands: set[tuple[str, ...]] = set()
    for i, one in enumerate(cands):
        match one.record:
            case Recovery() if one.worth_keeping:
                commands.update(_commands(one.record.fixed))
            case ToolExample() if one.worth_keeping:
                if len(one.record.calls) == 1 and worked.intersection(_shown(one.record.calls[0])):
                    cands[i] = _lowered(one, SHOWN_BY_RECOVERY)
                else:
                    commands.update(line for call in one.record.calls for line in _commands(call))
            case _:
                pass
    begun = {line[:i] for line in commands for i in range(1, min(len(line), 40) + 1)}
    for i, one in enumerate(cands):
        if one.worth_keeping and isinstance(one.record, ContextMarker) and one.record.kind == "command":
            parts = [(c.directory, *c.wrappers, *c.words) for c in parse(one.record.text)]
            if parts and all(part in begun for part in parts):
                cands[i] = _lowered(one, "an example or a recovery shows it already")
    return cands
