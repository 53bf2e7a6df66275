"""Curate and preview, by keyboard, on the recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kept_drafts import drafts_in
from rich.text import Text
from textual.widgets import Input, TextArea
from ui import Ui, picked

from warmtui.curation.candidates.deduplicate import SHOWN_BY_RECOVERY
from warmtui.curation.editing import load, total
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Form
from warmtui.tui.list.row_source import RowState
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen

pytestmark = pytest.mark.size(140, 40)


async def test_space_picks_and_z_takes_it_back(ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("space", until=lambda: picked(screen) == 1)
    await ui.press("z", until=lambda: picked(screen) == 0)
    await ui.press("Z", until=lambda: picked(screen) == 1)


async def test_a_group_counts_what_the_suggestion_takes_of_it_as_worth_keeping(ui: Ui) -> None:
    screen = await ui.curate()
    offers = [candidate for candidate in screen.draft.candidates if candidate.kind == "tool_example"]
    shown = [candidate for candidate in offers if SHOWN_BY_RECOVERY in candidate.reasons]
    assert shown, "a call that a recovery shows already"
    count = sum(candidate.worth_keeping for candidate in offers) + len(shown)
    heading = next(row for row in screen.candidate_rows.rows if str(row).startswith("Tool calls"))
    assert heading == f"Tool calls  {count} of {len(offers)} worth keeping"
    row = screen.candidate_rows.index_of(shown[0].id)
    assert row is not None
    for marked, words in ((False, SHOWN_BY_RECOVERY), (True, "shows the call that a recovery tells of")):
        lines = screen.candidate_rows.render(row, 100, RowState(cursor=False, marked=marked, focused=True))
        why = lines[1]
        assert isinstance(why, Text)
        assert why.plain.startswith(words)


async def test_the_suggestion_fits_the_budget_and_clear_empties_it(ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("a", until=lambda: picked(screen) > 3)
    assert 0 < total(screen.draft.parts()) <= 2000
    assert len(screen.draft.state.seed.recoveries) == 3
    await ui.press("X", until=lambda: screen.draft.state.seed.is_empty())


async def test_why_nothing_is_suggested_is_said(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()

    async def said_of_the_suggestion() -> str:
        await ui.press("a")
        await ui.pause()
        return ui.toasts[-1]

    assert (await said_of_the_suggestion()).startswith("took ")
    while (said := await said_of_the_suggestion()).startswith("took "):
        continue
    assert said == "nothing else here is worth keeping by itself; space picks by hand"
    await ui.press("X")
    settings = app.workspace.settings
    app.workspace.context.settings = settings._replace(thresholds=settings.thresholds._replace(tokens=90))
    while (said := await said_of_the_suggestion()).startswith("took "):
        continue
    assert said.endswith("over the limits: 90 tokens, 3 recoveries, 5 examples")
    assert picked(screen) < 7


async def test_items_move_and_go(ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("a", "tab", until=lambda: screen.item_list.has_focus)
    ids = [recovery.id for recovery in screen.draft.state.seed.recoveries]
    screen.item_list.goto_key(ids[0])
    await ui.press("J", until=lambda: screen.draft.state.seed.recoveries[1].id == ids[0])
    assert screen.current_item() == ids[0], "the cursor goes with it"
    await ui.press("m", until=lambda: screen.draft.state.seed.recoveries[1].shown_as == "messages")
    await ui.press("x", until=lambda: len(screen.draft.state.seed.recoveries) == 2)


async def test_typing_in_the_editor_changes_the_draft_and_says_what_is_wrong(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("e", until=lambda: isinstance(app.focused, TextArea | Input))
    areas = [widget for widget in screen.editor.query(TextArea) if "unittest" in widget.text]
    areas[0].text = '{"command": '
    await ui.until(lambda: any(problem.kind == "invalid" for problem in screen.draft.problems()))
    assert "unittest" in screen.draft.state.seed.recoveries[0].fixed.arguments, "the valid value stays"
    areas[0].text = '{"command": "make test"}'
    fixed = '{"command": "make test"}'
    await ui.until(lambda: screen.draft.state.seed.recoveries[0].fixed.arguments == fixed)
    await ui.press("escape", until=lambda: screen.candidate_list.has_focus)


async def test_the_editor_shows_the_item_it_was_opened_for(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("space", "j", "j", "e")
    third = screen.candidate_rows.candidate(screen.candidate_list.cursor)
    assert third is not None
    await ui.until(lambda: screen.editor.item == third.id)
    await ui.until(lambda: isinstance(app.focused, TextArea | Input))
    await ui.press("escape", "tab", until=lambda: screen.item_list.has_focus)


async def test_the_draft_is_kept_within_a_second_and_found_again(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("a", until=lambda: screen.draft.autosaved_at is not None and picked(screen) > 3)
    await screen.draft.autosave()
    [kept] = drafts_in(app.workspace.library.path)
    assert load(kept.content).state.seed == screen.draft.state.seed
    await ui.screen(SessionsScreen, "escape")
    again = await ui.curate()
    assert again is not screen
    assert again.draft.restored
    assert again.draft.state.seed == screen.draft.state.seed


async def test_a_change_just_before_leaving_is_kept(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("space", until=lambda: picked(screen) == 1)
    await screen.draft.autosave()
    assert not screen.draft.unsaved
    await ui.screen(SessionsScreen, "a", "escape", until=lambda _: not screen.draft.unsaved)
    [kept] = drafts_in(app.workspace.library.path)
    assert load(kept.content).state.seed == screen.draft.state.seed


@pytest.mark.slow
@pytest.mark.size(80, 24)
async def test_from_start_to_a_saved_and_exported_template(app: WarmtuiApp, ui: Ui, tmp_path: Path) -> None:
    screen = await ui.curate()
    await ui.screen(PreviewScreen, "a", "p")
    await ui.shows("kept by hand")
    await ui.press("o", shows='"role": "user"')
    await ui.screen(Form, "w")
    app.screen.query_one("#ask-name", Input).value = "shop conventions"
    await ui.press("enter", until=lambda: screen.draft.state.base is not None)
    [saved] = (await app.workspace.library.listing()).templates
    assert saved.name == "shop conventions"
    await ui.screen(PreviewScreen)
    await ui.screen(Form, "x")
    await ui.press("enter", until=lambda: list(tmp_path.glob("shop-conventions-*.json")))
    [file] = tmp_path.glob("shop-conventions-*.json")
    exported = await app.workspace.templates.export("shop conventions", "hermes-prefill", None)
    assert file.read_bytes() == exported.data
    assert json.loads(file.read_text())[0]["role"] == "user"
    await ui.screen(CurateScreen, "escape")
    await ui.screen(SessionsScreen, "escape")


@pytest.mark.size(80, 24)
async def test_narrow_shows_one_pane_at_a_time(ui: Ui) -> None:
    screen = await ui.curate()
    assert screen.candidate_list.display
    assert not screen.item_list.display
    await ui.press("tab", until=lambda: screen.item_list.display and not screen.candidate_list.display)


@pytest.mark.slow
async def test_o_reads_on_in_the_session_that_an_item_is_from(ui: Ui) -> None:
    screen = await ui.curate()
    for press in ("j", "space", "tab"):  # not picked yet, picked, in the draft
        await ui.press(press, until=lambda: screen.current_item() != "" or not picked(screen))
        await ui.screen(TimelineScreen, "o")
        await ui.shows("▸    45 ✗ error")
        await ui.back_to(screen, "escape")
    await ui.press("X")
    assert screen.why_not("source") == "the cursor is on nothing that is from a session"
