"""Saving a draft, alone and beside another app with the same library: nothing is lost in any case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from kept_drafts import drafts_in
from seeds import draft, full_seed
from textual.widgets import Input
from ui import Ui, draft_by_hand, focused_field, form_text, running
from workspaces import workspace_in

from warmtui.curation.editing import Describe, SetField, load
from warmtui.model.template import Seed
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Choose, Form
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.workspace import Workspace

pytestmark = pytest.mark.size(80, 24)


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Workspace]:
    """Another app's workspace on the same library."""
    async with workspace_in(tmp_path) as workspace:
        yield workspace


async def test_a_new_template_with_description_and_tags(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    form = await ui.fill("w", name="", description="Cents", tags="shop, money")
    assert "Give it a name" in form_text(form)
    await ui.fill(name="conventions")
    await ui.until(lambda: "A new template" in form_text(form))
    await ui.press("enter", until=lambda: app.screen is screen and "saved conventions" in ui.toast_text)
    [saved] = (await app.workspace.library.listing()).templates
    assert (saved.name, saved.tags, saved.version.description) == ("conventions", ("money", "shop"), "Cents")
    form = await ui.fill("w")
    assert "version 2; version 1 stays" in form_text(form)
    await ui.press("enter", says="the same as version 1")


async def test_saving_says_what_of_the_draft_is_not_in_the_template(app: WarmtuiApp, ui: Ui) -> None:
    draft_session = draft_by_hand(app)
    [example] = draft_session.state.seed.tool_examples[:1]
    assert draft_session.apply(SetField(example.id, "calls.0.arguments", '{"command": '))
    await draft_session.check()
    screen = await ui.preview(draft_session)
    await ui.fill("w", name="conventions")
    await ui.press("enter")
    said = "without what cannot be read"
    await ui.until(lambda: app.screen is screen and said in ui.toast_text)
    [saved] = (await app.workspace.library.listing()).templates
    assert saved.version.seed.tool_examples[0].calls == example.calls


async def test_what_cannot_be_read_is_said_before_saving_and_e_leads_to_it(app: WarmtuiApp, ui: Ui) -> None:
    draft_session = draft_by_hand(app)
    [example] = draft_session.state.seed.tool_examples[:1]
    assert draft_session.apply(SetField(example.id, "calls.0.arguments", '{"command": '))
    screen = await ui.preview(draft_session)
    await ui.shows("not in the template (e mends it)")
    assert not screen.why_not("edit")
    curate = await ui.screen(CurateScreen, "e")
    await ui.until(lambda: focused_field(curate) is not None)
    field = focused_field(curate)
    assert field is not None
    assert (curate.editor.item, field.name) == (example.id, "calls.0.arguments")
    await ui.press("escape", until=lambda: not curate.editor.editing)
    assert curate.current_item() == example.id
    draft_session.undo()
    screen = PreviewScreen(draft_session)
    app.push_screen(screen)
    await ui.until(lambda: app.screen is screen and screen.view is not None)
    await ui.until(lambda: bool(screen.why_not("edit")))
    assert "e mends it" not in ui.text


@pytest.mark.slow
async def test_e_edits_what_the_message_under_the_cursor_is_made_of(app: WarmtuiApp, ui: Ui) -> None:
    draft_session = draft_by_hand(app)
    [example] = draft_session.state.seed.tool_examples[:1]
    screen = await ui.preview(draft_session)
    await ui.until(lambda: screen.view is not None)
    assert "go to a message" in screen.why_not("edit"), "the cursor is on what Hermes adds"
    screen.shown_list.goto_key("message 1")
    assert "the same in every template" in screen.why_not("edit")
    ours = screen.messages
    number = next(index for index, message in enumerate(ours) if message.part == example.id)
    screen.shown_list.goto_key(f"message {number}")
    curate = await ui.screen(CurateScreen, "e")
    await ui.until(lambda: focused_field(curate) is not None)
    assert curate.editor.item == example.id
    await ui.press("escape", until=lambda: not curate.editor.editing)
    assert curate.current_item() == example.id
    again = await ui.screen(PreviewScreen, "p")
    await ui.until(lambda: again.view is not None)
    again.shown_list.goto_key("message 0")
    await ui.back_to(curate, "e")
    await ui.until(lambda: curate.query_one("#draft").has_focus)
    assert not curate.editor.editing, "the opening is made of many items"


async def test_a_name_that_cannot_be_one_keeps_what_was_typed(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    await ui.fill("w", name="", description="typed before")
    await ui.screen(Form, "enter", until=lambda screen: "name" in form_text(screen).lower())
    form = await ui.fill()
    assert form.query_one("#ask-description", Input).value == "typed before"
    await ui.back_to(screen, "escape")
    assert (await app.workspace.library.listing()).templates == ()


async def test_a_name_in_use_gets_a_new_version_and_keeps_its_tags(app: WarmtuiApp, ui: Ui) -> None:
    there = await app.workspace.library.save(
        draft("review", Seed(system_context="Review.")).model_copy(update={"tags": ("money",)})
    )
    await ui.preview()
    form = await ui.fill("w", name="review", tags="shop")
    assert "in use: it becomes version 2" in form_text(form)
    await ui.press("enter", says="saved review as version 2")
    now = await app.workspace.library.get(there.template.id)
    assert now.tags == ("money", "shop")
    assert now.version.seed == full_seed()


async def test_another_name_leaves_the_opened_template_as_it_is(app: WarmtuiApp, ui: Ui) -> None:
    saved = await app.workspace.library.save(draft("shop"))
    draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
    draft_session.apply(Describe("Other."))
    await ui.preview(draft_session)
    form = await ui.fill("w", name="shop two")
    assert "A new template; shop stays as it is" in form_text(form)
    await ui.press("enter", says="saved shop two")
    assert {
        template.name: template.versions for template in (await app.workspace.library.listing()).templates
    } == {"shop": 1, "shop two": 1}


@pytest.mark.slow
async def test_undo_after_saving_is_no_conflict_with_oneself(app: WarmtuiApp, ui: Ui) -> None:
    saved = await app.workspace.library.save(draft("shop"))
    draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
    draft_session.apply(SetField("e1", "closing", "Green."))
    screen = await ui.preview(draft_session)
    await ui.fill("w")
    await ui.press("enter", until=lambda: "as version 2" in ui.toast_text and app.screen is screen)
    await ui.press("z", until=lambda: draft_session.state.seed == full_seed())
    await ui.fill("w")
    await ui.press("enter", says="as version 3")
    assert (await app.workspace.library.get("shop")).version.seed == full_seed()


# two apps


@pytest.fixture
async def conflict(app: WarmtuiApp, other: Workspace) -> DraftSession:
    """A draft of a template that another app saved a newer version of meanwhile."""
    saved = await app.workspace.library.save(draft("shop"))
    mine = await DraftSession.of_template(app.workspace, saved.template.id)
    theirs = await DraftSession.of_template(other, saved.template.id)
    mine.apply(SetField("e1", "closing", "Mine."))
    mine.apply(SetField("e2", "closing", "Only mine."))
    await mine.autosave()
    theirs.apply(SetField("e1", "closing", "Theirs."))
    await theirs.autosave()
    assert theirs.state.base is not None
    await theirs.save("shop", "They did this.", (), onto=theirs.state.base)
    return mine


async def asked(ui: Ui, draft_session: DraftSession) -> PreviewScreen:
    """Save until both versions are shown."""
    screen = await ui.preview(draft_session)
    await ui.shows("v2 saved elsewhere")
    form = await ui.fill("w")
    assert "you will see both" in form_text(form)
    await ui.screen(Choose, "enter", until=lambda screen: "Theirs." in ui.text)
    return screen


@pytest.mark.size(100, 40)
async def test_both_versions_are_shown(ui: Ui, conflict: DraftSession) -> None:
    await asked(ui, conflict)
    text = ui.text
    for words in ("theirs, from version 1 to 2", "mine, from version 1", "+ Mine."):
        assert words in text
    assert "closing of example 1  changed by both" in text
    await ui.press("tab", "j", "tab")
    await ui.screen(PreviewScreen, "escape")
    assert "your draft is as it was" in ui.toast_text
    assert conflict.state.seed.tool_examples[0].closing == "Mine."


async def test_mine_goes_on_top(app: WarmtuiApp, ui: Ui, conflict: DraftSession) -> None:
    screen = await asked(ui, conflict)
    await ui.press("s", until=lambda: app.screen is screen and "as version 3" in ui.toast_text)
    versions = await app.workspace.library.versions("shop")
    assert [version.seed.tool_examples[0].closing for version in versions] == [
        "Added and green.",
        "Theirs.",
        "Mine.",
    ]


async def test_mine_goes_under_a_new_name(app: WarmtuiApp, ui: Ui, conflict: DraftSession) -> None:
    screen = await asked(ui, conflict)
    await ui.press("n")
    form = await ui.fill()
    assert form.query_one("#ask-name", Input).value == "shop_2"
    await ui.press("enter", until=lambda: app.screen is screen and "saved shop_2" in ui.toast_text)
    library = app.workspace.library
    assert (await library.get("shop")).version.seed.tool_examples[0].closing == "Theirs."
    assert (await library.get("shop_2")).version.seed.tool_examples[0].closing == "Mine."


async def test_theirs_is_taken_and_undo_brings_mine_back(ui: Ui, conflict: DraftSession) -> None:
    screen = await asked(ui, conflict)
    await ui.back_to(screen, "t")
    await ui.until(lambda: conflict.state.seed.tool_examples[0].closing == "Theirs.")
    await ui.press("z", until=lambda: conflict.state.seed.tool_examples[0].closing == "Mine.")


async def test_a_template_deleted_elsewhere_can_be_saved_as_a_new_one(
    app: WarmtuiApp, ui: Ui, other: Workspace, conflict: DraftSession
) -> None:
    screen = await ui.preview(conflict)
    form = await ui.fill("w")
    await other.library.delete("shop")
    await ui.press("enter", until=lambda: app.screen is not form and isinstance(app.screen, Form))
    form = await ui.fill()
    assert "A new template" in form_text(form)
    await ui.press("enter", until=lambda: app.screen is screen and "saved shop" in ui.toast_text)
    assert (await app.workspace.library.get("shop")).version.seed.tool_examples[0].closing == "Mine."


async def test_a_name_taken_while_it_was_typed_shows_both(app: WarmtuiApp, ui: Ui, other: Workspace) -> None:
    await ui.preview()
    await ui.fill("w", name="conventions")
    await other.library.save(draft("conventions", Seed(system_context="They were first.")))
    await ui.screen(Choose, "enter", until=lambda screen: "first." in ui.text)
    await ui.press("s", says="saved conventions as version 2")


async def test_two_drafts_of_one_template_do_not_overwrite_each_other(
    app: WarmtuiApp, other: Workspace
) -> None:
    saved = await app.workspace.library.save(draft("shop"))
    mine = await DraftSession.of_template(app.workspace, saved.template.id)
    theirs = await DraftSession.of_template(other, saved.template.id)
    mine.apply(Describe("Mine."))
    await mine.autosave()
    theirs.apply(Describe("Theirs."))
    await theirs.autosave()
    mine.apply(Describe("Mine, again."))
    await mine.autosave()
    kept = {load(draft.content).state.description for draft in drafts_in(other.library.path)}
    assert kept == {"Mine, again.", "Theirs."}
    assert mine.state.base is not None
    await mine.save("shop", "Mine, again.", (), onto=mine.state.base)
    [left] = drafts_in(other.library.path)
    assert load(left.content).state.description == "Theirs."
    again = await DraftSession.of_template(app.workspace, saved.template.id)
    assert again.restored, "what was begun from an older version is not lost"
    assert again.state.description == "Theirs."


async def test_a_secret_typed_into_the_form_never_reaches_the_library(
    app: WarmtuiApp, tmp_path: Path
) -> None:
    secret = "ghp_" + "a1B2" * 9
    async with running(app, (80, 24)) as ui:
        screen = await ui.preview()
        await ui.fill("w", name=f"name {secret}", description=f"with {secret}", tags=f"shop, {secret}")
        await ui.press("enter", until=lambda: app.screen is screen and "saved name" in ui.toast_text)
        [saved] = (await app.workspace.library.listing()).templates
        assert (saved.name, saved.version.description) == (
            "name ‹secret:github-token›",
            "with ‹secret:github-token›",
        )
        assert saved.tags == ("shop", "‹secret:github-token›")
        assert secret not in screen.draft.state.name
        await app.workspace.library.rename(saved.id, f"again {secret}")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path.name for path in written if secret.encode() in path.read_bytes()]
