"""Searching in a process of its own: the same sessions, ended by the next letter, and here where it fails."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest

from warmtui.workspace import Workspace, processes, searching
from warmtui.workspace.searcher import Ids, Searcher
from warmtui.workspace.searching import Answer, Asked, Searching, do

EVERYWHERE = "walrus"
PATIENCE = 20.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    with closing(hermes.create(path, wal=True)) as db:
        hermes.index(db)
        for number in range(5):
            hermes.session(db, f"s{number}", float(number), title=f"number {number}")
            hermes.said(db, f"s{number}", "user", EVERYWHERE if number % 2 else "nothing")
    return path


@asynccontextmanager
async def closing_after(made: Searching) -> AsyncIterator[Searching]:
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def beside(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Searching]:
    monkeypatch.setattr(searching, "FROM_BYTES", 0)
    async with closing_after(Searching()) as made:
        yield made


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


async def pid_of(one: Searching) -> int:
    """Wait until its process runs; return the number of that."""
    await until(lambda: one._process)
    assert one._process is not None
    return one._process.pid


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_it_finds_what_is_found_here(beside: Searching, path: Path) -> None:
    await beside.prepare([str(path)])
    found = await beside.search([str(path)], EVERYWHERE)
    with closing(Searcher()) as here:
        assert found == here.search(here.begin(), [str(path)], EVERYWHERE)
    assert found is not None
    assert {*found.ids[str(path)]} == {"s1", "s3"}
    assert beside._process is not None
    assert beside._here._databases == {}


async def test_little_is_searched_here(path: Path) -> None:
    async with closing_after(Searching()) as made:
        await made.prepare([str(path)])
        found = await made.search([str(path)], EVERYWHERE)
        assert found is not None
        assert {*found.ids[str(path)]} == {"s1", "s3"}
        assert made._running is None


async def test_one_process_serves_all_searches(beside: Searching, path: Path) -> None:
    pids = set()
    for words in ("walr", "walru", EVERYWHERE, "nowhere"):
        found = await beside.search([str(path)], words)
        assert found is not None
        assert len(found.ids[str(path)]) == (0 if words == "nowhere" else 2)
        pids.add(await pid_of(beside))
    assert len(pids) == 1


async def test_a_newer_search_ends_the_older(beside: Searching, path: Path) -> None:
    older = asyncio.create_task(beside.search([str(path)], EVERYWHERE))
    await asyncio.sleep(0)
    newer = await beside.search([str(path)], "nothing")
    assert await older is None
    assert newer is not None
    assert {*newer.ids[str(path)]} == {"s0", "s2", "s4"}


async def test_nobody_waits_any_more_for_what_was_ended(beside: Searching, path: Path) -> None:
    asked = asyncio.create_task(beside.search([str(path)], EVERYWHERE))
    await pid_of(beside)
    beside.end()
    assert await asked is None
    beside.end()  # there is nothing to end
    assert await beside.search([str(path)], EVERYWHERE) is not None


async def test_a_process_that_dies_is_replaced_and_its_search_done_here(
    beside: Searching, path: Path
) -> None:
    await beside.prepare([str(path)])
    pid = await pid_of(beside)
    os.kill(pid, 9)
    found = await beside.search([str(path)], EVERYWHERE)  # it may be heard of before or after this is asked
    assert found is not None
    assert {*found.ids[str(path)]} == {"s1", "s3"}
    await until(lambda: gone(pid))
    await beside.search([str(path)], EVERYWHERE)
    assert await pid_of(beside) != pid


async def test_what_is_asked_while_a_process_ends_is_not_lost(
    beside: Searching, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, ends = asyncio.Event(), asyncio.Event()
    ended = processes.ended

    async def slowly(process: asyncio.subprocess.Process) -> None:
        ending.set()
        await ends.wait()
        await ended(process)

    monkeypatch.setattr(processes, "ended", slowly)
    await beside.prepare([str(path)])
    os.kill(await pid_of(beside), 9)
    await ending.wait()
    asked = asyncio.create_task(beside.search([str(path)], EVERYWHERE))
    await asyncio.sleep(0)
    ends.set()
    async with asyncio.timeout(PATIENCE):
        assert await asked is not None
    assert beside._process is not None, "it was searched beside"


@pytest.mark.parametrize("program", ["/bin/false", "/nowhere"])
async def test_without_a_process_it_is_done_here(
    beside: Searching, path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr("sys.executable", program)
    await beside.prepare([str(path)])
    found = await beside.search([str(path)], EVERYWHERE)
    assert found is not None
    assert {*found.ids[str(path)]} == {"s1", "s3"}


@pytest.mark.parametrize("steps", range(8))
async def test_closing_at_any_moment_leaves_no_process(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(searching, "FROM_BYTES", 0)
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def spy(*words: str, **more: Any) -> asyncio.subprocess.Process:
        started.append(await start(*words, **more))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spy)
    made = Searching()
    asked = asyncio.create_task(made.search([str(path)], EVERYWHERE))
    for _ in range(steps):
        await asyncio.sleep(0)
    await made.close()
    assert await asked is None
    assert all(one.returncode is not None and gone(one.pid) for one in started)
    assert len(started) <= 1


async def test_a_source_that_cannot_be_searched_is_told_and_json_is_left_out(
    beside: Searching, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "log.jsonl").write_text('{"messages": []}\n')
    missing = tmp_path / "gone.db"
    found = await beside.search([str(missing), str(tmp_path / "log.jsonl"), str(path)], EVERYWHERE)
    assert found is not None
    assert {*found.ids[str(path)]} == {"s1", "s3"}
    assert len(found.notes) == 2
    assert "does not exist" in found.notes[0]
    assert found.notes[1] == "in JSON files only titles are searched"


def test_what_it_does_is_what_it_is_asked_and_told_as_it_comes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Answer] = []
    with closing(Searcher()) as searcher:
        do(searcher, 0, Asked(0, (str(path),), learn=True), answers.append)
        do(searcher, searcher.begin(), Asked(1), answers.append)
        assert answers == []
        old = searcher.begin()
        turn = searcher.begin()
        do(searcher, old, Asked(2, (str(path),), EVERYWHERE), answers.append)
        assert answers == [], "a newer one was heard of"
        monkeypatch.setattr("warmtui.sources.search.PAGE_HITS", 1)
        monkeypatch.setattr("warmtui.sources.search.FIRST_HITS", 1)
        monkeypatch.setattr("warmtui.workspace.searcher.TOLD_SECONDS", 0.0)
        do(searcher, turn, Asked(3, (str(path),), EVERYWHERE), answers.append)
    assert [answer.turn for answer in answers] == [3] * len(answers)
    assert [answer.done for answer in answers] == [False] * (len(answers) - 1) + [True]
    assert len(answers) > 1
    sizes = [len(answer.ids[str(path)]) for answer in answers]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 2


def test_what_is_found_so_far_is_not_told_all_the_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warmtui.sources.search.PAGE_HITS", 1)
    monkeypatch.setattr("warmtui.sources.search.FIRST_HITS", 1)
    told: list[Ids] = []
    with closing(Searcher()) as searcher:
        monkeypatch.setattr("warmtui.workspace.searcher.TOLD_SECONDS", 60.0)
        searcher.search(searcher.begin(), [str(path)], EVERYWHERE, told.append)
        assert len(told) == 1
        monkeypatch.setattr("warmtui.workspace.searcher.TOLD_SECONDS", 0.0)
        searcher.search(searcher.begin(), [str(path)], EVERYWHERE, told.append)
    assert len(told) > 2


async def test_what_is_found_so_far_is_told(beside: Searching, path: Path) -> None:
    told: list[Ids] = []
    asked = asyncio.create_task(beside.search([str(path)], EVERYWHERE, told.append))
    await pid_of(beside)
    beside._hear(Answer(beside._turn, {"a": ["s1"]}))
    beside._hear(Answer(beside._turn - 1, {"a": ["old"]}))
    assert await asked is not None
    assert told == [{"a": ["s1"]}]
    beside._hear(Answer(beside._turn, {"a": ["late"]}))
    assert told == [{"a": ["s1"]}]


@pytest.mark.parametrize("cut", [0, 3, 8, 20])
async def test_a_process_ends_with_whoever_asks_it(path: Path, cut: int) -> None:
    process = await processes.started("warmtui.workspace.searching")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(processes.frame(Asked(1, (str(path),), EVERYWHERE)))
    assert (await processes.heard(process.stdout)).done
    process.stdin.write(processes.frame(Asked(2, (str(path),), EVERYWHERE))[:cut])
    process.stdin.close()
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0
    await processes.ended(process)


async def test_a_workspace_ends_its_process(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FROM_BYTES", 0)
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(path)], environ=environ) as workspace:
        await workspace.sessions.refresh(force=True)
        await workspace.sessions.prepare_search()
        found = await workspace.sessions.search(EVERYWHERE)
        assert found is not None
        assert {*found.ids[str(path)]} == {"s1", "s3"}
        pid = await pid_of(workspace.sessions._search)
    assert gone(pid)
