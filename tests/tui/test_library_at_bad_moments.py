"""The library at bad moments: read-only, full, locked, missing, damaged. Words about it, no draft lost."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from limits import bound_by_permissions, no_file_above
from pilots import expect_screen, screen_text, session_keys, toasts, wait_for
from textual.pilot import Pilot
from textual.widgets import Input

from warmtui.errors import LibraryError
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Form
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.start import report_draft
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.workspace import Workspace

pytestmark = pytest.mark.slow

MARATHON = "20261120_094736_8895c1"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@asynccontextmanager
async def running(source: Path, library: Path) -> AsyncIterator[tuple[WarmtuiApp, Pilot[None]]]:
    environ = {"HOME": str(source.parent), "HERMES_HOME": str(source.parent / "hermes")}
    async with Workspace.open(sources=[str(source)], library=library, environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(140, 40), notifications=True) as pilot:
            screen = await expect_screen(pilot, SessionsScreen)
            await wait_for(pilot, lambda: len(screen.rows) == 12 and not workspace.sessions.waiting)
            screen.table.goto([key.id for key in session_keys(screen.rows)].index(MARATHON))
            yield app, pilot


async def drafted(app: WarmtuiApp, pilot: Pilot[None]) -> CurateScreen:
    """Start a draft with the suggestion."""
    await pilot.press("c")
    await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen) and len(app.screen.candidate_rows))
    screen = app.screen
    assert isinstance(screen, CurateScreen)
    await pilot.press("a")
    await wait_for(pilot, lambda: not screen.draft.state.seed.is_empty())
    return screen


async def saved_as(app: WarmtuiApp, pilot: Pilot[None], name: str) -> None:
    """Go to the preview and have the draft saved; what comes of it is not waited for."""
    await pilot.press("3")
    await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
    await pilot.press("w")
    await wait_for(pilot, lambda: isinstance(app.screen, Form))
    form = app.screen
    form.query_one("#ask-name", Input).value = name
    await pilot.press("enter")
    await wait_for(pilot, lambda: app.screen is not form)


async def refused(app: WarmtuiApp, pilot: Pilot[None], words: str) -> None:
    """Have the draft saved, and wait for the form to come back with the reason."""
    await saved_as(app, pilot, "shop")
    await wait_for(pilot, lambda: isinstance(app.screen, Form), "the form again")
    squeezed = "".join(words.split())
    await wait_for(pilot, lambda: squeezed in re.sub(r"[\s│]", "", screen_text(pilot)), words)
    await pilot.press("escape")
    await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))


async def told(pilot: Pilot[None], words: str) -> None:
    """Wait for words on the screen or in a toast, whose lines break anywhere."""
    app = pilot.app
    await wait_for(
        pilot,
        lambda: words in screen_text(pilot) or any(words in toast for toast in toasts(app)),
        words,
    )


async def goes_well_afterwards(app: WarmtuiApp, pilot: Pilot[None]) -> None:
    """Save the same draft, now that nothing is wrong any more, and find it among the templates."""
    draft = app.draft
    assert draft is not None
    seed = draft.state.seed
    assert not seed.is_empty(), "the draft was not lost"
    await draft.autosave()
    assert not draft.autosave_error
    await saved_as(app, pilot, "shop")
    await wait_for(pilot, lambda: draft.state.base is not None, "the save")
    (template,) = (await app.workspace.library.listing()).templates
    assert (template.name, template.version.seed) == ("shop", draft.state.seed)
    await pilot.press("4")
    await wait_for(pilot, lambda: isinstance(app.screen, TemplatesScreen) and len(app.screen.rows) == 1)


async def test_a_library_that_is_read_only(recordings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with bound_by_permissions():
        folder.chmod(0o500)
        async with running(recordings, folder / "library.db") as (app, pilot):
            screen = await drafted(app, pilot)
            await wait_for(pilot, lambda: screen.draft.autosave_error, "trouble with keeping")
            await told(pilot, screen.draft.autosave_error)
            await refused(app, pilot, "cannot be created: Permission denied")
            await pilot.press("4")
            await wait_for(pilot, lambda: isinstance(app.screen, TemplatesScreen))
            folder.chmod(0o700)
            await pilot.press("1")
            await goes_well_afterwards(app, pilot)


async def test_a_library_on_a_full_disk(recordings: Path, tmp_path: Path) -> None:
    async with running(recordings, tmp_path / "library.db") as (app, pilot):
        with no_file_above(8_192):
            screen = await drafted(app, pilot)
            await wait_for(pilot, lambda: screen.draft.autosave_error, "trouble with keeping")
            await told(pilot, screen.draft.autosave_error)
            await refused(app, pilot, "the disk is full")
        await goes_well_afterwards(app, pilot)


async def test_a_library_that_another_program_holds(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    async with running(recordings, path) as (app, pilot):
        app.workspace.library._store._patience = 0.2
        await app.workspace.library.put_draft("other", "{}")
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        screen = await drafted(app, pilot)
        await wait_for(pilot, lambda: screen.draft.autosave_error, "trouble with keeping")
        await told(pilot, screen.draft.autosave_error)
        await refused(app, pilot, "is locked by another program")
        db.execute("ROLLBACK")
        db.close()
        await goes_well_afterwards(app, pilot)


async def test_a_library_whose_folder_cannot_be(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    async with running(recordings, tmp_path / "file" / "library.db") as (app, pilot):
        screen = await drafted(app, pilot)
        await wait_for(pilot, lambda: screen.draft.autosave_error, "trouble with keeping")
        await refused(app, pilot, "Not a directory")
        (tmp_path / "file").unlink()
        await goes_well_afterwards(app, pilot)


async def test_a_library_whose_folder_is_deleted_meanwhile(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "library.db"
    async with running(recordings, path) as (app, pilot):
        screen = await drafted(app, pilot)
        await wait_for(pilot, lambda: screen.draft.autosaved_at is not None, "the first keeping")
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()
        await goes_well_afterwards(app, pilot)


async def test_a_library_that_is_no_library(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"something else entirely " * 400)
    async with running(recordings, path) as (app, pilot):
        screen = await drafted(app, pilot)
        await wait_for(pilot, lambda: screen.draft.autosave_error, "trouble with keeping")
        await refused(app, pilot, "is not a warmtui library")
        await pilot.press("4")
        await wait_for(pilot, lambda: isinstance(app.screen, TemplatesScreen))
        await told(pilot, "is not a warmtui library")
        assert path.read_bytes() == b"something else entirely " * 400, "it is left as it was"
        path.unlink()
        await pilot.press("1")
        await goes_well_afterwards(app, pilot)


async def test_quitting_tells_once_of_a_draft_that_is_not_kept(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running(recordings, tmp_path / "l.db") as (app, pilot):

        async def full(*_: object) -> None:
            raise LibraryError("the disk is full")

        monkeypatch.setattr(app.workspace.library, "put_draft", full)
        await drafted(app, pilot)
        await pilot.press("q")
        await told(pilot, "the draft was not kept: the disk is full")
        assert app.is_running
        assert app.screen.is_mounted
        await pilot.press("q")
        await wait_for(pilot, lambda: app._exit)
        assert report_draft(app) == 1
    assert "warmtui: the draft was not kept: the disk is full" in capsys.readouterr().err
