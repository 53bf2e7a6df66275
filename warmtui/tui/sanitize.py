"""The last filter before the terminal, whichever widget drew.

Lists and panes sanitise untrusted text where they lay it out. Inputs, text areas and Textual's own widgets do
not: they hold the text unchanged, so that what is saved is what was there.
"""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from warmtui.tui.widgets.cells import clean, is_plain


class SanitizeFilter(LineFilter):
    """Replaces control characters; a line keeps its width."""

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
