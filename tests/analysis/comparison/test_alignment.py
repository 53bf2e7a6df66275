from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.analysis.comparison import alignment
from warmtui.analysis.comparison.alignment import Aligned, Likeness, align, common_subsequence

Sequences = list[list[str]]


def like(first: str, other: str) -> Likeness:
    """Identical, or similar when the letter is the same: `a1`, `a2`."""
    return 2 if first == other else 1 if first[0] == other[0] else 0


def sequence(longest: int = 14) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(["a1", "a2", "b1", "b2", "c1", "d1"]), max_size=longest)


def check(sequences: Sequence[Sequence[str]], rows: Sequence[Aligned]) -> None:
    for number, sequence in enumerate(sequences):
        placed = [row.items[number] for row in rows if row.items[number] is not None]
        assert placed == list(range(len(sequence)))
    for row in rows:
        present = [sequences[s][i] for s, i in enumerate(row.items) if i is not None]
        assert present
        if row.alike:
            assert len(present) > 1
            assert all(any(like(a, b) for b in present[:n]) for n, a in enumerate(present) if n)


def longest(first: Sequence[str], second: Sequence[str]) -> tuple[int, int]:
    """The best (pairs, identical pairs), by trying everything."""
    best = [[(0, 0)] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            options = [best[i][j + 1], best[i + 1][j]]
            if kind := like(a, b):
                options.append((best[i][j][0] + 1, best[i][j][1] + (kind == 2)))
            best[i + 1][j + 1] = max(options)
    return best[-1][-1]


@given(st.lists(sequence(), min_size=2, max_size=4))
def test_every_item_stands_once_and_in_order(sequences: Sequences) -> None:
    check(sequences, align(sequences, like))


@given(sequence(), sequence())
def test_two_are_aligned_by_their_longest_common_subsequence(first: list[str], second: list[str]) -> None:
    pairs = common_subsequence(first, second, like)
    assert pairs == sorted(set(pairs))
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))
    kinds = [like(first[i], second[j]) for i, j in pairs]
    assert all(kinds)
    assert (len(kinds), kinds.count(2)) == longest(first, second)
    assert sum(row.alike for row in align([first, second], like)) == len(pairs)


@given(sequence(), sequence())
def test_swapping_sides_finds_as_many(first: list[str], second: list[str]) -> None:
    forward, other = align([first, second], like), align([second, first], like)
    assert sum(row.alike for row in forward) == sum(row.alike for row in other)


@given(sequence(30), sequence(30))
def test_long_sequences_are_cut_and_lose_nothing(first: list[str], second: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "MAX_CELLS", 9)
        check([first, second], align([first, second], like))


def test_a_sequence_beside_itself_is_identical_all_along() -> None:
    items = ["a1", "b1", "a2", "a1"]
    assert align([items, items], like) == [Aligned((i, i), alike=True) for i in range(4)]


def test_the_identical_one_is_taken_where_two_would_do() -> None:
    assert common_subsequence(["a1"], ["a2", "a1", "a2"], like) == [(0, 1)]


def test_what_is_left_between_stands_side_by_side() -> None:
    rows = align([["a1", "b1", "c1"], ["a1", "d1", "d1", "c1"]], like)
    assert rows == [
        Aligned((0, 0), alike=True),
        Aligned((1, 1), alike=False),
        Aligned((None, 2), alike=False),
        Aligned((2, 3), alike=True),
    ]


def test_a_third_sequence_finds_its_like_in_either() -> None:
    rows = align([["a1", "b1"], ["c1", "b2"], ["c1", "b1"]], like)
    assert Aligned((1, 1, 1), alike=True) in rows
    assert Aligned((None, 0, 0), alike=True) in rows


def test_nothing_beside_something() -> None:
    assert align([[], ["a1"], []], like) == [Aligned((None, 0, None), alike=False)]
    assert align([[], []], like) == []
