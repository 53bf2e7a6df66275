"""Saving a draft, alone and beside another app with the same library: nothing is lost in any case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from curating import focused_field
from kept_drafts import drafts_in
from pilots import expect_screen, screen_text, toast_text, wait_for
from seeds import draft, full_seed
from textual.pilot import Pilot
from textual.widgets import Input, Static

from warmtui.curation.editing import Describe, SetField, from_draft, load
from warmtui.curation.editing.history import History
from warmtui.model.template import Seed
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Choose, Form
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.workspace import Workspace


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {
        "HOME": str(tmp_path),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
        "HERMES_HOME": str(tmp_path / "hermes"),
    }


@pytest.fixture
async def app(recordings: Path, environ: dict[str, str]) -> AsyncIterator[WarmtuiApp]:
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        yield WarmtuiApp(workspace)


@pytest.fixture
async def other(environ: dict[str, str]) -> AsyncIterator[Workspace]:
    """Another app's workspace on the same library."""
    async with Workspace.open(environ=environ) as workspace:
        yield workspace


async def previewing(pilot: Pilot[None], draft_session: DraftSession) -> PreviewScreen:
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
    screen = PreviewScreen(draft_session)
    app.push_screen(screen)
    await wait_for(pilot, lambda: app.screen is screen and screen.view is not None)
    return screen


async def saving(pilot: Pilot[None], **fields: str) -> Form:
    """Press w and fill in the form."""
    await pilot.press("w")
    return await filling(pilot, **fields)


async def filling(pilot: Pilot[None], **fields: str) -> Form:
    app = pilot.app
    await wait_for(pilot, lambda: isinstance(app.screen, Form) and app.screen.query(Input))
    form = app.screen
    assert isinstance(form, Form)
    for name, text in fields.items():
        form.query_one(f"#ask-{name}", Input).value = text
    await pilot.pause()
    return form


def tell(form: Form) -> str:
    return "\n".join(str(widget.content) for widget in form.query(Static) if widget.has_class("description"))


def of(app: WarmtuiApp, seed: Seed | None = None) -> DraftSession:
    return DraftSession(app.workspace, "made", History(from_draft(draft("shop", seed))))


async def test_a_new_template_with_description_and_tags(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        form = await saving(pilot, name="", description="Cents", tags="shop, money")
        assert "Give it a name" in tell(form)
        await filling(pilot, name="conventions")
        await wait_for(pilot, lambda: "A new template" in tell(form))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen and "saved conventions" in toast_text(app))
        [saved] = (await app.workspace.library.listing()).templates
        assert (saved.name, saved.tags, saved.version.description) == (
            "conventions",
            ("money", "shop"),
            "Cents",
        )
        await pilot.press("w")
        form = await filling(pilot)
        assert "version 2; version 1 stays" in tell(form)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "the same as version 1" in toast_text(app))


async def test_saving_says_what_of_the_draft_is_not_in_the_template(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        draft_session = of(app)
        [example] = draft_session.state.seed.tool_examples[:1]
        assert draft_session.apply(SetField(example.id, "calls.0.arguments", '{"command": '))
        await draft_session.check()
        screen = await previewing(pilot, draft_session)
        await saving(pilot, name="conventions")
        await pilot.press("enter")
        said = "without what cannot be read"
        await wait_for(pilot, lambda: app.screen is screen and said in toast_text(app))
        [saved] = (await app.workspace.library.listing()).templates
        assert saved.version.seed.tool_examples[0].calls == example.calls


async def test_what_cannot_be_read_is_said_before_saving_and_e_leads_to_it(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        draft_session = of(app)
        [example] = draft_session.state.seed.tool_examples[:1]
        assert draft_session.apply(SetField(example.id, "calls.0.arguments", '{"command": '))
        screen = await previewing(pilot, draft_session)
        await wait_for(pilot, lambda: "not in the template (e mends it)" in screen_text(pilot))
        assert not screen.why_not("edit")
        await pilot.press("e")
        curate = await expect_screen(pilot, CurateScreen)
        await wait_for(pilot, lambda: focused_field(curate) is not None)
        field = focused_field(curate)
        assert field is not None
        assert (curate.editor.item, field.name) == (example.id, "calls.0.arguments")
        await pilot.press("escape")
        await wait_for(pilot, lambda: not curate.editor.editing)
        assert curate.current_item() == example.id
        draft_session.undo()
        screen = PreviewScreen(draft_session)
        app.push_screen(screen)
        await wait_for(pilot, lambda: app.screen is screen and screen.view is not None)
        await wait_for(pilot, lambda: bool(screen.why_not("edit")))
        assert "e mends it" not in screen_text(pilot)


async def test_e_edits_what_the_message_under_the_cursor_is_made_of(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        draft_session = of(app)
        [example] = draft_session.state.seed.tool_examples[:1]
        screen = await previewing(pilot, draft_session)
        await wait_for(pilot, lambda: screen.view is not None)
        assert "go to a message" in screen.why_not("edit"), "the cursor is on what Hermes adds"
        screen.shown_list.goto_key(f"message {1}")
        assert "the same in every template" in screen.why_not("edit")
        ours = screen.messages
        number = next(index for index, message in enumerate(ours) if message.part == example.id)
        screen.shown_list.goto_key(f"message {number}")
        await pilot.press("e")
        curate = await expect_screen(pilot, CurateScreen)
        await wait_for(pilot, lambda: focused_field(curate) is not None)
        assert curate.editor.item == example.id
        await pilot.press("escape")
        await wait_for(pilot, lambda: not curate.editor.editing)
        assert curate.current_item() == example.id
        await pilot.press("p")
        again = await expect_screen(pilot, PreviewScreen)
        await wait_for(pilot, lambda: again.view is not None)
        again.shown_list.goto_key(f"message {0}")
        await pilot.press("e")
        await wait_for(pilot, lambda: app.screen is curate)
        await wait_for(pilot, lambda: curate.query_one("#draft").has_focus)
        assert not curate.editor.editing, "the opening is made of many items"


async def test_a_name_that_cannot_be_one_keeps_what_was_typed(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        await saving(pilot, name="", description="typed before")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, Form) and "name" in tell(app.screen).lower())
        form = await filling(pilot)
        assert form.query_one("#ask-description", Input).value == "typed before"
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen)
        assert (await app.workspace.library.listing()).templates == ()


async def test_a_name_in_use_gets_a_new_version_and_keeps_its_tags(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        there = await app.workspace.library.save(
            draft("review", Seed(system_context="Review.")).model_copy(update={"tags": ("money",)})
        )
        await previewing(pilot, of(app))
        form = await saving(pilot, name="review", tags="shop")
        assert "in use: it becomes version 2" in tell(form)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "saved review as version 2" in toast_text(app))
        now = await app.workspace.library.get(there.template.id)
        assert now.tags == ("money", "shop")
        assert now.version.seed == full_seed()


async def test_another_name_leaves_the_opened_template_as_it_is(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        saved = await app.workspace.library.save(draft("shop"))
        draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
        draft_session.apply(Describe("Other."))
        await previewing(pilot, draft_session)
        form = await saving(pilot, name="shop two")
        assert "A new template; shop stays as it is" in tell(form)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "saved shop two" in toast_text(app))
        assert {
            template.name: template.versions for template in (await app.workspace.library.listing()).templates
        } == {
            "shop": 1,
            "shop two": 1,
        }


async def test_undo_after_saving_is_no_conflict_with_oneself(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        saved = await app.workspace.library.save(draft("shop"))
        draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
        draft_session.apply(SetField("e1", "closing", "Green."))
        screen = await previewing(pilot, draft_session)
        await saving(pilot)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "as version 2" in toast_text(app) and app.screen is screen)
        await pilot.press("z")
        await wait_for(pilot, lambda: draft_session.state.seed == full_seed())
        await saving(pilot)
        await pilot.press("enter")
        await wait_for(pilot, lambda: "as version 3" in toast_text(app))
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


async def asked(pilot: Pilot[None], draft_session: DraftSession) -> PreviewScreen:
    """Save until both versions are shown."""
    app = pilot.app
    screen = await previewing(pilot, draft_session)
    await wait_for(pilot, lambda: "v2 saved elsewhere" in screen_text(pilot))
    form = await saving(pilot)
    assert "you will see both" in tell(form)
    await pilot.press("enter")
    await wait_for(pilot, lambda: isinstance(app.screen, Choose) and "Theirs." in screen_text(pilot))
    return screen


async def test_both_versions_are_shown(app: WarmtuiApp, conflict: DraftSession) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        await asked(pilot, conflict)
        text = screen_text(pilot)
        for words in ("theirs, from version 1 to 2", "mine, from version 1", "+ Mine."):
            assert words in text
        assert "closing of example 1  changed by both" in text
        await pilot.press("tab", "j", "tab")
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, PreviewScreen))
        assert "your draft is as it was" in toast_text(app)
        assert conflict.state.seed.tool_examples[0].closing == "Mine."


async def test_mine_goes_on_top(app: WarmtuiApp, conflict: DraftSession) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await asked(pilot, conflict)
        await pilot.press("s")
        await wait_for(pilot, lambda: app.screen is screen and "as version 3" in toast_text(app))
        versions = await app.workspace.library.versions("shop")
        assert [version.seed.tool_examples[0].closing for version in versions] == [
            "Added and green.",
            "Theirs.",
            "Mine.",
        ]


async def test_mine_goes_under_a_new_name(app: WarmtuiApp, conflict: DraftSession) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await asked(pilot, conflict)
        await pilot.press("n")
        form = await filling(pilot)
        assert form.query_one("#ask-name", Input).value == "shop_2"
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen and "saved shop_2" in toast_text(app))
        library = app.workspace.library
        assert (await library.get("shop")).version.seed.tool_examples[0].closing == "Theirs."
        assert (await library.get("shop_2")).version.seed.tool_examples[0].closing == "Mine."


async def test_theirs_is_taken_and_undo_brings_mine_back(app: WarmtuiApp, conflict: DraftSession) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await asked(pilot, conflict)
        await pilot.press("t")
        await wait_for(pilot, lambda: app.screen is screen)
        await wait_for(pilot, lambda: conflict.state.seed.tool_examples[0].closing == "Theirs.")
        await pilot.press("z")
        await wait_for(pilot, lambda: conflict.state.seed.tool_examples[0].closing == "Mine.")


async def test_a_template_deleted_elsewhere_can_be_saved_as_a_new_one(
    app: WarmtuiApp, other: Workspace, conflict: DraftSession
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, conflict)
        form = await saving(pilot)
        await other.library.delete("shop")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is not form and isinstance(app.screen, Form))
        form = await filling(pilot)
        assert "A new template" in tell(form)
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen and "saved shop" in toast_text(app))
        assert (await app.workspace.library.get("shop")).version.seed.tool_examples[0].closing == "Mine."


async def test_a_name_taken_while_it_was_typed_shows_both(app: WarmtuiApp, other: Workspace) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await saving(pilot, name="conventions")
        await other.library.save(draft("conventions", Seed(system_context="They were first.")))
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, Choose) and "first." in screen_text(pilot))
        await pilot.press("s")
        await wait_for(pilot, lambda: "saved conventions as version 2" in toast_text(app))


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
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        await saving(pilot, name=f"name {secret}", description=f"with {secret}", tags=f"shop, {secret}")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen and "saved name" in toast_text(app))
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
