"""Help on ?: generated from the bindings, the screen's own keys first, with the reason for grey ones."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette
from textual.widgets import OptionList
from ui import Ui

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.commands import helps
from warmtui.tui.help import HelpScreen, help_text
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace.settings import SettingProblem

pytestmark = pytest.mark.size(120, 40)


@pytest.fixture
def settings() -> str:
    return '[keys]\n"sessions.reverse" = "f5"\n'


@pytest.mark.size(120, 70)
async def test_the_screens_own_keys_stand_first_and_grey_ones_say_why(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    shown = await ui.screen(HelpScreen, "question_mark")
    assert list(shown.groups) == ["sessions", "rows", "app"]
    text = ui.text
    places = [text.index(words) for words in ("Open the timeline", "Next row", "Templates  ", "All keys")]
    assert places == sorted(places)
    for words in ("enter  Open", "f5  Reverse the order", "↓ j", "sessions.sort", "mark two sessions with"):
        assert words in text
    await ui.back_to(screen, "escape")


@pytest.mark.slow
@pytest.mark.size(80, 24)
async def test_it_scrolls_at_80_by_24_and_every_key_closes_it(ui: Ui) -> None:
    screen = await ui.sessions()
    for closes in ("escape", "question_mark", "q"):
        await ui.press("question_mark", shows="Open the timeline")
        assert "Quit" not in ui.text
        await ui.press("G", shows="Quit; nothing is lost")
        await ui.press("g", shows="Open the timeline")
        for key in ("down", "j", "space", "pagedown", "up", "k", "pageup"):
            await ui.press(key)
        await ui.back_to(screen, closes)


async def test_a_key_that_the_focused_widget_has_is_said_of_that_widget_alone(
    app: WarmtuiApp, ui: Ui
) -> None:
    await ui.sessions()
    await ui.screen(TimelineScreen, "enter", until=lambda screen: screen.judged is not None)
    groups = helps(app.screen.focused or app.screen)
    assert next(iter(groups)) == "timeline"
    keys = [key for group in groups.values() for entry in group for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert {entry.id for entry in groups["timeline"]} >= {"timeline.fold", "timeline.search", "timeline.read"}


def test_names_stand_beside_the_keys_where_there_is_room() -> None:
    from warmtui.tui.commands import Help

    groups = {"app": [Help("app.help", ("?",), "All keys", ""), Help("app.go", ("1",), "Go", "not [/] now")]}
    assert help_text(groups, names=False).plain == "Everywhere\n?  All keys\n1  Go      \n     not [/] now"
    assert "?  All keys  app.help\n" in help_text(groups, names=True).plain


async def test_the_theme_is_chosen_by_key_and_from_the_palette(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    before = app.theme
    await ui.screen(CommandPalette, "ctrl+t", until=lambda screen: "nord" in ui.text)
    await ui.press(*"nord", until=lambda: "dracula" not in ui.text)
    await ui.press("enter", until=lambda: not isinstance(app.screen, CommandPalette))
    if app.screen is screen and app.theme == before:
        await ui.press("enter")
    await ui.until(lambda: app.theme == "nord")


async def test_the_choice_of_themes_begins_on_the_present_one(app: WarmtuiApp, ui: Ui) -> None:
    await ui.sessions()
    app.theme = "nord"
    await ui.screen(CommandPalette, "ctrl+t", until=lambda screen: "dracula" in ui.text)
    themes = app.screen.query_one(OptionList)
    first = themes.get_option_at_index(0)
    assert str(first.prompt).strip() == "nord"
    await ui.press("escape")


async def test_the_palette_finds_the_settings_file_and_says_what_is_wrong_in_it(
    app: WarmtuiApp, ui: Ui
) -> None:
    wrong = SettingProblem("s.toml", "theme", "there is no theme 'nrod'", "did you mean nord?")
    app.configuration = app.configuration._replace(problems=(wrong,))
    await ui.sessions()
    await ui.screen(CommandPalette, "ctrl+p")
    await ui.press(*"settings", shows="Settings: where they are and what is wrong")
    await ui.press("escape", until=lambda: not isinstance(app.screen, CommandPalette))
    await ui.press("comma", shows="there is no theme 'nrod'")
    shown = ui.text
    assert "did you mean nord?" in shown
    assert app.workspace.context.locations.config.name in shown
    await ui.press("c", until=lambda: app.clipboard == str(app.workspace.context.locations.config))
