"""Intervals of differences, in closed form."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from warmtui.model.stats import wilson


class Estimate(NamedTuple):
    """A value with its 95 % interval, `low <= value <= high`."""

    value: float
    low: float
    high: float


def share(part: int, n: int) -> Estimate:
    """Return part / n with its Wilson interval.

    Raises:
        ValueError: not 0 <= part <= n, or n is 0.
    """
    if not n:
        raise ValueError("a share of nothing has no value")
    low, high = wilson(part, n)
    return Estimate(part / n, low, high)


def minus(first: Estimate, second: Estimate) -> Estimate:
    """Return the difference of two independent estimates, its interval by squaring and adding.

    Of two shares with Wilson intervals it is method 10 of R. G. Newcombe, "Interval estimation for the
    difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17
    (1998), 873-890. Of any two estimates it is the same construction, after G. Y. Zou and A. Donner,
    "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine
    27 (2008), 1693-1702; so differences of differences have an interval too.

    >>> low, high = minus(share(56, 70), share(48, 80))[1:]
    >>> f"{low:.4f} {high:.4f}"
    '0.0524 0.3339'
    """
    value = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Estimate(value, value - below, value + above)
