from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.analysis.comparison.figures import Estimate, minus, share
from warmtui.model.stats import wilson


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe 1998, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_examples_of_the_paper(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = minus(share(*first), share(*second))
    assert found.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)


def shares() -> st.SearchStrategy[Estimate]:
    return st.integers(1, 300).flatmap(lambda n: st.integers(0, n).map(lambda part: share(part, n)))


@given(shares(), shares())
def test_a_difference_lies_in_its_interval_and_turns_around_with_its_sides(
    first: Estimate, second: Estimate
) -> None:
    difference, other = minus(first, second), minus(second, first)
    assert -1 - 1e-9 <= difference.low <= difference.value <= difference.high <= 1 + 1e-9
    assert difference == pytest.approx((-other.value, -other.high, -other.low))


@given(shares(), shares(), shares(), shares())
def test_a_difference_of_differences_is_wider_than_each(
    a: Estimate, b: Estimate, c: Estimate, d: Estimate
) -> None:
    difference, other = minus(a, b), minus(c, d)
    both = minus(difference, other)
    width = both.high - both.low
    assert width >= max(difference.high - difference.low, other.high - other.low) - 1e-9
    assert math.isfinite(width)


def test_a_share_of_nothing_is_refused() -> None:
    assert share(3, 4)[1:] == wilson(3, 4)
    with pytest.raises(ValueError, match="nothing"):
        share(0, 0)
