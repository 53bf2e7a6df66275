"""Work that takes longer than a moment: told of, counted, and given up with Esc."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pilots import expect_screen, screen_text, wait_for

from warmtui.errors import WarmtuiError
from warmtui.tui import wait
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.wait import WaitingScreen, waited
from warmtui.workspace import long_sessions
from warmtui.workspace.reader import OnProgress

pytestmark = pytest.mark.slow


async def test_what_is_done_at_once_shows_nothing(app: WarmtuiApp) -> None:
    async def work(told: OnProgress) -> str:
        told(1, 1)
        return "done"

    async with app.run_test() as pilot:
        depth = len(app.screen_stack)
        assert await waited(app, "Looking", 1, work) == "done"
        assert len(app.screen_stack) == depth

        async def fails(told: OnProgress) -> str:
            raise WarmtuiError("no")

        with pytest.raises(WarmtuiError, match="no"):
            await waited(app, "Looking", 1, fails)
        await pilot.pause()


async def test_longer_work_is_counted_and_goes_away(app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)
    told: list[OnProgress] = []
    go_on = asyncio.Event()

    async def work(progress: OnProgress) -> str:
        told.append(progress)
        await go_on.wait()
        return "done"

    async with app.run_test(size=(80, 24)) as pilot:
        asked = asyncio.create_task(waited(app, "Looking [/] \x1b[2J", 3, work))
        await wait_for(pilot, lambda: "0 of 3" in screen_text(pilot))
        assert "Looking [/] ␛[2J" in screen_text(pilot)
        told[0](2, 3)
        await wait_for(pilot, lambda: "2 of 3  esc gives it up" in screen_text(pilot))
        go_on.set()
        await wait_for(pilot, asked.done)
        assert asked.result() == "done"
        await wait_for(pilot, lambda: not isinstance(app.screen, WaitingScreen))


@pytest.mark.parametrize("key", ["c", "b"])
async def test_escape_gives_curating_up_and_it_can_be_begun_again(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)
    monkeypatch.setattr(long_sessions, "FROM_ROWS", 1)
    ended: list[bool] = []
    ask = long_sessions.try_in_process

    async def slow(*_: object) -> Any:
        try:
            await asyncio.sleep(600)
        finally:
            ended.append(True)

    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        sessions = await expect_screen(pilot, SessionsScreen)
        await wait_for(pilot, lambda: len(sessions.rows) > 3 and not app.workspace.sessions.waiting)
        await pilot.press("space", "j", "space")
        monkeypatch.setattr(long_sessions, "try_in_process", slow)
        await pilot.press(key)
        await wait_for(pilot, lambda: "Looking for what is worth keeping" in screen_text(pilot))
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is sessions)
        await wait_for(pilot, lambda: "given up; nothing was changed" in screen_text(pilot))
        assert ended == [True]
        monkeypatch.setattr(long_sessions, "try_in_process", ask)
        await pilot.press(key)
        await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen))


async def test_escape_gives_up_what_the_first_run_begins(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)
    begun = asyncio.Event()

    async def slow(*_: object) -> None:
        begun.set()
        await asyncio.sleep(600)

    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_for(
            pilot, lambda: bool(app.workspace.sessions.table) and not app.workspace.sessions.waiting
        )
        await pilot.press("f")
        first = await expect_screen(pilot, FirstRunScreen)
        await wait_for(pilot, lambda: len(first.rows) and first.done == first.of)
        monkeypatch.setattr(app.workspace.sessions, "candidates_of", slow)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "Looking for what is worth keeping" in screen_text(pilot))
        assert begun.is_set()
        await pilot.press("escape")
        await wait_for(pilot, lambda: "given up; nothing was changed" in screen_text(pilot))
        assert app.screen is first
        assert app.draft is None


async def test_escape_gives_up_what_a_call_of_the_timeline_teaches(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)

    async def slow(*_: object) -> None:
        await asyncio.sleep(600)

    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_for(
            pilot, lambda: bool(app.workspace.sessions.table) and not app.workspace.sessions.waiting
        )
        longest = max(app.workspace.sessions.table.values(), key=lambda row: row.header.rows)
        timeline = TimelineScreen(longest.key)
        app.push_screen(timeline)
        await wait_for(pilot, lambda: timeline.judged is not None)
        for _ in range(5):
            await pilot.press("j")
            if (here := timeline.current()) is not None and here.call is not None:
                break
        assert timeline.check_action("draft", ()) is True
        find = app.workspace.sessions.findings_of
        monkeypatch.setattr(app.workspace.sessions, "findings_of", slow)
        await pilot.press("c")
        await wait_for(pilot, lambda: "Finding what the call teaches" in screen_text(pilot))
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is timeline and "given up" in screen_text(pilot))
        assert app.draft is None
        monkeypatch.setattr(app.workspace.sessions, "findings_of", find)
        await pilot.press("c")
        await wait_for(pilot, lambda: "in the draft" in screen_text(pilot) or "offered" in screen_text(pilot))
