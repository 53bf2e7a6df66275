"""Hostile sessions and templates through every screen: nothing acts, is read as markup, or hangs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hostile import NAMES, fill_library, write_sessions
from textual.command import CommandPalette
from textual.widgets import Input, TextArea
from ui import Check, Ui, expect_harmless

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
async def source(tmp_path: Path) -> Path:
    """Hostile sessions, and a library of hostile templates beside them."""
    write_sessions(tmp_path / "state.db")
    await fill_library(tmp_path / "library.db")
    return tmp_path / "state.db"


@pytest.fixture
def check() -> Check:
    return expect_harmless


@SIZES
async def test_sessions_with_profile_and_filter(app: WarmtuiApp, ui: Ui, size: tuple[int, int]) -> None:
    screen = await ui.sessions(6)
    await ui.shows("␛]52;")
    for index in range(len(screen.rows)):
        screen.table.goto(index)
        await ui.press("tab", until=lambda: screen.query_one(ProfilePane).has_focus)
        await ui.press("pagedown", "end", "tab", until=lambda: screen.table.has_focus)
    await ui.goto("evil0")
    await ui.press("tab", shows="␛")
    await ui.press("tab", "e", "u", "a", "S")
    for _ in SORTS:
        await ui.press("s")
    await ui.press("slash", until=lambda: screen.query_one("#filter", Input).has_focus)
    await ui.press(*'tool:"[', shows='tool:"[/] [@click')
    await ui.press("right", until=lambda: "app.quit" in screen.query_one("#filter", Input).value)
    await ui.press("enter", "slash", "escape", until=lambda: not screen.filter.terms)


@SIZES
async def test_help_palette_and_first_run(app: WarmtuiApp, ui: Ui, size: tuple[int, int]) -> None:
    await ui.sessions(6)
    await ui.press("question_mark", until=lambda: isinstance(app.screen, HelpScreen))
    await ui.press("escape", until=lambda: not isinstance(app.screen, HelpScreen))
    await ui.screen(CommandPalette, "ctrl+p")
    await ui.press(*"evil [/")
    await ui.screen(SessionsScreen, "escape", "escape")
    first = await ui.screen(FirstRunScreen, "f", until=lambda screen: screen.of and screen.done == screen.of)
    assert "␛" in ui.text
    assert len(first.rows)
    await ui.screen(PreviewScreen, "enter")
    assert "␛" in ui.text or "evil" in ui.text


@SIZES
@pytest.mark.parametrize("name", ["evil0", "bytes", "past"])
async def test_the_timeline_with_folds_and_search(
    app: WarmtuiApp, ui: Ui, size: tuple[int, int], name: str
) -> None:
    await ui.goto(name)
    screen = await ui.screen(TimelineScreen, "enter", until=lambda screen: len(screen.rows))
    await ui.press(*["j", "space"] * 6, "F", "G", "g", "right_square_bracket")
    assert "␛" in ui.text or name != "evil0"
    await ui.press("slash", until=lambda: screen.query_one("#find", Input).has_focus)
    await ui.press(*"\x1b]52", "o", "enter", "n", "N", "escape", "y")
    await ui.press("enter", until=lambda: screen.pane.view.has_focus)
    await ui.press("a", "G", "o", "pagedown", "escape", until=lambda: screen.table.has_focus)
    await ui.screen(SessionsScreen, "escape")


@SIZES
async def test_curating_with_the_editor(app: WarmtuiApp, ui: Ui, size: tuple[int, int]) -> None:
    await ui.goto("evil0")
    screen = await ui.screen(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
    await ui.press("g", "v", "G", "space", until=lambda: len(screen.item_rows) > 3)
    assert "␛" in ui.text
    await ui.screen(SessionsScreen, "escape")
    await ui.screen(TemplatesScreen, "t", until=lambda screen: len(screen.rows) == len(NAMES))
    screen = await ui.screen(CurateScreen, "e", until=lambda screen: len(screen.item_rows))
    await ui.press("tab", until=lambda: screen.item_list.has_focus)
    items = [screen.item_rows.item(index) for index in range(len(screen.item_rows))]
    edited = 0
    for index, item in enumerate(items):
        screen.item_list.goto(index)
        if item is None:
            await ui.press()
            continue
        edited += 1
        await ui.press("e", until=partial(_edits, screen, item))
        await ui.press(until=lambda: isinstance(app.focused, Input | TextArea | Choice))
        for field in screen.editor.query("Input, TextArea, Choice"):
            field.focus()
            await ui.press("end")
        await ui.press("escape", until=lambda: screen.item_list.has_focus)
    assert edited > 3
    assert "␛" in ui.text
    await ui.press("m", "K", "J", "r", "z", "Z", "x", "z", "X")


@SIZES
async def test_the_preview_and_its_dialogs(
    app: WarmtuiApp, ui: Ui, size: tuple[int, int], tmp_path: Path
) -> None:
    await ui.screen(SessionsScreen)
    await ui.screen(TemplatesScreen, "t", until=lambda screen: len(screen.rows) == len(NAMES))
    screen = await ui.screen(PreviewScreen, "p")
    await ui.press("pagedown", "end", shows="␛")
    await ui.press("home", "o", shows='"role"')
    await ui.press("pagedown", *"tttttttt", "o", "d", "y")
    await ui.press("i", until=lambda: screen.query_one("#try", Input).has_focus)
    screen.query_one("#try", Input).value = "try \x1b]0;x\x07 [/]"
    await ui.press("escape")
    await ui.screen(Form, "w")
    await ui.screen(PreviewScreen, "escape")
    (tmp_path / "[x].json").write_text("there")
    form = await ui.screen(Form, "x")
    form.query_one("#ask-path", Input).value = str(tmp_path / "[x].json")
    await ui.screen(Choose, "enter")
    await ui.screen(Form, "escape")
    await ui.screen(PreviewScreen, "escape")
    await ui.screen(Form, "R")


@SIZES
async def test_templates_with_their_dialogs(app: WarmtuiApp, ui: Ui, size: tuple[int, int]) -> None:
    await ui.screen(SessionsScreen)
    screen = await ui.screen(TemplatesScreen, "t", until=lambda screen: len(screen.rows) == len(NAMES))
    assert "[@click=app.quit]" in ui.text
    for index in range(len(NAMES)):
        screen.table.goto(index)
        await ui.press("tab", until=lambda: screen.pane.has_focus)
        await ui.press("pagedown", "end", "tab", until=lambda: screen.table.has_focus)
    rows = [screen.rows.template(index) for index in range(len(NAMES))]
    screen.table.goto(
        next(i for i, template in enumerate(rows) if template and template.name.startswith("imported"))
    )
    await ui.press(shows="imported ␛")
    for pressed in ("v", "R", "D", "T", "X", "L"):
        await ui.screen(Form, pressed)
        await ui.screen(TemplatesScreen, "escape")
    await ui.screen(Form, "d")
    await ui.screen(TemplatesScreen, "enter", until=lambda screen: screen.pane.has_focus)
    await ui.press("escape", "escape", until=lambda: screen.table.has_focus)
    await ui.press("space", until=lambda: len(screen.table.marked) == 1)
    screen.table.goto(0 if screen.table.cursor else 1)
    await ui.press("space", until=lambda: len(screen.table.marked) == 2)
    await ui.screen(Form, "M")
    await ui.screen(TemplatesScreen, "escape")
    await ui.press("x", until=lambda: len(screen.rows) == len(NAMES) - 2)
    await ui.press("a", until=lambda: len(screen.rows) == 2)
    await ui.press("a", "z", until=lambda: len(screen.rows) == len(NAMES))
    await ui.press("slash", *"tag:[/] zzz", until=lambda: not len(screen.rows))
    await ui.press("escape", "s", "S")


@SIZES
async def test_comparing(app: WarmtuiApp, ui: Ui, size: tuple[int, int]) -> None:
    for name in ("evil0", "evil1"):
        screen = await ui.goto(name)
        await ui.press("space")
    assert len(screen.table.marked) == 2
    await ui.screen(CompareScreen, "m")
    await ui.shows("␛")
    await ui.press(*"jjnn", "pagedown", "G", "g", "x", "c")
