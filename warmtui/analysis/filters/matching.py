"""One test per term: closures, because a list asks them once per session at every key."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from operator import attrgetter
from typing import Any

from warmtui.analysis.filters.moments import Span
from warmtui.analysis.filters.records import Comparison, Test
from warmtui.model.summary import SessionSummary

_COMPARE: dict[Comparison, Callable[[Any, Any], bool]] = {
    ":": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXT: dict[str, Callable[[SessionSummary], str | None]] = {
    "agent": attrgetter("header.agent"),
    "channel": attrgetter("header.channel"),
    "model": attrgetter("header.model"),
    "title": attrgetter("header.title"),
    "cwd": attrgetter("header.cwd"),
    "type": attrgetter("task_type"),
}


def number_test(field: str, comparison: Comparison, bound: float) -> Test:
    """Compare a figure; one that is not known (a score below five calls) fits nothing."""
    get: Callable[[SessionSummary], int | None] = attrgetter(field)
    compare = _COMPARE[comparison]
    if field != "score":
        return lambda row, tools: compare(get(row), bound)

    def test(row: SessionSummary, tools: Collection[str] | None) -> bool:
        value = get(row)
        return value is not None and compare(value, bound)

    return test


def share_test(comparison: Comparison, percent: int, scale: int) -> Test:
    """Compare errors / (ok + errors) with `percent / scale` per cent; no judged call fits nothing.

    In whole numbers, because 1 − 0.95 is more than 0.05.
    """
    compare = _COMPARE[comparison]

    def test(row: SessionSummary, tools: Collection[str] | None) -> bool:
        judged = row.ok + row.errors
        return judged > 0 and compare(100 * scale * row.errors, percent * judged)

    return test


def text_test(field: str, value: str) -> Test:
    """Look for a part of a text, in any case."""
    part = value.casefold()
    if field == "tool":
        return _tool_test(part)
    get = _TEXT[field]

    def test(row: SessionSummary, tools: Collection[str] | None) -> bool:
        text = get(row)
        return text is not None and part in text.casefold()

    return test


def _tool_test(part: str) -> Test:
    verdicts: dict[str, bool] = {}
    """By tool: a history has few tools and many sessions."""

    def test(row: SessionSummary, tools: Collection[str] | None) -> bool:
        for one in tools or ():
            fits = verdicts.get(one)
            if fits is None:
                fits = verdicts[one] = part in one.casefold()
            if fits:
                return True
        return False

    return test


def empty_test(field: str) -> Test:
    """Fit a session whose field is empty or not known, or that used no tool."""
    if field == "tool":
        return lambda row, tools: tools is not None and not tools
    get = _TEXT[field]
    return lambda row, tools: not get(row)


def folder_test(value: str, home: str | None) -> Test:
    """Compare the beginning of the working folder, or of the name of a folder in it."""
    if home is not None and (value == "~" or value.startswith("~/")):
        value = home.rstrip("/") + value[1:]
    part = value.casefold()
    inside = f"/{part}"

    def test(row: SessionSummary, tools: Collection[str] | None) -> bool:
        cwd = row.header.cwd
        if cwd is None:
            return False
        cwd = cwd.casefold() + "/"
        return cwd.startswith(part) or (inside in cwd and not part.startswith("/"))

    return test


def moment_test(field: str, span: Span) -> Test:
    """Compare when a session was last active, or else began; one without a time fits nothing.

    `since` takes the start of a day and what follows, `until` its end and what came before.
    """
    start, end = span
    exact = start == end

    def test(row: SessionSummary, tools: Collection[str] | None) -> bool:
        header = row.header
        at = header.started_at if header.last_active_at is None else header.last_active_at
        if at is None:
            return False
        if field == "since":
            return at >= start
        return at <= end if exact else at < end

    return test
