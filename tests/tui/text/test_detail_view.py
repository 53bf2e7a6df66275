"""Long text to read."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest
from hostile import LINES
from pilots import hostile_characters, screen_lines, screen_text, wait_for
from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import Input

from warmtui.tui.text.long_text import PART, LongText
from warmtui.tui.text.text_view import DetailView, TextView


class Reader(App[None]):
    BINDINGS: ClassVar = [("escape", "note('escape')"), ("n", "note('n')")]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.given = text
        self.noted: list[object] = []

    def compose(self) -> ComposeResult:
        yield DetailView(self.given)

    def on_mount(self) -> None:
        self.view.focus()

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)

    def action_note(self, key: str) -> None:
        self.noted.append(key)

    def on_text_view_copied(self, message: TextView.Copied) -> None:
        self.noted.append((message.characters, message.of))


def numbered(count: int) -> str:
    return "\n".join(f"line {number}" for number in range(count))


async def test_text_is_wrapped_at_words_and_scrolled_by_keys() -> None:
    app = Reader("some words that do not fit\n" + numbered(50))
    async with app.run_test(size=(21, 6)) as pilot:
        assert [line.split(" ▁")[0].rstrip() for line in screen_lines(pilot)][:2] == [
            "some words that do",
            "not fit",
        ]
        for key, first in (("j", "not fit"), ("k", "some"), ("pagedown", "line 4"), ("pageup", "some")):
            await pilot.press(key)
            await pilot.pause()
            assert screen_text(pilot).startswith(first)
        await pilot.press("G")
        await wait_for(pilot, lambda: "line 49" in screen_text(pilot))
        await pilot.press("g")
        await wait_for(pilot, lambda: "some words" in screen_text(pilot))


async def test_json_is_set_out_and_can_be_seen_as_written() -> None:
    written = '{"exit_code":0,"output":"a\\nb"}'
    app = Reader()
    async with app.run_test(size=(40, 10)) as pilot:
        app.query_one(DetailView).show(written, heading=[Text("terminal", "bold")])
        await pilot.pause()
        lines = [line.rstrip() for line in screen_lines(pilot)]
        assert lines[:6] == ["terminal", "{", '  "exit_code": 0,', '  "output": "a\\n', '    b"', "}"]
        colours = {segment.style.color for segment in app.view.render_line(2) if segment.style}
        assert len(colours) > 2
        await pilot.press("o")
        await pilot.pause()
        assert written in screen_text(pilot)
        await pilot.press("o")
        await pilot.pause()
        assert written not in screen_text(pilot)


async def test_searching_goes_from_match_to_match_and_round() -> None:
    app = Reader("\n".join(f"line {n} {'Needle' if n % 40 == 7 else ''}" for n in range(200)))
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("slash", *"needle")
        await wait_for(pilot, lambda: "match 1 of 5" in screen_text(pilot))
        await pilot.press("enter")
        assert app.focused is app.view
        for number, line in (
            (2, "line 47"),
            (3, "line 87"),
            (4, "line 127"),
            (5, "line 167"),
            (1, "line 7 "),
        ):
            await pilot.press("n")
            await pilot.pause()
            assert f"match {number} of 5" in screen_text(pilot)
            assert line in screen_text(pilot)
        await pilot.press("N")
        await wait_for(pilot, lambda: "match 5 of 5" in screen_text(pilot))
        await pilot.press("escape")
        await pilot.pause()
        assert "match" not in screen_text(pilot)
        assert app.noted == []
        await pilot.press("n", "escape")
        assert app.noted == ["n", "escape"]


async def test_words_that_are_nowhere() -> None:
    app = Reader(numbered(20))
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.press("slash", *"[/]")
        await wait_for(pilot, lambda: "no match for “[/]”" in screen_text(pilot))
        await pilot.press("enter", "n", "N")
        await pilot.pause()
        await pilot.press("slash")
        await pilot.pause()
        assert app.query_one(Input).has_focus
        await pilot.press("escape")
        assert app.view.has_focus


async def test_long_text_is_shown_in_parts_and_search_finds_the_others() -> None:
    app = Reader("x" * (2 * PART - 10) + "needle" + "y" * PART)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert "characters 1-200,000 of 599,996" in screen_text(pilot)
        await pilot.press("right_square_bracket")
        await wait_for(pilot, lambda: "characters 200,001-400,000" in screen_text(pilot))
        await pilot.press("left_square_bracket")
        await wait_for(pilot, lambda: "characters 1-200,000" in screen_text(pilot))
        assert app.view.search("NEEDLE") == 1
        await pilot.pause()
        assert "needle" in screen_text(pilot)
        assert "characters 200,001-400,000" in screen_text(pilot)


def test_parts_end_at_lines_and_hold_all() -> None:
    text = numbered(60_000)
    long = LongText(text)
    parts = []
    for part in range(long.parts):
        long.turn_to(part)
        start, end = long.shown
        assert end - start <= PART
        parts.append("\n".join(line.text for line in long.lines))
    assert "\n".join(parts) == text
    assert LongText("").parts == 1


def test_the_next_part_with_the_words_is_found_in_both_directions() -> None:
    text = "needle" + "x" * (3 * PART) + "needle" + "x" * PART
    long = LongText(text)
    assert long.parts == 5
    assert long.part_with("needle", 1) == 3
    long.turn_to(3)
    assert long.part_with("needle", 1) == 0
    assert long.part_with("needle", -1) == 0
    assert long.part_with("absent", 1) is None
    assert long.part_with("", 1) is None


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=str)
async def test_nothing_hostile_reaches_a_strip(size: tuple[int, int]) -> None:
    app = Reader()
    async with app.run_test(size=size) as pilot:
        detail = app.query_one(DetailView)
        texts = [*LINES, "\n".join(line[:300] for line in LINES), json.dumps([line[:300] for line in LINES])]
        for text in texts:
            detail.show(text, heading=[Text(text[:500])])
            app.view.search(text[:20])
            await pilot.press("G")
            await pilot.pause()
            lines = screen_lines(pilot)
            assert hostile_characters("\n".join(lines)) == set()
            assert {cell_len(line) for line in lines} == {size[0]}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5_000_000,
        "語" * 1_000_000,
        "line\n" * 250_000,
        "\n" * 1_000_000,
        "[" * 1_000_000,
        "word " * 500_000,
    ],
    ids=["5 MB line", "wide", "250,000 lines", "empty lines", "brackets", "words"],
)
async def test_a_huge_text_holds_no_more_than_a_part(text: str) -> None:
    app = Reader()
    async with app.run_test(size=(80, 24)) as pilot:
        app.query_one(DetailView).show(text)
        await pilot.press("G", "g", "pagedown")
        await pilot.resize_terminal(20, 5)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.view.virtual_size.height <= PART + 2
        assert "1-200,000" in screen_text(pilot)


async def test_a_small_terminal_and_back_keep_the_place() -> None:
    app = Reader(numbered(500))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.view.scroll_to(y=300, animate=False)
        await pilot.pause()
        for size in ((20, 5), (3, 2), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await wait_for(pilot, lambda: screen_text(pilot).startswith("line 300"))


async def test_a_text_that_grew_stays_where_it_was() -> None:
    app = Reader(numbered(100))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        app.view.scroll_to(y=50, animate=False)
        app.query_one(DetailView).show(numbered(200), keep_place=True)
        await pilot.pause()
        assert screen_text(pilot).startswith("line 50")
        app.query_one(DetailView).show(numbered(200))
        await pilot.pause()
        assert screen_text(pilot).startswith("line 0")


async def test_what_is_copied_cannot_act_where_it_is_pasted() -> None:
    app = Reader("a\tb\x1b[201~\x07\nrest " + "x" * 300_000)
    async with app.run_test() as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard.startswith("a\tb␛[201~␇\nrest xxx")
        assert hostile_characters(app.clipboard.replace("\t", "")) == set()
        assert app.noted == [(100_000, len(app.given))]
