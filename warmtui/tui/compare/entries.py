"""The rows of a comparison of two sessions, before they are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, NamedTuple

from warmtui.analysis.comparison.row_texts import (
    Mark,
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
class Entry:
    """One row of the comparison."""

    key: str
    kind: Kind
    label: str = ""
    cells: Sides = NEITHER
    mark: Mark = ""
    difference: str = ""
    calls: tuple[StepCall | None, StepCall | None] = (None, None)
    message_ids: tuple[str | None, str | None] = (None, None)
    """The message that each side stands for, where it stands for one."""
    bar: tuple[FigureValue | None, FigureValue | None] | None = None
    """Shares to be drawn as bars beside the values."""
    starts: bool = False
    """Whether it is the first of neighbouring rows that differ."""

    @property
    def differs(self) -> bool:
        """Whether the sessions differ in this row."""
        return self.mark not in ("", "=")


def entries_of(comparison: Comparison) -> tuple[Entry, ...]:
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
    before = False
    for index, row in enumerate(rows):
        if row.differs and not before:
            rows[index] = replace(row, starts=True)
        before = row.differs
    return (*rows, *_timeline(comparison))


# the sections


def _sessions(comparison: Comparison) -> Iterator[Entry]:
    first, second = comparison.sessions
    yield Entry("session id", "pair", cells=Sides(first.id, second.id))
    agents = [
        " · ".join(part for part in (session.agent, session.model, session.channel) if part)
        for session in comparison.sessions
    ]
    yield Entry("session agent", "pair", cells=Sides(*agents))
    if first.cwd or second.cwd:
        yield Entry("session cwd", "pair", cells=Sides(first.cwd or "–", second.cwd or "–"))


def _heading(name: str, more: str = "") -> Entry:
    return Entry(f"heading {name}", "heading", name, difference=more)


def _figures(comparison: Comparison) -> Iterator[Entry]:
    yield _heading("Figures", "difference: first − second, in points or calls")
    for row in figure_rows(comparison):
        yield _figure(row)
    types = [session.task_type or "–" for session in comparison.sessions]
    mark: Mark = "=" if types[0] == types[1] else "≠"
    yield Entry("figure task type", "figure", "task type", Sides(*types), mark)
    yield Entry("note reading", "note", comparison.reading)


def _figure(row: FigureRow) -> Entry:
    text = figure_text(row)
    cells = Sides(text.first, text.second)
    return Entry(
        f"figure {row.name}",
        "figure",
        text.label,
        cells,
        _value_mark(cells, row.differences[0]),
        text.difference,
        bar=(row.values[0], row.values[1]) if row.name == "reliability" else None,
    )


def _value_mark(cells: Sides, difference: Difference | None) -> Mark:
    """Return the mark that fits the difference shown: other counts of the same share are alike."""
    alike = cells.first == cells.second if difference is None else not round(100 * difference.value)
    return "=" if alike else "≠"


def _groups(title: str, rows: Sequence[GroupRow]) -> Iterator[Entry]:
    if rows:
        yield _heading(title, "ok of judged calls")
    for row in rows:
        first, second = row.cells
        text = group_text(row)
        cells = Sides(text.first, text.second)
        mark = _value_mark(cells, row.differences[0])
        if first is None or second is None:
            mark = ">" if first is None else "<"
        yield Entry(
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


def _remarks(comparison: Comparison) -> Iterator[Entry]:
    if comparison.remarks:
        yield _heading("Notable")
    for number, remark in enumerate(comparison.remarks):
        yield Entry(f"remark {number}", "remark", remark.text)


def _person(patterns: PatternsComparison) -> Iterator[Entry]:
    styles = list(style_texts(patterns))
    if not styles:
        return
    yield _heading("The person")
    for label, first, second, _ in styles:
        mark: Mark = "=" if first == second else "≠"
        yield Entry(f"person {label}", "figure", label, Sides(first, second), mark)
    for label, words in (("domains", patterns.domains), ("tools", patterns.preferred_tools)):
        if words.common or words.apart:
            both = [_words(number, words.common, words.apart) for number in (0, 1)]
            cells = Sides(*(f"{label}: {text or '–'}" for text in both))
            yield Entry(f"person {label}", "pair", cells=cells, mark="≠" if words.apart else "=")
    for number, (first, second) in enumerate(zip_longest(*patterns.corrections)):
        cells = Sides(*("" if text is None else f"corrected: “{text}”" for text in (first, second)))
        yield Entry(f"person corrected {number}", "pair", cells=cells, mark=_present(first, second, "|"))


def _words(number: int, common: Sequence[WordRow], apart: Sequence[WordRow]) -> str:
    own = [row.text for row in apart if number in row.sessions]
    return ", ".join([*(row.text for row in common), *own])


def _present(first: object, second: object, both: Mark) -> Mark:
    return both if first and second else "<" if first else ">"


def _parts(comparison: Comparison) -> Iterator[Entry]:
    if comparison.markers.common or comparison.markers.apart:
        yield _heading("Where things are", "in common, then apart")
    for marker in (*comparison.markers.common, *comparison.markers.apart):
        cells = Sides(*(f"{uses}× {marker.text}" if uses else "" for uses in marker.uses))
        yield _pair(f"marker {marker.kind} {marker.text}", cells)
    if comparison.recoveries.common or comparison.recoveries.apart:
        yield _heading("Recoveries", "in common, then apart")
    for recovery in (*comparison.recoveries.common, *comparison.recoveries.apart):
        text = f"{recovery.error_type}: {recovery.change}"
        counts = [len(found) for found in recovery.found]
        cells = Sides(*(f"{count}× {text}" if count > 1 else text if count else "" for count in counts))
        yield _pair(f"recovery {text}", cells)
    if comparison.error_patterns.common or comparison.error_patterns.apart:
        yield _heading("Errors", "in common, then apart")
    for error in (*comparison.error_patterns.common, *comparison.error_patterns.apart):
        text = f"{error.error_type}: {error.shape}"
        cells = Sides(
            *(
                f"{count}× {text}{f' ({fixed} recovered)' if fixed else ''}" if count else ""
                for count, fixed in zip(error.counts, error.recovered, strict=True)
            )
        )
        ids = (error.message_ids[0], error.message_ids[1])
        yield replace(_pair(f"error {text}", cells), message_ids=ids)


def _pair(key: str, cells: Sides) -> Entry:
    return Entry(key, "pair", cells=cells, mark=_present(cells.first, cells.second, "="))


def _timeline(comparison: Comparison) -> Iterator[Entry]:
    timeline = comparison.timeline
    if not timeline.turns:
        return
    alike = sum(step.in_step for step in timeline.steps)
    yield _heading("Turn by turn", f"{alike:,} of {len(timeline.steps):,} steps alike")
    yield Entry("note legend", "note", LEGEND)
    starts = {difference.step for difference in timeline.differences}
    for turn in timeline.turns:
        said = ("" if text is None else f"{turn.turn + 1} “{text}”" for text in turn.asked)
        cells = Sides(*said) if turn.turn >= 0 else Sides(*["before the first message"] * 2)
        ids = (turn.message_ids[0], turn.message_ids[1])
        yield Entry(f"turn {turn.turn}", "turn", cells=cells, message_ids=ids)
        for index in range(turn.first_step, turn.first_step + turn.steps):
            step = timeline.steps[index]
            first, second = step.calls
            yield Entry(
                f"step {index}",
                "step",
                mark=step_mark(step),
                calls=(first, second),
                message_ids=(first.message_id if first else None, second.message_id if second else None),
                starts=index in starts,
            )
