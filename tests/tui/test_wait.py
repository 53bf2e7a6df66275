"""Work that takes longer than a moment: told of, counted, and given up with Esc."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ui import Ui

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


@pytest.mark.size(80, 24)
async def test_what_is_done_at_once_shows_nothing(app: WarmtuiApp, ui: Ui) -> None:
    async def work(told: OnProgress) -> str:
        told(1, 1)
        return "done"

    depth = len(app.screen_stack)
    assert await waited(app, "Looking", 1, work) == "done"
    assert len(app.screen_stack) == depth

    async def fails(told: OnProgress) -> str:
        raise WarmtuiError("no")

    with pytest.raises(WarmtuiError, match="no"):
        await waited(app, "Looking", 1, fails)
    await ui.pause()


@pytest.mark.size(80, 24)
async def test_longer_work_is_counted_and_goes_away(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)
    told: list[OnProgress] = []
    go_on = asyncio.Event()

    async def work(progress: OnProgress) -> str:
        told.append(progress)
        await go_on.wait()
        return "done"

    asked = asyncio.create_task(waited(app, "Looking [/] \x1b[2J", 3, work))
    await ui.shows("0 of 3")
    assert "Looking [/] ␛[2J" in ui.text
    told[0](2, 3)
    await ui.shows("2 of 3  esc gives it up")
    go_on.set()
    await ui.until(asked.done)
    assert asked.result() == "done"
    await ui.until(lambda: not isinstance(app.screen, WaitingScreen))


@pytest.mark.size(100, 30)
@pytest.mark.parametrize("key", ["c", "b"])
async def test_escape_gives_curating_up_and_it_can_be_begun_again(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch, key: str
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

    sessions = await ui.screen(SessionsScreen)
    await ui.until(lambda: len(sessions.rows) > 3 and not app.workspace.sessions.waiting)
    await ui.press("space", "j", "space")
    monkeypatch.setattr(long_sessions, "try_in_process", slow)
    await ui.press(key, shows="Looking for what is worth keeping")
    await ui.back_to(sessions, "escape")
    await ui.shows("given up; nothing was changed")
    assert ended == [True]
    monkeypatch.setattr(long_sessions, "try_in_process", ask)
    await ui.screen(CurateScreen, key)


@pytest.mark.size(100, 30)
async def test_escape_gives_up_what_the_first_run_begins(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)
    begun = asyncio.Event()

    async def slow(*_: object) -> None:
        begun.set()
        await asyncio.sleep(600)

    await ui.until(lambda: bool(app.workspace.sessions.table) and not app.workspace.sessions.waiting)
    first = await ui.screen(FirstRunScreen, "f")
    await ui.until(lambda: len(first.rows) and first.done == first.of)
    monkeypatch.setattr(app.workspace.sessions, "candidates_of", slow)
    await ui.press("enter", shows="Looking for what is worth keeping")
    assert begun.is_set()
    await ui.press("escape", shows="given up; nothing was changed")
    assert app.screen is first
    assert app.draft is None


@pytest.mark.size(100, 30)
async def test_escape_gives_up_what_a_call_of_the_timeline_teaches(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "AFTER_SECONDS", 0)

    async def slow(*_: object) -> None:
        await asyncio.sleep(600)

    await ui.until(lambda: bool(app.workspace.sessions.table) and not app.workspace.sessions.waiting)
    longest = max(app.workspace.sessions.table.values(), key=lambda row: row.header.rows)
    timeline = TimelineScreen(longest.key)
    app.push_screen(timeline)
    await ui.until(lambda: timeline.judged is not None)
    for _ in range(5):
        await ui.press("j")
        if (here := timeline.current()) is not None and here.call is not None:
            break
    assert timeline.check_action("draft", ()) is True
    find = app.workspace.sessions.findings_of
    monkeypatch.setattr(app.workspace.sessions, "findings_of", slow)
    await ui.press("c", shows="Finding what the call teaches")
    await ui.press("escape", until=lambda: app.screen is timeline and "given up" in ui.text)
    assert app.draft is None
    monkeypatch.setattr(app.workspace.sessions, "findings_of", find)
    await ui.press("c", until=lambda: "in the draft" in ui.text or "offered" in ui.text)
