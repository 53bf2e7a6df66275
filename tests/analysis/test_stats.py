"""Figures counted from judged calls."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.stats import EarlyLate, count, early_late, error_curve
from warmtui.model.outcome import OUTCOMES, Outcome
from warmtui.model.session import Message, Session, SessionHeader, ToolCall, Usage
from warmtui.model.stats import NO_STATS, wilson
from warmtui.sources.hermes.database import HermesDatabase

NOW = 2_000_000_000.0


def test_the_parts_add_up(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    for session in source.read([header.id for header in source.listing().headers]):
        calls = judge_calls(session, now=NOW)
        stats = count(session, calls)
        counted = stats.ok + stats.errors + stats.denied + stats.interrupted + stats.unknown + stats.pending
        assert counted == stats.calls - stats.housekeeping
        assert stats.tools == frozenset(call.call.tool for call in calls)
        assert (stats.score is None) == (stats.ok + stats.errors < 5)
    source.close()


def test_the_persons_first_words_are_kept_short() -> None:
    messages = (
        Message("1", "user", "a harness prompt", "harness"),
        Message("2", "user", "w" * 1_000, "person"),
        Message("3", "user", "later", "person"),
    )
    assert count(Session(SessionHeader("s", "hermes", "x.db"), messages), ()).words == "w" * 400


@pytest.mark.parametrize(
    ("usage", "tokens", "estimated", "cost"),
    [
        (None, 4 + 2 + 4 + 4 + 1 + 1, True, None),
        (Usage(cost_usd=0.5), 16, True, 0.5),
        (Usage(input=100, output=20, cache_read=3_000), 3_120, False, None),
    ],
)
def test_tokens_are_counted_by_the_provider_or_estimated(
    usage: Usage | None, tokens: int, estimated: bool, cost: float | None
) -> None:
    messages = (
        Message("1", "user", "12345", "person"),
        Message("2", "assistant", "", "agent", (ToolCall("c", "bash", "{}"),)),
    )
    stats = count(Session(SessionHeader("s", "hermes", "x.db"), messages, usage=usage), ())
    assert (stats.tokens, stats.tokens_estimated, stats.cost_usd) == (tokens, estimated, cost)


@pytest.mark.parametrize(
    ("weak", "ok", "errors", "rests"), [(5, 10, 0, False), (6, 10, 1, True), (0, 0, 0, False)]
)
def test_a_score_rests_on_weak_evidence_when_most_of_its_calls_do(
    weak: int, ok: int, errors: int, rests: bool
) -> None:
    assert NO_STATS._replace(weak=weak, ok=ok, errors=errors).rests_on_weak is rests


def test_an_id_that_is_used_for_every_call_costs_no_more_than_others() -> None:
    def seconds(same: bool) -> float:
        calls = [
            ToolCall("call_0" if same else f"c{number}", "terminal", str(number)) for number in range(20_000)
        ]
        messages = [
            Message(str(number), "assistant", "", "agent", (call,)) for number, call in enumerate(calls)
        ]
        session = Session(SessionHeader("s", "hermes", "x.db"), tuple(messages))
        start = time.process_time()
        stats = count(session, judge_calls(session, now=NOW))
        assert (stats.calls, stats.interrupted) == (20_000, 20_000)
        return time.process_time() - start

    assert seconds(same=True) < 10 * seconds(same=False)


outcomes = st.lists(st.sampled_from(OUTCOMES), max_size=80)


def calls(letters: str) -> list[Outcome]:
    names: dict[str, Outcome] = {"o": "ok", "e": "error", "d": "denied", "u": "unknown", "i": "interrupted"}
    return [names[letter] for letter in letters]


def test_below_five_judged_calls_there_is_no_trend() -> None:
    assert early_late(calls("eeoo")) == EarlyLate(None, None, None)
    assert early_late(calls("eeoodddduuuiii")) == EarlyLate(None, None, None)


@pytest.mark.parametrize(
    ("letters", "early", "late"),
    [
        ("eoooo", 1.0, 0.0),
        ("ooooe", 0.0, 1.0),
        ("eooooooooo", 0.5, 0.0),  # 10 calls: two at each end
        ("eooooooo", 1.0, 0.0),  # 8 calls: 8 // 5 = 1
        ("deooooi", 1.0, 0.0),  # only ok and error take part in the order
    ],
)
def test_first_and_last_fifth(letters: str, early: float, late: float) -> None:
    trend = early_late(calls(letters))
    assert trend == (early, late, late - early)


@given(outcomes)
def test_reversing_a_session_turns_its_gain_around(sequence: list[Outcome]) -> None:
    forward, backward = early_late(sequence), early_late(sequence[::-1])
    assert (forward.early, forward.late) == (backward.late, backward.early)
    if forward.gain is not None and backward.gain is not None:
        assert forward.gain == -backward.gain


# Published values: Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("ok", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_matches_the_published_table(ok: int, n: int, low: float, high: float) -> None:
    interval = wilson(ok, n)
    assert round(interval.low, 4) == low
    assert round(interval.high, 4) == high


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_ends_solve_the_score_equation(case: tuple[int, int]) -> None:
    ok, n = case
    low, high = wilson(ok, n)
    assert 0 <= low <= ok / n <= high <= 1
    z = 1.959963984540054
    for end in (low, high):
        if 0 < end < 1:
            assert math.isclose(abs(ok / n - end), z * math.sqrt(end * (1 - end) / n), rel_tol=1e-6)


def test_wilson_at_the_edges() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 7).low == 0.0
    assert wilson(7, 7).high == 1.0
    for ok, n in ((-1, 3), (4, 3), (0, -1)):
        with pytest.raises(ValueError, match="is no rate"):
            wilson(ok, n)


def test_curve_counts_errors_per_stretch() -> None:
    curve = error_curve(calls("eeodooooeo"), 3)
    assert [(round(part.error_rate * part.n), part.n) for part in curve] == [(2, 3), (0, 3), (1, 3)]
    assert curve[0].error_rate == pytest.approx(2 / 3)


@given(outcomes, st.integers(1, 40))
def test_curve_loses_and_invents_nothing(sequence: list[Outcome], bins: int) -> None:
    curve = error_curve(sequence, bins)
    judged = sequence.count("ok") + sequence.count("error")
    assert len(curve) == min(bins, judged)
    assert sum(part.n for part in curve) == judged
    assert sum(round(part.error_rate * part.n) for part in curve) == sequence.count("error")
    if curve:
        assert max(part.n for part in curve) - min(part.n for part in curve) <= 1


def test_curve_needs_a_bin() -> None:
    with pytest.raises(ValueError, match="at least one bin"):
        error_curve([], 0)
