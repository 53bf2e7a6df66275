"""Judging many sessions in jobs: the same figures whoever does them and however the rows lie."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.stats import count
from warmtui.library.index import IndexedStats
from warmtui.model.stats import NO_STATS, SessionStats
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.workspace import judging_jobs
from warmtui.workspace.judging_jobs import Job, judge_in_worker, judge_job, plan_jobs

pytestmark = pytest.mark.slow

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
    sessions = source.read([header.id for header in source.listing().headers if header.rows])
    return {session.header.id: count(session, judge_calls(session, now=NOW)) for session in sessions}


def figures(judged: Sequence[IndexedStats]) -> dict[str, SessionStats]:
    assert len({session.id for session in judged}) == len(judged), "no session is judged twice"
    return {session.id: session.stats for session in judged}


def jobs_of(source: HermesDatabase) -> list[Job]:
    return plan_jobs(source.path, [header for header in source.listing().headers if header.rows], NOW, False)


@pytest.mark.parametrize("rows", [1, 7, 100, 8_192])
def test_jobs_of_any_size_give_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(judging_jobs, "JOB_ROWS", rows)
    source = history(tmp_path / "state.db")
    jobs = jobs_of(source)
    judged = [session for job in jobs for session in judge_job(source, job)]
    assert figures(judged) == expected(source)
    source.close()


def test_recordings_with_compactions_and_rewinds_give_the_same_figures(recordings: Path) -> None:
    source = HermesDatabase(recordings)
    judged = [session for job in jobs_of(source) for session in judge_job(source, job)]
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
    judged = [session for job in jobs_of(source) for session in judge_job(source, job)]
    source.close()
    broken = [session for session in judged if session.problems]
    assert 0 < len(broken) < len(judged) / 2
    assert all("damaged" in session.problems[0].text for session in broken)
    assert all(session.stats.calls == 12 for session in judged if not session.problems)


def test_jobs_are_cut_in_the_order_of_the_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_jobs, "JOB_ROWS", 5)
    db = hermes.create(tmp_path / "state.db")
    for number, (name, rows) in enumerate(
        (("a", 4), ("b", 5), ("c", 3), ("d", 2), ("long", 12), ("newest", 2))
    ):
        hermes.session(db, name, started_at=float(number))
        for _ in range(rows):
            hermes.said(db, name, "user", "words")
    source = HermesDatabase(tmp_path / "state.db")
    jobs = plan_jobs(source.path, source.listing().headers, NOW, False)
    assert [tuple(job.stamps) for job in jobs] == [("newest", "long"), ("d", "c"), ("b",), ("a",)]
    source.close()
    db.close()


def test_a_session_that_went_away_has_no_figures(tmp_path: Path) -> None:
    source = history(tmp_path / "state.db", sessions=2)
    (job,) = jobs_of(source)
    judged = list(judge_job(source, job._replace(stamps={"s01": "1", "gone": "1"})))
    assert [(session.id, session.stats == NO_STATS) for session in judged] == [("s01", False), ("gone", True)]
    source.close()


def test_a_worker_leaves_a_source_that_is_gone_to_whoever_asked(tmp_path: Path) -> None:
    with closing(history(tmp_path / "state.db", sessions=1)) as source:
        (job,) = jobs_of(source)
    assert judge_in_worker(job._replace(path=str(tmp_path / "gone.db"))) is None
