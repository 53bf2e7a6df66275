"""Everything found in a session, its profile, and sessions compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from warmtui.analysis.call_shape import shapes_of
from warmtui.analysis.comparison import Side, compare
from warmtui.analysis.error_patterns import error_patterns
from warmtui.analysis.markers import FoundMarker, find_markers
from warmtui.analysis.recoveries import FoundRecovery, find_recoveries
from warmtui.analysis.repeats import repeats
from warmtui.analysis.results import was_cut
from warmtui.analysis.stats import count, error_curve, research_score
from warmtui.analysis.tools import task_type_of
from warmtui.analysis.user_patterns import find_patterns
from warmtui.curation.candidates import Candidate, find_candidates, worth
from warmtui.errors import UsageError
from warmtui.model.comparison import Comparison
from warmtui.model.outcome import OUTCOMES, JudgedCall
from warmtui.model.profile import (
    CallReference,
    CompactionRecord,
    PatternsRecord,
    Profile,
    RecoveryRecord,
    ToolStats,
)
from warmtui.model.stats import Rate, rate
from warmtui.text import iso
from warmtui.workspace.reader import JudgedSession, Reader

CURVE_BINS = 20


@dataclass(frozen=True, slots=True)
class Findings:
    """A judged session with everything found in it."""

    judged: JudgedSession
    recoveries: tuple[FoundRecovery, ...]
    markers: tuple[FoundMarker, ...]
    patterns: PatternsRecord
    candidates: tuple[Candidate, ...]


def findings_of(judged: JudgedSession) -> Findings:
    """Find recoveries, markers, user patterns and candidates in one session."""
    session, calls = judged.session, judged.calls
    shapes = shapes_of(calls)
    recoveries = find_recoveries(session, calls, shapes)
    markers = find_markers(session, calls, shapes)
    patterns = find_patterns(session, calls, shapes)
    found = find_candidates(session, calls, recoveries, markers, patterns.first_ten, shapes)
    return Findings(judged, recoveries, markers, patterns, found)


def profile_of(found: Findings) -> Profile:
    """Write one session's findings as its profile."""
    session, calls = found.judged.session, found.judged.calls
    header = session.header
    stats = count(session, calls)
    counted = [call for call in calls if not call.housekeeping]
    outcomes = [call.verdict.outcome for call in counted]
    known = header._asdict() | stats._asdict()
    fields = {name: value for name, value in known.items() if name in Profile.model_fields} | {
        "schema": "warmtui.profile/1",
        "started_at": iso(header.started_at),
        "last_active_at": iso(header.last_active_at),
        "ended_at": iso(header.ended_at),
        "project": header.project,
        "usage": session.usage,
        "reliability": stats.reliability,
        "turns": sum(message.origin == "person" for message in session.messages),
        "outcomes": {outcome: outcomes.count(outcome) for outcome in OUTCOMES},
        "housekeeping": dict(Counter(call.call.tool for call in calls if call.housekeeping)),
        "error_curve": error_curve(outcomes, CURVE_BINS),
        "research_score": research_score(stats),
        "tools": _tools(counted),
        "recoveries": tuple(map(_recovery, found.recoveries)),
        "error_patterns": tuple(error_patterns(calls, found.recoveries)),
        "user_patterns": found.patterns,
        "markers": found.markers,
        "repeats": tuple(repeats(calls)),
        "cut_results": sum(call.result is not None and was_cut(call.result.text) for call in calls),
        "compactions": _compactions(found.judged),
        "worth": worth(found.candidates),
        "problems": found.judged.problems,
    }
    return Profile.model_validate(fields, from_attributes=True)


def compare_named(reader: Reader, references: Sequence[str]) -> Comparison:
    """Read, judge and compare sessions, named as for `Reader.find`.

    Raises:
        UsageError: fewer than two are named, or one of them twice.
        NotFoundError: none or several are named so.
    """
    if len(references) < 2:
        raise UsageError("a comparison needs two sessions or more", "see: warmtui sessions")
    named: dict[tuple[str, str], str] = {}
    for reference in references:
        header = reader.find(reference).header
        place = (header.source, header.id)
        if place in named:
            raise UsageError(f"{named[place]!r} and {reference!r} are one session", "name different ones")
        named[place] = reference
    return compare_findings([findings_of(reader.get(reference)) for reference in references])


def compare_findings(findings: Sequence[Findings]) -> Comparison:
    """Compare two sessions or more, in the order of the columns.

    Raises:
        ValueError: fewer than two.
    """
    return compare(
        [
            Side(found.judged.session, found.judged.calls, found.recoveries, profile_of(found))
            for found in findings
        ]
    )


def _reliability(calls: list[JudgedCall]) -> Rate | None:
    ok = sum(call.verdict.outcome == "ok" for call in calls)
    return rate(ok, ok + sum(call.verdict.outcome == "error" for call in calls))


def _tools(calls: list[JudgedCall]) -> tuple[ToolStats, ...]:
    by_tool: dict[str, list[JudgedCall]] = {}
    for call in calls:
        by_tool.setdefault(call.call.tool, []).append(call)
    rows = []
    for tool, group in sorted(by_tool.items(), key=lambda pair: -len(pair[1])):
        counts = Counter(call.verdict.outcome for call in group)
        rows.append(
            ToolStats(
                tool=tool,
                task_type=task_type_of(tool),
                calls=len(group),
                ok=counts["ok"],
                errors=counts["error"],
                denied=counts["denied"],
                interrupted=counts["interrupted"],
                unknown=counts["unknown"],
                pending=counts["pending"],
                findings=sum(call.verdict.findings for call in group),
                reliability=_reliability(group),
            )
        )
    return tuple(rows)


def _reference(judged: JudgedCall) -> CallReference:
    call = judged.call
    return CallReference(
        message_id=judged.message_id, call_id=call.id, tool=call.tool, arguments=call.arguments
    )


def _recovery(found: FoundRecovery) -> RecoveryRecord:
    return RecoveryRecord(
        failed=_reference(found.failed),
        error=found.error,
        error_type=found.error_type,
        fixed=_reference(found.fixed),
        change=found.change,
        used_after=found.used_after,
    )


def _compactions(judged: JudgedSession) -> tuple[CompactionRecord, ...]:
    messages = judged.session.messages
    counted = [call for call in judged.calls if not call.housekeeping]
    return tuple(
        CompactionRecord(
            before_message_id=messages[mark.before].id if mark.before < len(messages) else None,
            kept_messages=len(mark.kept),
            into_child=mark.into_child,
            reliability_before=_reliability([call for call in counted if call.position < mark.before]),
            reliability_after=_reliability([call for call in counted if call.position >= mark.before]),
        )
        for mark in judged.session.compactions
    )
