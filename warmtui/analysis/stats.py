"""The figures of one session, counted from its judged calls: outcomes, error rates, the score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from warmtui.analysis.tools import TASK_TYPES, task_type_of
from warmtui.analysis.unread import count_things, not_understood
from warmtui.model.outcome import OUTCOMES, JudgedCall, Outcome
from warmtui.model.session import Session
from warmtui.model.stats import CurveBin, Rate, SessionStats, TaskType, rate
from warmtui.text import TOKEN_OVERHEAD, estimate_tokens

RULES = "13"
"""Names the rules that figures are made by, in every index of figures: raise it with any change that can
change a figure."""
FIFTH = 5
"""Early and late are the first and last fifth; there are none below five judged calls.

See docs/definitions.md."""
SCORE_FROM = 5
"""Below this many judged calls there is no score and no gain (docs/definitions.md)."""
TREND_BINS = 8
WORDS = 400
"""Characters of the person's first words that are counted. The index masks them and then keeps
`warmtui.library.index.session_index.WORDS` of them, so that no secret is cut in two before it is masked."""


def score_of(reliability: Rate | None) -> int | None:
    """Return the proficiency score, 0 to 100; None below five judged calls.

    Length does not count: rewarding it predicts success worse than chance, as long sessions fail more.
    """
    if reliability is None or reliability.n < SCORE_FROM:
        return None
    return round(100 * reliability.value)


def research_score(stats: SessionStats) -> float:
    """Return the prototypes' score with true outcomes in place of words, 0 to 1.

    0 below 10 messages, 0.5 without tool calls, else 0.7 · ok / results + 0.3 · min(1, messages / 100).
    Kept for comparison only: measured on real sessions it predicts success worse than chance.
    """
    if stats.messages < 10:
        return 0.0
    results = stats.calls - stats.housekeeping - stats.pending - stats.interrupted
    if results <= 0:
        return 0.5
    return 0.7 * stats.ok / results + 0.3 * min(1.0, stats.messages / 100)


def count(session: Session, calls: Sequence[JudgedCall]) -> SessionStats:
    """Count one session from its calls as `judge_calls` gives them.

    Housekeeping calls are in the figures `calls`, `housekeeping` and `tools` and in nothing else.
    """
    counted = [call for call in calls if not call.housekeeping]
    outcomes = [call.verdict.outcome for call in counted]
    ok, errors, denied, interrupted, pending, unknown = map(outcomes.count, OUTCOMES)
    fine = [call.verdict for call in counted if call.verdict.outcome == "ok"]
    early, late, gain = early_late(outcomes)
    tokens = None if session.usage is None else session.usage.tokens
    return SessionStats(
        messages=len(session.messages),
        calls=len(calls),
        ok=ok,
        errors=errors,
        denied=denied,
        interrupted=interrupted,
        unknown=unknown,
        pending=pending,
        findings=sum(verdict.findings for verdict in fine),
        weak=sum(verdict.rule == "no-failure-sign" for verdict in fine),
        housekeeping=len(calls) - len(counted),
        repeated=len(counted) - len({(call.call.tool, call.call.arguments) for call in counted}),
        early_error_rate=early,
        late_error_rate=late,
        gain=gain,
        score=score_of(rate(ok, ok + errors)),
        task_type=_largest(Counter(task_type_of(call.call.tool) for call in counted)),
        tokens=_estimated_tokens(session) if tokens is None else tokens,
        tokens_estimated=tokens is None,
        cost_usd=None if session.usage is None else session.usage.cost_usd,
        unread=count_things(not_understood(session, calls)),
        trend=tuple(stretch.error_rate for stretch in error_curve(outcomes, TREND_BINS)),
        tools=frozenset(call.call.tool for call in calls),
        words=next((message.text for message in session.messages if message.origin == "person"), "")[:WORDS],
    )


def _estimated_tokens(session: Session) -> int:
    """Estimate the tokens of a session's messages and calls, each once; see docs/definitions.md."""
    tokens = 0
    for message in session.messages:
        tokens += TOKEN_OVERHEAD + estimate_tokens(message.text)
        for call in message.calls:
            tokens += TOKEN_OVERHEAD + estimate_tokens(call.tool) + estimate_tokens(call.arguments)
    return tokens


def _largest(groups: Mapping[TaskType, int]) -> TaskType | None:
    """Return the group with most calls, ties by the order of `TASK_TYPES`; None without calls."""
    return max(groups, key=lambda group: (groups[group], -TASK_TYPES.index(group)), default=None)


class EarlyLate(NamedTuple):
    """Error rates of the first and the last fifth of the judged calls, as fractions."""

    early: float | None
    late: float | None
    gain: float | None
    """late − early; negative is better."""


def _failures(outcomes: Sequence[Outcome]) -> list[bool]:
    return [outcome == "error" for outcome in outcomes if outcome in ("ok", "error")]


def early_late(outcomes: Sequence[Outcome]) -> EarlyLate:
    """Compare the beginning of a session with its end; see docs/definitions.md.

    Args:
        outcomes: of the session's calls in order, housekeeping left out; only `ok` and `error` are judged.

    Returns:
        The error rates of the first and last fifth of the judged calls; three Nones below five.
    """
    failed = _failures(outcomes)
    # a fifth of fewer calls would be empty
    if len(failed) < FIFTH:
        return EarlyLate(None, None, None)
    k = len(failed) // FIFTH
    early, late = sum(failed[:k]) / k, sum(failed[-k:]) / k
    return EarlyLate(early, late, late - early)


def error_curve(outcomes: Sequence[Outcome], bins: int) -> tuple[CurveBin, ...]:
    """Cut the judged calls into at most `bins` stretches in order, for a sparkline.

    The counts of the stretches differ by at most one and add up to the judged calls.

    Raises:
        ValueError: `bins` is below 1.
    """
    if bins < 1:
        raise ValueError(f"a curve needs at least one bin, not {bins}")
    failed = _failures(outcomes)
    total = len(failed)
    count = min(bins, total)
    parts = [failed[i * total // count : (i + 1) * total // count] for i in range(count)]
    return tuple(CurveBin(sum(part) / len(part), len(part)) for part in parts)
