"""The timeline of a session, by keyboard."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import hostile_characters
from textual.widgets import Input, Static
from ui import Ui, opened

from warmtui.model.session import SessionKey
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.list.row_source import RowState
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.widgets.paint import Line
from warmtui.workspace.findings import Findings

pytestmark = pytest.mark.size(80, 24)

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
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A session of two turns, and the agent that writes it."""
    db = hermes.create(tmp_path / "live.db", wal=True)
    fill(db)
    yield db
    db.close()


@pytest.fixture
def source(tmp_path: Path, db: sqlite3.Connection) -> Path:
    return tmp_path / "live.db"


async def enter_first(ui: Ui) -> TimelineScreen:
    """Wait for the sessions, press Enter on the first, wait for its rows."""
    await ui.screen(SessionsScreen, until=lambda screen: screen.table.current() is not None)
    return await ui.screen(TimelineScreen, "enter", until=lambda screen: len(screen.rows))


def here(screen: TimelineScreen) -> Entry:
    entry = screen.current()
    assert entry is not None
    return entry


def tool_and_outcome(screen: TimelineScreen) -> tuple[str, str]:
    call = here(screen).call
    assert call is not None
    return call.call.id, call.verdict.outcome


async def test_enter_on_a_session_shows_every_message_and_call_in_order(ui: Ui) -> None:
    screen = await enter_first(ui)
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
    text = ui.text
    assert "Coupons [/] [bold]" in text
    assert "✗ error" in text
    assert "It exited with code 127: pytest: command not found" in text
    assert 'todo `["docs"]`  housekeeping' in text
    assert "line 2 of the answer…" in text
    assert "line 4 of the answer" not in text


@pytest.mark.parametrize("keys", [("right", "left"), ("l", "h"), ("space", "space")])
async def test_a_call_unfolds_to_arguments_and_result_and_folds_again(ui: Ui, keys: tuple[str, str]) -> None:
    screen = await enter_first(ui)
    await ui.press("j", "j", "j", keys[0], shows='"command": "pytest -q"')
    assert '"exit_code": 127,' in ui.text
    assert "(exit-code)" in ui.text
    assert tool_and_outcome(screen) == ("c1", "error")
    await ui.press(keys[1], until=lambda: '"command": "pytest -q"' not in ui.text)
    assert tool_and_outcome(screen) == ("c1", "error")


async def test_left_on_a_folded_row_goes_to_where_its_turn_begins(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("G", "left")
    assert here(screen).text == "now the docs"


async def test_long_text_is_windowed_and_read_through_with_the_same_keys(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("G", "space")
    last = len(screen.rows) - 1
    await ui.until(lambda: screen.rows.height(last) == 201)
    await ui.press("pagedown", shows="line 30 of the answer")
    assert screen.table.cursor == last
    before = screen.table.scroll_offset.y
    await ui.press("j")
    assert screen.table.scroll_offset.y == before + 1
    for _ in range(12):
        await ui.press("pagedown")
    await ui.shows("cut here; enter reads all")
    await ui.press("g")
    await ui.press(*["j"] * last, until=lambda: screen.table.cursor == last)
    await ui.press("k")
    assert screen.table.cursor == last - 1


@pytest.mark.size(80, 10)
async def test_coming_to_a_tall_row_from_below_shows_its_end(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("j", "j", "j", "space", "j")
    for _ in range(30):
        if here(screen).call_index == 1:
            break
        await ui.press("j")
    await ui.press("k")
    assert here(screen).call_index == 0
    await ui.shows('"error": null')


async def test_the_whole_turn_unfolds_and_everything_folds(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("}", "f")
    assert {key for key in screen.rows.unfolded if key.startswith("c:")} == {
        entry.key for entry in screen.rows.entries if entry.call_index in (0, 1)
    }
    await ui.press("f")
    assert not screen.rows.unfolded
    await ui.press("f", "F")
    assert not screen.rows.unfolded


async def test_errors_and_turns_are_gone_to_around_the_ends(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("]")
    assert tool_and_outcome(screen) == ("c1", "error")
    await ui.press("]")
    assert tool_and_outcome(screen) == ("c4", "error")
    await ui.press("]")
    assert tool_and_outcome(screen) == ("c1", "error")
    await ui.shows("on from the other end")
    await ui.press("[")
    assert tool_and_outcome(screen) == ("c4", "error")
    await ui.press("{")
    assert here(screen).text == "now the docs"
    await ui.press("{")
    assert here(screen).text == "add a coupon module"
    await ui.press("}")
    assert here(screen).text == "now the docs"


async def test_search_goes_to_what_is_folded_and_on_with_n(app: WarmtuiApp, ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("slash", until=lambda: screen.query_one("#find", Input).has_focus)
    await ui.press(*"DOCS", shows="match 1 of 2 for “DOCS”")
    assert here(screen).text == "now the docs"
    await ui.press("enter", "n")
    assert tool_and_outcome(screen) == ("c3", "ok")
    await ui.press("n")
    assert here(screen).text == "now the docs"
    await ui.press("N")
    assert tool_and_outcome(screen) == ("c3", "ok")
    await ui.press("escape", until=lambda: not screen.words)
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
    async with opened(tmp_path, path, size=SMALL) as ui:
        await enter_first(ui)
        await ui.press("]", shows="2 of 25 messages · 12 calls, 12 failed")
        assert "step 5: revi" in ui.text
        await ui.press("slash", *"go on", "enter", "]", shows="1 match for “go on”, n goes to it")
        await ui.press("n", shows="match 1 of 1 for “go on”")


async def test_a_match_inside_a_folded_result_is_unfolded_and_scrolled_to(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("slash", until=lambda: screen.query_one("#find", Input).has_focus)
    await ui.press(*"line 150", shows="line 150 of the answer")
    await ui.press(*[*["backspace"] * 8, *"no such words"], shows="no match for “no such words”")


async def test_enter_reads_in_full_beside_or_instead_of_the_list(ui: Ui) -> None:
    screen = await enter_first(ui)
    assert not screen.pane.display
    await ui.press("]", "enter", shows="error type CommandNotFound")
    assert screen.pane.view.has_focus
    await ui.press("a", until=lambda: screen.pane.view.text == '{"command": "pytest -q"}')
    await ui.press("a", until=lambda: "exit_code" in screen.pane.view.text)
    await ui.press("escape", until=lambda: screen.table.has_focus and not screen.pane.display)
    await ui.press("tab", until=lambda: screen.pane.view.has_focus)
    await ui.press("tab", until=lambda: screen.table.has_focus)


@pytest.mark.size(200, 50)
async def test_where_there_is_room_the_text_follows_the_cursor(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.until(lambda: screen.pane.view.text == "You are an agent.\nBe brief.")
    await ui.press("j", until=lambda: screen.pane.view.text == "add a coupon module")
    await ui.press("G", until=lambda: "line 299" in screen.pane.view.text)
    await ui.resize(20, 5)
    await ui.until(lambda: not screen.pane.display)
    await ui.resize(*LARGE)
    await ui.until(lambda: screen.pane.display and "line 299" in screen.pane.view.text)


async def test_copying_takes_all_of_a_call_and_nothing_a_terminal_obeys(
    app: WarmtuiApp, ui: Ui, db: sqlite3.Connection
) -> None:
    hermes.said(db, "s", "user", "a\x1b]52;c;aGk=\x07b\ttab", timestamp=3_000.0)
    await enter_first(ui)
    await ui.press("]", "y")
    assert app.clipboard.startswith('terminal {"command": "pytest -q"}\n{"output": "pytest: command')
    await ui.press("G", "y")
    assert app.clipboard == "a␛]52;c;aGk=␇b\ttab"


async def test_a_call_goes_into_the_draft_and_only_a_call(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[str, int]] = []

    async def put(findings: Findings, index: int) -> None:
        taken.append((findings.judged.session.header.id, index))

    monkeypatch.setattr(app, "put_into_draft", put, raising=False)
    screen = await enter_first(ui)
    await ui.press("c", shows="only a call can be put into a draft")
    assert screen.check_action("draft", ()) is None
    await ui.press("]")
    assert screen.check_action("draft", ()) is True
    await ui.press("c", until=lambda: taken == [("s", 0)])


async def test_json_is_set_out_also_where_a_hint_follows_it(
    app: WarmtuiApp, ui: Ui, db: sqlite3.Connection
) -> None:
    hermes.called(db, "s", ("c9", "read_file", "not JSON"), timestamp=3_000.0)
    hermes.answered(db, "s", "c9", '{"content": [1, 2]}\n\nHint: look around', timestamp=3_001.0)
    screen = await enter_first(ui)
    await ui.press("G", "space")
    assert tool_and_outcome(screen)[0] == "c9"
    await ui.shows("Hint: look around")
    lines = [line.strip() for line in ui.text.split("\n")]
    assert [line for line in lines if line in ("not JSON", '"content": [', "1,", "Hint: look around")] == [
        "not JSON",
        '"content": [',
        "1,",
        "Hint: look around",
    ]


async def test_arguments_are_coloured_names_and_values_apart(ui: Ui) -> None:
    screen = await enter_first(ui)
    await ui.press("]", "space", shows='"command": "pytest -q"')
    await ui.press("k")  # the cursor's own row is of one colour where a terminal has only sixteen
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


async def test_it_begins_on_the_message_it_was_opened_for(app: WarmtuiApp, ui: Ui) -> None:
    first = await enter_first(ui)
    result = first.rows.entries[4].call
    assert result is not None
    assert result.result is not None
    screen = TimelineScreen(first.session_key, result.result.id)
    app.push_screen(screen)
    await ui.until(lambda: screen.judged is not None)
    assert tool_and_outcome(screen) == ("c2", "ok")


async def test_escape_goes_back_to_the_sessions(ui: Ui) -> None:
    await enter_first(ui)
    await ui.screen(SessionsScreen, "escape")


async def test_it_grows_with_the_session_and_cursor_and_folds_stay(
    app: WarmtuiApp, ui: Ui, db: sqlite3.Connection
) -> None:
    screen = await enter_first(ui)
    await ui.press("]", "space")
    count, held, top = len(screen.rows), here(screen).key, screen.table.scroll_offset.y
    hermes.called(db, "s", ("c9", "terminal", {"command": "ls"}), timestamp=5_000.0)
    await ui.until(lambda: len(screen.rows) == count + 1)
    assert (here(screen).key, screen.table.scroll_offset.y) == (held, top)
    assert held in screen.rows.unfolded
    await ui.press("G")
    assert here(screen).call_index == 4
    key = here(screen).key
    hermes.answered(db, "s", "c9", terminal("a.py"), timestamp=5_001.0)
    await ui.until(lambda: tool_and_outcome(screen) == ("c9", "ok"))
    assert here(screen).key == key
    hermes.said(db, "s", "assistant", "Listed.", timestamp=5_002.0)
    await ui.until(lambda: here(screen).text == "Listed.")
    await ui.shows("Listed.")


async def test_a_session_that_goes_away_stays_readable(
    app: WarmtuiApp, ui: Ui, db: sqlite3.Connection
) -> None:
    screen = await enter_first(ui)
    db.execute("DELETE FROM messages")
    db.execute("DELETE FROM sessions")
    await ui.shows("the session is gone from its source")
    assert len(screen.rows) == 9
    await ui.press("]")
    assert tool_and_outcome(screen) == ("c1", "error")


@pytest.mark.slow
async def test_compactions_divide_and_harness_prompts_are_named(tmp_path: Path, recordings: Path) -> None:
    async with opened(tmp_path, recordings, size=(120, 40)) as ui:
        await ui.sessions()
        seen: set[str] = set()
        for key in list(ui.workspace.sessions.table):
            screen = await ui.timeline(key)
            for index, entry in enumerate(screen.rows.entries):
                seen.add(entry.message.origin if entry.message else entry.kind)
                assert screen.rows.selectable(index) == (entry.kind != "cut")
                if entry.kind == "cut":
                    screen.table.goto(index)
                    await ui.pause()
                    assert "messages kept, the rest summarised" in ui.text
            await ui.app.pop_screen()
        assert {"cut", "summary", "prompt", "person", "agent"} <= seen


async def test_words_that_a_program_wrote_are_named_as_transcripts_name_them(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    db = hermes.create(path)
    hermes.session(db, "s", source="cron")
    hermes.said(db, "s", "user", "the daily report", timestamp=1.0)
    db.close()
    async with opened(tmp_path, path, size=(100, 20)) as ui:
        await enter_first(ui)
        assert re.search(r"program +the daily report", ui.text)


@pytest.mark.slow
async def test_hostile_text_stays_text(tmp_path: Path) -> None:
    evil = "[/] [@click=app.quit]x[/] \x1b]52;c;aGk=\x07\x9b2J\u202eevil\u200b" + "é" + "\u0301" * 50
    path = tmp_path / "evil.db"
    db = hermes.create(path)
    hermes.session(db, "s", title=evil)
    hermes.said(db, "s", "user", evil * 3 + "x" * 5_000_000, timestamp=1.0)
    hermes.called(db, "s", ("c", evil, '{"a": "' + "\\u001b[2J" * 1000), text=evil, timestamp=2.0)
    hermes.answered(db, "s", "c", evil + "\n" * 250_000, timestamp=3.0, tool_name=evil)
    hermes.answered(db, "s", "nothing", "an orphan " + evil, timestamp=4.0)
    hermes.said(db, "s", "user", "[" * 100_000, timestamp=float("inf"))
    db.close()
    async with opened(tmp_path, path, size=(160, 40)) as ui:
        screen = await enter_first(ui)
        for _ in range(len(screen.rows)):
            await ui.press("space", "enter")
            await ui.pause()
            assert not hostile_characters(ui.text)
            await ui.press("escape", "j")
        assert any(entry.kind == "result" for entry in screen.rows.entries)
        await ui.resize(20, 5)
        await ui.pause()
        assert not hostile_characters(ui.text)


async def test_an_empty_session_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    db = hermes.create(path)
    hermes.session(db, "s", title="nothing yet")
    db.close()
    async with opened(tmp_path, path, size=SMALL) as ui:
        await ui.screen(SessionsScreen)
        await ui.until(lambda: len(ui.workspace.sessions.table) == 1)
        ui.app.push_screen(TimelineScreen(next(iter(ui.workspace.sessions.table))))
        await ui.shows("This session has no messages yet.")
        await ui.press("]", "}", "space", "y", "enter", shows="there is nothing in this session yet")


async def test_a_session_that_cannot_be_read_is_told_in_words(app: WarmtuiApp, ui: Ui) -> None:
    await ui.screen(SessionsScreen)
    gone = TimelineScreen(SessionKey("nowhere.db", "gone"))
    app.push_screen(gone)
    await ui.shows("the session is gone")
    assert "gone" in str(gone.query_one(".problem", Static).content)


@pytest.mark.slow
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
    async with opened(tmp_path, path, size=SMALL) as ui:
        screen = await enter_first(ui)
        await ui.until(lambda: screen.judged is not None)
        assert len(screen.rows) == 10_000
        drawn: list[int] = []
        render = screen.rows.render

        def spy(index: int, width: int, state: RowState) -> Sequence[Line]:
            drawn.append(index)
            return render(index, width, state)

        monkeypatch.setattr(screen.rows, "render", spy)
        await ui.press("G", shows="answer 4999")
        assert len(set(drawn)) < 60
