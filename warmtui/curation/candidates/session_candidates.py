"""The candidates of one session, ranked by evidence, each with a plain reason.

The evidence is a sum of named points, see `warmtui.curation.candidates.evidence`. From `BAR` points on, a
candidate is worth keeping by default.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.application_calls import (
    asks,
    cannot_be_taken_back,
    form_of,
    has_marked_number,
    is_nested,
    names_record,
    telling_arguments,
)
from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.call_use import family_of, ways_of
from warmtui.analysis.calls import settle
from warmtui.analysis.conventions import MAX_LINE, convention_of
from warmtui.analysis.dead_ends import find_dead_ends
from warmtui.analysis.known_noise import find_known_noise
from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.preferences import FoundPreference, find_preferences
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.tools import command_line, group_of, is_own_tool
from warmtui.analysis.typed_text import complains_of_format
from warmtui.analysis.user_patterns import in_words, shortened
from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.candidates.candidate import Candidate, SystemContext
from warmtui.curation.candidates.deduplicate import SHOWN_ALREADY, SHOWN_BY_LINE, lower_duplicates, record_key
from warmtui.curation.candidates.evidence import (
    BAR,
    CALL_FORM,
    HANDED_IN,
    LOWERED,
    NEVER,
    RECORD_FORM,
    RECORDS_FORM,
    Evidence,
    Facts,
    call_evidence,
    dead_end_evidence,
    facts_of,
    marker_evidence,
    noise_evidence,
    patterns_evidence,
    preference_evidence,
    recovery_evidence,
)
from warmtui.curation.candidates.excerpts import shorten_result, shorten_words
from warmtui.curation.summaries import call_summary, note_line, recovery_line, single_line
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Note,
    NoteKind,
    Provenance,
    Recovery,
    ToolExample,
    UserPatterns,
)
from warmtui.text import TOKEN_OVERHEAD, estimate_tokens

SYSTEM_CONTEXT_EVIDENCE = 0.0
"""Agents send their own system prompt already, so a person takes this one over by hand or not at all."""
_IN_OUR_WORDS = frozenset({"language", "form"})
"""Signs of what is said in warmtui's words, not in the person's."""
SAID_IN_LONGER = "a longer line says it too"
"""The reason of a convention whose commands another one holds."""
MAX_EXAMPLES = 200
"""Examples of one session that are made and listed: far more than any template takes."""
MAX_ARGUMENTS = 4_000
"""Above this many characters of arguments, a call is no example: it would take half of the default budget."""
_COMPARED = 2_000
"""Characters that are compared to tell whether two messages are the same."""
_NUMBER = re.compile(r"\d{1,9}")


def find_candidates(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    markers: Sequence[FoundMarker],
    patterns: UserPatterns | None,
    shapes: Sequence[CallShape] | None = None,
) -> tuple[Candidate, ...]:
    """List what a session offers to keep.

    Never examples: housekeeping calls, calls that did not succeed or have no result, tools that teach nothing
    about a project, and calls whose arguments are not a JSON object.

    Args:
        session: the session.
        calls: its judged calls, in order.
        recoveries: the result of `find_recoveries` for them.
        markers: the result of `find_markers`.
        patterns: how the person asks; None when there are no messages to judge by.
        shapes: the result of `shapes_of` for the calls, when the caller has it.

    Returns:
        The candidates, unmasked and without findings, most evidence first, ties to the earlier message.
    """
    calls = settle(calls)
    facts = facts_of(session, calls, shapes)
    requests = requests_of(session)
    preferences = find_preferences(session, calls, facts.shapes)
    found = [
        *_recoveries(session, calls, recoveries, requests),
        *_examples(session, calls, facts, requests),
        *_call_forms(session, calls, facts),
        *_handing_in(session, calls, facts),
        *_markers(session, markers, facts),
        *_preferences(session, preferences),
        *_dead_ends(session, calls, recoveries, facts.shapes),
        *_known_noise(session, calls, facts.shapes),
        *_patterns(session, without_repeated(patterns, session, preferences), facts),
        *_system_context(session),
    ]
    return tuple(
        sorted(lower_duplicates(found), key=lambda candidate: (-candidate.evidence, candidate.order))
    )


def _ordinals(calls: Sequence[JudgedCall]) -> list[int]:
    """Return for each call its index among the calls of its message."""
    seen: dict[int, int] = {}
    ordinals = []
    for call in calls:
        ordinals.append(seen.get(call.position, 0))
        seen[call.position] = ordinals[-1] + 1
    return ordinals


def _recoveries(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    requests: Sequence[int],
) -> Iterator[Candidate]:
    ordinals = _ordinals(calls)
    for recovery in recoveries:
        failed, fixed = recovery.failed, recovery.fixed
        if max(len(failed.call.arguments), len(fixed.call.arguments)) > MAX_ARGUMENTS:
            continue
        before, before_invented = words_before(session, failed.position, requests)
        closing, closing_invented = words_after(session, fixed.result_index)
        ordinal = ordinals[recovery.failed_index]
        record = Recovery(
            id=item_id("recovery", session.header.id, failed.message_id, failed.call.id, ordinal),
            failed=example_call(failed),
            error=recovery.error,
            error_type=recovery.error_type,
            fixed=example_call(fixed),
            change=recovery.change,
            before=before,
            before_invented=before_invented,
            closing=closing,
            closing_invented=closing_invented,
            provenance=provenance_of(session, failed.message_id, failed.call.id),
        )
        evidence = recovery_evidence(recovery)
        yield Candidate(
            id=record.id,
            kind="recovery",
            record=record,
            evidence=evidence.points,
            reasons=evidence.reasons,
            tokens=estimate_tokens(recovery_line(record)) + 1,
            shape=f"recovery {fixed.call.tool}: {recovery.change}",
            key=record_key(record),
            order=failed.position,
            calls=(fixed.call.id, *(made.call.id for made in recovery.made_by)),
            failed_calls=tuple(calls[index].call.id for index in recovery.failures),
            originals=(
                *_texts_of(failed),
                *_texts_of(fixed),
                request_before(session, failed.position, requests),
                closing_after(session, fixed.result_index),
            ),
        )


def _texts_of(call: JudgedCall) -> tuple[str, str]:
    return call.call.arguments, call.result.text if call.result is not None else ""


class _Example(NamedTuple):
    """A call that can be an example, and the evidence for it."""

    evidence: Evidence
    call: int
    """Its index."""
    ids: tuple[str, ...]
    """Ids of all calls with exactly its arguments."""


def _ranked_examples(calls: Sequence[JudgedCall], facts: Facts) -> list[_Example]:
    """Return the best example of each exact call, best first, at most `MAX_EXAMPLES`.

    All but the best of a family are lowered: they show nothing new.
    """
    # the same call may recur with a better result or clearer words around it
    best: dict[tuple[str, str], _Example] = {}
    same: dict[tuple[str, str], list[str]] = {}
    for index, (call, shape) in enumerate(zip(calls, facts.shapes, strict=True)):
        if _can_be_example(call, shape):
            key = call.call.tool, canonical(call.call.arguments)
            same.setdefault(key, []).append(call.call.id)
            example = _Example(call_evidence(index, call, facts), index, ())
            if key not in best or best[key].evidence.points < example.evidence.points:
                best[key] = example

    def rank(example: _Example) -> tuple[float, int]:
        return (-example.evidence.points, calls[example.call].position)

    families: set[str] = set()
    ranked: list[_Example] = []
    found = (example._replace(ids=tuple(same[key])) for key, example in best.items())
    for evidence, index, ids in sorted(found, key=rank):
        family = family_of(facts.shapes[index])
        if family in families:
            points = round(min(evidence.points + LOWERED, SHOWN_ALREADY), 3)
            evidence = Evidence(points, (*evidence.reasons, "much like another one"))
        families.add(family)
        ranked.append(_Example(evidence, index, ids))
    return sorted(ranked, key=rank)[:MAX_EXAMPLES]


def _examples(
    session: Session, calls: Sequence[JudgedCall], facts: Facts, requests: Sequence[int]
) -> Iterator[Candidate]:
    """Yield the examples, and conventions in place of those that a line says as well.

    The best of these stays an example when there is no other, so that there is a call to imitate.
    """
    examples = _ranked_examples(calls, facts)
    keeping = [example.call for example in examples if example.evidence.points >= BAR]
    said = {call: _line_of(session, facts, call) for call in keeping}
    if None not in said.values():
        said = dict(list(said.items())[1:])
    lines = {call: line for call, line in said.items() if line is not None}
    ways = {call: ways_of(facts.shapes[call]) for call in lines}
    ordinals = _ordinals(calls)
    for evidence, index, ids in examples:
        call = calls[index]
        if index in lines:
            in_longer = any(ways[index] < ways[other] for other in lines)
            yield note_candidate(
                session,
                "convention",
                lines[index],
                Evidence(SHOWN_ALREADY, (SAID_IN_LONGER, *evidence.reasons)) if in_longer else evidence,
                call.position,
                call_id=call.call.id,
                calls=ids,
                originals=(call.call.arguments,),
            )
            evidence = Evidence(SHOWN_ALREADY, (SHOWN_BY_LINE, *evidence.reasons))
        record = tool_example(session, call, ordinals[index], requests)
        yield Candidate(
            id=record.id,
            kind="tool_example",
            record=record,
            evidence=evidence.points,
            reasons=evidence.reasons,
            tokens=_example_tokens(record),
            shape=family_of(facts.shapes[index]),
            key=record_key(record),
            order=call.position,
            calls=ids,
            originals=(
                *_texts_of(call),
                request_before(session, call.position, requests),
                closing_after(session, call.result_index),
            ),
        )


def _line_of(session: Session, facts: Facts, call: int) -> str | None:
    return convention_of(facts.shapes[call], facts.call_uses[call], session.header.cwd or "")


def _call_forms(session: Session, calls: Sequence[JudgedCall], facts: Facts) -> Iterator[Candidate]:
    """Yield lines with the form of an application's calls that make no example.

    One for each tool that moves money or ends a record and takes nested arguments, and one for all tools that
    look up a record by its number.
    """
    looked_up: dict[str, int] = {}
    said: set[str] = set()
    for index, (call, shape) in enumerate(zip(calls, facts.shapes, strict=True)):
        values = shape.values or {}
        if not _can_be_example(call, shape) or facts.call_uses[index] != "tool" or call.call.tool in said:
            continue
        line = form_of(values)
        if line is not None and cannot_be_taken_back(shape.tool, values):
            if is_nested(values):
                said.add(call.call.tool)
                evidence = Evidence(CALL_FORM, ("the form of a call that cannot be taken back",))
                yield _form_line(session, [call], [line], evidence)
        elif line is not None and _looks_up_record(shape):
            looked_up.setdefault(call.call.tool, index)
    if looked_up:
        found = [calls[index] for index in looked_up.values()]
        values_of = [facts.shapes[index].values or {} for index in looked_up.values()]
        worth_it = len(found) > 1 or any(map(has_marked_number, values_of))
        evidence = Evidence(RECORDS_FORM if worth_it else RECORD_FORM, ("how records are looked up",))
        yield _form_line(session, found, [form_of(values) or "" for values in values_of], evidence)


def _looks_up_record(shape: CallShape) -> bool:
    values = shape.values or {}
    own = asks(shape.tool) and group_of(shape.tool) != "mcp"
    return own and names_record(values) and not telling_arguments(values)


def _form_line(
    session: Session, calls: Sequence[JudgedCall], forms: Sequence[str], evidence: Evidence
) -> Candidate:
    said = ", then ".join(
        f"`{call.call.tool}` takes `{form}`" for call, form in zip(calls, forms, strict=True)
    )
    return note_candidate(
        session,
        "convention",
        f"Form of the arguments: {said}",
        evidence,
        calls[0].position,
        call_id=calls[0].call.id,
        calls=[call.call.id for call in calls],
        originals=[call.call.arguments for call in calls],
    )


def _handing_in(session: Session, calls: Sequence[JudgedCall], facts: Facts) -> Iterator[Candidate]:
    """Yield the last call of a session as a line, if it stages the changes and does not commit them."""
    if not calls or calls[-1].verdict.outcome in ("error", "denied"):
        return
    call, shape = calls[-1], facts.shapes[-1]
    stages = any(step.invocation.action == ("git", "add") for step in shape.steps)
    line = " ".join(command_line(shape.tool, shape.values or {}).split())
    if stages and facts.call_uses[-1] == "look" and len(line) <= MAX_LINE and "`" not in line:
        yield note_candidate(
            session,
            "convention",
            f"Hand in the work: `{line}`",
            Evidence(HANDED_IN, ("the last call, with the changes",)),
            call.position,
            call_id=call.call.id,
            calls=(call.call.id,),
            originals=(call.call.arguments,),
        )


def _can_be_example(call: JudgedCall, shape: CallShape) -> bool:
    return (
        not call.housekeeping
        and call.verdict.outcome == "ok"
        and call.result is not None
        and call.call.tool not in NEVER
        and shape.values is not None
        and len(call.call.arguments) <= MAX_ARGUMENTS
    )


def _example_tokens(record: ToolExample) -> int:
    call = record.calls[0]
    texts = (call.tool, call.arguments, call.result, record.before, record.closing)
    return 4 * TOKEN_OVERHEAD + sum(map(estimate_tokens, texts))


def _markers(session: Session, markers: Sequence[FoundMarker], facts: Facts) -> Iterator[Candidate]:
    positions = {message.id: position for position, message in enumerate(session.messages)}
    for ordinal, marker in enumerate(markers):
        evidence = marker_evidence(marker, facts.scratch)
        record = ContextMarker(
            id=item_id("marker", session.header.id, marker.first_message_id, marker.text, 0),
            text=marker.text,
            kind=marker.kind,
            uses=marker.uses,
            provenance=provenance_of(session, marker.first_message_id),
        )
        yield Candidate(
            id=record.id,
            kind="marker",
            record=record,
            evidence=evidence.points,
            reasons=evidence.reasons,
            tokens=estimate_tokens(single_line(marker.text)) + 1,
            shape=f"marker {marker.kind}",
            key=record_key(record),
            order=positions.get(marker.first_message_id, ordinal),
        )


def note_candidate(
    session: Session,
    kind: NoteKind,
    text: str,
    evidence: Evidence,
    position: int,
    *,
    call_id: str | None = None,
    calls: Iterable[str] = (),
    failed_calls: Iterable[str] = (),
    originals: Iterable[str] = (),
) -> Candidate:
    """Return a lesson that is said in a line.

    Args:
        session: the session.
        kind: what the lesson is about.
        text: the line. For a preference the person's own words, without quotation marks around them.
        evidence: the points for keeping it, and why.
        position: index of the message that it was first seen in.
        call_id: id of the call that it was first seen in; None if the message says it.
        calls: ids of the calls that it shows as the right way.
        failed_calls: ids of the failed calls that it names.
        originals: the texts of the session that `text` shortens, for the masking.
    """
    message = session.messages[position].id
    record = Note(
        id=item_id(kind, session.header.id, message, text, 0),
        kind=kind,
        text=text,
        provenance=provenance_of(session, message, call_id),
    )
    return Candidate(
        id=record.id,
        kind=kind,
        record=record,
        evidence=evidence.points,
        reasons=evidence.reasons,
        tokens=estimate_tokens(note_line(record)) + 1,
        shape=kind,
        key=record_key(record),
        order=position,
        calls=tuple(calls),
        failed_calls=tuple(failed_calls),
        positions=(position,) if call_id is None else (),
        originals=tuple(originals),
    )


def _preferences(session: Session, preferences: Sequence[FoundPreference]) -> Iterator[Candidate]:
    for preference in preferences:
        yield note_candidate(
            session,
            "preference" if _IN_OUR_WORDS.isdisjoint(preference.signs) else "convention",
            preference.words,
            preference_evidence(preference),
            preference.position,
            originals=(session.messages[preference.position].text,),
        )


def _dead_ends(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    shapes: Sequence[CallShape],
) -> Iterator[Candidate]:
    for dead_end in find_dead_ends(session, calls, recoveries, shapes):
        first = calls[dead_end.calls[0]]
        # where the arguments differed, the tool is what they had in common
        by_line = dead_end.same_call or shapes[dead_end.calls[0]].steps or not dead_end.refused
        what = call_summary(first.call.tool, first.call.arguments) if by_line else first.call.tool
        times = len(dead_end.calls)
        tried = f", tried {times} times" if dead_end.same_call else f" and {times - 1} more like it"
        how = " is refused here" if dead_end.refused else f"{tried}, never worked"
        yield note_candidate(
            session,
            "dead_end",
            f"{what}{how}: {dead_end.error}",
            dead_end_evidence(dead_end),
            first.position,
            call_id=first.call.id,
            failed_calls=[calls[index].call.id for index in dead_end.calls],
            originals=_texts_of(first),
        )


def _known_noise(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape]
) -> Iterator[Candidate]:
    for noise in find_known_noise(session, calls, shapes):
        first = calls[noise.calls[0]]
        yield note_candidate(
            session,
            "known_noise",
            noise.text,
            noise_evidence(noise),
            noise.position,
            call_id=first.call.id,
            failed_calls=[calls[index].call.id for index in noise.calls],
            originals=_texts_of(first),
        )


def without_repeated(
    patterns: UserPatterns | None, session: Session, preferences: Sequence[FoundPreference]
) -> UserPatterns | None:
    """Return the patterns without the corrections that preferences quote."""
    if patterns is None:
        return None
    quoted = {shortened(session.messages[preference.position].text) for preference in preferences}
    kept = tuple(words for words in patterns.corrections if words not in quoted)
    return patterns.model_copy(update={"corrections": kept})


def _patterns(session: Session, patterns: UserPatterns | None, facts: Facts) -> Iterator[Candidate]:
    messages = sum(message.origin == "person" for message in session.messages)
    if patterns is None or not messages:
        return
    # that files were read and commands run says nothing about a person
    own_tools = tuple(filter(is_own_tool, patterns.preferred_tools))
    patterns = patterns.model_copy(update={"preferred_tools": own_tools})
    evidence = patterns_evidence(messages, len(patterns.corrections), by_application=facts.by_application)
    yield Candidate(
        id=item_id("user_patterns", session.header.id, "", "", 0),
        kind="user_patterns",
        record=patterns,
        evidence=evidence.points,
        reasons=evidence.reasons,
        tokens=sum(estimate_tokens(line) + 1 for line in in_words(patterns)),
        shape="user_patterns",
        key=record_key(patterns),
        order=0,
        originals=tuple(message.text for message in session.messages if message.origin == "person"),
    )


def _system_context(session: Session) -> Iterator[Candidate]:
    text = session.system_prompt.strip()
    if not text:
        prompts = (message.text.strip() for message in session.messages if message.origin == "system")
        text = next(filter(None, prompts), "")
    if text:
        digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
        yield Candidate(
            id=item_id("system_context", session.header.id, "", "", 0),
            kind="system_context",
            record=SystemContext(text=text),
            evidence=SYSTEM_CONTEXT_EVIDENCE,
            reasons=("the system prompt of that session; agents send their own",),
            tokens=estimate_tokens(text) + 2,
            shape="system_context",
            key=f"system_context\x1f{digest}",
            order=0,
        )


def item_id(kind: str, session_id: str, message_id: str, call_id: str, ordinal: int) -> str:
    """Derive the id of an item, twelve hexadecimal digits; the same input gives the same id."""
    text = "\x1f".join((kind, session_id, message_id, call_id, str(ordinal)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def provenance_of(session: Session, message_id: str | None, call_id: str | None = None) -> Provenance:
    """Return where an item comes from."""
    return Provenance(
        agent=session.header.agent, session_id=session.header.id, message_id=message_id, call_id=call_id
    )


def example_call(call: JudgedCall) -> ExampleCall:
    """Return a call and its result as an example shows them: exact arguments, the result shortened."""
    text = call.result.text if call.result is not None else ""
    return ExampleCall(
        tool=call.call.tool,
        arguments=call.call.arguments,
        result=shorten_result(text, call.call.tool),
        result_characters=len(text),
    )


def requests_of(session: Session) -> tuple[int, ...]:
    """Return the indexes of the person's messages, in order, without the reminders."""
    skipped = reminders(session)
    return tuple(
        index
        for index, message in enumerate(session.messages)
        if message.origin == "person" and index not in skipped
    )


def reminders(session: Session) -> frozenset[int]:
    """Return the indexes of the messages in the person's name that are a harness's fixed reminders.

    A message is one when its text, numbers aside, occurs more than once, or when it begins like a complaint
    about the format of an answer. The first message is always a request.
    """
    texts = [
        (index, _NUMBER.sub("0", " ".join(message.text[:_COMPARED].split())))
        for index, message in enumerate(session.messages)
        if message.origin == "person"
    ]
    counts = Counter(text for _, text in texts)
    return frozenset(index for index, text in texts[1:] if counts[text] > 1 or complains_of_format(text))


def request_before(session: Session, position: int, requests: Sequence[int]) -> str:
    """Return the whole text of the person's last request before a message; empty without one."""
    before = bisect_left(requests, position)
    return session.messages[requests[before - 1]].text if before else ""


def closing_after(session: Session, result_index: int) -> str:
    """Return the whole text of the agent's words right after a result; empty when another call follows."""
    for index in range(result_index + 1, len(session.messages)):
        message = session.messages[index]
        if message.role == "tool":
            continue
        return message.text if message.origin == "agent" and not message.calls else ""
    return ""


def words_before(session: Session, position: int, requests: Sequence[int] | None = None) -> tuple[str, bool]:
    """Return the request before a message, shortened, and whether warmtui invented it.

    An example cannot begin with a slash-command or a message without words, so those are replaced by
    `NEUTRAL_REQUEST`. Reminders of a harness are skipped.

    Args:
        session: the session.
        position: index of the message.
        requests: the result of `requests_of`, when the caller has it.
    """
    requests = requests_of(session) if requests is None else requests
    words = shorten_words(request_before(session, position, requests))
    # a slash command or an image means nothing to another agent
    if words and not words.startswith(("/", "[image")):
        return words, False
    return NEUTRAL_REQUEST, True


def words_after(session: Session, result_index: int) -> tuple[str, bool]:
    """Return the agent's words that close a call, shortened, and whether warmtui invented them.

    Only words right after the results and without another call count: words that announce the next call would
    promise something that the example does not show.
    """
    words = shorten_words(closing_after(session, result_index))
    return (words, False) if words else (NEUTRAL_CLOSING, True)


def tool_example(
    session: Session, call: JudgedCall, ordinal: int = 0, requests: Sequence[int] | None = None
) -> ToolExample:
    """Return one call as an example.

    Args:
        session: the session of the call.
        call: the call, with its result.
        ordinal: its index among the calls of its message, from 0.
        requests: the result of `requests_of`, when the caller has it.
    """
    before, before_invented = words_before(session, call.position, requests)
    closing, closing_invented = words_after(session, call.result_index)
    return ToolExample(
        id=item_id("tool_example", session.header.id, call.message_id, call.call.id, ordinal),
        before=before,
        before_invented=before_invented,
        calls=(example_call(call),),
        closing=closing,
        closing_invented=closing_invented,
        provenance=provenance_of(session, call.message_id, call.call.id),
    )
