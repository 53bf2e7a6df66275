"""What cannot be done now is grey, its key says why, and what is said takes one toast."""

from __future__ import annotations

import pytest
from ui import Ui

from warmtui.tui.app import NOT_YET, WarmtuiApp
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.widgets.key_footer import KeyFooter


def greys(app: WarmtuiApp) -> set[str]:
    """The keys that the footer shows grey, as it is drawn now."""
    [footer] = app.screen.query(KeyFooter)
    return {key.key for key in footer.shown if not key.enabled}


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("2", "no draft is open"),
        ("3", "no draft is open"),
        ("5", "mark two sessions with space"),
        ("6", f"experiments {NOT_YET}"),
        ("7", f"insights {NOT_YET}"),
        ("m", "mark two sessions with space"),
        ("b", "mark two or more sessions"),
    ],
)
async def test_a_grey_key_says_why_and_does_nothing(app: WarmtuiApp, ui: Ui, key: str, reason: str) -> None:
    screen = await ui.sessions()
    await ui.press(key, says=reason)
    assert app.screen is screen


@pytest.mark.size(160, 30)
async def test_the_footer_follows_what_can_be_done(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.until(lambda: greys(app) == {"m", "b"})
    await ui.press("space", "j", "space", until=lambda: greys(app) == set())
    screen.table.clear_marks()
    await ui.until(lambda: greys(app) == {"m", "b"})


async def test_the_footer_is_not_drawn_while_nothing_changes(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    screen = await ui.sessions()
    await ui.until(lambda: greys(app) == {"m", "b"})
    [footer] = screen.query(KeyFooter)
    monkeypatch.setattr(footer, "refresh", lambda *_, **__: drawn.append(1))
    for _ in range(3):
        await ui.press("j")
        screen.refresh_bindings()
    assert drawn == []
    await ui.press("space", "j", "space", until=lambda: drawn)


async def test_a_grey_key_is_not_handed_on_to_the_app(app: WarmtuiApp, ui: Ui) -> None:
    class Picky(BaseScreen):
        KEYS = (*BaseScreen.KEYS,)
        BINDINGS = [("1", "nothing", "Nothing")]  # noqa: RUF012 - as Textual reads it

        def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
            return "never" if action == "nothing" else ""

    await ui.sessions()
    await app.push_screen(Picky())
    await ui.press("1", says="never")
    assert isinstance(app.screen, Picky), "1 goes to the sessions where nothing else has it"


async def test_a_key_pressed_again_and_again_says_one_thing_at_a_time(app: WarmtuiApp, ui: Ui) -> None:
    for words in ("one", "two", "three"):
        app.notify(words, timeout=60, markup=False)
        await ui.says(words)
        assert ui.toasts == [words]
    app.notify("take care", severity="warning", timeout=60, markup=False)
    await ui.until(lambda: ui.toasts == ["take care"])
    app.notify("four", timeout=60, markup=False)
    await ui.until(lambda: ui.toasts == ["take care", "four"])
