"""The signs that the app draws with, in Unicode and in ASCII."""

from __future__ import annotations

from typing import NamedTuple

from textual.dom import DOMNode


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
    rule: str = "│"
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
    rule="|",
    fine="ok",
    flag="F",
    masked="M",
)


def glyphs_of(node: DOMNode) -> Glyphs:
    """Return the signs to draw with: the app's `glyphs` when it has them, else Unicode ones."""
    glyphs = getattr(node.app, "glyphs", UNICODE)
    return glyphs if isinstance(glyphs, Glyphs) else UNICODE
