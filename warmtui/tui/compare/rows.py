"""Two sessions side by side, row by row: one list, so that both scroll together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, NamedTuple

from rich.text import Text

from warmtui.analysis.comparison.row_texts import (
    StepMark,
    figure_rows,
    figure_text,
    group_text,
    step_mark,
    style_texts,
)
from warmtui.model.comparison import (
    Comparison,
    Difference,
    FigureRow,
    FigureValue,
    GroupCell,
    GroupRow,
    PatternsComparison,
    StepCall,
    WordRow,
)
from warmtui.model.outcome import SIGNS
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.timeline.entry_lines import ASCII_SIGNS, STYLES
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clean, clip, fill, wrap
from warmtui.tui.widgets.glyphs import ASCII, Glyphs
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, Line, joined

Kind = Literal["heading", "note", "remark", "figure", "pair", "turn", "step"]
LEGEND = (
    "= alike  ≠ alike, another outcome  | other calls  < only first  > only second  ↘ fixed later  ↗ its fix"
)


class Sides(NamedTuple):
    """Something of the first session and of the second."""

    first: str
    second: str


NEITHER = Sides("", "")


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row of the comparison."""

    key: str
    kind: Kind
    label: str = ""
    cells: Sides = NEITHER
    mark: StepMark = ""
    difference: str = ""
    calls: tuple[StepCall | None, StepCall | None] = (None, None)
    message_ids: tuple[str | None, str | None] = (None, None)
    """The message that each side shows, if it shows one."""
    bar: tuple[FigureValue | None, FigureValue | None] | None = None
    """Shares to be drawn as bars beside the values."""
    starts: bool = False
    """Whether it is the first of neighbouring rows that differ."""

    @property
    def differs(self) -> bool:
        """Whether the sessions differ in this row."""
        return self.mark not in ("", "=")


GAP = 3
"""Cells between the sides; the mark is in the middle."""
LABEL = 16
VALUE = 19
"""Cells of `100 % (68-100) of 8`, the longest usual value."""
DIFFERENCE = 20
BAR = 24
"""Cells of the bar beside the score, where a side has room for it."""
MOST_CHARACTERS = 4_000
"""Most characters of a sentence that is shown wrapped; no remark comes near that."""
_ARROWS = {"failed": ("↘", "v"), "fixed": ("↗", "^"), None: (" ", " ")}
_SAID = {"failed": ", fixed later", "fixed": ", the fix of an earlier error", None: ""}


class CompareRows(RowSource):
    """The rows of one comparison."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.entries: tuple[ComparedRow, ...] = ()
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

    def entry(self, index: int) -> ComparedRow | None:
        """Return the entry at a position, None when there is none."""
        return self.entries[index] if 0 <= index < len(self.entries) else None

    def __len__(self) -> int:
        return len(self.entries)

    def key(self, index: int) -> str:
        """Return the row's lasting name."""
        return self.entries[index].key

    def index_of(self, key: str) -> int | None:
        """Return the index of a row."""
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
        """Return the two titles, with a sign at the side that keys work on."""
        half = _half(width)
        signs = [self.glyphs.cursor if number == self.side else " " for number in (0, 1)]
        parts = [
            fill(f"{sign} {title}", half, self.glyphs.more)
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
            left, right = (Text(fill(cell, half, self.glyphs.more), look) for cell in entry.cells)
        mark = entry.mark or " "
        shown = "!" if mark == "≠" and self.glyphs == ASCII else mark
        look = WARNING if mark == "≠" else FAINT
        return [left.append(f" {shown} ", look).append_text(right)]

    def _sentence(self, entry: ComparedRow, width: int) -> list[str]:
        """Return a sentence in lines, indented."""
        text = clean(entry.label[:MOST_CHARACTERS])
        if self.glyphs == ASCII:
            text = text.replace("≠", "!").replace("↘", "v").replace("↗", "^")
        return [f"  {text[start:end].rstrip()}" for start, end in wrap(text, max(2, width - 2))]

    def _figure(self, entry: ComparedRow, half: int, rest: int) -> tuple[Text, Text]:
        """Draw a label and the first value; the second value and the difference."""
        more = self.glyphs.more
        # values decide what a person compares, so the label gives way first
        label = max(8, min(LABEL, half - VALUE - 1))
        room = max(4, half - label - 1)
        left = Text(fill(entry.label, label, more), MUTED).append(" ")
        right = Text()
        value = min(room, VALUE + 1)
        wide = value + BAR
        roomy = room >= wide and rest > wide + DIFFERENCE
        drawn = entry.bar if roomy else None
        column = wide if roomy else value  # differences line up, with and without bars
        for number, (text, cell) in enumerate(zip((left, right), entry.cells, strict=True)):
            if drawn is None:
                text.append(fill(cell, column if number else room, more))
                continue
            text.append(fill(cell, value, more)).append_text(self._bar(drawn[number]))
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
        words = fill(f" {call.tool} {call.about}", max(0, half - text.cell_len), self.glyphs.more)
        return text.append(words, FAINT if call.housekeeping else "")


def _half(width: int) -> int:
    return max(4, (width - GAP) // 2)


def call_words(call: StepCall) -> str:
    """Describe a call with its outcome and the reason for it, for the line below the list."""
    findings = ", with findings" if call.findings else ""
    quiet = ", housekeeping" if call.housekeeping else ""
    kind = f" {call.error_type}" if call.error_type and call.outcome != "ok" else ""
    return (
        f"{call.outcome}{kind}{findings}{_SAID[call.recovery]}{quiet}: {call.reason}\n"
        f"  {call.tool} {call.about}"
    )


def entries_of(comparison: Comparison) -> tuple[ComparedRow, ...]:
    """Return the rows of a comparison of exactly two sessions.

    Returns:
        Which sessions, figures, tools and task types, remarks, the person, markers, recoveries, errors, and
        the timelines in step. The first row of each group of neighbours that differ is marked as a start; in
        the timeline the groups are those of `Timeline.differences`.
    """
    rows = [
        *_sessions(comparison),
        *_figures(comparison),
        *_groups("Tools", comparison.tools),
        *_groups("Task types", comparison.task_types),
        *_remarks(comparison),
        *_person(comparison.user_patterns),
        *_parts(comparison),
    ]
    # in the timeline the comparison itself says where differences start
    before = False
    for index, row in enumerate(rows):
        if row.differs and not before:
            rows[index] = replace(row, starts=True)
        before = row.differs
    return (*rows, *_timeline(comparison))


# the sections


def _sessions(comparison: Comparison) -> Iterator[ComparedRow]:
    first, second = comparison.sessions
    yield ComparedRow("session id", "pair", cells=Sides(first.id, second.id))
    agents = [
        " · ".join(part for part in (session.agent, session.model, session.channel) if part)
        for session in comparison.sessions
    ]
    yield ComparedRow("session agent", "pair", cells=Sides(*agents))
    if first.cwd or second.cwd:
        yield ComparedRow("session cwd", "pair", cells=Sides(first.cwd or "–", second.cwd or "–"))


def _heading(name: str, more: str = "") -> ComparedRow:
    return ComparedRow(f"heading {name}", "heading", name, difference=more)


def _figures(comparison: Comparison) -> Iterator[ComparedRow]:
    yield _heading("Figures", "difference: first − second, in points or calls")
    for row in figure_rows(comparison):
        yield _figure(row)
    types = [session.task_type or "–" for session in comparison.sessions]
    mark: StepMark = "=" if types[0] == types[1] else "≠"
    yield ComparedRow("figure task type", "figure", "task type", Sides(*types), mark)
    yield ComparedRow("note reading", "note", comparison.reading)


def _figure(row: FigureRow) -> ComparedRow:
    text = figure_text(row)
    cells = Sides(text.first, text.second)
    return ComparedRow(
        f"figure {row.name}",
        "figure",
        text.label,
        cells,
        _value_mark(cells, row.differences[0]),
        text.difference,
        bar=(row.values[0], row.values[1]) if row.name == "reliability" else None,
    )


def _value_mark(cells: Sides, difference: Difference | None) -> StepMark:
    """Return the mark that fits the difference shown: other counts of the same share are alike."""
    alike = cells.first == cells.second if difference is None else not round(100 * difference.value)
    return "=" if alike else "≠"


def _groups(title: str, rows: Sequence[GroupRow]) -> Iterator[ComparedRow]:
    if rows:
        yield _heading(title, "ok of judged calls")
    for row in rows:
        first, second = row.cells
        text = group_text(row)
        cells = Sides(text.first, text.second)
        mark = _value_mark(cells, row.differences[0])
        if first is None or second is None:
            mark = ">" if first is None else "<"
        yield ComparedRow(
            f"{title} {row.name}",
            "figure",
            text.label,
            cells,
            mark,
            text.difference,
            bar=(_share(first), _share(second)),
        )


def _share(cell: GroupCell | None) -> FigureValue | None:
    rate = cell.reliability if cell is not None else None
    return None if rate is None else FigureValue(value=rate.value, low=rate.low, high=rate.high, n=rate.n)


def _remarks(comparison: Comparison) -> Iterator[ComparedRow]:
    if comparison.remarks:
        yield _heading("Notable")
    for number, remark in enumerate(comparison.remarks):
        yield ComparedRow(f"remark {number}", "remark", remark.text)


def _person(patterns: PatternsComparison) -> Iterator[ComparedRow]:
    styles = list(style_texts(patterns))
    if not styles:
        return
    yield _heading("The person")
    for label, first, second, _ in styles:
        mark: StepMark = "=" if first == second else "≠"
        yield ComparedRow(f"person {label}", "figure", label, Sides(first, second), mark)
    for label, words in (("domains", patterns.domains), ("tools", patterns.preferred_tools)):
        if words.common or words.apart:
            both = [_words(number, words.common, words.apart) for number in (0, 1)]
            cells = Sides(*(f"{label}: {text or '–'}" for text in both))
            yield ComparedRow(f"person {label}", "pair", cells=cells, mark="≠" if words.apart else "=")
    for number, (first, second) in enumerate(zip_longest(*patterns.corrections)):
        cells = Sides(*("" if text is None else f"corrected: “{text}”" for text in (first, second)))
        yield ComparedRow(
            f"person corrected {number}", "pair", cells=cells, mark=_present(first, second, "|")
        )


def _words(number: int, common: Sequence[WordRow], apart: Sequence[WordRow]) -> str:
    own = [row.text for row in apart if number in row.sessions]
    return ", ".join([*(row.text for row in common), *own])


def _present(first: object, second: object, both: StepMark) -> StepMark:
    return both if first and second else "<" if first else ">"


def _parts(comparison: Comparison) -> Iterator[ComparedRow]:
    more = "in common, then apart"
    if markers := (*comparison.markers.common, *comparison.markers.apart):
        yield _heading("Where things are", more)
    for marker in markers:
        cells = Sides(*(f"{uses}× {marker.text}" if uses else "" for uses in marker.uses))
        yield _pair(f"marker {marker.kind} {marker.text}", cells)
    if recoveries := (*comparison.recoveries.common, *comparison.recoveries.apart):
        yield _heading("Recoveries", more)
    for recovery in recoveries:
        text = f"{recovery.error_type}: {recovery.change}"
        counts = [len(found) for found in recovery.found]
        cells = Sides(*(f"{count}× {text}" if count > 1 else text if count else "" for count in counts))
        yield _pair(f"recovery {text}", cells)
    if errors := (*comparison.error_patterns.common, *comparison.error_patterns.apart):
        yield _heading("Errors", more)
    for error in errors:
        text = f"{error.error_type}: {error.shape}"
        cells = Sides(
            *(
                f"{count}× {text}{f' ({fixed} recovered)' if fixed else ''}" if count else ""
                for count, fixed in zip(error.counts, error.recovered, strict=True)
            )
        )
        ids = (error.message_ids[0], error.message_ids[1])
        yield replace(_pair(f"error {text}", cells), message_ids=ids)


def _pair(key: str, cells: Sides) -> ComparedRow:
    return ComparedRow(key, "pair", cells=cells, mark=_present(cells.first, cells.second, "="))


def _timeline(comparison: Comparison) -> Iterator[ComparedRow]:
    timeline = comparison.timeline
    if not timeline.turns:
        return
    alike = sum(step.in_step for step in timeline.steps)
    yield _heading("Turn by turn", f"{alike:,} of {len(timeline.steps):,} steps alike")
    yield ComparedRow("note legend", "note", LEGEND)
    starts = {difference.step for difference in timeline.differences}
    for turn in timeline.turns:
        said = ("" if text is None else f"{turn.turn + 1} “{text}”" for text in turn.asked)
        cells = Sides(*said) if turn.turn >= 0 else Sides(*["before the first message"] * 2)
        ids = (turn.message_ids[0], turn.message_ids[1])
        yield ComparedRow(f"turn {turn.turn}", "turn", cells=cells, message_ids=ids)
        for index in range(turn.first_step, turn.first_step + turn.steps):
            step = timeline.steps[index]
            first, second = step.calls
            yield ComparedRow(
                f"step {index}",
                "step",
                mark=step_mark(step),
                calls=(first, second),
                message_ids=(first.message_id if first else None, second.message_id if second else None),
                starts=index in starts,
            )
