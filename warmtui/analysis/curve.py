"""How a session's error rate runs: early against late, in bins, and the interval of a rate."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from warmtui.model.outcome import Outcome

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""

FIFTH = 5
"""Early and late are the first and last fifth; below five judged calls there are none (DEFINITIONS.md)."""


class EarlyLate(NamedTuple):
    """Error rates of the first and the last fifth of the judged calls, as fractions."""

    early: float | None
    late: float | None
    gain: float | None
    """late − early; negative is better."""


class Interval(NamedTuple):
    """A confidence interval of a rate, both ends between 0 and 1."""

    low: float
    high: float


class CurveBin(NamedTuple):
    """One stretch of the judged calls, in order."""

    rate: float
    """errors / n."""
    errors: int
    n: int
    """Judged calls in the stretch, at least 1."""


def _failures(outcomes: Sequence[Outcome]) -> list[bool]:
    return [outcome == "error" for outcome in outcomes if outcome in ("ok", "error")]


def early_late(outcomes: Sequence[Outcome]) -> EarlyLate:
    """Compare the beginning of a session with its end (A3, DEFINITIONS.md).

    Args:
        outcomes: of the session's calls in order, housekeeping already left out; only `ok` and
            `error` are judged, the others are passed over.

    Returns:
        The error rates of the first and last `max(1, n // 5)` judged calls and their difference;
        three Nones below five judged calls.
    """
    failed = _failures(outcomes)
    if len(failed) < FIFTH:
        return EarlyLate(None, None, None)
    k = len(failed) // FIFTH
    early, late = sum(failed[:k]) / k, sum(failed[-k:]) / k
    return EarlyLate(early, late, late - early)


def wilson(ok: int, n: int, z: float = Z_95) -> Interval:
    """Return the Wilson score interval of the rate ok / n, in closed form.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212; without continuity correction,
    as recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.

    Args:
        ok: successes, 0 to n.
        n: trials; 0 says nothing, so the interval is everything.
        z: quantile of the standard normal distribution, 95 % two-sided by default.

    Raises:
        ValueError: not 0 <= ok <= n.

    >>> low, high = wilson(8, 10)
    >>> f"{low:.4f} {high:.4f}"
    '0.4902 0.9433'
    """
    if not 0 <= ok <= n:
        raise ValueError(f"{ok} of {n} is no rate")
    if n == 0:
        return Interval(0.0, 1.0)
    rate, square = ok / n, z * z
    centre = rate + square / (2 * n)
    half = z * sqrt(rate * (1 - rate) / n + square / (4 * n * n))
    scale = 1 + square / n
    # rounding would leave the exact ends at a hair beside 0 and 1
    low = 0.0 if ok == 0 else (centre - half) / scale
    high = 1.0 if ok == n else (centre + half) / scale
    return Interval(low, high)


def error_curve(outcomes: Sequence[Outcome], bins: int) -> tuple[CurveBin, ...]:
    """Cut the judged calls into stretches of near-equal length, for a sparkline.

    Args:
        outcomes: as for `early_late`.
        bins: how many stretches at most, at least 1.

    Returns:
        `min(bins, judged calls)` bins in order; their counts differ by at most one and add up to the
        judged calls; empty when nothing is judged.

    Raises:
        ValueError: `bins` is below 1.
    """
    if bins < 1:
        raise ValueError(f"a curve needs at least one bin, not {bins}")
    failed = _failures(outcomes)
    total = len(failed)
    count = min(bins, total)
    curve: list[CurveBin] = []
    for index in range(count):
        part = failed[index * total // count : (index + 1) * total // count]
        errors = sum(part)
        curve.append(CurveBin(errors / len(part), errors, len(part)))
    return tuple(curve)
