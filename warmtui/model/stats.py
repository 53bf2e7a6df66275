"""A session's figures, and the rates they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

from warmtui.model.session import SessionHeader, SessionKey

TaskType = Literal["code", "file", "research", "terminal", "general"]
_Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""


class Interval(NamedTuple):
    """A confidence interval of a rate, both ends between 0 and 1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % Wilson interval."""

    value: float
    """From 0 to 1."""
    low: float
    high: float
    n: int
    """How many calls it was counted over."""


@dataclass(frozen=True, slots=True)
class CurveBin:
    """One stretch of the judged calls, in order."""

    error_rate: float
    n: int
    """Judged calls in the stretch, at least 1."""


def wilson(ok: int, n: int) -> Interval:
    """Return the 95 % Wilson score interval of the rate ok / n, in closed form.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212; without continuity correction,
    as recommended by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.

    Args:
        ok: successes, 0 to n.
        n: trials; 0 says nothing, so the interval is everything.

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
    rate, square = ok / n, _Z_95 * _Z_95
    centre = rate + square / (2 * n)
    # The textbook form, centre ± half width, over a common denominator.
    half = _Z_95 * sqrt(rate * (1 - rate) / n + square / (4 * n * n))
    scale = 1 + square / n
    # rounding would leave the exact ends at a hair beside 0 and 1
    low = 0.0 if ok == 0 else (centre - half) / scale
    high = 1.0 if ok == n else (centre + half) / scale
    return Interval(low, high)


def rate(ok: int, n: int) -> Rate | None:
    """Return ok / n with its 95 % Wilson interval; None when n is 0."""
    if not n:
        return None
    low, high = wilson(ok, n)
    return Rate(ok / n, low, high, n)


class SessionStats(NamedTuple):
    """The figures of one session, counted by `warmtui.analysis.stats.count`.

    Every call that is not housekeeping has one outcome:
    `ok + errors + denied + interrupted + unknown + pending == calls - housekeeping`.
    """

    messages: int
    calls: int
    ok: int
    errors: int
    denied: int
    interrupted: int
    unknown: int
    pending: int
    findings: int
    """Of the ok calls: test runners and linters that reported something."""
    weak: int
    """Of the ok calls: those with no evidence but the absence of a sign of failure."""
    housekeeping: int
    repeated: int
    """Calls that repeat an earlier one exactly."""
    early_error_rate: float | None
    late_error_rate: float | None
    gain: float | None
    """late − early; negative is better."""
    score: int | None
    """round(100 × reliability), None below five judged calls."""
    task_type: TaskType | None
    tokens: int
    """What its provider counted over all requests; else an estimate, in which each text counts once."""
    tokens_estimated: bool
    cost_usd: float | None
    """What its source says; never estimated."""
    unread: int
    """How many things in it were not understood; see `warmtui.analysis.unread`."""
    trend: tuple[float, ...]
    """Error rate in up to eight near-equal stretches of the judged calls."""
    tools: frozenset[str]
    """Names of the tools that were called, housekeeping included."""
    words: str
    """The beginning of the person's first message."""

    @property
    def reliability(self) -> Rate | None:
        """Ok / (ok + errors); None when nothing is judged."""
        return rate(self.ok, self.ok + self.errors)

    @property
    def error_rate(self) -> float | None:
        """Errors / (ok + errors); None when nothing is judged."""
        reliability = self.reliability
        return None if reliability is None else 1 - reliability.value

    @property
    def rests_on_weak(self) -> bool:
        """Whether more than half of the judged calls count as ok only for want of a sign of failure."""
        return 2 * self.weak > self.ok + self.errors


NO_STATS = SessionStats(
    messages=0,
    calls=0,
    ok=0,
    errors=0,
    denied=0,
    interrupted=0,
    unknown=0,
    pending=0,
    findings=0,
    weak=0,
    housekeeping=0,
    repeated=0,
    early_error_rate=None,
    late_error_rate=None,
    gain=None,
    score=None,
    task_type=None,
    tokens=0,
    tokens_estimated=True,
    cost_usd=None,
    unread=0,
    trend=(),
    tools=frozenset(),
    words="",
)
"""The figures of a session without any message that counts."""


class SessionSummary(NamedTuple):
    """One judged session as a list has it."""

    header: SessionHeader
    stats: SessionStats


class SessionRow(NamedTuple):
    """One session as the index has it, and the app lists it; its figures come later than its header."""

    header: SessionHeader
    stats: SessionStats | None = None
    """None until it was judged; perhaps those of an earlier state."""
    waits: bool = False
    """It has to be judged, or judged again."""

    @property
    def words(self) -> str:
        """The person's first words, for a session without a title."""
        return "" if self.stats is None else self.stats.words

    @property
    def key(self) -> SessionKey:
        """The session's key."""
        return SessionKey(self.header.source, self.header.id)
