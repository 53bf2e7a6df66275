"""Every key of every screen does something or says why not.

Each place is a screen with a widget focused in it. In each, every key of every command of the screen and of
that widget is pressed once, on the recordings: its action has to run, or the reason why it cannot has to be
said. What cannot be pressed there is named with the reason, and it is checked that this is still so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import pytest
from seeds import draft
from textual.actions import ActionParseResult
from textual.dom import DOMNode
from textual.widget import Widget
from ui import MARATHON, TOTALS, Ui, session_ids

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

pytestmark = [pytest.mark.slow, pytest.mark.size(120, 36)]

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


async def home(ui: Ui) -> SessionsScreen:
    """Go to the list of sessions, whatever is open."""
    while len(ui.app.screen_stack) > 1:
        await ui.app.pop_screen()
    screen = await ui.screen(
        SessionsScreen, until=lambda screen: {MARATHON, TOTALS} <= {*session_ids(screen)}
    )
    screen.table.clear_marks()
    screen.remove_class("-profile")
    screen.table.focus()
    return screen


async def sessions(ui: Ui) -> Widget:
    return (await home(ui)).table


async def profile(ui: Ui) -> Widget:
    pane = (await home(ui)).query_one(ProfilePane)
    await ui.press("tab", until=lambda: pane.has_focus)
    return pane


async def first_run(ui: Ui) -> Widget:
    await home(ui)
    await ui.app.push_screen(FirstRunScreen())
    return (await ui.screen(FirstRunScreen, until=lambda screen: len(screen.rows))).table


async def timeline(ui: Ui) -> Widget:
    await home(ui)
    await ui.app.push_screen(TimelineScreen(ui.key_of(MARATHON)))
    return (await ui.screen(TimelineScreen, until=lambda screen: len(screen.rows))).table


async def text(ui: Ui) -> Widget:
    await timeline(ui)
    await ui.press("]", "enter")
    view: Widget = ui.app.screen.query_one("#message TextView")
    await ui.until(lambda: view.has_focus, "the text")
    return view


async def comparing(ui: Ui) -> Widget:
    await home(ui)
    ui.app.compare(ui.key_of(MARATHON), ui.key_of(TOTALS))
    return (
        await ui.screen(
            CompareScreen, until=lambda screen: screen.comparison is not None and len(screen.rows)
        )
    ).table


async def templates(ui: Ui) -> Widget:
    await home(ui)
    ui.app.action_go("templates")
    return (await ui.screen(TemplatesScreen, until=lambda screen: screen.current() is not None)).table


async def candidates(ui: Ui) -> Widget:
    screen = await home(ui)
    screen.table.goto(session_ids(screen).index(TOTALS))
    return (await ui.screen(CurateScreen, "c")).query_one("#candidates")


async def drafted(ui: Ui) -> Widget:
    await candidates(ui)
    await ui.press("a", "tab")
    return ui.app.screen.query_one("#draft")


async def item(ui: Ui) -> Widget:
    await drafted(ui)
    await ui.press("tab")
    return ui.app.screen.query_one(ItemEditor)


async def previewing(ui: Ui) -> Widget:
    await candidates(ui)
    screen = await ui.screen(PreviewScreen, "a", "p", until=lambda screen: screen.focused is not None)
    assert screen.focused is not None
    return screen.focused


@dataclass(frozen=True)
class Place:
    """A screen with a widget focused in it.

    Args:
        reach: goes there from anywhere and returns that widget.
        kinds: the screen and the widgets whose commands are there.
        unpressed: commands whose keys mean something else here or nothing, with the reason.
    """

    reach: Callable[[Ui], Awaitable[Widget]]
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
async def app(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> WarmtuiApp:
    for name in ("EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("one", "two", "three"):
        await workspace.library.save(draft(name, Seed(system_context=f"{name}.")))
    await workspace.library.save(draft("one"))
    return WarmtuiApp(workspace)


def of_kind(kind: type[DOMNode]) -> Iterator[Command]:
    """Yield the commands of a class and of those it inherits from."""
    for owner in kind.__mro__:
        yield from vars(owner).get("KEYS", ())


def listed(node: DOMNode) -> set[Command]:
    """Return every command of a widget and what it stands in, without the app's own."""
    owners = [owner for owner in node.ancestors_with_self if not isinstance(owner, WarmtuiApp)]
    return {command for owner in owners for command in of_kind(type(owner))}


@pytest.fixture
def ran(ui: Ui, monkeypatch: pytest.MonkeyPatch) -> list[tuple[DOMNode, str]]:
    """The actions that ran, or whose reason for not running was said."""
    ran: list[tuple[DOMNode, str]] = []
    run = ui.app.run_action

    async def run_action(
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        done = await run(action, default_namespace, namespaces)
        if done and isinstance(action, str):
            ran.append((default_namespace or ui.app, action))
        return done

    monkeypatch.setattr(ui.app, "run_action", run_action)
    return ran


@pytest.mark.parametrize("name", PLACES)
async def test_every_key_acts_or_says_why_not(ui: Ui, ran: list[tuple[DOMNode, str]], name: str) -> None:
    place = PLACES[name]
    widget = await place.reach(ui)
    there = listed(widget)
    assert there == {command for kind in place.kinds for command in of_kind(kind)}
    wanted = {
        (command.id, key): command
        for command in sorted(there, key=lambda command: command.id)
        for _id, key in command.each_key()
    }
    silent, wrong = [], []
    for (command_id, key), command in wanted.items():
        if not widget.is_attached or ui.app.screen is not widget.screen or not widget.has_focus:
            widget = await place.reach(ui)
            await ui.until(partial(getattr, widget, "has_focus"), f"{widget} to have the focus")
        if command_id in BEFORE and command_id not in place.unpressed:
            await ui.press(BEFORE[command_id])
        ran.clear()
        await ui.press(key)
        await ui.pause()
        taken = [action for _node, action in ran]
        acted = command.action in taken
        if acted and command_id in place.unpressed:
            wrong.append(command_id)
        elif not acted and command_id not in place.unpressed:
            silent.append((command_id, key, taken))
        # what an action started goes on beside the next key, as it does under a person's hands
        await asyncio.sleep(0)
    assert not silent, "neither acted nor said why not"
    assert not wrong, "documented as doing nothing here, but acts"
    assert set(place.unpressed) <= {command.id for command in wanted.values()}, "documented, not there"


async def test_every_key_of_the_app_acts_or_says_why_not(ui: Ui, ran: list[tuple[DOMNode, str]]) -> None:
    for command in WarmtuiApp.KEYS:
        if command.id in ENDS:
            continue
        await home(ui)
        ran.clear()
        await ui.press(command.key)
        await ui.pause()
        assert (ui.app, command.action) in ran, command.id
        await ui.press("escape")
    await home(ui)
    await ui.press("q", until=lambda: not ui.app.is_running)


def test_no_command_is_in_none_of_these_places() -> None:
    found = set(WarmtuiApp.KEYS)
    for place in PLACES.values():
        found |= {command for kind in place.kinds for command in of_kind(kind)}
    missing = {command.id for command in set(all_commands()) - found}
    assert {name.partition(".")[0] for name in missing} == ELSEWHERE.keys(), missing
