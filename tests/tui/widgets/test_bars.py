"""Figures as small pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.tui.widgets import bars
from warmtui.tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, OK, WARNING

RATE = st.floats(0, 1)


@given(st.tuples(RATE, RATE, RATE), st.integers(3, 40), st.sampled_from([UNICODE, ASCII]))
def test_a_score_bar_has_its_width_and_its_point_inside_the_interval(
    rates: tuple[float, float, float], width: int, glyphs: Glyphs
) -> None:
    low, value, high = sorted(rates)
    bar = bars.score_bar(value, low, high, width, glyphs=glyphs)
    assert len(bar.plain) == width
    points = {glyphs.solid_point, glyphs.thin_point}
    assert sum(sign in points for sign in bar.plain) == 1
    assert not bar.plain.rstrip(" ").count(" ")
    if glyphs is ASCII:
        assert bar.plain.isascii()


def test_what_is_sure_is_solid() -> None:
    assert bars.score_bar(0.95, 0.85, 0.99, 12).plain == "━━━━━━━━━─┼─"
    assert bars.score_bar(0.0, 0.0, 0.3, 12).plain == "┿────       "
    assert bars.score_bar(1.0, 1.0, 1.0, 5).plain == "━━━━┿"


def test_a_wide_interval_greys_the_score_and_its_number() -> None:
    narrow, wide = bars.score(0.7, 0.6, 0.9), bars.score(0.7, 0.5, 0.81)
    assert (narrow.spans[0].style, wide.spans[0].style) == ("bold", MUTED)
    assert bars.score_bar(0.7, 0.5, 0.81).style == FAINT
    assert bars.score_bar(0.7, 0.5, 0.8).style != FAINT


def test_without_a_score_there_is_a_dash() -> None:
    assert bars.score(None).plain.split() == ["–", "·"]
    assert bars.score(None, width=3, glyphs=ASCII).plain == "  -"
    assert len(bars.score(None, width=16).plain) == len(bars.score(1.0, 0.9, 1.0, 16).plain) == 16


@given(st.lists(st.none() | RATE, max_size=12), st.none() | RATE)
def test_a_sparkline_has_a_cell_per_value_and_nothing_is_lowest(
    values: list[float | None], top: float | None
) -> None:
    line = bars.sparkline(values, top).plain
    assert len(line) == len(values)
    full = top if top is not None else max((value or 0 for value in values), default=0)
    for value, sign in zip(values, line, strict=True):
        assert (sign == "·") == (value is None)
        if value is not None and full:
            assert (sign == "▁") == (value == 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.001, "<1 %"),
        (0.05, "5 %"),
        (0.29, "29 %"),
        (0.999, ">99 %"),
        (1.0, "100 %"),
    ],
)
def test_percent(value: float | None, text: str) -> None:
    assert bars.percent(value).plain == text


def test_the_meter_says_by_how_much_it_is_too_much() -> None:
    assert bars.token_meter(1240, 2000, 12).plain == "≈ 1,240 of 2,000 tokens ━━━━━━━━╌╌╌╌"
    assert "240 too many" in bars.token_meter(2240, 2000).plain
    assert bars.token_meter(0, 2000, 0).plain == "≈ 0 of 2,000 tokens"
    assert bars.token_meter(1, 2000, 4, glyphs=ASCII).plain == "~ 1 of 2,000 tokens =..."

    def colour(used: int) -> object:
        return bars.meter_bar(used, 2000).style

    assert (colour(100), colour(1900), colour(2001)) == (OK, WARNING, ERROR)
    assert bars.meter_bar(5, 0, 3).plain == "━━━"


def test_a_rate_bar_stays_within_its_cells() -> None:
    assert bars.rate_bar(0.5, 4).plain == "━━  "
    assert bars.rate_bar(7.0, 4).plain == "━━━━"
    assert bars.rate_bar(None, 4).plain == "    "
