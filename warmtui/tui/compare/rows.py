"""Two sessions side by side, row by row: one list, so that both scroll together."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.model.comparison import Comparison, FigureValue, StepCall
from warmtui.model.outcome import SIGNS
from warmtui.tui.compare.entries import Entry, Sides, entries_of
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.timeline.entry_lines import ASCII_SIGNS, STYLES
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clean, clip, fill, wrap
from warmtui.tui.widgets.glyphs import ASCII, Glyphs
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, Line, joined

GAP = 3
"""Cells between the sides; the mark stands in the middle."""
LABEL = 16
VALUE = 19
"""Cells of `100 % (68-100) of 8`, the longest usual value."""
DIFFERENCE = 20
BAR = 24
"""Cells of the bar beside the score, where a side has room for it."""
MOST_CHARACTERS = 4_000
"""Of a sentence that is shown wrapped; no remark comes near it."""
_ARROWS = {"failed": ("↘", "v"), "fixed": ("↗", "^"), None: (" ", " ")}
_SAID = {"failed": ", fixed later", "fixed": ", the fix of an earlier error", None: ""}


class CompareRows(RowSource):
    """The rows of one comparison.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.entries: tuple[Entry, ...] = ()
        self.titles = Sides("", "")
        self.side = 0
        """Which side keys work on: 0 the first, 1 the second."""
        self.starts: tuple[int, ...] = ()
        """Rows where stretches of differences begin, in order."""
        self._places: dict[str, int] = {}
        self._width = 80

    def put(self, comparison: Comparison) -> None:
        """Show this comparison."""
        self.entries = entries_of(comparison)
        self.titles = Sides(*(session.title or session.id for session in comparison.sessions))
        self.starts = tuple(index for index, entry in enumerate(self.entries) if entry.starts)
        self._places = {entry.key: index for index, entry in enumerate(self.entries)}

    def entry(self, index: int) -> Entry | None:
        """Return the entry at a position, None when there is none."""
        return self.entries[index] if 0 <= index < len(self.entries) else None

    def __len__(self) -> int:
        return len(self.entries)

    def key(self, index: int) -> str:
        """Return what names the row for good."""
        return self.entries[index].key

    def index_of(self, key: str) -> int | None:
        """Return where a row stands."""
        return self._places.get(key)

    def selectable(self, index: int) -> bool:
        """Headings and notes are passed over."""
        return self.entries[index].kind not in ("heading", "note")

    def resize(self, width: int) -> None:
        """Take the width that sentences are wrapped to."""
        self._width = width

    def height(self, index: int) -> int:
        """Return the lines of a sentence, two for a heading, else one."""
        entry = self.entries[index]
        if entry.kind in ("note", "remark"):
            return len(self._sentence(entry, self._width))
        return 2 if entry.kind == "heading" else 1

    def header(self, width: int) -> Line:
        """Return the two titles, the side that keys work on pointed at."""
        half = _half(width)
        signs = [self.glyphs.cursor if number == self.side else " " for number in (0, 1)]
        parts = [
            fill(f"{sign} {title}", half, more=self.glyphs.more)
            for sign, title in zip(signs, self.titles, strict=True)
        ]
        looks = [f"bold {ACCENT}" if number == self.side else MUTED for number in (0, 1)]
        return joined([(parts[0], looks[0]), (" " * GAP, ""), (parts[1], looks[1])])

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return one row's lines."""
        entry = self.entries[index]
        if entry.kind == "heading":
            room = max(0, width - len(entry.label) - 2)
            return [Text(), joined([(f"{entry.label}  ", ACCENT), (clip(entry.difference, room), FAINT)])]
        if entry.kind in ("note", "remark"):
            look = FAINT if entry.kind == "note" else ""
            return [Text(line, look) for line in self._sentence(entry, width)]
        half = _half(width)
        if entry.kind == "figure":
            left, right = self._figure(entry, half, width - half - GAP)
        elif entry.kind == "step":
            left, right = (self._call(call, half) for call in entry.calls)
        else:
            look = "bold" if entry.kind == "turn" else MUTED if entry.key.startswith("session") else ""
            left, right = (Text(fill(cell, half, more=self.glyphs.more), look) for cell in entry.cells)
        mark = entry.mark or " "
        shown = "!" if mark == "≠" and self.glyphs == ASCII else mark
        look = WARNING if mark == "≠" else FAINT
        return [left.append(f" {shown} ", look).append_text(right)]

    def _sentence(self, entry: Entry, width: int) -> list[str]:
        """Return a sentence in lines, indented."""
        text = clean(entry.label[:MOST_CHARACTERS])
        if self.glyphs == ASCII:
            text = text.replace("≠", "!").replace("↘", "v").replace("↗", "^")
        return [f"  {text[start:end].rstrip()}" for start, end in wrap(text, max(2, width - 2))]

    def _figure(self, entry: Entry, half: int, rest: int) -> tuple[Text, Text]:
        """Draw a label and the first value; the second value and the difference."""
        more = self.glyphs.more
        label = max(8, min(LABEL, half - VALUE - 1))
        room = max(4, half - label - 1)
        left = Text(fill(entry.label, label, more=more), MUTED).append(" ")
        right = Text()
        value = min(room, VALUE + 1)
        wide = value + BAR
        roomy = room >= wide and rest > wide + DIFFERENCE
        drawn = entry.bar if roomy else None
        column = wide if roomy else value  # differences stand below each other, with and without bars
        for number, (text, cell) in enumerate(zip((left, right), entry.cells, strict=True)):
            if drawn is None:
                text.append(fill(cell, column if number else room, more=more))
                continue
            text.append(fill(cell, value, more=more)).append_text(self._bar(drawn[number]))
            text.append(" " * (0 if number else room - wide))
        right.append(" ").append(clip(entry.difference, max(0, rest - column - 1), more))
        return left, right

    def _bar(self, share: FigureValue | None) -> Text:
        """Draw a share with its interval."""
        if share is None:
            return Text(" " * BAR)
        return bars.score_bar(share.value, share.low or 0.0, share.high or 0.0, BAR, glyphs=self.glyphs)

    def _call(self, call: StepCall | None, half: int) -> Text:
        """Draw one call: its number, sign, whether it belongs to a recovery, and what it is about."""
        if call is None:
            return Text(" " * half)
        poor = self.glyphs == ASCII
        sign = (ASCII_SIGNS if poor else SIGNS)[call.outcome]
        text = Text(f"{call.index + 1:>4} ", FAINT).append(sign, STYLES[call.outcome])
        text.append(_ARROWS[call.recovery][poor], WARNING if call.recovery == "failed" else STYLES["ok"])
        words = fill(f" {call.tool} {call.about}", max(0, half - text.cell_len), more=self.glyphs.more)
        return text.append(words, FAINT if call.housekeeping else "")


def _half(width: int) -> int:
    return max(4, (width - GAP) // 2)


def call_words(call: StepCall) -> str:
    """Say a call with its outcome and the reason of it, for the line below the list."""
    findings = ", with findings" if call.findings else ""
    quiet = ", housekeeping" if call.housekeeping else ""
    kind = f" {call.error_type}" if call.error_type and call.outcome != "ok" else ""
    return (
        f"{call.outcome}{kind}{findings}{_SAID[call.recovery]}{quiet}: {call.reason}\n"
        f"  {call.tool} {call.about}"
    )
