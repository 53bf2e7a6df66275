"""The themes that are offered, and the default theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual.app import App
from textual.theme import Theme, ThemeProvider

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
    # terminals say no more than this about their colours without being asked
    terminal = f"{environ.get('COLORTERM', '')} {environ.get('TERM', '')}".lower()
    return "textual-dark" if any(word in terminal for word in _MANY_COLOURS) else "ansi-dark"
