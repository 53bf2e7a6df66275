"""Help on ?: generated from the bindings, the screen's own keys first, with the reason for grey ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pilots import screen_text, wait_for
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import OptionList

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.commands import helps
from warmtui.tui.help import HelpScreen, help_text
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace
from warmtui.workspace.settings import SettingProblem


@pytest.fixture
async def app(tmp_path: Path, recordings: Path) -> AsyncIterator[WarmtuiApp]:
    (tmp_path / "config.toml").write_text('[keys]\n"sessions.reverse" = "f5"\n')
    environ = {
        "HOME": str(tmp_path),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
        "WARMTUI_CONFIG": str(tmp_path / "config.toml"),
    }
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        yield WarmtuiApp(workspace)


async def home(pilot: Pilot[None]) -> SessionsScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen) and len(app.screen.rows) > 2)
    assert isinstance(app.screen, SessionsScreen)
    return app.screen


async def test_the_screens_own_keys_stand_first_and_grey_ones_say_why(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 70)) as pilot:
        screen = await home(pilot)
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert list(app.screen.groups) == ["sessions", "rows", "app"]  # type: ignore[attr-defined]
        text = screen_text(pilot)
        places = [text.index(words) for words in ("Open the timeline", "Next row", "Templates  ", "All keys")]
        assert places == sorted(places)
        for words in (
            "enter  Open",
            "f5  Reverse the order",
            "↓ j",
            "sessions.sort",
            "mark two sessions with",
        ):
            assert words in text
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen)


async def test_it_scrolls_at_80_by_24_and_every_key_closes_it(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await home(pilot)
        for closes in ("escape", "question_mark", "q"):
            await pilot.press("question_mark")
            await wait_for(pilot, lambda: "Open the timeline" in screen_text(pilot))
            assert "Quit" not in screen_text(pilot)
            await pilot.press("G")
            await wait_for(pilot, lambda: "Quit; nothing is lost" in screen_text(pilot))
            await pilot.press("g")
            await wait_for(pilot, lambda: "Open the timeline" in screen_text(pilot))
            for key in ("down", "j", "space", "pagedown", "up", "k", "pageup"):
                await pilot.press(key)
            await pilot.press(closes)
            await wait_for(pilot, lambda: app.screen is screen)


async def test_a_key_that_the_focused_widget_has_is_said_of_that_widget_alone(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await home(pilot)
        await pilot.press("enter")
        await wait_for(
            pilot, lambda: isinstance(app.screen, TimelineScreen) and app.screen.judged is not None
        )
        groups = helps(app.screen.focused or app.screen)
        assert next(iter(groups)) == "timeline"
        keys = [key for group in groups.values() for entry in group for key in entry.keys]
        assert len(keys) == len(set(keys))
        assert {entry.id for entry in groups["timeline"]} >= {
            "timeline.fold",
            "timeline.search",
            "timeline.read",
        }


def test_names_stand_beside_the_keys_where_there_is_room() -> None:
    from warmtui.tui.commands import Help

    groups = {"app": [Help("app.help", ("?",), "All keys", ""), Help("app.go", ("1",), "Go", "not [/] now")]}
    assert help_text(groups, names=False).plain == "Everywhere\n?  All keys\n1  Go      \n     not [/] now"
    assert "?  All keys  app.help\n" in help_text(groups, names=True).plain


async def test_the_theme_is_chosen_by_key_and_from_the_palette(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await home(pilot)
        before = app.theme
        await pilot.press("ctrl+t")
        await wait_for(pilot, lambda: isinstance(app.screen, CommandPalette) and "nord" in screen_text(pilot))
        await pilot.press(*"nord")
        await wait_for(pilot, lambda: "dracula" not in screen_text(pilot))
        await pilot.press("enter")
        await wait_for(pilot, lambda: not isinstance(app.screen, CommandPalette))
        if app.screen is screen and app.theme == before:
            await pilot.press("enter")
        await wait_for(pilot, lambda: app.theme == "nord")


async def test_the_choice_of_themes_begins_on_the_present_one(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await home(pilot)
        app.theme = "nord"
        await pilot.press("ctrl+t")
        await wait_for(
            pilot, lambda: isinstance(app.screen, CommandPalette) and "dracula" in screen_text(pilot)
        )
        themes = app.screen.query_one(OptionList)
        first = themes.get_option_at_index(0)
        assert str(first.prompt).strip() == "nord"
        await pilot.press("escape")


async def test_the_palette_finds_the_settings_file_and_says_what_is_wrong_in_it(app: WarmtuiApp) -> None:
    wrong = SettingProblem("s.toml", "theme", "there is no theme 'nrod'", "did you mean nord?")
    app.configuration = app.configuration._replace(problems=(wrong,))
    async with app.run_test(size=(120, 40)) as pilot:
        await home(pilot)
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"settings")
        await wait_for(pilot, lambda: "Settings: where they are and what is wrong" in screen_text(pilot))
        await pilot.press("escape")
        await wait_for(pilot, lambda: not isinstance(app.screen, CommandPalette))
        await pilot.press("comma")
        await wait_for(pilot, lambda: "there is no theme 'nrod'" in screen_text(pilot))
        shown = screen_text(pilot)
        assert "did you mean nord?" in shown
        assert app.workspace.context.locations.config.name in shown
        await pilot.press("c")
        await wait_for(pilot, lambda: app.clipboard == str(app.workspace.context.locations.config))
