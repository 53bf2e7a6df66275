"""Two sessions side by side, by keyboard, on the recordings."""

from __future__ import annotations

from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import (
    expect_screen,
    hostile_characters,
    screen_lines,
    screen_text,
    session_keys,
    toast_text,
    wait_for,
)
from textual.pilot import Pilot
from textual.widgets import Static

from warmtui.curation.editing import is_picked
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import NO_CALL, CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace

MARATHON = "20261120_094736_8895c1"
TOTALS = "20261120_094657_b4cc5c"


async def listed(pilot: Pilot[None]) -> SessionsScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    sessions = await expect_screen(pilot, SessionsScreen)
    await wait_for(pilot, lambda: len(sessions.rows) == 12 and not app.workspace.sessions.waiting)
    return sessions


async def comparing(pilot: Pilot[None]) -> CompareScreen:
    """Mark two sessions and compare them; the list is newest first, so the marathon is the first."""
    sessions = await listed(pilot)
    ids = [key.id for key in session_keys(sessions.rows)]
    for session_id in (MARATHON, TOTALS):
        sessions.table.goto(ids.index(session_id))
        await pilot.press("space")
    await wait_for(pilot, lambda: len(sessions.table.chosen()) == 2)
    await pilot.press("m")
    screen = await expect_screen(pilot, CompareScreen)
    await wait_for(pilot, lambda: len(screen.rows) > 0)
    return screen


async def test_one_marked_session_is_compared_with_that_under_the_cursor(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        sessions = await listed(pilot)
        ids = [key.id for key in session_keys(sessions.rows)]
        sessions.table.goto(ids.index(TOTALS))
        assert sessions.why_not("compare") == "mark two sessions with space first"
        await pilot.press("space")
        await wait_for(pilot, lambda: sessions.why_not("compare") == "go to the other session first")
        sessions.table.goto(ids.index(MARATHON))
        await pilot.press("m")
        await wait_for(pilot, lambda: isinstance(app.screen, CompareScreen))
        assert app.compared is not None
        assert [key.id for key in app.compared] == [TOTALS, MARATHON]


def crumbs(screen: CompareScreen) -> str:
    return str(screen.query_one(".crumbs", Static).content)


def status(screen: CompareScreen) -> str:
    return str(screen.query_one(".status", Static).content)


def to_step(screen: CompareScreen, side: int, outcome: str) -> int:
    """Put the cursor on the first step with such a call on a side; return the call's number."""
    for index, entry in enumerate(screen.rows.entries):
        call = entry.calls[side]
        if call is not None and call.outcome == outcome and not call.housekeeping:
            screen.table.goto(index)
            return call.index
    raise AssertionError(f"no {outcome} call on side {side}")


async def test_everything_stands_side_by_side(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        screen.table.goto(0)
        await pilot.pause()
        shown = screen_text(pilot)
        assert "Coupon marathon" in shown
        assert "Fix cart totals" in shown
        assert "90 (78-96) of 42" in shown
        headings = [entry.label for entry in screen.rows.entries if entry.kind == "heading"]
        assert headings == [
            "Figures",
            "Tools",
            "Task types",
            "Notable",
            "The person",
            "Where things are",
            "Recoveries",
            "Errors",
            "Turn by turn",
        ]
        whole = " ".join(f"{entry.label} {entry.cells}" for entry in screen.rows.entries)
        assert "p-value" not in whole
        assert "not a test" in shown
        comparison = screen.comparison
        assert comparison is not None
        steps = [entry for entry in screen.rows.entries if entry.kind == "step"]
        assert len(steps) == len(comparison.timeline.steps)
        assert sum(entry.starts for entry in steps) == len(comparison.timeline.differences)


async def test_a_wide_screen_draws_how_reliable_each_tool_was(app: WarmtuiApp) -> None:
    async with app.run_test(size=(200, 50)) as pilot:
        await comparing(pilot)
        line = next(line for line in screen_lines(pilot) if line.startswith("  terminal "))
        assert line.count("┼") == 2, "a bar on either side"
        messages = next(line for line in screen_lines(pilot) if line.startswith("  messages "))
        assert line.rindex("+3 (") == messages.rindex("+80"), "differences stand below each other"


async def test_the_mark_between_figures_agrees_with_the_difference_beside_them(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        figures = [entry for entry in screen.rows.entries if entry.kind == "figure" and entry.difference]
        told = [entry for entry in figures if entry.difference != "–"]
        assert {entry.mark for entry in told} == {"=", "≠"}
        for entry in told:
            alike = entry.difference.split()[0] == "0"
            assert entry.mark == ("=" if alike else "≠"), entry
        assert any(entry.mark == "=" and entry.cells.first != entry.cells.second for entry in told)


async def test_the_caution_in_the_head_is_whole_or_short(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        await comparing(pilot)
        assert "a description of these two, not a test" in screen_lines(pilot)[0]


async def test_the_caution_in_the_head_is_short_where_it_would_be_cut(app: WarmtuiApp) -> None:
    async with app.run_test(size=(60, 24)) as pilot:
        await comparing(pilot)
        assert screen_lines(pilot)[0].rstrip().endswith("  not a test")


async def test_n_goes_through_every_difference_and_around(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        starts = screen.rows.starts
        assert screen.table.cursor == starts[0]
        seen = [starts[0]]
        for _ in starts[1:]:
            await pilot.press("n")
            seen.append(screen.table.cursor)
        assert seen == list(starts)
        assert all(screen.rows.entries[index].differs for index in seen)
        assert f"difference {len(starts)} of {len(starts)}" in crumbs(screen)
        await pilot.press("right_square_bracket")
        assert screen.table.cursor == starts[0]
        assert "on from the other end: the first difference" in toast_text(app)
        await pilot.press("N")
        assert screen.table.cursor == starts[-1]
        assert "on from the other end: the last difference" in toast_text(app)
        await pilot.press("left_square_bracket")
        assert screen.table.cursor == starts[-2]


async def test_swap_turns_the_sides_and_the_signs_round(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        index = screen.rows.index_of("figure messages")
        assert index is not None
        before = screen.rows.entries[index]
        screen.table.goto(index)
        await pilot.press("s")
        await wait_for(pilot, lambda: screen.rows.titles.first == "Fix cart totals")
        after = screen.rows.entries[screen.table.cursor]
        assert after.key == before.key
        assert after.cells == before.cells[::-1]
        assert {before.difference[0], after.difference[0]} == {"+", "−"}
        assert screen.rows.side == 1
        assert [key.id for key in app.compared or ()] == [TOTALS, MARATHON]


async def test_c_puts_the_call_into_the_draft_of_its_session(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        screen = await comparing(pilot)
        to_step(screen, 1, "ok")
        await pilot.press("tab")
        assert screen.rows.side == 1
        await pilot.press("c")
        await wait_for(pilot, lambda: app.draft is not None)
        draft = app.draft
        assert draft is not None
        assert draft.name.endswith(TOTALS)
        taken = [offer for offer in draft.offers.values() if is_picked(draft.state, offer)]
        assert [offer.source.id for offer in taken] == [TOTALS]
        assert await app.workspace.library.get_draft(draft.name) is not None
        await pilot.press("c")
        await wait_for(pilot, lambda: "has it already" in toast_text(app))
        assert app.draft is draft
        await pilot.press("2")
        await wait_for(pilot, lambda: isinstance(app.screen, CurateScreen))


async def test_z_takes_a_call_out_of_its_draft_again(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        screen = await comparing(pilot)
        assert "no call" in screen.why_not("undo")
        to_step(screen, 0, "ok")
        await pilot.press("c")
        await wait_for(pilot, lambda: "z takes it out" in toast_text(app))
        draft = app.draft
        assert draft is not None
        assert not screen.why_not("undo")
        await pilot.press("z")
        await wait_for(pilot, lambda: "undone" in toast_text(app))
        assert draft.state.seed.is_empty()
        assert "no call" in screen.why_not("undo")
        await pilot.press("c")
        await wait_for(pilot, lambda: not screen.why_not("undo"))
        draft.undo()
        assert "changed since" in screen.why_not("undo")


async def test_a_call_that_failed_brings_its_recovery_or_says_why_not(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        screen = await comparing(pilot)
        recovered = {index for recovery in screen.found[0].recoveries for index in recovery.failures}
        failed = [
            (index, call)
            for index, entry in enumerate(screen.rows.entries)
            if (call := entry.calls[0]) is not None and call.outcome == "error"
        ]
        lost = next(index for index, call in failed if call.index not in recovered)
        screen.table.goto(lost)
        await pilot.press("c")
        await wait_for(pilot, lambda: "nothing after it is seen to have fixed it" in toast_text(app))
        before = app.draft
        assert before is None
        screen.table.goto(next(index for index, call in failed if call.index in recovered))
        await pilot.press("c")
        await wait_for(pilot, lambda: app.draft is not None)
        assert app.draft is not None
        assert len(app.draft.state.seed.recoveries) == 1


async def test_c_is_grey_where_no_call_stands_and_says_why(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        screen = await comparing(pilot)
        assert screen.check_action("draft", ()) is None
        await pilot.press("c")
        await wait_for(pilot, lambda: NO_CALL in toast_text(app))
        to_step(screen, 0, "ok")
        await pilot.pause()
        assert screen.check_action("draft", ()) is True


async def test_enter_opens_the_timeline_of_the_side(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        await pilot.press("l", "enter")
        timeline = await expect_screen(pilot, TimelineScreen)
        assert timeline.session_key.id == TOTALS
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen)
        await pilot.press("h")
        assert screen.rows.side == 0


async def test_enter_on_a_call_opens_the_timeline_at_it(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        to_step(screen, 0, "ok")
        await pilot.pause()
        entry, side = screen.rows.entry(screen.table.cursor), screen.call_side()
        assert entry is not None
        assert side is not None
        call = entry.calls[side]
        assert call is not None
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, TimelineScreen) and len(app.screen.rows))
        timeline = app.screen
        assert isinstance(timeline, TimelineScreen)
        await wait_for(
            pilot, lambda: (here := timeline.current()) is not None and here.call_index == call.index
        )


async def test_5_goes_to_the_last_pair_or_says_how_to_get_one(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await listed(pilot)
        await pilot.press("5")
        await wait_for(pilot, lambda: "mark two sessions" in toast_text(app))
        await comparing(pilot)
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        await pilot.press("5")
        again = await expect_screen(pilot, CompareScreen)
        assert [key.id for key in again.keys] == [MARATHON, TOTALS]
        await pilot.press("5")
        assert app.screen is again


async def test_the_line_below_says_outcome_and_reason_of_both_calls(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await comparing(pilot)
        to_step(screen, 0, "error")
        await pilot.pause()
        entry = screen.rows.entries[screen.table.cursor]
        call = entry.calls[0]
        assert call is not None
        assert f"1 error {call.error_type}" in status(screen)
        assert call.reason[:40] in status(screen)


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (20, 5)])
@pytest.mark.slow
async def test_it_fits_any_screen(app: WarmtuiApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await comparing(pilot)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        for _ in range(4):
            await pilot.press("pagedown")
            assert all(len(line) == size[0] for line in screen_lines(pilot))
        screen.table.goto(screen.rows.index_of("figure reliability") or 0)
        await pilot.pause()
        if size[0] >= 80:
            shown = screen_text(pilot)
            figure = screen.rows.entries[screen.table.cursor]
            assert f"{figure.cells.first} " in shown
            assert f"{figure.cells.second} " in shown
            assert figure.difference in shown
            assert ("━" in shown) == (size[0] == 200)


async def test_ascii_signs_alone_where_only_they_can_be_shown(tmp_path: Path, recordings: Path) -> None:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        app = WarmtuiApp(workspace, ascii_only=True)
        async with app.run_test(size=(120, 30)) as pilot:
            screen = await comparing(pilot)
            to_step(screen, 0, "error")
            await pilot.pause()
            shown = screen_text(pilot)
            assert not set("≠↘↗✓✗▸") & set(shown)


HOSTILE = "[/] [@click=app.quit]x[/] \x1b]52;c;aGk=\x07 \u202eevil\x00 \ud800"


async def test_strangers_text_is_only_ever_text(tmp_path: Path) -> None:
    path = tmp_path / "hostile.db"
    db = hermes.create(path)
    for number in range(2):
        hermes.session(db, f"s{number}", started_at=1000.0 + number, title=HOSTILE.replace("\ud800", ""))
        hermes.said(db, f"s{number}", "user", HOSTILE.replace("\ud800", ""), timestamp=1000.0 + number)
    db.close()
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(path)], environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(120, 30)) as pilot:
            await wait_for(
                pilot, lambda: len(workspace.sessions.table) == 2 and not workspace.sessions.waiting
            )
            app.compare(*list(workspace.sessions.table)[:2])
            screen = await expect_screen(pilot, CompareScreen)
            await wait_for(pilot, lambda: len(screen.rows) > 0)
            await pilot.press("G")
            shown = "\n".join(screen_lines(pilot))
            assert "evil" in shown
            assert hostile_characters(shown) == set()


async def test_a_session_that_went_away_is_said_in_words(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        sessions = await listed(pilot)
        there = session_keys(sessions.rows)[0]
        app.compare(there, there._replace(id="gone"))
        await wait_for(pilot, lambda: "is gone" in toast_text(app))
        assert isinstance(app.screen, CompareScreen)
        assert "is gone" in screen_text(pilot)
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is sessions)
