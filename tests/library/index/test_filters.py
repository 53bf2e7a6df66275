from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest
from case_tables import cases
from indexed_session import fits

from warmtui.analysis.filters import Filter, parse

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC).timestamp()


def asked(text: str, **more: Any) -> Filter:
    found = parse(text, now=NOW, **more)
    assert found.problems == ()
    return found


@cases("library/index/data/error_filters.jsonl")
def test_errors_are_counted_or_shared(row: Any, text: str, ok: int, errors: int, expected: bool) -> None:
    assert fits(asked(text), row(ok=ok, errors=errors)) is expected
    assert fits(asked(f"-{text}"), row(ok=ok, errors=errors)) is not expected


def test_a_share_of_nothing_is_neither_small_nor_great(row: Any) -> None:
    nothing = row(calls=3, housekeeping=3)
    assert not fits(asked("errors<5%"), nothing)
    assert not fits(asked("errors>5%"), nothing)
    assert fits(asked("errors<5"), nothing)


def test_a_score_that_is_not_known_fits_no_comparison(row: Any) -> None:
    few = row(ok=4)
    assert few.score is None
    for text in ("score<101", "score>0", "score>=0", "score<=100", "score:0"):
        text = text.replace("101", "100")
        assert not fits(asked(text), few)
    assert fits(asked("score>90 score<=100%"), row(ok=19, errors=1))
    assert not fits(asked("score>95"), row(ok=19, errors=1))


def test_messages_and_calls_are_compared(row: Any) -> None:
    assert fits(asked("messages>1,000 calls<2000"), row(messages=1001, ok=1999))
    assert not fits(asked("messages>1,000"), row(messages=1000))
    assert not fits(asked("calls<2000"), row(ok=2000))
    assert fits(asked("messages:10"), row())
    assert fits(asked("MESSAGES>=9.5"), row())


def test_terms_are_and_and_commas_are_or(row: Any) -> None:
    cron, cli, none = row(channel="cron"), row(channel="CLI"), row()
    assert [fits(asked("channel:cli,telegram"), row) for row in (cron, cli, none)] == [False, True, False]
    assert [fits(asked("-channel:cron,tele"), row) for row in (cron, cli, none)] == [False, True, True]
    assert not fits(asked("channel:cli channel:telegram"), cli)
    assert fits(asked("channel:cli,"), cli)


def test_texts_match_any_part_in_any_case(row: Any) -> None:
    session = row(agent="claude-code", model="Claude-Opus-4", title='Straße: two words, "quoted"')
    for text in (
        "agent:claude",
        "model:OPUS",
        "title:STRASSE",
        'title:"two words"',
        'title:"words, ""quoted"',
        'title:x,"two w',
        'title:"two wor"ds',
    ):
        assert fits(asked(text), session), text
    for text in ("agent:codex", "model:sonnet", 'title:"words two"', "title:two,words -title:two"):
        assert not fits(asked(text), session), text


def test_empty_quotes_ask_for_an_empty_field(row: Any) -> None:
    titled, untitled, blank = row(title="x"), row(), row(title="")
    assert [fits(asked('title:""'), row) for row in (titled, untitled, blank)] == [False, True, True]
    assert [fits(asked('-title:""'), row) for row in (titled, untitled, blank)] == [True, False, False]
    assert fits(asked('type:""'), untitled)
    assert not fits(asked('type:""'), row(task_type="code"))
    assert fits(asked('title:"",x'), untitled)


def test_types_match_by_their_beginning_too(row: Any) -> None:
    assert fits(asked("type:co"), row(task_type="code"))
    assert fits(asked("type:code,file"), row(task_type="file"))
    assert not fits(asked("type:code"), row())


def test_tools_come_from_outside(row: Any) -> None:
    terminal, patch = frozenset({"terminal", "read_file"}), frozenset({"Patch"})
    assert fits(asked("tool:term"), row(tools=terminal))
    assert fits(asked("tool:PATCH,term"), row(tools=patch))
    assert fits(asked("tool:patch"), row(tools={"patch": 3}))
    assert not fits(asked("tool:term"), row(tools=patch))
    assert not fits(asked("tool:term tool:patch"), row(tools=terminal))
    assert fits(asked("-tool:term"), row(tools=patch))
    assert fits(asked('tool:""'), row(tools=()))
    assert not fits(asked('tool:""'), row(tools=patch))


def test_what_is_not_known_yet_fits_nothing(row: Any) -> None:
    for text in ("tool:x", "-tool:x", 'tool:""', '-tool:""', "messages>1", "-messages>1"):
        assert not fits(asked(text), row(judged=False, channel="cli"))
    assert fits(asked("channel:cli"), row(judged=False, channel="cli"))


@cases("library/index/data/folder_filters.jsonl")
def test_folders_match_by_their_beginning(row: Any, text: str, cwd: str, expected: bool) -> None:
    assert fits(asked(text, home="/home/u/"), row(cwd=cwd)) is expected
    assert not fits(asked(text, home="/home/u"), row())


def times(text: str, row: Any, **more: Any) -> list[int]:
    """Which of these hours before NOW fit: today 15:30 and before."""
    hours = (0, 12, 16, 24, 39, 40, 7 * 24, 8 * 24)
    one = asked(text, **more)
    return [hour for hour in hours if fits(one, row(last_active_at=NOW - hour * 3600))]


def test_ages_count_from_now(row: Any) -> None:
    assert times("since:12h", row) == [0, 12]
    assert times("since:7D", row) == [0, 12, 16, 24, 39, 40, 168]
    assert times("until:1w", row) == [168, 192]
    assert times("-since:1d", row) == [39, 40, 168, 192]


def test_days_begin_at_midnight_and_until_holds_its_day(row: Any) -> None:
    assert times("since:today", row) == [0, 12]
    assert times("since:yesterday until:yesterday", row) == [16, 24, 39]
    assert times("until:today", row) == [0, 12, 16, 24, 39, 40, 168, 192]
    assert times("until:2026-11-19", row) == times("until:Yesterday", row)
    assert times("since:2026-11-19", row) == times("since:yesterday", row)
    assert times("since:2026-11 until:2026-11", row) == [0, 12, 16, 24, 39, 40, 168, 192]
    assert times("since:2026 until:2026", row) == [0, 12, 16, 24, 39, 40, 168, 192]
    assert times("until:2026-10", row) == times("since:2027", row) == []


def test_days_are_those_of_the_given_zone(row: Any) -> None:
    east = timezone(timedelta(hours=9))  # there it is half past midnight
    assert times("since:today", row, zone=east) == [0]
    assert times("until:yesterday", row, zone=east) == [12, 16, 24, 39, 40, 168, 192]


class Berlin(tzinfo):
    """Two hours ahead, and one from 2026-10-25 03:00 on."""

    def utcoffset(self, at: datetime | None) -> timedelta:
        assert at is not None
        return timedelta(hours=2 if at.replace(tzinfo=None) < datetime(2026, 10, 25, 3) else 1)  # noqa: DTZ001

    def dst(self, at: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, at: datetime | None) -> str:
        return "Berlin"


def test_a_day_of_25_hours_is_whole(row: Any) -> None:
    one = asked("since:2026-10-25 until:2026-10-25", zone=Berlin())
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp()
    found = [fits(one, row(last_active_at=midnight + hour * 3600)) for hour in (-1, 0, 24, 25)]
    assert found == [False, True, True, False]


def test_a_session_without_rows_has_the_time_of_its_start(row: Any) -> None:
    assert fits(asked("since:1d"), row(started_at=NOW))
    assert not fits(asked("since:1d"), row())
    assert not fits(asked("until:1d"), row())
    assert not fits(asked("since:1d"), row(last_active_at=float("nan")))


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12", "9999", "0001-01-01", "0001"])
@pytest.mark.parametrize("hours", [-14, 0, 14])
def test_the_ends_of_the_calendar_are_days_too(row: Any, day: str, hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    late = day.startswith("9")
    assert fits(asked(f"since:{day}", zone=zone), row(last_active_at=NOW)) is not late
    assert fits(asked(f"until:{day}", zone=zone), row(last_active_at=NOW)) is late
