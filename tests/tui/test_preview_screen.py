"""The preview: zones, targets, costs, maskings, and every key that hands a draft over."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import secret_session
from hostile import LINES
from kept_drafts import drafts_in
from pilots import hostile_characters, screen_text, toast_text, wait_for
from secret_session import MAIL, OTHER, SLOT, TOKEN
from seeds import draft, full_seed
from textual.pilot import Pilot
from textual.widgets import Input, Static

from warmtui.curation.editing import Describe, Pick, SetField, from_draft
from warmtui.curation.editing.history import History
from warmtui.exchange.targets import TARGETS
from warmtui.integrations.hermes.home import hermes_home
from warmtui.model.template import Seed
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.dialogs import Form
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowState
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.ui_state import recall_preview
from warmtui.tui.widgets.fields import Choice
from warmtui.workspace import Workspace


@pytest.fixture
async def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WarmtuiApp]:
    monkeypatch.chdir(tmp_path)
    environ = {
        "HOME": str(tmp_path),
        "WARMTUI_LIBRARY": str(tmp_path / "library.db"),
        "HERMES_HOME": str(tmp_path / "hermes"),
    }
    source = secret_session.write(tmp_path / "state.db")
    async with Workspace.open(sources=[str(source)], environ=environ) as workspace:
        yield WarmtuiApp(workspace)


async def previewing(pilot: Pilot[None], draft_session: DraftSession | None = None) -> PreviewScreen:
    """Open the preview of a draft; of everything that the session offers without one."""
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
    await wait_for(pilot, lambda: app.workspace.sessions.table and not app.workspace.sessions.waiting)
    if draft_session is None:
        draft_session = await DraftSession.of_sessions(app.workspace, list(app.workspace.sessions.table))
        draft_session.apply(Pick(tuple(draft_session.offers.values())))
    app.draft = draft_session
    screen = PreviewScreen(draft_session)
    app.push_screen(screen)
    await wait_for(pilot, lambda: app.screen is screen and screen.view is not None and len(screen.rows))
    return screen


def of(app: WarmtuiApp, seed: Seed | None = None) -> DraftSession:
    """A draft that came from nowhere."""
    return DraftSession(app.workspace, "made", History(from_draft(draft("shop", seed))))


def status(screen: PreviewScreen) -> str:
    return str(screen.query_one(".status", Static).content)


def crumbs(screen: PreviewScreen) -> str:
    return str(screen.query_one(".crumbs", Static).content)


def all_lines(screen: PreviewScreen) -> str:
    """Everything in the list of messages, seen or not."""
    rows, state = screen.rows, RowState(cursor=False, marked=False, focused=False)
    lines = [line for index in range(len(rows)) for line in rows.render(index, 80, state)]
    return "\n".join(str(line) for line in lines)


def standings(screen: PreviewScreen) -> list[str]:
    return [place.standing for place in screen.masking_rows.places]


async def fill(pilot: Pilot[None], **fields: str) -> Form:
    """Fill in the form that is open."""
    app = pilot.app
    await wait_for(pilot, lambda: isinstance(app.screen, Form) and app.screen.query(Input))
    form = app.screen
    assert isinstance(form, Form)
    for name, text in fields.items():
        form.query_one(f"#ask-{name}", Input).value = text
    return form


def tell(form: Form) -> str:
    return "\n".join(str(widget.content) for widget in form.query(Static) if widget.has_class("description"))


# zones, targets, costs


async def test_three_zones_with_what_was_invented_and_the_message_to_try(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        text = all_lines(screen)
        assert text.index("before ours: Hermes' own system prompt") < text.index("kept by hand")
        assert text.index("kept by hand") < text.index("after ours: the new user message")
        assert "written by warmtui" in text.split("Understood.")[0].splitlines()[-2]
        await pilot.press("i", *"fix it")
        await wait_for(pilot, lambda: "fix it" in all_lines(screen).split("after ours")[1])
        await pilot.press("enter")
        await wait_for(pilot, lambda: screen.shown_list.has_focus)
        await pilot.press("i", "escape")
        await wait_for(pilot, lambda: screen.shown_list.has_focus and app.screen is screen)
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))


@pytest.mark.parametrize("target", TARGETS)
async def test_the_json_is_byte_for_byte_what_is_written(
    app: WarmtuiApp, target: str, tmp_path: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        while screen.target.name != target:
            await pilot.press("t")
        await pilot.press("o")
        await wait_for(pilot, lambda: screen.texts.lines and "before ours" in screen.texts.lines[0])
        await pilot.press("x")
        await fill(pilot, path=str(tmp_path / "out.json"))
        await pilot.press("enter")
        await wait_for(pilot, lambda: (tmp_path / "out.json").exists())
        written = (tmp_path / "out.json").read_text()
        lines = screen.texts.lines
        end = next(number for number, line in enumerate(lines) if line.startswith("after ours"))
        start = 1 + ("written by warmtui" in lines[1])
        shown = lines[start:end]
        assert "".join(shown) == written.replace("\n", "")
        assert TARGETS[target].before in lines[0]
        assert TARGETS[target].after in lines[end]


async def test_targets_go_round_and_the_last_one_is_remembered(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.workspace.library.save(draft("shop"))
        screen = await previewing(pilot, of(app))
        names = [*TARGETS]
        for name in [*names[1:], names[0], names[1]]:
            await pilot.press("t")
            await wait_for(pilot, lambda name=name: screen.target.name == name)  # type: ignore[misc]
            assert TARGETS[name].title.partition(":")[0] in crumbs(screen)
        await pilot.press("T", "T")
        await wait_for(pilot, lambda: screen.target.name == names[-1])
        assert "Anthropic" not in status(screen), "it goes to programs with OpenAI's interface"
        await pilot.press("escape")
        again = await previewing(pilot, of(app))
        await wait_for(pilot, lambda: again.target.name == names[-1])


async def test_the_cost_follows_the_number_of_requests_which_is_remembered(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await app.workspace.library.save(draft("shop"))
        screen = await previewing(pilot, of(app))
        await wait_for(pilot, lambda: "over 50 " in status(screen))
        await pilot.press("plus")
        await wait_for(pilot, lambda: "over 100 " in status(screen))
        await pilot.press("equals_sign")
        await wait_for(pilot, lambda: "over 200 " in status(screen))
        await pilot.press(*["minus"] * 20)
        await wait_for(pilot, lambda: "over 1 " in status(screen))
        await wait_for(pilot, lambda: screen.choices.requests == 1)
        await wait_for(pilot, lambda: not any(worker.group == "remember" for worker in app.workers))
        assert (await recall_preview(app.workspace)).requests == 1


async def test_what_would_be_refused_is_said_and_found(app: WarmtuiApp) -> None:
    seed = full_seed()
    example = seed.tool_examples[0]
    call = example.calls[0].model_copy(update={"arguments": "[1]"})
    broken = example.model_copy(update={"calls": (call,)})
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app, seed.model_copy(update={"tool_examples": (broken,)})))
        await wait_for(pilot, lambda: "Arguments that are not a JSON object" in status(screen))
        assert "✓ OpenAI" in status(screen)
        assert "✓ Anthropic" not in status(screen)
        at = screen.query_one("#messages", RowList)
        await pilot.press("o", "right_square_bracket")
        await wait_for(pilot, lambda: screen.mode == "messages" and screen.rows.refused(at.cursor))
        await pilot.press("g", "left_square_bracket")
        await wait_for(pilot, lambda: screen.rows.refused(at.cursor))


async def test_where_nothing_is_refused_there_is_nothing_to_go_to(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await pilot.press("right_square_bracket")
        await wait_for(pilot, lambda: "no message would be refused" in toast_text(app))


async def test_an_empty_draft_says_so_and_offers_nothing(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app, Seed()))
        assert "the template is empty" in all_lines(screen)
        for pressed in ("w", "x", "y", "R", "I"):
            await pilot.press(pressed)
        await wait_for(pilot, lambda: "the template is empty" in toast_text(app))
        assert app.screen is screen
        await pilot.press("o")
        await wait_for(pilot, lambda: any("empty" in line for line in screen.texts.lines))


async def test_where_the_folder_is_gone_the_preview_goes_on(
    app: WarmtuiApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen))
        monkeypatch.chdir(gone)
        gone.rmdir()
        screen = await previewing(pilot, of(app))
        assert "kept by hand" in all_lines(screen)
        await pilot.press("y", "x")
        await fill(pilot, path=str(tmp_path / "out.json"))
        await pilot.press("enter")
        await wait_for(pilot, lambda: (tmp_path / "out.json").exists())
        monkeypatch.chdir(tmp_path)


@pytest.mark.slow
async def test_hostile_text_is_shown_harmlessly(app: WarmtuiApp) -> None:
    text = "\n".join(line[:3_000] for line in LINES).encode("utf-8", "replace").decode()
    seed = full_seed().model_copy(update={"system_context": text})
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app, seed))
        for pressed in ("o", "m", "d", "escape"):
            assert not hostile_characters(screen_text(pilot))
            await pilot.press(pressed)
            await pilot.pause()
        for _ in range(40):
            await pilot.press("pagedown")
            assert not hostile_characters(screen_text(pilot))
        assert app.screen is screen


async def test_a_configured_prefill_is_named(app: WarmtuiApp) -> None:
    home = hermes_home(app.workspace.context.environ)
    home.mkdir()
    (home / "mine.json").write_text(json.dumps([{"role": "user", "content": "hello"}]))
    (home / "config.yaml").write_text("prefill_messages_file: mine.json\n")
    async with app.run_test(size=(120, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        assert "a prefill is configured already" in all_lines(screen)
        assert "1 message;" in " ".join(all_lines(screen).split()), "wherever it is wrapped"


# maskings


async def reviewing(pilot: Pilot[None]) -> PreviewScreen:
    screen = await previewing(pilot)
    await pilot.press("m")
    await wait_for(pilot, lambda: screen.mode == "maskings" and screen.masking_rows.originals)
    return screen


async def test_each_masked_place_shows_what_stood_there(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await reviewing(pilot)
        text = screen_text(pilot)
        assert TOKEN in text
        assert "before of example" in text
        assert SLOT in text
        assert "not reviewed" in text
        assert {found.text for found in screen.masking_rows.originals.values()} == {TOKEN, OTHER, MAIL}
        await wait_for(pilot, lambda: "keep masked" in screen_text(pilot).splitlines()[-1])
        assert "restore" in screen_text(pilot).splitlines()[-1]
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.mode == "messages")
        await wait_for(pilot, lambda: "keep masked" not in screen_text(pilot).splitlines()[-1])
        assert TOKEN not in screen_text(pilot)


async def test_one_is_accepted_one_is_restored_and_undo_takes_both_back(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await reviewing(pilot)
        await pilot.press("a")
        await wait_for(pilot, lambda: standings(screen)[0] == "accepted")
        assert screen.masking_list.cursor == 1, "the next one is at hand"
        await wait_for(pilot, lambda: "1 reviewed" in status(screen))
        await pilot.press("r")
        await wait_for(pilot, lambda: standings(screen)[1] == "restored")
        await wait_for(pilot, lambda: "stands unmasked" in status(screen))
        assert "will be saved and sent unmasked" in toast_text(app)
        await pilot.press("escape")
        await wait_for(pilot, lambda: TOKEN in all_lines(screen))
        await pilot.press("z")
        await wait_for(pilot, lambda: TOKEN not in all_lines(screen))
        await pilot.press("z")
        await wait_for(pilot, lambda: set(standings(screen)) == {"masked"})
        await pilot.press("Z", "Z")
        await wait_for(pilot, lambda: standings(screen)[:2] == ["accepted", "restored"])
        await pilot.press("m", "g", "j", "a")
        await wait_for(pilot, lambda: standings(screen)[:2] == ["accepted", "masked"])
        assert "masked again" in toast_text(app)


async def test_no_original_is_kept_but_what_was_restored(app: WarmtuiApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await reviewing(pilot)
        place = next(
            place
            for place in screen.masking_rows.places
            if screen.masking_rows.originals[place.key].text == MAIL
        )
        screen.masking_list.goto_key(place.key)
        await pilot.press("r")
        await wait_for(pilot, lambda: "stands unmasked" in status(screen))
        await wait_for(pilot, lambda: not screen.draft.unsaved)
        [kept] = [draft for draft in drafts_in(app.workspace.library.path) if draft.key == screen.draft.name]
        assert MAIL in kept.content
        assert TOKEN not in kept.content
        assert OTHER not in kept.content


async def test_a_restored_secret_is_said_before_saving_exporting_and_copying(
    app: WarmtuiApp, tmp_path: Path
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await reviewing(pilot)
        await pilot.press("r")
        await wait_for(pilot, lambda: "stands unmasked" in status(screen))
        for pressed in ("w", "x"):
            await pilot.press(pressed)
            form = await fill(pilot)
            assert "github-token in before of example" in tell(form)
            await pilot.press("escape")
            await wait_for(pilot, lambda: app.screen is screen)
        await pilot.press("y")
        await wait_for(pilot, lambda: "copied as JSON; github-token" in toast_text(app))
        assert TOKEN in app.clipboard
        assert OTHER not in app.clipboard


async def test_what_was_typed_unmasked_is_listed_and_can_be_left_so(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        draft_session = of(app)
        draft_session.apply(SetField("e1", "closing", f"mail {MAIL}"))
        screen = await previewing(pilot, draft_session)
        assert MAIL not in all_lines(screen)
        await pilot.press("m")
        await wait_for(pilot, lambda: standings(screen) == ["open"])
        assert "saving masks it" in screen_text(pilot)
        await pilot.press("r")
        await wait_for(pilot, lambda: standings(screen) == ["restored"] and MAIL in all_lines(screen))
        await pilot.press("r")
        await wait_for(pilot, lambda: "unmasked already" in toast_text(app))
        await pilot.press("a")
        await wait_for(pilot, lambda: standings(screen) == ["masked"])


async def test_the_mask_stays_where_the_session_is_gone(app: WarmtuiApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        draft_session = of(app)
        draft_session.apply(SetField("e1", "closing", f"use {SLOT}"))
        screen = await previewing(pilot, draft_session)
        await pilot.press("m")
        await wait_for(pilot, lambda: screen.masking_rows.originals)
        assert "is not there any more" in screen_text(pilot)
        await pilot.press("r")
        await wait_for(pilot, lambda: "it stays masked" in toast_text(app))
        assert standings(screen) == ["masked"]


async def test_nothing_masked_is_no_proof(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        assert "none recognised" in status(screen)
        await pilot.press("m")
        await wait_for(pilot, lambda: "no proof" in screen_text(pilot))
        await pilot.press("r")
        await wait_for(pilot, lambda: "nothing is masked here" in toast_text(app))
        await pilot.press("m")
        await wait_for(pilot, lambda: screen.mode == "messages")


# comparing, copying, handing over


async def test_what_changed_since_the_last_version(app: WarmtuiApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        saved = await app.workspace.library.save(draft("shop"))
        draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
        screen = await previewing(pilot, draft_session)
        await wait_for(pilot, lambda: "v1 saved" in crumbs(screen))
        draft_session.apply(Describe("Money is in cents."))
        screen.show()
        await wait_for(pilot, lambda: "v1, 1 change since" in crumbs(screen))
        await pilot.press("d")
        await wait_for(pilot, lambda: "+ Money is in cents." in screen.texts.lines)
        assert "since version 1: 1 change" in screen.texts.lines
        await pilot.press("d")
        await wait_for(pilot, lambda: screen.mode == "messages")


async def test_without_a_version_there_is_nothing_to_compare(app: WarmtuiApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await previewing(pilot, of(app))
        await pilot.press("d")
        await wait_for(pilot, lambda: "not saved yet" in "".join(screen.texts.lines))
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.mode == "messages" and app.screen is screen)


async def test_copying_copies_what_an_export_writes(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        await pilot.press("y")
        await wait_for(pilot, lambda: "copied as JSON" in toast_text(app))
        assert app.clipboard.encode() == screen.exported(TARGETS["hermes-prefill"])


async def test_what_is_not_saved_is_not_handed_over(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        for key in ("R", "I"):
            app.clear_notifications()
            await pilot.press(key)
            await wait_for(pilot, lambda: "save it first: w" in toast_text(app))
        saved = await app.workspace.library.save(draft("shop"))
        draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
        draft_session.apply(Describe("Other."))
        await pilot.press("escape")
        screen = await previewing(pilot, draft_session)
        await wait_for(pilot, lambda: screen.base is not None and screen.base.changes)
        await pilot.press("R")
        await wait_for(pilot, lambda: "changes that are not saved" in toast_text(app))


async def test_install_and_uninstall(app: WarmtuiApp) -> None:
    home = hermes_home(app.workspace.context.environ)
    home.mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        saved = await app.workspace.library.save(draft("shop"))
        screen = await previewing(pilot, await DraftSession.of_template(app.workspace, saved.template.id))
        await pilot.press("I")
        await wait_for(pilot, lambda: "by default now" in toast_text(app))
        assert "prefill_messages_file" in (home / "config.yaml").read_text()
        await wait_for(pilot, lambda: "Hermes sends this by default already" in all_lines(screen))
        await pilot.press("R")
        form = await fill(pilot)
        assert "it is sent once" in screen_text(pilot)
        assert not form.query("#ask-prefill"), "there is nothing to combine"
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen)
        await pilot.press("U")
        await wait_for(pilot, lambda: "sends again what it sent before" in toast_text(app))
        await wait_for(pilot, lambda: "by default already" not in all_lines(screen))
        await pilot.press("U")
        await wait_for(pilot, lambda: any(toast.severity == "error" for toast in app._notifications))


async def test_launch_asks_for_the_command_and_remembers_it(app: WarmtuiApp) -> None:
    home = hermes_home(app.workspace.context.environ)
    home.mkdir()
    (home / "mine.json").write_text(json.dumps([{"role": "user", "content": "hello"}]))
    (home / "config.yaml").write_text("prefill_messages_file: mine.json\n")
    async with app.run_test(size=(100, 30)) as pilot:
        saved = await app.workspace.library.save(draft("shop"))
        screen = await previewing(pilot, await DraftSession.of_template(app.workspace, saved.template.id))
        await pilot.press("R")
        await fill(pilot, command="hermes 'chat")
        assert "A prefill is configured already" in screen_text(pilot)
        await pilot.press("down", "right")
        await wait_for(pilot, lambda: "only ours" in screen_text(pilot))
        await pilot.press("enter")
        await wait_for(pilot, lambda: "cannot be read" in toast_text(app))
        await pilot.press("R")
        form = await fill(pilot)
        assert form.query_one("#ask-command", Input).value == "hermes 'chat"
        await fill(pilot, command="true")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "cannot be handed" in toast_text(app))
        assert screen.choices.command == "true"


# exporting


def choices(form: Form) -> Iterable[str]:
    return (str(widget.content) for widget in form.query("Choice").results(Static))


async def test_export_chooses_the_target_and_completes_the_path(app: WarmtuiApp, tmp_path: Path) -> None:
    (tmp_path / "exports" / "one").mkdir(parents=True)
    (tmp_path / "exports" / "other").mkdir()
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await pilot.press("x")
        form = await fill(pilot, path="")
        path = form.query_one("#ask-path", Input)
        await wait_for(pilot, lambda: path.has_focus)
        await pilot.press(*"exp", "tab")
        await wait_for(pilot, lambda: path.value == "exports/")
        await wait_for(pilot, lambda: "one/  other/" in screen_text(pilot))
        await pilot.press("tab")
        await wait_for(pilot, lambda: path.value == "exports/o")
        await pilot.press("t")
        await wait_for(pilot, lambda: path._suggestion == "exports/other/")
        await pilot.press("right")
        await wait_for(pilot, lambda: path.value == "exports/other/")
        await pilot.press("up", "right", "right")
        await wait_for(pilot, lambda: "OpenAI chat JSON" in "".join(choices(form)))
        assert f"Writes {tmp_path}/exports/other/" in tell(form).replace("\n", "")
        await pilot.press("left", "right", "enter")
        await wait_for(pilot, lambda: list((tmp_path / "exports" / "other").glob("*.json")))
        [file] = (tmp_path / "exports" / "other").glob("*.json")
        assert list(json.loads(file.read_text())) == ["messages"]


async def test_tab_goes_on_where_there_is_nothing_to_complete(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await pilot.press("x")
        form = await fill(pilot, path="nowhere/x")
        await wait_for(pilot, lambda: "There is no folder nowhere" in tell(form))
        await pilot.press("tab")
        await wait_for(pilot, lambda: not form.query_one("#ask-path").has_focus)


async def test_a_file_that_is_there_is_replaced_only_when_asked(app: WarmtuiApp, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("mine")
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await previewing(pilot, of(app))
        await pilot.press("x")
        form = await fill(pilot, path="out.json")
        await wait_for(pilot, lambda: "you will be asked" in tell(form))
        await pilot.press("enter")
        await wait_for(pilot, lambda: "replace it" in screen_text(pilot))
        await pilot.press("j", "k", "down", "enter")
        await fill(pilot, path="out.json")
        assert out.read_text() == "mine"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "replace it" in screen_text(pilot))
        await pilot.press("escape")
        await fill(pilot, path="out.json")
        assert out.read_text() == "mine"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: "replace it" in screen_text(pilot))
        await pilot.press("r")
        await wait_for(pilot, lambda: app.screen is screen)
        assert out.read_bytes() == screen.exported(TARGETS["hermes-prefill"])


async def test_what_cannot_be_written_is_said_in_words(app: WarmtuiApp, tmp_path: Path) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await pilot.press("x")
        await fill(pilot, path="nowhere/x.json")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "is not a folder" in toast_text(app))
        form = await fill(pilot)
        assert form.query_one("#ask-path", Input).value == "nowhere/x.json"
        assert "is not a folder" in tell(form)


async def test_a_choice_turns_with_arrows_and_letters(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await pilot.press("x")
        form = await fill(pilot)
        choice = form.query_one(Choice)
        await pilot.press("up")
        await wait_for(pilot, lambda: choice.has_focus)
        names = [*TARGETS]
        for pressed, at in (("right", 1), ("l", 2), ("space", 0), ("left", -1), ("h", -2)):
            await pilot.press(pressed)
            await wait_for(pilot, lambda at=at: choice.value == names[at])  # type: ignore[misc]
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is not form)


async def test_ascii_signs_leave_what_is_typed_in_sight(app: WarmtuiApp) -> None:
    app = WarmtuiApp(app.workspace, ascii_only=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await previewing(pilot, of(app))
        await pilot.press("i", *"try me", "enter")
        await wait_for(pilot, lambda: "try me" in screen_text(pilot).splitlines()[-5:-3][0])
        await pilot.press("x")
        await fill(pilot, path="here.json")
        await wait_for(pilot, lambda: any(line.strip(" |") == "here.json" for line in lines(pilot)))
        assert "< Hermes prefill file" in screen_text(pilot)
        await pilot.press("escape", "w")
        await fill(pilot, name="conventions")
        await wait_for(pilot, lambda: any(line.strip(" |") == "conventions" for line in lines(pilot)))


def lines(pilot: Pilot[None]) -> list[str]:
    return screen_text(pilot).splitlines()
