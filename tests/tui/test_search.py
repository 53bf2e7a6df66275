"""Free text in the sessions list: titles at once, messages through the index."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import hermes_db as hermes
import pytest
from textual import events
from textual.widgets import Input
from ui import Ui, line, opened

from warmtui.library.text_index import IndexedSession, TextIndex
from warmtui.sources.live_database import LiveDatabase
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.screen import FilterSuggester, SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen


async def test_words_are_found_in_messages(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.press("slash", until=lambda: screen.query_one("#filter").has_focus)
    await ui.press(*"deploy.yml", until=lambda: len(screen.rows) == 1)
    only = screen.rows.session(0)
    assert only is not None
    assert only.header.title == "Failing deploy", "the word stands in a call's result only"


@pytest.mark.slow
async def test_what_is_typed_faster_than_the_screen_goes_into_the_filter(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await ui.sessions()
    box = screen.query_one("#filter", Input)
    arrange = screen.table.list_anew

    def slowly() -> None:
        time.sleep(0.03)  # as it is with ten thousand sessions
        arrange()

    monkeypatch.setattr(screen.table, "list_anew", slowly)
    for pause in range(1, 8):  # where in the typing the app finds time to hear something
        for at, (key, character) in enumerate((("slash", "/"), *((letter, letter) for letter in "acmenave"))):
            app.post_message(events.Key(key, character))
            if at >= pause:
                await asyncio.sleep(0)
        await ui.until(lambda: len(box.value) == 8, "the words to stand in the filter")
        assert box.value == "acmenave"
        await ui.press("escape")
    assert isinstance(app.screen, SessionsScreen), "c would have begun a draft"
    assert screen.table.hidden == {"empty": True, "subagents": False, "archived": True}


async def test_the_words_of_the_filter_are_gone_to_in_the_session(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.press("slash", *"deploy.yml", "enter", until=lambda: len(screen.rows) == 1)
    await ui.press("enter", shows="for “deploy.yml”, n goes to")
    await ui.press("n", shows="match 1 of")
    await ui.back_to(screen, "escape")
    await ui.press("slash", *"title:failing", "enter", "enter", shows="20 messages · 8 calls, 6 failed")


async def test_the_line_to_type_into_has_the_focus_at_once(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.screen(SessionsScreen)
    screen.action_filter()
    assert screen.focused is screen.query_one("#filter"), "letters typed fast would be keys of the list"
    timeline = await ui.screen(TimelineScreen, "escape", "enter")
    timeline.action_search()
    assert timeline.focused is timeline.query_one("#find")
    app.action_go("templates")
    templates = await ui.screen(TemplatesScreen)
    templates.action_filter()
    assert templates.focused is templates.query_one("#filter")


@pytest.mark.slow
async def test_a_search_ends_when_no_words_are_looked_for_any_more(
    app: WarmtuiApp, ui: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(database: LiveDatabase, words: str, **_: object) -> object:
        begun.set()
        sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        try:
            return database.query(sql)
        finally:
            ended.set()

    monkeypatch.setattr("warmtui.sources.hermes.search.search_sessions", endless)
    await ui.screen(SessionsScreen)
    await ui.press("slash", *"coupo", until=begun.is_set)
    app.screen.query_one("#filter", Input).value = "tool:"  # nothing but a field
    await ui.until(ended.is_set)


async def test_fields_and_values_are_completed() -> None:
    suggester = FilterSuggester(lambda: {"channel": ["cli", "telegram"]})
    assert await suggester.get_suggestion("chan") == "channel:"
    assert await suggester.get_suggestion("channel:tel") == "channel:telegram"
    assert await suggester.get_suggestion("nothing like it") is None


async def test_sessions_of_an_agent_without_an_index_are_found_by_their_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, going_on = threading.Event(), threading.Event()
    put = TextIndex.put

    def slowly(index: TextIndex, source: str, sessions: Sequence[IndexedSession]) -> None:
        waiting.set()
        assert going_on.wait(30)
        put(index, source, sessions)

    monkeypatch.setattr(TextIndex, "put", slowly)
    chats = [
        {
            "id": f"s{number}",
            "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": more}],
        }
        for number, (text, more) in enumerate((("mend", "the till"), ("mend", "the drawer"), ("go", "on")))
    ]
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(f"{json.dumps(chat)}\n" for chat in chats))
    async with opened(tmp_path, path) as ui:
        screen = await ui.sessions(3)
        await ui.press("slash", until=lambda: screen.query_one("#filter").has_focus)
        await ui.press(*"drawer", until=waiting.is_set)
        await ui.until(lambda: "indexing sessions for search: 0 of 3" in line(screen, "problem"))
        going_on.set()
        await ui.until(lambda: len(screen.rows) == 1)
        await ui.until(lambda: "indexing" not in line(screen, "problem"))


async def test_how_it_was_searched_stays_said(tmp_path: Path) -> None:
    database = hermes.create(tmp_path / "plain.db")  # without an index of the messages
    for number in range(3):
        hermes.session(database, f"s{number}", title=f"session {number}")
        hermes.said(database, f"s{number}", "user", "mend the till")
    async with opened(tmp_path, tmp_path / "plain.db") as ui:
        screen = await ui.sessions(3)
        await ui.press("slash", until=lambda: screen.query_one("#filter").has_focus)
        await ui.press(*"scroe>80 till")
        no_index = "Hermes keeps no index of its messages here"
        await ui.until(lambda: no_index in line(screen, "problem"))
        assert "no field 'scroe'" in line(screen, "problem")
        await ui.pause(0.5)  # the sources are looked at every fifth of a second
        assert no_index in line(screen, "problem")
        screen.table.troubles = ("a source is gone",)
        assert "no field 'scroe'" in line(screen, "problem")
        assert "a source is gone" in line(screen, "problem")
        await ui.press("escape")
        await ui.until(lambda: not any(words in line(screen, "problem") for words in ("scroe", "Hermes")))
    database.close()
