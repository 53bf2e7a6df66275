"""The figures of one session (A2, A3, A12) from its judged calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from warmtui.analysis.curve import early_late, error_curve, wilson
from warmtui.analysis.tools import TASK_TYPES, task_type_of
from warmtui.model.outcome import OUTCOMES, JudgedCall, Outcome
from warmtui.model.session import Session
from warmtui.model.summary import Rate, SessionSummary
from warmtui.model.words import TaskType

SCORE_FROM = 5
"""Below this many judged calls there is no score and no gain (DEFINITIONS, "Figures")."""
WIDE = 0.30
"""A score whose interval is wider than this is greyed."""
TREND_BINS = 8


def rate(ok: int, n: int) -> Rate | None:
    """Return ok / n with its 95 % Wilson interval; None when n is 0."""
    if not n:
        return None
    low, high = wilson(ok, n)
    return Rate(ok / n, low, high, n)


def score_of(reliability: Rate | None) -> int | None:
    """Return the proficiency score, 0 to 100; None below five judged calls.

    No length in it: rewarding length predicts success worse than chance, because long sessions fail more.
    """
    if reliability is None or reliability.n < SCORE_FROM:
        return None
    return round(100 * reliability.value)


def research_score(figures: SessionSummary) -> float:
    """Return the prototypes' score with true outcomes in place of words, 0 to 1.

    0 below 10 messages, 0.5 without tool calls, else 0.7 · ok / results + 0.3 · min(1, messages / 100).
    Kept for comparison only: measured on real sessions it predicts success worse than chance.
    """
    if figures.messages < 10:
        return 0.0
    results = figures.calls - figures.housekeeping - figures.pending - figures.interrupted
    if results <= 0:
        return 0.5
    return 0.7 * figures.ok / results + 0.3 * min(1.0, figures.messages / 100)


def summarise(session: Session, calls: Sequence[JudgedCall]) -> SessionSummary:
    """Count one session.

    Args:
        session: the session.
        calls: its calls as `judge_calls` gives them.

    Returns:
        Its figures; housekeeping calls are in `calls` and `housekeeping` and in nothing else.
    """
    counts = dict.fromkeys(OUTCOMES, 0)
    findings = weak = housekeeping = repeated = 0
    seen: set[tuple[str, str]] = set()
    groups: dict[TaskType, int] = {}
    outcomes: list[Outcome] = []
    for one in calls:
        if one.housekeeping:
            housekeeping += 1
            continue
        verdict = one.verdict
        outcome = verdict.outcome
        counts[outcome] += 1
        outcomes.append(outcome)
        if outcome == "ok":
            findings += verdict.findings
            weak += verdict.rule == "no-failure-sign"
        key = (one.call.tool, one.call.arguments)
        if key in seen:
            repeated += 1
        else:
            seen.add(key)
        group = task_type_of(one.call.tool)
        groups[group] = groups.get(group, 0) + 1
    reliability = rate(counts["ok"], counts["ok"] + counts["error"])
    early, late, gain = early_late(outcomes)
    return SessionSummary(
        header=session.header,
        messages=len(session.messages),
        calls=len(calls),
        ok=counts["ok"],
        errors=counts["error"],
        denied=counts["denied"],
        interrupted=counts["interrupted"],
        unknown=counts["unknown"],
        pending=counts["pending"],
        findings=findings,
        weak=weak,
        housekeeping=housekeeping,
        repeated=repeated,
        reliability=reliability,
        score=score_of(reliability),
        early_error_rate=early,
        late_error_rate=late,
        gain=gain,
        task_type=_largest(groups),
        trend=tuple(stretch.rate for stretch in error_curve(outcomes, TREND_BINS)),
    )


def _largest(groups: Mapping[TaskType, int]) -> TaskType | None:
    """Return the group with most calls, ties by the order of `TASK_TYPES`; None without calls."""
    return max(groups, key=lambda one: (groups[one], -TASK_TYPES.index(one)), default=None)
