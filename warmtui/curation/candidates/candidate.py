"""The record of one candidate, and what the masking and instruction rules find in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from warmtui.curation.candidates.evidence import BAR
from warmtui.curation.instructions import instruction_flags
from warmtui.curation.redact import redact
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import (
    ContextMarker,
    Item,
    Note,
    NoteKind,
    Provenance,
    Record,
    Recovery,
    ToolExample,
    UserPatterns,
)

CandidateKind = Literal["recovery", "tool_example", "user_patterns", "marker", "system_context"] | NoteKind


class SystemContext(Record):
    """The system prompt of a session, to be edited down."""

    text: str


CandidateRecord = Item | UserPatterns | SystemContext


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that can go into a template, with the evidence for it."""

    id: str
    kind: CandidateKind
    record: CandidateRecord
    """Ready for a seed, but not masked until `mask_candidate` has masked it."""
    evidence: float
    reasons: tuple[str, ...]
    """Plain words, the strongest reason first."""
    tokens: int
    """What it adds to a bootstrap, estimated."""
    shape: str
    """What it shows, for an example its family. The default selection takes at most one example of each."""
    key: str
    """Equal for candidates that say the same, in other sessions too."""
    order: int
    """Index of its message in the session. Of equal evidence, the earlier comes first."""
    calls: tuple[str, ...] = ()
    """Ids of the calls that it shows as the right way."""
    failed_calls: tuple[str, ...] = ()
    """Ids of the failed calls that it names."""
    positions: tuple[int, ...] = ()
    """Indexes of the messages whose words it quotes."""
    seen: int = 1
    """In how many sessions it was seen."""
    originals: tuple[str, ...] = ()
    """The session's own texts that the record shortens; empty once it is masked."""
    sentences: tuple[str, ...] = ()
    """For an address, the session's sentences that it stands in; empty once it is masked."""
    flags: tuple[str, ...] = ()
    """What in it reads like an instruction to an agent; empty until `with_findings`."""
    secrets: tuple[str, ...] = ()
    """Kinds of the secrets and personal data that masking hides in it; empty until `with_findings`."""

    @property
    def worth_keeping(self) -> bool:
        """Whether it is above the default bar."""
        return self.evidence >= BAR


def with_findings(candidate: Candidate) -> Candidate:
    """Return an unmasked candidate with its `flags` and `secrets`.

    Masking calls this for the candidates that it masks. Listing does not, because the rules cost more than
    finding the candidates, and of the thousands in a history only a few are ever shown.
    """
    texts = [text for text in _session_texts(candidate.record) if text]
    flags = [str(flag) for text in texts for flag in instruction_flags(text)]
    flags_of_sentences = list(map(instruction_flags, candidate.sentences))
    # an address that another sentence names too does not depend on the instruction
    if all(flags_of_sentences):
        flags.extend(str(flag) for sentence_flags in flags_of_sentences for flag in sentence_flags)
    # the kinds are shown without their places, so one search over all texts is enough
    kinds = (finding.kind for finding in redact("\n".join(texts)).findings)
    return replace(candidate, flags=tuple(dict.fromkeys(flags)), secrets=tuple(dict.fromkeys(kinds)))


def _session_texts(record: CandidateRecord) -> tuple[str, ...]:
    """Return the texts of a record that come from the session, not from warmtui."""
    match record:
        case Recovery():
            return (
                record.failed.arguments,
                record.failed.result,
                record.error,
                record.fixed.arguments,
                record.fixed.result,
                record.change,
                "" if record.before_invented else record.before,
                "" if record.closing_invented else record.closing,
            )
        case ToolExample():
            call = record.calls[0]
            return (
                call.arguments,
                call.result,
                "" if record.before_invented else record.before,
                "" if record.closing_invented else record.closing,
            )
        case UserPatterns():
            return record.corrections
        case ContextMarker() | Note() | SystemContext():
            return (record.text,)


def worth(candidates: Iterable[Candidate]) -> int:
    """Return how much there is to harvest: distinct candidates above the bar, recoveries counted twice."""
    kinds = {candidate.key: candidate.kind for candidate in candidates if candidate.worth_keeping}
    return sum(2 if kind == "recovery" else 1 for kind in kinds.values())


def item_id(kind: str, session_id: str, message_id: str, call_id: str, ordinal: int) -> str:
    """Derive the id of an item, twelve hexadecimal digits; the same input gives the same id."""
    text = "\x1f".join((kind, session_id, message_id, call_id, str(ordinal)))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def provenance_of(session: Session, message_id: str | None, call_id: str | None = None) -> Provenance:
    """Return where an item comes from."""
    return Provenance(
        agent=session.header.agent, session_id=session.header.id, message_id=message_id, call_id=call_id
    )


def texts_of(call: JudgedCall) -> tuple[str, str]:
    """Return the texts of a call: its arguments and its result."""
    return call.call.arguments, call.result.text if call.result is not None else ""
