"""Curate and preview, by keyboard, on the recordings."""

from __future__ import annotations

import json
from pathlib import Path

from curating import curating, picked
from kept_drafts import drafts_in
from pilots import screen_text, toasts, wait_for
from rich.text import Text
from textual.widgets import Input, TextArea

from warmtui.curation.candidates.deduplicate import SHOWN_BY_RECOVERY
from warmtui.curation.editing import load, total
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Form
from warmtui.tui.list.row_source import RowState
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen


async def test_space_picks_and_z_takes_it_back(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("space")
        await wait_for(pilot, lambda: picked(screen) == 1)
        await pilot.press("z")
        await wait_for(pilot, lambda: picked(screen) == 0)
        await pilot.press("Z")
        await wait_for(pilot, lambda: picked(screen) == 1)


async def test_a_group_counts_what_the_suggestion_takes_of_it_as_worth_keeping(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        offers = [candidate for candidate in screen.draft.candidates if candidate.kind == "tool_example"]
        shown = [candidate for candidate in offers if SHOWN_BY_RECOVERY in candidate.reasons]
        assert shown, "a call that a recovery shows already"
        count = sum(candidate.worth_keeping for candidate in offers) + len(shown)
        heading = next(row for row in screen.candidate_rows.rows if str(row).startswith("Tool calls"))
        assert heading == f"Tool calls  {count} of {len(offers)} worth keeping"
        row = screen.candidate_rows.index_of(shown[0].id)
        assert row is not None
        for marked, words in ((False, SHOWN_BY_RECOVERY), (True, "shows the call that a recovery tells of")):
            lines = screen.candidate_rows.render(
                row, 100, RowState(cursor=False, marked=marked, focused=True)
            )
            why = lines[1]
            assert isinstance(why, Text)
            assert why.plain.startswith(words)


async def test_a_range_is_picked_at_once(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("v", "j", "j", "space")
        await wait_for(pilot, lambda: picked(screen) == 3)


async def test_the_suggestion_fits_the_budget_and_clear_empties_it(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("a")
        await wait_for(pilot, lambda: picked(screen) > 3)
        assert 0 < total(screen.draft.parts()) <= 2000
        assert len(screen.draft.state.seed.recoveries) == 3
        await pilot.press("X")
        await wait_for(pilot, lambda: screen.draft.state.seed.is_empty())


async def test_why_nothing_is_suggested_is_said(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        screen = await curating(pilot)

        async def said_of_the_suggestion() -> str:
            await pilot.press("a")
            await pilot.pause()
            return toasts(app)[-1]

        assert (await said_of_the_suggestion()).startswith("took ")
        while (said := await said_of_the_suggestion()).startswith("took "):
            continue
        assert said == "nothing else here is worth keeping by itself; space picks by hand"
        await pilot.press("X")
        settings = app.workspace.settings
        app.workspace.context.settings = settings._replace(thresholds=settings.thresholds._replace(tokens=90))
        while (said := await said_of_the_suggestion()).startswith("took "):
            continue
        assert said.endswith("over the limits: 90 tokens, 3 recoveries, 5 examples")
        assert picked(screen) < 7


async def test_items_move_and_go(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("a", "tab")
        await wait_for(pilot, lambda: screen.item_list.has_focus)
        ids = [recovery.id for recovery in screen.draft.state.seed.recoveries]
        screen.item_list.goto_key(ids[0])
        await pilot.press("J")
        await wait_for(pilot, lambda: screen.draft.state.seed.recoveries[1].id == ids[0])
        assert screen.current_item() == ids[0], "the cursor goes with it"
        await pilot.press("m")
        await wait_for(pilot, lambda: screen.draft.state.seed.recoveries[1].shown_as == "messages")
        await pilot.press("x")
        await wait_for(pilot, lambda: len(screen.draft.state.seed.recoveries) == 2)


async def test_typing_in_the_editor_changes_the_draft_and_says_what_is_wrong(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("e")
        await wait_for(pilot, lambda: isinstance(app.focused, TextArea | Input))
        areas = [widget for widget in screen.editor.query(TextArea) if "unittest" in widget.text]
        areas[0].text = '{"command": '
        await wait_for(pilot, lambda: any(problem.kind == "invalid" for problem in screen.draft.problems()))
        assert "unittest" in screen.draft.state.seed.recoveries[0].fixed.arguments, "the valid value stays"
        areas[0].text = '{"command": "make test"}'
        fixed = '{"command": "make test"}'
        await wait_for(pilot, lambda: screen.draft.state.seed.recoveries[0].fixed.arguments == fixed)
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.candidate_list.has_focus)


async def test_the_editor_shows_the_item_it_was_opened_for(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("space", "j", "j", "e")
        third = screen.candidate_rows.candidate(screen.candidate_list.cursor)
        assert third is not None
        await wait_for(pilot, lambda: screen.editor.item == third.id)
        await wait_for(pilot, lambda: isinstance(app.focused, TextArea | Input))
        await pilot.press("escape", "tab")
        await wait_for(pilot, lambda: screen.item_list.has_focus)


async def test_the_draft_is_kept_within_a_second_and_found_again(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("a")
        await wait_for(pilot, lambda: screen.draft.autosaved_at is not None and picked(screen) > 3)
        await wait_for(pilot, lambda: app.workspace is not None)
        await screen.draft.autosave()
        [kept] = drafts_in(app.workspace.library.path)
        assert load(kept.content).state.seed == screen.draft.state.seed
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        again = await curating(pilot)
        assert again is not screen
        assert again.draft.restored
        assert again.draft.state.seed == screen.draft.state.seed


async def test_a_change_just_before_leaving_is_kept(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        await pilot.press("space")
        await wait_for(pilot, lambda: picked(screen) == 1)
        await screen.draft.autosave()
        assert not screen.draft.unsaved
        await pilot.press("a", "escape")
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen) and not screen.draft.unsaved)
        [kept] = drafts_in(app.workspace.library.path)
        assert load(kept.content).state.seed == screen.draft.state.seed


async def test_from_start_to_a_saved_and_exported_template(app: WarmtuiApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await curating(pilot)
        await pilot.press("a", "p")
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await wait_for(pilot, lambda: "kept by hand" in screen_text(pilot))
        await pilot.press("o")
        await wait_for(pilot, lambda: '"role": "user"' in screen_text(pilot))
        await pilot.press("w")
        await wait_for(pilot, lambda: isinstance(app.screen, Form))
        app.screen.query_one("#ask-name", Input).value = "shop conventions"
        await pilot.press("enter")
        await wait_for(pilot, lambda: screen.draft.state.base is not None)
        [saved] = (await app.workspace.library.listing()).templates
        assert saved.name == "shop conventions"
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await pilot.press("x")
        await wait_for(pilot, lambda: isinstance(app.screen, Form))
        await pilot.press("enter")
        await wait_for(pilot, lambda: list(tmp_path.glob("shop-conventions-*.json")))
        [file] = tmp_path.glob("shop-conventions-*.json")
        exported = await app.workspace.templates.export("shop conventions", "hermes-prefill", None)
        assert file.read_bytes() == exported.data
        assert json.loads(file.read_text())[0]["role"] == "user"
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen))
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))


async def test_narrow_shows_one_pane_at_a_time(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await curating(pilot)
        assert screen.candidate_list.display
        assert not screen.item_list.display
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.item_list.display and not screen.candidate_list.display)


async def test_o_reads_on_in_the_session_that_an_item_is_from(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await curating(pilot)
        for press in ("j", "space", "tab"):  # not picked yet, picked, in the draft
            await pilot.press(press)
            await wait_for(pilot, lambda: screen.current_item() != "" or not picked(screen))
            await pilot.press("o")
            await wait_for(pilot, lambda: isinstance(app.screen, TimelineScreen), f"{press} to lead on")
            await wait_for(pilot, lambda: "▸    45 ✗ error" in screen_text(pilot), "its message")
            await pilot.press("escape")
            await wait_for(pilot, lambda: app.screen is screen)
        await pilot.press("X")
        assert screen.why_not("source") == "the cursor is on nothing that is from a session"
