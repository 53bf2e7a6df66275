"""Where rows of unequal height begin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from warmtui.tui.list.heights import BLOCK, Heights


@given(st.lists(st.integers(1, 9), min_size=1, max_size=3 * BLOCK), st.data())
def test_positions_are_the_sums(rows: list[int], data: st.DataObject) -> None:
    heights = Heights(rows)
    changed = data.draw(st.integers(0, len(rows) - 1))
    height = data.draw(st.integers(1, 50))
    assert heights.change(changed, height) == (rows[changed] != height)
    rows[changed] = height
    assert heights.total == sum(rows)
    index = data.draw(st.integers(0, len(rows) - 1))
    assert heights.start(index) == sum(rows[:index])
    assert heights.start(len(rows)) == sum(rows)
    line = data.draw(st.integers(0, sum(rows) - 1))
    found, part = heights.row_at(line)
    assert heights.start(found) + part == line
    assert 0 <= part < heights.of(found) == rows[found]


def test_rows_of_one_line_need_no_sums() -> None:
    heights = Heights(None, 7)
    assert (heights.total, len(heights), heights.start(7), heights.row_at(3), heights.of(3)) == (
        7,
        7,
        7,
        (3, 0),
        1,
    )
    assert not heights.change(2, 5)


def test_no_rows() -> None:
    assert (Heights([]).total, Heights([]).start(0), Heights(None).total) == (0, 0, 0)
