"""Two sessions side by side, by keyboard, on the recordings."""

from __future__ import annotations

import pytest
from ui import MARATHON, TOTALS, Ui, line

from warmtui.curation.editing import is_picked
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import NO_CALL, CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen

pytestmark = pytest.mark.size(140, 40)


async def comparing(ui: Ui) -> CompareScreen:
    """Mark two sessions and compare them; the list is newest first, so the marathon is the first."""
    for session in (MARATHON, TOTALS):
        sessions = await ui.goto(session)
        await ui.press("space")
    await ui.until(lambda: len(sessions.table.chosen()) == 2)
    return await ui.screen(CompareScreen, "m", until=lambda screen: len(screen.rows) > 0)


@pytest.mark.size(120, 36)
async def test_one_marked_session_is_compared_with_that_under_the_cursor(app: WarmtuiApp, ui: Ui) -> None:
    sessions = await ui.goto(TOTALS)
    assert sessions.why_not("compare") == "mark two sessions with space first"
    await ui.press("space", until=lambda: sessions.why_not("compare") == "go to the other session first")
    await ui.goto(MARATHON)
    await ui.screen(CompareScreen, "m")
    assert app.compared is not None
    assert [key.id for key in app.compared] == [TOTALS, MARATHON]


def to_step(screen: CompareScreen, side: int, outcome: str) -> int:
    """Put the cursor on the first step with such a call on a side; return the call's number."""
    for index, entry in enumerate(screen.rows.entries):
        call = entry.calls[side]
        if call is not None and call.outcome == outcome and not call.housekeeping:
            screen.table.goto(index)
            return call.index
    raise AssertionError(f"no {outcome} call on side {side}")


async def test_everything_stands_side_by_side(ui: Ui) -> None:
    screen = await comparing(ui)
    screen.table.goto(0)
    await ui.pause()
    shown = ui.text
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


@pytest.mark.size(200, 50)
async def test_a_wide_screen_draws_how_reliable_each_tool_was(ui: Ui) -> None:
    await comparing(ui)
    line = next(line for line in ui.lines if line.startswith("  terminal "))
    assert line.count("┼") == 2, "a bar on either side"
    messages = next(line for line in ui.lines if line.startswith("  messages "))
    assert line.rindex("+3 (") == messages.rindex("+80"), "differences stand below each other"


async def test_the_mark_between_figures_agrees_with_the_difference_beside_them(ui: Ui) -> None:
    screen = await comparing(ui)
    figures = [entry for entry in screen.rows.entries if entry.kind == "figure" and entry.difference]
    told = [entry for entry in figures if entry.difference != "–"]
    assert {entry.mark for entry in told} == {"=", "≠"}
    for entry in told:
        alike = entry.difference.split()[0] == "0"
        assert entry.mark == ("=" if alike else "≠"), entry
    assert any(entry.mark == "=" and entry.cells.first != entry.cells.second for entry in told)


@pytest.mark.size(120, 30)
async def test_the_caution_in_the_head_is_whole_or_short(ui: Ui) -> None:
    await comparing(ui)
    assert "a description of these two, not a test" in ui.lines[0]


@pytest.mark.size(60, 24)
async def test_the_caution_in_the_head_is_short_where_it_would_be_cut(ui: Ui) -> None:
    await comparing(ui)
    assert ui.lines[0].rstrip().endswith("  not a test")


async def test_n_goes_through_every_difference_and_around(ui: Ui) -> None:
    screen = await comparing(ui)
    starts = screen.rows.starts
    assert screen.table.cursor == starts[0]
    seen = [starts[0]]
    for _ in starts[1:]:
        await ui.press("n")
        seen.append(screen.table.cursor)
    assert seen == list(starts)
    assert all(screen.rows.entries[index].differs for index in seen)
    assert f"difference {len(starts)} of {len(starts)}" in line(screen, "crumbs")
    await ui.press("right_square_bracket")
    assert screen.table.cursor == starts[0]
    assert "on from the other end: the first difference" in ui.toast_text
    await ui.press("N")
    assert screen.table.cursor == starts[-1]
    assert "on from the other end: the last difference" in ui.toast_text
    await ui.press("left_square_bracket")
    assert screen.table.cursor == starts[-2]


async def test_swap_turns_the_sides_and_the_signs_round(app: WarmtuiApp, ui: Ui) -> None:
    screen = await comparing(ui)
    index = screen.rows.index_of("figure messages")
    assert index is not None
    before = screen.rows.entries[index]
    screen.table.goto(index)
    await ui.press("s", until=lambda: screen.rows.titles.first == "Fix cart totals")
    after = screen.rows.entries[screen.table.cursor]
    assert after.key == before.key
    assert after.cells == before.cells[::-1]
    assert {before.difference[0], after.difference[0]} == {"+", "−"}
    assert screen.rows.side == 1
    assert [key.id for key in app.compared or ()] == [TOTALS, MARATHON]


async def test_c_puts_the_call_into_the_draft_of_its_session(app: WarmtuiApp, ui: Ui) -> None:
    screen = await comparing(ui)
    to_step(screen, 1, "ok")
    await ui.press("tab")
    assert screen.rows.side == 1
    await ui.press("c", until=lambda: app.draft is not None)
    draft = app.draft
    assert draft is not None
    assert draft.name.endswith(TOTALS)
    taken = [offer for offer in draft.offers.values() if is_picked(draft.state, offer)]
    assert [offer.source.id for offer in taken] == [TOTALS]
    assert await app.workspace.library.get_draft(draft.name) is not None
    await ui.press("c", says="has it already")
    assert app.draft is draft
    await ui.screen(CurateScreen, "2")


async def test_z_takes_a_call_out_of_its_draft_again(app: WarmtuiApp, ui: Ui) -> None:
    screen = await comparing(ui)
    assert "no call" in screen.why_not("undo")
    to_step(screen, 0, "ok")
    await ui.press("c", says="z takes it out")
    draft = app.draft
    assert draft is not None
    assert not screen.why_not("undo")
    await ui.press("z", says="undone")
    assert draft.state.seed.is_empty()
    assert "no call" in screen.why_not("undo")
    await ui.press("c", until=lambda: not screen.why_not("undo"))
    draft.undo()
    assert "changed since" in screen.why_not("undo")


async def test_a_call_that_failed_brings_its_recovery_or_says_why_not(app: WarmtuiApp, ui: Ui) -> None:
    screen = await comparing(ui)
    recovered = {index for recovery in screen.found[0].recoveries for index in recovery.failures}
    failed = [
        (index, call)
        for index, entry in enumerate(screen.rows.entries)
        if (call := entry.calls[0]) is not None and call.outcome == "error"
    ]
    lost = next(index for index, call in failed if call.index not in recovered)
    screen.table.goto(lost)
    await ui.press("c", says="nothing after it is seen to have fixed it")
    before = app.draft
    assert before is None
    screen.table.goto(next(index for index, call in failed if call.index in recovered))
    await ui.press("c", until=lambda: app.draft is not None)
    assert app.draft is not None
    assert len(app.draft.state.seed.recoveries) == 1


async def test_c_is_grey_where_no_call_stands_and_says_why(ui: Ui) -> None:
    screen = await comparing(ui)
    assert screen.check_action("draft", ()) is None
    await ui.press("c", says=NO_CALL)
    to_step(screen, 0, "ok")
    await ui.pause()
    assert screen.check_action("draft", ()) is True


async def test_enter_opens_the_timeline_of_the_side(ui: Ui) -> None:
    screen = await comparing(ui)
    timeline = await ui.screen(TimelineScreen, "l", "enter")
    assert timeline.session_key.id == TOTALS
    await ui.back_to(screen, "escape")
    await ui.press("h")
    assert screen.rows.side == 0


async def test_enter_on_a_call_opens_the_timeline_at_it(ui: Ui) -> None:
    screen = await comparing(ui)
    to_step(screen, 0, "ok")
    await ui.pause()
    entry, side = screen.rows.entry(screen.table.cursor), screen.call_side()
    assert entry is not None
    assert side is not None
    call = entry.calls[side]
    assert call is not None
    timeline = await ui.screen(TimelineScreen, "enter", until=lambda screen: len(screen.rows))
    await ui.until(lambda: (here := timeline.current()) is not None and here.call_index == call.index)


@pytest.mark.size(120, 30)
async def test_5_goes_to_the_last_pair_or_says_how_to_get_one(app: WarmtuiApp, ui: Ui) -> None:
    await ui.sessions()
    await ui.press("5", says="mark two sessions")
    await comparing(ui)
    await ui.screen(SessionsScreen, "escape")
    again = await ui.screen(CompareScreen, "5")
    assert [key.id for key in again.keys] == [MARATHON, TOTALS]
    await ui.press("5")
    assert app.screen is again


async def test_the_line_below_says_outcome_and_reason_of_both_calls(ui: Ui) -> None:
    screen = await comparing(ui)
    to_step(screen, 0, "error")
    await ui.pause()
    entry = screen.rows.entries[screen.table.cursor]
    call = entry.calls[0]
    assert call is not None
    assert f"1 error {call.error_type}" in line(screen, "status")
    assert call.reason[:40] in line(screen, "status")


@pytest.mark.size(120, 30)
@pytest.mark.parametrize("size", [(80, 24), (200, 50), (20, 5)])
@pytest.mark.slow
async def test_it_fits_any_screen(ui: Ui, size: tuple[int, int]) -> None:
    screen = await comparing(ui)
    await ui.resize(*size)
    await ui.pause()
    for _ in range(4):
        await ui.press("pagedown")
        assert all(len(line) == size[0] for line in ui.lines)
    screen.table.goto(screen.rows.index_of("figure reliability") or 0)
    await ui.pause()
    if size[0] >= 80:
        shown = ui.text
        figure = screen.rows.entries[screen.table.cursor]
        assert f"{figure.cells.first} " in shown
        assert f"{figure.cells.second} " in shown
        assert figure.difference in shown
        assert ("━" in shown) == (size[0] == 200)


@pytest.mark.size(120, 30)
@pytest.mark.parametrize("ascii_only", [True])
async def test_ascii_signs_alone_where_only_they_can_be_shown(ui: Ui) -> None:
    screen = await comparing(ui)
    to_step(screen, 0, "error")
    await ui.pause()
    assert not set("≠↘↗✓✗▸") & set(ui.text)


@pytest.mark.size(120, 30)
async def test_a_session_that_went_away_is_said_in_words(app: WarmtuiApp, ui: Ui) -> None:
    sessions = await ui.sessions()
    there = sessions.rows.sessions(0, 1)[0].key
    app.compare(there, there._replace(id="gone"))
    await ui.says("is gone")
    assert isinstance(app.screen, CompareScreen)
    assert "is gone" in ui.text
    await ui.back_to(sessions, "escape")
