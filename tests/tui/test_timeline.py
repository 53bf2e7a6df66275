"""The timeline of a session, by keyboard."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import expect_screen, hostile_characters, screen_text, wait_for
from textual.pilot import Pilot
from textual.widgets import Input, Static

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.list.row_source import RowState
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.widgets.paint import Line
from warmtui.workspace import Workspace
from warmtui.workspace.findings import Findings
from warmtui.workspace.session_table import SessionKey

SMALL, LARGE = (80, 24), (200, 50)


def terminal(output: str, code: int = 0) -> str:
    return json.dumps({"output": output, "exit_code": code, "error": None})


def fill(db: sqlite3.Connection) -> None:
    """Two turns: ok, error and housekeeping; then a harness prompt and a long answer."""
    at = iter(range(1_000, 2_000))

    def said(role: str, text: str, **more: object) -> None:
        hermes.said(db, "s", role, text, timestamp=float(next(at)), **more)

    def called(call: str, tool: str, arguments: object, result: str, text: str = "") -> None:
        hermes.called(db, "s", (call, tool, arguments), text=text, timestamp=float(next(at)))
        hermes.answered(db, "s", call, result, tool_name=tool, timestamp=float(next(at)))

    hermes.session(db, "s", title="Coupons [/] [bold]", system_prompt="You are an agent.\nBe brief.")
    said("user", "add a coupon module")
    called("c1", "terminal", {"command": "pytest -q"}, terminal("pytest: command not found", 127), "Trying.")
    called("c2", "terminal", {"command": "python3 -m unittest"}, terminal("Ran 3 tests\nOK"))
    said("user", "now the docs")
    called("c3", "todo", {"todos": ["docs"]}, json.dumps({"todos": ["docs"]}))
    called("c4", "read_file", {"path": "gone.md"}, json.dumps({"error": "File not found: gone.md"}))
    said("assistant", "\n".join(f"line {number} of the answer" for number in range(300)))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    path = tmp_path / "live.db"
    db = hermes.create(path, wal=True)
    fill(db)
    yield path, db
    db.close()


def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}


@pytest.fixture
async def app(tmp_path: Path, database: tuple[Path, sqlite3.Connection]) -> AsyncIterator[WarmtuiApp]:
    async with Workspace.open(sources=[str(database[0])], environ=environ(tmp_path)) as workspace:
        yield WarmtuiApp(workspace)


async def opened(pilot: Pilot[None]) -> TimelineScreen:
    """Wait for the sessions, press Enter on the first, wait for its rows."""
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    sessions = await expect_screen(pilot, SessionsScreen)
    await wait_for(pilot, lambda: sessions.table.current() is not None)
    await pilot.press("enter")
    screen = await expect_screen(pilot, TimelineScreen)
    await wait_for(pilot, lambda: len(screen.rows))
    return screen


async def pushed(pilot: Pilot[None], key: SessionKey) -> TimelineScreen:
    """Open a session's timeline without pressing keys."""
    screen = TimelineScreen(key)
    pilot.app.push_screen(screen)
    await wait_for(pilot, lambda: screen.judged is not None)
    return screen


def here(screen: TimelineScreen) -> Entry:
    entry = screen.current()
    assert entry is not None
    return entry


def tool_and_outcome(screen: TimelineScreen) -> tuple[str, str]:
    call = here(screen).call
    assert call is not None
    return call.call.id, call.verdict.outcome


async def test_enter_on_a_session_shows_every_message_and_call_in_order(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        shown = [(entry.kind, entry.call.call.id if entry.call else "") for entry in screen.rows.entries]
        assert shown == [
            ("prompt", ""),
            ("message", ""),
            ("message", ""),
            ("call", "c1"),
            ("call", "c2"),
            ("message", ""),
            ("call", "c3"),
            ("call", "c4"),
            ("message", ""),
        ]
        text = screen_text(pilot)
        assert "Coupons [/] [bold]" in text
        assert "✗ error" in text
        assert "It exited with code 127: pytest: command not found" in text
        assert 'todo `["docs"]`  housekeeping' in text
        assert "line 2 of the answer…" in text
        assert "line 4 of the answer" not in text


@pytest.mark.parametrize("keys", [("right", "left"), ("l", "h"), ("space", "space")])
async def test_a_call_unfolds_to_arguments_and_result_and_folds_again(
    app: WarmtuiApp, keys: tuple[str, str]
) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("j", "j", "j", keys[0])
        await wait_for(pilot, lambda: '"command": "pytest -q"' in screen_text(pilot))
        assert '"exit_code": 127,' in screen_text(pilot)
        assert "(exit-code)" in screen_text(pilot)
        assert tool_and_outcome(screen) == ("c1", "error")
        await pilot.press(keys[1])
        await wait_for(pilot, lambda: '"command": "pytest -q"' not in screen_text(pilot))
        assert tool_and_outcome(screen) == ("c1", "error")


async def test_left_on_a_folded_row_goes_to_where_its_turn_begins(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("G", "left")
        assert here(screen).text == "now the docs"


async def test_long_text_is_windowed_and_read_through_with_the_same_keys(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("G", "space")
        last = len(screen.rows) - 1
        await wait_for(pilot, lambda: screen.rows.height(last) == 201)
        await pilot.press("pagedown")
        await wait_for(pilot, lambda: "line 30 of the answer" in screen_text(pilot))
        assert screen.table.cursor == last
        before = screen.table.scroll_offset.y
        await pilot.press("j")
        assert screen.table.scroll_offset.y == before + 1
        for _ in range(12):
            await pilot.press("pagedown")
        await wait_for(pilot, lambda: "cut here; enter reads all" in screen_text(pilot))
        await pilot.press("g")
        await pilot.press(*["j"] * last)
        await wait_for(pilot, lambda: screen.table.cursor == last)
        await pilot.press("k")
        assert screen.table.cursor == last - 1


async def test_coming_to_a_tall_row_from_below_shows_its_end(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 10)) as pilot:
        screen = await opened(pilot)
        await pilot.press("j", "j", "j", "space", "j")
        for _ in range(30):
            if here(screen).call_index == 1:
                break
            await pilot.press("j")
        await pilot.press("k")
        assert here(screen).call_index == 0
        await wait_for(pilot, lambda: '"error": null' in screen_text(pilot))


async def test_the_whole_turn_unfolds_and_everything_folds(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("}", "f")
        assert {key for key in screen.rows.unfolded if key.startswith("c:")} == {
            entry.key for entry in screen.rows.entries if entry.call_index in (0, 1)
        }
        await pilot.press("f")
        assert not screen.rows.unfolded
        await pilot.press("f", "F")
        assert not screen.rows.unfolded


async def test_errors_and_turns_are_gone_to_around_the_ends(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("]")
        assert tool_and_outcome(screen) == ("c1", "error")
        await pilot.press("]")
        assert tool_and_outcome(screen) == ("c4", "error")
        await pilot.press("]")
        assert tool_and_outcome(screen) == ("c1", "error")
        await wait_for(pilot, lambda: "on from the other end" in screen_text(pilot))
        await pilot.press("[")
        assert tool_and_outcome(screen) == ("c4", "error")
        await pilot.press("{")
        assert here(screen).text == "now the docs"
        await pilot.press("{")
        assert here(screen).text == "add a coupon module"
        await pilot.press("}")
        assert here(screen).text == "now the docs"


async def test_search_goes_to_what_is_folded_and_on_with_n(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash")
        await wait_for(pilot, lambda: screen.query_one("#find", Input).has_focus)
        await pilot.press(*"DOCS")
        await wait_for(pilot, lambda: "match 1 of 2 for “DOCS”" in screen_text(pilot))
        assert here(screen).text == "now the docs"
        await pilot.press("enter", "n")
        assert tool_and_outcome(screen) == ("c3", "ok")
        await pilot.press("n")
        assert here(screen).text == "now the docs"
        await pilot.press("N")
        assert tool_and_outcome(screen) == ("c3", "ok")
        await pilot.press("escape")
        await wait_for(pilot, lambda: not screen.words)
        assert isinstance(app.screen, TimelineScreen)


async def test_the_figures_above_are_whole_however_long_the_title_is(tmp_path: Path) -> None:
    path = tmp_path / "long.db"
    db = hermes.create(path)
    hermes.session(db, "s", title="step 5: review module 5 and keep cents whole, then say so")
    hermes.said(db, "s", "user", "go on")
    for number in range(12):
        hermes.called(db, "s", (f"c{number}", "terminal", {"command": "pytest"}))
        hermes.answered(db, "s", f"c{number}", terminal("pytest: command not found", 127))
    db.close()
    async with (
        Workspace.open(sources=[str(path)], environ=environ(tmp_path)) as workspace,
        WarmtuiApp(workspace).run_test(size=SMALL) as pilot,
    ):
        screen = await opened(pilot)
        await pilot.press("]")
        await wait_for(pilot, lambda: "2 of 25 messages · 12 calls, 12 failed" in screen_text(pilot))
        assert "step 5: revi" in screen_text(pilot)
        await pilot.press("slash")
        await pilot.press(*"go on", "enter", "]")
        await wait_for(pilot, lambda: "1 match for “go on”, n goes to it" in screen_text(pilot))
        await pilot.press("n")
        await wait_for(pilot, lambda: "match 1 of 1 for “go on”" in screen_text(pilot))
        assert isinstance(screen, TimelineScreen)


async def test_a_match_inside_a_folded_result_is_unfolded_and_scrolled_to(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash")
        await wait_for(pilot, lambda: screen.query_one("#find", Input).has_focus)
        await pilot.press(*"line 150")
        await wait_for(pilot, lambda: "line 150 of the answer" in screen_text(pilot))
        await pilot.press(*[*["backspace"] * 8, *"no such words"])
        await wait_for(pilot, lambda: "no match for “no such words”" in screen_text(pilot))


async def test_enter_reads_in_full_beside_or_instead_of_the_list(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        assert not screen.pane.display
        await pilot.press("]", "enter")
        await wait_for(pilot, lambda: "error type CommandNotFound" in screen_text(pilot))
        assert screen.pane.view.has_focus
        await pilot.press("a")
        await wait_for(pilot, lambda: screen.pane.view.text == '{"command": "pytest -q"}')
        await pilot.press("a")
        await wait_for(pilot, lambda: "exit_code" in screen.pane.view.text)
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.table.has_focus and not screen.pane.display)
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.pane.view.has_focus)
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.table.has_focus)


async def test_where_there_is_room_the_text_follows_the_cursor(app: WarmtuiApp) -> None:
    async with app.run_test(size=LARGE) as pilot:
        screen = await opened(pilot)
        await wait_for(pilot, lambda: screen.pane.view.text == "You are an agent.\nBe brief.")
        await pilot.press("j")
        await wait_for(pilot, lambda: screen.pane.view.text == "add a coupon module")
        await pilot.press("G")
        await wait_for(pilot, lambda: "line 299" in screen.pane.view.text)
        await pilot.resize_terminal(20, 5)
        await wait_for(pilot, lambda: not screen.pane.display)
        await pilot.resize_terminal(*LARGE)
        await wait_for(pilot, lambda: screen.pane.display and "line 299" in screen.pane.view.text)


async def test_copying_takes_all_of_a_call_and_nothing_a_terminal_obeys(
    app: WarmtuiApp, database: tuple[Path, sqlite3.Connection]
) -> None:
    hermes.said(database[1], "s", "user", "a\x1b]52;c;aGk=\x07b\ttab", timestamp=3_000.0)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot)
        await pilot.press("]", "y")
        assert app.clipboard.startswith('terminal {"command": "pytest -q"}\n{"output": "pytest: command')
        await pilot.press("G", "y")
        assert app.clipboard == "a␛]52;c;aGk=␇b\ttab"


async def test_a_call_goes_into_the_draft_and_only_a_call(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[str, int]] = []

    async def put(findings: Findings, index: int) -> None:
        taken.append((findings.judged.session.header.id, index))

    monkeypatch.setattr(app, "put_into_draft", put, raising=False)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await opened(pilot)
        await pilot.press("c")
        await wait_for(pilot, lambda: "only a call can be put into a draft" in screen_text(pilot))
        assert screen.check_action("draft", ()) is None
        await pilot.press("]")
        assert screen.check_action("draft", ()) is True
        await pilot.press("c")
        await wait_for(pilot, lambda: taken == [("s", 0)])


async def test_json_is_set_out_also_where_a_hint_follows_it(
    app: WarmtuiApp, database: tuple[Path, sqlite3.Connection]
) -> None:
    hermes.called(database[1], "s", ("c9", "read_file", "not JSON"), timestamp=3_000.0)
    hermes.answered(database[1], "s", "c9", '{"content": [1, 2]}\n\nHint: look around', timestamp=3_001.0)
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("G", "space")
        assert tool_and_outcome(screen)[0] == "c9"
        await wait_for(pilot, lambda: "Hint: look around" in screen_text(pilot))
        lines = [line.strip() for line in screen_text(pilot).split("\n")]
        assert [
            line for line in lines if line in ("not JSON", '"content": [', "1,", "Hint: look around")
        ] == [
            "not JSON",
            '"content": [',
            "1,",
            "Hint: look around",
        ]


async def test_arguments_are_coloured_names_and_values_apart(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("]", "space")
        await wait_for(pilot, lambda: '"command": "pytest -q"' in screen_text(pilot))
        await pilot.press("k")  # the cursor's own row is of one colour where a terminal has only sixteen
        table = screen.table
        colours = {
            word: segment.style.color
            for strip in table.render_lines(table.region.reset_offset)
            for segment in strip
            for word in ('"command"', '"pytest -q"')
            if word in segment.text and segment.style is not None
        }
        assert len(colours) == 2
        assert colours['"command"'] != colours['"pytest -q"']


async def test_it_begins_on_the_message_it_was_opened_for(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        first = await opened(pilot)
        result = first.rows.entries[4].call
        assert result is not None
        assert result.result is not None
        screen = TimelineScreen(first.session_key, result.result.id)
        app.push_screen(screen)
        await wait_for(pilot, lambda: screen.judged is not None)
        assert tool_and_outcome(screen) == ("c2", "ok")


async def test_escape_goes_back_to_the_sessions(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))


async def test_it_grows_with_the_session_and_cursor_and_folds_stay(
    app: WarmtuiApp, database: tuple[Path, sqlite3.Connection]
) -> None:
    _, db = database
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        await pilot.press("]", "space")
        count, held, top = len(screen.rows), here(screen).key, screen.table.scroll_offset.y
        hermes.called(db, "s", ("c9", "terminal", {"command": "ls"}), timestamp=5_000.0)
        await wait_for(pilot, lambda: len(screen.rows) == count + 1)
        assert (here(screen).key, screen.table.scroll_offset.y) == (held, top)
        assert held in screen.rows.unfolded
        await pilot.press("G")
        assert here(screen).call_index == 4
        key = here(screen).key
        hermes.answered(db, "s", "c9", terminal("a.py"), timestamp=5_001.0)
        await wait_for(pilot, lambda: tool_and_outcome(screen) == ("c9", "ok"))
        assert here(screen).key == key
        hermes.said(db, "s", "assistant", "Listed.", timestamp=5_002.0)
        await wait_for(pilot, lambda: here(screen).text == "Listed.")
        await wait_for(pilot, lambda: "Listed." in screen_text(pilot))


async def test_a_session_that_goes_away_stays_readable(
    app: WarmtuiApp, database: tuple[Path, sqlite3.Connection]
) -> None:
    _, db = database
    async with app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot)
        db.execute("DELETE FROM messages")
        db.execute("DELETE FROM sessions")
        await wait_for(pilot, lambda: "the session is gone from its source" in screen_text(pilot))
        assert len(screen.rows) == 9
        await pilot.press("]")
        assert tool_and_outcome(screen) == ("c1", "error")


async def test_compactions_divide_and_harness_prompts_are_named(tmp_path: Path, recordings: Path) -> None:
    async with Workspace.open(sources=[str(recordings)], environ=environ(tmp_path)) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(120, 40)) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
            await wait_for(
                pilot, lambda: len(workspace.sessions.table) == 14 and not workspace.sessions.waiting
            )
            seen: set[str] = set()
            for key in list(workspace.sessions.table):
                screen = await pushed(pilot, key)
                for index, entry in enumerate(screen.rows.entries):
                    seen.add(entry.message.origin if entry.message else entry.kind)
                    assert screen.rows.selectable(index) == (entry.kind != "cut")
                    if entry.kind == "cut":
                        screen.table.goto(index)
                        await pilot.pause()
                        assert "messages kept, the rest summarised" in screen_text(pilot)
                app.pop_screen()
            assert {"cut", "summary", "prompt", "person", "agent"} <= seen


@pytest.mark.slow
async def test_hostile_text_stays_text(tmp_path: Path) -> None:
    evil = "[/] [@click=app.quit]x[/] \x1b]52;c;aGk=\x07\x9b2J\u202eevil\ud800\u200b" + "é" + "\u0301" * 50
    path = tmp_path / "evil.db"
    db = hermes.create(path)
    hermes.session(db, "s", title=evil.replace("\ud800", ""))
    clean = evil.replace("\ud800", "")
    hermes.said(db, "s", "user", clean * 3 + "x" * 5_000_000, timestamp=1.0)
    hermes.called(db, "s", ("c", clean, '{"a": "' + "\\u001b[2J" * 1000), text=clean, timestamp=2.0)
    hermes.answered(db, "s", "c", clean + "\n" * 250_000, timestamp=3.0, tool_name=clean)
    hermes.answered(db, "s", "nothing", "an orphan " + clean, timestamp=4.0)
    hermes.said(db, "s", "user", "[" * 100_000, timestamp=float("inf"))
    db.close()
    async with Workspace.open(sources=[str(path)], environ=environ(tmp_path)) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(160, 40)) as pilot:
            screen = await opened(pilot)
            for _ in range(len(screen.rows)):
                await pilot.press("space", "enter")
                await pilot.pause()
                assert not hostile_characters(screen_text(pilot))
                await pilot.press("escape", "j")
            assert any(entry.kind == "result" for entry in screen.rows.entries)
            await pilot.resize_terminal(20, 5)
            await pilot.pause()
            assert not hostile_characters(screen_text(pilot))


async def test_an_empty_session_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    db = hermes.create(path)
    hermes.session(db, "s", title="nothing yet")
    db.close()
    async with Workspace.open(sources=[str(path)], environ=environ(tmp_path)) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=SMALL, notifications=True) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
            await wait_for(pilot, lambda: len(workspace.sessions.table) == 1)
            app.push_screen(TimelineScreen(next(iter(workspace.sessions.table))))
            await wait_for(pilot, lambda: "This session has no messages yet." in screen_text(pilot))
            await pilot.press("]", "}", "space", "y", "enter")
            await wait_for(pilot, lambda: "there is nothing in this session yet" in screen_text(pilot))


async def test_a_session_that_cannot_be_read_is_told_in_words(app: WarmtuiApp) -> None:
    async with app.run_test(size=SMALL) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        gone = TimelineScreen(SessionKey("nowhere.db", "gone"))
        app.push_screen(gone)
        await wait_for(pilot, lambda: "the session is gone" in screen_text(pilot))
        assert "gone" in str(gone.query_one(".problem", Static).content)


async def test_ten_thousand_messages_open_and_jump_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.db"
    db = hermes.create(path)
    hermes.session(db, "s", title="long")
    db.execute("BEGIN")
    for number in range(5_000):
        hermes.said(db, "s", "user", f"question {number} → " + "words — " * 60, timestamp=2.0 * number)
        hermes.said(db, "s", "assistant", f"answer {number} " + "words " * 90, timestamp=2.0 * number + 1)
    db.execute("COMMIT")
    db.close()
    async with Workspace.open(sources=[str(path)], environ=environ(tmp_path)) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=SMALL) as pilot:
            screen = await opened(pilot)
            await wait_for(pilot, lambda: screen.judged is not None)
            assert len(screen.rows) == 10_000
            drawn: list[int] = []
            render = screen.rows.render

            def spy(index: int, width: int, state: RowState) -> Sequence[Line]:
                drawn.append(index)
                return render(index, width, state)

            monkeypatch.setattr(screen.rows, "render", spy)
            await pilot.press("G")
            await wait_for(pilot, lambda: "answer 4999" in screen_text(pilot))
            assert len(set(drawn)) < 60
