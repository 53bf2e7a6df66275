"""What stands side by side when two sessions are compared, row by row, before it is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, NamedTuple

from warmtui.model.comparison import (
    Comparison,
    Difference,
    FigureRow,
    FigureValue,
    GroupCell,
    GroupRow,
    PatternsComparison,
    Step,
    StepCall,
    WordRow,
)

Mark = Literal["", "=", "≠", "|", "<", ">"]
"""Alike; alike but for value or outcome; other calls; only the first session's; only the second's."""
Kind = Literal["heading", "note", "remark", "figure", "pair", "turn", "step"]
_LABELS = {
    "reliability": "score",
    "early_error_rate": "errors early",
    "late_error_rate": "errors late",
    "gain": "late − early",
    "findings": "with findings",
    "weak": "weak evidence",
    "repeated": "repeated calls",
}
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
    """Shares to be drawn beside the values."""
    starts: bool = False
    """Whether it is the first of neighbouring rows that differ."""

    @property
    def differs(self) -> bool:
        """Whether the sessions differ in it."""
        return self.mark not in ("", "=")


def entries_of(one: Comparison) -> tuple[Entry, ...]:
    """Return the rows of a comparison of exactly two sessions.

    Returns:
        Which sessions, figures, tools and task types, remarks, the person, markers, recoveries, errors, and
        the timelines in step. Every stretch of rows that differ has its first row marked as a start; in the
        timeline the stretches are those of `Timeline.differences`.
    """
    rows = [
        *_sessions(one),
        *_figures(one),
        *_groups("Tools", one.tools),
        *_groups("Task types", one.task_types),
        *_remarks(one),
        *_person(one.user_patterns),
        *_apart(one),
    ]
    before = False
    for index, row in enumerate(rows):
        if row.differs and not before:
            rows[index] = replace(row, starts=True)
        before = row.differs
    return (*rows, *_timeline(one))


# the sections


def _sessions(one: Comparison) -> Iterator[Entry]:
    first, second = one.sessions
    yield Entry("session id", "pair", cells=Sides(first.id, second.id))
    named = [
        " · ".join(part for part in (each.agent, each.model, each.channel) if part) for each in one.sessions
    ]
    yield Entry("session agent", "pair", cells=Sides(*named))
    if first.cwd or second.cwd:
        yield Entry("session cwd", "pair", cells=Sides(first.cwd or "–", second.cwd or "–"))


def _heading(name: str, more: str = "") -> Entry:
    return Entry(f"heading {name}", "heading", name, difference=more)


def _figures(one: Comparison) -> Iterator[Entry]:
    yield _heading("Figures", "difference: first − second, in points or calls")
    for row in one.figures:
        # the score is the reliability in whole points, and stands there
        if row.name == "score" or not _says_something(row):
            continue
        yield _figure(row)
    types = [each.task_type or "–" for each in one.sessions]
    mark: Mark = "=" if types[0] == types[1] else "≠"
    yield Entry("figure task type", "figure", "task type", Sides(*types), mark)
    yield Entry("note reading", "note", one.reading)


def _says_something(row: FigureRow) -> bool:
    if row.kind == "count":
        return any(value and value.value for value in row.values)
    return any(row.values)


def _figure(row: FigureRow) -> Entry:
    first, second = row.values
    cells = Sides(_value(row, first), _value(row, second))
    found = row.differences[0]
    difference = "–" if found is None else _signed(found.value) if row.kind == "count" else points(found)
    return Entry(
        f"figure {row.name}",
        "figure",
        _LABELS.get(row.name, row.name.replace("_", " ")),
        cells,
        _valued(cells, found),
        difference,
        bar=(first, second) if row.name == "reliability" else None,
    )


def _valued(cells: Sides, found: Difference | None) -> Mark:
    """Return the mark that goes with the difference beside it: other counts of the same share are alike."""
    alike = cells.first == cells.second if found is None else not round(100 * found.value)
    return "=" if alike else "≠"


def _value(row: FigureRow, one: FigureValue | None) -> str:
    if one is None:
        return "–"
    if row.kind == "count":
        return f"{one.value:,}"
    if row.kind == "change":
        return points(one)
    number = f"{100 * one.value:.0f}" + ("" if row.name == "reliability" else " %")
    interval = "" if one.low is None or one.high is None else f" ({100 * one.low:.0f}-{100 * one.high:.0f})"
    return f"{number}{interval} of {one.n}"


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−") if round(value) else "0"


def points(one: Difference | FigureValue | None) -> str:
    """Write a difference of shares in points of a hundred with its interval.

    >>> points(Difference(value=0.24, low=-0.05, high=0.5))
    '+24 (−5 to +50)'
    """
    if one is None or one.low is None or one.high is None:
        return "–"
    return f"{_signed(100 * one.value)} ({_signed(100 * one.low)} to {_signed(100 * one.high)})"


def _groups(title: str, rows: Sequence[GroupRow]) -> Iterator[Entry]:
    if rows:
        yield _heading(title, "ok of judged calls")
    for row in rows:
        first, second = row.cells
        cells = Sides(_cell(first), _cell(second))
        mark = _valued(cells, row.differences[0])
        if first is None or second is None:
            mark = ">" if first is None else "<"
        yield Entry(
            f"{title} {row.name}",
            "figure",
            row.name,
            cells,
            mark,
            points(row.differences[0]),
            bar=(_share(first), _share(second)),
        )


def _share(one: GroupCell | None) -> FigureValue | None:
    rate = one.reliability if one is not None else None
    return None if rate is None else FigureValue(value=rate.value, low=rate.low, high=rate.high, n=rate.n)


def _cell(one: GroupCell | None) -> str:
    if one is None:
        return "–"
    judged = one.ok + one.errors
    return f"{one.ok} of {judged}" + (f", {one.calls} calls" if one.calls != judged else "")


def _remarks(one: Comparison) -> Iterator[Entry]:
    if one.remarks:
        yield _heading("Notable")
    for number, remark in enumerate(one.remarks):
        yield Entry(f"remark {number}", "remark", remark.text)


def _person(patterns: PatternsComparison) -> Iterator[Entry]:
    if not any(patterns.request_styles):
        return
    yield _heading("The person")
    for label, styles in (("asks", patterns.request_styles), ("answers", patterns.feedback_styles)):
        cells = Sides(*((style or "–").replace("_", " ") for style in styles))
        yield Entry(f"person {label}", "figure", label, cells, "=" if cells.first == cells.second else "≠")
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


def _apart(one: Comparison) -> Iterator[Entry]:
    if one.markers.common or one.markers.apart:
        yield _heading("Where things are", "in common, then apart")
    for marker in (*one.markers.common, *one.markers.apart):
        cells = Sides(*(f"{uses}× {marker.text}" if uses else "" for uses in marker.uses))
        yield _pair(f"marker {marker.kind} {marker.text}", cells)
    if one.recoveries.common or one.recoveries.apart:
        yield _heading("Recoveries", "in common, then apart")
    for recovery in (*one.recoveries.common, *one.recoveries.apart):
        text = f"{recovery.error_type}: {recovery.change}"
        counts = [len(found) for found in recovery.found]
        cells = Sides(*(f"{count}× {text}" if count > 1 else text if count else "" for count in counts))
        yield _pair(f"recovery {text}", cells)
    if one.error_patterns.common or one.error_patterns.apart:
        yield _heading("Errors", "in common, then apart")
    for error in (*one.error_patterns.common, *one.error_patterns.apart):
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


def _timeline(one: Comparison) -> Iterator[Entry]:
    timeline = one.timeline
    if not timeline.turns:
        return
    alike = sum(step.in_step for step in timeline.steps)
    yield _heading("Turn by turn", f"{alike:,} of {len(timeline.steps):,} steps alike")
    yield Entry("note legend", "note", LEGEND)
    starts = {stretch.step for stretch in timeline.differences}
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
                mark=_step_mark(step),
                calls=(first, second),
                message_ids=(first.message_id if first else None, second.message_id if second else None),
                starts=index in starts,
            )


def _step_mark(step: Step) -> Mark:
    first, second = step.calls
    if first is None or second is None:
        return ">" if first is None else "<"
    if not step.in_step:
        return "|"
    return "=" if first.outcome == second.outcome else "≠"
