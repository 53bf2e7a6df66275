"""How a session's error rate runs: early against late, and in bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from warmtui.model.outcome import Outcome
from warmtui.model.stats import CurveBin

FIFTH = 5
"""Early and late are the first and last fifth; there are none below five judged calls.

See docs/definitions.md."""


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
        curve.append(CurveBin(sum(part) / len(part), len(part)))
    return tuple(curve)
