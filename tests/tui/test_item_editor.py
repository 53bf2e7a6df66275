"""The editor of one item: every field, every key, hostile text, and the person's own editor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from pilots import hostile_characters
from ui import Ui, focused_field, line, picked

from warmtui.curation.editing import Offer, Pick, SetField, fields_of
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import ContextMarker, Recovery, ToolExample, UserPatterns
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Choose
from warmtui.tui.widgets.fields import Choice, JsonField, LineField, TextField

pytestmark = pytest.mark.size(140, 44)

HOSTILE = "\x1b]52;c;aGk=\x07 [/] [@click=app.quit]x[/] \u202e\u2028 \x9b31m"


def offer_of(screen: CurateScreen, kind: type) -> Offer:
    return next(offer for offer in screen.draft.offers.values() if isinstance(offer.record, kind))


async def editing(ui: Ui, screen: CurateScreen, item: str, field: str = "") -> None:
    """Go to an item of the template and edit it, from one of its fields on."""
    screen.item_list.goto_key(item)
    screen.go_to_pane("draft")
    await ui.until(lambda: screen.item_list.has_focus and screen.current_item() == item)
    await ui.press("e", until=lambda: screen.editor.item == item and focused_field(screen) is not None)
    for _ in fields_of(screen.draft.state, item):
        if focused(screen) != field and field:
            await ui.press("tab")
    assert not field or focused(screen) == field


async def edit_first(ui: Ui, kind: type, field: str = "") -> tuple[CurateScreen, str]:
    """Pick the first candidate of a kind and edit it, from one of its fields on; return its id too."""
    screen = await ui.curate()
    offer = offer_of(screen, kind)
    screen.apply(Pick((offer,)))
    item: str = getattr(offer.record, "id", USER_PATTERNS)
    await editing(ui, screen, item, field)
    return screen, item


def focused(screen: CurateScreen) -> str:
    field = focused_field(screen)
    return field.name if field is not None else ""


def value(screen: CurateScreen, item: str, field: str) -> str:
    return next(each.text for each in fields_of(screen.draft.state, item) if each.name == field)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (
            Recovery,
            "before failed.tool failed.arguments failed.result error fixed.tool fixed.arguments fixed.result "
            "change closing note shown_as",
        ),
        (ToolExample, "before calls.0.tool calls.0.arguments calls.0.result closing note"),
        (ContextMarker, "text kind"),
        (UserPatterns, "request_style feedback_style domains preferred_tools corrections"),
    ],
)
async def test_every_field_can_be_typed_in_and_undone(
    app: WarmtuiApp, ui: Ui, kind: type, fields: str
) -> None:
    screen = await ui.curate()
    offer = offer_of(screen, kind)
    screen.apply(Pick((offer,)))
    item = getattr(offer.record, "id", USER_PATTERNS)
    await editing(ui, screen, item)
    for number, name in enumerate(fields.split()):
        assert focused(screen) == name
        before = value(screen, item, name)
        await ui.press(*(["right", "x"] if isinstance(app.focused, Choice) else ["end", "x"]))
        await ui.until(partial(differs, screen, item, name, before), name)
        steps = len(screen.draft.history.past)
        assert steps == number + 2, "one step for each field, and one for picking"
        await ui.press("tab")
    assert focused(screen) == fields.split()[0], "from the last field to the first"
    await ui.press("shift+tab")
    assert focused(screen) == fields.split()[-1]
    await ui.press("escape", until=lambda: screen.item_list.has_focus)
    for _ in fields.split():
        await ui.press("z")
    await ui.until(lambda: len(screen.draft.history.past) == 1)
    assert screen.draft.state.pending == ()


@pytest.mark.slow
async def test_the_context_is_written_by_hand(ui: Ui) -> None:
    screen = await ui.curate()
    await ui.press("i", until=lambda: focused(screen) == SYSTEM_CONTEXT)
    await ui.press(*"A shop.", until=lambda: screen.draft.state.seed.system_context == "A shop.")
    await ui.press("escape", until=lambda: screen.candidate_list.has_focus)
    await editing(ui, screen, SYSTEM_CONTEXT)
    await ui.press("end", *" Cents.")
    await ui.until(lambda: screen.draft.state.seed.system_context == "A shop. Cents.")
    await ui.press("escape", "z", "z")
    await ui.until(lambda: screen.draft.state.seed.system_context in ("", "A shop."))


@pytest.mark.slow
async def test_up_and_down_go_through_the_fields(ui: Ui) -> None:
    screen, _item = await edit_first(ui, ToolExample)
    await ui.press("down")
    assert focused(screen) == "calls.0.tool"
    await ui.press("down", "down")
    assert focused(screen) == "calls.0.arguments", "a text of several lines is gone through first"
    await ui.press("up", "up")
    assert focused(screen) == "calls.0.tool"


async def test_json_is_checked_as_it_is_typed_and_never_rewritten_under_the_cursor(
    app: WarmtuiApp, ui: Ui
) -> None:
    screen, item = await edit_first(ui, ToolExample, "calls.0.arguments")
    area = app.focused
    assert isinstance(area, JsonField)
    [example] = screen.draft.state.seed.tool_examples
    valid = (value(screen, item, "calls.0.arguments"), example.calls[0].arguments)
    area.select_all()
    await ui.press(*'{"a":', shows="! line 1, column 6: expecting value")
    await ui.until(lambda: "! 1 to look at" in line(screen, "status"))
    [example] = screen.draft.state.seed.tool_examples
    assert example.calls[0].arguments in valid
    await ui.press(*" [1,2]}", until=lambda: "column 6" not in ui.text)
    assert area.text == '{"a": [1,2]}', "not set out anew while it is typed"
    assert area.cursor_location == (0, 12)
    await ui.until(lambda: screen.draft.state.seed.tool_examples[0].calls[0].arguments == '{"a": [1,2]}')
    await ui.until(lambda: "✓ 0 problems" in line(screen, "status"))


@pytest.mark.slow
async def test_words_between_commas_can_be_typed_one_after_the_other(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()
    screen.apply(Pick((offer_of(screen, UserPatterns),)))
    screen.apply(SetField(USER_PATTERNS, "domains", ""))
    await editing(ui, screen, USER_PATTERNS, "domains")
    await ui.press(*"code, py")
    await ui.until(
        lambda: (patterns := screen.draft.state.seed.user_patterns) and patterns.domains == ("code", "py")
    )
    field = app.focused
    assert isinstance(field, LineField)
    assert field.value == "code, py"


@pytest.mark.slow
async def test_undo_from_the_palette_shows_in_the_field(app: WarmtuiApp, ui: Ui) -> None:
    screen, item = await edit_first(ui, ToolExample, "note")
    await ui.press(*"one", until=lambda: value(screen, item, "note") == "one")
    screen.action_undo()
    area = app.focused
    assert isinstance(area, TextField)
    await ui.until(lambda: area.text == "")
    await ui.press(*"two", until=lambda: value(screen, item, "note") == "two")


@pytest.mark.slow
async def test_an_item_that_goes_while_it_is_edited_ends_editing(ui: Ui) -> None:
    screen, _item = await edit_first(ui, ToolExample)
    screen.action_undo()
    await ui.until(lambda: not screen.editor.editing and screen.item_list.has_focus)


@pytest.mark.slow
async def test_strangers_text_is_edited_and_shown_but_never_obeyed(ui: Ui) -> None:
    screen = await ui.curate()
    for kind in (Recovery, ToolExample, ContextMarker):
        offer = offer_of(screen, kind)
        screen.apply(Pick((offer,)))
        for field in fields_of(screen.draft.state, offer.id):
            if field.kind != "choice":
                screen.apply(SetField(offer.id, field.name, f"{field.text}{HOSTILE}"))
        screen.item_list.goto_key(offer.id)
        await ui.until(lambda: screen.draft.checked)
        assert not hostile_characters("".join(ui.lines))
        await editing(ui, screen, offer.id)
        before = {field.name: field.text for field in fields_of(screen.draft.state, offer.id)}
        for _ in before:
            await ui.press("tab")
            assert not hostile_characters("".join(ui.lines))
        assert {field.name: field.text for field in fields_of(screen.draft.state, offer.id)} == before
        await ui.press("escape", until=lambda: screen.item_list.has_focus)


@pytest.mark.size(80, 24)
async def test_what_is_one_of_a_few_is_chosen_with_arrows_not_typed(ui: Ui) -> None:
    screen = await ui.curate()
    screen.apply(Pick((offer_of(screen, UserPatterns),)))
    await editing(ui, screen, USER_PATTERNS, "request_style")
    assert value(screen, USER_PATTERNS, "request_style") == "terse"
    await ui.press("right", until=lambda: value(screen, USER_PATTERNS, "request_style") == "detailed")
    assert "‹ detailed ›  4 of 5" in ui.text
    await ui.press("left", "left", "left")
    await ui.until(lambda: value(screen, USER_PATTERNS, "request_style") == "command_driven")
    assert "‹ command driven ›" in ui.text
    assert not [problem for problem in screen.draft.problems() if problem.kind == "invalid"]
    screen.draft.undo()
    screen.draft_changed()
    await ui.shows("‹ terse ›")


# $EDITOR


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app think that it lends its terminal."""

    @contextmanager
    def suspend(_app: object) -> Iterator[None]:
        yield

    monkeypatch.setattr(WarmtuiApp, "suspend", suspend)


def set_editor(app: WarmtuiApp, folder: Path, program: str) -> None:
    script = folder / "editor.py"
    script.write_text(f"import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n{program}\n")
    app.workspace.context.environ["EDITOR"] = f"{sys.executable} {script}"


@pytest.mark.slow
@pytest.mark.usefixtures("lent")
@pytest.mark.parametrize("kind", [Recovery, ToolExample, ContextMarker, UserPatterns])
async def test_any_field_can_be_edited_outside(app: WarmtuiApp, ui: Ui, tmp_path: Path, kind: type) -> None:
    set_editor(app, tmp_path, "file.write_text('{\"new\": 1}')")
    screen = await ui.curate()
    offer = offer_of(screen, kind)
    screen.apply(Pick((offer,)))
    item = getattr(offer.record, "id", USER_PATTERNS)
    screen.item_list.goto_key(item)
    await ui.press("tab", until=lambda: screen.item_list.has_focus)
    names = [field.name for field in fields_of(screen.draft.state, item) if field.kind != "choice"]
    for number, name in enumerate(names):
        await ui.press("E")
        if len(names) > 1:
            await ui.screen(Choose)
            await ui.press(*["down"] * number, "enter")
        await ui.until(partial(holds, screen, item, name, '"new": 1'), name)


def differs(screen: CurateScreen, item: str, name: str, before: str) -> bool:
    return value(screen, item, name) != before


def holds(screen: CurateScreen, item: str, name: str, words: str) -> bool:
    return words in value(screen, item, name)


@pytest.mark.slow
@pytest.mark.usefixtures("lent")
async def test_the_field_one_is_in_is_edited_outside(app: WarmtuiApp, ui: Ui, tmp_path: Path) -> None:
    set_editor(app, tmp_path, "file.write_text(file.read_text() + 'more')")
    screen, item = await edit_first(ui, ToolExample, "note")
    await ui.press(*"no ", "ctrl+o", until=lambda: value(screen, item, "note") == "no more")
    area = app.focused
    assert isinstance(area, TextField)
    await ui.until(lambda: area.text == "no more")


@pytest.mark.slow
@pytest.mark.usefixtures("lent")
@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("sys.exit(7)", "returned 7; nothing was changed"),
        ("file.write_bytes(bytes(range(256)))", "is not UTF-8"),
        ("file.unlink()", "left no file"),
        ("file.write_text('{\"a\": ')", "not valid yet, line 1"),
    ],
)
async def test_rubbish_from_outside_is_said_and_the_app_goes_on(
    app: WarmtuiApp, ui: Ui, tmp_path: Path, program: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    set_editor(app, tmp_path, program)
    screen = await ui.curate()
    offer = offer_of(screen, ToolExample)
    screen.apply(Pick((offer,)))
    seed = screen.draft.state.seed
    await editing(ui, screen, offer.id, "calls.0.arguments")
    await ui.press("ctrl+o", says=words)
    assert screen.draft.state.seed == seed, "the last valid text is used"
    await ui.press("escape", until=lambda: screen.item_list.has_focus)
    await ui.press("x", until=lambda: picked(screen) == 0)


async def test_without_an_editor_it_says_how_to_have_one(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.curate()
    screen.apply(SetField(SYSTEM_CONTEXT, SYSTEM_CONTEXT, "A shop."))
    await ui.press("tab", until=lambda: screen.current_item() == SYSTEM_CONTEXT)
    await ui.press("E", says="export EDITOR=nano")
    app.workspace.context.environ["EDITOR"] = "/no/such/editor"
    await ui.press(
        "E", until=lambda: "cannot be handed" in ui.toast_text or "could not be started" in ui.toast_text
    )
