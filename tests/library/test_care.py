from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases

from warmtui.errors import LibraryError
from warmtui.library.library import Library

Clock = Callable[[], datetime]
Raw = Callable[..., list[tuple[Any, ...]]]


async def test_a_whole_library_has_nothing_wrong(library: Library, draft: Any) -> None:
    await library.save(draft(tags=("a",)))
    await library.save(draft(text="two"))
    await library.delete("deploy")
    assert await library.verify() == ()


@cases("library/data/damage.jsonl")
async def test_damage_is_named(library: Library, draft: Any, raw: Raw, damage: str, said: str) -> None:
    saved = await library.save(draft(tags=("a",)))
    await library.save(draft(text="two", tags=("a",)))
    raw("DROP TRIGGER versions_never_change")
    raw("DROP TRIGGER versions_never_go")
    raw(damage)
    problems = await library.verify()
    assert any(said in problem for problem in problems), problems
    if "template" in said or "version" in said:
        assert any(saved.template.id in problem or "row" in problem for problem in problems)


async def test_content_with_a_right_hash_that_is_no_template(library: Library, draft: Any, raw: Raw) -> None:
    await library.save(draft())
    raw("DROP TRIGGER versions_never_change")
    raw("UPDATE versions SET content = '{}', content_hash = ?", hashlib.sha256(b"{}").hexdigest())
    trigger, problem = await library.verify()
    assert trigger.startswith("file: a trigger")
    assert problem.endswith("version 1: 5 wrong fields")


async def test_text_that_is_no_utf8_is_found_and_does_not_stop_the_listing(
    library: Library, draft: Any, raw: Raw
) -> None:
    await library.save(draft())
    raw("UPDATE templates SET name = CAST(x'61ff' AS TEXT)")
    assert [template.name for template in (await library.listing()).templates] == ["a\ufffd"]


async def test_damaged_pages_are_found(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        for number in range(20):
            await library.save(draft(name=f"n{number}", text="x" * 3_000))
    content = bytearray(path.read_bytes())
    connection = sqlite3.connect(path)
    ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'versions'")
    ((size,),) = connection.execute("PRAGMA page_size")
    connection.close()
    content[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(content)
    async with Library(path, clock=clock) as library:
        problems = await library.verify()
        assert problems
        assert all(problem.startswith("file: ") or "template" in problem for problem in problems)
        with pytest.raises(LibraryError, match="is damaged"):
            await library.get("n1")


@pytest.mark.usefixtures("bound_by_permissions")
async def test_a_read_only_library_can_be_verified(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    path.chmod(0o400)
    async with Library(path, clock=clock) as library:
        assert await library.verify() == ()
