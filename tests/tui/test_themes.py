"""Colours that can be read, and signs that can be shown."""

from __future__ import annotations

import pytest
from list_app import ListApp, Words, numbered
from pilots import screen_text
from textual.app import App
from textual.color import Color
from textual.content import Content
from textual.style import Style
from textual.widgets import Static
from ui import Ui

from warmtui.tui.app import WarmtuiApp
from warmtui.tui.list.row_list import RowList
from warmtui.tui.themes import OFFERED, default_theme, offer_themes
from warmtui.tui.widgets.glyphs import ASCII, UNICODE, ascii_only, glyphs_of, use_signs
from warmtui.tui.widgets.paint import ACCENT, ERROR, MUTED, OK, PRIMARY, WARNING

TONES = (OK, ERROR, WARNING, ACCENT, PRIMARY, MUTED)


def _luminance(colour: Color) -> float:
    """Return relative luminance as WCAG 2.2 defines it."""

    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(tone: str, background: Color) -> float:
    style = Style(background=background) + Style.parse(tone)
    assert style.foreground is not None
    darker, lighter = sorted((_luminance(background), _luminance(background + style.foreground)))
    return (lighter + 0.05) / (darker + 0.05)


async def test_every_theme_on_offer_can_be_read() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        offer_themes(app)
        assert set(app.available_themes) == set(OFFERED)
        for name in OFFERED:
            app.theme = name
            await pilot.pause()
            if app.current_theme.ansi:
                continue
            background = Color.parse(app.theme_variables["background"])
            # WCAG 2.2: 4.5 for text, 3 for large text and for signs
            assert contrast("$foreground", background) >= 4.5, name
            assert min(contrast(tone, background) for tone in TONES) >= 3, name
            if name.startswith("high-contrast"):
                cursor = background + Color.parse(app.theme_variables["primary"]).with_alpha(0.25)
                assert min(contrast(tone, background) for tone in TONES) >= 7
                assert min(contrast(tone, cursor) for tone in TONES) >= 7


@pytest.mark.parametrize("theme", OFFERED)
async def test_a_cursor_is_told_by_more_than_colour_in_every_theme(theme: str) -> None:
    app = ListApp(lambda: RowList(Words(numbered(4)), markable=True))
    async with app.run_test(size=(30, 5)) as pilot:
        offer_themes(app)
        app.theme = theme
        await pilot.press("j", "space", "k")
        await pilot.pause()
        assert screen_text(pilot).splitlines()[:3] == ["▸  w0", " ● w1", "   w2"]
        cursor = [segment.style for segment in app.list.render_line(0)]
        plain = [segment.style for segment in app.list.render_line(2)]
        assert all(style is not None and style.bold for style in cursor)
        assert {style.bgcolor for style in cursor if style} != {style.bgcolor for style in plain if style}


@pytest.mark.parametrize(
    ("environ", "encoding", "plain"),
    [
        ({}, "utf-8", False),
        ({"TERM": "xterm-256color", "LANG": "de_DE.UTF-8"}, "utf-8", False),
        ({"TERM": "xterm", "LANG": "C.UTF-8"}, "utf-8", False),
        ({"TERM": "xterm", "LC_ALL": "en_US.utf8@euro", "LANG": "C"}, "utf-8", False),
        ({"LANG": "de_DE"}, None, False),
        ({"TERM": "dumb"}, "utf-8", True),
        ({"TERM": "linux"}, "utf-8", True),
        ({"TERM": "vt100-nam"}, "utf-8", True),
        ({"LANG": "C"}, "utf-8", True),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "de_DE.ISO-8859-1"}, "utf-8", True),
        ({}, "ascii", True),
        ({}, "latin-1", True),
    ],
)
def test_when_only_ascii_can_be_shown(environ: dict[str, str], encoding: str | None, plain: bool) -> None:
    assert ascii_only(environ, encoding) == plain
    assert ascii_only(environ, encoding, "ascii")
    assert not ascii_only(environ, encoding, "unicode")


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({"TERM": "xterm-256color"}, "textual-dark"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "textual-dark"),
        ({"TERM": "linux"}, "ansi-dark"),
        ({}, "ansi-dark"),
    ],
)
def test_the_theme_to_begin_with(environ: dict[str, str], theme: str) -> None:
    assert default_theme(environ) == theme
    assert theme in OFFERED


async def test_signs_are_set_for_the_whole_app_and_back() -> None:
    app: App[None] = App()
    async with app.run_test():
        assert glyphs_of(app) is UNICODE
        use_signs(app, ascii_signs=True)
        assert glyphs_of(app) is ASCII
        assert app.has_class("-ascii")
        use_signs(app, ascii_signs=False)
        assert glyphs_of(app) is UNICODE
        assert not app.has_class("-ascii")


@pytest.mark.size(140, 40)
async def test_what_is_read_follows_the_theme_at_once(app: WarmtuiApp, ui: Ui) -> None:
    screen = await ui.sessions()
    await ui.shows("judged calls")
    await follows(ui, screen.query_one("#profile Static", Static), "nord")
    curate = await ui.curate()
    await follows(ui, curate.query_one("#reading", Static), "ansi-dark")


async def follows(ui: Ui, shown: Static, theme: str) -> None:
    """Choose a theme, and wait for a text in its colours."""
    before = styles(shown)
    ui.app.theme = theme
    await ui.until(lambda: styles(shown) != before, f"the colours of {theme}")


def styles(shown: Static) -> list[object]:
    assert isinstance(shown.content, Content)
    return [span.style for span in shown.content.spans]
