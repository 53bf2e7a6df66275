"""Sessions at bad moments: gone, locked, damaged, replaced, growing; the clock, the terminal, the folder.

Each time: words about it, nothing lost, and the app goes on.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import expect_screen, screen_lines, screen_text, session_keys, wait_for
from textual.pilot import Pilot

from warmtui.cli.main import main
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace

pytestmark = pytest.mark.slow

MARATHON = "20261120_094736_8895c1"


@asynccontextmanager
async def running(
    source: Path, *, now: Callable[[], float] = time.time, size: tuple[int, int] = (120, 30)
) -> AsyncIterator[tuple[WarmtuiApp, Pilot[None]]]:
    """The app on one source, its library and home beside it."""
    folder = source.parent
    environ = {
        "HOME": str(folder),
        "WARMTUI_LIBRARY": str(folder / "library.db"),
        "HERMES_HOME": str(folder / "hermes"),
    }
    async with Workspace.open(sources=[str(source)], environ=environ, now=now) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield app, pilot


async def listed(app: WarmtuiApp, pilot: Pilot[None], count: int) -> SessionsScreen:
    """Wait for so many sessions in the list."""
    screen = await expect_screen(pilot, SessionsScreen)
    await wait_for(
        pilot, lambda: len(screen.rows) == count and not app.workspace.sessions.waiting, f"{count} rows"
    )
    return screen


def write(path: Path, *names: str) -> None:
    """Write a database with one session each."""
    db = hermes.create(path)
    for number, name in enumerate(names):
        hermes.session(db, name, started_at=1_000.0 + number, title=f"title of {name}")
        hermes.said(db, name, "user", "hello", timestamp=1_000.0 + number)
    db.close()


def said(pilot: Pilot[None], words: str) -> Callable[[], bool]:
    """Return a predicate: words are on the screen, wherever lines break."""
    return lambda: words in " ".join(screen_text(pilot).split())


async def test_a_database_that_is_missing_at_first(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    async with running(path) as (app, pilot):
        await wait_for(pilot, said(pilot, "does not exist"), "words")
        write(tmp_path / "new.db", "one", "two")
        (tmp_path / "new.db").rename(path)
        await listed(app, pilot, 2)
        await wait_for(pilot, lambda: not said(pilot, "does not exist")(), "the words to go")


async def test_a_database_that_vanishes_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    async with running(path) as (app, pilot):
        screen = await listed(app, pilot, 2)
        path.rename(tmp_path / "away.db")
        await wait_for(pilot, said(pilot, "is gone"), "words")
        assert len(screen.rows) == 2
        await pilot.press("j")
        assert screen.table.cursor == 1
        (tmp_path / "away.db").rename(path)
        await wait_for(pilot, lambda: not said(pilot, "is gone")(), "the words to go")
        assert len(screen.rows) == 2


async def test_a_database_that_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    async with running(path) as (app, pilot):
        screen = await listed(app, pilot, 2)
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        await wait_for(pilot, said(pilot, "stayed locked"), "words")
        await pilot.press("j")
        assert screen.table.cursor == 1
        hermes.session(db, "three", started_at=3_000.0, title="title of three")
        hermes.said(db, "three", "user", "hello", timestamp=3_000.0)
        db.execute("COMMIT")
        db.close()
        await listed(app, pilot, 3)
        await wait_for(pilot, lambda: not said(pilot, "stayed locked")(), "the words to go")


@pytest.mark.parametrize(
    "content", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 8_000]
)
async def test_a_database_that_is_overwritten_by_rubbish(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    whole = path.read_bytes()
    async with running(path) as (app, pilot):
        screen = await listed(app, pilot, 2)
        path.write_bytes(content)
        # the connection may still see pages it knows; a relisting at the latest sees that they are gone
        await wait_for(pilot, lambda: screen.table.troubles, "words")
        assert len(screen.rows) == 2
        await pilot.press("j", "enter")
        await wait_for(pilot, lambda: isinstance(app.screen, TimelineScreen))
        await pilot.press("escape")
        path.write_bytes(whole)
        await listed(app, pilot, 2)
        await wait_for(pilot, lambda: not screen.table.troubles, "the words to go")


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
    async with running(path) as (app, pilot):
        await listed(app, pilot, 200)
        await wait_for(pilot, said(pilot, "Could not be read"), "words")
        await pilot.press("j", "enter", "c", "f", "escape", "4", "1")
        path.write_bytes(whole)
        await listed(app, pilot, 200)
        await wait_for(pilot, lambda: not said(pilot, "Could not be read")(), "the words to go")


async def test_a_database_that_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two")
    write(tmp_path / "other.db", "other", "another", "third")
    async with running(path) as (app, pilot):
        screen = await listed(app, pilot, 2)
        (tmp_path / "other.db").rename(path)
        await listed(app, pilot, 3)
        await wait_for(pilot, said(pilot, "title of another"))
        assert {key.id for key in session_keys(screen.rows)} == {"other", "another", "third"}


async def test_ten_thousand_messages_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    write(path, "one", "two", "three")
    async with running(path) as (app, pilot):
        screen = await listed(app, pilot, 3)
        screen.table.goto([key.id for key in session_keys(screen.rows)].index("two"))
        held = screen.table.cursor_key
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, TimelineScreen) and len(app.screen.rows) == 1)
        timeline = app.screen
        assert isinstance(timeline, TimelineScreen)
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
        await wait_for(pilot, lambda: len(timeline.rows) > 7_000, "the timeline to grow")
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen)
        assert screen.table.cursor_key == held
        await wait_for(
            pilot,
            lambda: (row := screen.table.current()) and row.stats and row.stats.messages == 10_001,
            "the row's new figures",
        )


async def test_the_clock_jumps(tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + ahead[0])
    monkeypatch.chdir(tmp_path)
    async with running(recordings, now=time.time) as (app, pilot):
        screen = await listed(app, pilot, 12)
        held = screen.table.cursor_key
        await pilot.press("c")
        await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen) and len(app.screen.candidate_rows))
        for offset in (-3_600.0, 86_400.0, -86_400.0 * 365 * 60, 0.0):
            ahead[0] = offset
            await pilot.press("a", "z")
            assert app.draft is not None
            await app.draft.autosave()
            assert not app.draft.autosave_error
            await wait_for(pilot, said(pilot, "draft kept"))
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen)
        ahead[0] = -86_400.0 * 365 * 60
        shutil.copyfile(recordings, tmp_path / "copy.db")
        (tmp_path / "copy.db").rename(recordings)
        await pilot.press("s", "S", "s", "S")
        await listed(app, pilot, 12)
        await wait_for(pilot, said(pilot, "now"))
        assert screen.table.cursor_key == held


async def test_a_terminal_of_20_by_5_and_back_on_every_screen(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(recordings, size=(140, 40)) as (app, pilot):
        screen = await listed(app, pilot, 12)
        ids = [key.id for key in session_keys(screen.rows)]

        async def squeeze(kind: type, *keys: str) -> None:
            await pilot.press(*keys)
            await wait_for(pilot, lambda: isinstance(app.screen, kind), kind.__name__)
            place = app.screen
            focused = place.focused
            await pilot.resize_terminal(20, 5)
            await wait_for(pilot, lambda: len(screen_lines(pilot)) == 5)
            await pilot.press("j", "tab", "k", "tab", "pagedown", "g")
            assert isinstance(app.screen, kind)
            await pilot.resize_terminal(1, 1)
            await pilot.pause()
            await pilot.resize_terminal(140, 40)
            await wait_for(pilot, lambda: len(screen_lines(pilot)) == 40)
            assert app.screen is place
            assert focused is None or focused.is_attached
            assert len(screen_text(pilot)) > 200

        await squeeze(SessionsScreen)
        screen.table.goto(ids.index(MARATHON))
        await squeeze(TimelineScreen, "enter")
        await pilot.press("escape", "escape")
        await wait_for(pilot, lambda: app.screen is screen)
        await squeeze(FirstRunScreen, "f")
        await pilot.press("escape")
        screen.table.focus()
        screen.table.goto(ids.index(MARATHON))
        await squeeze(CurateScreen, "c")
        curate = app.screen
        assert isinstance(curate, CurateScreen)
        await wait_for(pilot, lambda: len(curate.candidate_rows))
        curate.candidate_list.focus()
        await pilot.press("a")
        await wait_for(pilot, lambda: not curate.draft.state.seed.is_empty())
        await curate.draft.autosave()
        await curate.draft.save("shop", "", ())
        await squeeze(PreviewScreen, "3")
        await squeeze(TemplatesScreen, "4")
        await pilot.press("1")
        await wait_for(pilot, lambda: app.screen is screen)
        screen.table.focus()
        screen.table.goto(0)
        await pilot.press("space")
        screen.table.goto(3)
        await pilot.press("space")
        await squeeze(CompareScreen, "m")


async def test_the_current_folder_is_deleted(
    tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    async with running(recordings, size=(120, 40)) as (app, pilot):
        screen = await listed(app, pilot, 12)
        screen.table.goto([key.id for key in session_keys(screen.rows)].index(MARATHON))
        gone.rmdir()
        await pilot.press("c")
        await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen) and len(app.screen.candidate_rows))
        await pilot.press("a", "p")
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await wait_for(pilot, said(pilot, "kept by hand"))
        assert app.draft is not None
        await app.draft.save("shop", "", ())
        await pilot.press("4")
        await wait_for(pilot, lambda: isinstance(app.screen, TemplatesScreen))
        await wait_for(pilot, said(pilot, "shop"))


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
