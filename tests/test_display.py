"""What reaches a terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from warmtui.display import JOINERS, display_line, display_text


@given(st.text(st.characters()))
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    shown = display_text(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"], (
        "a control character was left"
    )
    assert "\n" not in display_line(text)


def test_every_format_character_alone_is_replaced() -> None:
    left = [
        hex(c)
        for c in range(0x110000)
        if unicodedata.category(chr(c)) == "Cf" and chr(c) in display_text(chr(c))
    ]
    assert left == []


def test_payloads_known_to_reach_terminals() -> None:
    assert display_text("\x1b]52;c;aGk=\x07") == "␛]52;c;aGk=␇"
    assert display_text("\x9b31m") == "\ufffd31m"
    assert display_text("a\tb\r\nc\rd") == "a   b\nc␍d"
    assert display_text("e" + "\u0301" * 40) == "e" + "\u0301" * 4
    assert display_text("ก" + "\u0e47" * 40) == "ก" + "\u0e47" * 4
    assert display_text("x" + "\ufe0f" * 40) == "x" + "\ufe0f" * 4
    assert display_text("👩\u200d🚀") == "👩\u200d🚀"


def test_joiners_join_emoji_and_nothing_else() -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert display_text(family) == family
    assert display_text("a\u200db\u200d") == "a\ufffdb\ufffd"
    shown = display_text("👩\u200d" * 300 + "🚀")
    chains = shown.split("\ufffd")
    assert max(chain.count("\u200d") for chain in chains) == JOINERS
    assert shown.count("👩") == 300


def test_plain_text_is_untouched() -> None:
    assert display_text("naïve – “quoted” 日本語\n") == "naïve – “quoted” 日本語\n"
