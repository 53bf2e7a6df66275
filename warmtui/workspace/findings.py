"""What a session shows, all of it: the findings behind a profile and behind a template."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from warmtui.analysis.call_arguments import repeats
from warmtui.analysis.call_shape import shapes_of
from warmtui.analysis.error_patterns import error_patterns
from warmtui.analysis.error_rate import error_curve
from warmtui.analysis.markers import FoundMarker, find_markers
from warmtui.analysis.recoveries import FoundRecovery, find_recoveries
from warmtui.analysis.stats import count, research_score
from warmtui.analysis.tools import task_type_of
from warmtui.analysis.user_patterns import find_patterns
from warmtui.curation.candidates import Candidate, find_candidates, worth
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
from warmtui.model.times import iso
from warmtui.workspace.reader import JudgedSession

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
        "compactions": _compactions(found.judged),
        "worth": worth(found.candidates),
        "problems": session.problems,
    }
    return Profile.model_validate(fields, from_attributes=True)


def _reliability(calls: list[JudgedCall]) -> Rate | None:
    ok = sum(one.verdict.outcome == "ok" for one in calls)
    return rate(ok, ok + sum(one.verdict.outcome == "error" for one in calls))


def _tools(calls: list[JudgedCall]) -> tuple[ToolStats, ...]:
    by_tool: dict[str, list[JudgedCall]] = {}
    for one in calls:
        by_tool.setdefault(one.call.tool, []).append(one)
    rows = []
    for tool, group in sorted(by_tool.items(), key=lambda pair: -len(pair[1])):
        counts = Counter(one.verdict.outcome for one in group)
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
                findings=sum(one.verdict.findings for one in group),
                reliability=_reliability(group),
            )
        )
    return tuple(rows)


def _reference(one: JudgedCall) -> CallReference:
    return CallReference(
        message_id=one.message_id, call_id=one.call.id, tool=one.call.tool, arguments=one.call.arguments
    )


def _recovery(one: FoundRecovery) -> RecoveryRecord:
    return RecoveryRecord(
        failed=_reference(one.failed),
        error=one.error,
        error_type=one.error_type,
        fixed=_reference(one.fixed),
        change=one.change,
        used_after=one.used_after,
    )


def _compactions(judged: JudgedSession) -> tuple[CompactionRecord, ...]:
    messages = judged.session.messages
    counted = [one for one in judged.calls if not one.housekeeping]
    return tuple(
        CompactionRecord(
            before_message_id=messages[mark.before].id if mark.before < len(messages) else None,
            kept_messages=len(mark.kept),
            into_child=mark.into_child,
            reliability_before=_reliability([one for one in counted if one.position < mark.before]),
            reliability_after=_reliability([one for one in counted if one.position >= mark.before]),
        )
        for mark in judged.session.compactions
    )
