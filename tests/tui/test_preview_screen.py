"""The preview: zones, targets, costs, maskings, and every key that hands a draft over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
import secret_session
from hostile import LINES
from kept_drafts import drafts_in
from pilots import hostile_characters
from secret_session import MAIL, OTHER, SLOT, TOKEN
from seeds import draft, full_seed
from textual.widgets import Input, Static
from ui import Ui, draft_by_hand, form_text, line

from warmtui.curation.editing import Describe, Pick, SetField
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

pytestmark = pytest.mark.size(80, 24)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return secret_session.write(tmp_path / "state.db")


def all_lines(screen: PreviewScreen) -> str:
    """Everything in the list of messages, seen or not."""
    rows, state = screen.rows, RowState(cursor=False, marked=False, focused=False)
    lines = [line for index in range(len(rows)) for line in rows.render(index, 80, state)]
    return "\n".join(str(line) for line in lines)


def standings(screen: PreviewScreen) -> list[str]:
    return [place.standing for place in screen.masking_rows.places]


# zones, targets, costs


async def test_three_zones_with_what_was_invented_and_the_message_to_try(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    text = all_lines(screen)
    assert text.index("before ours: Hermes' own system prompt") < text.index("kept by hand")
    assert text.index("kept by hand") < text.index("after ours: the new user message")
    assert "written by warmtui" in text.split("Understood.")[0].splitlines()[-2]
    assert text.count("  example 1\n") == 1, "a part is named where it begins"
    await ui.press("i", *"fix it", until=lambda: "fix it" in all_lines(screen).split("after ours")[1])
    await ui.press("enter", until=lambda: screen.shown_list.has_focus)
    await ui.press("i", "escape", until=lambda: screen.shown_list.has_focus and app.screen is screen)
    await ui.screen(SessionsScreen, "escape")


@pytest.mark.parametrize("target", TARGETS)
async def test_the_json_is_byte_for_byte_what_is_written(
    app: WarmtuiApp, ui: Ui, target: str, tmp_path: Path
) -> None:
    screen = await ui.preview()
    while screen.target.name != target:
        await ui.press("t")
    await ui.press("o", until=lambda: screen.texts.lines and "before ours" in screen.texts.lines[0])
    await ui.fill("x", path=str(tmp_path / "out.json"))
    await ui.press("enter", until=lambda: (tmp_path / "out.json").exists())
    written = (tmp_path / "out.json").read_text()
    lines = screen.texts.lines
    end = next(number for number, line in enumerate(lines) if line.startswith("after ours"))
    start = 1 + ("written by warmtui" in lines[1])
    shown = lines[start:end]
    assert "".join(shown) == written.replace("\n", "")
    assert TARGETS[target].before in lines[0]
    assert TARGETS[target].after in lines[end]


async def test_targets_go_round_and_the_last_one_is_remembered(app: WarmtuiApp, ui: Ui) -> None:
    await app.workspace.library.save(draft("shop"))
    screen = await ui.preview()
    names = [*TARGETS]
    for name in [*names[1:], names[0], names[1]]:
        await ui.press("t")
        await ui.until(lambda name=name: screen.target.name == name)  # type: ignore[misc]
        assert TARGETS[name].title.partition(":")[0] in line(screen, "crumbs")
    await ui.press("T", "T", until=lambda: screen.target.name == names[-1])
    assert "Anthropic" not in line(screen, "status"), "it goes to programs with OpenAI's interface"
    await ui.press("escape")
    again = await ui.preview()
    await ui.until(lambda: again.target.name == names[-1])


async def test_the_cost_follows_the_number_of_requests_which_is_remembered(app: WarmtuiApp, ui: Ui) -> None:
    await app.workspace.library.save(draft("shop"))
    screen = await ui.preview()
    await ui.until(lambda: "over 50 " in line(screen, "status"))
    await ui.press("plus", until=lambda: "over 100 " in line(screen, "status"))
    await ui.press("equals_sign", until=lambda: "over 200 " in line(screen, "status"))
    await ui.press(*["minus"] * 20, until=lambda: "over 1 " in line(screen, "status"))
    await ui.until(lambda: screen.choices.requests == 1)
    await ui.until(lambda: not any(worker.group == "remember" for worker in app.workers))
    assert (await recall_preview(app.workspace)).requests == 1


async def test_what_would_be_refused_is_said_and_found(app: WarmtuiApp, ui: Ui) -> None:
    seed = full_seed()
    example = seed.tool_examples[0]
    call = example.calls[0].model_copy(update={"arguments": "[1]"})
    broken = example.model_copy(update={"calls": (call,)})
    screen = await ui.preview(draft_by_hand(app, seed.model_copy(update={"tool_examples": (broken,)})))
    await ui.until(lambda: "Arguments that are not a JSON object" in line(screen, "status"))
    assert "✓ OpenAI" in line(screen, "status")
    assert "✓ Anthropic" not in line(screen, "status")
    at = screen.query_one("#messages", RowList)
    await ui.press("o", "right_square_bracket")
    await ui.until(lambda: screen.mode == "messages" and screen.rows.refused(at.cursor))
    await ui.press("g", "left_square_bracket", until=lambda: screen.rows.refused(at.cursor))


async def test_where_nothing_is_refused_there_is_nothing_to_go_to(app: WarmtuiApp, ui: Ui) -> None:
    await ui.preview()
    await ui.press("right_square_bracket", says="no message would be refused")


async def test_an_empty_draft_says_so_and_offers_nothing(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview(draft_by_hand(app, Seed()))
    assert "the template is empty" in all_lines(screen)
    for pressed in ("w", "x", "y", "R", "I"):
        await ui.press(pressed)
    await ui.says("the template is empty")
    assert app.screen is screen
    await ui.press("o", until=lambda: any("empty" in line for line in screen.texts.lines))


async def test_where_the_folder_is_gone_the_preview_goes_on(
    app: WarmtuiApp, ui: Ui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    await ui.screen(SessionsScreen)
    monkeypatch.chdir(gone)
    gone.rmdir()
    screen = await ui.preview()
    assert "kept by hand" in all_lines(screen)
    await ui.press("y", "x")
    await ui.fill(path=str(tmp_path / "out.json"))
    await ui.press("enter", until=lambda: (tmp_path / "out.json").exists())
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
async def test_hostile_text_is_shown_harmlessly(app: WarmtuiApp, ui: Ui) -> None:
    text = "\n".join(line[:3_000] for line in LINES).encode("utf-8", "replace").decode()
    seed = full_seed().model_copy(update={"system_context": text})
    screen = await ui.preview(draft_by_hand(app, seed))
    for pressed in ("o", "m", "d", "escape"):
        assert not hostile_characters(ui.text)
        await ui.press(pressed)
        await ui.pause()
    for _ in range(40):
        await ui.press("pagedown")
        assert not hostile_characters(ui.text)
    assert app.screen is screen


@pytest.mark.size(120, 24)
async def test_a_configured_prefill_is_named(app: WarmtuiApp, ui: Ui) -> None:
    home = hermes_home(app.workspace.context.environ)
    home.mkdir()
    (home / "mine.json").write_text(json.dumps([{"role": "user", "content": "hello"}]))
    (home / "config.yaml").write_text("prefill_messages_file: mine.json\n")
    screen = await ui.preview()
    assert "a prefill is configured already" in all_lines(screen)
    assert "1 message;" in " ".join(all_lines(screen).split()), "wherever it is wrapped"


# maskings


async def reviewing(ui: Ui) -> PreviewScreen:
    """Open the maskings of a draft of all that the session offers."""
    await ui.sessions(1)
    draft_session = await DraftSession.of_sessions(ui.workspace, list(ui.workspace.sessions.table))
    draft_session.apply(Pick(tuple(draft_session.offers.values())))
    screen = await ui.preview(draft_session)
    await ui.press("m", until=lambda: screen.mode == "maskings" and screen.masking_rows.originals)
    return screen


async def test_each_masked_place_shows_what_stood_there(ui: Ui) -> None:
    screen = await reviewing(ui)
    text = ui.text
    assert TOKEN in text
    assert "before of example" in text
    assert SLOT in text
    assert "not reviewed" in text
    assert {found.text for found in screen.masking_rows.originals.values()} == {TOKEN, OTHER, MAIL}
    await ui.until(lambda: "keep masked" in ui.text.splitlines()[-1])
    assert "restore" in ui.text.splitlines()[-1]
    await ui.press("escape", until=lambda: screen.mode == "messages")
    await ui.until(lambda: "keep masked" not in ui.text.splitlines()[-1])
    assert TOKEN not in ui.text


@pytest.mark.slow
async def test_one_is_accepted_one_is_restored_and_undo_takes_both_back(ui: Ui) -> None:
    screen = await reviewing(ui)
    await ui.press("a", until=lambda: standings(screen)[0] == "accepted")
    assert screen.masking_list.cursor == 1, "the next one is at hand"
    await ui.until(lambda: "1 reviewed" in line(screen, "status"))
    await ui.press("r", until=lambda: standings(screen)[1] == "restored")
    await ui.until(lambda: "stands unmasked" in line(screen, "status"))
    assert "will be saved and sent unmasked" in ui.toast_text
    await ui.press("escape", until=lambda: TOKEN in all_lines(screen))
    await ui.press("z", until=lambda: TOKEN not in all_lines(screen))
    await ui.press("z", until=lambda: set(standings(screen)) == {"masked"})
    await ui.press("Z", "Z", until=lambda: standings(screen)[:2] == ["accepted", "restored"])
    await ui.press("m", "g", "j", "a", until=lambda: standings(screen)[:2] == ["accepted", "masked"])
    assert "masked again" in ui.toast_text


async def test_no_original_is_kept_but_what_was_restored(app: WarmtuiApp, ui: Ui, tmp_path: Path) -> None:
    screen = await reviewing(ui)
    place = next(
        place for place in screen.masking_rows.places if screen.masking_rows.originals[place.key].text == MAIL
    )
    screen.masking_list.goto_key(place.key)
    await ui.press("r", until=lambda: "stands unmasked" in line(screen, "status"))
    await ui.until(lambda: not screen.draft.unsaved)
    [kept] = [draft for draft in drafts_in(app.workspace.library.path) if draft.key == screen.draft.name]
    assert MAIL in kept.content
    assert TOKEN not in kept.content
    assert OTHER not in kept.content


async def test_a_restored_secret_is_said_before_saving_exporting_and_copying(
    app: WarmtuiApp, ui: Ui, tmp_path: Path
) -> None:
    screen = await reviewing(ui)
    await ui.press("r", until=lambda: "stands unmasked" in line(screen, "status"))
    for pressed in ("w", "x"):
        await ui.press(pressed)
        form = await ui.fill()
        assert "github-token in before of example" in form_text(form)
        await ui.back_to(screen, "escape")
    await ui.press("y", says="copied as JSON; github-token")
    assert TOKEN in app.clipboard
    assert OTHER not in app.clipboard


async def test_what_was_typed_unmasked_is_listed_and_can_be_left_so(app: WarmtuiApp, ui: Ui) -> None:
    draft_session = draft_by_hand(app)
    draft_session.apply(SetField("e1", "closing", f"mail {MAIL}"))
    screen = await ui.preview(draft_session)
    assert MAIL not in all_lines(screen)
    await ui.press("m", until=lambda: standings(screen) == ["open"])
    assert "saving masks it" in ui.text
    await ui.press("r", until=lambda: standings(screen) == ["restored"] and MAIL in all_lines(screen))
    await ui.press("r", says="unmasked already")
    await ui.press("a", until=lambda: standings(screen) == ["masked"])


async def test_the_mask_stays_where_the_session_is_gone(app: WarmtuiApp, ui: Ui, tmp_path: Path) -> None:
    draft_session = draft_by_hand(app)
    draft_session.apply(SetField("e1", "closing", f"use {SLOT}"))
    screen = await ui.preview(draft_session)
    await ui.press("m", until=lambda: screen.masking_rows.originals)
    assert "is not there any more" in ui.text
    await ui.press("r", says="it stays masked")
    assert standings(screen) == ["masked"]


async def test_nothing_masked_is_no_proof(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    assert "none recognised" in line(screen, "status")
    await ui.press("m", shows="no proof")
    await ui.press("r", says="nothing is masked here")
    await ui.press("m", until=lambda: screen.mode == "messages")


# comparing, copying, handing over


@pytest.mark.size(100, 30)
async def test_what_changed_since_the_last_version(app: WarmtuiApp, ui: Ui) -> None:
    saved = await app.workspace.library.save(draft("shop"))
    draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
    screen = await ui.preview(draft_session)
    await ui.until(lambda: "v1 saved" in line(screen, "crumbs"))
    draft_session.apply(Describe("Money is in cents."))
    screen.show()
    await ui.until(lambda: "v1, 1 change since" in line(screen, "crumbs"))
    await ui.press("d", until=lambda: "+ Money is in cents." in screen.texts.lines)
    assert "since version 1: 1 change" in screen.texts.lines
    await ui.press("d", until=lambda: screen.mode == "messages")


@pytest.mark.size(100, 30)
async def test_without_a_version_there_is_nothing_to_compare(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    await ui.press("d", until=lambda: "not saved yet" in "".join(screen.texts.lines))
    await ui.press("escape", until=lambda: screen.mode == "messages" and app.screen is screen)


async def test_copying_copies_what_an_export_writes(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    await ui.press("y", says="copied as JSON")
    assert app.clipboard.encode() == screen.exported(TARGETS["hermes-prefill"])


async def test_what_is_not_saved_is_not_handed_over(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.preview()
    for key in ("R", "I"):
        app.clear_notifications()
        await ui.press(key, says="save it first: w")
    saved = await app.workspace.library.save(draft("shop"))
    draft_session = await DraftSession.of_template(app.workspace, saved.template.id)
    draft_session.apply(Describe("Other."))
    await ui.press("escape")
    screen = await ui.preview(draft_session)
    await ui.until(lambda: screen.base is not None and screen.base.changes)
    await ui.press("R", says="changes that are not saved")


async def test_install_and_uninstall(app: WarmtuiApp, ui: Ui) -> None:
    home = hermes_home(app.workspace.context.environ)
    home.mkdir()
    saved = await app.workspace.library.save(draft("shop"))
    screen = await ui.preview(await DraftSession.of_template(app.workspace, saved.template.id))
    await ui.press("I", says="by default now")
    assert "prefill_messages_file" in (home / "config.yaml").read_text()
    await ui.until(lambda: "Hermes sends this by default already" in all_lines(screen))
    form = await ui.fill("R")
    assert "it is sent once" in ui.text
    assert not form.query("#ask-prefill"), "there is nothing to combine"
    await ui.back_to(screen, "escape")
    await ui.press("U", says="sends again what it sent before")
    await ui.until(lambda: "by default already" not in all_lines(screen))
    await ui.press("U", until=lambda: any(toast.severity == "error" for toast in app._notifications))


@pytest.mark.size(100, 30)
async def test_launch_asks_for_the_command_and_remembers_it(app: WarmtuiApp, ui: Ui) -> None:
    home = hermes_home(app.workspace.context.environ)
    home.mkdir()
    (home / "mine.json").write_text(json.dumps([{"role": "user", "content": "hello"}]))
    (home / "config.yaml").write_text("prefill_messages_file: mine.json\n")
    saved = await app.workspace.library.save(draft("shop"))
    screen = await ui.preview(await DraftSession.of_template(app.workspace, saved.template.id))
    await ui.fill("R", command="hermes 'chat")
    assert "A prefill is configured already" in ui.text
    await ui.press("down", "right", shows="only ours")
    await ui.press("enter", says="cannot be read")
    form = await ui.fill("R")
    assert form.query_one("#ask-command", Input).value == "hermes 'chat"
    await ui.fill(command="true")
    await ui.press("enter", says="cannot be handed")
    assert screen.choices.command == "true"


# exporting


def choices(form: Form) -> Iterable[str]:
    return (str(widget.content) for widget in form.query("Choice").results(Static))


@pytest.mark.slow
async def test_export_chooses_the_target_and_completes_the_path(
    app: WarmtuiApp, ui: Ui, tmp_path: Path
) -> None:
    (tmp_path / "exports" / "one").mkdir(parents=True)
    (tmp_path / "exports" / "other").mkdir()
    await ui.preview()
    form = await ui.fill("x", path="")
    path = form.query_one("#ask-path", Input)
    await ui.until(lambda: path.has_focus)
    await ui.press(*"exp", "tab", until=lambda: path.value == "exports/")
    await ui.shows("one/  other/")
    await ui.press("tab", until=lambda: path.value == "exports/o")
    await ui.press("t", until=lambda: path._suggestion == "exports/other/")
    await ui.press("right", until=lambda: path.value == "exports/other/")
    await ui.press("up", "right", "right", until=lambda: "OpenAI chat JSON" in "".join(choices(form)))
    assert f"Writes {tmp_path}/exports/other/" in form_text(form).replace("\n", "")
    await ui.press("left", "right", "enter")
    await ui.until(lambda: list((tmp_path / "exports" / "other").glob("*.json")))
    [file] = (tmp_path / "exports" / "other").glob("*.json")
    assert list(json.loads(file.read_text())) == ["messages"]


async def test_tab_goes_on_where_there_is_nothing_to_complete(app: WarmtuiApp, ui: Ui) -> None:
    await ui.preview()
    form = await ui.fill("x", path="nowhere/x")
    await ui.until(lambda: "There is no folder nowhere" in form_text(form))
    await ui.press("tab", until=lambda: not form.query_one("#ask-path").has_focus)


async def test_a_file_that_is_there_is_replaced_only_when_asked(
    app: WarmtuiApp, ui: Ui, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    out.write_text("mine")
    screen = await ui.preview()
    form = await ui.fill("x", path="out.json")
    await ui.until(lambda: "you will be asked" in form_text(form))
    await ui.press("enter", shows="replace it")
    await ui.press("j", "k", "down", "enter")
    await ui.fill(path="out.json")
    assert out.read_text() == "mine"
    await ui.press("enter", shows="replace it")
    await ui.press("escape")
    await ui.fill(path="out.json")
    assert out.read_text() == "mine"
    await ui.press("ctrl+s", shows="replace it")
    await ui.back_to(screen, "r")
    assert out.read_bytes() == screen.exported(TARGETS["hermes-prefill"])


async def test_what_cannot_be_written_is_said_in_words(app: WarmtuiApp, ui: Ui, tmp_path: Path) -> None:
    await ui.preview()
    await ui.fill("x", path="nowhere/x.json")
    await ui.press("enter", says="is not a folder")
    form = await ui.fill()
    assert form.query_one("#ask-path", Input).value == "nowhere/x.json"
    assert "is not a folder" in form_text(form)


async def test_a_choice_turns_with_arrows_and_letters(app: WarmtuiApp, ui: Ui) -> None:
    await ui.preview()
    form = await ui.fill("x")
    choice = form.query_one(Choice)
    await ui.press("up", until=lambda: choice.has_focus)
    names = [*TARGETS]
    for pressed, at in (("right", 1), ("l", 2), ("space", 0), ("left", -1), ("h", -2)):
        await ui.press(pressed)
        await ui.until(lambda at=at: choice.value == names[at])  # type: ignore[misc]
    await ui.press("enter", until=lambda: app.screen is not form)


@pytest.mark.parametrize("ascii_only", [True])
async def test_ascii_signs_leave_what_is_typed_in_sight(ui: Ui) -> None:
    await ui.preview()
    await ui.press("i", *"try me", "enter", until=lambda: "try me" in ui.text.splitlines()[-5:-3][0])
    await ui.fill("x", path="here.json")
    await ui.until(lambda: any(row.strip(" |") == "here.json" for row in ui.lines))
    assert "< Hermes prefill file" in ui.text
    await ui.press("escape")
    await ui.fill("w", name="conventions")
    await ui.until(lambda: any(row.strip(" |") == "conventions" for row in ui.lines))
