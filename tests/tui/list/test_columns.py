"""Columns that fit."""

from __future__ import annotations

import pytest
from hostile import LINES
from hypothesis import given
from hypothesis import strategies as st
from pilots import hostile_characters
from rich.cells import cell_len
from rich.text import Text

from warmtui.tui.list.columns import Column, Layout, fit
from warmtui.tui.sessions.session_list import COLUMNS as SESSION_COLUMNS
from warmtui.tui.templates.rows import COLUMNS as TEMPLATE_COLUMNS
from warmtui.tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from warmtui.tui.widgets.paint import ERROR

COLUMNS = (
    Column("score", "score", 5, 16, priority=1),
    Column("title", "title", 20, 40, priority=0, grow=True),
    Column("age", "age", 4, 5, priority=2, align="right"),
    Column("errors", "errors", 6, 6, priority=3, align="right"),
    Column("model", "model", 10, 24, priority=4),
)


def test_narrow_shows_the_essentials_and_wide_everything() -> None:
    assert fit(COLUMNS, 20).names == ("title",)
    assert fit(COLUMNS, 26).names == ("title",), "age would fit, but is less important than score"
    assert fit(COLUMNS, 30).names == ("score", "title")
    assert fit(COLUMNS, 50).names == ("score", "title", "age", "errors")
    assert fit(COLUMNS, 200).names == ("score", "title", "age", "errors", "model")


@given(st.integers(1, 250), st.integers(0, 3))
def test_a_layout_never_passes_its_width_and_wider_shows_more(width: int, gap: int) -> None:
    layout, wider = fit(COLUMNS, width, gap), fit(COLUMNS, width + 1, gap)
    last = layout.placed[-1]
    assert last.x + last.width <= width
    assert set(layout.names) <= set(wider.names)
    assert all(placed.width >= min(placed.column.minimum, width) for placed in layout.placed)
    if width >= 105:
        assert last.x + last.width == width
        assert all(layout.width_of(column.name) >= column.ideal for column in COLUMNS)


def test_room_goes_to_the_important_first_and_the_rest_to_what_grows() -> None:
    assert [placed.width for placed in fit(COLUMNS, 30).placed] == [5, 23]
    assert fit(COLUMNS, 200).width_of("title") == 200 - 16 - 5 - 6 - 24 - 8


def test_cells_stand_under_their_heads() -> None:
    layout = fit(COLUMNS, 60)
    head = layout.header("age", descending=True).plain
    row = layout.row({"score": "95", "title": "日本語のセッション", "age": "2 h", "errors": "5 %"}).plain
    assert head.index("title") == row.index("日") == layout.placed[1].x
    assert cell_len(head) == cell_len(row)
    assert "age▼" in head
    assert "age^" in layout.header("age", glyphs=ASCII).plain
    right = layout.placed[2]
    assert row[: row.index("2 h") + 3].endswith("2 h")
    assert cell_len(row[: row.index("2 h") + 3]) == right.x + right.width


@pytest.mark.parametrize("columns", [SESSION_COLUMNS, TEMPLATE_COLUMNS], ids=["sessions", "templates"])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", [56, 76, 96, 136, 196])
def test_the_sign_of_the_order_leaves_its_head_whole(
    columns: tuple[Column, ...], glyphs: Glyphs, width: int
) -> None:
    layout = fit(columns, width)
    for column in (place.column for place in layout.placed):
        head = layout.header(column.name, glyphs=glyphs).plain
        assert f"{column.title}{glyphs.ascending}" in head
        assert cell_len(head) == cell_len(layout.header(glyphs=glyphs).plain)


def test_styles_follow_their_text_and_end_where_it_is_cut() -> None:
    layout = Layout(fit((Column("a", "a", 6, 6), Column("b", "b", 6, 6)), 14).placed, 14)
    row = layout.row({"a": Text("x", "bold"), "b": Text.assemble("1234", ("56789", ERROR))})
    assert row.plain == "x       12345…"
    assert [(span.start, span.end, span.style) for span in row.spans] == [(0, 1, "bold"), (12, 14, ERROR)]


def test_a_click_finds_its_column() -> None:
    layout = fit(COLUMNS, 60)
    assert layout.column_at(0) == "score"
    assert layout.column_at(layout.placed[1].x) == "title"
    assert layout.column_at(layout.placed[1].x - 1) == "score"
    assert layout.column_at(-1) is None
    assert layout.column_at(60) is None


@pytest.mark.parametrize("width", [1, 5, 40, 76, 196])
@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_hostile_cells_keep_their_place(text: str, width: int) -> None:
    layout = fit(COLUMNS, width)
    styled = Text(text[:1000])
    styled.stylize(ERROR, 1, 4)
    row = layout.row({"title": text, "score": styled, "age": text, "errors": "end"})
    used = layout.placed[-1].x + layout.placed[-1].width
    assert cell_len(row.plain) == used
    assert hostile_characters(row.plain) == set()
    if "errors" in layout.names:
        assert row.plain.rstrip().endswith("end") or "model" in layout.names


@pytest.mark.parametrize("width", range(40, 201))
def test_counts_of_a_long_session_are_not_cut(width: int) -> None:
    layout = fit(SESSION_COLUMNS, width)
    for name in ("messages", "calls"):
        assert layout.width_of(name) in (0, *range(len("10,985"), 10))
