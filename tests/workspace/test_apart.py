"""Long sessions looked through in another process: the same results, ended when nobody wants them."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest

from warmtui.errors import NotFoundError
from warmtui.workspace import Workspace, apart, profile_cache
from warmtui.workspace.apart import Answer, Task, do
from warmtui.workspace.profile_cache import KEPT, ProfileCache
from warmtui.workspace.session_table import SessionKey


@pytest.fixture
async def workspace(tmp_path: Path, recordings: Path) -> AsyncIterator[Workspace]:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(recordings)], environ=environ, now=lambda: 4e9) as opened:
        await opened.sessions.refresh(force=True)
        yield opened


def long_ones(workspace: Workspace, count: int) -> list[SessionKey]:
    rows = sorted(workspace.sessions.table.values(), key=lambda row: -row.header.rows)
    return [row.key for row in rows[:count]]


def open_files() -> set[Path]:
    return set(Path("/dev/fd").iterdir())


async def test_a_profile_made_apart_is_the_same(workspace: Workspace) -> None:
    key = long_ones(workspace, 1)[0]
    assert await apart.profile(workspace.context, key) == await workspace.sessions.profile_of(key)


async def test_so_is_what_sessions_offer_and_each_is_told_as_it_is_done(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = long_ones(workspace, 3)
    here = await workspace.sessions.candidates_of(keys)
    monkeypatch.setattr(apart, "FROM_ROWS", 1)
    told: list[tuple[int, int]] = []
    there = await workspace.sessions.candidates_of(keys, lambda done, of: told.append((done, of)))
    assert there == here
    assert here.candidates
    assert told == [(1, 3), (2, 3), (3, 3)]


async def test_what_it_does_is_what_the_process_is_told_to(workspace: Workspace) -> None:
    key = long_ones(workspace, 1)[0]
    answers: list[Answer] = []
    do(Task("profile", (key,), 4e9, False, ()), answers.append)
    assert [answer.done for answer in answers] == [1, 1]
    assert answers[-1].result == await workspace.sessions.profile_of(key)
    with pytest.raises(LookupError, match="gone"):
        do(Task("profile", (SessionKey(key.source, "gone"),), 4e9, False, ()), answers.append)


async def test_a_session_that_went_away_is_told_as_ever(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "FROM_ROWS", 0)
    with pytest.raises(NotFoundError):
        await workspace.sessions.candidates_of([SessionKey(long_ones(workspace, 1)[0].source, "gone")])


async def test_without_another_process_it_is_done_here(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = long_ones(workspace, 1)
    here = await workspace.sessions.candidates_of(keys)
    monkeypatch.setattr(apart, "FROM_ROWS", 1)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert await workspace.sessions.candidates_of(keys) == here
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert await workspace.sessions.candidates_of(keys) == here


async def test_cancelling_ends_the_process(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[asyncio.subprocess.Process] = []
    start, running = asyncio.create_subprocess_exec, asyncio.Event()

    async def spy(*words: str, **more: Any) -> asyncio.subprocess.Process:
        started.append(await start("sleep", "60", **more))
        running.set()
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    asked = asyncio.create_task(apart.profile(workspace.context, long_ones(workspace, 1)[0]))
    await running.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert started[0].returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)


async def test_cancelling_again_and_again_leaves_neither_process_nor_pipes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []
    start, running = asyncio.create_subprocess_exec, asyncio.Event()

    async def spy(*words: str, **more: Any) -> asyncio.subprocess.Process:
        started.append(await start("sleep", "60", **more))
        running.set()
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    asked = asyncio.create_task(apart.profile(workspace.context, long_ones(workspace, 1)[0]))
    await running.wait()
    while not asked.done():  # as an app that ends does it
        asked.cancel()
        await asyncio.sleep(0)
    assert asked.cancelled()
    assert started[0].returncode is not None


@pytest.mark.parametrize("steps", range(8))
async def test_cancelling_while_it_starts_leaves_no_pipe_open(workspace: Workspace, steps: int) -> None:
    key = long_ones(workspace, 1)[0]
    pipes = open_files()
    asked = asyncio.create_task(apart.profile(workspace.context, key))
    for _ in range(steps):
        await asyncio.sleep(0)
    while not asked.done():
        asked.cancel()
        await asyncio.sleep(0)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del asked
        gc.collect()
    assert [str(one.message) for one in told] == []
    assert open_files() == pipes


async def test_profiles_are_kept_until_their_session_changes(
    workspace: Workspace, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ProfileCache(workspace)
    key, other = long_ones(workspace, 2)
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


async def test_the_last_few_are_kept_and_long_ones_are_made_apart(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile_cache, "KEPT", 2)
    monkeypatch.setattr(apart, "FROM_ROWS", workspace.sessions.table[long_ones(workspace, 1)[0]].header.rows)
    made = ProfileCache(workspace)
    keys = long_ones(workspace, 3)
    apart_for: list[SessionKey] = []

    async def spy(workspace: Workspace, key: SessionKey) -> None:
        apart_for.append(key)

    monkeypatch.setattr(apart, "profile", spy)
    for key in (*keys[:2], keys[0], keys[2]):
        await made.of(key)
    assert [made.kept(key) is not None for key in keys] == [True, False, True]
    assert apart_for == [keys[0]]
    assert KEPT > 10
