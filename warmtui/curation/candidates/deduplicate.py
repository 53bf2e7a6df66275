"""Candidates that say the same: lowered within one session, merged across sessions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import log2

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import shape_of
from warmtui.analysis.call_use import CallUse, family_of, use_of
from warmtui.analysis.conventions import command_in
from warmtui.analysis.error_patterns import message_shape
from warmtui.analysis.patterns import word_set
from warmtui.analysis.preference_words import without_numbers
from warmtui.analysis.preferences import handover_form
from warmtui.analysis.shell import Command, parse
from warmtui.analysis.user_patterns import in_words
from warmtui.curation.candidates.candidate import Candidate, SystemContext
from warmtui.curation.summaries import single_line
from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Item,
    Note,
    Recovery,
    ToolExample,
    UserPatterns,
    seen_also,
)

SHOWN_ALREADY = 0.0
"""Evidence left to a duplicate. Merging adds evidence up, which must not lift it above the bar."""

SHOWN_BY_RECOVERY = "the recovery shows it already"
"""The reason of an example that is below the bar only because a recovery shows its call."""

SEEN_AGAIN = 1.5
"""Points for being seen in twice as many sessions: in two 1.5, in four 3."""

_BY_FAMILY: frozenset[CallUse] = frozenset({"runner", "service", "record", "install", "program", "tool"})
"""Uses that show the same with other arguments: another test file is the same way to run tests."""
_WORD = re.compile(r"\w+(?:[./:@'-]\w+)*")
_SMALL_WORDS = word_set(
    "a an the this that these those it its to of in on at by for from with as and or so then just also "
    "please is are be was were will would i you we me us my your our let's lets ok okay"
)
"""Words that say nothing by themselves; `not`, `no` and `never` are none of them."""

SHOWN_BY_LINE = "a line says it already"
"""The reason of an example that is below the bar only because a convention says it."""

_COMPARED = 60
"""Characters of a person's words that are compared: both quotations may be shortened."""
_LONGEST_COMMAND = 40
"""Words of a command that are compared with a marker."""


def lower_duplicates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Put below the bar what a better candidate above it shows already; every candidate stays listed.

    Duplicates are: an example or a convention whose call is the one that worked in a recovery; an example
    that has its shape and targets; a preference that a recovery quotes; a command among the markers that
    begins one of a recovery, an example or a convention.

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
    fixes = {
        (candidate.record.provenance.session_id, call)
        for candidate in lowered
        if candidate.worth_keeping and isinstance(candidate.record, Recovery)
        for call in candidate.calls
    }
    fixing_tools = {
        candidate.record.fixed.tool
        for candidate in lowered
        if candidate.worth_keeping and isinstance(candidate.record, Recovery)
    }
    refusals = {
        _beginning(candidate.record.error)
        for candidate in lowered
        if candidate.worth_keeping and isinstance(candidate.record, Recovery)
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
            case Note(kind="preference") if candidate.worth_keeping:
                if _beginning(candidate.record.text) in refusals:
                    lowered[index] = _lower(candidate, SHOWN_BY_RECOVERY)
            case Note(kind="convention") if candidate.worth_keeping:
                session = candidate.record.provenance.session_id
                line = command_in(candidate.record.text)
                shown = fixes.intersection((session, call) for call in candidate.calls)
                if shown or line in fixing_tools:
                    lowered[index] = _lower(candidate, SHOWN_BY_RECOVERY)
                elif line is not None:
                    commands.update(map(_as_run, parse(line)))
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


def _beginning(words: str) -> str:
    """Return the words by which a preference is found again as the error of a refused call."""
    return single_line(words)[:_COMPARED].rstrip(" .…").casefold()


def _signatures(call: ExampleCall) -> Iterator[tuple[object, ...]]:
    """Yield the keys of a call. Two calls that show the same thing share at least one key."""
    yield "call", call.tool, canonical(call.arguments)
    shape = shape_of(call.tool, call.arguments)
    if shape.skeleton and shape.targets:
        yield "shape", call.tool, shape.skeleton, shape.targets
    if use_of(shape) in _BY_FAMILY:
        yield "family", family_of(shape)


def _commands(call: ExampleCall) -> Iterator[tuple[str, ...]]:
    for command, _, _ in shape_of(call.tool, call.arguments).steps:
        yield _as_run(command)


def _as_run(command: Command) -> tuple[str, ...]:
    return (command.directory, *command.wrappers, *command.words)


def _begins_known(candidate: Candidate, beginnings: set[tuple[str, ...]]) -> bool:
    """Whether a candidate is a command marker all of whose commands are beginnings of known ones."""
    if not isinstance(candidate.record, ContextMarker) or candidate.record.kind != "command":
        return False
    commands = list(map(_as_run, parse(candidate.record.text)))
    return bool(commands) and all(command in beginnings for command in commands)


def _lower(candidate: Candidate, reason: str) -> Candidate:
    if reason in candidate.reasons:
        return candidate
    evidence = min(candidate.evidence, SHOWN_ALREADY)
    return replace(candidate, evidence=evidence, reasons=(reason, *candidate.reasons))


def merge_candidates(sessions: Sequence[Sequence[Candidate]]) -> tuple[Candidate, ...]:
    """Merge the candidates of many sessions, each lesson once.

    Of candidates that teach the same (`lesson_key`), the one with the most evidence represents all; of
    equals, the one of the earlier session. It names where the others were seen, and gains `SEEN_AGAIN` points
    each time the number of sessions doubles. What is no lesson by itself gains nothing: what any agent does
    anyway comes back most of all.

    Args:
        sessions: the masked candidates of each session, the preferred session first.

    Returns:
        The candidates, most evidence first, ties to the earlier session and message.
    """
    groups: dict[str, list[tuple[int, Candidate]]] = {}
    for number, candidates in enumerate(sessions):
        for candidate in candidates:
            record = candidate.record
            if candidate.evidence <= 0 or isinstance(record, SystemContext):
                key = candidate.key
            else:
                key = lesson_key(record)
            groups.setdefault(key, []).append((number, candidate))
    merged = [_merge_group(group, len(sessions)) for group in groups.values()]
    lowered = lower_duplicates(candidate for _, candidate in merged)
    ranked = list(zip((number for number, _ in merged), lowered, strict=True))
    ranked.sort(key=lambda pair: (-pair[1].evidence, pair[0], pair[1].order))
    return tuple(candidate for _, candidate in ranked)


def _merge_group(group: Sequence[tuple[int, Candidate]], sessions: int) -> tuple[int, Candidate]:
    """Return the candidate that represents a group, with the number of its session."""

    def rank(pair: tuple[int, Candidate]) -> tuple[float, int, int]:
        return (pair[1].evidence, -pair[0], -pair[1].order)

    number, best = max(group, key=rank)
    if len(group) == 1:
        return number, best
    # a session may say the same twice
    by_session = dict(sorted(group, key=rank))
    seen = len(by_session)
    record = best.record
    if isinstance(record, ContextMarker):
        uses = sum(other.record.uses for _, other in group if isinstance(other.record, ContextMarker))
        record = record.model_copy(update={"uses": uses})
    elif isinstance(record, Note):
        record = record.model_copy(update={"seen": seen})
    if isinstance(record, Item):
        others = (by_session[session].record for session in sorted(by_session) if session != number)
        record = seen_also(record, (other.provenance for other in others if isinstance(other, Item)))
    again = SEEN_AGAIN * log2(seen) if best.evidence > 0 else 0.0
    reason = (f"seen in {seen} of {sessions} sessions",) if seen > 1 else ()
    return number, replace(
        best,
        record=record,
        evidence=round(best.evidence + again, 3),
        reasons=(*reason, *best.reasons),
        flags=tuple(dict.fromkeys(flag for _, candidate in group for flag in candidate.flags)),
        seen=seen,
    )


def record_key(record: Item | UserPatterns) -> str:
    """Return a key that is equal for records that say the same, whatever session they come from."""
    match record:
        case Recovery():
            return f"recovery\x1f{record.failed.tool}\x1f{record.fixed.tool}\x1f{record.change}"
        case ToolExample():
            calls = (part for call in record.calls for part in (call.tool, canonical(call.arguments)))
            return "\x1f".join(("example", *calls))
        case ContextMarker():
            return f"marker\x1f{record.kind}\x1f{record.text}"
        case Note():
            return f"{record.kind}\x1f{single_line(record.text).casefold()}"
        case UserPatterns():
            return "user_patterns\x1f" + "\x1f".join(in_words(record))


def lesson_key(record: Item | UserPatterns) -> str:
    """Return a key that is equal for records that teach the same, said differently perhaps.

    - examples of the project's commands and tools: the same program and subcommand, or tool and argument
      names; other examples: the same arguments
    - recoveries: the same program and error, and the same program in what worked
    - markers: the same text, whatever folder the session worked in
    - conventions: the same program and subcommand, so that one session's convention is another's example
    - preferences: the same words, but for numbers, case, punctuation and small words; of requests to hand
      work over, such as "make a PR", what they ask for and not what it is for
    - other notes: the same words, but for case, punctuation and small words

    Args:
        record: a masked record.
    """
    match record:
        case Recovery(failed=failed, fixed=fixed):
            error = message_shape(single_line(record.error)).casefold()
            return "\x1f".join(("recovery", _family(failed), record.error_type, error, _family(fixed)))
        case ToolExample(calls=(only,)):
            shape = shape_of(only.tool, only.arguments)
            return f"command\x1f{family_of(shape)}" if use_of(shape) in _BY_FAMILY else record_key(record)
        case ContextMarker():
            return f"marker\x1f{record.kind}\x1f{record.text.removeprefix('{cwd}/')}"
        case Note(kind="convention", text=text) if (line := command_in(text)) is not None:
            arguments = json.dumps({"command": line})
            return f"command\x1f{family_of(shape_of('terminal', arguments))}"
        case Note(kind="preference", text=text):
            return f"preference\x1f{handover_form(text) or _telling_words(without_numbers(text))}"
        case Note():
            text = message_shape(record.text) if record.kind == "dead_end" else record.text
            return f"{record.kind}\x1f{_telling_words(text)}"
        case _:
            return record_key(record)


def _family(call: ExampleCall) -> str:
    return family_of(shape_of(call.tool, call.arguments))


def _telling_words(text: str) -> str:
    """Return the words of a text in lower case, without punctuation and small words."""
    found = _WORD.findall(text.casefold())
    return " ".join([word for word in found if word not in _SMALL_WORDS] or found)
