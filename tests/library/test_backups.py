"""Backups hold everything, restoring loses nothing, and a stranger's triggers never run."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import LibraryError, NotFoundError, WarmtuiError
from warmtui.files import FileThereError
from warmtui.library.library import Library

Clock = Callable[[], datetime]
Raw = Callable[..., list[tuple[Any, ...]]]


async def names(library: Library) -> list[str]:
    return sorted(template.name for template in (await library.listing()).templates)


async def test_a_backup_holds_everything_and_is_one_private_file(
    library: Library, draft: Any, clock: Clock
) -> None:
    await library.save(draft(text="one"))
    await library.save(draft(text="two", tags=("a",)))
    await library.put_draft("curate:x", "{}")
    copy = await library.back_up()
    assert copy.parent == library.path.parent / "backups"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    async with Library(copy, clock=clock) as other:
        assert await other.verify() == ()
        assert await other.versions("deploy") == await library.versions("deploy")
        assert await other.get_draft("curate:x") == await library.get_draft("curate:x")


async def test_two_backups_of_one_moment_have_two_names(path: Path, draft: Any) -> None:
    async with Library(path, clock=lambda: datetime(2026, 1, 1)) as library:  # noqa: DTZ001 - any moment
        await library.save(draft())
        assert await library.back_up() != await library.back_up()


async def test_a_backup_never_replaces_a_file(library: Library, draft: Any, tmp_path: Path) -> None:
    await library.save(draft())
    (tmp_path / "there").write_bytes(b"mine")
    with pytest.raises(FileThereError):
        await library.back_up(tmp_path / "there")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WarmtuiError, match="a pipe"):
        await library.back_up(tmp_path / "pipe")
    assert (tmp_path / "there").read_bytes() == b"mine"


async def test_without_a_library_there_is_nothing_to_back_up(library: Library) -> None:
    with pytest.raises(NotFoundError):
        await library.back_up()
    assert not library.path.exists()


async def test_a_backup_comes_back_while_the_library_is_open_elsewhere(
    library: Library, path: Path, draft: Any, clock: Clock
) -> None:
    await library.save(draft("a"))
    copy = await library.back_up()
    await library.save(draft("b"))
    async with Library(path, clock=clock) as elsewhere:
        assert await names(elsewhere) == ["a", "b"]
        kept = await library.put_back(copy)
        assert await names(elsewhere) == await names(library) == ["a"]
        await elsewhere.save(draft("c"))
    assert await names(library) == ["a", "c"]
    assert kept is not None
    async with Library(kept, clock=clock) as before:
        assert await names(before) == ["a", "b"]


async def test_a_backup_comes_back_where_nothing_is(
    library: Library, draft: Any, tmp_path: Path, clock: Clock
) -> None:
    await library.save(draft("a"))
    copy = await library.back_up()
    async with Library(tmp_path / "new" / "library.db", clock=clock) as new:
        assert await new.put_back(copy) is None
        assert await names(new) == ["a"]
        assert new.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"x" * 5_000])
async def test_a_damaged_library_is_replaced_and_its_bytes_are_kept(
    path: Path, draft: Any, clock: Clock, content: bytes
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft("a"))
        copy = await library.back_up()
    path.write_bytes(content)
    async with Library(path, clock=clock) as library:
        kept = await library.put_back(copy)
        assert await names(library) == ["a"]
        assert await library.verify() == ()
    assert kept is not None
    assert kept.read_bytes() == content


async def test_what_is_no_sound_library_is_not_put_back(
    library: Library, draft: Any, raw: Raw, tmp_path: Path
) -> None:
    await library.save(draft("a"))
    bad = await library.back_up(tmp_path / "bad.db")
    connection = sqlite3.connect(bad)
    connection.executescript("DROP TRIGGER versions_never_change; UPDATE versions SET content = 'x'")
    connection.close()
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("hello " * 1_000)
    for name, said in {
        "bad.db": "is damaged",
        "other.db": "another program",
        "empty.db": "holds no library",
        "text.db": "no SQLite database",
        "missing.db": "No such file",
    }.items():
        with pytest.raises(LibraryError, match=said) as raised:
            await library.put_back(tmp_path / name)
        assert str(tmp_path / name) in raised.value.what
    assert await names(library) == ["a"]
    assert not (library.path.parent / "backups").exists()


async def test_a_library_that_stays_locked_is_left_as_it_is(library: Library, path: Path, draft: Any) -> None:
    await library.save(draft("a"))
    copy = await library.back_up()
    await library.save(draft("b"))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LibraryError, match="locked"):
            await asyncio.wait_for(library.put_back(copy), 30)
    finally:
        connection.close()
    assert await names(library) == ["a", "b"]


async def test_a_new_schema_comes_after_a_backup(path: Path, clock: Clock) -> None:
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "v1.sql").read_text(encoding="utf-8"))
    connection.close()
    async with Library(path, clock=clock) as library:
        assert await names(library) == ["Größe"]
    (backup,) = (path.parent / "backups").iterdir()
    assert backup.name.endswith("schema-1.db")
    connection = sqlite3.connect(backup)
    assert connection.execute("SELECT max(number) FROM migrations").fetchone() == (1,)
    assert ("Größe",) in connection.execute("SELECT name FROM templates").fetchall()
    connection.close()


@pytest.mark.parametrize(
    "foreign",
    [
        "CREATE TRIGGER renames AFTER INSERT ON versions BEGIN UPDATE templates SET name = 'theirs'; END",
        "CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n",
        "DROP TRIGGER versions_never_go; CREATE TRIGGER versions_never_go BEFORE DELETE ON versions "
        "BEGIN SELECT 1; END",
    ],
)
async def test_a_stranger_s_triggers_and_views_never_run(
    path: Path, draft: Any, clock: Clock, foreign: str
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft("a"))
        copy = await library.back_up()
        connection = sqlite3.connect(path)
        connection.executescript(foreign)
        connection.close()
        for attempt in (library.listing(), library.save(draft("b")), library.get("a")):
            with pytest.raises(LibraryError, match="trigger or a view"):
                await attempt
        await library.put_back(copy)
        assert await names(library) == ["a"]
