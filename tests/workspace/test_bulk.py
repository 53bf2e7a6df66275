"""Judging many sessions in jobs: the same figures whoever does them and however the rows lie."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.stats import count
from warmtui.model.stats import NO_STATS, SessionStats
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.workspace import bulk
from warmtui.workspace.bulk import Crew, Job, Judged, judge_job, plan

NOW = 2_000_000_000.0
OK = '{"output": "", "exit_code": 0, "error": null}'
FAILED = '{"output": "no", "exit_code": 2, "error": null}'


def history(path: Path, sessions: int = 30, calls: int = 6, *, side_by_side: bool = True) -> HermesDatabase:
    """Write sessions, side by side so that their rows lie between each other's, or one after the other."""
    db = hermes.create(path)
    for number in range(sessions):
        hermes.session(db, f"s{number:02}", started_at=1_000.0 + number)
        hermes.said(db, f"s{number:02}", "user", f"words {number}")
    order = [(number, call) for call in range(calls) for number in range(sessions)]
    for number, call in order if side_by_side else sorted(order):
        hermes.called(db, f"s{number:02}", (f"c{call}", "terminal", {"command": f"make {call}"}))
        hermes.answered(db, f"s{number:02}", f"c{call}", FAILED if call == number % 7 else OK)
    db.commit()
    db.close()
    return HermesDatabase(path)


def expected(source: HermesDatabase) -> dict[str, SessionStats]:
    sessions = source.read([one.id for one in source.listing().headers if one.rows])
    return {one.header.id: count(one, judge_calls(one, now=NOW)) for one in sessions}


def figures(judged: Sequence[Judged]) -> dict[str, SessionStats]:
    assert len({one.id for one in judged}) == len(judged), "no session is judged twice"
    return {one.id: one.figures for one in judged}


def jobs_of(source: HermesDatabase) -> list[Job]:
    return plan(source, [one for one in source.listing().headers if one.rows], NOW, False)


@pytest.mark.parametrize("rows", [1, 7, 100, 8_192])
def test_jobs_of_any_size_give_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(bulk, "JOB_ROWS", rows)
    source = history(tmp_path / "state.db")
    jobs = jobs_of(source)
    judged = [one for job in jobs for one in judge_job(source, job)]
    assert figures(judged) == expected(source)
    source.close()


def test_recordings_with_compactions_and_rewinds_give_the_same_figures(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    judged = [one for job in jobs_of(source) for one in judge_job(source, job)]
    assert figures(judged) == expected(source)
    source.close()


def test_damaged_rows_cost_their_own_session_only(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    history(path, sessions=40, calls=12, side_by_side=False).close()
    raw = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(raw.index(b"make 7", len(raw) * 3 // 4) // 4096 * 4096)
        file.write(b"\xff" * 4096)
    source = HermesDatabase(path)
    judged = [one for job in jobs_of(source) for one in judge_job(source, job)]
    source.close()
    broken = [one for one in judged if one.problems]
    assert 0 < len(broken) < len(judged) / 2
    assert all("damaged" in one.problems[0].text for one in broken)
    assert all(one.figures.calls == 12 for one in judged if not one.problems)


def test_helpers_do_what_the_owner_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "JOB_ROWS", 20)
    source = history(tmp_path / "state.db", side_by_side=False)
    jobs = jobs_of(source)
    assert len(jobs) > 3
    judged: list[Judged] = []
    with closing(Crew(jobs, 2)) as team:
        while team.busy or not judged:
            answer = team.answers.get(timeout=60)
            judged += answer[1] if answer else ()
        while not team.answers.empty():
            answer = team.answers.get()
            judged += answer[1] if answer else ()
        assert team.take() is None
    assert figures(judged) == expected(source)
    source.close()


def test_what_a_killed_helper_had_not_answered_is_left_to_others(tmp_path: Path) -> None:
    source = history(tmp_path / "state.db")
    jobs = jobs_of(source)
    team = Crew(jobs * 50, 1)
    os.kill(team._helpers[0].pid, signal.SIGKILL)
    answered = 0
    while team.answers.get(timeout=60) is not None:
        answered += 1
    assert not team.busy
    left = 0
    while team.take() is not None:
        left += 1
    assert answered + left == len(jobs) * 50
    team.close()
    source.close()


def test_a_source_that_is_gone_gives_the_job_back(tmp_path: Path) -> None:
    source = history(tmp_path / "state.db")
    jobs = jobs_of(source)
    source.close()
    team = Crew([job._replace(path=str(tmp_path / "gone.db")) for job in jobs], 1)
    assert team.answers.get(timeout=60) is None
    assert team.take() is not None
    team.close()


def test_closing_ends_the_helpers_at_once(tmp_path: Path) -> None:
    source = history(tmp_path / "state.db")
    team = Crew(jobs_of(source) * 1_000, 1)
    team.close()
    assert team._helpers[0].poll() is not None
    deadline = time.monotonic() + 60
    while team.busy and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not team.busy
    assert team.take() is None
    source.close()


def test_jobs_are_cut_in_the_order_of_the_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "JOB_ROWS", 5)
    db = hermes.create(tmp_path / "state.db")
    for number, (name, rows) in enumerate(
        (("a", 4), ("b", 5), ("c", 3), ("d", 2), ("long", 12), ("newest", 2))
    ):
        hermes.session(db, name, started_at=float(number))
        for _ in range(rows):
            hermes.said(db, name, "user", "words")
    source = HermesDatabase(tmp_path / "state.db")
    jobs = plan(source, source.listing().headers, NOW, False)
    assert [job.ids for job in jobs] == [("newest", "long"), ("d", "c"), ("b",), ("a",)]
    source.close()
    db.close()


def test_a_session_that_went_away_has_no_figures(tmp_path: Path) -> None:
    source = history(tmp_path / "state.db", sessions=2)
    (job,) = jobs_of(source)
    judged = list(judge_job(source, job._replace(ids=("s01", "gone"))))
    assert [(session.id, session.figures == NO_STATS) for session in judged] == [
        ("s01", False),
        ("gone", True),
    ]
    source.close()
