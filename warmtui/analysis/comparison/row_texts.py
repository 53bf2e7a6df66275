"""The texts of a comparison's rows, as the command and the app both show them."""

from __future__ import annotations

from collections.abc import Iterator
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
)

StepMark = Literal["", "=", "≠", "|", "<", ">"]
"""Alike; alike except for value or outcome; other calls; only the first session's; only the second's."""
NONE = "–"
"""Shown in place of a figure that a session does not have."""
LABELS = {
    "reliability": "score",
    "early_error_rate": "errors early",
    "late_error_rate": "errors late",
    "gain": "late − early",
    "findings": "with findings",
    "weak": "weak evidence",
    "repeated": "repeated calls",
}
"""Labels of figures whose own name says too little."""


class RowText(NamedTuple):
    """One row: its label, a cell for each of two sessions, and their difference."""

    label: str
    first: str
    second: str
    difference: str = ""


def figure_rows(comparison: Comparison) -> Iterator[FigureRow]:
    """Yield the figures that say something: counts of which any is not 0, rates that any session has.

    The score is left out: it is the reliability in whole points.
    """
    for row in comparison.figures:
        if row.name == "score":
            continue
        if any(value and value.value for value in row.values) if row.kind == "count" else any(row.values):
            yield row


def figure_text(row: FigureRow) -> RowText:
    """Return a figure of two sessions, its difference in points or in what is counted."""
    first, second = row.values
    found = row.differences[0]
    if row.kind == "count":
        difference = NONE if found is None else signed(found.value)
    else:
        difference = points(found)
    label = LABELS.get(row.name, row.name)
    return RowText(label, _figure_cell(row, first), _figure_cell(row, second), difference)


def _figure_cell(row: FigureRow, figure: FigureValue | None) -> str:
    if figure is None:
        return NONE
    if row.kind == "count":
        return f"{figure.value:,}"
    if row.kind == "change":
        return points(figure)
    unit = "" if row.name == "reliability" else " %"
    return f"{100 * figure.value:.0f}{unit} {rate_basis(figure)}"


def rate_basis(figure: FigureValue) -> str:
    """Return what a rate is based on: its interval in percent and the calls it was counted over."""
    low, high = figure.low or 0.0, figure.high or 0.0
    return f"({100 * low:.0f}-{100 * high:.0f}) of {figure.n}"


def group_text(row: GroupRow) -> RowText:
    """Return the calls of a tool or task type in two sessions, the difference of their reliabilities."""
    first, second = row.cells
    return RowText(row.name, _group_cell(first), _group_cell(second), points(row.differences[0]))


def _group_cell(cell: GroupCell | None) -> str:
    if cell is None:
        return NONE
    judged = cell.ok + cell.errors
    return f"{cell.ok} of {judged}" + (f", {cell.calls} calls" if cell.calls != judged else "")


def style_texts(patterns: PatternsComparison) -> Iterator[RowText]:
    """Yield how the person asks and answers; nothing where neither session shows it."""
    if any(patterns.request_styles):
        for label, styles in (("asks", patterns.request_styles), ("answers", patterns.feedback_styles)):
            first, second = ((style or NONE).replace("_", " ") for style in styles)
            yield RowText(label, first, second)


def signed(value: float) -> str:
    """Write a whole number with its sign, 0 without one."""
    return f"{value:+,.0f}".replace("-", "−") if round(value) else "0"


def points(figure: Difference | FigureValue | None) -> str:
    """Write a difference of shares in points of a hundred with its interval.

    >>> points(Difference(value=0.24, low=-0.05, high=0.5))
    '+24 (−5 to +50)'
    """
    if figure is None or figure.low is None or figure.high is None:
        return NONE
    return f"{signed(100 * figure.value)} ({signed(100 * figure.low)} to {signed(100 * figure.high)})"


def step_mark(step: Step) -> StepMark:
    """Return the mark between the two calls of a step."""
    first, second = step.calls
    if first is None or second is None:
        return ">" if first is None else "<"
    if not step.in_step:
        return "|"
    return "=" if first.outcome == second.outcome else "≠"
