"""The list that everything is shown in."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hostile import LINES
from list_app import Folded, ListApp, Words, numbered
from pilots import hostile_characters, screen_lines, screen_text, wait_for
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.screen import Screen

from warmtui.tui.list.row_list import RowList
from warmtui.tui.widgets.glyphs import use_signs

SIZES = [(80, 24), (200, 50)]


def app_of(count: int, **options: object) -> ListApp:
    return ListApp(lambda: RowList(Words(numbered(count)), **options))  # type: ignore[arg-type]


def shown_cursor(lines: list[str]) -> tuple[int, str]:
    """Return the screen line that bears the cursor's sign, and its text."""
    found = [
        (y, (*line[1:].strip(" ●").split(), "")[0]) for y, line in enumerate(lines) if line.startswith("▸")
    ]
    assert len(found) == 1, lines
    return found[0]


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
    app = app_of(100)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*keys.split())
        await wait_for(pilot, lambda: app.list.cursor_key == key, f"{keys} to lead to {key}")
        assert shown_cursor(screen_lines(pilot))[1] == key
        assert app.last(RowList.Moved).key == key


async def test_a_page_moves_the_view_along() -> None:
    app = app_of(100)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("j", "j", "pagedown")
        await pilot.pause()
        assert screen_lines(pilot)[0].strip() == "w10"
        assert shown_cursor(screen_lines(pilot)) == (2, "w12")


async def test_a_line_stays_between_the_cursor_and_the_edge() -> None:
    app = app_of(100)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*["j"] * 9)
        await pilot.pause()
        assert shown_cursor(screen_lines(pilot)) == (8, "w9")


async def test_headings_are_passed_over_and_shown_above_the_first_row() -> None:
    words = ["# title", "# calls", "a", "b", "# markers", "c", *numbered(40)]
    app = ListApp(lambda: RowList(Words(words)))
    async with app.run_test(size=(40, 8)) as pilot:
        assert app.list.cursor_key == "a"
        await pilot.press("j", "j")
        assert app.list.cursor_key == "c"
        await pilot.press("G", "g")
        await pilot.pause()
        assert [line.split()[1] for line in screen_lines(pilot)[:2]] == ["title", "calls"]
        await pilot.press("k")
        assert app.list.cursor_key == "a"
        app.list.goto(4)
        assert app.list.cursor_key == "c"


async def test_enter_opens_and_left_and_right_are_told() -> None:
    app = app_of(3)
    async with app.run_test() as pilot:
        await pilot.press("j", "enter", "h")
        await pilot.pause()
        opened = app.last(RowList.Opened)
        assert (opened.index, opened.key, opened.control) == (1, "w1", app.list)
        assert app.last(RowList.Sideways).step == -1
        await pilot.press("right")
        await pilot.pause()
        assert app.last(RowList.Sideways).step == 1


async def test_going_to_a_match_goes_round_and_stays_when_nothing_matches() -> None:
    app = app_of(30)
    async with app.run_test():

        def ends_with_7(index: int) -> bool:
            return app.list.source.key(index).endswith("7")

        found = [
            app.list.goto_next(ends_with_7, forward=forward) for forward in (True, True, True, True, False)
        ]
        assert found == [7, 17, 27, 7, 27]
        assert app.list.goto_next(lambda _index: False) is None
        assert app.list.cursor == 27


async def test_keys_without_meaning_are_left_to_the_screen() -> None:
    pressed = []

    class Around(ListApp):
        BINDINGS = [("escape", "note('escape')"), ("n", "note('n')"), ("enter", "note('enter')")]  # noqa: RUF012

        def action_note(self, key: str) -> None:
            pressed.append(key)

    app = Around(lambda: RowList(Words([]), markable=True))
    async with app.run_test() as pilot:
        await pilot.press("escape", "n", "enter", "space", "v")
        await pilot.pause()
        assert pressed == ["escape", "n", "enter"]


# marks


async def test_space_marks_and_the_sign_shows_it() -> None:
    app = app_of(5, markable=True)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.press("j", "space", "j", "j", "space", "k")
        await pilot.pause()
        assert app.list.marked == {"w1", "w3"}
        assert app.list.selection() == ["w1", "w3"]
        assert [line[:2] for line in screen_lines(pilot)[:5]] == ["  ", " ●", "▸ ", " ●", "  "]
        await pilot.press("k", "space")
        assert app.list.marked == {"w3"}


async def test_a_range_grows_with_the_cursor_and_is_taken_or_given_up() -> None:
    app = app_of(9, markable=True)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("j", "v", "j", "j")
        await pilot.pause()
        assert app.last(RowList.Marked).count == 3
        assert sum("●" in line for line in screen_lines(pilot)) == 3
        await pilot.press("k")
        await pilot.pause()
        assert sum("●" in line for line in screen_lines(pilot)) == 2
        await pilot.press("v")
        assert sorted(app.list.marked) == ["w1", "w2"]
        assert not app.list.ranging
        await pilot.press("shift+down", "shift+down", "escape")
        assert sorted(app.list.marked) == ["w1", "w2"]
        assert not app.list.ranging
        app.list.clear_marks()
        assert app.list.selection() == ["w4"]


async def test_lists_that_mark_nothing_have_no_place_for_marks() -> None:
    app = app_of(3)
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.press("space", "v")
        await pilot.pause()
        assert app.list.marked == frozenset()
        assert screen_lines(pilot)[1].startswith("  w1")


async def test_marks_can_be_boxes() -> None:
    app = app_of(3, markable=True, mark=("[x]", "[ ]"))
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.press("space", "j")
        await pilot.pause()
        assert [line.rstrip() for line in screen_lines(pilot)[:3]] == [" [x] w0", "▸[ ] w1", " [ ] w2"]


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
    app = app_of(100)
    async with app.run_test(size=(40, 10)) as pilot:
        app.list.goto(40)
        app.list.goto(37)
        await pilot.pause()
        line, key = shown_cursor(screen_lines(pilot))
        assert key == "w37"
        app.said.clear()
        source = app.list.source
        assert isinstance(source, Words)
        source.words = change(source.words)
        app.list.refresh_rows()
        await pilot.pause()
        after, key = shown_cursor(screen_lines(pilot))
        assert key == "w37"
        room_above = source.words.index("w37") >= line and len(source.words) > 12
        if room_above:
            assert after == line
        assert not [message for message in app.said if isinstance(message, RowList.Moved)]


async def test_the_view_does_not_jump_when_the_cursor_is_out_of_sight() -> None:
    app = app_of(500)
    async with app.run_test(size=(40, 10)) as pilot:
        app.list.scroll_to(y=200, animate=False)
        await pilot.pause()
        assert screen_lines(pilot)[0].split()[0] == "w200"
        source = app.list.source
        assert isinstance(source, Words)
        source.words = [f"new{n}" for n in range(70)] + source.words
        app.list.refresh_rows()
        await pilot.pause()
        assert [line.split()[0] for line in screen_lines(pilot)] == [f"w{n}" for n in range(200, 210)]
        assert app.list.cursor_key == "w0"


async def test_when_the_cursors_row_goes_its_neighbour_has_it() -> None:
    app = app_of(20)
    async with app.run_test(size=(40, 10)) as pilot:
        app.list.goto(5)
        source = app.list.source
        assert isinstance(source, Words)
        source.words.remove("w5")
        app.list.refresh_rows()
        await pilot.pause()
        assert (app.list.cursor, app.list.cursor_key) == (5, "w6")
        assert app.last(RowList.Moved).key == "w6"
        source.words.clear()
        app.list.refresh_rows()
        await pilot.pause()
        assert app.list.cursor_key is None
        assert (app.last(RowList.Moved).index, app.last(RowList.Moved).key) == (-1, None)
        source.words = ["again"]
        app.list.refresh_rows()
        await pilot.pause()
        assert shown_cursor(screen_lines(pilot)) == (0, "again")


async def test_rows_that_went_before_the_list_heard_of_it_do_no_harm() -> None:
    app = app_of(50, markable=True)
    async with app.run_test(size=(40, 10)) as pilot:
        source = app.list.source
        assert isinstance(source, Words)
        await pilot.press("G", "v", "k", "k")
        del source.words[5:]
        app.list.refresh()
        await pilot.press("k", "j", "pageup", "G", "space", "n")
        app.list.update_keys({"w3"})
        await wait_for(pilot, lambda: app.list.cursor_key == "w4")
        assert shown_cursor(screen_lines(pilot))[1] == "w4"


async def test_marks_outlive_filtering() -> None:
    app = app_of(10, markable=True)
    async with app.run_test() as pilot:
        await pilot.press("j", "space")
        source = app.list.source
        assert isinstance(source, Words)
        source.words = ["w5", "w6"]
        app.list.refresh_rows()
        assert app.list.selection() == ["w1"]
        source.words = numbered(10)
        app.list.refresh_rows()
        assert app.list.is_marked(1)


async def test_a_list_at_its_top_can_stay_there_for_new_rows() -> None:
    app = app_of(100, pin_top=True)
    async with app.run_test(size=(40, 10)) as pilot:
        source = app.list.source
        assert isinstance(source, Words)
        source.words[:0] = ["new1", "new2", "new3", "new4"]
        app.list.refresh_rows()
        await pilot.pause()
        assert screen_lines(pilot)[0].strip() == "new1"
        assert shown_cursor(screen_lines(pilot)) == (4, "w0")
        source.words[:0] = [f"newer{n}" for n in range(50)]
        app.list.refresh_rows()
        await pilot.pause()
        assert shown_cursor(screen_lines(pilot)) == (4, "w0")


async def test_a_burst_of_changes_draws_what_is_seen_once() -> None:
    app = app_of(10_000)
    async with app.run_test(size=(40, 10)) as pilot:
        source = app.list.source
        assert isinstance(source, Words)
        await pilot.pause()
        source.drawn.clear()
        for word in source.words:
            app.list.update_keys([word])
        await pilot.pause()
        assert sorted(source.drawn) == sorted(numbered(10))
        source.drawn.clear()
        app.list.update_keys({"w3", "w9000"})
        await pilot.pause()
        assert source.drawn == ["w3"]


async def test_a_changed_row_shows_its_new_text() -> None:
    class Scores(Words):
        scores: dict[str, int] = {}  # noqa: RUF012

        def render(self, index: int, width: int, state: object) -> list[Text]:
            return [Text(f"{self.words[index]} {self.scores.get(self.words[index], 0)}")]

    source = Scores(numbered(5))
    app = ListApp(lambda: RowList(source))
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        source.scores["w2"] = 95
        app.list.update_keys({"w2"})
        await wait_for(pilot, lambda: "w2 95" in screen_text(pilot))


@pytest.mark.slow
async def test_random_changes_never_lose_the_cursor() -> None:
    rng = random.Random(7)
    app = app_of(60, markable=True)
    async with app.run_test(size=(30, 9)) as pilot:
        source = app.list.source
        assert isinstance(source, Words)
        fresh = 0
        for _ in range(60):
            await pilot.press(rng.choice(["j", "k", "G", "g", "pagedown", "pageup", "space", "v"]))
            key = app.list.cursor_key
            words = source.words
            for _ in range(rng.randrange(4)):
                if rng.random() < 0.5 and len(words) > 3:
                    words.pop(rng.randrange(len(words)))
                else:
                    fresh += 1
                    words.insert(rng.randrange(len(words) + 1), f"f{fresh}")
            if rng.random() < 0.2:
                rng.shuffle(words)
            app.list.refresh_rows()
            await pilot.pause()
            if key in words:
                assert app.list.cursor_key == key
            assert app.list.source.key(app.list.cursor) == app.list.cursor_key
            assert shown_cursor(screen_lines(pilot))[1] == app.list.cursor_key


# rows of several lines


async def test_unfolding_keeps_the_row_where_it_is() -> None:
    source = Folded(numbered(200))
    app = ListApp(lambda: RowList(source))
    async with app.run_test(size=(40, 12)) as pilot:
        app.list.goto(100)
        app.list.goto(96)
        await pilot.pause()
        line = shown_cursor(screen_lines(pilot))[0]
        source.open["w96"] = 4
        source.open["w3"] = 50
        app.list.update_keys({"w96", "w3"})
        await wait_for(pilot, lambda: "w96 line 3" in screen_text(pilot))
        assert shown_cursor(screen_lines(pilot))[0] == line
        assert app.list.virtual_size.height == 200 + 3 + 49
        await pilot.press("j")
        await pilot.pause()
        assert shown_cursor(screen_lines(pilot))[1] == "w97"
        await pilot.press("g", "j", "j", "j")
        await pilot.pause()
        assert "w3 line 5" in screen_text(pilot)


async def test_a_row_higher_than_the_view_shows_from_its_beginning() -> None:
    source = Folded(numbered(20))
    source.open["w5"] = 40
    app = ListApp(lambda: RowList(source))
    async with app.run_test(size=(40, 10)) as pilot:
        app.list.goto(5)
        await pilot.pause()
        assert shown_cursor(screen_lines(pilot)) == (0, "w5")
        await pilot.press("pagedown")
        await pilot.pause()
        assert app.list.cursor_key == "w6"


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

    app = ListApp(lambda: RowList(Raw(LINES, head=LINES[8]), markable=True, empty=LINES[0]))
    async with app.run_test(size=size) as pilot:
        for key in ("j", "space", "G", "v", "g"):
            await pilot.press(key)
            await pilot.pause()
            lines = screen_lines(pilot)
            assert hostile_characters("\n".join(lines)) == set()
            assert {cell_len(line) for line in lines} == {size[0]}
            strips = [app.list.render_line(y) for y in range(size[1])]
            assert not [
                segment for strip in strips for segment in strip if segment.style and segment.style.link
            ]
        source = app.list.source
        assert isinstance(source, Words)
        source.words = []
        app.list.refresh_rows()
        await pilot.pause()
        assert hostile_characters(screen_text(pilot)) == set()


async def test_a_small_terminal_and_back() -> None:
    app = app_of(1000, markable=True)
    async with app.run_test(size=(80, 24)) as pilot:
        app.list.goto(500)
        await pilot.pause()
        before = screen_text(pilot)
        for width, height in ((20, 5), (2, 1), (20, 5), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert shown_cursor(screen_lines(pilot))[1] in ("w500", "")
        await wait_for(pilot, lambda: len(screen_lines(pilot)) == 24)
        assert shown_cursor(screen_lines(pilot))[1] == "w500"
        assert "w500" in before


async def test_folded_rows_survive_a_small_terminal() -> None:
    source = Folded(numbered(300))
    source.open = {"w40": 7, "w44": 3}
    app = ListApp(lambda: RowList(source))
    async with app.run_test(size=(80, 24)) as pilot:
        app.list.goto(44)
        for size in ((20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert shown_cursor(screen_lines(pilot))[1] == "w44"


async def test_what_is_said_when_there_are_no_rows() -> None:
    app = ListApp(lambda: RowList(Words([]), empty="no session matches\npress / to change the filter"))
    async with app.run_test(size=(40, 7)) as pilot:
        assert "\n          no session matches\n     press / to" in screen_text(pilot)
        app.list.empty = "no\x1b[31m agents"
        await pilot.pause()
        assert "no␛[31m agents" in screen_text(pilot)
        await pilot.press("j", "k", "G", "pagedown", "enter", "l")
        app.list.goto(3)
        assert app.list.cursor_key is None


async def test_the_heads_stay_and_rows_do_not_hide_behind_them() -> None:
    app = ListApp(lambda: RowList(Words(numbered(50), head="the heads")))
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        lines = screen_lines(pilot)
        assert lines[0].strip() == "the heads"
        assert shown_cursor(lines) == (7, "w49")
        await pilot.click(RowList, offset=(5, 0))
        await pilot.pause()
        assert app.last(RowList.HeaderClicked).x == 3


async def test_ascii_alone_when_asked() -> None:
    app = app_of(100, markable=True)
    async with app.run_test(size=(40, 10)) as pilot:
        use_signs(app, ascii_signs=True)
        await pilot.press("j", "space")
        await pilot.pause()
        assert screen_text(pilot).isascii()
        assert screen_lines(pilot)[1].startswith(">* w1")


async def test_other_colours_are_drawn_at_once() -> None:
    app = app_of(3)
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.pause()
        before = [segment.style for segment in app.list.render_line(0)]
        app.theme = "textual-light"
        await pilot.pause()
        await pilot.pause()
        assert [segment.style for segment in app.list.render_line(0)] != before


async def test_the_mouse_moves_marks_opens_and_scrolls() -> None:
    app = app_of(100, markable=True)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.click(RowList, offset=(6, 4))
        assert app.list.cursor == 4
        await pilot.click(RowList, offset=(1, 6))
        assert app.list.marked == {"w6"}
        await pilot.click(RowList, offset=(6, 2), control=True)
        assert app.list.marked == {"w6", "w2"}
        await pilot.click(RowList, offset=(6, 3), times=2)
        await pilot.pause()
        assert app.last(RowList.Opened).key == "w3"
        app.list.scroll_to(y=50, animate=False)
        await pilot.pause()
        assert app.list.cursor_key == "w3"
        await pilot.click(RowList, offset=(6, 0))
        assert app.list.cursor_key == "w50"
        app.list.clear_marks()
        await pilot.click(RowList, offset=(6, 3), shift=True)
        assert app.list.marked == {"w50", "w51", "w52", "w53"}


# size


@pytest.mark.slow
async def test_a_hundred_thousand_rows_paint_as_soon_as_a_thousand() -> None:
    async def first_paint(count: int) -> float:
        source = Words(numbered(count))
        start = time.perf_counter()
        app = ListApp(lambda: RowList(source, markable=True))
        async with app.run_test(size=(120, 40)) as pilot:
            await wait_for(pilot, lambda: source.drawn)
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
    app = app_of(100_000)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G", "g", "pagedown", "G")
        await pilot.pause()
        source = app.list.source
        assert isinstance(source, Words)
        assert len(source.drawn) < 10 * 24


async def test_a_list_that_grows_or_shrinks_lays_out_the_screen_only_when_its_bar_comes_or_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = app_of(100)
    laid_out: list[Screen[object]] = []
    lay_out = Screen._refresh_layout

    def listening(screen: Screen[object], *words: Any, **more: Any) -> None:
        laid_out.append(screen)
        lay_out(screen, *words, **more)

    async with app.run_test(size=(30, 10)) as pilot:
        rows, words = app.list, app.list.source
        assert isinstance(words, Words)
        await pilot.press("G")
        await pilot.pause()
        assert "w99" in screen_text(pilot)
        monkeypatch.setattr(Screen, "_refresh_layout", listening)

        async def with_rows(count: int) -> int:
            laid_out.clear()
            words.words = list(numbered(count))
            rows.refresh_rows()
            await pilot.pause()
            await pilot.pause()
            return len(laid_out)

        for count in (40, 70, 12):
            await with_rows(count)
            assert rows.virtual_size.height == count
            assert rows.vertical_scrollbar.window_virtual_size == count
            assert rows.scroll_y <= count - 10 == rows.max_scroll_y
        assert await with_rows(50) == 0
        assert await with_rows(30) == 0
        await pilot.press("G")
        await pilot.pause()
        assert "w29" in screen_text(pilot)
        assert await with_rows(5) > 0, "the bar goes"
        assert not rows.show_vertical_scrollbar
        assert screen_text(pilot).split("\n")[4].strip().endswith("w4")
        assert await with_rows(50) > 0, "it comes back"
        assert rows.show_vertical_scrollbar
