"""Texts of 5 MB in a line and of 250,000 lines through every screen: only a part is ever laid out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path

import pytest
from looker import Looker, opened
from textual.widgets import Input

from warmtui.library.library import Library
from warmtui.model.template import Draft, ExampleCall, Provenance, Seed, ToolExample
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen

pytestmark = pytest.mark.slow

HANG = 120.0
"""Seconds after which the app is taken to hang; laying out one of these texts whole takes minutes."""
NAME = "big calls"


def bounded(test: Callable[[Looker], Awaitable[None]]) -> Callable[[Looker], Awaitable[None]]:
    @wraps(test)
    async def within(looker: Looker) -> None:
        async with asyncio.timeout(HANG):
            await test(looker)

    return within


def example(name: str, command: str, result: str) -> ToolExample:
    call = ExampleCall(
        tool="terminal",
        arguments=json.dumps({"command": command}),
        result=result,
        result_characters=len(result),
    )
    here = Provenance(agent="hermes", session_id="big", message_id="1", call_id=name)
    return ToolExample(id=name, before=f"run {name}", calls=(call,), closing="done", provenance=here)


async def keep_big_template(path: Path) -> None:
    """Keep two versions of a template whose calls are as big as those of the sessions."""
    line, lines = "z" * 5_000_000, "line [/]\n" * 250_000
    seed = Seed(tool_examples=(example("line", line, "done"), example("lines", "cat", lines)))
    async with Library(path, clock=lambda: datetime(2026, 11, 20, tzinfo=UTC)) as library:
        draft = Draft(name=NAME, description="", task_type="code", seed=seed)
        saved = await library.save(draft)
        less = Seed(tool_examples=(example("line", line + "z", "done"), example("lines", "cat", "none")))
        await library.save(draft.model_copy(update={"seed": less}), template=saved.template.id)
        await library.save(draft, template=saved.template.id)


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WarmtuiApp]:
    monkeypatch.chdir(tmp_path)
    await keep_big_template(tmp_path / "library.db")
    async for app in opened(tmp_path, big=True):
        yield app


@pytest.fixture
async def looker(app: WarmtuiApp) -> AsyncIterator[Looker]:
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        looker = Looker(app, pilot)
        await looker.sessions(7)
        yield looker


@bounded
async def test_reading(looker: Looker) -> None:
    sessions = await looker.on_session("big")
    await looker.look("tab", until=lambda: looker.shows("terminal"), what="the profile")
    await looker.look("tab", until=lambda: sessions.table.has_focus)
    timeline = await looker.to(TimelineScreen, "enter", until=lambda screen: len(screen.rows))
    for _ in range(len(timeline.rows)):
        await looker.look("right", "enter", until=lambda: timeline.pane.view.has_focus)
        await looker.look("G", "right_square_bracket", "a", "escape", "j")
    await looker.look("slash", *"e 7", "enter", "escape", "y")
    await looker.to(SessionsScreen, "escape")
    for name in ("big", "evil0"):
        await looker.on_session(name)
        await looker.look("space")
    await looker.to(CompareScreen, "m", until=lambda _: looker.shows("terminal"))
    await looker.look(*"jjnn", "G", "g")


@bounded
async def test_curating_a_session(looker: Looker) -> None:
    await looker.on_session("big")
    curate = await looker.to(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
    await looker.look("a", *["space", "j"] * len(curate.candidate_rows), until=lambda: len(curate.item_rows))
    await looker.look("tab", until=lambda: curate.item_list.has_focus)
    await looker.look(*["j"] * len(curate.item_rows), "e", until=lambda: curate.editor.editing)
    await looker.look("escape", "z", "Z", until=lambda: not curate.editor.editing)
    await looker.to(PreviewScreen, "p", until=lambda screen: screen.view)
    await looker.look("G", "o", "G", "t")


@bounded
async def test_a_template(looker: Looker) -> None:
    templates = await looker.to(TemplatesScreen, "t", until=lambda screen: len(screen.rows))
    shown = [templates.rows.template(index) for index in range(len(templates.rows))]
    at = next(index for index, template in enumerate(shown) if template is not None and template.name == NAME)
    templates.table.goto(at)
    await looker.look("tab", until=lambda: templates.pane.has_focus)
    await looker.look("G", until=lambda: looker.shows("more than is shown"))
    await looker.look("tab", until=lambda: templates.table.has_focus)

    curate = await looker.to(CurateScreen, "e", until=lambda screen: len(screen.item_rows))
    await looker.look("tab", until=lambda: curate.item_list.has_focus)
    for index in range(len(curate.item_rows)):
        item = curate.item_rows.item(index)
        if item is None:
            continue
        curate.item_list.goto(index)
        await looker.look("e", until=edits(curate, item))
        for _ in range(len(curate.editor.query("FieldRow"))):
            await looker.look("x", "tab")
        await looker.look("escape", until=lambda: curate.item_list.has_focus)
    await looker.look("J", "z")

    preview = await looker.to(PreviewScreen, "p", until=lambda screen: screen.view)
    await looker.look("j", "G", "pagedown", "t")
    await looker.look("i", *"go", until=lambda: preview.query_one("#try", Input).value == "go")
    await looker.look("escape", "o", until=lambda: looker.shows('"role"'))
    await looker.look(
        "G", "g", "t", "i", "x", until=lambda: preview.query_one("#try", Input).value.endswith("x")
    )
    preview.query_one("#try", Input).value = ""
    await looker.look("escape", "d", until=lambda: looker.shows("since version"))
    await looker.look("G", "m", "z", "escape", "y")
    assert not preview.query_one("#try", Input).value


def edits(screen: CurateScreen, item: str) -> Callable[[], bool]:
    return lambda: screen.editor.item == item
