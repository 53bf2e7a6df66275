"""The editor of one item: every field, every key, hostile text, and the person's own editor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from curating import curating, focused_field, line, picked
from pilots import hostile_characters, screen_lines, screen_text, toasts, wait_for
from textual.pilot import Pilot

from warmtui.curation.editing import Offer, Pick, SetField, fields_of
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import ContextMarker, Recovery, ToolExample, UserPatterns
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Choose
from warmtui.tui.widgets.fields import Choice, JsonField, LineField, TextField

SIZE = (140, 44)
HOSTILE = "\x1b]52;c;aGk=\x07 [/] [@click=app.quit]x[/] \u202e\u2028 \x9b31m"


def offer_of(screen: CurateScreen, kind: type) -> Offer:
    return next(offer for offer in screen.draft.offers.values() if isinstance(offer.record, kind))


async def editing(pilot: Pilot[None], screen: CurateScreen, item: str, field: str = "") -> None:
    """Go to an item of the template and edit it, from one of its fields on."""
    screen.item_list.goto_key(item)
    screen.go_to_pane("draft")
    await wait_for(pilot, lambda: screen.item_list.has_focus and screen.current_item() == item)
    await pilot.press("e")
    await wait_for(pilot, lambda: screen.editor.item == item and focused_field(screen) is not None)
    for _ in fields_of(screen.draft.state, item):
        if focused(screen) != field and field:
            await pilot.press("tab")
    assert not field or focused(screen) == field


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
async def test_every_field_can_be_typed_in_and_undone(app: WarmtuiApp, kind: type, fields: str) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, kind)
        screen.apply(Pick((offer,)))
        item = getattr(offer.record, "id", USER_PATTERNS)
        await editing(pilot, screen, item)
        for number, name in enumerate(fields.split()):
            assert focused(screen) == name
            before = value(screen, item, name)
            await pilot.press(*(["right", "x"] if isinstance(app.focused, Choice) else ["end", "x"]))
            await wait_for(pilot, partial(differs, screen, item, name, before), name)
            steps = len(screen.draft.history.past)
            assert steps == number + 2, "one step for each field, and one for picking"
            await pilot.press("tab")
        assert focused(screen) == fields.split()[0], "from the last field to the first"
        await pilot.press("shift+tab")
        assert focused(screen) == fields.split()[-1]
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.item_list.has_focus)
        for _ in fields.split():
            await pilot.press("z")
        await wait_for(pilot, lambda: len(screen.draft.history.past) == 1)
        assert screen.draft.state.pending == ()


async def test_the_context_is_written_by_hand(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        await pilot.press("i")
        await wait_for(pilot, lambda: focused(screen) == SYSTEM_CONTEXT)
        await pilot.press(*"A shop.")
        await wait_for(pilot, lambda: screen.draft.state.seed.system_context == "A shop.")
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.candidate_list.has_focus)
        await editing(pilot, screen, SYSTEM_CONTEXT)
        await pilot.press("end", *" Cents.")
        await wait_for(pilot, lambda: screen.draft.state.seed.system_context == "A shop. Cents.")
        await pilot.press("escape", "z", "z")
        await wait_for(pilot, lambda: screen.draft.state.seed.system_context in ("", "A shop."))


async def test_up_and_down_go_through_the_fields(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, ToolExample)
        screen.apply(Pick((offer,)))
        await editing(pilot, screen, offer.id)
        await pilot.press("down")
        assert focused(screen) == "calls.0.tool"
        await pilot.press("down", "down")
        assert focused(screen) == "calls.0.arguments", "a text of several lines is gone through first"
        await pilot.press("up", "up")
        assert focused(screen) == "calls.0.tool"


async def test_json_is_checked_as_it_is_typed_and_never_rewritten_under_the_cursor(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, ToolExample)
        screen.apply(Pick((offer,)))
        await editing(pilot, screen, offer.id, "calls.0.arguments")
        area = app.focused
        assert isinstance(area, JsonField)
        valid = value(screen, offer.id, "calls.0.arguments")
        area.select_all()
        await pilot.press(*'{"a":')
        await wait_for(pilot, lambda: "! line 1, column 6: expecting value" in screen_text(pilot))
        await wait_for(pilot, lambda: "! 1 to look at" in line(screen, "status"))
        [example] = screen.draft.state.seed.tool_examples
        assert example.calls[0].arguments in (valid, offer.record.calls[0].arguments)  # type: ignore[union-attr]
        await pilot.press(*" [1,2]}")
        await wait_for(pilot, lambda: "column 6" not in screen_text(pilot))
        assert area.text == '{"a": [1,2]}', "not set out anew while it is typed"
        assert area.cursor_location == (0, 12)
        await wait_for(
            pilot, lambda: screen.draft.state.seed.tool_examples[0].calls[0].arguments == '{"a": [1,2]}'
        )
        await wait_for(pilot, lambda: "✓ 0 problems" in line(screen, "status"))


async def test_words_between_commas_can_be_typed_one_after_the_other(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        screen.apply(Pick((offer_of(screen, UserPatterns),)))
        screen.apply(SetField(USER_PATTERNS, "domains", ""))
        await editing(pilot, screen, USER_PATTERNS, "domains")
        await pilot.press(*"code, py")
        await wait_for(
            pilot,
            lambda: (
                (patterns := screen.draft.state.seed.user_patterns) and patterns.domains == ("code", "py")
            ),
        )
        field = app.focused
        assert isinstance(field, LineField)
        assert field.value == "code, py"


async def test_undo_from_the_palette_shows_in_the_field(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, ToolExample)
        screen.apply(Pick((offer,)))
        await editing(pilot, screen, offer.id, "note")
        await pilot.press(*"one")
        await wait_for(pilot, lambda: value(screen, offer.id, "note") == "one")
        screen.action_undo()
        area = app.focused
        assert isinstance(area, TextField)
        await wait_for(pilot, lambda: area.text == "")
        await pilot.press(*"two")
        await wait_for(pilot, lambda: value(screen, offer.id, "note") == "two")


async def test_an_item_that_goes_while_it_is_edited_ends_editing(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, ToolExample)
        screen.apply(Pick((offer,)))
        await editing(pilot, screen, offer.id)
        screen.action_undo()
        await wait_for(pilot, lambda: not screen.editor.editing and screen.item_list.has_focus)


@pytest.mark.slow
async def test_strangers_text_is_edited_and_shown_but_never_obeyed(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        for kind in (Recovery, ToolExample, ContextMarker):
            offer = offer_of(screen, kind)
            screen.apply(Pick((offer,)))
            for field in fields_of(screen.draft.state, offer.id):
                if field.kind != "choice":
                    screen.apply(SetField(offer.id, field.name, f"{field.text}{HOSTILE}"))
            screen.item_list.goto_key(offer.id)
            await wait_for(pilot, lambda: screen.draft.checked)
            assert not hostile_characters("".join(screen_lines(pilot)))
            await editing(pilot, screen, offer.id)
            before = {field.name: field.text for field in fields_of(screen.draft.state, offer.id)}
            for _ in before:
                await pilot.press("tab")
                assert not hostile_characters("".join(screen_lines(pilot)))
            assert {field.name: field.text for field in fields_of(screen.draft.state, offer.id)} == before
            await pilot.press("escape")
            await wait_for(pilot, lambda: screen.item_list.has_focus)


async def test_what_is_one_of_a_few_is_chosen_with_arrows_not_typed(app: WarmtuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await curating(pilot)
        screen.apply(Pick((offer_of(screen, UserPatterns),)))
        await editing(pilot, screen, USER_PATTERNS, "request_style")
        assert value(screen, USER_PATTERNS, "request_style") == "terse"
        await pilot.press("right")
        await wait_for(pilot, lambda: value(screen, USER_PATTERNS, "request_style") == "detailed")
        assert "‹ detailed ›  4 of 5" in screen_text(pilot)
        await pilot.press("left", "left", "left")
        await wait_for(pilot, lambda: value(screen, USER_PATTERNS, "request_style") == "command_driven")
        assert "‹ command driven ›" in screen_text(pilot)
        assert not [problem for problem in screen.draft.problems() if problem.kind == "invalid"]
        screen.draft.undo()
        screen.draft_changed()
        await wait_for(pilot, lambda: "‹ terse ›" in screen_text(pilot), "what undo brought back")


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


def said(app: WarmtuiApp, words: str) -> bool:
    return any(words in toast for toast in toasts(app))


@pytest.mark.slow
@pytest.mark.usefixtures("lent")
@pytest.mark.parametrize("kind", [Recovery, ToolExample, ContextMarker, UserPatterns])
async def test_any_field_can_be_edited_outside(app: WarmtuiApp, tmp_path: Path, kind: type) -> None:
    set_editor(app, tmp_path, "file.write_text('{\"new\": 1}')")
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, kind)
        screen.apply(Pick((offer,)))
        item = getattr(offer.record, "id", USER_PATTERNS)
        screen.item_list.goto_key(item)
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.item_list.has_focus)
        names = [field.name for field in fields_of(screen.draft.state, item) if field.kind != "choice"]
        for number, name in enumerate(names):
            await pilot.press("E")
            if len(names) > 1:
                await wait_for(pilot, lambda: isinstance(app.screen, Choose))
                await pilot.press(*["down"] * number, "enter")
            await wait_for(pilot, partial(holds, screen, item, name, '"new": 1'), name)


def differs(screen: CurateScreen, item: str, name: str, before: str) -> bool:
    return value(screen, item, name) != before


def holds(screen: CurateScreen, item: str, name: str, words: str) -> bool:
    return words in value(screen, item, name)


@pytest.mark.usefixtures("lent")
async def test_the_field_one_is_in_is_edited_outside(app: WarmtuiApp, tmp_path: Path) -> None:
    set_editor(app, tmp_path, "file.write_text(file.read_text() + 'more')")
    async with app.run_test(size=SIZE) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, ToolExample)
        screen.apply(Pick((offer,)))
        await editing(pilot, screen, offer.id, "note")
        await pilot.press(*"no ", "ctrl+o")
        await wait_for(pilot, lambda: value(screen, offer.id, "note") == "no more")
        area = app.focused
        assert isinstance(area, TextField)
        await wait_for(pilot, lambda: area.text == "no more")


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
    app: WarmtuiApp, tmp_path: Path, program: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    set_editor(app, tmp_path, program)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await curating(pilot)
        offer = offer_of(screen, ToolExample)
        screen.apply(Pick((offer,)))
        seed = screen.draft.state.seed
        await editing(pilot, screen, offer.id, "calls.0.arguments")
        await pilot.press("ctrl+o")
        await wait_for(pilot, partial(said, app, words))
        assert screen.draft.state.seed == seed, "the last valid text is used"
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.item_list.has_focus)
        await pilot.press("x")
        await wait_for(pilot, lambda: picked(screen) == 0)


async def test_without_an_editor_it_says_how_to_have_one(app: WarmtuiApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await curating(pilot)
        screen.apply(SetField(SYSTEM_CONTEXT, SYSTEM_CONTEXT, "A shop."))
        await pilot.press("tab")
        await wait_for(pilot, lambda: screen.current_item() == SYSTEM_CONTEXT)
        await pilot.press("E")
        await wait_for(pilot, lambda: said(app, "export EDITOR=nano"))
        app.workspace.context.environ["EDITOR"] = "/no/such/editor"
        await pilot.press("E")
        await wait_for(pilot, lambda: said(app, "cannot be handed") or said(app, "could not be started"))
