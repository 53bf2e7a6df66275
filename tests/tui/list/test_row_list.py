"""The list that everything is shown in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hostile import LINES
from list_app import Folded, ListApp, Words, numbered, shown
from pilots import hostile_characters
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.screen import Screen

from warmtui.tui.list.row_list import RowList
from warmtui.tui.widgets.glyphs import use_signs

SIZES = [(80, 24), (200, 50)]


# moving


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ("j", "w1"),
        ("j down j", "w3"),
        ("j j k", "w1"),
        ("k", "w0"),
        ("G", "w99"),
        ("end j", "w99"),
        ("G g", "w0"),
        ("G home", "w0"),
        ("G up", "w98"),
        ("pagedown", "w10"),
        ("pagedown pageup", "w0"),
        ("ctrl+d", "w5"),
        ("ctrl+d ctrl+u", "w0"),
        ("G pageup", "w89"),
        ("pageup", "w0"),
        ("G pagedown", "w99"),
    ],
)
async def test_keys_move_the_cursor_and_it_is_seen(keys: str, key: str) -> None:
    async with shown(100) as ui:
        await ui.press(*keys.split())
        await ui.until(lambda: ui.list.cursor_key == key, f"{keys} to lead to {key}")
        assert ui.cursor[1] == key
        assert ui.app.last(RowList.Moved).key == key


async def test_a_page_moves_the_view_along() -> None:
    async with shown(100) as ui:
        await ui.press("j", "j", "pagedown")
        assert ui.lines[0].strip() == "w10"
        assert ui.cursor == (2, "w12")


async def test_a_line_stays_between_the_cursor_and_the_edge() -> None:
    async with shown(100) as ui:
        await ui.press(*["j"] * 9)
        assert ui.cursor == (8, "w9")


async def test_headings_are_passed_over_and_shown_above_the_first_row() -> None:
    words = ["# title", "# calls", "a", "b", "# markers", "c", *numbered(40)]
    async with shown(Words(words), size=(40, 8)) as ui:
        assert ui.list.cursor_key == "a"
        await ui.press("j", "j")
        assert ui.list.cursor_key == "c"
        await ui.press("G", "g")
        assert [line.split()[1] for line in ui.lines[:2]] == ["title", "calls"]
        await ui.press("k")
        assert ui.list.cursor_key == "a"
        ui.list.goto(4)
        assert ui.list.cursor_key == "c"


async def test_enter_opens_and_left_and_right_are_told() -> None:
    async with shown(3, size=(80, 24)) as ui:
        await ui.press("j", "enter", "h")
        opened = ui.app.last(RowList.Opened)
        assert (opened.index, opened.key, opened.control) == (1, "w1", ui.list)
        assert ui.app.last(RowList.Sideways).step == -1
        await ui.press("right")
        assert ui.app.last(RowList.Sideways).step == 1


async def test_going_to_a_match_goes_round_and_stays_when_nothing_matches() -> None:
    async with shown(30, size=(80, 24)) as ui:

        def ends_with_7(index: int) -> bool:
            return ui.source.key(index).endswith("7")

        found = [
            ui.list.goto_next(ends_with_7, forward=forward) for forward in (True, True, True, True, False)
        ]
        assert found == [7, 17, 27, 7, 27]
        assert ui.list.goto_next(lambda _index: False) is None
        assert ui.list.cursor == 27


async def test_keys_without_meaning_are_left_to_the_screen() -> None:
    pressed = []

    class Around(ListApp):
        BINDINGS = [("escape", "note('escape')"), ("n", "note('n')"), ("enter", "note('enter')")]  # noqa: RUF012

        def action_note(self, key: str) -> None:
            pressed.append(key)

    async with shown(Words([]), app=Around, markable=True) as ui:
        await ui.press("escape", "n", "enter", "space", "v")
        assert pressed == ["escape", "n", "enter"]


# marks


async def test_space_marks_and_the_sign_shows_it() -> None:
    async with shown(5, markable=True, size=(40, 6)) as ui:
        await ui.press("j", "space", "j", "j", "space", "k")
        assert ui.list.marked == {"w1", "w3"}
        assert ui.list.selection() == ["w1", "w3"]
        assert [line[:2] for line in ui.lines[:5]] == ["  ", " ●", "▸ ", " ●", "  "]
        await ui.press("k", "space")
        assert ui.list.marked == {"w3"}


async def test_a_range_grows_with_the_cursor_and_is_taken_or_given_up() -> None:
    async with shown(9, markable=True) as ui:
        await ui.press("j", "v", "j", "j")
        assert ui.app.last(RowList.Marked).count == 3
        assert sum("●" in line for line in ui.lines) == 3
        await ui.press("k")
        assert sum("●" in line for line in ui.lines) == 2
        await ui.press("v")
        assert sorted(ui.list.marked) == ["w1", "w2"]
        assert not ui.list.ranging
        await ui.press("shift+down", "shift+down", "escape")
        assert sorted(ui.list.marked) == ["w1", "w2"]
        assert not ui.list.ranging
        ui.list.clear_marks()
        assert ui.list.selection() == ["w4"]


async def test_lists_that_mark_nothing_have_no_place_for_marks() -> None:
    async with shown(3, size=(40, 4)) as ui:
        await ui.press("space", "v")
        assert ui.list.marked == frozenset()
        assert ui.lines[1].startswith("  w1")


async def test_marks_can_be_boxes() -> None:
    async with shown(3, markable=True, mark=("[x]", "[ ]"), size=(40, 4)) as ui:
        await ui.press("space", "j")
        assert [line.rstrip() for line in ui.lines[:3]] == [" [x] w0", "▸[ ] w1", " [ ] w2"]


# rows that change


@pytest.mark.parametrize(
    "change",
    [
        lambda words: [f"new{n}" for n in range(50)] + words,
        lambda words: words[20:],
        lambda words: [word for word in words if word in ("w37", "w90") or word.endswith("5")],
        lambda words: [*words[30:60], *words[:30], *words[60:]],
        lambda words: words + [f"new{n}" for n in range(10_000)],
    ],
    ids=["above", "removed above", "filtered", "sorted", "appended"],
)
async def test_the_cursor_stays_on_its_row_and_its_line(change: Callable[[list[str]], list[str]]) -> None:
    async with shown(100) as ui:
        await ui.goto(40, 37)
        line, key = ui.cursor
        assert key == "w37"
        ui.app.said.clear()
        await ui.put(change(ui.source.words))
        after, key = ui.cursor
        assert key == "w37"
        room_above = ui.source.words.index("w37") >= line and len(ui.source.words) > 12
        if room_above:
            assert after == line
        assert not [message for message in ui.app.said if isinstance(message, RowList.Moved)]


async def test_the_view_does_not_jump_when_the_cursor_is_out_of_sight() -> None:
    async with shown(500) as ui:
        ui.list.scroll_to(y=200, animate=False)
        await ui.pause()
        assert ui.lines[0].split()[0] == "w200"
        await ui.put([f"new{n}" for n in range(70)] + ui.source.words)
        assert [line.split()[0] for line in ui.lines] == [f"w{n}" for n in range(200, 210)]
        assert ui.list.cursor_key == "w0"


async def test_when_the_cursors_row_goes_its_neighbour_has_it() -> None:
    async with shown(20) as ui:
        ui.list.goto(5)
        ui.source.words.remove("w5")
        ui.list.refresh_rows()
        await ui.pause()
        assert (ui.list.cursor, ui.list.cursor_key) == (5, "w6")
        assert ui.app.last(RowList.Moved).key == "w6"
        await ui.put([])
        assert ui.list.cursor_key is None
        assert (ui.app.last(RowList.Moved).index, ui.app.last(RowList.Moved).key) == (-1, None)
        await ui.put(["again"])
        assert ui.cursor == (0, "again")


async def test_rows_that_went_before_the_list_heard_of_it_do_no_harm() -> None:
    async with shown(50, markable=True) as ui:
        await ui.press("G", "v", "k", "k")
        del ui.source.words[5:]
        ui.list.refresh()
        await ui.press("k", "j", "pageup", "G", "space", "n")
        ui.list.update_keys({"w3"})
        await ui.until(lambda: ui.list.cursor_key == "w4")
        assert ui.cursor[1] == "w4"


async def test_marks_outlive_filtering() -> None:
    async with shown(10, markable=True, size=(80, 24)) as ui:
        await ui.press("j", "space")
        ui.source.words = ["w5", "w6"]
        ui.list.refresh_rows()
        assert ui.list.selection() == ["w1"]
        ui.source.words = numbered(10)
        ui.list.refresh_rows()
        assert ui.list.is_marked(1)


async def test_a_list_at_its_top_can_stay_there_for_new_rows() -> None:
    async with shown(100, pin_top=True) as ui:
        await ui.put(["new1", "new2", "new3", "new4", *ui.source.words])
        assert ui.lines[0].strip() == "new1"
        assert ui.cursor == (4, "w0")
        await ui.put([f"newer{n}" for n in range(50)] + ui.source.words)
        assert ui.cursor == (4, "w0")


async def test_a_burst_of_changes_draws_what_is_seen_once() -> None:
    async with shown(10_000) as ui:
        await ui.pause()
        ui.source.drawn.clear()
        for word in ui.source.words:
            ui.list.update_keys([word])
        await ui.pause()
        assert sorted(ui.source.drawn) == sorted(numbered(10))
        ui.source.drawn.clear()
        ui.list.update_keys({"w3", "w9000"})
        await ui.pause()
        assert ui.source.drawn == ["w3"]


async def test_a_changed_row_shows_its_new_text() -> None:
    class Scores(Words):
        scores: dict[str, int] = {}  # noqa: RUF012

        def render(self, index: int, width: int, state: object) -> list[Text]:
            return [Text(f"{self.words[index]} {self.scores.get(self.words[index], 0)}")]

    source = Scores(numbered(5))
    async with shown(source, size=(40, 6)) as ui:
        await ui.pause()
        source.scores["w2"] = 95
        ui.list.update_keys({"w2"})
        await ui.until(lambda: "w2 95" in ui.text)


@pytest.mark.slow
async def test_random_changes_never_lose_the_cursor() -> None:
    rng = random.Random(7)
    async with shown(60, markable=True, size=(30, 9)) as ui:
        fresh = 0
        for _ in range(60):
            await ui.press(rng.choice(["j", "k", "G", "g", "pagedown", "pageup", "space", "v"]))
            key = ui.list.cursor_key
            words = ui.source.words
            for _ in range(rng.randrange(4)):
                if rng.random() < 0.5 and len(words) > 3:
                    words.pop(rng.randrange(len(words)))
                else:
                    fresh += 1
                    words.insert(rng.randrange(len(words) + 1), f"f{fresh}")
            if rng.random() < 0.2:
                rng.shuffle(words)
            ui.list.refresh_rows()
            await ui.pause()
            if key in words:
                assert ui.list.cursor_key == key
            assert ui.source.key(ui.list.cursor) == ui.list.cursor_key
            assert ui.cursor[1] == ui.list.cursor_key


# rows of several lines


async def test_unfolding_keeps_the_row_where_it_is() -> None:
    source = Folded(numbered(200))
    async with shown(source, size=(40, 12)) as ui:
        await ui.goto(100, 96)
        line = ui.cursor[0]
        source.open["w96"] = 4
        source.open["w3"] = 50
        ui.list.update_keys({"w96", "w3"})
        await ui.until(lambda: "w96 line 3" in ui.text)
        assert ui.cursor[0] == line
        assert ui.list.virtual_size.height == 200 + 3 + 49
        await ui.press("j")
        assert ui.cursor[1] == "w97"
        await ui.press("g", "j", "j", "j")
        assert "w3 line 5" in ui.text


async def test_a_row_higher_than_the_view_shows_from_its_beginning() -> None:
    source = Folded(numbered(20))
    source.open["w5"] = 40
    async with shown(source) as ui:
        await ui.goto(5)
        assert ui.cursor == (0, "w5")
        await ui.press("pagedown")
        assert ui.list.cursor_key == "w6"


# drawing


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_nothing_hostile_reaches_a_strip(size: tuple[int, int]) -> None:
    class Raw(Words):
        def key(self, index: int) -> str:
            return str(index)

        def render(self, index: int, width: int, state: object) -> list[Text]:
            text = Text(self.words[index])
            text.stylize(Style(link="https://example.org"), 0, 5)
            text.stylize("[bad style", 2, 9)
            return [text]

    async with shown(Raw(LINES, head=LINES[8]), markable=True, empty=LINES[0], size=size) as ui:
        for key in ("j", "space", "G", "v", "g"):
            await ui.press(key)
            lines = ui.lines
            assert hostile_characters("\n".join(lines)) == set()
            assert {cell_len(line) for line in lines} == {size[0]}
            strips = [ui.list.render_line(y) for y in range(size[1])]
            assert not [
                segment for strip in strips for segment in strip if segment.style and segment.style.link
            ]
        await ui.put([])
        assert hostile_characters(ui.text) == set()


async def test_a_small_terminal_and_back() -> None:
    async with shown(1000, markable=True, size=(80, 24)) as ui:
        await ui.goto(500)
        before = ui.text
        for width, height in ((20, 5), (2, 1), (20, 5), (80, 24)):
            await ui.resize(width, height)
            assert ui.cursor[1] in ("w500", "")
        await ui.until(lambda: len(ui.lines) == 24)
        assert ui.cursor[1] == "w500"
        assert "w500" in before


async def test_folded_rows_survive_a_small_terminal() -> None:
    source = Folded(numbered(300))
    source.open = {"w40": 7, "w44": 3}
    async with shown(source, size=(80, 24)) as ui:
        ui.list.goto(44)
        for size in ((20, 5), (80, 24)):
            await ui.resize(*size)
            assert ui.cursor[1] == "w44"


async def test_what_is_said_when_there_are_no_rows() -> None:
    async with shown(Words([]), empty="no session matches\npress / to change the filter", size=(40, 7)) as ui:
        assert "\n          no session matches\n     press / to" in ui.text
        ui.list.empty = "no\x1b[31m agents"
        await ui.pause()
        assert "no␛[31m agents" in ui.text
        await ui.press("j", "k", "G", "pagedown", "enter", "l")
        ui.list.goto(3)
        assert ui.list.cursor_key is None


async def test_the_heads_stay_and_rows_do_not_hide_behind_them() -> None:
    async with shown(Words(numbered(50), head="the heads"), size=(40, 8)) as ui:
        await ui.press("G")
        assert ui.lines[0].strip() == "the heads"
        assert ui.cursor == (7, "w49")
        await ui.click(5, 0)
        assert ui.app.last(RowList.HeaderClicked).x == 3


async def test_ascii_alone_when_asked() -> None:
    async with shown(100, markable=True) as ui:
        use_signs(ui.app, ascii_signs=True)
        await ui.press("j", "space")
        assert ui.text.isascii()
        assert ui.lines[1].startswith(">* w1")


async def test_other_colours_are_drawn_at_once() -> None:
    async with shown(3, size=(40, 4)) as ui:
        await ui.pause()
        before = [segment.style for segment in ui.list.render_line(0)]
        ui.app.theme = "textual-light"
        await ui.pause()
        await ui.pause()
        assert [segment.style for segment in ui.list.render_line(0)] != before


async def test_the_mouse_moves_marks_opens_and_scrolls() -> None:
    async with shown(100, markable=True) as ui:
        await ui.click(6, 4)
        assert ui.list.cursor == 4
        await ui.click(1, 6)
        assert ui.list.marked == {"w6"}
        await ui.click(6, 2, control=True)
        assert ui.list.marked == {"w6", "w2"}
        await ui.click(6, 3, times=2)
        assert ui.app.last(RowList.Opened).key == "w3"
        ui.list.scroll_to(y=50, animate=False)
        await ui.pause()
        assert ui.list.cursor_key == "w3"
        await ui.click(6, 0)
        assert ui.list.cursor_key == "w50"
        ui.list.clear_marks()
        await ui.click(6, 3, shift=True)
        assert ui.list.marked == {"w50", "w51", "w52", "w53"}


# size


@pytest.mark.slow
async def test_a_hundred_thousand_rows_paint_as_soon_as_a_thousand() -> None:
    async def first_paint(count: int) -> float:
        source = Words(numbered(count))
        start = time.perf_counter()
        async with shown(source, size=(120, 40), markable=True) as ui:
            await ui.until(lambda: source.drawn)
            taken = time.perf_counter() - start
            assert set(source.drawn) <= set(numbered(40))
        return taken

    await first_paint(10)
    few, many = [], []
    for _ in range(5):
        few.append(await first_paint(1_000))
        many.append(await first_paint(100_000))
    assert min(many) <= 1.5 * min(few)


async def test_rows_far_apart_are_reached_without_drawing_those_between() -> None:
    async with shown(100_000, size=(80, 24)) as ui:
        await ui.press("G", "g", "pagedown", "G")
        assert len(ui.source.drawn) < 10 * 24


async def test_a_list_that_grows_or_shrinks_lays_out_the_screen_only_when_its_bar_comes_or_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out: list[Screen[object]] = []
    lay_out = Screen._refresh_layout

    def listening(screen: Screen[object], *words: Any, **more: Any) -> None:
        laid_out.append(screen)
        lay_out(screen, *words, **more)

    async with shown(100, size=(30, 10)) as ui:
        rows = ui.list
        await ui.press("G")
        assert "w99" in ui.text
        monkeypatch.setattr(Screen, "_refresh_layout", listening)

        async def with_rows(count: int) -> int:
            laid_out.clear()
            await ui.put(numbered(count))
            await ui.pause()
            return len(laid_out)

        for count in (40, 70, 12):
            await with_rows(count)
            assert rows.virtual_size.height == count
            assert rows.vertical_scrollbar.window_virtual_size == count
            assert rows.scroll_y <= count - 10 == rows.max_scroll_y
        assert await with_rows(50) == 0
        assert await with_rows(30) == 0
        await ui.press("G")
        assert "w29" in ui.text
        assert await with_rows(5) > 0, "the bar goes"
        assert not rows.show_vertical_scrollbar
        assert ui.text.split("\n")[4].strip().endswith("w4")
        assert await with_rows(50) > 0, "it comes back"
        assert rows.show_vertical_scrollbar
