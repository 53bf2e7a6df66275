"""Themes, the default theme, and whether the terminal can only show ASCII."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme, ThemeProvider

from warmtui.tui.widgets.glyphs import ASCII, UNICODE

Signs = Literal["auto", "unicode", "ascii"]
"""The setting for the signs that the app draws with."""

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#00d7ff",
    secondary="#5fd7ff",
    warning="#ffd700",
    error="#ff8787",
    success="#5fff5f",
    accent="#ffaf00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={
        "text-muted": "#d0d0d0",
        "text-disabled": "#b0b0b0",
        "border": "#ffffff",
        "border-blurred": "#b0b0b0",
        "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-blurred-background": "#444444",
        "footer-key-foreground": "#ffd700",
        "input-selection-background": "#005f87",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#303030",
    },
)
HIGH_CONTRAST_LIGHT = Theme(
    name="high-contrast-light",
    primary="#00307a",
    secondary="#003f6b",
    warning="#6b3a00",
    error="#8f0000",
    success="#00500a",
    accent="#6a006a",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#eeeeee",
    dark=False,
    variables={
        "text-muted": "#303030",
        "text-disabled": "#4a4a4a",
        "border": "#000000",
        "border-blurred": "#505050",
        "block-cursor-background": "#000000",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#cccccc",
        "footer-key-foreground": "#00307a",
        "input-selection-background": "#9fc5ff",
        "scrollbar": "#000000",
        "scrollbar-background": "#cccccc",
    },
)

OFFERED = (
    "textual-dark",
    "textual-light",
    "high-contrast",
    "high-contrast-light",
    "ansi-dark",
    "ansi-light",
    "catppuccin-latte",
    "catppuccin-mocha",
    "dracula",
    "gruvbox",
    "nord",
    "rose-pine",
    "tokyo-night",
)
"""Themes with enough contrast; a test measures it."""

_MANY_COLOURS = (
    "256color",
    "truecolor",
    "24bit",
    "direct",
    "kitty",
    "ghostty",
    "alacritty",
    "wezterm",
    "foot",
)
_POOR_TERMINALS = frozenset({"dumb", "linux", "vt100", "vt102", "vt220", "ansi", "cygwin"})
"""Terminals whose fonts or code pages lack most of the signs; `linux` is the console, with 512 glyphs."""


class AsciiScrollBar(ScrollBarRender):
    """A scrollbar without partial blocks at its ends."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


class PlainSigns(LineFilter):
    """Writes the signs of our own sentences in ASCII, for terminals without others.

    Lists and figures draw with `Glyphs`; breadcrumbs and sentences are written with the signs below. Every
    sign is one cell wide, and so is its replacement.
    """

    SIGNS: ClassVar = str.maketrans(
        "‹›●·–…→←↑↓↕↗↘▸▾✓✗≈≠−×“”‘’│▏▌┃▔▁⚑⚿⏎",
        "<>*--~><^v|/\\>v*x~!-x\"\"''||||-_!#;",
    )

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line with the signs replaced.

        Args:
            segments: a line as a widget drew it.
            background: not used.
        """
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(self.SIGNS), segment.style, segment.control)
            for segment in segments
        ]


class Themes(ThemeProvider):
    """The themes for the palette, the current one first."""

    @property
    def commands(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the themes' names, each with the function that sets it."""
        return sorted(super().commands, key=lambda command: command[0] != self.app.theme)


def offer_themes(app: App[Any]) -> None:
    """Offer only the themes in `OFFERED`, in palette and settings."""
    app.register_theme(HIGH_CONTRAST)
    app.register_theme(HIGH_CONTRAST_LIGHT)
    for name in set(app.available_themes) - set(OFFERED):
        app.unregister_theme(name)


def default_theme(environ: Mapping[str, str]) -> str:
    """Return the default theme; the terminal's own sixteen colours where it has no more.

    Args:
        environ: the environment; `COLORTERM` and `TERM` say what a terminal can.
    """
    terminal = f"{environ.get('COLORTERM', '')} {environ.get('TERM', '')}".lower()
    return "textual-dark" if any(word in terminal for word in _MANY_COLOURS) else "ansi-dark"


def ascii_only(environ: Mapping[str, str], encoding: str | None, signs: Signs = "auto") -> bool:
    """Return whether to draw with ASCII alone.

    Args:
        environ: the environment; `TERM` and the locale's `LC_ALL`, `LC_CTYPE` and `LANG`, the first that is
            set, are looked at.
        encoding: of standard output, as Python names it.
        signs: the setting; other than `auto` it decides.

    Returns:
        True for terminals known to lack the signs, for an encoding that is not UTF, and for a locale that
        names another encoding or none (`C`). A locale that is not set decides nothing.
    """
    if signs != "auto":
        return signs == "ascii"
    if environ.get("TERM", "").partition("-")[0].lower() in _POOR_TERMINALS:
        return True
    if encoding is not None and not encoding.lower().replace("-", "").startswith("utf"):
        return True
    locale = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := environ.get(name))), "")
    name, _, charset = locale.partition("@")[0].partition(".")
    if charset:
        return not charset.lower().replace("-", "").startswith("utf")
    return name in ("C", "POSIX")


def use_signs(app: App[Any], *, ascii_signs: bool) -> None:
    """Draw with Unicode or ASCII signs; call it before the first paint.

    Sets `app.glyphs`, which `glyphs_of` reads, the class `-ascii` for style sheets, and the scrollbars.
    """
    app.glyphs = ASCII if ascii_signs else UNICODE  # type: ignore[attr-defined]
    app.set_class(ascii_signs, "-ascii")
    ScrollBar.renderer = AsciiScrollBar if ascii_signs else ScrollBarRender
