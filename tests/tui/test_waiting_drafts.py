"""Drafts that `warmtui auto` made: named on the first screen, opened, saved and dropped by key."""

from __future__ import annotations

from pathlib import Path

import hermes_db as hermes
import pytest
from ui import Ui

from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.sessions.waiting_drafts import WaitingDraftsScreen

OK = '{"output": "3 passed", "exit_code": 0, "error": null}'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two projects of two sessions each."""
    db = hermes.create(tmp_path / "state.db")
    for number, folder in enumerate(("shop", "shop", "till", "till")):
        name, at = f"s{number}", 1_000.0 + 10 * number
        hermes.session(db, name, started_at=at, cwd=f"/home/dev/{folder}")
        hermes.said(db, name, "user", f"step {number}", timestamp=at)
        hermes.called(db, name, ("c", "terminal", {"command": f"make test-{folder}"}), timestamp=at + 1)
        hermes.answered(db, name, "c", OK, timestamp=at + 2)
    db.close()
    return tmp_path / "state.db"


async def waiting(ui: Ui) -> WaitingDraftsScreen:
    await ui.sessions(4)
    await ui.app.workspace.auto.run()
    ui.app.count_waiting()
    await ui.shows("2 drafts wait, key w shows them")
    return await ui.screen(WaitingDraftsScreen, "w", until=lambda screen: len(screen.rows) == 2)


@pytest.mark.size(120, 30)
async def test_both_first_screens_say_what_waits(ui: Ui) -> None:
    screen = await waiting(ui)
    await ui.shows("2 lessons from 2 sessions")
    await ui.back_to(ui.app.screen_stack[0], "escape")
    assert isinstance(ui.app.screen, SessionsScreen)
    await ui.screen(FirstRunScreen, "f")
    await ui.shows("2 drafts wait, key w shows them")
    assert screen.rows.drafts[0].project in ("shop", "till")


@pytest.mark.size(120, 30)
async def test_a_draft_opens_and_is_saved_only_by_the_person(ui: Ui) -> None:
    screen = await waiting(ui)
    project = screen.rows.drafts[0].project
    await ui.screen(CurateScreen, "enter")
    draft = ui.app.draft
    assert draft is not None
    assert draft.state.name == project
    assert len(draft.candidates) >= 1
    assert (await ui.app.workspace.library.listing()).templates == ()
    await draft.save(project, "", ())
    await ui.back_to(screen, "escape")
    await ui.until(lambda: len(screen.rows) == 1 and ui.app.waiting_drafts == 1)
    report = await ui.app.workspace.auto.run()
    assert [project.status for project in report.projects] == ["unchanged", "unchanged"]
    assert report.waiting == 1


@pytest.mark.size(80, 24)
async def test_a_dropped_draft_is_gone_and_w_says_so(ui: Ui) -> None:
    screen = await waiting(ui)
    await ui.press("x", shows="dropped the draft of")
    await ui.until(lambda: len(screen.rows) == 1)
    await ui.press("x")
    await ui.shows("No draft waits.")
    await ui.back_to(ui.app.screen_stack[0], "escape")
    await ui.until(lambda: ui.app.waiting_drafts == 0)
    await ui.press("w", shows="no draft waits; the command")
