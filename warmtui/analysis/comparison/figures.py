"""Figures side by side, each with its difference and, where it is a rate, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from warmtui.analysis.comparison.intervals import Estimate, minus, share
from warmtui.analysis.error_rate import FIFTH
from warmtui.analysis.tools import TASK_TYPES
from warmtui.model.comparison import Difference, FigureKind, FigureRow, FigureValue, GroupCell, GroupRow
from warmtui.model.profile import Profile, ToolStats
from warmtui.model.stats import Rate, TaskType, rate


def figures_of(profiles: Sequence[Profile]) -> tuple[FigureRow, ...]:
    """Put the figures of sessions side by side.

    Args:
        profiles: of the sessions.

    Returns:
        Rates first, then the change within each session, then the counts. The interval of early and of
        late is Wilson's over that fifth of the calls; that of the gain and of every difference is made as
        `intervals.minus` says.
    """
    rows: list[FigureRow] = []
    for name, kind, estimate in _ESTIMATES:
        values = [estimate(profile) for profile in profiles]
        counted = [_counted(name, profile) for profile in profiles]
        rows.append(
            FigureRow(
                name=name,
                kind=kind,
                values=tuple(
                    None if one is None else FigureValue(value=one.value, low=one.low, high=one.high, n=n)
                    for one, n in zip(values, counted, strict=True)
                ),
                differences=tuple(_difference(values[0], other) for other in values[1:]),
            )
        )
    for name, count in _COUNTS.items():
        numbers = [count(profile) for profile in profiles]
        rows.append(
            FigureRow(
                name=name,
                kind="count",
                values=tuple(None if one is None else FigureValue(value=one) for one in numbers),
                differences=tuple(_count_difference(numbers[0], other) for other in numbers[1:]),
            )
        )
    return tuple(rows)


def _counted(name: str, profile: Profile) -> int | None:
    if profile.reliability is None or name == "gain":
        return None
    return profile.reliability.n if name == "reliability" else _fifth(profile.reliability.n)


def _fifth(n: int) -> int:
    return max(1, n // FIFTH)


def _reliability(profile: Profile) -> Estimate | None:
    return _estimate(profile.reliability)


def _estimate(one: Rate | None) -> Estimate | None:
    return None if one is None else Estimate(one.value, one.low, one.high)


def _of_a_fifth(value: float | None, profile: Profile) -> Estimate | None:
    if value is None or profile.reliability is None:
        return None
    n = _fifth(profile.reliability.n)
    return share(round(value * n), n)


def _early(profile: Profile) -> Estimate | None:
    return _of_a_fifth(profile.early_error_rate, profile)


def _late(profile: Profile) -> Estimate | None:
    return _of_a_fifth(profile.late_error_rate, profile)


def _gain(profile: Profile) -> Estimate | None:
    early, late = _early(profile), _late(profile)
    return None if early is None or late is None else minus(late, early)


_ESTIMATES: tuple[tuple[str, FigureKind, Callable[[Profile], Estimate | None]], ...] = (
    ("reliability", "rate", _reliability),
    ("early_error_rate", "rate", _early),
    ("late_error_rate", "rate", _late),
    ("gain", "change", _gain),
)
_COUNTS: dict[str, Callable[[Profile], int | None]] = {
    "score": lambda one: one.score,
    "messages": lambda one: one.messages,
    "turns": lambda one: one.turns,
    "calls": lambda one: one.calls,
    "ok": lambda one: one.outcomes["ok"],
    "errors": lambda one: one.outcomes["error"],
    "denied": lambda one: one.outcomes["denied"],
    "interrupted": lambda one: one.outcomes["interrupted"],
    "unknown": lambda one: one.outcomes["unknown"],
    "pending": lambda one: one.outcomes["pending"],
    "findings": lambda one: one.findings,
    "weak": lambda one: one.weak,
    "repeated": lambda one: one.repeated,
    "housekeeping": lambda one: sum(one.housekeeping.values()),
    "recoveries": lambda one: len(one.recoveries),
    "worth": lambda one: one.worth,
}


def _difference(first: Estimate | None, other: Estimate | None) -> Difference | None:
    if first is None or other is None:
        return None
    value, low, high = minus(first, other)
    return Difference(value=value, low=low, high=high)


def _count_difference(first: int | None, other: int | None) -> Difference | None:
    return None if first is None or other is None else Difference(value=first - other)


def tools_of(profiles: Sequence[Profile]) -> tuple[GroupRow, ...]:
    """Put the tools of sessions side by side, those used most in all of them first."""
    types = {tool.tool: tool.task_type for profile in profiles for tool in profile.tools}
    rows = [
        _group(name, task_type, [[t for t in profile.tools if t.tool == name] for profile in profiles])
        for name, task_type in types.items()
    ]
    return tuple(sorted(rows, key=lambda row: -sum(cell.calls for cell in row.cells if cell)))


def task_types_of(profiles: Sequence[Profile]) -> tuple[GroupRow, ...]:
    """Put the task types of sessions side by side, those of which any has a call."""
    rows = (
        _group(group, group, [[t for t in profile.tools if t.task_type == group] for profile in profiles])
        for group in TASK_TYPES
    )
    return tuple(row for row in rows if any(row.cells))


def _group(name: str, task_type: TaskType, tools: Iterable[Sequence[ToolStats]]) -> GroupRow:
    cells = [_cell(of_one) for of_one in tools]
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
    ok, errors = sum(one.ok for one in tools), sum(one.errors for one in tools)
    found = rate(ok, ok + errors)
    return GroupCell(
        calls=sum(one.calls for one in tools),
        ok=ok,
        errors=errors,
        findings=sum(one.findings for one in tools),
        reliability=found,
    )
