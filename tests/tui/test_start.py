"""Starting the app: the first rows are in its first paint, and the next screens are loaded beside it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest
from textual.widgets import Input
from ui import running

from warmtui.errors import SourceError
from warmtui.tui import start
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.start import start_preload
from warmtui.tui.ui_state import Place, remember
from warmtui.workspace import Workspace


async def test_the_first_rows_are_there_when_the_screen_is(workspace: Workspace) -> None:
    preload = start_preload(workspace)
    selected = preload.result().selected
    assert selected is not None
    assert (len(selected.numbers), selected.total) == (12, 14)
    app = WarmtuiApp(workspace, preload=preload)
    shown: list[int] = []
    selecting = workspace.sessions.select

    async def select(*words: object, **more: object) -> object:
        assert isinstance(app.screen, SessionsScreen)
        shown.append(len(app.screen.rows))
        return await selecting(*words, **more)  # type: ignore[arg-type]

    workspace.sessions.select = select  # type: ignore[method-assign, assignment]
    async with running(app) as ui:
        await ui.until(lambda: shown and not workspace.sessions.waiting)
        assert shown[0] == 12, "before the app itself asked for any"
        assert "Coupon marathon" in ui.text


async def test_a_filter_is_understood_first(workspace: Workspace) -> None:
    await workspace.library.listing()  # makes the library, without which nothing is remembered
    await remember(workspace, Place(filter="title:marathon", sort="score"))
    preload = start_preload(workspace)
    assert preload.result().selected is None
    app = WarmtuiApp(workspace, preload=preload)
    async with running(app) as ui:
        screen = app.screen
        assert isinstance(screen, SessionsScreen)
        await ui.until(lambda: len(screen.rows) == 1)
        assert screen.rows.sort == "score"
        assert screen.query_one("#filter", Input).value == "title:marathon"


async def test_what_fails_early_is_said_by_the_app(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise SourceError("no", "none")

    with monkeypatch.context() as patched:
        patched.setattr("warmtui.tui.start._read", fail)
        preload = start_preload(workspace)
        assert preload.exception() is not None
    async with running(WarmtuiApp(workspace, preload=preload)) as ui:
        await ui.screen(SessionsScreen, until=lambda screen: len(screen.rows) == 12)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


async def test_what_stands_is_left_out_of_collections_and_what_comes_later_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gc.unfreeze()
    monkeypatch.setattr(start, "FIRST_SCREEN_SECONDS", 0)
    monkeypatch.delitem(sys.modules, "warmtui.tui.external_editor", raising=False)
    monkeypatch.setattr(start, "NEXT", (*start.NEXT, "warmtui.tui.external_editor"))
    await start.load_next_screens()
    assert set(start.NEXT) <= sys.modules.keys()
    assert gc.get_freeze_count() > 1_000
    later: list[object] = []
    later.append(later)
    assert any(item is later for item in gc.get_objects())
