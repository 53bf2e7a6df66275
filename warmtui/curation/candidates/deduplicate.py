"""Candidates that say the same: lowered within one session, merged across sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import shape_of
from warmtui.analysis.shell import parse
from warmtui.curation.candidates.candidate import Candidate
from warmtui.model.template import ContextMarker, ExampleCall, Note, Recovery, ToolExample

SHOWN_ALREADY = 0.0
"""Evidence left to a duplicate. Merging adds evidence up, which must not lift it above the bar."""

SHOWN_BY_RECOVERY = "the recovery shows it already"
"""The reason of an example that is below the bar only because a recovery shows its call."""

_LONGEST_COMMAND = 40
"""Words of a command that are compared with a marker."""


def lower_duplicates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Put below the bar what a better candidate above it shows already; every candidate stays listed.

    Duplicates are: an example whose call is the one that worked in a recovery, or has its shape and targets;
    and a command among the markers that is the beginning of a command of a recovery or an example.

    Args:
        candidates: candidates of one session, or merged ones.

    Returns:
        The candidates in the same order.
    """
    lowered = list(candidates)
    worked = {
        signature
        for candidate in lowered
        if candidate.worth_keeping and isinstance(candidate.record, Recovery)
        for signature in _signatures(candidate.record.fixed)
    }
    commands: set[tuple[str, ...]] = set()
    for index, candidate in enumerate(lowered):
        match candidate.record:
            case Recovery() if candidate.worth_keeping:
                commands.update(_commands(candidate.record.fixed))
            case ToolExample() if candidate.worth_keeping:
                calls = candidate.record.calls
                # an example of several calls shows their order too, so it stays
                if len(calls) == 1 and worked.intersection(_signatures(calls[0])):
                    lowered[index] = _lower(candidate, SHOWN_BY_RECOVERY)
                else:
                    commands.update(command for call in calls for command in _commands(call))
            case _:
                pass
    # the marker `pytest` says nothing beside the example `pytest -q tests`
    beginnings = {
        command[:length]
        for command in commands
        for length in range(1, min(len(command), _LONGEST_COMMAND) + 1)
    }
    for index, candidate in enumerate(lowered):
        if candidate.worth_keeping and _begins_known(candidate, beginnings):
            lowered[index] = _lower(candidate, "an example or a recovery shows it already")
    return lowered


def _signatures(call: ExampleCall) -> Iterator[tuple[object, ...]]:
    """Yield the keys of a call. Two calls that show the same thing share at least one key."""
    yield "call", call.tool, canonical(call.arguments)
    shape = shape_of(call.tool, call.arguments)
    if shape.skeleton and shape.targets:
        yield "shape", call.tool, shape.skeleton, shape.targets


def _commands(call: ExampleCall) -> Iterator[tuple[str, ...]]:
    for command, _, _ in shape_of(call.tool, call.arguments).steps:
        yield (command.directory, *command.wrappers, *command.words)


def _begins_known(candidate: Candidate, beginnings: set[tuple[str, ...]]) -> bool:
    """Whether a candidate is a command marker all of whose commands are beginnings of known ones."""
    if not isinstance(candidate.record, ContextMarker) or candidate.record.kind != "command":
        return False
    commands = [
        (command.directory, *command.wrappers, *command.words) for command in parse(candidate.record.text)
    ]
    return bool(commands) and all(command in beginnings for command in commands)


def _lower(candidate: Candidate, reason: str) -> Candidate:
    if reason in candidate.reasons:
        return candidate
    evidence = min(candidate.evidence, SHOWN_ALREADY)
    return replace(candidate, evidence=evidence, reasons=(reason, *candidate.reasons))


def merge_candidates(sessions: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Merge the candidates of many sessions, each thing once.

    Candidates with the same key add up their evidence. The one with the most evidence represents them; of
    equals, the one of the earlier session. Markers also add up their uses, notes the sessions they
    were seen in.

    Args:
        sessions: the candidates of each session, the preferred session first.

    Returns:
        The candidates, most evidence first, ties to the earlier session and message.
    """
    groups: dict[str, list[tuple[int, Candidate]]] = {}
    for number, candidates in enumerate(sessions):
        for candidate in candidates:
            groups.setdefault(candidate.key, []).append((number, candidate))
    merged = [_merge_group(group) for group in groups.values()]
    lowered = lower_duplicates(candidate for _, candidate in merged)
    ranked = list(zip((number for number, _ in merged), lowered, strict=True))
    ranked.sort(key=lambda pair: (-pair[1].evidence, pair[0], pair[1].order))
    return tuple(candidate for _, candidate in ranked)


def _merge_group(group: Sequence[tuple[int, Candidate]]) -> tuple[int, Candidate]:
    """Return the candidate that represents a group, with the number of its session."""
    number, best = max(group, key=lambda pair: (pair[1].evidence, -pair[0], -pair[1].order))
    if len(group) == 1:
        return number, best
    candidates = [candidate for _, candidate in group]
    record = best.record
    if isinstance(record, ContextMarker):
        uses = sum(
            candidate.record.uses for candidate in candidates if isinstance(candidate.record, ContextMarker)
        )
        record = record.model_copy(update={"uses": uses})
    elif isinstance(record, Note):
        # a session may say the same twice
        seen = {session: other.record.seen for session, other in group if isinstance(other.record, Note)}
        record = record.model_copy(update={"seen": sum(seen.values())})
    sessions = len({session for session, _ in group})
    return number, replace(
        best,
        record=record,
        evidence=round(sum(candidate.evidence for candidate in candidates), 3),
        reasons=(f"seen in {sessions} sessions", *best.reasons) if sessions > 1 else best.reasons,
        flags=tuple(dict.fromkeys(flag for candidate in candidates for flag in candidate.flags)),
    )
