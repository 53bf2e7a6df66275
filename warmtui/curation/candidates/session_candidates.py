"""The candidates of one session, ranked by evidence, each with a plain reason.

The evidence is a sum of named points, see `warmtui.curation.candidates.evidence`. From `BAR` points on, a
candidate is worth keeping by default.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.call_use import family_of, ways_of
from warmtui.analysis.calls import settle
from warmtui.analysis.conventions import convention_of
from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.preferences import FoundPreference, find_preferences
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.tools import is_own_tool, serves_customers
from warmtui.analysis.typed_text import complains_of_format, sentences_with
from warmtui.analysis.user_patterns import in_words, shortened
from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.candidates.candidate import Candidate, SystemContext, item_id, provenance_of, texts_of
from warmtui.curation.candidates.deduplicate import SHOWN_ALREADY, SHOWN_BY_LINE, lower_duplicates, record_key
from warmtui.curation.candidates.evidence import (
    BAR,
    LOWERED,
    MAX_ARGUMENTS,
    Evidence,
    Facts,
    call_evidence,
    can_be_example,
    facts_of,
    marker_evidence,
    patterns_evidence,
    recovery_evidence,
)
from warmtui.curation.candidates.excerpts import shorten_result, shorten_words
from warmtui.curation.candidates.note_candidates import find_notes, note_candidate
from warmtui.curation.summaries import recovery_line, single_line
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Recovery,
    ToolExample,
    UserPatterns,
)
from warmtui.text import TOKEN_OVERHEAD, estimate_tokens

SYSTEM_CONTEXT_EVIDENCE = 0.0
"""Agents send their own system prompt already, so a person takes this one over by hand or not at all."""
SAID_IN_LONGER = "a longer line says it too"
"""The reason of a convention whose commands another one holds."""
MAX_EXAMPLES = 200
"""Examples of one session that are made and listed: far more than any template takes."""
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
    mended = frozenset(index for recovery in recoveries for index in recovery.failures)
    found = [
        *_recoveries(session, calls, recoveries, requests),
        *_examples(session, calls, facts, requests, mended),
        *find_notes(session, calls, recoveries, preferences, facts),
        *_markers(session, markers, facts),
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
                *texts_of(failed),
                *texts_of(fixed),
                request_before(session, failed.position, requests),
                closing_after(session, fixed.result_index),
            ),
        )


class _Example(NamedTuple):
    """A call that can be an example, and the evidence for it."""

    evidence: Evidence
    call: int
    """Its index."""
    ids: tuple[str, ...]
    """Ids of all calls with exactly its arguments."""


def _ranked_examples(calls: Sequence[JudgedCall], facts: Facts, mended: frozenset[int]) -> list[_Example]:
    """Return the best example of each exact call, best first, at most `MAX_EXAMPLES`.

    What a recovery shows as wrong is none, although it may count as done. All but the best of a family are
    lowered: they show nothing new.
    """
    # the same call may recur with a better result or clearer words around it
    best: dict[tuple[str, str], _Example] = {}
    same: dict[tuple[str, str], list[str]] = {}
    for index, (call, shape) in enumerate(zip(calls, facts.shapes, strict=True)):
        if index not in mended and can_be_example(call, shape):
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
    session: Session,
    calls: Sequence[JudgedCall],
    facts: Facts,
    requests: Sequence[int],
    mended: frozenset[int],
) -> Iterator[Candidate]:
    """Yield the examples, and conventions in place of those that a line says as well.

    The best of these stays an example when there is no other, so that there is a call to imitate.
    """
    examples = _ranked_examples(calls, facts, mended)
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
                *texts_of(call),
                request_before(session, call.position, requests),
                closing_after(session, call.result_index),
            ),
        )


def _line_of(session: Session, facts: Facts, call: int) -> str | None:
    return convention_of(facts.shapes[call], facts.call_uses[call], session.header.cwd or "")


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
        # what a call was given says nothing of an address: the agent may have obeyed the instruction
        sentences = (
            tuple(part for message in session.messages for part in sentences_with(marker.text, message.text))
            if marker.kind == "url"
            else ()
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
            sentences=sentences,
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
    customer = serves_customers(shape.tool for shape in facts.shapes)
    evidence = patterns_evidence(messages, len(patterns.corrections), customer=customer)
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
