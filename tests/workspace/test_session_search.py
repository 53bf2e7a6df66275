"""Searching messages: a newer search ends the older, and what cannot be searched is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest

from warmtui.workspace import Workspace
from warmtui.workspace.session_search import Found, Ids, SessionSearch

EVERYWHERE = "walrus"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    with closing(hermes.create(path, wal=True)) as db:
        hermes.index(db)
        for number in range(5):
            hermes.session(db, f"s{number}", float(number), title=f"number {number}")
            hermes.said(db, f"s{number}", "user", EVERYWHERE if number % 2 else "nothing")
    return path


@pytest.fixture
async def search() -> AsyncIterator[SessionSearch]:
    made = SessionSearch()
    yield made
    await made.close()


def expect_found(found: Found | None, path: Path, ids: set[str]) -> None:
    assert found is not None
    assert set(found.ids[str(path)]) == ids


async def test_sessions_are_found_by_words_of_their_messages(search: SessionSearch, path: Path) -> None:
    expect_found(await search.search([str(path)], EVERYWHERE), path, {"s1", "s3"})
    expect_found(await search.search([str(path)], "no such word"), path, set())


async def test_a_newer_search_ends_the_older(search: SessionSearch, path: Path) -> None:
    older = asyncio.create_task(search.search([str(path)], EVERYWHERE))
    await asyncio.sleep(0)
    expect_found(await search.search([str(path)], EVERYWHERE), path, {"s1", "s3"})
    assert await older is None


async def test_nobody_waits_for_a_search_that_was_ended(search: SessionSearch, path: Path) -> None:
    ended = asyncio.create_task(search.search([str(path)], EVERYWHERE))
    await asyncio.sleep(0)
    search.end()
    assert await ended is None


async def test_what_is_found_so_far_is_told(search: SessionSearch, path: Path) -> None:
    told: list[Ids] = []
    found = await search.search([str(path)], EVERYWHERE, told.append)
    assert found is not None
    assert all(set(ids[str(path)]) <= {"s1", "s3"} for ids in told)


async def test_what_cannot_be_searched_is_told_and_the_rest_is_searched(
    search: SessionSearch, path: Path, tmp_path: Path
) -> None:
    json, gone = tmp_path / "log.jsonl", tmp_path / "gone.db"
    json.write_text('{"role": "user", "content": "walrus"}\n')
    found = await search.search([str(json), str(gone), str(path)], EVERYWHERE)
    expect_found(found, path, {"s1", "s3"})
    expect_found(found, json, {"log"})
    assert found is not None
    (told,) = found.not_searched
    assert "gone.db" in told


async def test_a_database_that_was_replaced_is_searched_as_it_is_now(
    search: SessionSearch, path: Path, tmp_path: Path
) -> None:
    expect_found(await search.search([str(path)], EVERYWHERE), path, {"s1", "s3"})
    with closing(hermes.create(tmp_path / "other.db")) as db:
        hermes.index(db)
        hermes.session(db, "other")
        hermes.said(db, "other", "user", EVERYWHERE)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    (tmp_path / "other.db").replace(path)
    expect_found(await search.search([str(path)], EVERYWHERE), path, {"other"})
    path.unlink()
    found = await search.search([str(path)], EVERYWHERE)
    assert found is not None
    assert "gone" in found.not_searched[0]


async def test_where_no_index_can_be_written_it_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    json = tmp_path / "log.jsonl"
    json.write_text('{"role": "user", "content": "walrus"}\n')
    search = SessionSearch(tmp_path / "file" / "library.words.db")
    found = await search.search([str(json)], EVERYWHERE)
    expect_found(found, json, {"log"})
    assert found is not None
    assert found.not_searched == ()
    (note,) = found.notes
    assert note.endswith("it is kept in memory")
    await search.close()


async def test_after_closing_nothing_is_found(path: Path) -> None:
    search = SessionSearch()
    await search.close()
    assert await search.search([str(path)], EVERYWHERE) is None


async def test_a_workspace_searches_its_sources(path: Path, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(path)], environ=environ) as workspace:
        await workspace.sessions.refresh(force=True)
        expect_found(await workspace.sessions.search(EVERYWHERE), path, {"s1", "s3"})
