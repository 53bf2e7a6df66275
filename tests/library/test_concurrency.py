from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import ConflictError, LibraryError
from warmtui.library import search
from warmtui.library.library import Library

Clock = Callable[[], datetime]


async def test_the_second_of_two_writers_waits_and_sees_the_new_version(
    path: Path, clock: Clock, draft: Any
) -> None:
    async with Library(path, clock=clock) as first, Library(path, clock=clock) as two:
        await first.save(draft())
        assert (await two.get("deploy")).version.number == 1
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        began = time.monotonic()
        release.start()
        saved = await first.save(draft(text="two"), expected_version=1)
        assert time.monotonic() - began >= 0.25
        release.join()
        other.close()
        assert saved.version.number == 2
        with pytest.raises(ConflictError, match="saved elsewhere"):
            await two.save(draft(text="three"), expected_version=1)
        assert (await two.save(draft(text="three"), expected_version=2)).version.number == 3
        assert (await first.get("deploy")).version.seed.system_context == "three"


async def test_many_writers_at_once_lose_nothing(path: Path, clock: Clock, draft: Any) -> None:
    libraries = [Library(path, clock=clock, patience=30) for _ in range(4)]
    try:

        async def work(number: int, library: Library) -> None:
            for turn in range(15):
                await library.save(draft(name="shared", text=f"{number} {turn}"))
                await library.save(draft(name=f"own {number}", text=str(turn)))

        await asyncio.gather(*(work(number, library) for number, library in enumerate(libraries)))
        versions = await libraries[0].versions("shared")
        assert [version.number for version in versions] == list(range(1, 61))
        assert {version.seed.system_context for version in versions} == {
            f"{number} {turn}" for number in range(4) for turn in range(15)
        }
        assert await libraries[1].verify() == ()
    finally:
        for library in libraries:
            await library.close()


async def test_tasks_of_one_library_take_turns(library: Library, draft: Any) -> None:
    await asyncio.gather(
        *(library.save(draft(text=str(number))) for number in range(20)),
        *(library.listing() for _ in range(20)),
    )
    assert (await library.get("deploy")).versions == 20
    assert await library.verify() == ()


@pytest.mark.parametrize("round_", range(5))
async def test_a_cancelled_save_is_whole_or_nothing(library: Library, draft: Any, round_: int) -> None:
    await library.save(draft(text="start"))
    cancelled = 0
    for number in range(30):
        before = (await library.get("deploy")).versions
        task = asyncio.create_task(library.save(draft(text=f"{round_} {number}")))
        await asyncio.sleep(number / 10_000)
        task.cancel()
        try:
            saved = await task
            assert saved.version.number == before + 1
        except asyncio.CancelledError:
            cancelled += 1
        after = await library.get("deploy")
        assert after.versions in (before, before + 1)
        assert after.version.number == after.versions
    assert cancelled
    assert await library.verify() == ()
    assert (await library.save(draft(text="end"))).version.number == (await library.get("deploy")).versions


async def test_a_save_that_fails_half_way_leaves_nothing(
    library: Library, draft: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.save(draft())
    with monkeypatch.context() as patched:

        async def fails(*_: object) -> None:
            raise sqlite3.OperationalError("some failure")

        patched.setattr(search, "update", fails)
        with pytest.raises(LibraryError, match="some failure"):
            await library.save(draft(text="two", tags=("x",)))
        with pytest.raises(LibraryError, match="some failure"):
            await library.save(draft(name="new"))
    (template,) = (await library.listing()).templates
    assert (template.versions, template.tags) == (1, ())
    assert await library.verify() == ()


async def test_a_cancelled_query_stops_its_sql(library: Library, draft: Any) -> None:
    await library.save(draft())

    async def long() -> None:
        async with library._store.reading() as transaction:
            assert transaction is not None
            await transaction.rows(
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) "
                "SELECT count(*) FROM n"
            )

    task = asyncio.create_task(long())
    await asyncio.sleep(0.1)
    assert not task.done()
    task.cancel()
    began = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len((await library.listing()).templates) == 1
    assert time.monotonic() - began < 5


async def test_a_cancelled_wait_for_a_lock_ends_soon(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock, patience=60) as library:
        await library.save(draft())
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            task = asyncio.create_task(library.save(draft(text="two")))
            await asyncio.sleep(0.2)
            task.cancel()
            began = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - began < 5
        finally:
            other.close()
        assert (await library.get("deploy")).versions == 1
        assert (await library.save(draft(text="two"))).version.number == 2


async def test_closing_waits_for_what_is_under_way(path: Path, clock: Clock, draft: Any) -> None:
    library = Library(path, clock=clock)
    task = asyncio.create_task(library.save(draft()))
    await asyncio.sleep(0)
    await library.close()
    assert (await task).created
    async with Library(path, clock=clock) as again:
        assert len((await again.listing()).templates) == 1
