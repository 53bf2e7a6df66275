"""Hostile sessions and templates through every screen: nothing acts, is read as markup, or hangs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from hostile import NAMES
from looker import Looker, opened
from pilots import wait_for
from textual.command import CommandPalette
from textual.widgets import Input, TextArea

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Choose, Form
from warmtui.tui.help import HelpScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.profile_pane import ProfilePane
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.sessions.session_list import SORTS
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.widgets.fields import Choice

pytestmark = pytest.mark.slow

SIZES = pytest.mark.parametrize("size", [(140, 40), (80, 24)])


def _edits(screen: CurateScreen, item: str) -> bool:
    return screen.editor.item == item


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WarmtuiApp]:
    monkeypatch.chdir(tmp_path)
    async for app in opened(tmp_path):
        yield app


@SIZES
async def test_sessions_with_profile_and_filter(app: WarmtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        screen = await looker.sessions()
        await wait_for(pilot, lambda: looker.shows("␛]52;"))
        for index in range(len(screen.rows)):
            screen.table.goto(index)
            await looker.look("tab", until=lambda: screen.query_one(ProfilePane).has_focus)
            await looker.look("pagedown", "end", "tab", until=lambda: screen.table.has_focus)
        await looker.on_session("evil0")
        await looker.look("tab", until=lambda: looker.shows("␛"), what="the profile")
        await looker.look("tab", "e", "u", "a", "S")
        for _ in SORTS:
            await looker.look("s")
        await looker.look("slash", until=lambda: screen.query_one("#filter", Input).has_focus)
        await looker.look(*'tool:"[', until=lambda: looker.shows('tool:"[/] [@click'), what="a completion")
        await looker.look("right", until=lambda: "app.quit" in screen.query_one("#filter", Input).value)
        await looker.look("enter", "slash", "escape", until=lambda: not screen.filter.terms)


@SIZES
async def test_help_palette_and_first_run(app: WarmtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        await looker.sessions()
        await looker.look("question_mark", until=lambda: isinstance(app.screen, HelpScreen))
        await looker.look("escape", until=lambda: not isinstance(app.screen, HelpScreen))
        await looker.to(CommandPalette, "ctrl+p")
        await looker.look(*"evil [/")
        await looker.to(SessionsScreen, "escape", "escape")
        first = await looker.to(
            FirstRunScreen, "f", until=lambda screen: screen.of and screen.done == screen.of
        )
        assert looker.shows("␛")
        assert len(first.rows)
        await looker.to(PreviewScreen, "enter")
        assert looker.shows("␛") or looker.shows("evil")


@SIZES
@pytest.mark.parametrize("name", ["evil0", "bytes", "past"])
async def test_the_timeline_with_folds_and_search(app: WarmtuiApp, size: tuple[int, int], name: str) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        await looker.on_session(name)
        screen = await looker.to(TimelineScreen, "enter", until=lambda screen: len(screen.rows))
        await looker.look(*["j", "space"] * 6, "F", "G", "g", "right_square_bracket")
        assert looker.shows("␛") or name != "evil0"
        await looker.look("slash", until=lambda: screen.query_one("#find", Input).has_focus)
        await looker.look(*"\x1b]52", "o", "enter", "n", "N", "escape", "y")
        await looker.look("enter", until=lambda: screen.pane.view.has_focus)
        await looker.look("a", "G", "o", "pagedown", "escape", until=lambda: screen.table.has_focus)
        await looker.to(SessionsScreen, "escape")


@SIZES
async def test_curating_with_the_editor(app: WarmtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        await looker.on_session("evil0")
        screen = await looker.to(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
        await looker.look("g", "v", "G", "space", until=lambda: len(screen.item_rows) > 3)
        assert looker.shows("␛")
        await looker.to(SessionsScreen, "escape")
        await looker.to(TemplatesScreen, "t", until=lambda screen: len(screen.rows) == len(NAMES))
        screen = await looker.to(CurateScreen, "e", until=lambda screen: len(screen.item_rows))
        await looker.look("tab", until=lambda: screen.item_list.has_focus)
        items = [screen.item_rows.item(index) for index in range(len(screen.item_rows))]
        edited = 0
        for index, item in enumerate(items):
            screen.item_list.goto(index)
            if item is None:
                await looker.look()
                continue
            edited += 1
            await looker.look("e", until=partial(_edits, screen, item))
            await looker.look(until=lambda: isinstance(app.focused, Input | TextArea | Choice))
            for field in screen.editor.query("Input, TextArea, Choice"):
                field.focus()
                await looker.look("end")
            await looker.look("escape", until=lambda: screen.item_list.has_focus)
        assert edited > 3
        assert looker.shows("␛")
        await looker.look("m", "K", "J", "r", "z", "Z", "x", "z", "X")


@SIZES
async def test_the_preview_and_its_dialogs(app: WarmtuiApp, size: tuple[int, int], tmp_path: Path) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        await looker.to(SessionsScreen)
        await looker.to(TemplatesScreen, "t", until=lambda screen: len(screen.rows) == len(NAMES))
        screen = await looker.to(PreviewScreen, "p")
        await looker.look("pagedown", "end", until=lambda: looker.shows("␛"))
        await looker.look("home", "o", until=lambda: looker.shows('"role"'))
        await looker.look("pagedown", *"tttttttt", "o", "d", "y")
        await looker.look("i", until=lambda: screen.query_one("#try", Input).has_focus)
        screen.query_one("#try", Input).value = "try \x1b]0;x\x07 [/]"
        await looker.look("escape")
        await looker.to(Form, "w")
        await looker.to(PreviewScreen, "escape")
        (tmp_path / "[x].json").write_text("there")
        form = await looker.to(Form, "x")
        form.query_one("#ask-path", Input).value = str(tmp_path / "[x].json")
        await looker.to(Choose, "enter")
        await looker.to(Form, "escape")
        await looker.to(PreviewScreen, "escape")
        await looker.to(Form, "R")


@SIZES
async def test_templates_with_their_dialogs(app: WarmtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        await looker.to(SessionsScreen)
        screen = await looker.to(TemplatesScreen, "t", until=lambda screen: len(screen.rows) == len(NAMES))
        assert looker.shows("[@click=app.quit]")
        for index in range(len(NAMES)):
            screen.table.goto(index)
            await looker.look("tab", until=lambda: screen.pane.has_focus)
            await looker.look("pagedown", "end", "tab", until=lambda: screen.table.has_focus)
        rows = [screen.rows.template(index) for index in range(len(NAMES))]
        screen.table.goto(
            next(i for i, template in enumerate(rows) if template and template.name.startswith("imported"))
        )
        await looker.look(until=lambda: looker.shows("imported ␛"))
        for pressed in ("v", "R", "D", "T", "X", "L"):
            await looker.to(Form, pressed)
            await looker.to(TemplatesScreen, "escape")
        await looker.to(Form, "d")
        await looker.to(TemplatesScreen, "enter", until=lambda screen: screen.pane.has_focus)
        await looker.look("escape", "escape", until=lambda: screen.table.has_focus)
        await looker.look("space", until=lambda: len(screen.table.marked) == 1)
        screen.table.goto(0 if screen.table.cursor else 1)
        await looker.look("space", until=lambda: len(screen.table.marked) == 2)
        await looker.to(Form, "M")
        await looker.to(TemplatesScreen, "escape")
        await looker.look("x", until=lambda: len(screen.rows) == len(NAMES) - 2)
        await looker.look("a", until=lambda: len(screen.rows) == 2)
        await looker.look("a", "z", until=lambda: len(screen.rows) == len(NAMES))
        await looker.look("slash", *"tag:[/] zzz", until=lambda: not len(screen.rows))
        await looker.look("escape", "s", "S")


@SIZES
async def test_comparing(app: WarmtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size, notifications=True) as pilot:
        looker = Looker(app, pilot)
        for name in ("evil0", "evil1"):
            screen = await looker.on_session(name)
            await looker.look("space")
        assert len(screen.table.marked) == 2
        await looker.to(CompareScreen, "m", until=lambda _: looker.shows("␛"))
        await looker.look(*"jjnn", "pagedown", "G", "g", "x", "c")
