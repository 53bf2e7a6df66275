"""A piece of a styled line has the styles that slicing gives it."""

from __future__ import annotations

import pytest
from rich.text import Text

from warmtui.tui.widgets.paint import cut


@pytest.mark.parametrize(("start", "end"), [(0, 4), (2, 9), (3, 6), (7, 16), (0, 16), (16, 16)])
def test_as_slicing(start: int, end: int) -> None:
    line = Text("some words here ", "bold")
    line.stylize("red", 2, 7)
    line.stylize("italic", 5, 16)
    sliced = line[start:end]
    sliced.rstrip()
    piece = cut(line, start, end)
    assert (piece.plain, piece.style) == (sliced.plain, sliced.style)
    for at in range(len(piece)):
        looks = [
            {span.style for span in each.spans if span.start <= at < span.end} for each in (piece, sliced)
        ]
        assert looks[0] == looks[1] - {"bold"}
