"""Candidates (C1): what a session offers to keep, ranked by evidence, each with a plain reason.

The evidence of each kind is a sum of named points, `warmtui.curation.evidence`; from `BAR` up a candidate
is worth keeping by default.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.marker_uses import SHORT_MESSAGE
from warmtui.analysis.markers import FoundMarker
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.user_patterns import in_words
from warmtui.curation.deduplicate import lower_duplicates
from warmtui.curation.evidence import (
    BAR,
    NEVER,
    SAME_SHAPE,
    Evidence,
    call_evidence,
    patterns_evidence,
    recovery_evidence,
)
from warmtui.curation.facts import Facts, facts_of, family
from warmtui.curation.instructions import instruction_flags
from warmtui.curation.items import (
    closing_after,
    example_call,
    item_id,
    provenance_of,
    request_before,
    tool_example,
    words_after,
    words_before,
)
from warmtui.curation.looking import Looked
from warmtui.curation.marker_evidence import marker_evidence
from warmtui.curation.redact import redact
from warmtui.curation.requests import requests_of
from warmtui.curation.summaries import recovery_line, single_line
from warmtui.curation.tokens import OVERHEAD, estimate
from warmtui.model.outcome import JudgedCall, Outcome
from warmtui.model.session import Session
from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Record,
    Recovery,
    ToolExample,
    UserPatterns,
)

CandidateKind = Literal["recovery", "tool_example", "user_patterns", "marker", "system_context"]

SYSTEM_CONTEXT_EVIDENCE = 0.0
"""Agents send their own system prompt already; a person takes it over by hand or not at all."""
MAX_ARGUMENTS = 4_000
"""Characters of arguments past which a call is no example: half of the default budget for one call."""


class SystemContext(Record):
    """The system prompt of a session, to be edited down."""

    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that can go into a template, with what speaks for it."""

    id: str
    kind: CandidateKind
    record: Recovery | ToolExample | UserPatterns | ContextMarker | SystemContext
    """Ready for a seed, not yet masked."""
    evidence: float
    reasons: tuple[str, ...]
    """In plain words, what speaks for it first."""
    tokens: int
    """About what it adds to a bootstrap."""
    outcome: Outcome | None
    """Of its call; None for what is no call."""
    shape: str
    """Tool and argument shape: at most one example of each is selected by default."""
    key: str
    """Equal for candidates that say the same, in other sessions too."""
    flags: Sequence[str]
    """What in it reads like an instruction to an agent; looked for when first asked for."""
    secrets: Sequence[str]
    """Kinds of the secrets and personal data in it, which saving will mask; as `flags`."""
    order: int
    """Index of its message in the session: ties go to the earlier."""
    originals: tuple[str, ...] = ()
    """The session's own texts that shortened texts of the record come from; none once it is masked."""

    @property
    def worth_keeping(self) -> bool:
        """Whether it is above the default bar."""
        return self.evidence >= BAR


def candidates(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    markers: Sequence[FoundMarker],
    patterns: UserPatterns | None,
    shapes: Sequence[CallShape] | None = None,
) -> tuple[Candidate, ...]:
    """List what a session offers to keep.

    Housekeeping calls, calls that did not succeed or have no result, tools that teach nothing about a
    project, and calls whose arguments are not a JSON object are never examples.

    Args:
        session: the session.
        calls: its judged calls, in order.
        recoveries: what `find_recoveries` gave for them.
        markers: what `find_markers` gave.
        patterns: how the person asks, when there were words to tell.
        shapes: what `targets.shapes_of` gave for the calls, when the caller has it already.

    Returns:
        The candidates, most evidence first, ties to the earlier message.
    """
    facts = facts_of(session, calls, shapes)
    requests = requests_of(session)
    found = [
        *_recoveries(session, calls, recoveries, requests),
        *_examples(session, calls, facts, requests),
        *_markers(session, markers, facts, requests),
        *_patterns(session, patterns),
        *_system_context(session),
    ]
    return tuple(sorted(lower_duplicates(found), key=lambda one: (-one.evidence, one.order)))


def worth(found: Iterable[Candidate]) -> int:
    """Tell how much there is to harvest: distinct candidates above the bar, recoveries counted twice."""
    kinds = {one.key: one.kind for one in found if one.worth_keeping}
    return sum(2 if kind == "recovery" else 1 for kind in kinds.values())


def _flagged(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(flag) for text in texts if text for flag in instruction_flags(text)))


def _secrets(texts: Sequence[str]) -> tuple[str, ...]:
    # one text: the rules' own start costs more than a few hundred characters
    joined = "\n".join(text for text in texts if text)
    return tuple(dict.fromkeys(finding.kind for finding in redact(joined).findings))


def _call_tokens(call: ExampleCall) -> int:
    return 3 * OVERHEAD + estimate(call.tool) + estimate(call.arguments) + estimate(call.result)


def _ordinals(calls: Sequence[JudgedCall]) -> list[int]:
    """Return for each call which of its message's calls it is."""
    seen: dict[int, int] = {}
    found = []
    for call in calls:
        found.append(seen.get(call.position, 0))
        seen[call.position] = found[-1] + 1
    return found


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
        record = Recovery(
            id=item_id(
                "recovery",
                session.header.id,
                failed.message_id,
                failed.call.id,
                ordinals[recovery.failed_index],
            ),
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
        texts = (
            record.failed.arguments,
            record.failed.result,
            record.error,
            record.fixed.arguments,
            record.fixed.result,
            record.change,
            "" if before_invented else before,
            "" if closing_invented else closing,
        )
        yield Candidate(
            record.id,
            "recovery",
            record,
            evidence.points,
            evidence.reasons,
            estimate(recovery_line(record)) + 1,
            fixed.verdict.outcome,
            f"recovery {fixed.call.tool}: {recovery.change}",
            f"recovery\x1f{failed.call.tool}\x1f{fixed.call.tool}\x1f{recovery.change}",
            Looked(_flagged, texts),
            Looked(_secrets, texts),
            failed.position,
            (
                *_texts_of(failed),
                *_texts_of(fixed),
                request_before(session, failed.position, requests),
                closing_after(session, fixed.result_index),
            ),
        )


def _texts_of(call: JudgedCall) -> tuple[str, ...]:
    return (call.call.arguments, call.result.text if call.result is not None else "")


def _examples(
    session: Session, calls: Sequence[JudgedCall], facts: Facts, requests: Sequence[int]
) -> list[Candidate]:
    ordinals = _ordinals(calls)
    best: dict[str, tuple[Candidate, str]] = {}
    for i, call in enumerate(calls):
        shape = facts.shapes[i]
        if (
            call.housekeeping
            or call.verdict.outcome != "ok"
            or call.result is None
            or call.call.tool in NEVER
            or shape.values is None
            or len(call.call.arguments) > MAX_ARGUMENTS
        ):
            continue
        example = tool_example(session, call, ordinals[i], requests)
        shown = example.calls[0]
        tokens = _call_tokens(shown) + OVERHEAD + estimate(example.before) + estimate(example.closing)
        evidence = call_evidence(i, call, facts, tokens)
        key = f"example\x1f{call.call.tool}\x1f{canonical(call.call.arguments)}"
        kept = best.get(key)
        if kept is not None and kept[0].evidence >= evidence.points:
            continue
        best[key] = (
            _example_candidate(
                example,
                evidence,
                tokens,
                f"{call.call.tool}: {shape.skeleton}",
                key,
                call,
                (
                    *_texts_of(call),
                    request_before(session, call.position, requests),
                    closing_after(session, call.result_index),
                ),
            ),
            family(shape),
        )
    return _with_flags(_later_of_a_family_lowered(best.values()))


def _example_candidate(
    example: ToolExample,
    evidence: Evidence,
    tokens: int,
    shape: str,
    key: str,
    call: JudgedCall,
    originals: tuple[str, ...],
) -> Candidate:
    return Candidate(
        example.id,
        "tool_example",
        example,
        evidence.points,
        evidence.reasons,
        tokens,
        call.verdict.outcome,
        shape,
        key,
        (),
        (),
        call.position,
        originals,
    )


def _later_of_a_family_lowered(found: Iterable[tuple[Candidate, str]]) -> Iterator[Candidate]:
    """Lower every call by `SAME_SHAPE` for each better one of its family: it shows nothing new."""
    seen: dict[str, int] = {}
    for one, group in sorted(found, key=lambda item: (-item[0].evidence, item[0].order)):
        better = seen.get(group, 0)
        seen[group] = better + 1
        if better:
            reasons = (*one.reasons, "much like another one")
            yield replace(one, evidence=round(one.evidence + SAME_SHAPE * better, 3), reasons=reasons)
        else:
            yield one


def _with_flags(found: Iterable[Candidate]) -> list[Candidate]:
    flagged = []
    for one in found:
        if isinstance(one.record, ToolExample):
            call = one.record.calls[0]
            texts = (
                call.arguments,
                call.result,
                "" if one.record.before_invented else one.record.before,
                "" if one.record.closing_invented else one.record.closing,
            )
            one = replace(one, flags=Looked(_flagged, texts), secrets=Looked(_secrets, texts))
        flagged.append(one)
    return flagged


def _markers(
    session: Session, markers: Sequence[FoundMarker], facts: Facts, requests: Sequence[int]
) -> Iterator[Candidate]:
    typed = [session.messages[i].text for i in requests if len(session.messages[i].text) <= SHORT_MESSAGE]
    places = {message.id: i for i, message in enumerate(session.messages)}
    for ordinal, marker in enumerate(markers):
        evidence = marker_evidence(marker, facts.made, by_hand=any(marker.text in text for text in typed))
        record = ContextMarker(
            id=item_id("marker", session.header.id, marker.first_message_id, marker.text, 0),
            text=marker.text,
            kind=marker.kind,
            uses=marker.uses,
            provenance=provenance_of(session, marker.first_message_id),
        )
        yield Candidate(
            record.id,
            "marker",
            record,
            evidence.points,
            evidence.reasons,
            estimate(single_line(marker.text)) + 1,
            None,
            f"marker {marker.kind}",
            f"marker\x1f{marker.kind}\x1f{marker.text}",
            _flagged((marker.text,)),
            _secrets((marker.text,)),
            places.get(marker.first_message_id, ordinal),
        )


def _patterns(session: Session, patterns: UserPatterns | None) -> Iterator[Candidate]:
    if patterns is None:
        return
    messages = sum(message.origin == "person" for message in session.messages)
    if not messages:
        return
    evidence = patterns_evidence(messages, len(patterns.corrections))
    lines = tuple(in_words(patterns))
    yield Candidate(
        item_id("user_patterns", session.header.id, "", "", 0),
        "user_patterns",
        patterns,
        evidence.points,
        evidence.reasons,
        sum(estimate(line) + 1 for line in lines),
        None,
        "user_patterns",
        "user_patterns\x1f" + "\x1f".join(lines),
        _flagged(patterns.corrections),
        _secrets(patterns.corrections),
        0,
        tuple(message.text for message in session.messages if message.origin == "person"),
    )


def _system_context(session: Session) -> Iterator[Candidate]:
    text = session.system_prompt.strip()
    if not text:
        text = next((m.text.strip() for m in session.messages if m.origin == "system" and m.text.strip()), "")
    if text:
        yield Candidate(
            item_id("system_context", session.header.id, "", "", 0),
            "system_context",
            SystemContext(text=text),
            SYSTEM_CONTEXT_EVIDENCE,
            ("the system prompt of that session; agents send their own",),
            estimate(text) + 2,
            None,
            "system_context",
            "system_context\x1f" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12],
            _flagged((text,)),
            _secrets((text,)),
            0,
        )
