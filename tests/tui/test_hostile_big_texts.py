"""Texts of 5 MB in a line and of 250,000 lines through every screen: only a part is ever laid out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path

import pytest
from hostile import fill_library, write_sessions
from textual.widgets import Input
from ui import Check, Ui, expect_harmless

from warmtui.library.library import Library
from warmtui.model.template import Draft, ExampleCall, Provenance, Seed, ToolExample
from warmtui.tui.compare.screen import CompareScreen
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.timeline.screen import TimelineScreen

pytestmark = [pytest.mark.slow, pytest.mark.size(140, 40)]

HANG = 120.0
"""Seconds after which the app is taken to hang; laying out one of these texts whole takes minutes."""
NAME = "big calls"


def bounded(test: Callable[[Ui], Awaitable[None]]) -> Callable[[Ui], Awaitable[None]]:
    @wraps(test)
    async def within(ui: Ui) -> None:
        async with asyncio.timeout(HANG):
            await ui.sessions(7)
            await test(ui)

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
async def source(tmp_path: Path) -> Path:
    """Hostile sessions, and a library of hostile templates beside them."""
    write_sessions(tmp_path / "state.db", big=True)
    await keep_big_template(tmp_path / "library.db")
    await fill_library(tmp_path / "library.db")
    return tmp_path / "state.db"


@pytest.fixture
def check() -> Check:
    return expect_harmless


@bounded
async def test_reading(ui: Ui) -> None:
    sessions = await ui.goto("big")
    await ui.press("tab", shows="terminal")
    await ui.press("tab", until=lambda: sessions.table.has_focus)
    timeline = await ui.screen(TimelineScreen, "enter", until=lambda screen: len(screen.rows))
    for _ in range(len(timeline.rows)):
        await ui.press("right", "enter", until=lambda: timeline.pane.view.has_focus)
        await ui.press("G", "right_square_bracket", "a", "escape", "j")
    await ui.press("slash", *"e 7", "enter", "escape", "y")
    await ui.screen(SessionsScreen, "escape")
    for name in ("big", "evil0"):
        await ui.goto(name)
        await ui.press("space")
    await ui.screen(CompareScreen, "m")
    await ui.shows("terminal")
    await ui.press(*"jjnn", "G", "g")


@bounded
async def test_curating_a_session(ui: Ui) -> None:
    await ui.goto("big")
    curate = await ui.screen(CurateScreen, "c", until=lambda screen: len(screen.candidate_rows))
    await ui.press("a", *["space", "j"] * len(curate.candidate_rows), until=lambda: len(curate.item_rows))
    await ui.press("tab", until=lambda: curate.item_list.has_focus)
    await ui.press(*["j"] * len(curate.item_rows), "e", until=lambda: curate.editor.editing)
    await ui.press("escape", "z", "Z", until=lambda: not curate.editor.editing)
    await ui.screen(PreviewScreen, "p", until=lambda screen: screen.view)
    await ui.press("G", "o", "G", "t")


@bounded
async def test_a_template(ui: Ui) -> None:
    templates = await ui.screen(TemplatesScreen, "t", until=lambda screen: len(screen.rows))
    shown = [templates.rows.template(index) for index in range(len(templates.rows))]
    at = next(index for index, template in enumerate(shown) if template is not None and template.name == NAME)
    templates.table.goto(at)
    await ui.press("tab", until=lambda: templates.pane.has_focus)
    await ui.press("G", shows="more than is shown")
    await ui.press("tab", until=lambda: templates.table.has_focus)

    curate = await ui.screen(CurateScreen, "e", until=lambda screen: len(screen.item_rows))
    await ui.press("tab", until=lambda: curate.item_list.has_focus)
    for index in range(len(curate.item_rows)):
        item = curate.item_rows.item(index)
        if item is None:
            continue
        curate.item_list.goto(index)
        await ui.press("e", until=edits(curate, item))
        for _ in range(len(curate.editor.query("FieldRow"))):
            await ui.press("x", "tab")
        await ui.press("escape", until=lambda: curate.item_list.has_focus)
    await ui.press("J", "z")

    preview = await ui.screen(PreviewScreen, "p", until=lambda screen: screen.view)
    await ui.press("j", "G", "pagedown", "t")
    await ui.press("i", *"go", until=lambda: preview.query_one("#try", Input).value == "go")
    await ui.press("escape", "o", shows='"role"')
    await ui.press(
        "G", "g", "t", "i", "x", until=lambda: preview.query_one("#try", Input).value.endswith("x")
    )
    preview.query_one("#try", Input).value = ""
    await ui.press("escape", "d", shows="since version")
    await ui.press("G", "m", "z", "escape", "y")
    assert not preview.query_one("#try", Input).value


def edits(screen: CurateScreen, item: str) -> Callable[[], bool]:
    return lambda: screen.editor.item == item
