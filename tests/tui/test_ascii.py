"""Where only ASCII can be drawn, the app draws nothing else of its own."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from seeds import draft
from textual.color import Color
from ui import MARATHON, Ui

from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.widgets.glyphs import PlainSigns


def test_every_sign_is_replaced_by_one_as_wide() -> None:
    for sign, plain in PlainSigns.SIGNS.items():
        assert cell_len(chr(sign)) == cell_len(chr(plain)) == 1
        assert plain < 128
    look = Style(bold=True)
    [first, two] = PlainSigns().apply([Segment("warmtui › A", look), Segment("é")], Color(0, 0, 0))
    assert (first.text, first.style, two.text) == ("warmtui > A", look, "é")


@pytest.mark.slow
@pytest.mark.size(120, 36)
@pytest.mark.parametrize("ascii_only", [True])
async def test_the_screens_are_ascii(ui: Ui) -> None:
    await ui.workspace.library.save(draft("shop"))
    await ui.sessions()
    await ui.shows("judged calls")
    assert ui.text.isascii()
    await ui.goto(MARATHON)
    await ui.shows("CommandNotFound")
    assert ui.text.isascii(), "what stands for a path or a secret"
    for keys, words in (
        (["b"], "mark two or more"),  # a toast
        (["ctrl+p"], "Curate a template from it"),
        (["escape", "question_mark"], "Sort by the next column"),
        (["escape", "4"], "What is sent"),
    ):
        await ui.press(*keys, shows=words)
        assert ui.text.isascii(), words
    assert isinstance(ui.app.screen, TemplatesScreen)
