"""First run, by keyboard, on the recordings and on nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ui import Ui, opened

from warmtui.curation.candidates import worth
from warmtui.model.session import SessionKey
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.screen import SessionsScreen

pytestmark = pytest.mark.size(140, 40)


async def beginning(ui: Ui) -> FirstRunScreen:
    await ui.sessions()
    return await ui.screen(FirstRunScreen, "f", until=lambda screen: screen.of and screen.done == screen.of)


async def test_it_says_what_was_found_and_the_three_most_worth_a_template(
    app: WarmtuiApp, ui: Ui, recordings: Path
) -> None:
    screen = await beginning(ui)
    shown = ui.text
    assert "hermes  12 sessions, 2 empty" in shown
    assert recordings.name in shown
    points = {}
    for row in screen.sessions():
        points[row.key] = worth((await app.workspace.sessions.findings_of(row.key)).candidates)
    assert [session.points for session in screen.rows.found] == sorted(points.values(), reverse=True)[:3]
    assert screen.rows.found[0].points == points[screen.rows.found[0].key]
    assert all(item.reason in shown for item in screen.rows.found)


async def test_several_places_stand_in_columns(tmp_path: Path, recordings: Path) -> None:
    chats = tmp_path / "chats.jsonl"
    chats.write_text(json.dumps({"id": "s1", "messages": [{"role": "user", "content": "feed the walrus"}]}))
    async with opened(tmp_path, recordings, chats, size=(140, 40)) as ui:
        await ui.sessions(13)
        await ui.screen(FirstRunScreen, "f")
        places = [line for line in ui.text.splitlines() if str(tmp_path) in line]
        assert [line.split(str(tmp_path))[0].rstrip() for line in places] == [
            "    hermes  12 sessions, 2 empty",
            "    openai  1 session",
        ]
        assert len({line.index(str(tmp_path)) for line in places}) == 1


async def test_enter_opens_the_preview_of_a_draft_with_the_suggestion(app: WarmtuiApp, ui: Ui) -> None:
    screen = await beginning(ui)
    first = screen.rows.found[0].key
    await ui.screen(PreviewScreen, "enter")
    assert app.draft is not None
    assert app.draft.name.endswith(first.id)
    assert not app.draft.state.seed.is_empty()
    await ui.screen(CurateScreen, "escape")
    await ui.until(lambda: app.draft is not None and app.draft.autosaved_at is not None)


@pytest.mark.size(80, 24)
@pytest.mark.parametrize("leave", ["escape", "f"])
async def test_leaving_ends_the_search_and_the_list_is_there(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch, leave: str
) -> None:
    searched: list[SessionKey] = []

    async def search_forever(session: SessionKey) -> None:
        searched.append(session)
        await asyncio.Event().wait()

    monkeypatch.setattr(app.workspace.sessions, "findings_of", search_forever)
    await ui.sessions()
    screen = await ui.screen(FirstRunScreen, "f", until=lambda _: searched)
    await ui.screen(SessionsScreen, leave)
    await ui.until(
        lambda: not [worker for worker in app.workers if worker.node is screen and worker.is_running]
    )


async def test_with_nothing_found_it_says_where_it_looked_and_how_to_point_it(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(140, 30)) as ui:
        await ui.screen(SessionsScreen)
        screen = await ui.screen(FirstRunScreen, "f")
        for words in ("Hermes: ~/hermes/state.db does not exist", "Claude Code: ~", "--source", "press d"):
            assert words in ui.text
        assert screen.check_action("take", ()) is None


@pytest.mark.size(120, 30)
async def test_d_runs_the_demo_and_no_code_of_the_current_folder(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder can hold a `warmtui.py`, or a module that we import; neither may run."""
    started: list[list[str]] = []
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    for name in ("warmtui", "gc", "pathlib", "rich", "textual"):
        (hostile / f"{name}.py").write_text("raise SystemExit('code of the current folder ran')")

    @contextmanager
    def suspended() -> Iterator[None]:
        yield

    def call(command: list[str]) -> int:
        started.append(command)
        return 0

    await beginning(ui)
    monkeypatch.setattr(app, "suspend", suspended)
    monkeypatch.setattr(subprocess, "call", call)
    await ui.press("d", until=lambda: started)
    assert started[0][-3:] == ["-m", "warmtui", "demo"]
    words = [*started[0], "--help"]
    done = await asyncio.to_thread(subprocess.run, words, cwd=hostile, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Do the whole job" in done.stdout


async def test_it_comes_by_itself_only_where_nothing_was_kept_and_nothing_was_begun(
    tmp_path: Path, recordings: Path
) -> None:
    async with opened(tmp_path, recordings, welcome=True) as ui:
        await ui.screen(FirstRunScreen)
        await ui.press("escape")
        await ui.sessions()
        assert not ui.app.welcome


async def test_it_comes_by_itself_where_no_agent_is_found(tmp_path: Path) -> None:
    async with opened(tmp_path, size=(80, 24), welcome=True) as ui:
        await ui.screen(FirstRunScreen)
        assert "press d" in ui.text
        await ui.screen(SessionsScreen, "escape")
        # the list says it once, and how to get back here
        await ui.shows("f says where to begin")
        assert ui.text.count("no agent's sessions were found") == 1
