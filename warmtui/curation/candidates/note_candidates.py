"""The candidates that are notes: lessons that are said in a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from warmtui.analysis.application_calls import (
    asks,
    cannot_be_taken_back,
    form_of,
    has_marked_number,
    telling_arguments,
)
from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.conventions import MAX_LINE
from warmtui.analysis.dead_ends import find_dead_ends
from warmtui.analysis.known_noise import find_known_noise
from warmtui.analysis.preferences import FoundPreference
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.analysis.tools import command_line, group_of
from warmtui.curation.candidates.candidate import Candidate, item_id, provenance_of, texts_of
from warmtui.curation.candidates.deduplicate import record_key
from warmtui.curation.candidates.evidence import (
    CALL_FORM,
    HANDED_IN,
    RECORD_FORM,
    RECORDS_FORM,
    Evidence,
    Facts,
    can_be_example,
    dead_end_evidence,
    noise_evidence,
    preference_evidence,
)
from warmtui.curation.summaries import call_summary, note_line
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session
from warmtui.model.template import Note, NoteKind
from warmtui.text import estimate_tokens

_IN_OUR_WORDS = frozenset({"language", "form"})
"""Signs of what is said in warmtui's words, not in the person's."""


def find_notes(
    session: Session,
    calls: Sequence[JudgedCall],
    recoveries: Sequence[FoundRecovery],
    preferences: Sequence[FoundPreference],
    facts: Facts,
) -> Iterator[Candidate]:
    """Yield the notes of a session. Conventions that replace an example come with the examples.

    Args:
        session: the session.
        calls: its judged calls, in order.
        recoveries: the result of `find_recoveries` for them.
        preferences: the result of `find_preferences`.
        facts: what is known of the calls.
    """
    yield from _call_forms(session, calls, facts)
    yield from _handing_in(session, calls, facts)
    yield from _preferences(session, preferences)
    yield from _dead_ends(session, calls, recoveries, facts.shapes)
    yield from _known_noise(session, calls, facts.shapes)


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
        refused = f" was refused {times} times" if by_line else f" was refused with {times} sets of arguments"
        how = refused if dead_end.refused else f"{tried}, never worked"
        yield note_candidate(
            session,
            "dead_end",
            f"{what}{how}: {dead_end.error}",
            dead_end_evidence(dead_end),
            first.position,
            call_id=first.call.id,
            failed_calls=[calls[index].call.id for index in dead_end.calls],
            originals=texts_of(first),
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
            originals=texts_of(first),
        )


def _call_forms(session: Session, calls: Sequence[JudgedCall], facts: Facts) -> Iterator[Candidate]:
    """Yield lines with the form of an application's calls that make no example.

    One for each tool that moves money or ends a record and takes several arguments; one for all that look
    up a record by its number or name.
    """
    looked_up: dict[str, int] = {}
    said: set[str] = set()
    for index, (call, shape) in enumerate(zip(calls, facts.shapes, strict=True)):
        values = shape.values or {}
        if not can_be_example(call, shape) or facts.call_uses[index] != "tool" or call.call.tool in said:
            continue
        line = form_of(values)
        if line is not None and cannot_be_taken_back(shape.tool, values):
            if len(values) > 1:
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
    return own and bool(values) and not telling_arguments(values)


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
