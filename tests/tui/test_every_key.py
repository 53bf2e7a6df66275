"""Every key of every screen does something or says why not.

Each place is a screen with a widget focused in it. In each, every key of every command of the screen and of
that widget is pressed once, on the recordings: its action has to run, or the reason why it cannot has to be
said. What cannot be pressed there is named with the reason, and it is checked that this is still so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pilots import session_keys, wait_for
from seeds import draft
from textual.actions import ActionParseResult
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widget import Widget

from warmtui.model.template import Seed
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.commands import Command
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.configuration import all_commands
from warmtui.tui.curate.item_editor import ItemEditor
from warmtui.tui.curate.lists import CandidateList, ItemList
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.list.row_list import RowList
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.first_run import FirstRunScreen
from warmtui.tui.sessions.profile_pane import ProfilePane
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplateList, TemplatesScreen
from warmtui.tui.text.text_view import TextView
from warmtui.tui.timeline.message_pane import MessagePane
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.tui.timeline.timeline_list import TimelineList
from warmtui.workspace import Workspace
from warmtui.workspace.session_table import SessionKey

pytestmark = pytest.mark.slow

MARATHON = "20261120_094736_8895c1"
TOTALS = "20261120_094657_b4cc5c"

NO_RANGE = "no range is being chosen"
NO_MARKS = "nothing is marked in this list"
NO_WORDS = "nothing is searched in the text; the screen has the key then"
NO_MASKS = "offered among the maskings only; test_preview_screen.py presses it there"
OPENED_BY_SCREEN = "the screen has the key, with a word in the footer"
WITHOUT_MARKS = {
    "rows.mark": NO_MARKS,
    "rows.range": NO_MARKS,
    "rows.extend_down": NO_MARKS,
    "rows.extend_up": NO_MARKS,
    "rows.cancel_range": NO_RANGE,
}


class Driver:
    """The app, driven: remembers which actions ran, and comes back to where it was."""

    def __init__(self, app: WarmtuiApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.ran: list[tuple[DOMNode, str]] = []

    async def until(self, predicate: Callable[[], object], what: str) -> None:
        await wait_for(self.pilot, predicate, what)

    async def home(self) -> SessionsScreen:
        """Go to the list of sessions, whatever is open."""
        while len(self.app.screen_stack) > 1:
            await self.app.pop_screen()
        screen = self.app.screen
        assert isinstance(screen, SessionsScreen)
        feed = self.app.workspace.sessions.feed
        await self.until(lambda: {MARATHON, TOTALS} <= {key.id for key in list(feed.rows)}, "sessions")
        await self.until(lambda: len(screen.rows) > 5, "sessions")
        screen.table.clear_marks()
        screen.remove_class("-profile")
        screen.table.focus()
        return screen

    def session(self, name: str) -> SessionKey:
        return next(key for key in self.app.workspace.sessions.table if key.id == name)

    async def come_to(self, kind: type[Any]) -> Any:
        await self.until(lambda: isinstance(self.app.screen, kind), kind.__name__)
        return self.app.screen


async def sessions(driver: Driver) -> Widget:
    return (await driver.home()).table


async def profile(driver: Driver) -> Widget:
    screen = await driver.home()
    await driver.pilot.press("tab")
    pane = screen.query_one(ProfilePane)
    await driver.until(lambda: pane.has_focus, "the profile to have the focus")
    return pane


async def first_run(driver: Driver) -> Widget:
    await driver.home()
    await driver.app.push_screen(FirstRunScreen())
    screen = await driver.come_to(FirstRunScreen)
    await driver.until(lambda: len(screen.rows), "a session that is worth a template")
    assert isinstance(screen, FirstRunScreen)
    return screen.table


async def timeline(driver: Driver) -> Widget:
    await driver.home()
    await driver.app.push_screen(TimelineScreen(driver.session(MARATHON)))
    screen = await driver.come_to(TimelineScreen)
    await driver.until(lambda: len(screen.rows), "messages")
    assert isinstance(screen, TimelineScreen)
    return screen.table


async def text(driver: Driver) -> Widget:
    table = await timeline(driver)
    await driver.pilot.press("]", "enter")
    view: Widget = driver.app.screen.query_one("#message TextView")
    await driver.until(lambda: view.has_focus, "the text")
    assert table is not view
    return view


async def comparing(driver: Driver) -> Widget:
    await driver.home()
    driver.app.compare(driver.session(MARATHON), driver.session(TOTALS))
    screen = await driver.come_to(CompareScreen)
    await driver.until(lambda: screen.comparison is not None and len(screen.rows), "the comparison")
    assert isinstance(screen, CompareScreen)
    return screen.table


async def templates(driver: Driver) -> Widget:
    await driver.home()
    driver.app.action_go("templates")
    screen = await driver.come_to(TemplatesScreen)
    await driver.until(lambda: screen.current() is not None, "templates")
    assert isinstance(screen, TemplatesScreen)
    return screen.table


async def _curating(driver: Driver) -> None:
    screen = await driver.home()
    await driver.until(lambda: driver.session(TOTALS) in session_keys(screen.rows), TOTALS)
    screen.table.goto(session_keys(screen.rows).index(driver.session(TOTALS)))
    await driver.pilot.press("c")
    await driver.come_to(CurateScreen)


async def candidates(driver: Driver) -> Widget:
    await _curating(driver)
    return driver.app.screen.query_one("#candidates")


async def drafted(driver: Driver) -> Widget:
    await _curating(driver)
    await driver.pilot.press("a", "tab")
    return driver.app.screen.query_one("#draft")


async def item(driver: Driver) -> Widget:
    await drafted(driver)
    await driver.pilot.press("tab")
    return driver.app.screen.query_one(ItemEditor)


async def previewing(driver: Driver) -> Widget:
    await _curating(driver)
    await driver.pilot.press("a", "p")
    screen = await driver.come_to(PreviewScreen)
    await driver.until(lambda: screen.focused is not None, "a focus")
    focused = screen.focused
    assert isinstance(focused, Widget)
    return focused


@dataclass(frozen=True)
class Place:
    """A screen with a widget focused in it.

    Args:
        reach: goes there from anywhere and returns that widget.
        kinds: the screen and the widgets whose commands are there.
        unpressed: commands whose keys mean something else here or nothing, with the reason.
    """

    reach: Callable[[Driver], Awaitable[Widget]]
    kinds: tuple[type[DOMNode], ...]
    unpressed: Mapping[str, str] = field(default_factory=dict)


LISTED = {"rows.open": OPENED_BY_SCREEN}
PLACES: Mapping[str, Place] = {
    "sessions": Place(sessions, (SessionsScreen, RowList), LISTED),
    "profile": Place(profile, (SessionsScreen, ProfilePane)),
    "first run": Place(first_run, (FirstRunScreen, RowList), {**LISTED, **WITHOUT_MARKS}),
    "timeline": Place(timeline, (TimelineScreen, TimelineList), WITHOUT_MARKS),
    "text": Place(
        text,
        (TimelineScreen, MessagePane, TextView),
        {
            "text.next": NO_WORDS,
            "text.previous": NO_WORDS,
            "text.end_search": NO_WORDS,
            "text.next_part": "the text is short",
            "text.previous_part": "the text is short",
            "timeline.search": "/ searches in the text here",
        },
    ),
    "compare": Place(comparing, (CompareScreen, RowList), {**LISTED, **WITHOUT_MARKS}),
    "templates": Place(
        templates, (TemplatesScreen, TemplateList), {**LISTED, "rows.range": "v shows versions here"}
    ),
    "candidates": Place(candidates, (CurateScreen, CandidateList)),
    "draft": Place(drafted, (CurateScreen, ItemList), WITHOUT_MARKS),
    "item": Place(item, (CurateScreen, ItemEditor)),
    "preview": Place(
        previewing,
        (PreviewScreen, RowList),
        {**WITHOUT_MARKS, "preview.accept": NO_MASKS, "preview.restore": NO_MASKS},
    ),
}
BEFORE = {"rows.cancel_range": "shift+down"}
"""What is pressed first, so that a command is there at all."""
ENDS = {"app.quit": "it ends the app; pressed on its own below"}
ELSEWHERE: Mapping[str, str] = {
    "help": "the help is a place of its own; test_help.py presses its keys",
    "field": "letters are text in the fields of an item; test_item_editor.py presses their keys",
    "waiting": "it is over before a key can be pressed here; test_wait.py holds it up",
}
"""Scopes that no place here has, and where their keys are pressed."""


@pytest.fixture
async def app(tmp_path: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WarmtuiApp]:
    monkeypatch.chdir(tmp_path)
    for name in ("EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    environ = {
        "HOME": str(tmp_path),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
        "HERMES_HOME": str(tmp_path / "hermes"),
    }
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        for name in ("one", "two", "three"):
            await workspace.library.save(draft(name, Seed(system_context=f"{name}.")))
        await workspace.library.save(draft("one"))
        yield WarmtuiApp(workspace)


def of_kind(kind: type[DOMNode]) -> Iterator[Command]:
    """Yield the commands of a class and of those it inherits from."""
    for owner in kind.__mro__:
        yield from vars(owner).get("KEYS", ())


def listed(node: DOMNode) -> set[Command]:
    """Return every command of a widget and what it stands in, without the app's own."""
    owners = [owner for owner in node.ancestors_with_self if not isinstance(owner, WarmtuiApp)]
    return {command for owner in owners for command in of_kind(type(owner))}


async def press(driver: Driver, key: str) -> list[tuple[DOMNode, str]]:
    """Press a key and return the actions that ran, or whose reason for not running was said."""
    driver.ran.clear()
    await driver.pilot.press(key)
    await driver.pilot.pause()
    return list(driver.ran)


def watch(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember which actions are taken, ran or explained."""
    run = driver.app.run_action

    async def run_action(
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        done = await run(action, default_namespace, namespaces)
        if done and isinstance(action, str):
            driver.ran.append((default_namespace or driver.app, action))
        return done

    monkeypatch.setattr(driver.app, "run_action", run_action)


@pytest.mark.parametrize("name", PLACES)
async def test_every_key_acts_or_says_why_not(
    app: WarmtuiApp, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = PLACES[name]
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        driver = Driver(app, pilot)
        watch(driver, monkeypatch)
        widget = await place.reach(driver)
        there = listed(widget)
        assert there == {command for kind in place.kinds for command in of_kind(kind)}
        wanted = {
            (command.id, key): command
            for command in sorted(there, key=lambda command: command.id)
            for _id, key in command.each_key()
        }
        silent, wrong = [], []
        for (command_id, key), command in wanted.items():
            if not widget.is_attached or app.screen is not widget.screen or not widget.has_focus:
                widget = await place.reach(driver)
                await driver.until(partial(getattr, widget, "has_focus"), f"{widget} to have the focus")
            if command_id in BEFORE and command_id not in place.unpressed:
                await driver.pilot.press(BEFORE[command_id])
            taken = await press(driver, key)
            acted = command.action in [action for _node, action in taken]
            if acted and command_id in place.unpressed:
                wrong.append(command_id)
            elif not acted and command_id not in place.unpressed:
                silent.append((command_id, key, [action for _node, action in taken]))
            # what an action started goes on beside the next key, as it does under a person's hands
            await asyncio.sleep(0)
        assert not silent, "neither acted nor said why not"
        assert not wrong, "documented as doing nothing here, but acts"
        assert set(place.unpressed) <= {command.id for command in wanted.values()}, "documented, not there"


async def test_every_key_of_the_app_acts_or_says_why_not(
    app: WarmtuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        driver = Driver(app, pilot)
        watch(driver, monkeypatch)
        for command in WarmtuiApp.KEYS:
            if command.id in ENDS:
                continue
            await driver.home()
            taken = await press(driver, command.key)
            assert (app, command.action) in [(node, action) for node, action in taken], command.id
            await pilot.press("escape")
        await driver.home()
        await pilot.press("q")
        await driver.until(lambda: not app.is_running, "the end")


def test_no_command_is_in_none_of_these_places() -> None:
    found = set(WarmtuiApp.KEYS)
    for place in PLACES.values():
        found |= {command for kind in place.kinds for command in of_kind(kind)}
    missing = {command.id for command in set(all_commands()) - found}
    assert {name.partition(".")[0] for name in missing} == ELSEWHERE.keys(), missing
