from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from limits import no_file_above

from warmtui.errors import LibraryError
from warmtui.library.library import Library

Clock = Callable[[], datetime]


async def test_a_file_that_cannot_grow(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft(), expected_version=0)
        await library.put_draft("open", "before")
        saved = 1

        async def save_on() -> None:
            nonlocal saved
            while saved < 1_000:
                await library.save(draft(text=f"{saved}" + "x" * 20_000))
                saved += 1

        with no_file_above(600_000):
            with pytest.raises(LibraryError) as raised:
                await save_on()
            assert saved > 1
            assert str(path) in raised.value.what
            assert "disk" in raised.value.what
            assert raised.value.remedy
            assert (await library.get("deploy")).versions == saved
            with pytest.raises(LibraryError):
                await library.put_draft("open", "y" * 600_000)
            kept = await library.get_draft("open")
            assert kept is not None
            assert kept.content == "before"
        assert await library.verify() == ()
        assert (await library.save(draft(text="room again"))).version.number == saved + 1
    async with Library(path, clock=clock) as library:
        assert len(await library.versions("deploy")) == saved + 1


async def test_a_database_that_is_full(library: Library, draft: Any) -> None:
    await library.save(draft())
    async with library._store.writing() as transaction:
        ((pages,),) = await transaction.rows("PRAGMA page_count")
        await transaction.rows(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(LibraryError, match="the disk is full") as raised:
        await library.save(draft(text="x" * 500_000))
    assert raised.value.remedy.startswith("free some space")
    with pytest.raises(LibraryError, match="the disk is full"):
        await library.save(draft(name="other", text="x" * 500_000))
    (template,) = (await library.listing()).templates
    assert template.versions == 1
    assert await library.verify() == ()
    async with library._store.writing() as transaction:
        await transaction.rows("PRAGMA max_page_count = 1000000")
    assert (await library.save(draft(text="x" * 500_000))).version.number == 2


async def test_no_room_for_a_new_library(tmp_path: Path, clock: Clock, draft: Any) -> None:
    path = tmp_path / "library.db"
    async with Library(path, clock=clock) as library:
        with no_file_above(8_192):
            with pytest.raises(LibraryError, match="disk"):
                await library.save(draft())
            assert (await library.listing()).templates == ()
        assert (await library.save(draft())).created
        assert await library.verify() == ()
