"""The compare command: two sessions in columns, more of them in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click
from rich.cells import cell_len

from warmtui.analysis.comparison.row_texts import (
    figure_rows,
    figure_text,
    group_text,
    points,
    rate_basis,
    step_mark,
    style_texts,
)
from warmtui.cli import output
from warmtui.cli.main import complete_sessions
from warmtui.cli.options import common, json_option, run
from warmtui.cli.output import clip, pad, style
from warmtui.display import display_line
from warmtui.errors import UsageError
from warmtui.model.comparison import Comparison, FigureRow, FigureValue, GroupRow, StepCall, TurnRow
from warmtui.model.outcome import SIGNS

NARROWEST = 80
"""Columns that are always used: below, a terminal wraps, and no figure is lost."""
LABEL = 16
DIFFERENCE = 20
SHOWN = 8
"""Rows of a section; --json has all."""
LEGEND = (
    "= alike  ≠ alike, another outcome  | other calls  < only first  > only second",
    "✓ ok  ✗ error  ⊘ denied  ‖ interrupted  ? unknown  ↘ fixed later  ↗ its fix",
)
_ONLY = ("only first", "only second")


@click.command("compare")
@click.argument("sessions", nargs=-1, metavar="SESSION SESSION [SESSION]…", shell_complete=complete_sessions)
@json_option
@common
def compare_command(sessions: tuple[str, ...], as_json: bool) -> None:
    """Show two or more SESSIONS side by side: figures, what they have in common, their calls in step.

    Differences are the first session's figure minus the other's, with 95 % intervals. They describe these
    sessions; they are no test. Of three or more sessions the text is a table of figures, --json has all.
    """
    if len(sessions) < 2:
        raise UsageError("name two sessions or more", "see: warmtui compare --help")
    comparison = run(lambda workspace: workspace.sessions.compare(sessions))
    if as_json:
        output.print_json(comparison.model_dump(mode="json", by_alias=True))
    else:
        render = two if len(comparison.sessions) == 2 else several
        for text in render(comparison, output.width()):
            output.line(text)


def two(comparison: Comparison, width: int) -> Iterator[str]:
    """Yield the lines that show two sessions side by side.

    Args:
        comparison: a comparison of exactly two sessions.
        width: columns of the terminal.
    """
    width = max(NARROWEST, width)
    page = _Page(width)
    titles = [session.title or session.id for session in comparison.sessions]
    yield style(page.row("", *titles, difference="difference"), bold=True)
    yield style(
        page.row("", *(session.id for session in comparison.sessions), difference="first − second"), dim=True
    )
    yield style(
        page.row("", *(f"{session.agent} {session.model or ''}" for session in comparison.sessions)), dim=True
    )
    yield from _figures(comparison, page)
    yield from _groups("Tools (ok of judged)", comparison.tools, page)
    yield from _groups("Task types (ok of judged)", comparison.task_types, page)
    yield from _remarks(comparison, width)
    yield from _person(comparison, page)
    yield from _parts(
        "Where things are",
        [f"{row.text}  {' and '.join(f'{uses}×' for uses in row.uses)}" for row in comparison.markers.common],
        [(_owner(row.uses), f"{row.text}  {sum(row.uses)}×") for row in comparison.markers.apart],
        width,
    )
    yield from _parts(
        "Recoveries",
        [f"{row.error_type}: {row.change}" for row in comparison.recoveries.common],
        [(_owner(row.found), f"{row.error_type}: {row.change}") for row in comparison.recoveries.apart],
        width,
    )
    yield from _parts(
        "Errors",
        [
            f"{row.counts[0]}× and {row.counts[1]}× ({row.recovered[0]} and {row.recovered[1]} recovered) "
            f"{row.error_type}: {row.shape}"
            for row in comparison.error_patterns.common
        ],
        [
            (
                _owner(row.counts),
                f"{sum(row.counts)}× ({sum(row.recovered)} recovered) {row.error_type}: {row.shape}",
            )
            for row in comparison.error_patterns.apart
        ],
        width,
    )
    yield from _timeline(comparison, width)


def several(comparison: Comparison, width: int) -> Iterator[str]:
    """Yield the lines that show any number of sessions, one row each: figures only.

    Args:
        comparison: a comparison.
        width: columns of the terminal.
    """
    width = max(NARROWEST, width)
    rows = {row.name: row for row in comparison.figures}
    # The figures take 67 columns.
    room = width - 67
    heading = f"{'score':<18}{'first − this':<19}{'calls':>6}{'errors':>7}  early→late"
    yield style(f"    {pad('session', room)} {heading}", bold=True)
    for number, session in enumerate(comparison.sessions):
        reliability = rows["reliability"]
        apart = "" if not number else points(reliability.differences[number - 1])
        early, late = (rows[name].values[number] for name in ("early_error_rate", "late_error_rate"))
        calls, errors = (rows[name].values[number] for name in ("calls", "errors"))
        run = "–" if early is None or late is None else f"{100 * early.value:.0f}→{100 * late.value:.0f} %"
        row = (
            f"{number + 1:>3} {pad(session.title or session.id, room)} {_score(rows, number):<18}{apart:<19}"
            f"{_count(calls):>6}{_count(errors):>7}  {run}"
        )
        yield clip(row, width).rstrip()
    yield from _reading(comparison, width)
    yield from _remarks(comparison, width)


class _Page:
    """Columns for two sessions: a label, one column each, their difference."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._cell = (width - 2 - LABEL - DIFFERENCE - 3) // 2

    def row(self, label: str, *cells: str, difference: str = "") -> str:
        """Return one line of a label, a cell for each session and their difference, cleaned and clipped."""
        shown = " ".join(pad(cell, self._cell) for cell in cells)
        return f"  {pad(label, LABEL)} {shown} {clip(difference, DIFFERENCE)}".rstrip()


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield style(text, bold=True)


def _figures(comparison: Comparison, page: _Page) -> Iterator[str]:
    rows = {row.name: row for row in comparison.figures}
    yield ""
    difference = points(rows["reliability"].differences[0])
    yield page.row("score", _score(rows, 0), _score(rows, 1), difference=difference)
    for row in figure_rows(comparison):
        if row.name != "reliability":
            label, first, second, difference = figure_text(row)
            yield page.row(label, first, second, difference=difference)
    types = [session.task_type or "–" for session in comparison.sessions]
    yield page.row("task type", *types)
    yield from _reading(comparison, page.width)


def _reading(comparison: Comparison, width: int) -> Iterator[str]:
    yield from (style(f"  {text}", dim=True) for text in _wrapped(comparison.reading, width - 2))


def _score(rows: dict[str, FigureRow], number: int) -> str:
    score, reliability = rows["score"].values[number], rows["reliability"].values[number]
    if reliability is None:
        return "–"
    return f"{'–' if score is None else score.value:>3} {rate_basis(reliability)}"


def _count(figure: FigureValue | None) -> str:
    return "–" if figure is None else f"{figure.value:,}"


def _groups(title: str, rows: Sequence[GroupRow], page: _Page) -> Iterator[str]:
    if not rows:
        return
    yield from _heading(title)
    for row in rows[:SHOWN]:
        label, first, second, difference = group_text(row)
        yield page.row(label, first, second, difference=difference)
    yield from _more(len(rows))


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield style(f"  and {count - SHOWN} more (--json lists all)", dim=True)


def _remarks(comparison: Comparison, width: int) -> Iterator[str]:
    if comparison.remarks:
        yield from _heading("Notable")
    for remark in comparison.remarks:
        first, *rest = _wrapped(display_line(remark.text), width - 4)
        yield f"  {first}"
        yield from (f"    {text}" for text in rest)


def _person(comparison: Comparison, page: _Page) -> Iterator[str]:
    patterns = comparison.user_patterns
    styles = list(style_texts(patterns))
    if not styles:
        return
    yield from _heading("The person")
    for label, first, second, _ in styles:
        yield page.row(label, first, second)
    for label, words in (("domains", patterns.domains), ("tools", patterns.preferred_tools)):
        parts = {
            "both": [row.text for row in words.common],
            **{
                name: [row.text for row in words.apart if number in row.sessions]
                for number, name in enumerate(_ONLY)
            },
        }
        said = "; ".join(f"{name}: {', '.join(found)}" for name, found in parts.items() if found)
        if said:
            yield f"  {pad(label, LABEL)} {clip(said, page.width - LABEL - 3)}"
    for name, corrections in zip(_ONLY, patterns.corrections, strict=True):
        for text in corrections:
            number = _ONLY.index(name)
            yield f"  {pad(f'corrected, {number + 1}', LABEL)} {clip(text, page.width - LABEL - 3)}"


def _owner(values: Iterable[object]) -> str:
    return next(name for name, value in zip(_ONLY, values, strict=True) if value)


def _parts(title: str, common: Sequence[str], apart: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    if not common and not apart:
        return
    yield from _heading(title)
    for name in ("both", *_ONLY):
        texts = list(common) if name == "both" else [text for owner, text in apart if owner == name]
        for text in texts[:SHOWN]:
            yield f"  {name:<12} {clip(text, width - 15)}"
        yield from _more(len(texts))


def _timeline(comparison: Comparison, width: int) -> Iterator[str]:
    steps = comparison.timeline.steps
    if not steps:
        return
    in_step = sum(step.in_step for step in steps)
    yield from _heading(f"Turn by turn ({in_step} of {len(steps)} steps alike)")
    yield from (style(f"  {text}", dim=True) for text in LEGEND)
    side = (width - 3) // 2
    for turn in comparison.timeline.turns:
        yield style(_turn(turn, side), bold=True)
        for step in steps[turn.first_step : turn.first_step + turn.steps]:
            first, second = (_call(call, side) for call in step.calls)
            # Trailing spaces would wrap in a terminal that is narrower than a line.
            yield f"{first} {step_mark(step)} {second}".rstrip()


def _turn(turn: TurnRow, side: int) -> str:
    if turn.turn < 0:
        return "before the first message"
    said = (pad("" if text is None else f"{turn.turn + 1} “{text}”", side) for text in turn.asked)
    return "   ".join(said).rstrip()


def _call(call: StepCall | None, side: int) -> str:
    if call is None:
        return " " * side
    arrow = {"failed": "↘", "fixed": "↗", None: " "}[call.recovery]
    return f"{call.index + 1:>5} {SIGNS[call.outcome]}{arrow} {pad(f'{call.tool} {call.about}', side - 9)}"


def _wrapped(text: str, columns: int) -> Iterator[str]:
    """Cut cleaned text at spaces into lines of at most this many cells."""
    current = ""
    for word in text.split():
        if current and cell_len(current) + 1 + cell_len(word) > columns:
            yield current
            current = ""
        current = f"{current} {word}" if current else clip(word, columns)
    yield current
