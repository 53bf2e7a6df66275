"""The library at bad moments: read-only, full, locked, missing, damaged. Words about it, no draft lost."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from limits import bound_by_permissions, no_file_above
from ui import MARATHON, Ui, opened

from warmtui.errors import LibraryError
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Form
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.start import report_draft
from warmtui.tui.templates.screen import TemplatesScreen

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@asynccontextmanager
async def on_marathon(source: Path, library: Path) -> AsyncIterator[Ui]:
    """Run the app with a library, the cursor on the marathon."""
    async with opened(source.parent, source, size=(140, 40), WARMTUI_LIBRARY=str(library)) as ui:
        await ui.goto(MARATHON)
        yield ui


async def drafted(ui: Ui) -> CurateScreen:
    """Start a draft with the suggestion."""
    screen = await ui.screen(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
    await ui.press("a", until=lambda: not screen.draft.state.seed.is_empty())
    return screen


async def save(ui: Ui) -> None:
    """Go to the preview and have the draft saved; what comes of it is not waited for."""
    await ui.screen(PreviewScreen, "3")
    await ui.answer("w", name="shop")


async def refused(ui: Ui, words: str) -> None:
    """Have the draft saved, and wait for the form to come back with the reason."""
    await save(ui)
    await ui.screen(Form)
    squeezed = "".join(words.split())
    await ui.until(lambda: squeezed in re.sub(r"[\s│]", "", ui.text), words)
    await ui.screen(PreviewScreen, "escape")


async def told(ui: Ui, words: str) -> None:
    """Wait for words on the screen or in a toast, whose lines break anywhere."""
    await ui.until(lambda: words in ui.text or any(words in toast for toast in ui.toasts), words)


async def goes_well_afterwards(ui: Ui) -> None:
    """Save the same draft, now that nothing is wrong any more, and find it among the templates."""
    draft = ui.app.draft
    assert draft is not None
    seed = draft.state.seed
    assert not seed.is_empty(), "the draft was not lost"
    await draft.autosave()
    assert not draft.autosave_error
    await save(ui)
    await ui.until(lambda: draft.state.base is not None, "the save")
    (template,) = (await ui.app.workspace.library.listing()).templates
    assert (template.name, template.version.seed) == ("shop", draft.state.seed)
    await ui.screen(TemplatesScreen, "4", until=lambda screen: len(screen.rows) == 1)


async def test_a_library_that_is_read_only(recordings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with bound_by_permissions():
        folder.chmod(0o500)
        async with on_marathon(recordings, folder / "library.db") as ui:
            screen = await drafted(ui)
            await ui.until(lambda: screen.draft.autosave_error, "trouble with keeping")
            await told(ui, screen.draft.autosave_error)
            await refused(ui, "cannot be created: Permission denied")
            await ui.screen(TemplatesScreen, "4")
            folder.chmod(0o700)
            await ui.press("1")
            await goes_well_afterwards(ui)


async def test_a_library_on_a_full_disk(recordings: Path, tmp_path: Path) -> None:
    async with on_marathon(recordings, tmp_path / "library.db") as ui:
        with no_file_above(8_192):
            screen = await drafted(ui)
            await ui.until(lambda: screen.draft.autosave_error, "trouble with keeping")
            await told(ui, screen.draft.autosave_error)
            await refused(ui, "the disk is full")
        await goes_well_afterwards(ui)


async def test_a_library_that_another_program_holds(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    async with on_marathon(recordings, path) as ui:
        ui.app.workspace.library._store._patience = 0.2
        await ui.app.workspace.library.put_draft("other", "{}")
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        screen = await drafted(ui)
        await ui.until(lambda: screen.draft.autosave_error, "trouble with keeping")
        await told(ui, screen.draft.autosave_error)
        await refused(ui, "is locked by another program")
        db.execute("ROLLBACK")
        db.close()
        await goes_well_afterwards(ui)


async def test_a_library_whose_folder_cannot_be(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    async with on_marathon(recordings, tmp_path / "file" / "library.db") as ui:
        screen = await drafted(ui)
        await ui.until(lambda: screen.draft.autosave_error, "trouble with keeping")
        await refused(ui, "Not a directory")
        (tmp_path / "file").unlink()
        await goes_well_afterwards(ui)


async def test_a_library_whose_folder_is_deleted_meanwhile(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "library.db"
    async with on_marathon(recordings, path) as ui:
        screen = await drafted(ui)
        await ui.until(lambda: screen.draft.autosaved_at is not None, "the first keeping")
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()
        await goes_well_afterwards(ui)


async def test_a_library_that_is_no_library(recordings: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_bytes(b"something else entirely " * 400)
    async with on_marathon(recordings, path) as ui:
        screen = await drafted(ui)
        await ui.until(lambda: screen.draft.autosave_error, "trouble with keeping")
        await refused(ui, "is not a warmtui library")
        await ui.screen(TemplatesScreen, "4")
        await told(ui, "is not a warmtui library")
        assert path.read_bytes() == b"something else entirely " * 400, "it is left as it was"
        path.unlink()
        await ui.press("1")
        await goes_well_afterwards(ui)


async def test_quitting_tells_once_of_a_draft_that_is_not_kept(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with on_marathon(recordings, tmp_path / "l.db") as ui:

        async def full(*_: object) -> None:
            raise LibraryError("the disk is full")

        monkeypatch.setattr(ui.app.workspace.library, "put_draft", full)
        await drafted(ui)
        await ui.press("q")
        await told(ui, "the draft was not kept: the disk is full")
        assert ui.app.is_running
        assert ui.app.screen.is_mounted
        await ui.press("q", until=lambda: ui.app._exit)
        assert report_draft(ui.app) == 1
    assert "warmtui: the draft was not kept: the disk is full" in capsys.readouterr().err
