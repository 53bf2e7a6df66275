"""Where only ASCII can be drawn, the app draws nothing else of its own."""

from __future__ import annotations

from pathlib import Path

from pilots import screen_text, session_keys, wait_for
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from seeds import draft
from textual.color import Color

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.templates.screen import TemplatesScreen
from warmtui.tui.widgets.glyphs import PlainSigns
from warmtui.workspace import Workspace


def test_every_sign_is_replaced_by_one_as_wide() -> None:
    for sign, plain in PlainSigns.SIGNS.items():
        assert cell_len(chr(sign)) == cell_len(chr(plain)) == 1
        assert plain < 128
    look = Style(bold=True)
    [first, two] = PlainSigns().apply([Segment("warmtui › A", look), Segment("é")], Color(0, 0, 0))
    assert (first.text, first.style, two.text) == ("warmtui > A", look, "é")


async def test_the_screens_are_ascii(tmp_path: Path, recordings: Path) -> None:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(recordings)], environ=environ) as workspace:
        await workspace.library.save(draft("shop"))
        app = WarmtuiApp(workspace, ascii_only=True)
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            await wait_for(pilot, lambda: isinstance(app.screen, SessionsScreen) and len(app.screen.rows) > 5)
            await wait_for(pilot, lambda: "judged calls" in screen_text(pilot))
            assert screen_text(pilot).isascii()
            screen = app.screen
            assert isinstance(screen, SessionsScreen)
            screen.table.goto([key.id for key in session_keys(screen.rows)].index("20261120_094736_8895c1"))
            await wait_for(pilot, lambda: "CommandNotFound" in screen_text(pilot))
            assert screen_text(pilot).isascii(), "what stands for a path or a secret"
            await pilot.press("b")
            await wait_for(pilot, lambda: "mark two or more" in screen_text(pilot), "a toast")
            assert screen_text(pilot).isascii(), "a toast"
            await pilot.press("ctrl+p")
            await wait_for(pilot, lambda: "Curate a template from it" in screen_text(pilot))
            assert screen_text(pilot).isascii(), "the palette"
            await pilot.press("escape")
            await pilot.press("question_mark")
            await wait_for(pilot, lambda: "Sort by the next column" in screen_text(pilot))
            assert screen_text(pilot).isascii()
            await pilot.press("escape", "4")
            await wait_for(pilot, lambda: "What is sent" in screen_text(pilot))
            assert screen_text(pilot).isascii()
            assert isinstance(app.screen, TemplatesScreen)
