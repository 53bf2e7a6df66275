"""Free text in the sessions list: titles at once, messages through the index."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import hermes_db as hermes
import pytest
from pilots import expect_screen, screen_text, wait_for
from textual import events
from textual.widgets import Input, Static

from warmtui.sources.live_database import LiveDatabase
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.filter_input import FilterSuggester
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace


async def test_words_are_found_in_messages(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await expect_screen(pilot, SessionsScreen)
        await wait_for(pilot, lambda: len(screen.rows) == 12 and not app.workspace.sessions.waiting)
        await pilot.press("slash")
        await wait_for(pilot, lambda: screen.query_one("#filter").has_focus)
        await pilot.press(*"deploy.yml")
        await wait_for(pilot, lambda: len(screen.rows) == 1)
        only = screen.rows.session(0)
        assert only is not None
        assert only.header.title == "Failing deploy", "the word stands in a call's result only"


async def test_what_is_typed_faster_than_the_screen_goes_into_the_filter(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await expect_screen(pilot, SessionsScreen)
        await wait_for(pilot, lambda: len(screen.rows) == 12 and not app.workspace.sessions.waiting)
        box = screen.query_one("#filter", Input)
        arrange = screen.table.list_anew

        def slowly() -> None:
            time.sleep(0.03)  # as it is with ten thousand sessions
            arrange()

        monkeypatch.setattr(screen.table, "list_anew", slowly)
        for pause in range(1, 8):  # where in the typing the app finds time to hear something
            for at, (key, character) in enumerate(
                (("slash", "/"), *((letter, letter) for letter in "acmenave"))
            ):
                app.post_message(events.Key(key, character))
                if at >= pause:
                    await asyncio.sleep(0)
            await wait_for(pilot, lambda: len(box.value) == 8, "the words to stand in the filter")
            assert box.value == "acmenave"
            await pilot.press("escape")
        assert isinstance(app.screen, SessionsScreen), "c would have begun a draft"
        assert screen.table.hidden == {"empty": True, "subagents": False, "archived": True}


async def test_the_words_of_the_filter_are_gone_to_in_the_session(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await expect_screen(pilot, SessionsScreen)
        await wait_for(pilot, lambda: len(screen.rows) == 12 and not app.workspace.sessions.waiting)
        await pilot.press("slash", *"deploy.yml", "enter")
        await wait_for(pilot, lambda: len(screen.rows) == 1)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "for “deploy.yml”, n goes to" in screen_text(pilot))
        await pilot.press("n")
        await wait_for(pilot, lambda: "match 1 of" in screen_text(pilot))
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen, "to be back at once")
        await pilot.press("slash", *"title:failing", "enter", "enter")
        await wait_for(pilot, lambda: "20 messages · 8 calls, 6 failed" in screen_text(pilot))


async def test_the_line_to_type_into_has_the_focus_at_once(app: WarmtuiApp) -> None:
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await expect_screen(pilot, SessionsScreen)
        screen.action_filter()
        assert screen.focused is screen.query_one("#filter"), "letters typed fast would be keys of the list"
        await pilot.press("escape", "enter")
        timeline = await expect_screen(pilot, TimelineScreen)
        timeline.action_search()
        assert timeline.focused is timeline.query_one("#find")
        app.action_go("templates")
        templates = await expect_screen(pilot, TemplatesScreen)
        templates.action_filter()
        assert templates.focused is templates.query_one("#filter")


async def test_a_search_ends_when_no_words_are_looked_for_any_more(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
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
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        await pilot.press("slash", *"coupo")
        await wait_for(pilot, begun.is_set)
        app.screen.query_one("#filter", Input).value = "tool:"  # nothing but a field
        await wait_for(pilot, ended.is_set)


async def test_fields_and_values_are_completed() -> None:
    suggester = FilterSuggester(lambda: {"channel": ["cli", "telegram"]})
    assert await suggester.get_suggestion("chan") == "channel:"
    assert await suggester.get_suggestion("channel:tel") == "channel:telegram"
    assert await suggester.get_suggestion("nothing like it") is None


def said(screen: SessionsScreen) -> str:
    line = screen.query_one(".problem", Static)
    return str(line.content) if line.display else ""


async def test_that_only_titles_were_searched_stays_said(tmp_path: Path) -> None:
    database = hermes.create(tmp_path / "plain.db")  # without an index of the messages
    for number in range(3):
        hermes.session(database, f"s{number}", title=f"session {number}")
        hermes.said(database, f"s{number}", "user", "mend the till")
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(tmp_path / "plain.db")], environ=environ) as workspace:
        app = WarmtuiApp(workspace)
        async with app.run_test(size=(120, 30)) as pilot:
            screen = await expect_screen(pilot, SessionsScreen)
            await wait_for(pilot, lambda: len(screen.rows) == 3 and not workspace.sessions.waiting)
            await pilot.press("slash")
            await wait_for(pilot, lambda: screen.query_one("#filter").has_focus)
            await pilot.press(*"scroe>80 till")
            await wait_for(pilot, lambda: "only titles and the person's words were searched" in said(screen))
            assert "no field 'scroe'" in said(screen)
            await pilot.pause(0.5)  # the sources are looked at every fifth of a second
            assert "only titles and the person's words were searched" in said(screen)
            screen.table.troubles = ("a source is gone",)
            assert "no field 'scroe'" in said(screen)
            assert "a source is gone" in said(screen)
            await pilot.press("escape")
            await wait_for(pilot, lambda: "scroe" not in said(screen) and "titles" not in said(screen))
    database.close()
