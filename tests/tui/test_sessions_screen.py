"""The sessions screen, by keyboard, on the recordings."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest
from rich.text import Text
from textual.message import Message
from textual.widgets import Input, Static
from ui import Ui, line, opened, running

from warmtui.model.conditions import Order
from warmtui.model.stats import SessionRow
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.list.row_source import RowState
from warmtui.tui.sessions import session_list
from warmtui.tui.sessions.profile_pane import ProfilePane
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.sessions.session_list import COLUMNS, SessionList
from warmtui.tui.ui_state import Place, recall, remember
from warmtui.tui.widgets.paint import MUTED
from warmtui.workspace.feed import Changes


@pytest.mark.size(140, 40)
async def test_it_opens_on_the_sessions_newest_first(ui: Ui) -> None:
    screen = await ui.sessions()
    current = screen.table.current()
    assert current is not None
    assert current.header.id == "20261120_095254_a4d236"
    pane = screen.query_one(ProfilePane).query_one(Static)
    await ui.until(lambda: "1 of 1 judged calls worked" in str(pane.content))


@pytest.mark.size(80, 24)
async def test_the_profile_opens_below_where_it_has_no_room_beside(ui: Ui) -> None:
    screen = await ui.sessions()
    pane = screen.query_one(ProfilePane)
    assert not screen.query_one(ProfilePane).display
    await ui.press("j", "right", until=lambda: pane.has_focus and pane.region.width == 80)
    assert pane.region.y == screen.table.region.bottom
    text = pane.query_one(Static)
    await ui.until(lambda: "19 of 21 judged calls worked" in str(text.content))
    first = str(text.content).splitlines()
    assert first[:2] == ["step 1: review module 1 and keep cents whole", "20261120_095210_4a8345"], "whole"
    await ui.press("j", "j", until=lambda: pane.scroll_offset.y > 0, what="the profile to scroll")
    await ui.press("h", "j")
    assert screen.table.has_focus
    assert pane.display, "and one goes from profile to profile"
    await ui.until(lambda: "6 of 8 judged calls worked" in str(text.content))
    await ui.press("escape", until=lambda: not screen.query_one(ProfilePane).display)


@pytest.mark.size(200, 50)
async def test_the_profile_is_wider_where_there_is_room(ui: Ui) -> None:
    screen = await ui.sessions()
    pane = screen.query_one(ProfilePane)
    assert pane.region.width > 50
    text = pane.query_one(Static)
    wide = str(text.content)
    await ui.resize(120, 36)
    await ui.until(lambda: pane.region.width == 44)
    await ui.until(lambda: str(text.content) != wide, "its lines to be cut anew")


async def test_typing_a_filter_narrows_the_list_and_escape_clears_it(ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.press("slash", until=lambda: screen.query_one("#filter", Input).has_focus)
    await ui.press(*"calls>10 marathon", until=lambda: len(screen.rows) == 1)
    current = screen.rows.session(0)
    assert current is not None
    assert current.header.title == "Coupon marathon"
    await ui.press("escape", until=lambda: len(screen.rows) == 12)


async def test_empty_sessions_are_shown_on_demand(ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.press("e", until=lambda: len(screen.rows) == 14)
    await ui.press("e", until=lambda: len(screen.rows) == 12)


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
    db.close()
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(3)
        await ui.until(lambda: "3 of 4 · 1 archived hidden" in line(screen, "crumbs"))
        for key, listed, words in (
            ("u", 1, "2 subagent sessions are hidden"),
            ("a", 2, "1 archived session is shown"),
            ("e", 2, "there are no empty sessions"),
            ("u", 4, "2 subagent sessions are shown"),
        ):
            await ui.press(key)
            await ui.pause()
            assert len(screen.rows) == listed
            assert ui.toasts == [words]
        assert "hidden" not in line(screen, "crumbs")


async def test_sorting_by_score_puts_none_last(ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.press("s")
    await ui.pause()
    rows = [row.stats for row in screen.rows.sessions(0, len(screen.rows))]
    scores = [stats.score for stats in rows if stats is not None]
    judged = [score for score in scores if score is not None]
    assert judged == sorted(judged, reverse=True)
    assert scores[: len(judged)] == judged


async def test_what_is_marked_is_counted_and_stays_chosen_under_another_filter(ui: Ui) -> None:
    screen = await ui.sessions()
    crumbs = screen.query_one(".crumbs", Static)
    for words in ("totals", "marathon"):
        await ui.press("slash", *f"title:{words}", "enter", until=lambda: len(screen.rows) == 1)
        await ui.press("space", "slash")
        await ui.press("escape", until=lambda: len(screen.rows) == 12)
    await ui.until(lambda: "· 2 marked" in str(crumbs.content))
    assert [row.header.title for row in screen.table.chosen()] == ["Coupon marathon", "Fix cart totals"]
    await ui.press("slash", *"title:marathon", "enter", until=lambda: len(screen.rows) == 1)
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
        **{name: getattr(stats, name) for name in ("score", "messages", "calls", "tokens")},
        "cost": stats.cost_usd,
        **{name: getattr(header, name) for name in ("channel", "agent", "project", "model")},
    }[column]


@pytest.mark.parametrize("width", [80, 100])
async def test_the_longest_name_of_an_agent_is_not_cut(tmp_path: Path, recordings: Path, width: int) -> None:
    transcript = tmp_path / "t.jsonl"
    line = {"type": "user", "sessionId": "t", "uuid": "1", "parentUuid": None, "cwd": "/home/dev/shop"}
    transcript.write_text(json.dumps(line | {"message": {"role": "user", "content": "weigh it"}}) + "\n")
    async with opened(tmp_path, recordings, transcript, size=(width, 24)) as ui:
        await ui.sessions(13)
        await ui.press("/", *"agent:claude", "enter")
        await ui.until(lambda: "claude-code " in ui.text)


async def test_several_agents_weak_scores_and_what_was_not_understood_show(
    tmp_path: Path, recordings: Path
) -> None:
    def asked(*names: str) -> list[dict[str, Any]]:
        made = [{"id": name, "function": {"name": "bash", "arguments": "{}"}} for name in names]
        return [{"role": "user", "content": "weigh it"}, {"role": "assistant", "tool_calls": made}]

    def answered(*names: str) -> list[dict[str, Any]]:
        return [{"role": "tool", "tool_call_id": name, "content": "here"} for name in names]

    path = tmp_path / "chats.jsonl"
    messages = asked(*"abcdef") + answered(*"abcdefxyz")
    path.write_text(json.dumps({"messages": messages}) + "\n")
    async with opened(tmp_path, recordings, path, size=(80, 24)) as ui:
        screen = await ui.sessions(13)
        await ui.until(lambda: "agent" in ui.text.splitlines()[1])
        assert "project" in ui.text.splitlines()[1]
        await ui.press("G")
        row = next(line for line in ui.text.splitlines() if "weigh it" in line)
        assert "! weigh it" in row
        assert "openai" in row
        await ui.press("tab")
        pane = screen.query_one(ProfilePane).query_one(Static)
        told = "6 of 6 calls count as ok only because nothing speaks of a failure, so the score says little"
        await ui.until(lambda: told in " ".join(str(pane.content).split()))
        assert "Not understood 3\n3 results answer no call" in str(pane.content)
        assert "≈ " in str(pane.content)
        current = screen.table.current()
        assert current is not None
        drawn = screen.rows.render(screen.table.cursor, 76, RowState(True, False, True))[0]
        assert isinstance(drawn, Text)
        dimmed = [span.style for span in drawn.spans if "100" in drawn.plain[span.start : span.end]]
        assert MUTED in dimmed


@pytest.mark.slow
@pytest.mark.size(80, 24)
async def test_every_column_sorts_and_rows_without_a_value_stay_last(ui: Ui) -> None:
    screen = await ui.sessions()
    heads = {column.name: column.title for column in COLUMNS}
    tried = {screen.rows.sort}
    while True:
        await ui.press("s")
        if screen.rows.sort in tried:
            break
        tried.add(screen.rows.sort)
        await ui.until(lambda: screen.table.settled)
        named = f"by {screen.rows.sort} " in line(screen, "crumbs")
        # a narrow column cuts its head
        shown = re.search(rf"{heads.get(screen.rows.sort, screen.rows.sort)[:4]}\w*[▲▼]", ui.text) is not None
        assert named is not shown, "what no head shows is said above the list"
        for _ in range(2):
            missing = [value_of(screen.rows.sort, row) in (None, "") for row in screen.rows.sessions(0, 12)]
            assert len(missing) == 12
            assert missing == sorted(missing)
            await ui.press("S", until=lambda: screen.table.settled)
    assert tried == heads.keys()


async def test_the_sign_at_a_head_says_which_end_comes_first(ui: Ui) -> None:
    screen = await ui.sessions()
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
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Five sessions, and the agent that writes them."""
    db = hermes.create(tmp_path / "live.db", wal=True)
    db.execute("ALTER TABLE sessions ADD COLUMN rewind_count INTEGER DEFAULT 0")
    for number in range(5):
        hermes.session(db, f"s{number}", started_at=1000.0 + number, title=f"session {number}")
        hermes.said(db, f"s{number}", "user", "hello", timestamp=1000.0 + number)
    yield db
    db.close()


@pytest.fixture
async def live(db: sqlite3.Connection, tmp_path: Path) -> AsyncIterator[Ui]:
    """The app on the five sessions, when all are listed and nothing more is to be done."""
    async with opened(tmp_path, tmp_path / "live.db") as ui:
        screen = await ui.sessions(5)
        await ui.until(lambda: screen.table.settled)
        assert titles(screen) == ["4", "3", "2", "1", "0"]
        yield ui


def titles(screen: SessionsScreen) -> list[str]:
    rows = screen.rows.sessions(0, len(screen.rows))
    return [str(row.header.title).removeprefix("session ") for row in rows]


async def test_what_the_agent_writes_appears_and_the_cursor_stays(live: Ui, db: sqlite3.Connection) -> None:
    screen = await live.sessions(5)
    await live.press("j", "j")
    held = screen.table.cursor_key
    hermes.session(db, "s9", started_at=2000.0, title="brand new")
    hermes.said(db, "s9", "user", "hello", timestamp=2000.0)
    await live.until(lambda: len(screen.rows) == 6)
    assert screen.table.cursor_key == held
    assert screen.table.total == 6


async def test_a_session_that_grows_comes_to_its_place_without_listing_all(
    live: Ui, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await live.sessions(5)
    selected: list[object] = []
    monkeypatch.setattr(live.workspace.sessions, "select", selected.append)  # it would fail
    hermes.said(db, "s1", "assistant", "hi", timestamp=3000.0)
    await live.until(lambda: titles(screen) == ["1", "4", "3", "2", "0"])
    hermes.said(db, "s3", "assistant", "hi", timestamp=2500.0)
    await live.until(lambda: titles(screen) == ["1", "3", "4", "2", "0"])
    assert not selected


async def test_a_message_and_what_it_comes_to_are_drawn_at_once(
    live: Ui, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await live.sessions(5)
    updates: list[Message] = []
    post = screen.table.post_message

    def record(message: Message) -> bool:
        if isinstance(message, SessionList.Updated):
            updates.append(message)
        return post(message)

    monkeypatch.setattr(screen.table, "post_message", record)
    hermes.said(db, "s1", "user", "hi", timestamp=3000.0)
    await live.until(lambda: titles(screen)[0] == "1")
    row = screen.rows.sessions(0, 1)[0]
    assert row.stats is not None
    assert row.stats.messages == row.header.rows
    assert live.workspace.sessions.waiting == 0
    assert len(updates) == 1


async def test_a_session_of_which_nothing_is_left_leaves_the_list(
    live: Ui, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await live.sessions(5)
    judge = live.workspace.sessions.judge

    async def afterwards(*asked: Any) -> Changes:
        await live.until(lambda: screen.table.settled)
        return await judge(*asked)

    # only judging tells that it is empty: its change was listed by then
    monkeypatch.setattr(session_list, "TOGETHER", 0)
    monkeypatch.setattr(live.workspace.sessions, "judge", afterwards)
    db.execute("UPDATE messages SET active = 0 WHERE session_id = 's3'")  # the person rewound all of it
    db.execute("UPDATE sessions SET rewind_count = 1 WHERE id = 's3'")
    await live.until(lambda: titles(screen) == ["4", "2", "1", "0"])
    await live.until(lambda: screen.table.hides()["empty"] == 1)


async def test_where_the_person_was_is_found_again(app: WarmtuiApp) -> None:
    await app.workspace.library.put_draft("any", "{}")
    await remember(app.workspace, Place(sort="calls", filter="calls>10", shown=("empty",)))
    async with running(app) as ui:
        screen = await ui.sessions(5)
        assert screen.rows.sort == "calls"
        screen.table.focus()
        await ui.press("S", until=lambda: screen.rows.reverse)
        for _ in range(200):
            if (await recall(app.workspace)).reverse:
                break
            await ui.pause(0.02)
        assert (await recall(app.workspace)).filter == "calls>10"
        assert (await recall(app.workspace)).reverse
