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
from hostile import LINES
from pilots import expect_screen, hostile_characters, screen_text, toast_text, wait_for
from seeds import draft, full_seed
from textual.pilot import Pilot
from textual.widgets import Input

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

MARATHON = "20261120_094736_8895c1"
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


async def opened(pilot: Pilot[None], names: Sequence[str] = ("shop", "review")) -> TemplatesScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
    await wait_for(pilot, lambda: len(app.workspace.sessions.table) and not app.workspace.sessions.waiting)
    await pilot.press("t")
    screen = await expect_screen(pilot, TemplatesScreen)
    await wait_for(pilot, lambda: listed(screen) == list(names))
    return screen


def listed(screen: TemplatesScreen) -> list[str]:
    found = [screen.rows.template(index) for index in range(len(screen.rows))]
    return [each.name for each in found if each is not None]


def shows(screen: TemplatesScreen, names: list[str]) -> bool:
    return listed(screen) == names


async def answer(pilot: Pilot[None], **fields: str) -> None:
    app = pilot.app
    await wait_for(
        pilot,
        lambda: isinstance(app.screen, Form) and all(app.screen.query(f"#ask-{field}") for field in fields),
    )
    form = app.screen
    for name, text in fields.items():
        app.screen.query_one(f"#ask-{name}", Input).value = text
    await pilot.press("enter")
    await wait_for(pilot, lambda: app.screen is not form)


def pane_text(screen: TemplatesScreen) -> str:
    return "\n".join(screen.pane.text.lines)


async def test_it_shows_costs_use_and_success_with_what_that_stands_on(library: WarmtuiApp) -> None:
    async with library.run_test(size=(200, 40)) as pilot:
        screen = await opened(pilot)
        await wait_for(pilot, lambda: "judged calls worked" in pane_text(screen))
        effect = screen.rows.effects[screen.rows.key(0)]
        [row] = [row for row in library.workspace.sessions.table.values() if row.header.id == MARATHON]
        assert row.stats is not None
        assert (effect.ok, effect.errors) == (row.stats.ok, row.stats.errors)
        assert effect.reliability == row.stats.reliability
        assert effect.reliability is not None
        text = screen_text(pilot)
        assert f"{round(100 * effect.reliability.value)} ━" in text
        assert f"{effect.ok} of {effect.reliability.n} judged calls worked" in text
        assert "95 % interval" in text
        await wait_for(pilot, lambda: "v1 20" in pane_text(screen))
        for words in ("Coupon marathon", "Cents", "v2 20", "kept by hand"):
            assert words in pane_text(screen), words
        await pilot.press("j")
        await wait_for(pilot, lambda: "none yet" in pane_text(screen))


async def test_how_sessions_went_is_counted_again_when_they_change(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await wait_for(pilot, lambda: "judged calls worked" in pane_text(screen))
        before = screen.rows.effects
        screen.rows.effects = {}
        library.sessions_changed.publish(set())
        await wait_for(pilot, lambda: screen.rows.effects == before)


async def test_search_by_words_tag_and_type(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash")
        box = screen.query_one("#filter", Input)
        await wait_for(pilot, lambda: box.has_focus)
        await pilot.press(*"rounding")
        await wait_for(pilot, lambda: listed(screen) == ["review"])
        for words, names in (("tag:shop", ["shop"]), ("type:code", ["review"]), ("type:code tag:shop", [])):
            box.value = words
            await wait_for(pilot, partial(shows, screen, names))
        assert "No template fits" in screen_text(pilot)
        box.value = "type:nonsense"
        await wait_for(pilot, lambda: "there is no type nonsense" in screen_text(pilot))
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(listed(screen)) == 2 and screen.table.has_focus)
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(library.screen, SessionsScreen))


async def test_rename_duplicate_and_tags(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("R")
        await answer(pilot, name="shop two")
        await wait_for(pilot, lambda: listed(screen) == ["shop two", "review"])
        await pilot.press("R")
        await answer(pilot, name="review")
        await wait_for(pilot, lambda: "another name" in screen_text(pilot))
        form = library.screen
        assert isinstance(form, Form)
        assert form.query_one("#ask-name", Input).value == "review", "what was typed is still there"
        await pilot.press("escape")
        await wait_for(pilot, lambda: library.screen is screen)
        await pilot.press("D")
        await answer(pilot, name="copy")
        await wait_for(pilot, lambda: listed(screen) == ["copy", "shop two", "review"])
        current = screen.current()
        assert current is not None
        assert current.name == "copy", "the cursor goes to the new one"
        assert current.version.seed == full_seed()
        await pilot.press("T")
        await answer(pilot, tags="warm, cents")
        await wait_for(
            pilot,
            lambda: (template := screen.current()) is not None and set(template.tags) == {"warm", "cents"},
        )


def test_times_are_those_of_the_clocks_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert day("2026-11-20T20:30:00.000Z") == "2026-11-21 05:30"
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_versions_differences_and_the_way_back(library: WarmtuiApp) -> None:
    async with library.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("d")
        await wait_for(pilot, lambda: "‹ 2 · 20" in screen_text(pilot))
        assert "‹ 1 · 20" in screen_text(pilot), "versions are chosen by when they were saved"
        await wait_for(pilot, lambda: " between them." in screen_text(pilot), "how much differs, said before")
        before = re.findall(r"\d+ changes? between them", screen_text(pilot))
        await pilot.press("2")
        await wait_for(pilot, lambda: "They are the same." in screen_text(pilot))
        await pilot.press("left")
        await wait_for(pilot, lambda: before[0] in screen_text(pilot))
        await answer(pilot)
        await wait_for(pilot, lambda: "version 1 → version 2" in screen_text(pilot))
        assert "A shop." in pane_text(screen)
        await pilot.press("escape")
        await wait_for(pilot, lambda: "What is sent" in pane_text(screen))
        await pilot.press("escape")
        await pilot.press("v")
        await wait_for(pilot, lambda: "‹ 1 · 20" in screen_text(pilot) and before[0] in screen_text(pilot))
        await answer(pilot)
        await wait_for(pilot, lambda: (template := screen.current()) is not None and template.versions == 3)
        current = screen.current()
        assert current is not None
        assert current.version.seed.system_context == "A shop."
        screen.table.goto(1)
        await pilot.press("d")
        await wait_for(pilot, lambda: "only one version" in toast_text(library))


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


async def test_a_damaged_template_keeps_its_row_and_cannot_be_used(library: WarmtuiApp) -> None:
    await bend(library, "shop", 2)
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot, ["review"])
        # The line above the list names the template too.
        rows = [line for line in screen_text(pilot).splitlines() if "shop " in line and "version" not in line]
        assert ["damaged" in row for row in rows] == [True]
        screen.table.goto(1)
        await wait_for(pilot, lambda: "its content is not what was saved" in pane_text(screen))
        for action in sorted(NEEDS_TEMPLATE):
            assert screen.check_action(action, ()) is None
        await pilot.press("X")
        await wait_for(pilot, lambda: "it is damaged" in toast_text(library))
        screen.table.goto(0)
        await pilot.press("p")
        await wait_for(pilot, lambda: isinstance(library.screen, PreviewScreen))


async def test_a_damaged_older_version_is_named_and_never_offered(library: WarmtuiApp) -> None:
    await bend(library, "shop", 1)
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await wait_for(pilot, lambda: "v1 damaged" in pane_text(screen))
        for key in ("d", "v"):
            await pilot.press(key)
            await wait_for(pilot, lambda: "older versions are damaged" in toast_text(library))
            library.clear_notifications()


async def test_what_comes_later_does_not_move_the_line_that_is_read(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await wait_for(pilot, lambda: "v1 " in "\n".join(screen.pane.text.lines))
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


async def test_delete_and_restore(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("z")
        await wait_for(pilot, lambda: "nothing was deleted here" in toast_text(library))
        await pilot.press("x")
        await wait_for(pilot, lambda: listed(screen) == ["review"])
        assert "z restores" in toast_text(library)
        assert "1 deleted, a shows them" in screen_text(pilot)
        await pilot.press("z")
        await wait_for(pilot, lambda: sorted(listed(screen)) == ["review", "shop"])
        await pilot.press("g", "space", "j", "space", "x")
        await wait_for(pilot, lambda: listed(screen) == [])
        assert "No templates yet" in screen_text(pilot)
        await pilot.press("a")
        await wait_for(pilot, lambda: len(listed(screen)) == 2)
        assert "z restores it" in pane_text(screen)
        await pilot.press("e")
        await wait_for(pilot, lambda: "it is deleted" in toast_text(library))
        await pilot.press("z")
        await wait_for(pilot, lambda: len(listed(screen)) == 1)
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(listed(screen)) == 1 and not screen.showing_deleted)
        await pilot.press("z")
        await wait_for(pilot, lambda: len(listed(screen)) == 2)
        assert len((await library.workspace.library.listing()).templates) == 2


async def test_merge_makes_a_new_template_of_the_marked_ones(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        await pilot.press("M")
        await wait_for(pilot, lambda: "mark two or more" in toast_text(library))
        await pilot.press("space", "j", "space", "M")
        await answer(pilot, name="both")
        await wait_for(pilot, lambda: listed(screen) == ["both", "shop", "review"])
        both = await library.workspace.library.get("both")
        assert both.version.seed.system_context == (
            "A small shop. Money is integer cents.\n\nReview for money rounding."
        )
        assert set(both.tags) == {"shop", "money"}
        assert both.version.sources[0].id == MARATHON


async def test_preview_and_edit_and_back(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        for pressed in ("enter", "p"):
            await pilot.press(pressed)
            await wait_for(pilot, lambda: isinstance(library.screen, PreviewScreen))
            await wait_for(pilot, lambda: "v2 saved" in screen_text(pilot))
            await pilot.press("escape")
            await wait_for(pilot, lambda: library.screen is screen)
        await pilot.press("e")
        edit = await expect_screen(pilot, CurateScreen)
        assert edit.draft.state.base is not None
        assert len(edit.candidate_rows), "what its source session offers is at hand"
        await pilot.press("4")
        await wait_for(pilot, lambda: library.screen is screen)


async def test_export_asks_before_it_replaces(library: WarmtuiApp, tmp_path: Path) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        screen = await opened(pilot)
        out = tmp_path / "out.json"
        out.write_text("mine")
        await pilot.press("X")
        await answer(pilot, path=str(out))
        await wait_for(pilot, lambda: isinstance(library.screen, Choose))
        await pilot.press("o")
        await wait_for(pilot, lambda: isinstance(library.screen, Form))
        assert "nothing was written" in toast_text(library)
        assert out.read_text() == "mine"
        await answer(pilot, path=str(out))
        await wait_for(pilot, lambda: isinstance(library.screen, Choose))
        await pilot.press("r")
        await wait_for(pilot, lambda: library.screen is screen)
        assert json.loads(out.read_text())[0]["role"] == "user"
        await pilot.press("X")
        await answer(pilot, path=str(tmp_path / "none" / "exists" / "x.json"))
        await wait_for(pilot, lambda: "is not a folder" in toast_text(library))
        await wait_for(pilot, lambda: isinstance(library.screen, Form))
        await pilot.press("escape")
        await wait_for(pilot, lambda: library.screen is screen)


async def test_install_and_uninstall(library: WarmtuiApp) -> None:
    home = hermes_home(library.workspace.context.environ)
    home.mkdir()
    async with library.run_test(size=(120, 30)) as pilot:
        await opened(pilot)
        await pilot.press("I")
        await wait_for(pilot, lambda: "U undoes it" in toast_text(library))
        assert "prefill" in (home / "config.yaml").read_text()
        await pilot.press("U")
        await wait_for(pilot, lambda: "what it sent before" in toast_text(library))
        config = home / "config.yaml"
        assert not config.exists() or "prefill" not in config.read_text()


async def test_export_begins_with_the_format_that_was_chosen_last(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        await remember_preview(library.workspace, PreviewChoices(target="openai-json"))
        await opened(pilot)
        await pilot.press("X")
        await wait_for(pilot, lambda: "‹ OpenAI" in screen_text(pilot))


async def test_launch_says_when_the_terminal_cannot_be_handed_over(library: WarmtuiApp) -> None:
    async with library.run_test(size=(120, 30)) as pilot:
        await opened(pilot)
        await pilot.press("L")
        await answer(pilot, command="hermes 'chat")
        await wait_for(pilot, lambda: "cannot be read" in toast_text(library))
        await pilot.press("L")
        await wait_for(pilot, lambda: isinstance(library.screen, Form) and library.screen.query(Input))
        form = library.screen
        assert form.query_one("#ask-command", Input).value == "hermes 'chat", (
            "the last one, as in the preview"
        )
        await answer(pilot, command="true")
        await wait_for(pilot, lambda: "cannot be handed" in toast_text(library))


async def test_sorting_and_the_pane_at_80_columns(library: WarmtuiApp) -> None:
    async with library.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("s")
        await wait_for(pilot, lambda: listed(screen) == ["review", "shop"])
        await pilot.press("S")
        await wait_for(pilot, lambda: listed(screen) == ["shop", "review"])
        assert not screen.pane.display
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.pane.has_focus and not screen.table.display)
        assert "What is sent" in pane_text(screen)
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.table.has_focus and screen.table.display)


async def test_an_empty_library_says_what_to_do(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, ())
        await wait_for(pilot, lambda: "No templates yet" in screen_text(pilot))
        for pressed in ("enter", "e", "x", "d", "v", "R", "D", "T", "M", "X", "I", "L"):
            await pilot.press(pressed)
        assert isinstance(app.screen, TemplatesScreen)


@pytest.mark.slow
async def test_what_strangers_wrote_neither_acts_nor_breaks_the_screen(app: WarmtuiApp) -> None:
    seed = Seed(system_context="\n".join(line.encode("utf-8", "replace").decode() for line in LINES))
    source = SourceSession(agent="hermes", id="s", title="[/] \x1b]52;c;aGk=\x07 [@click=app.quit]x[/]")
    await app.workspace.library.save(
        draft("[/x] [red]", seed).model_copy(
            update={"sources": (source,), "description": "\x1b[31m[/]", "tags": ("[b]",)}
        )
    )
    async with app.run_test(size=(160, 50)) as pilot:
        screen = await opened(pilot, ("[/x] [red]",))
        await wait_for(pilot, lambda: "[@click=app.quit]" in screen_text(pilot))
        assert not hostile_characters(screen_text(pilot))
        await pilot.press("x")
        await wait_for(pilot, lambda: not len(screen.rows))
        assert not hostile_characters(screen_text(pilot))
