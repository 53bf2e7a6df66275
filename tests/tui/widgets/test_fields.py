"""Inputs for strangers' text: nothing of it reaches the terminal, nothing of it is changed by being shown."""

from __future__ import annotations

from functools import partial

import pytest
from hostile import LINES
from hypothesis import given
from hypothesis import strategies as st
from pilots import hostile_characters, screen_lines, wait_for
from textual.app import App, ComposeResult
from textual.events import Paste

from warmtui.curation.editing.fields import object_error
from warmtui.tui.text.styled_lines import json_marks
from warmtui.tui.widgets.fields import SHOWN, JsonField, LineField, TextField, apply_edit, shown_in_place
from warmtui.tui.widgets.paint import ACCENT, MUTED, OK, PRIMARY, WARNING

STRANGE = "before\x1b]52;c;aGk=\x07 mid\u2028dle\x85 \x0b\x0c\x1c\ud800 \u202e after\r\nnext\ttab"


class Fields(App[None]):
    """One field of each kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words = text

    def compose(self) -> ComposeResult:
        yield LineField(self.words, id="line")
        yield TextField(self.words, id="text")
        yield JsonField(self.words, id="json")


def typed_is(field: LineField | TextField, text: str) -> bool:
    return field.typed() == text


@given(st.text(st.characters(), max_size=200))
def test_what_is_shown_is_clean_and_has_a_character_for_each(text: str) -> None:
    for lines in (True, False):
        shown = shown_in_place(text, lines=lines)
        assert len(shown) == len(text)
        assert not hostile_characters(shown.replace("\t", "") if lines else shown)
        assert lines or "\n" not in shown


@pytest.mark.parametrize("text", LINES)
def test_hostile_text_is_shown_character_for_character(text: str) -> None:
    shown = shown_in_place(text[:SHOWN])
    assert len(shown) == len(text[:SHOWN])
    assert not hostile_characters(shown.replace("\t", ""))


@given(
    st.text("ab\x1b\n\u200b", max_size=12), st.text("ab", max_size=4), st.integers(0, 12), st.integers(0, 12)
)
def test_what_is_typed_is_done_to_the_true_text(true: str, typed: str, anchor: int, other: int) -> None:
    before = shown_in_place(true)
    start, end = sorted((min(anchor, len(true)), min(other, len(true))))
    after = before[:start] + typed + before[end:]
    done = apply_edit(true, before, after)
    assert shown_in_place(done) == after
    kept = len(true) - (end - start)
    assert sum(char in "\x1b\u200b" for char in done) >= sum(
        char in "\x1b\u200b" for char in true[:start] + true[end:]
    ), f"of {kept} characters kept, one lost its meaning"


async def test_typing_leaves_everything_else_as_it_was() -> None:
    app = Fields(STRANGE)
    async with app.run_test(size=(60, 30)) as pilot:
        for name in ("line", "text", "json"):
            field = app.query_one(f"#{name}")
            assert isinstance(field, LineField | TextField)
            field.focus()
            await pilot.press("ctrl+home" if name == "line" else "home", "home", "x", "y")
            assert field.typed() == f"xy{STRANGE}"
            await pilot.press("backspace", "backspace")
            assert field.typed() == STRANGE
            assert not hostile_characters("".join(screen_lines(pilot)))


async def test_what_is_pasted_is_cleaned() -> None:
    app = Fields("")
    async with app.run_test(size=(60, 30)) as pilot:
        for name in ("line", "text"):
            field = app.query_one(f"#{name}")
            assert isinstance(field, LineField | TextField)
            field.focus()
            await pilot.pause()
            app.post_message(Paste("a\x1b[2Jb\u202ec"))
            await wait_for(pilot, partial(typed_is, field, "a␛[2Jb\ufffdc"))
            assert not hostile_characters("".join(screen_lines(pilot)))


async def test_the_end_of_a_long_text_is_kept() -> None:
    long = "a" * SHOWN + "the rest\x1b"
    app = Fields(long)
    async with app.run_test(size=(60, 30)) as pilot:
        field = app.query_one("#text", TextField)
        assert len(field.text) == SHOWN
        field.focus()
        await pilot.press("home", "x")
        assert field.typed() == "x" + long


async def test_json_is_coloured_and_its_error_marked_where_it_is() -> None:
    text = '{\n  "a": 1,\n  "b" 2\n}'
    app = Fields(text)
    async with app.run_test(size=(60, 30)):
        field = app.query_one("#json", JsonField)
        assert {span.style for span in field.get_line(1).spans}, "names and numbers have colours"
        error = object_error(text)
        assert error is not None
        assert (error.line, error.column) == (3, 7)
        field.mark(error)
        marked = [span for span in field.get_line(2).spans if getattr(span.style, "reverse", False)]
        assert [(span.start, span.end) for span in marked] == [(6, 7)]
        field.go_to_error()
        assert field.cursor_location == (2, 6)
        field.mark(None)
        assert not [span for span in field.get_line(2).spans if getattr(span.style, "reverse", False)]


def test_colours_tell_names_from_values_also_in_half_of_a_text() -> None:
    text = '{"a": [1, true,\n"open'
    lines = text.split("\n")
    coloured = [
        (lines[number][span.start : span.end], span.style)
        for number, line in enumerate(json_marks(text))
        for span in line
        if span.style != MUTED
    ]
    assert coloured == [('"a"', PRIMARY), ("1", ACCENT), ("true", WARNING), ('"open', OK)]
