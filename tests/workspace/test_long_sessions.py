"""Long sessions looked through in another process: the same results, ended when nobody wants them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import hermes_db as hermes
import pytest

from warmtui.errors import NotFoundError
from warmtui.model.session import SessionKey
from warmtui.workspace import Workspace, long_sessions, profile_cache, workers
from warmtui.workspace.long_sessions import Task, find_profile
from warmtui.workspace.profile_cache import KEPT, ProfileCache
from warmtui.workspace.workers import WorkerPool

T = TypeVar("T")


@pytest.fixture
async def workspace(tmp_path: Path, recordings: Path) -> AsyncIterator[Workspace]:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(recordings)], environ=environ, now=lambda: 4e9) as opened:
        await opened.sessions.refresh(force=True)
        yield opened


def longest(workspace: Workspace, count: int) -> list[SessionKey]:
    rows = sorted(workspace.sessions.table.values(), key=lambda row: -row.header.rows)
    return [row.key for row in rows[:count]]


async def test_a_profile_made_in_another_process_is_the_same(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = longest(workspace, 1)[0]
    here = await workspace.sessions.profile_of(key)
    monkeypatch.setattr(long_sessions, "FROM_ROWS", 1)
    assert await workspace.sessions.profile_of(key) == here


async def test_so_is_what_sessions_offer_with_progress(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = longest(workspace, 3)
    here = await workspace.sessions.candidates_of(keys)
    monkeypatch.setattr(long_sessions, "FROM_ROWS", 1)
    told: list[tuple[int, int]] = []
    there = await workspace.sessions.candidates_of(keys, lambda done, of: told.append((done, of)))
    assert there == here
    assert here.candidates
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_what_the_process_runs_is_what_runs_here(workspace: Workspace) -> None:
    key = longest(workspace, 1)[0]
    assert find_profile(Task(key, 4e9, False)) == await workspace.sessions.profile_of(key)
    with pytest.raises(NotFoundError, match="gone"):
        find_profile(Task(SessionKey(key.source, "gone"), 4e9, False))


async def test_a_session_that_went_away_is_told_as_ever(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_sessions, "FROM_ROWS", 0)
    with pytest.raises(NotFoundError):
        await workspace.sessions.candidates_of([SessionKey(longest(workspace, 1)[0].source, "gone")])


@pytest.mark.parametrize("from_rows", [0, 1_000_000])
async def test_among_several_it_costs_only_itself(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, from_rows: int
) -> None:
    monkeypatch.setattr(long_sessions, "FROM_ROWS", from_rows)
    keys = longest(workspace, 2)
    sound = await workspace.sessions.candidates_of(keys)
    told: list[tuple[int, int]] = []
    found = await workspace.sessions.candidates_of(
        [keys[0], SessionKey(keys[0].source, "gone"), keys[1]], lambda done, of: told.append((done, of))
    )
    assert found.candidates == sound.candidates
    assert [problem.place.rpartition(" ")[2] for problem in found.problems] == ["gone"]
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_without_another_process_it_is_done_here(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = longest(workspace, 1)
    here = await workspace.sessions.candidates_of(keys)
    monkeypatch.setattr(long_sessions, "FROM_ROWS", 1)

    class NoPool(WorkerPool):
        def submit(self, function: Callable[..., T], *arguments: object) -> Future[T]:
            raise OSError("no process can be started")

    monkeypatch.setattr(workers, "WorkerPool", NoPool)
    assert await workspace.sessions.candidates_of(keys) == here


async def test_profiles_are_kept_until_their_session_changes(
    workspace: Workspace, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ProfileCache(workspace)
    key, other = longest(workspace, 2)
    first = await made.of(key)
    assert made.kept(key) is first
    assert await made.of(key) is first
    assert made.kept(other) is None
    db = sqlite3.connect(recordings, isolation_level=None)
    hermes.said(db, key.id, "user", "and now?", timestamp=3e9)
    db.close()
    await workspace.sessions.refresh(force=True)
    assert made.kept(key) is None
    assert (await made.of(key)).messages == first.messages + 1
    with pytest.raises(NotFoundError):
        await made.of(SessionKey(key.source, "gone"))


async def test_the_last_few_are_kept_and_long_ones_are_made_in_a_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = longest(workspace, 3)
    monkeypatch.setattr(profile_cache, "KEPT", 2)
    monkeypatch.setattr(long_sessions, "FROM_ROWS", workspace.sessions.table[keys[0]].header.rows)
    made = ProfileCache(workspace)
    in_process: list[SessionKey] = []

    async def spy(function: object, tasks: Sequence[Task], on_done: object = None) -> None:
        in_process.extend(task.key for task in tasks)

    monkeypatch.setattr(long_sessions, "try_in_process", spy)
    for key in (*keys[:2], keys[0], keys[2]):
        await made.of(key)
    assert [made.kept(key) is not None for key in keys] == [True, False, True]
    assert in_process == [keys[0]]
    assert KEPT > 10
