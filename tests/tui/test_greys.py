"""What cannot be done now is grey, and its key says why."""

from __future__ import annotations

import pytest
from pilots import toast_text, wait_for
from textual.pilot import Pilot

from warmtui.tui.app import NOT_YET, WarmtuiApp
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.widgets.key_footer import KeyFooter


def greys(app: WarmtuiApp) -> set[str]:
    """The keys that the footer shows grey, as it is drawn now."""
    [footer] = app.screen.query(KeyFooter)
    return {key.key for key in footer.shown if not key.enabled}


async def home(pilot: Pilot[None]) -> SessionsScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen) and len(app.screen.rows) > 2)
    await wait_for(pilot, lambda: not app.workspace.sessions.waiting)
    assert isinstance(app.screen, SessionsScreen)
    return app.screen


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
async def test_a_grey_key_says_why_and_does_nothing(app: WarmtuiApp, key: str, reason: str) -> None:
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        screen = await home(pilot)
        await pilot.press(key)
        await wait_for(pilot, lambda: reason in toast_text(app))
        assert app.screen is screen


async def test_the_footer_follows_what_can_be_done(app: WarmtuiApp) -> None:
    async with app.run_test(size=(160, 30)) as pilot:
        screen = await home(pilot)
        await wait_for(pilot, lambda: greys(app) == {"m", "b"})
        await pilot.press("space", "j", "space")
        await wait_for(pilot, lambda: greys(app) == set())
        screen.table.clear_marks()
        await wait_for(pilot, lambda: greys(app) == {"m", "b"})


async def test_the_footer_is_not_drawn_while_nothing_changes(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await home(pilot)
        await wait_for(pilot, lambda: greys(app) == {"m", "b"})
        [footer] = screen.query(KeyFooter)
        monkeypatch.setattr(footer, "refresh", lambda *_, **__: drawn.append(1))
        for _ in range(3):
            await pilot.press("j")
            screen.refresh_bindings()
        assert drawn == []
        await pilot.press("space", "j", "space")
        await wait_for(pilot, lambda: drawn)


async def test_a_grey_key_is_not_handed_on_to_the_app(app: WarmtuiApp) -> None:
    class Picky(BaseScreen):
        KEYS = (*BaseScreen.KEYS,)
        BINDINGS = [("1", "nothing", "Nothing")]  # noqa: RUF012 - as Textual reads it

        def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
            return "never" if action == "nothing" else ""

    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await home(pilot)
        await app.push_screen(Picky())
        await pilot.press("1")
        await wait_for(pilot, lambda: "never" in toast_text(app))
        assert isinstance(app.screen, Picky), "1 goes to the sessions where nothing else has it"
