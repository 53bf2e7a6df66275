"""Text in terminal cells."""

from __future__ import annotations

import pytest
from hostile import LINES
from hypothesis import given
from hypothesis import strategies as st
from pilots import hostile_characters
from rich.cells import cell_len

from warmtui.tui.widgets.cells import clean, clean_in_place, clip, fill, is_plain, wrap

TEXTS = st.text(st.characters(), max_size=60) | st.text("aé語 \u0301\u200d🚀👩\x1b\t\n", max_size=60)


@given(TEXTS)
def test_clean_text_holds_nothing_a_terminal_obeys(text: str) -> None:
    assert hostile_characters(clean(text)) == set()
    assert "\n" not in clean(text)
    if is_plain(text):
        assert clean(text) == text
        assert cell_len(text) == len(text)


@given(TEXTS, st.integers(0, 30))
def test_clipped_text_fits_and_begins_like_the_text(text: str, width: int) -> None:
    shown = clip(text, width)
    assert cell_len(shown) <= width
    assert hostile_characters(shown) == set()
    if width == 0:
        assert shown == ""
    elif cell_len(clean(text)) <= width:
        assert shown == clean(text)
    else:
        assert shown.endswith("…")
        assert clean(text).startswith(shown[:-1])


@given(TEXTS, st.integers(0, 30))
def test_filled_text_has_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fill(text, width)) == width


@given(TEXTS, st.integers(2, 20))
def test_wrapping_loses_nothing_and_fits(text: str, width: int) -> None:
    text = clean(text)
    pieces = wrap(text, width)
    assert "".join(text[start:end] for start, end in pieces) == text
    assert all(end > start for start, end in pieces) or text == ""
    assert all(cell_len(text[start:end].rstrip(" ")) <= width for start, end in pieces)


def test_words_are_kept_whole_where_they_fit() -> None:
    def lines(text: str, width: int) -> list[str]:
        return [text[start:end] for start, end in wrap(text, width)]

    assert lines("the quick brown fox", 10) == ["the quick ", "brown fox"]
    assert lines("日本語 テスト", 8) == ["日本語 ", "テスト"]
    assert lines("    indented_and_too_long", 10) == ["    indent", "ed_and_too", "_long"]
    assert lines("", 10) == [""]


def test_styles_can_stay_only_where_no_character_went() -> None:
    assert clean_in_place("a\tb\x1b\nc") == "a b␛⏎c"
    assert clean_in_place("a\r\nb", lines=True) == "a \nb"
    assert clean_in_place("e" + "\u0301" * 9) is None


def test_joiners_that_join_nothing_are_seen() -> None:
    assert clean("a\u200db") == "a\ufffdb"
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert clean(family) == family
    assert "\ufffd" in clean("👩\u200d" * 9 + "🚀")


@pytest.mark.parametrize("text", LINES, ids=range(len(LINES)))
def test_hostile_lines_clip_to_what_fits(text: str) -> None:
    shown = clip(text, 20)
    assert cell_len(shown) <= 20
    assert len(shown) <= 20 * 6 + 6
    assert hostile_characters(shown) == set()
