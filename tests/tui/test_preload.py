"""Rows that were read while the app was being loaded stand in its first paint."""

from __future__ import annotations

from pathlib import Path

import pytest
from pilots import screen_text, wait_for
from textual.widgets import Input

from warmtui.errors import SourceError
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.start import start_preload
from warmtui.tui.ui_state import Place, remember
from warmtui.workspace import Workspace


def opened(tmp_path: Path, source: Path) -> Workspace:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    return Workspace.open(sources=[str(source)], environ=environ)


async def test_the_first_rows_are_there_when_the_screen_is(tmp_path: Path, recordings: Path) -> None:
    async with opened(tmp_path, recordings) as workspace:
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
        async with app.run_test(size=(120, 30)) as pilot:
            await wait_for(pilot, lambda: shown and not workspace.sessions.waiting)
            assert shown[0] == 12, "before the app itself asked for any"
            assert "Coupon marathon" in screen_text(pilot)


async def test_a_filter_is_understood_first(tmp_path: Path, recordings: Path) -> None:
    async with opened(tmp_path, recordings) as workspace:
        await workspace.library.listing()  # makes the library, without which nothing is remembered
        await remember(workspace, Place(filter="title:marathon", sort="score"))
        preload = start_preload(workspace)
        assert preload.result().selected is None
        app = WarmtuiApp(workspace, preload=preload)
        async with app.run_test(size=(120, 30)) as pilot:
            screen = app.screen
            assert isinstance(screen, SessionsScreen)
            await wait_for(pilot, lambda: len(screen.rows) == 1)
            assert screen.rows.sort == "score"
            assert screen.query_one("#filter", Input).value == "title:marathon"


async def test_what_fails_early_is_said_by_the_app(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, recordings) as workspace:

        def fail(*_: object) -> None:
            raise SourceError("no", "none")

        with monkeypatch.context() as patched:
            patched.setattr("warmtui.tui.start._read", fail)
            preload = start_preload(workspace)
            assert preload.exception() is not None
        async with WarmtuiApp(workspace, preload=preload).run_test(size=(120, 30)) as pilot:
            screen = pilot.app.screen
            assert isinstance(screen, SessionsScreen)
            await wait_for(pilot, lambda: len(screen.rows) == 12)
