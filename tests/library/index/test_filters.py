"""Which sessions a filter selects, asked of the index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from case_tables import cases

from warmtui.analysis.filters import parse
from warmtui.analysis.stats import score_of
from warmtui.library.index import IndexedStats, IndexReader, SessionIndex
from warmtui.model.conditions import Selection
from warmtui.model.session import SessionHeader
from warmtui.model.stats import NO_STATS, rate

SOURCE = "/somewhere/state.db"
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC).timestamp()


def selects(
    text: str,
    *,
    home: str | None = None,
    zone: tzinfo = UTC,
    judged: bool = True,
    tools: Collection[str] = (),
    **values: Any,
) -> bool:
    """Tell whether a filter selects a session of these values; `ok` and `errors` make its score."""
    found = parse(text, now=NOW, home=home, zone=zone)
    assert found.problems == ()
    named = {name: values.pop(name) for name in SessionHeader._fields if name in values}
    header = SessionHeader("s1", "hermes", SOURCE, rows=10, stamp="1")._replace(**named)
    ok, errors = values.get("ok", 0), values.get("errors", 0)
    figures = {"messages": 10, "calls": ok + errors, "score": score_of(rate(ok, ok + errors)), **values}
    index = SessionIndex(None, "test")
    index.sync(SOURCE, [header])
    if judged:
        stats = NO_STATS._replace(tools=frozenset(tools), **figures)
        index.store(SOURCE, [IndexedStats(header.id, header.stamp, stats, ())])
    selection = Selection(found.conditions, judged=found.judged)
    selected = IndexReader(index).select([SOURCE], selection)
    index.close()
    return len(selected.numbers) == 1


@cases("library/index/data/error_filters.jsonl")
def test_errors_are_counted_or_shared(text: str, ok: int, errors: int, expected: bool) -> None:
    assert selects(text, ok=ok, errors=errors) is expected
    assert selects(f"-{text}", ok=ok, errors=errors) is not expected


@cases("library/index/data/folder_filters.jsonl")
def test_folders_match_by_their_beginning(text: str, cwd: str, expected: bool) -> None:
    assert selects(text, home="/home/u/", cwd=cwd) is expected
    assert not selects(text, home="/home/u")


@cases("library/index/data/filters.jsonl")
def test_a_filter_selects_a_session_or_not(filter_text: str, session: dict[str, Any], fits: bool) -> None:
    assert selects(filter_text, **session) is fits


def test_few_calls_give_no_score() -> None:
    assert score_of(rate(4, 4)) is None


def times(text: str, zone: tzinfo = UTC) -> list[int]:
    """Return which of these hours before NOW fit: today 15:30 and before."""
    hours = (0, 12, 16, 24, 39, 40, 7 * 24, 8 * 24)
    return [hour for hour in hours if selects(text, zone=zone, last_active_at=NOW - hour * 3600)]


def test_ages_count_from_now() -> None:
    assert times("since:12h") == [0, 12]
    assert times("since:7D") == [0, 12, 16, 24, 39, 40, 168]
    assert times("until:1w") == [168, 192]
    assert times("-since:1d") == [39, 40, 168, 192]


def test_days_begin_at_midnight_and_until_holds_its_day() -> None:
    assert times("since:today") == [0, 12]
    assert times("since:yesterday until:yesterday") == [16, 24, 39]
    assert times("until:today") == [0, 12, 16, 24, 39, 40, 168, 192]
    assert times("until:2026-11-19") == times("until:Yesterday")
    assert times("since:2026-11-19") == times("since:yesterday")
    assert times("since:2026-11 until:2026-11") == [0, 12, 16, 24, 39, 40, 168, 192]
    assert times("since:2026 until:2026") == [0, 12, 16, 24, 39, 40, 168, 192]
    assert times("until:2026-10") == times("since:2027") == []


def test_days_are_those_of_the_given_zone() -> None:
    east = timezone(timedelta(hours=9))  # there it is half past midnight
    assert times("since:today", zone=east) == [0]
    assert times("until:yesterday", zone=east) == [12, 16, 24, 39, 40, 168, 192]


class Berlin(tzinfo):
    """Two hours ahead, and one from 2026-10-25 03:00 on."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        assert at is not None
        return timedelta(hours=2 if at.replace(tzinfo=None) < datetime(2026, 10, 25, 3) else 1)  # noqa: DTZ001

    def dst(self, at: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, at: datetime | None) -> str:
        return "Berlin"


def test_a_day_of_25_hours_is_whole() -> None:
    text = "since:2026-10-25 until:2026-10-25"
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp()
    found = [selects(text, zone=Berlin(), last_active_at=midnight + hour * 3600) for hour in (-1, 0, 24, 25)]
    assert found == [False, True, True, False]


def test_a_session_without_rows_has_the_time_of_its_start() -> None:
    assert selects("since:1d", started_at=NOW)
    assert not selects("since:1d")
    assert not selects("until:1d")
    assert not selects("since:1d", last_active_at=float("nan"))


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12", "9999", "0001-01-01", "0001"])
@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_the_ends_of_the_calendar_are_days_too(day: str, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    late = day.startswith("9")
    assert selects(f"since:{day}", zone=zone, last_active_at=NOW) is not late
    assert selects(f"until:{day}", zone=zone, last_active_at=NOW) is late
