"""The sessions screen, by keyboard, on the recordings."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from pilots import expect_screen, toasts, wait_for
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, Static

from warmtui.model.conditions import Order
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions import session_list
from warmtui.tui.sessions.profile_pane import ProfilePane
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.sessions.session_list import COLUMNS, SessionList
from warmtui.workspace import Workspace
from warmtui.workspace.feed import Changes
from warmtui.workspace.session_table import SessionRow


async def opened(pilot: Pilot[None]) -> SessionsScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    screen = await expect_screen(pilot, SessionsScreen)
    await wait_for(pilot, lambda: len(screen.rows) == 12 and not app.workspace.sessions.waiting)
    return screen


async def test_it_opens_on_the_sessions_newest_first(app: WarmtuiApp) -> None:
    async with app.run_test(size=(140, 40)) as pilot:
        screen = await opened(pilot)
        current = screen.table.current()
        assert current is not None
        assert current.header.id == "20261120_095254_a4d236"
        pane = screen.query_one(ProfilePane).query_one(Static)
        await wait_for(pilot, lambda: "1 of 1 judged calls worked" in str(pane.content))


async def test_the_profile_opens_below_where_it_has_no_room_beside(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        pane = screen.query_one(ProfilePane)
        assert not screen.query_one(ProfilePane).display
        await pilot.press("j", "right")
        await wait_for(pilot, lambda: pane.has_focus and pane.region.width == 80)
        assert pane.region.y == screen.table.region.bottom
        text = pane.query_one(Static)
        await wait_for(pilot, lambda: "19 of 21 judged calls worked" in str(text.content))
        first = str(text.content).splitlines()
        assert first[:2] == ["step 1: review module 1 and keep cents whole", "20261120_095210_4a8345"], (
            "whole"
        )
        await pilot.press("j", "j")
        await wait_for(pilot, lambda: pane.scroll_offset.y > 0, "the profile to scroll")
        await pilot.press("h", "j")
        assert screen.table.has_focus
        assert pane.display, "and one goes from profile to profile"
        await wait_for(pilot, lambda: "6 of 8 judged calls worked" in str(text.content))
        await pilot.press("escape")
        await wait_for(pilot, lambda: not screen.query_one(ProfilePane).display)


async def test_the_profile_is_wider_where_there_is_room(app: WarmtuiApp) -> None:
    async with app.run_test(size=(200, 50)) as pilot:
        screen = await opened(pilot)
        pane = screen.query_one(ProfilePane)
        assert pane.region.width > 50
        await pilot.resize_terminal(120, 36)
        await wait_for(pilot, lambda: pane.region.width == 44)
        inside = pane.scrollable_content_region.width
        await wait_for(pilot, lambda: pane._text_width == inside, "its lines to be cut anew")


async def test_typing_a_filter_narrows_the_list_and_escape_clears_it(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash")
        await wait_for(pilot, lambda: screen.query_one("#filter", Input).has_focus)
        await pilot.press(*"calls>10 marathon")
        await wait_for(pilot, lambda: len(screen.rows) == 1)
        current = screen.rows.session(0)
        assert current is not None
        assert current.header.title == "Coupon marathon"
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(screen.rows) == 12)


async def test_empty_sessions_are_shown_on_demand(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("e")
        await wait_for(pilot, lambda: len(screen.rows) == 14)
        await pilot.press("e")
        await wait_for(pilot, lambda: len(screen.rows) == 12)


async def test_what_is_hidden_is_counted_by_its_kind_and_said(tmp_path: Path) -> None:
    path = tmp_path / "kinds.db"
    db = hermes.create(path)
    for name, more in (
        ("plain", {}),
        ("put away", {"archived": 1}),
        ("helper 1", {"source": "subagent"}),
        ("helper 2", {"source": "subagent"}),
    ):
        hermes.session(db, name, title=name, **more)
        hermes.said(db, name, "user", "hello")
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(path)], environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(120, 30), notifications=True) as pilot:
            screen = await expect_screen(pilot, SessionsScreen)
            await wait_for(pilot, lambda: len(screen.rows) == 3 and not workspace.sessions.waiting)
            crumbs = screen.query_one(".crumbs", Static)
            await wait_for(pilot, lambda: "3 of 4 · 1 archived hidden" in str(crumbs.content))
            for key, listed, words in (
                ("u", 1, "2 subagent sessions are hidden"),
                ("a", 2, "1 archived session is shown"),
                ("e", 2, "there are no empty sessions"),
                ("u", 4, "2 subagent sessions are shown"),
            ):
                await pilot.press(key)
                await pilot.pause()
                assert len(screen.rows) == listed
                assert toasts(app) == [words]
            assert "hidden" not in str(crumbs.content)
    db.close()


async def test_sorting_by_score_puts_none_last(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("s")
        await pilot.pause()
        rows = [row.stats for row in screen.rows.sessions(0, len(screen.rows))]
        scores = [stats.score for stats in rows if stats is not None]
        judged = [score for score in scores if score is not None]
        assert judged == sorted(judged, reverse=True)
        assert scores[: len(judged)] == judged


async def test_what_is_marked_is_counted_and_stays_chosen_under_another_filter(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        crumbs = screen.query_one(".crumbs", Static)
        for words in ("totals", "marathon"):
            await pilot.press("slash", *f"title:{words}", "enter")
            await wait_for(pilot, lambda: len(screen.rows) == 1)
            await pilot.press("space", "slash")
            await pilot.press("escape")
            await wait_for(pilot, lambda: len(screen.rows) == 12)
        await wait_for(pilot, lambda: "· 2 marked" in str(crumbs.content))
        assert [row.header.title for row in screen.table.chosen()] == ["Coupon marathon", "Fix cart totals"]
        await pilot.press("slash", *"title:marathon", "enter")
        await wait_for(pilot, lambda: len(screen.rows) == 1)
        assert [row.header.title for row in screen.table.chosen()] == ["Coupon marathon", "Fix cart totals"]
        assert not screen.why_not("compare")


def value_of(column: str, row: SessionRow) -> object:
    """Return what a session has in a column."""
    header, stats = row.header, row.stats
    assert stats is not None
    return {
        "age": header.last_active_at,
        "title": header.title or row.words,
        "errors": stats.error_rate,
        "trend": stats.gain,
        "type": stats.task_type,
        **{name: getattr(stats, name) for name in ("score", "messages", "calls")},
        **{name: getattr(header, name) for name in ("channel", "agent", "model")},
    }[column]


async def test_every_column_sorts_and_rows_without_a_value_stay_last(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        crumbs = screen.query_one(".crumbs", Static)
        tried = {screen.rows.sort}
        while True:
            await pilot.press("s")
            if screen.rows.sort in tried:
                break
            tried.add(screen.rows.sort)
            await wait_for(pilot, lambda: screen.table.settled)
            named = f"by {screen.rows.sort} " in str(crumbs.content)
            shown = screen.rows._layout.width_of(screen.rows.sort) > 0
            assert named is not shown, "what no head shows is said above the list"
            for _ in range(2):
                missing = [
                    value_of(screen.rows.sort, row) in (None, "") for row in screen.rows.sessions(0, 12)
                ]
                assert len(missing) == 12
                assert missing == sorted(missing)
                await pilot.press("S")
                await wait_for(pilot, lambda: screen.table.settled)
        assert tried == {column.name for column in COLUMNS}


async def test_the_sign_at_a_head_says_which_end_comes_first(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        heads: tuple[tuple[Order, bool, str], ...] = (
            ("score", False, "score▼"),
            ("score", True, "score▲"),
            ("title", False, "title▲"),  # from A to Z
            ("title", True, "title▼"),
        )
        for sort, reverse, head in heads:
            screen.rows.sort, screen.rows.reverse = sort, reverse
            assert head in str(screen.rows.header(100))


@pytest.fixture
async def written(tmp_path: Path) -> AsyncIterator[tuple[WarmtuiApp, sqlite3.Connection]]:
    """The app on five sessions, and the connection of the agent that writes them."""
    path = tmp_path / "live.db"
    db = hermes.create(path, wal=True)
    db.execute("ALTER TABLE sessions ADD COLUMN rewind_count INTEGER DEFAULT 0")
    for number in range(5):
        hermes.session(db, f"s{number}", started_at=1000.0 + number, title=f"session {number}")
        hermes.said(db, f"s{number}", "user", "hello", timestamp=1000.0 + number)
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(path)], environ=environ) as workspace:
        yield WarmtuiApp(workspace), db
    db.close()


async def settled(pilot: Pilot[None]) -> SessionsScreen:
    """Return the screen when all five sessions are listed and nothing more is to be done."""
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    screen = await expect_screen(pilot, SessionsScreen)
    await wait_for(pilot, lambda: titles(screen) == ["4", "3", "2", "1", "0"])
    await wait_for(pilot, lambda: screen.table.settled and not app.workspace.sessions.waiting)
    return screen


def titles(screen: SessionsScreen) -> list[str]:
    rows = screen.rows.sessions(0, len(screen.rows))
    return [str(row.header.title).removeprefix("session ") for row in rows]


async def test_what_the_agent_writes_appears_and_the_cursor_stays(
    written: tuple[WarmtuiApp, sqlite3.Connection],
) -> None:
    app, db = written
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        await pilot.press("j", "j")
        held = screen.table.cursor_key
        hermes.session(db, "s9", started_at=2000.0, title="brand new")
        hermes.said(db, "s9", "user", "hello", timestamp=2000.0)
        await wait_for(pilot, lambda: len(screen.rows) == 6)
        assert screen.table.cursor_key == held
        assert screen.table.total == 6


async def test_a_session_that_grows_comes_to_its_place_without_listing_all(
    written: tuple[WarmtuiApp, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, db = written
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        selected: list[object] = []
        monkeypatch.setattr(app.workspace.sessions, "select", selected.append)  # it would fail
        hermes.said(db, "s1", "assistant", "hi", timestamp=3000.0)
        await wait_for(pilot, lambda: titles(screen) == ["1", "4", "3", "2", "0"])
        hermes.said(db, "s3", "assistant", "hi", timestamp=2500.0)
        await wait_for(pilot, lambda: titles(screen) == ["1", "3", "4", "2", "0"])
        assert not selected


async def test_a_message_and_what_it_comes_to_are_drawn_at_once(
    written: tuple[WarmtuiApp, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, db = written
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        updates: list[Message] = []
        post = screen.table.post_message

        def record(message: Message) -> bool:
            if isinstance(message, SessionList.Updated):
                updates.append(message)
            return post(message)

        monkeypatch.setattr(screen.table, "post_message", record)
        hermes.said(db, "s1", "user", "hi", timestamp=3000.0)
        await wait_for(pilot, lambda: titles(screen)[0] == "1")
        row = screen.rows.sessions(0, 1)[0]
        assert row.stats is not None
        assert row.stats.messages == row.header.rows
        assert app.workspace.sessions.waiting == 0
        assert len(updates) == 1


async def test_a_session_of_which_nothing_is_left_leaves_the_list(
    written: tuple[WarmtuiApp, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, db = written
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await settled(pilot)
        judge = app.workspace.sessions.judge

        async def afterwards(*asked: Any) -> Changes:
            await wait_for(pilot, lambda: screen.table.settled)
            return await judge(*asked)

        # only judging tells that it is empty: its change was listed by then
        monkeypatch.setattr(session_list, "TOGETHER", 0)
        monkeypatch.setattr(app.workspace.sessions, "judge", afterwards)
        db.execute("UPDATE messages SET active = 0 WHERE session_id = 's3'")  # the person rewound all of it
        db.execute("UPDATE sessions SET rewind_count = 1 WHERE id = 's3'")
        await wait_for(pilot, lambda: titles(screen) == ["4", "2", "1", "0"])
        await wait_for(pilot, lambda: screen.table.hides()["empty"] == 1)


async def test_where_the_person_was_is_found_again(app: WarmtuiApp) -> None:
    from warmtui.tui.ui_state import Place, recall, remember

    await app.workspace.library.put_draft("any", "{}")
    await remember(app.workspace, Place(sort="calls", filter="calls>10", shown=("empty",)))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await expect_screen(pilot, SessionsScreen)
        await wait_for(pilot, lambda: len(screen.rows) == 5 and not app.workspace.sessions.waiting)
        assert screen.rows.sort == "calls"
        screen.table.focus()
        await pilot.press("S")
        await wait_for(pilot, lambda: screen.rows.reverse)
        for _ in range(200):
            if (await recall(app.workspace)).reverse:
                break
            await pilot.pause(0.02)
        assert (await recall(app.workspace)).filter == "calls>10"
        assert (await recall(app.workspace)).reverse
