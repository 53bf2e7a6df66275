"""The templates screen, by keyboard."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from seeds import draft, full_seed
from textual.widgets import Input
from ui import MARATHON, Ui

from warmtui.integrations.hermes.home import hermes_home
from warmtui.model.template import Seed, SourceSession
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Choose, Form
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.pane import day
from warmtui.tui.templates.screen import NEEDS_TEMPLATE, TemplatesScreen
from warmtui.tui.ui_state import PreviewChoices, remember_preview

REVIEW = Seed(system_context="Review for money rounding.")


@pytest.fixture
async def library(app: WarmtuiApp, recordings: Path) -> WarmtuiApp:
    """The app on a library of two templates; `shop` has two versions and started the marathon."""
    library = app.workspace.library
    await library.save(draft("review", REVIEW).model_copy(update={"tags": ("money",), "task_type": "code"}))
    await library.save(draft("shop", Seed(system_context="A shop.")))
    source = SourceSession(agent="hermes", id=MARATHON, title="Coupon marathon")
    saved = await library.save(
        draft("shop").model_copy(update={"sources": (source,), "tags": ("shop",), "description": "Cents"})
    )
    await library.record_use(
        saved.template.id,
        2,
        agent="hermes",
        session_id=MARATHON,
        source=str(recordings),
        started_at=datetime(2026, 11, 20, 9, 47, tzinfo=UTC),
        command=("hermes", "chat"),
        exit_code=0,
    )
    return app


async def templates(ui: Ui, names: Sequence[str] = ("shop", "review")) -> TemplatesScreen:
    await ui.sessions()
    return await ui.screen(TemplatesScreen, "t", until=lambda screen: listed(screen) == list(names))


def listed(screen: TemplatesScreen) -> list[str]:
    found = [screen.rows.template(index) for index in range(len(screen.rows))]
    return [each.name for each in found if each is not None]


def shows(screen: TemplatesScreen, names: list[str]) -> bool:
    return listed(screen) == names


def pane_text(screen: TemplatesScreen) -> str:
    return "\n".join(screen.pane.text.lines)


@pytest.mark.size(200, 40)
async def test_it_shows_costs_use_and_success_with_what_that_stands_on(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.until(lambda: "judged calls worked" in pane_text(screen))
    effect = screen.rows.effects[screen.rows.key(0)]
    [row] = [row for row in library.workspace.sessions.table.values() if row.header.id == MARATHON]
    assert row.stats is not None
    assert (effect.ok, effect.errors) == (row.stats.ok, row.stats.errors)
    assert effect.reliability == row.stats.reliability
    assert effect.reliability is not None
    text = ui.text
    assert f"{round(100 * effect.reliability.value)} ━" in text
    assert f"{effect.ok} of {effect.reliability.n} judged calls worked" in text
    assert "95 % interval" in text
    await ui.until(lambda: "v1 20" in pane_text(screen))
    for words in ("Coupon marathon", "Cents", "v2 20", "kept by hand"):
        assert words in pane_text(screen), words
    await ui.press("j", until=lambda: "none yet" in pane_text(screen))


async def test_how_sessions_went_is_counted_again_when_they_change(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.until(lambda: "judged calls worked" in pane_text(screen))
    before = screen.rows.effects
    screen.rows.effects = {}
    library.sessions_changed.publish(set())
    await ui.until(lambda: screen.rows.effects == before)


async def test_search_by_words_tag_and_type(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.press("slash")
    box = screen.query_one("#filter", Input)
    await ui.until(lambda: box.has_focus)
    await ui.press(*"rounding", until=lambda: listed(screen) == ["review"])
    for words, names in (("tag:shop", ["shop"]), ("type:code", ["review"]), ("type:code tag:shop", [])):
        box.value = words
        await ui.until(partial(shows, screen, names))
    assert "No template fits" in ui.text
    box.value = "type:nonsense"
    await ui.shows("there is no type nonsense")
    await ui.press("escape", until=lambda: len(listed(screen)) == 2 and screen.table.has_focus)
    await ui.screen(SessionsScreen, "escape")


async def test_rename_duplicate_and_tags(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.answer("R", name="shop two")
    await ui.until(lambda: listed(screen) == ["shop two", "review"])
    await ui.answer("R", name="review")
    await ui.shows("another name")
    form = library.screen
    assert isinstance(form, Form)
    assert form.query_one("#ask-name", Input).value == "review", "what was typed is still there"
    await ui.back_to(screen, "escape")
    await ui.answer("D", name="copy")
    await ui.until(lambda: listed(screen) == ["copy", "shop two", "review"])
    current = screen.current()
    assert current is not None
    assert current.name == "copy", "the cursor goes to the new one"
    assert current.version.seed == full_seed()
    await ui.answer("T", tags="warm, cents")
    await ui.until(
        lambda: (template := screen.current()) is not None and set(template.tags) == {"warm", "cents"}
    )


def test_times_are_those_of_the_clocks_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert day("2026-11-20T20:30:00.000Z") == "2026-11-21 05:30"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.size(80, 24)
async def test_versions_differences_and_the_way_back(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.press("d", shows="‹ 2 · 20")
    assert "‹ 1 · 20" in ui.text, "versions are chosen by when they were saved"
    await ui.shows(" between them.")
    before = re.findall(r"\d+ changes? between them", ui.text)
    await ui.press("2", shows="They are the same.")
    await ui.press("left", shows=before[0])
    await ui.answer()
    await ui.shows("version 1 → version 2")
    assert "A shop." in pane_text(screen)
    await ui.press("escape", until=lambda: "What is sent" in pane_text(screen))
    await ui.press("escape")
    await ui.press("v", until=lambda: "‹ 1 · 20" in ui.text and before[0] in ui.text)
    await ui.answer()
    await ui.until(lambda: (template := screen.current()) is not None and template.versions == 3)
    current = screen.current()
    assert current is not None
    assert current.version.seed.system_context == "A shop."
    screen.table.goto(1)
    await ui.press("d", says="only one version")


async def bend(app: WarmtuiApp, name: str, number: int) -> None:
    """Change a letter of a version behind the library's back."""
    template = await app.workspace.library.get(name)
    with closing(sqlite3.connect(app.workspace.library.path)) as db, db:
        db.execute("DROP TRIGGER versions_never_change")
        db.execute(
            "UPDATE versions SET content = replace(content, 'shop', 'Shop') "
            "WHERE template_id = ? AND number = ?",
            (template.id, number),
        )
        assert db.execute("SELECT changes()").fetchone() == (1,)


async def test_a_damaged_template_keeps_its_row_and_cannot_be_used(library: WarmtuiApp, ui: Ui) -> None:
    await bend(library, "shop", 2)
    screen = await templates(ui, ["review"])
    # The line above the list names the template too.
    rows = [line for line in ui.text.splitlines() if "shop " in line and "version" not in line]
    assert ["damaged" in row for row in rows] == [True]
    screen.table.goto(1)
    await ui.until(lambda: "its content is not what was saved" in pane_text(screen))
    for action in sorted(NEEDS_TEMPLATE):
        assert screen.check_action(action, ()) is None
    await ui.press("X", says="it is damaged")
    screen.table.goto(0)
    await ui.screen(PreviewScreen, "p")


async def test_a_damaged_older_version_is_named_and_never_offered(library: WarmtuiApp, ui: Ui) -> None:
    await bend(library, "shop", 1)
    screen = await templates(ui)
    await ui.until(lambda: "v1 damaged" in pane_text(screen))
    for key in ("d", "v"):
        await ui.press(key, says="older versions are damaged")
        library.clear_notifications()


async def test_what_comes_later_does_not_move_the_line_that_is_read(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.until(lambda: "v1 " in "\n".join(screen.pane.text.lines))
    template = screen.current()
    assert template is not None
    shown = await library.workspace.templates.preview(template.id)
    versions = await library.workspace.library.versions(template.id)
    screen.pane.show_template(shown, None, ())
    screen.pane.goto(len(screen.pane.text) - 1)
    read = screen.pane.text.lines[screen.pane.cursor :]
    short = len(screen.pane.text)
    screen.pane.show_template(shown, None, versions)
    assert len(screen.pane.text) > short
    assert screen.pane.text.lines[screen.pane.cursor :] == read


async def test_delete_and_restore(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.press("z", says="nothing was deleted here")
    await ui.press("x", until=lambda: listed(screen) == ["review"])
    assert "z restores" in ui.toast_text
    assert "1 deleted, a shows them" in ui.text
    await ui.press("z", until=lambda: sorted(listed(screen)) == ["review", "shop"])
    await ui.press("g", "space", "j", "space", "x", until=lambda: listed(screen) == [])
    assert "No templates yet" in ui.text
    await ui.press("a", until=lambda: len(listed(screen)) == 2)
    assert "z restores it" in pane_text(screen)
    await ui.press("e", says="it is deleted")
    await ui.press("z", until=lambda: len(listed(screen)) == 1)
    await ui.press("escape", until=lambda: len(listed(screen)) == 1 and not screen.showing_deleted)
    await ui.press("z", until=lambda: len(listed(screen)) == 2)
    assert len((await library.workspace.library.listing()).templates) == 2


async def test_merge_makes_a_new_template_of_the_marked_ones(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.press("M", says="mark two or more")
    await ui.press("space", "j", "space", "M")
    await ui.answer(name="both")
    await ui.until(lambda: listed(screen) == ["both", "shop", "review"])
    both = await library.workspace.library.get("both")
    assert both.version.seed.system_context == (
        "A small shop. Money is integer cents.\n\nReview for money rounding."
    )
    assert set(both.tags) == {"shop", "money"}
    assert both.version.sources[0].id == MARATHON


async def test_preview_and_edit_and_back(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    for pressed in ("enter", "p"):
        await ui.screen(PreviewScreen, pressed)
        await ui.shows("v2 saved")
        await ui.back_to(screen, "escape")
    edit = await ui.screen(CurateScreen, "e")
    assert edit.draft.state.base is not None
    assert len(edit.candidate_rows), "what its source session offers is at hand"
    await ui.back_to(screen, "4")


async def test_export_asks_before_it_replaces(library: WarmtuiApp, ui: Ui, tmp_path: Path) -> None:
    screen = await templates(ui)
    out = tmp_path / "out.json"
    out.write_text("mine")
    await ui.answer("X", path=str(out))
    await ui.screen(Choose)
    await ui.screen(Form, "o")
    assert "nothing was written" in ui.toast_text
    assert out.read_text() == "mine"
    await ui.answer(path=str(out))
    await ui.screen(Choose)
    await ui.back_to(screen, "r")
    assert json.loads(out.read_text())[0]["role"] == "user"
    await ui.answer("X", path=str(tmp_path / "none" / "exists" / "x.json"))
    await ui.says("is not a folder")
    await ui.screen(Form)
    await ui.back_to(screen, "escape")


async def test_install_and_uninstall(library: WarmtuiApp, ui: Ui) -> None:
    home = hermes_home(library.workspace.context.environ)
    home.mkdir()
    await templates(ui)
    await ui.press("I", says="U undoes it")
    assert "prefill" in (home / "config.yaml").read_text()
    await ui.press("U", says="what it sent before")
    config = home / "config.yaml"
    assert not config.exists() or "prefill" not in config.read_text()


async def test_export_begins_with_the_format_that_was_chosen_last(library: WarmtuiApp, ui: Ui) -> None:
    await remember_preview(library.workspace, PreviewChoices(target="openai-json"))
    await templates(ui)
    await ui.press("X", shows="‹ OpenAI")


async def test_launch_says_when_the_terminal_cannot_be_handed_over(library: WarmtuiApp, ui: Ui) -> None:
    await templates(ui)
    await ui.answer("L", command="hermes 'chat")
    await ui.says("cannot be read")
    await ui.screen(Form, "L", until=lambda screen: screen.query(Input))
    form = library.screen
    assert form.query_one("#ask-command", Input).value == "hermes 'chat", "the last one, as in the preview"
    await ui.answer(command="true")
    await ui.says("cannot be handed")


@pytest.mark.size(80, 24)
async def test_sorting_and_the_pane_at_80_columns(library: WarmtuiApp, ui: Ui) -> None:
    screen = await templates(ui)
    await ui.press("s", until=lambda: listed(screen) == ["review", "shop"])
    await ui.press("S", until=lambda: listed(screen) == ["shop", "review"])
    assert not screen.pane.display
    await ui.press("tab", until=lambda: screen.pane.has_focus and not screen.table.display)
    assert "What is sent" in pane_text(screen)
    await ui.press("tab", until=lambda: screen.table.has_focus and screen.table.display)


@pytest.mark.size(80, 24)
async def test_an_empty_library_says_what_to_do(app: WarmtuiApp, ui: Ui) -> None:
    await templates(ui, ())
    await ui.shows("No templates yet")
    for pressed in ("enter", "e", "x", "d", "v", "R", "D", "T", "M", "X", "I", "L"):
        await ui.press(pressed)
    assert isinstance(app.screen, TemplatesScreen)
