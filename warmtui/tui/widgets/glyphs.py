"""The signs that the app draws with, in Unicode and in ASCII, and which of them a terminal can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.scrollbar import ScrollBar, ScrollBarRender

Signs = Literal["auto", "unicode", "ascii"]
"""The setting for the signs that the app draws with."""
_POOR_TERMINALS = frozenset({"dumb", "linux", "vt100", "vt102", "vt220", "ansi", "cygwin"})
"""Terminals whose fonts or code pages lack most of the signs; `linux` is the console, with 512 glyphs."""


class Glyphs(NamedTuple):
    """Every sign, by its meaning. All but `fine` are one cell wide; `levels` is lowest first."""

    cursor: str = "▸"
    mark: str = "●"
    more: str = "…"
    ascending: str = "▲"
    descending: str = "▼"
    solid: str = "━"
    thin: str = "─"
    track: str = "╌"
    solid_point: str = "┿"
    thin_point: str = "┼"
    levels: str = "▁▂▃▄▅▆▇█"
    gap: str = "·"
    none: str = "–"
    minus: str = "−"
    about: str = "≈"
    folded: str = "▸"
    unfolded: str = "▾"
    fine: str = "✓"
    flag: str = "⚑"
    masked: str = "⚿"


UNICODE = Glyphs()
ASCII = Glyphs(
    cursor=">",
    mark="*",
    more="~",
    ascending="^",
    descending="v",
    solid="=",
    thin="-",
    track=".",
    solid_point="+",
    thin_point="+",
    levels="_.-:=+*#",
    gap=" ",
    none="-",
    minus="-",
    about="~",
    folded="+",
    unfolded="-",
    fine="ok",
    flag="F",
    masked="M",
)


def glyphs_of(node: DOMNode) -> Glyphs:
    """Return the signs to draw with: the app's `glyphs` when it has them, else Unicode ones."""
    glyphs = getattr(node.app, "glyphs", UNICODE)
    return glyphs if isinstance(glyphs, Glyphs) else UNICODE


def use_signs(app: App[Any], *, ascii_signs: bool) -> None:
    """Draw with Unicode or ASCII signs; call it before the first paint.

    Sets `app.glyphs`, which `glyphs_of` reads, the class `-ascii` for style sheets, and the scrollbars.
    """
    app.glyphs = ASCII if ascii_signs else UNICODE  # type: ignore[attr-defined]
    app.set_class(ascii_signs, "-ascii")
    ScrollBar.renderer = AsciiScrollBar if ascii_signs else ScrollBarRender


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


class AsciiScrollBar(ScrollBarRender):
    """A scrollbar without partial blocks at its ends."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8
