from __future__ import annotations

from collections.abc import Callable

import pytest
from made_session import agent, call, person, shell

from warmtui.analysis.comparison import READING, Side, compare
from warmtui.analysis.comparison.figures import Estimate, minus, share
from warmtui.model.comparison import Comparison, FigureRow

MakeSide = Callable[..., Side]
Recorded = Callable[..., list[Side]]


def figures(comparison: Comparison) -> dict[str, FigureRow]:
    return {row.name: row for row in comparison.figures}


def test_figures_of_recordings_have_differences_and_intervals(recorded: Recorded) -> None:
    comparison = compare(recorded("20261120_094736", "20261120_094657"))
    assert [session.title for session in comparison.sessions] == ["Coupon marathon", "Fix cart totals"]
    rows = figures(comparison)
    reliability = rows["reliability"]
    assert [(v.value, v.n) for v in reliability.values if v] == [(38 / 42, 42), (10 / 13, 13)]
    difference = reliability.differences[0]
    assert difference is not None
    assert difference.low is not None
    assert difference.high is not None
    expected = minus(share(38, 42), share(10, 13))
    assert Estimate(difference.value, difference.low, difference.high) == pytest.approx(expected)
    early, late = rows["early_error_rate"], rows["late_error_rate"]
    assert [(v.value, v.n) for v in early.values if v] == [(3 / 8, 8), (1 / 2, 2)]
    assert [(v.value, v.n) for v in late.values if v] == [(0.0, 8), (0.0, 2)]
    gain = rows["gain"].values[0]
    assert gain is not None
    assert (gain.value, gain.low, gain.high) == pytest.approx(minus(share(0, 8), share(3, 8)))
    assert [v.value for v in rows["calls"].values if v] == [43, 13]
    assert [d and d.value for d in rows["calls"].differences] == [30]
    assert [d and d.low for d in rows["calls"].differences] == [None]
    assert rows["denied"].kind == "count"


def test_what_is_not_judged_has_no_figure_and_no_difference(side: MakeSide) -> None:
    rows = figures(compare([side(person("hi")), side(person("go"), agent("", shell("ls")))]))
    assert rows["reliability"].values[0] is None
    assert rows["reliability"].differences == (None,)
    assert rows["score"].values == (None, None)
    assert rows["gain"].values == (None, None)
    assert [d and d.value for d in rows["calls"].differences] == [-1]


def test_tools_and_task_types(side: MakeSide) -> None:
    bad = call("read_file", {"path": "x"}, "", "error")
    good = call("read_file", {"path": "y"})
    todo = call("todo", "{}")
    first = side(person("go"), agent("", bad, good, good, shell("ls"), todo))
    second = side(person("go"), agent("", good, call("patch", {"path": "y"}), shell("x", "", "denied")))
    comparison = compare([first, second])
    tools = {row.name: row for row in comparison.tools}
    assert list(tools) == ["read_file", "terminal", "patch"]
    reads = tools["read_file"]
    assert [(c.calls, c.ok, c.errors) for c in reads.cells if c] == [(3, 2, 1), (1, 1, 0)]
    assert reads.differences[0] is not None
    assert reads.differences[0].value == pytest.approx(2 / 3 - 1)
    assert tools["patch"].cells[0] is None
    assert tools["patch"].differences == (None,)
    denied = tools["terminal"].cells[1]
    assert denied is not None
    assert (denied.calls, denied.ok, denied.errors, denied.reliability) == (1, 0, 0, None)
    types = {row.name: [c and c.calls for c in row.cells] for row in comparison.task_types}
    assert types == {"file": [3, 2], "terminal": [1, 1]}


def test_three_sessions_are_compared_with_the_first(recorded: Recorded) -> None:
    comparison = compare(recorded("20261120_094736", "20261120_094657", "20261120_094711"))
    row = figures(comparison)["reliability"]
    assert [d and d.value for d in row.differences] == pytest.approx([38 / 42 - 10 / 13, 38 / 42 - 9 / 11])
    assert {len(step.calls) for step in comparison.timeline.steps} == {3}


def test_swapping_the_sides_mirrors_the_figures(recorded: Recorded) -> None:
    first, second = recorded("20261120_094736", "20261120_094657")
    comparison, other = compare([first, second]), compare([second, first])
    for row, mirrored in zip(comparison.figures, other.figures, strict=True):
        assert row.values == mirrored.values[::-1]
        there, back = row.differences[0], mirrored.differences[0]
        assert (there is None) == (back is None)
        if there is not None and back is not None:
            assert there.value == pytest.approx(-back.value)
    assert len(comparison.markers.common) == len(other.markers.common)
    assert len(comparison.recoveries.common) == len(other.recoveries.common)
    assert sum(s.in_step for s in comparison.timeline.steps) == sum(s.in_step for s in other.timeline.steps)


def test_a_session_beside_its_like_has_no_difference(recorded: Recorded) -> None:
    comparison = compare(recorded("20261120_094736") * 2)
    assert comparison.timeline.differences == ()
    assert all(step.in_step for step in comparison.timeline.steps)
    assert [d.value for row in comparison.figures for d in row.differences if d] == [0] * len(
        [row for row in comparison.figures if row.differences[0]]
    )
    assert (comparison.markers.apart, comparison.recoveries.apart, comparison.error_patterns.apart) == (
        (),
        (),
        (),
    )


def test_it_says_how_to_be_read(side: MakeSide) -> None:
    comparison = compare([side(), side()])
    assert comparison.reading == READING
    assert "not a test" in comparison.reading
    assert comparison.timeline.steps == ()
    with pytest.raises(ValueError, match="two"):
        compare([side()])


def test_the_same_input_gives_the_same_bytes(recorded: Recorded) -> None:
    sides = recorded("20261120_094736", "20261120_094826")
    assert compare(sides).model_dump_json() == compare(sides).model_dump_json()
