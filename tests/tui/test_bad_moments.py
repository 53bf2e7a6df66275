"""Sessions at bad moments: gone, locked, damaged, replaced, growing; the clock, the terminal, the folder.

Each time: words about it, nothing lost, and the app goes on.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

import hermes_db as hermes
import pytest
from ui import MARATHON, opened, session_ids

from warmtui.cli.main import main
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen

pytestmark = pytest.mark.slow


def write(path: Path, *names: str) -> None:
    """Write a database with one session each."""
    db = hermes.create(path)
    for number, name in enumerate(names):
        hermes.session(db, name, started_at=1_000.0 + number, title=f"title of {name}")
        hermes.said(db, name, "user", "hello", timestamp=1_000.0 + number)
    db.close()


async def test_a_database_that_is_missing_at_first(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    async with opened(tmp_path, path) as ui:
        await ui.shows("does not exist")
        write(tmp_path / "new.db", "one", "two")
        (tmp_path / "new.db").rename(path)
        await ui.sessions(2)
        await ui.hides("does not exist")


async def test_a_database_that_vanishes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(2)
        path.rename(tmp_path / "away.db")
        await ui.shows("is gone")
        assert len(screen.rows) == 2
        await ui.press("j")
        assert screen.table.cursor == 1
        (tmp_path / "away.db").rename(path)
        await ui.hides("is gone")
        assert len(screen.rows) == 2


async def test_a_database_that_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(2)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        await ui.shows("stayed locked")
        await ui.press("j")
        assert screen.table.cursor == 1
        hermes.session(db, "three", started_at=3_000.0, title="title of three")
        hermes.said(db, "three", "user", "hello", timestamp=3_000.0)
        db.execute("COMMIT")
        db.close()
        await ui.sessions(3)
        await ui.hides("stayed locked")


@pytest.mark.parametrize(
    "content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 8_000]
)
async def test_a_database_that_is_overwritten_by_rubbish(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    whole = path.read_bytes()
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(2)
        path.write_bytes(content)
        # the connection may still see pages it knows; a relisting at the latest sees that they are gone
        await ui.until(lambda: screen.table.troubles, "words")
        assert len(screen.rows) == 2
        await ui.screen(TimelineScreen, "j", "enter")
        await ui.press("escape")
        path.write_bytes(whole)
        await ui.sessions(2)
        await ui.until(lambda: not screen.table.troubles, "the words to go")


async def test_a_database_with_a_damaged_page(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, *(f"session {number:03}" for number in range(200)))
    whole = path.read_bytes()
    with sqlite3.connect(path) as db:
        ((page,),) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'")
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4_096)
        file.write(b"\xff" * 4_096)
    async with opened(tmp_path, path) as ui:
        await ui.sessions(200)
        await ui.shows("Could not be read")
        await ui.press("j", "enter", "c", "f", "escape", "4", "1")
        path.write_bytes(whole)
        await ui.sessions(200)
        await ui.hides("Could not be read")


async def test_a_database_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    write(tmp_path / "other.db", "other", "another", "third")
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(2)
        (tmp_path / "other.db").rename(path)
        await ui.sessions(3)
        await ui.shows("title of another")
        assert set(session_ids(screen)) == {"other", "another", "third"}


async def test_ten_thousand_messages_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two", "three")
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(3)
        screen.table.goto(session_ids(screen).index("two"))
        held = screen.table.cursor_key
        timeline = await ui.screen(TimelineScreen, "enter", until=lambda screen: len(screen.rows) == 1)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN")
        for number in range(2_500):
            at = 2_000.0 + number
            hermes.said(db, "two", "user", f"do {number}", timestamp=at)
            hermes.called(db, "two", (f"c{number}", "terminal", {"command": f"echo {number}"}), timestamp=at)
            hermes.answered(db, "two", f"c{number}", '{"output": "", "exit_code": 0}', timestamp=at)
            hermes.said(db, "two", "assistant", f"done {number}", timestamp=at)
        db.execute("COMMIT")
        db.close()
        await ui.until(lambda: len(timeline.rows) > 7_000, "the timeline to grow")
        await ui.back_to(screen, "escape")
        assert screen.table.cursor_key == held
        await ui.until(
            lambda: (row := screen.table.current()) and row.stats and row.stats.messages == 10_001,
            "the row's new figures",
        )


async def test_the_clock_jumps(tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + ahead[0])
    monkeypatch.chdir(tmp_path)
    async with opened(tmp_path, recordings, now=time.time) as ui:
        screen = await ui.sessions(12)
        held = screen.table.cursor_key
        await ui.screen(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
        for offset in (-3_600.0, 86_400.0, -86_400.0 * 365 * 60, 0.0):
            ahead[0] = offset
            await ui.press("a", "z")
            assert ui.app.draft is not None
            await ui.app.draft.autosave()
            assert not ui.app.draft.autosave_error
            await ui.shows("draft kept")
        await ui.back_to(screen, "escape")
        ahead[0] = -86_400.0 * 365 * 60
        shutil.copyfile(recordings, tmp_path / "copy.db")
        (tmp_path / "copy.db").rename(recordings)
        await ui.press("s", "S", "s", "S")
        await ui.sessions(12)
        await ui.shows("now")
        assert screen.table.cursor_key == held


async def test_a_terminal_of_20_by_5_and_back_on_every_screen(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(tmp_path, recordings, size=(140, 40)) as ui:
        screen = await ui.sessions(12)
        ids = session_ids(screen)

        async def squeeze(kind: type, *keys: str) -> None:
            await ui.press(*keys, until=lambda: isinstance(ui.app.screen, kind), what=kind.__name__)
            place = ui.app.screen
            focused = place.focused
            await ui.resize(20, 5)
            await ui.until(lambda: len(ui.lines) == 5)
            await ui.press("j", "tab", "k", "tab", "pagedown", "g")
            assert isinstance(ui.app.screen, kind)
            await ui.resize(1, 1)
            await ui.pause()
            await ui.resize(140, 40)
            await ui.until(lambda: len(ui.lines) == 40)
            assert ui.app.screen is place
            assert focused is None or focused.is_attached
            assert len(ui.text) > 200

        await squeeze(SessionsScreen)
        screen.table.goto(ids.index(MARATHON))
        await squeeze(TimelineScreen, "enter")
        await ui.back_to(screen, "escape", "escape")
        await squeeze(FirstRunScreen, "f")
        await ui.press("escape")
        screen.table.focus()
        screen.table.goto(ids.index(MARATHON))
        await squeeze(CurateScreen, "c")
        curate = ui.app.screen
        assert isinstance(curate, CurateScreen)
        await ui.until(lambda: len(curate.candidate_rows))
        curate.candidate_list.focus()
        await ui.press("a", until=lambda: not curate.draft.state.seed.is_empty())
        await curate.draft.autosave()
        await curate.draft.save("shop", "", ())
        await squeeze(PreviewScreen, "3")
        await squeeze(TemplatesScreen, "4")
        await ui.back_to(screen, "1")
        screen.table.focus()
        screen.table.goto(0)
        await ui.press("space")
        screen.table.goto(3)
        await ui.press("space")
        await squeeze(CompareScreen, "m")


async def test_the_current_folder_is_deleted(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    async with opened(tmp_path, recordings, size=(120, 40)) as ui:
        screen = await ui.sessions(12)
        screen.table.goto(session_ids(screen).index(MARATHON))
        gone.rmdir()
        await ui.screen(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
        await ui.screen(PreviewScreen, "a", "p")
        await ui.shows("kept by hand")
        assert ui.app.draft is not None
        await ui.app.draft.save("shop", "", ())
        await ui.screen(TemplatesScreen, "4")
        await ui.shows("shop")


def test_commands_in_a_deleted_folder(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WARMTUI_LIBRARY", str(tmp_path / "library.db"))
    assert main(["extract", "--source", str(recordings), MARATHON, "--name", "shop"]) == 0
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    capsys.readouterr()
    for words in (["test", "shop"], ["export", "shop"], ["sessions", "--source", "state.db"]):
        assert main(words) == 2, words
        assert "the current folder is gone" in capsys.readouterr().err
    assert main(["test", "shop", "--cwd", str(tmp_path)]) == 0
