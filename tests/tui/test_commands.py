"""One record per command: binding, footer, palette and keymap agree."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pilots import screen_text, wait_for
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, Static

from warmtui.tui.commands import Command, CommandProvider, bindings, offers
from warmtui.tui.configuration import check_keymap
from warmtui.tui.list.row_list import RowList
from warmtui.tui.text.text_view import TEXT_KEYS

SORT = Command(
    id="demo.sort", key="s", action="sort", label="sort", title="Sort by another column", also=("ctrl+s",)
)
SAVE = Command(id="demo.save", key="w", action="save", label="save", title="Save the template")
HIDE = Command(id="demo.hide", key="x", action="hide", label="hide", title="Hide the pane")
QUIET = Command(id="demo.quiet", key="u", action="quiet", title="Move about", palette=False)
GO = Command(id="app.go", key="1", action="app.go('sessions')", title="Sessions")


class Demo(App[None]):
    AUTO_FOCUS = None
    COMMANDS: ClassVar = {CommandProvider}
    KEYS: ClassVar = (SORT, SAVE, HIDE, QUIET, GO)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()
        yield Static("here")
        yield Footer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return {"save": None, "hide": False}.get(action, True)

    def action_sort(self) -> None:
        self.done.append("sort")

    def action_save(self) -> None:
        self.done.append("save")

    def action_go(self, place: str) -> None:
        self.done.append(place)


def test_each_key_is_a_binding_with_an_id_of_its_own() -> None:
    made = bindings(SORT, QUIET)
    assert [(binding.id, binding.key) for binding in made] == [
        ("demo.sort", "s"),
        ("demo.sort.ctrl+s", "ctrl+s"),
        ("demo.quiet", "u"),
    ]
    assert [binding.show for binding in made] == [True, False, False]
    assert [binding.description for binding in made] == ["sort", "sort", "Move about"]
    assert {binding.tooltip for binding in made} == {""}, "the key panel would say the title twice"


@pytest.mark.parametrize("commands", [RowList.KEYS, TEXT_KEYS])
def test_no_widget_binds_a_key_or_an_id_twice(commands: tuple[Command, ...]) -> None:
    pairs = [pair for command in commands for pair in command.each_key()]
    assert len({binding_id for binding_id, _key in pairs}) == len(pairs)
    assert len({key for _id, key in pairs}) == len(pairs)


async def test_the_palette_offers_only_what_may_run_and_runs_it() -> None:
    app = Demo()
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: isinstance(app.screen, CommandPalette))
        await wait_for(pilot, lambda: "Sort by another column" in screen_text(pilot))
        shown = screen_text(pilot)
        assert "Sessions" in shown
        for title in (SAVE.title, HIDE.title, QUIET.title):
            assert title not in shown
        await pilot.press(*"another")
        await wait_for(
            pilot, lambda: "by another" in screen_text(pilot) and "Sessions" not in screen_text(pilot)
        )
        await pilot.press("enter")
        await wait_for(pilot, lambda: not isinstance(app.screen, CommandPalette))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.done == ["sort"])


async def test_offers_say_what_is_grey_and_which_key_holds_now() -> None:
    app = Demo()
    async with app.run_test() as pilot:
        app.set_keymap({"demo.sort": "f5"})
        await pilot.pause()
        found = {offer.command.id: offer for offer in offers(app.screen)}
        assert found["demo.sort"].key == "f5"
        assert (found["demo.save"].enabled, found["demo.sort"].enabled) == (False, True)
        assert "demo.hide" not in found
        await pilot.press("f5", "s")
        assert app.done == ["sort"]


async def test_a_key_that_a_focused_field_takes_is_not_shown_for_a_command() -> None:
    app = Demo()
    async with app.run_test() as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        keys = {offer.command.id: offer.key for offer in offers(app.query_one(Input))}
        assert keys["demo.sort"] == ""


async def test_a_modal_hides_what_is_below_it() -> None:
    class Ask(ModalScreen[None]):
        KEYS: ClassVar = (Command(id="ask.yes", key="y", action="dismiss", title="Yes"),)

    app = Demo()
    async with app.run_test() as pilot:
        await app.push_screen(Ask())
        await pilot.pause()
        assert [offer.command.id for offer in offers(app.screen)] == ["ask.yes"]


async def test_the_footer_shows_label_and_key() -> None:
    app = Demo()
    async with app.run_test(size=(80, 5)) as pilot:
        await pilot.pause()
        footer = screen_text(pilot).splitlines()[-1]
        assert "s sort" in footer
        assert "hide" not in footer
        assert "Move about" not in footer


COMMANDS = (SORT, SAVE, HIDE, GO, Command(id="other.open", key="o", action="open", title="Open"))


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"demo.srot": "f5"}, "did you mean demo.sort"),
        ({"nothing.like_it": "f5"}, "help screen"),
        ({"demo.sort": "hyper_drive"}, "no key is called hyper_drive"),
        ({"demo.sort": "ctlr+s"}, "no key is called ctlr+s"),
        ({"demo.sort": ""}, "a key is written as text"),
        ({"demo.sort": 7}, "a key is written as text"),
        ({"demo.sort": "a,b"}, "one key per command"),
        ({"demo.sort": "w"}, "demo.save has this key"),
        ({"demo.sort": "1"}, "app.go has this key"),
        ({"app.go": "o"}, "other.open has this key"),
    ],
)
def test_what_is_wrong_with_a_keymap_is_told_and_left_out(entry: dict[str, object], told: str) -> None:
    usable, problems = check_keymap({**entry, "demo.hide": "f9"}, COMMANDS)
    assert usable == {"demo.hide": "f9"}
    [(name, sentence)] = problems.items()
    assert told in sentence
    assert name in entry


def test_keys_may_be_written_as_signs_and_changed_places() -> None:
    usable, problems = check_keymap(
        {"demo.sort": "w", "demo.save": "s", "demo.hide": "?", "other.open": "/", "app.go": ","}, COMMANDS
    )
    assert problems == {}
    assert usable == {
        "demo.sort": "w",
        "demo.save": "s",
        "demo.hide": "question_mark",
        "other.open": "slash",
        "app.go": "comma",
    }


def test_keys_of_screens_that_never_meet_may_be_the_same() -> None:
    assert check_keymap({"demo.sort": "o"}, COMMANDS) == ({"demo.sort": "o"}, {})


def test_a_change_of_places_that_is_half_wrong_leaves_no_clash() -> None:
    usable, problems = check_keymap({"demo.sort": "w", "demo.save": "nonsense"}, COMMANDS)
    assert usable == {}
    assert list(problems) == ["demo.save", "demo.sort"]


@pytest.mark.parametrize(
    "key",
    ["a", "Z", "f5", "ctrl+e", "shift+up", "alt+x", "ctrl+shift+left", "question_mark", "é", "plus", "minus",
     "+", "-", "_", "space", "enter", "slash", "left_square_bracket", "[", "ctrl+at", "backslash"],
)  # fmt: skip
def test_every_key_textual_knows_is_taken(key: str) -> None:
    usable, problems = check_keymap({"demo.sort": key}, [SORT])
    assert problems == {}
    assert [binding.key for binding in Binding.make_bindings([Binding(usable["demo.sort"], "")])] == [
        usable["demo.sort"]
    ]
