"""Figures side by side, each with its difference; rates also with intervals, in closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import sqrt
from typing import NamedTuple

from warmtui.analysis.stats import FIFTH
from warmtui.analysis.tools import TASK_TYPES
from warmtui.model.comparison import Difference, FigureKind, FigureRow, FigureValue, GroupCell, GroupRow
from warmtui.model.profile import Profile, ToolStats
from warmtui.model.stats import Rate, TaskType, rate, wilson


class Estimate(NamedTuple):
    """A value with its 95 % interval, `low <= value <= high`."""

    value: float
    low: float
    high: float


def share(part: int, n: int) -> Estimate:
    """Return part / n with its Wilson interval; `n` is at least 1.

    Raises:
        ValueError: not 0 <= part <= n, or n is 0.
    """
    if not n:
        raise ValueError("a share of nothing has no value")
    low, high = wilson(part, n)
    return Estimate(part / n, low, high)


def minus(first: Estimate, second: Estimate) -> Estimate:
    """Return the difference of two independent estimates, its interval by squaring and adding.

    For two shares with Wilson intervals it is method 10 of R. G. Newcombe, "Interval estimation for the
    difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17
    (1998), 873-890. For any two estimates it is the same construction, after G. Y. Zou and A. Donner,
    "Construction of confidence limits about effect measures: a general approach", Statistics in Medicine
    27 (2008), 1693-1702; so differences of differences have an interval too.

    >>> low, high = minus(share(56, 70), share(48, 80))[1:]
    >>> f"{low:.4f} {high:.4f}"
    '0.0524 0.3339'
    """
    value = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Estimate(value, value - below, value + above)


def figures_of(profiles: Sequence[Profile]) -> tuple[FigureRow, ...]:
    """Put the figures of sessions side by side: rates, then the change within each session, then counts.

    The intervals of the early and the late rate are Wilson's over that fifth of the calls; those of the gain
    and of every difference come from `minus`.
    """
    rows: list[FigureRow] = []
    estimates = [_estimates(profile) for profile in profiles]
    for name, kind in _KINDS.items():
        figures = [of_session.get(name, _NO_FIGURE) for of_session in estimates]
        rows.append(
            FigureRow(
                name=name,
                kind=kind,
                values=tuple(
                    None if estimate is None else FigureValue(**estimate._asdict(), n=n)
                    for estimate, n in figures
                ),
                differences=tuple(_difference(figures[0][0], other) for other, _ in figures[1:]),
            )
        )
    for name, count in _COUNTS.items():
        numbers = [count(profile) for profile in profiles]
        rows.append(
            FigureRow(
                name=name,
                kind="count",
                values=tuple(None if number is None else FigureValue(value=number) for number in numbers),
                differences=tuple(_count_difference(numbers[0], other) for other in numbers[1:]),
            )
        )
    return tuple(rows)


_KINDS: dict[str, FigureKind] = {
    "reliability": "rate",
    "early_error_rate": "rate",
    "late_error_rate": "rate",
    "gain": "change",
}
_NO_FIGURE = (None, None)


def _estimates(profile: Profile) -> dict[str, tuple[Estimate | None, int | None]]:
    """Return the estimates of a session by name, each with the number of calls it was counted over."""
    overall = profile.reliability
    if overall is None:
        return {}
    n = max(1, overall.n // FIFTH)
    early, late = (
        # the profile keeps the share alone, so the failed calls are counted back from it
        None if value is None else share(round(value * n), n)
        for value in (profile.early_error_rate, profile.late_error_rate)
    )
    return {
        "reliability": (_estimate(overall), overall.n),
        "early_error_rate": (early, n),
        "late_error_rate": (late, n),
        "gain": (None if early is None or late is None else minus(late, early), None),
    }


def _estimate(found: Rate | None) -> Estimate | None:
    return None if found is None else Estimate(found.value, found.low, found.high)


_COUNTS: dict[str, Callable[[Profile], int | None]] = {
    "score": lambda profile: profile.score,
    "messages": lambda profile: profile.messages,
    "turns": lambda profile: profile.turns,
    "calls": lambda profile: profile.calls,
    "ok": lambda profile: profile.outcomes["ok"],
    "errors": lambda profile: profile.outcomes["error"],
    "denied": lambda profile: profile.outcomes["denied"],
    "interrupted": lambda profile: profile.outcomes["interrupted"],
    "unknown": lambda profile: profile.outcomes["unknown"],
    "pending": lambda profile: profile.outcomes["pending"],
    "findings": lambda profile: profile.findings,
    "weak": lambda profile: profile.weak,
    "repeated": lambda profile: profile.repeated,
    "housekeeping": lambda profile: sum(profile.housekeeping.values()),
    "recoveries": lambda profile: len(profile.recoveries),
    "worth": lambda profile: profile.worth,
}


def _difference(first: Estimate | None, other: Estimate | None) -> Difference | None:
    if first is None or other is None:
        return None
    value, low, high = minus(first, other)
    return Difference(value=value, low=low, high=high)


def _count_difference(first: int | None, other: int | None) -> Difference | None:
    return None if first is None or other is None else Difference(value=first - other)


def tools_of(profiles: Sequence[Profile]) -> tuple[GroupRow, ...]:
    """Put the tools of sessions side by side, most used first."""
    types = {tool.tool: tool.task_type for profile in profiles for tool in profile.tools}
    rows = [
        _group(name, task_type, [[t for t in profile.tools if t.tool == name] for profile in profiles])
        for name, task_type in types.items()
    ]
    return tuple(sorted(rows, key=lambda row: -sum(cell.calls for cell in row.cells if cell)))


def task_types_of(profiles: Sequence[Profile]) -> tuple[GroupRow, ...]:
    """Put the task types of sessions side by side; unused ones are left out."""
    rows = (
        _group(group, group, [[t for t in profile.tools if t.task_type == group] for profile in profiles])
        for group in TASK_TYPES
    )
    return tuple(row for row in rows if any(row.cells))


def _group(name: str, task_type: TaskType, tools: Iterable[Sequence[ToolStats]]) -> GroupRow:
    cells = [_cell(used) for used in tools]
    rates = [None if cell is None else _estimate(cell.reliability) for cell in cells]
    return GroupRow(
        name=name,
        task_type=task_type,
        cells=tuple(cells),
        differences=tuple(_difference(rates[0], other) for other in rates[1:]),
    )


def _cell(tools: Sequence[ToolStats]) -> GroupCell | None:
    if not tools:
        return None
    ok, errors = sum(tool.ok for tool in tools), sum(tool.errors for tool in tools)
    return GroupCell(
        calls=sum(tool.calls for tool in tools),
        ok=ok,
        errors=errors,
        findings=sum(tool.findings for tool in tools),
        reliability=rate(ok, ok + errors),
    )
