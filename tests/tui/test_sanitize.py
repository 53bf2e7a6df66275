"""The last look at what goes to the terminal."""

from __future__ import annotations

from hostile import LINES, evil
from pilots import hostile_characters
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from warmtui.tui.widgets.paint import SanitizeFilter


def test_a_line_is_cleaned_and_keeps_width_and_styles() -> None:
    bold = Style(bold=True)
    for text in (*(line[:2_000] for line in LINES), evil("x")):
        before = [Segment("plain "), Segment(text, bold), Segment(" end")]
        after = SanitizeFilter().apply(before, Color(0, 0, 0))
        assert not hostile_characters("".join(segment.text for segment in after)), text[:20]
        assert Segment.get_line_length(after) == Segment.get_line_length(before)
        assert after[0] == before[0]
        assert not text or after[1].style == bold


def test_a_plain_line_is_left_alone() -> None:
    line = [Segment("plain"), Segment(" é ━")]
    assert SanitizeFilter().apply(line, Color(0, 0, 0)) is line
