"""Text into strips: painted, cut, and cleaned for the last time."""

from __future__ import annotations

import pytest
from hostile import LINES, evil
from hypothesis import given
from hypothesis import strategies as st
from pilots import hostile_characters, screen_text
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.terminal_theme import MONOKAI
from rich.text import Text
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.widgets import Static

from warmtui.tui.widgets.paint import ERROR, MUTED, Painter, SanitizeFilter, content, cut

BASE = Style(background=Color.parse("#101010"), foreground=Color.parse("#e0e0e0"))
TEXTS = st.text(st.characters(), max_size=40) | st.text("aé語 \u0301\u200d🚀\x1b\t\n", max_size=40)
SPANS = st.lists(
    st.tuples(st.integers(-5, 45), st.integers(-5, 45), st.sampled_from(["bold", "red", "nonsense"]))
)


def painter(**options: bool) -> Painter:
    return Painter(BASE, MONOKAI, **options)


@given(TEXTS, SPANS, st.integers(1, 30))
def test_a_strip_has_its_width_whatever_is_painted(
    plain: str, spans: list[tuple[int, int, str]], width: int
) -> None:
    text = Text(plain)
    for start, end, style in spans:
        if start < end:
            text.stylize(style, start, end)
    for line in (text, Content(plain), Strip([Segment(plain)])):
        strip = painter().strip(line, width, "…")
        assert strip.cell_length == width == cell_len(strip.text)
        assert hostile_characters(strip.text) == set()
        assert "\n" not in strip.text


def test_styles_lie_over_each_other_in_order() -> None:
    text = Text("abcdef", "bold")
    text.stylize("italic", 1, 4)
    text.stylize("#ff0000", 2, 6)
    strip = painter().strip(text, 8)
    parts = [
        (segment.text, segment.style.bold, segment.style.italic, segment.style.color.name)
        for segment in strip
        if segment.style and segment.style.color
    ]
    grey, red = "#e0e0e0", "#ff0000"
    assert parts == [
        ("a", True, None, grey),
        ("b", True, True, grey),
        ("cd", True, True, red),
        ("ef", True, None, red),
        ("  ", None, None, grey),
    ]


def test_what_is_cut_is_said() -> None:
    assert painter().strip(Text("abcdef"), 4, "…").text == "abc…"
    assert painter().strip(Text("語語語"), 4, "…").text == "語 …"
    assert painter().strip(Text("abcd"), 4, "…").text == "abcd"
    assert painter().strip(Text("x" * 5_000_000), 3).text == "xxx"


def test_links_and_actions_do_not_come_through() -> None:
    style = RichStyle(link="https://example.org", meta={"@click": "app.quit"}, bold=True)
    text = Text("press me", style)
    for line in (text, Strip([Segment("press me", style)]), Content.styled("press me", Style(link="x"))):
        for segment in painter().strip(line, 10):
            assert segment.style is not None
            assert segment.style.link is None
            assert not segment.style.meta


def test_a_flat_painter_takes_weight_but_no_colour() -> None:
    strip = painter(flat=True).strip(Text("x", "bold red on white"), 1)
    style = next(iter(strip)).style
    assert style is not None
    assert style.bold
    assert style.color == BASE.rich_style.color
    assert style.bgcolor == BASE.rich_style.bgcolor


async def test_static_text_is_clean_and_follows_the_theme() -> None:
    class Show(App[None]):
        def compose(self) -> ComposeResult:
            text = Text.assemble(("bad [/] \x1b[31m", ERROR), "\n", ("second\tline", MUTED))
            yield Static(content(text))

    app = Show()
    async with app.run_test(size=(30, 4)) as pilot:
        assert screen_text(pilot).splitlines()[:2] == ["bad [/] ␛[31m", "second line"]
        static = app.query_one(Static)
        before = static.render_line(0)
        app.theme = "nord"
        await pilot.pause()
        await pilot.pause()
        assert next(iter(static.render_line(0))).style != next(iter(before)).style


def test_piles_of_marks_cost_the_styles_but_not_the_text() -> None:
    made = content(Text("e" + "\u0301" * 50 + " end", ERROR))
    assert made.plain == "e" + "\u0301" * 4 + " end"
    assert not made.spans


def test_a_line_is_cleaned_and_keeps_width_and_styles() -> None:
    bold = RichStyle(bold=True)
    for text in (*(line[:2_000] for line in LINES), evil("x")):
        before = [Segment("plain "), Segment(text, bold), Segment(" end")]
        after = SanitizeFilter().apply(before, Color(0, 0, 0))
        assert not hostile_characters("".join(segment.text for segment in after)), text[:20]
        assert Segment.get_line_length(after) == Segment.get_line_length(before)
        assert after[0] == before[0]
        assert not text or after[1].style == bold


def test_a_plain_line_is_left_alone() -> None:
    line = [Segment("plain"), Segment(" é ━")]
    assert SanitizeFilter().apply(line, Color(0, 0, 0)) is line


@pytest.mark.parametrize(("start", "end"), [(0, 4), (2, 9), (3, 6), (7, 16), (0, 16), (16, 16)])
def test_as_slicing(start: int, end: int) -> None:
    line = Text("some words here ", "bold")
    line.stylize("red", 2, 7)
    line.stylize("italic", 5, 16)
    sliced = line[start:end]
    sliced.rstrip()
    piece = cut(line, start, end)
    assert (piece.plain, piece.style) == (sliced.plain, sliced.style)
    for at in range(len(piece)):
        looks = [
            {span.style for span in each.spans if span.start <= at < span.end} for each in (piece, sliced)
        ]
        assert looks[0] == looks[1] - {"bold"}
