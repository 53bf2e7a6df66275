"""Paint styled text as strips: theme colours are looked up once, hostile characters stop here.

Styles in spans are Textual style strings (`$text-error`, `bold $text-muted`), which follow the theme. Rich
itself does not know them, so give a Static `content(text)` instead of the Text.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from rich.errors import StyleSyntaxError
from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from textual.color import Color, ColorParseError
from textual.content import Content, Span
from textual.css.tokenizer import TokenError
from textual.filter import LineFilter
from textual.strip import Strip
from textual.style import Style

from warmtui.display import display_text
from warmtui.tui.widgets.cells import PER_CELL, clean, clean_in_place, is_plain

Line = Text | Content | Strip
"""One line of a row."""

Look = str | RichStyle | Style

OK = "$text-success"
ERROR = "$text-error"
WARNING = "$text-warning"
ACCENT = "$text-accent"
PRIMARY = "$text-primary"
MUTED = "$foreground 72%"
FAINT = "$foreground 50%"
"""The colours by meaning, the same everywhere; a sign or a word always says it too."""


def content(text: Text) -> Content:
    """Return `text` for a Static or Label: cleaned, line breaks kept, styles that follow the theme."""
    plain = clean_in_place(text.plain, lines=True)
    if plain is None:
        return Content(display_text(text.plain))
    spans = [Span(span.start, span.end, _portable(span.style)) for span in text.spans]
    if text.style:
        spans.insert(0, Span(0, len(text.plain), _portable(text.style)))
    return Content(plain, spans)


@lru_cache(maxsize=256)
def _rich_name(style: str) -> Style:
    """Return the style of a name that only Rich knows, such as `bright_black`; unknown ones are plain."""
    try:
        return Style.from_rich_style(RichStyle.parse(style))
    except StyleSyntaxError:
        return Style()


def parse_style(style: str) -> Style:
    """Return what a style string means under the current theme."""
    try:
        return Style.parse(style)
    except (ColorParseError, TokenError):
        return _rich_name(style)


def _portable(style: str | RichStyle) -> str | Style:
    return parse_style(style) if isinstance(style, str) else Style.from_rich_style(_harmless(style))


def _harmless(style: RichStyle) -> RichStyle:
    """Drop links and click actions: nothing in a row may act."""
    return style.clear_meta_and_links() if style.link or style.meta else style


class Painter:
    """Paints lines on one background.

    Args:
        base: style below everything, with background and foreground.
        theme: for Rich styles that name ANSI colours.
        flat: keep the base's colours and take only weight and underline from the text; for a cursor line
            on the sixteen ANSI colours, where any foreground may vanish on the background.
    """

    def __init__(self, base: Style, theme: TerminalTheme, *, flat: bool = False) -> None:
        self.base = base
        self.rich = base.rich_style
        self._theme = theme
        self._flat = flat
        self._styles: dict[tuple[Look, ...], RichStyle] = {}

    def strip(self, line: Line, width: int, more: str = "") -> Strip:
        """Return a line as a strip of exactly `width` cells.

        Args:
            line: what to paint; line breaks in it show as ⏎, control characters as in `display_text`.
            width: cells; longer lines are cut, shorter ones padded.
            more: sign put where something was cut.

        Returns:
            The strip. Only about `width` cells' worth of characters is looked at, however long the line is.
        """
        return Strip(self.segments(line, width, more), width)

    def segments(self, line: Line, width: int, more: str = "") -> list[Segment]:
        """Return the segments of a line of exactly `width` cells."""
        # a strip may have been drawn by a widget that knows nothing of hostile text
        if isinstance(line, Strip):
            segments = [
                Segment(clean(text), self.rich + _harmless(style) if style else self.rich)
                for text, style, control in line
                if text and not control
            ]
            used = sum(segment.cell_length for segment in segments)
        else:
            plain = line.plain[: (width + 1) * PER_CELL]
            known = is_plain(plain)
            segments = self._segments(line, plain, known)
            used = len(plain) if known else sum(segment.cell_length for segment in segments)
        if used < width:
            segments.append(Segment(" " * (width - used), self.rich))
        elif used > width:
            segments = Segment.adjust_line_length(segments, max(0, width - len(more)), self.rich)
            if more and width > 0:
                segments.append(Segment(more, segments[-1].style if segments else self.rich))
        return segments

    def _segments(self, line: Text | Content, plain: str, known: bool) -> list[Segment]:
        """Cut a line where styles change; `known` when there is nothing in it to clean."""
        whole: tuple[Look, ...] = () if isinstance(line, Content) or not line.style else (line.style,)
        spans: Sequence[tuple[int, int, Look]] = line.spans
        events: list[tuple[int, int, int]] = []
        for number, (start, end, _style) in enumerate(spans):
            start, end = max(0, start), min(len(plain), end)
            if start < end:
                events += [(start, 1, number), (end, 0, number)]
        events.sort()
        segments: list[Segment] = []
        active: list[int] = []
        at = 0
        for position, opens, number in [*events, (len(plain), 0, -1)]:
            if position > at:
                text = plain[at:position]
                styles = (*whole, *(spans[index][2] for index in active)) if active else whole
                segments.append(Segment(text if known else clean(text), self._style(styles)))
                at = position
            if opens:
                insort(active, number)
            elif number in active:
                active.remove(number)
        return segments

    def _style(self, styles: tuple[Look, ...]) -> RichStyle:
        """Return the styles laid over the base, in order."""
        found = self._styles.get(styles)
        if found is None:
            combined = self.base
            for style in styles:
                combined += self._visual(style)
            found = self._styles[styles] = combined.rich_style
        return found

    def _visual(self, style: Look) -> Style:
        if isinstance(style, str):
            visual = parse_style(style)
        elif isinstance(style, RichStyle):
            visual = Style.from_rich_style(style, self._theme)
        else:
            visual = style
        if self._flat:
            visual = Style(bold=visual.bold, italic=visual.italic, underline=visual.underline)
        colour = visual.foreground
        if colour is not None and colour.ansi is not None and colour.a < 1:
            visual += Style(dim=True)  # a terminal's own colours cannot be blended
        return replace(visual, link=None, _meta=None) if visual.link or visual.meta else visual


def cut(line: Text, start: int, end: int) -> Text:
    """Return a piece of a line with its styles, without blanks at its end.

    Slicing the Text itself would read the whole line for each piece.
    """
    piece = Text(line.plain[start:end].rstrip(" "), line.style)
    for span in line.spans:
        if span.start < end and span.end > start:
            piece.stylize(span.style, max(span.start, start) - start, min(span.end, end) - start)
    return piece


def joined(parts: Iterable[tuple[str, str]]) -> Text:
    """Return a Text of (text, style) parts; an empty style is the row's own."""
    text = Text()
    for part, style in parts:
        text.append(part, style or None)
    return text


class SanitizeFilter(LineFilter):
    """Replaces control characters in all that goes to the terminal; a line keeps its width.

    Lists and panes sanitise untrusted text where they lay it out. Inputs, text areas and Textual's own
    widgets do not: they hold the text unchanged, so that what is saved is what was there.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line, sanitised.

        Args:
            segments: a line as a widget drew it.
            background: not used.
        """
        if all(is_plain(segment.text) for segment in segments):
            return segments
        cleaned = [Segment(clean(text), style, control) for text, style, control in segments]
        width = Segment.get_line_length(segments)
        if Segment.get_line_length(cleaned) == width:
            return cleaned
        return Segment.adjust_line_length(cleaned, width, segments[-1].style)
