from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from kept_drafts import drafts_in

from warmtui.errors import LibraryError, NotFoundError, UsageError
from warmtui.library import migrations, sqlite
from warmtui.library.library import Library
from warmtui.library.sqlite import beside

Clock = Callable[[], datetime]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_reading_what_is_not_there_creates_nothing(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "some" / "where" / "library.db"
    async with Library(path, clock=clock) as library:
        assert (await library.listing()).templates == ()
        assert (await library.listing(query="x", deleted=True)).templates == ()
        assert await library.verify() == ()
        assert drafts_in(library.path) == []
        assert await library.free_name("x") == "x"
        for action in (
            library.get,
            library.resolve,
            library.versions,
            library.uses,
            library.delete,
            library.undelete,
            library.set_tags,
        ):
            with pytest.raises(NotFoundError, match="nothing has been saved"):
                await action("x")
        with pytest.raises(NotFoundError):
            await library.rename("x", "y")
        with pytest.raises(NotFoundError):
            await library.duplicate("x", "y")
        with pytest.raises(NotFoundError):
            await library.revert("x", 1)
    assert list(tmp_path.iterdir()) == []


async def test_the_first_save_creates_private_files(tmp_path: Path, clock: Clock, draft: Any) -> None:
    path = tmp_path / "some" / "where" / "library.db"
    before = os.umask(0)
    try:
        async with Library(path, clock=clock) as library:
            await library.save(draft())
            assert {entry.name for entry in path.parent.iterdir()} == {
                "library.db",
                "library.db-wal",
                "library.db-shm",
            }
            assert {_mode(entry) for entry in path.parent.iterdir()} == {0o600}
            assert {_mode(path.parent), _mode(path.parent.parent)} == {0o700}
    finally:
        os.umask(before)
    assert [entry.name for entry in path.parent.iterdir()] == ["library.db"]


async def test_a_failed_first_save_creates_nothing_in_it(library: Library, draft: Any) -> None:
    with pytest.raises(UsageError):
        await library.save(draft(name="../x"))
    assert not library.path.exists()


async def test_saves_are_durable_and_guarded(library: Library, draft: Any) -> None:
    await library.save(draft())
    async with library._store.writing() as transaction:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert await transaction.row(f"PRAGMA {pragma}") == (value,)


@pytest.mark.parametrize("name", ["a#b.db", "a?mode=ro.db", "100%25.db", "ü ' \".db", "x\udcff.db", "&=.db"])
async def test_any_path_is_opened_as_it_is_written(
    tmp_path: Path, clock: Clock, draft: Any, name: str
) -> None:
    path = tmp_path / name / name
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    async with Library(path, clock=clock) as library:
        assert len((await library.listing()).templates) == 1
    assert [entry.name for entry in (tmp_path / name).iterdir()] == [name]


async def test_a_relative_path_stays_what_it_was(
    tmp_path: Path, clock: Clock, draft: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Library(Path("library.db"), clock=clock) as library:
        monkeypatch.chdir("/")
        await library.save(draft())
    assert (tmp_path / "library.db").exists()


async def _refused(path: Path, clock: Clock, draft: Any, match: str) -> None:
    """Reading and writing both say what is wrong and name the file."""
    async with Library(path, clock=clock, patience=0.1) as library:
        for attempt in (
            library.listing(),
            library.save(draft()),
            library.verify(),
            library.put_draft("k", "x"),
        ):
            with pytest.raises(LibraryError, match=match) as raised:
                await attempt
            assert str(path) in raised.value.what
            assert raised.value.remedy
            assert raised.value.exit_code == 5
            assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "content", [b"hello, this is a text\n" * 100, b"SQLite format 3\0" + b"\xff" * 5_000]
)
async def test_a_file_that_is_no_database(path: Path, clock: Clock, draft: Any, content: bytes) -> None:
    path.write_bytes(content)
    await _refused(path, clock, draft, "is not a warmtui library")
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == ["library.db"]


async def test_a_database_of_another_program_is_left_alone(path: Path, clock: Clock, draft: Any) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE sessions (id TEXT)")
    other.close()
    before = path.read_bytes()
    await _refused(path, clock, draft, "another program")
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["library.db"]


async def test_an_empty_file_becomes_a_library_at_the_first_save(
    path: Path, clock: Clock, draft: Any
) -> None:
    path.touch()
    async with Library(path, clock=clock) as library:
        assert (await library.listing()).templates == ()
        with pytest.raises(NotFoundError):
            await library.get("x")
        assert path.read_bytes() == b""
        await library.save(draft())
        assert len((await library.listing()).templates) == 1


async def test_a_truncated_library(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        for number in range(20):
            await library.save(draft(name=f"n{number}", text="x" * 3_000))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    await _refused(path, clock, draft, "is damaged")
    assert path.stat().st_size == len(whole) // 2


async def test_paths_that_cannot_be_a_library(tmp_path: Path, clock: Clock, draft: Any) -> None:
    (tmp_path / "folder").mkdir()
    await _refused(tmp_path / "folder", clock, draft, "is not a file")
    (tmp_path / "file").write_text("x")
    await _refused(tmp_path / "file" / "library.db", clock, draft, "cannot be opened")
    await _refused(tmp_path / ("n" * 300), clock, draft, "cannot be opened")
    os.mkfifo(tmp_path / "pipe")
    await _refused(tmp_path / "pipe", clock, draft, "is not a file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    await _refused(tmp_path / "loop", clock, draft, "cannot be opened")
    with pytest.raises(UsageError, match="NUL"):
        Library(tmp_path / "a\0b", clock=clock)


async def test_a_link_to_nowhere_is_not_written_through(tmp_path: Path, clock: Clock, draft: Any) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    async with Library(tmp_path / "link", clock=clock) as library:
        assert (await library.listing()).templates == ()
        with pytest.raises(LibraryError, match="link to nowhere"):
            await library.save(draft())
    assert not (tmp_path / "nowhere").exists()


async def test_a_locked_library_can_be_read_and_says_so_when_written(
    path: Path, clock: Clock, draft: Any
) -> None:
    async with Library(path, clock=clock, patience=0.2) as library:
        await library.save(draft())
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            assert len((await library.listing()).templates) == 1
            with pytest.raises(LibraryError, match="is locked") as raised:
                await library.save(draft(text="two"))
            assert str(path) in raised.value.what
            other.execute("ROLLBACK")
        finally:
            other.close()
        assert (await library.save(draft(text="two"))).version.number == 2


@pytest.mark.usefixtures("bound_by_permissions")
async def test_a_read_only_folder_is_listed_but_not_written(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        async with Library(path, clock=clock) as library:
            assert [template.name for template in (await library.listing(query="make")).templates] == [
                "deploy"
            ]
            assert await library.verify() == ()
            for attempt in (
                library.save(draft(text="two")),
                library.delete("deploy"),
                library.put_draft("k", ""),
            ):
                with pytest.raises(LibraryError, match="read-only") as raised:
                    await attempt
                assert str(path) in raised.value.what
            assert (await library.get("deploy")).versions == 1
            path.parent.chmod(0o700)
            path.chmod(0o600)
            assert (await library.save(draft(text="two"))).version.number == 2
    finally:
        path.parent.chmod(0o700)


@pytest.mark.usefixtures("bound_by_permissions")
@pytest.mark.parametrize("which", ["file", "folder"])
async def test_either_being_read_only_is_enough(path: Path, clock: Clock, draft: Any, which: str) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    (path if which == "file" else path.parent).chmod(0o400 if which == "file" else 0o500)
    try:
        async with Library(path, clock=clock) as library:
            assert len((await library.listing()).templates) == 1
            with pytest.raises(LibraryError, match="read-only"):
                await library.save(draft(text="two"))
    finally:
        path.parent.chmod(0o700)


@pytest.fixture
async def left(
    path: Path, clock: Clock, draft: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Path]:
    """A folder with what a killed program leaves: `-wal` and no `-shm`; temporary files go to `scratch`."""
    scratch, left = tmp_path / "scratch", tmp_path / "left"
    scratch.mkdir()
    left.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    async with Library(path, clock=clock) as library:
        await library.save(draft())
        for name in ("library.db", "library.db-wal"):
            shutil.copyfile(path.with_name(name), left / name)
    yield left
    left.chmod(0o700)


@pytest.mark.usefixtures("bound_by_permissions")
async def test_what_lies_in_a_log_of_a_read_only_folder_is_seen_too(
    left: Path, clock: Clock, draft: Any
) -> None:
    left.chmod(0o500)
    async with Library(left / "library.db", clock=clock) as library:
        assert [template.name for template in (await library.listing()).templates] == ["deploy"]
        assert len(list(left.with_name("scratch").iterdir())) == 1
        with pytest.raises(LibraryError, match="read-only"):
            await library.save(draft(text="two"))
    assert list(left.with_name("scratch").iterdir()) == []
    assert len(list(left.iterdir())) == 2


@pytest.mark.usefixtures("bound_by_permissions")
async def test_what_may_not_be_read_or_made(tmp_path: Path, clock: Clock, draft: Any) -> None:
    path = tmp_path / "library.db"
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    path.chmod(0)
    async with Library(path, clock=clock) as library:
        with pytest.raises(LibraryError, match="cannot be opened"):
            await library.listing()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    async with Library(closed / "sub" / "library.db", clock=clock) as library:
        assert (await library.listing()).templates == ()
        with pytest.raises(LibraryError, match="cannot be created") as raised:
            await library.save(draft())
        assert "Permission denied" in raised.value.what
    closed.chmod(0)
    await _refused(closed / "library.db", clock, draft, "cannot be opened")
    closed.chmod(0o700)


async def test_a_library_that_is_replaced_or_removed_while_open(
    path: Path, clock: Clock, draft: Any, tmp_path: Path
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft(name="old"))
        with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
            db.backup(copy)
        await library.save(draft(name="newer"))
        (tmp_path / "backup.db").replace(path)
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        assert [template.name for template in (await library.listing()).templates] == ["old"]
        await library.save(draft(name="after"))
        assert await library.verify() == ()
    async with Library(path, clock=clock) as library:
        assert [template.name for template in (await library.listing()).templates] == ["after", "old"]
        path.unlink()
        assert (await library.listing()).templates == ()
        await library.save(draft(name="anew"))
    async with Library(path, clock=clock) as library:
        assert [template.name for template in (await library.listing()).templates] == ["anew"]
        assert await library.verify() == ()


async def test_a_closed_library_stays_closed(path: Path, clock: Clock, draft: Any) -> None:
    library = Library(path, clock=clock)
    await library.save(draft())
    await library.close()
    await library.close()
    with pytest.raises(RuntimeError, match="closed"):
        await library.listing()


async def test_where_no_side_files_can_be_made_reading_still_works(
    path: Path, clock: Clock, draft: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk has no room for `-shm`: the way of opening that needs it fails, the others are tried."""
    async with Library(path, clock=clock) as library:
        await library.save(draft())

    connect = sqlite.connect
    tried: list[str] = []

    def full(path: Path | None, options: str = "", **more: float) -> sqlite3.Connection:
        if path is not None:
            tried.append(options)
            if options != "mode=ro&immutable=1":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
                raise error
        return connect(path, options, **more)

    monkeypatch.setattr(sqlite, "connect", full)
    async with Library(path, clock=clock) as library:
        assert len((await library.listing()).templates) == 1
        assert tried == ["mode=rw", "mode=ro", "mode=ro&immutable=1"]
        with pytest.raises(LibraryError, match="disk is full"):
            await library.save(draft(text="two"))
        assert len((await library.listing()).templates) == 1


async def test_a_cancelled_opening_leaves_nothing_open(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    for turns in range(12):
        async with Library(path, clock=clock) as library:
            task = asyncio.create_task(library.listing())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len((await library.listing()).templates) == 1
        assert [entry.name for entry in path.parent.iterdir()] == ["library.db"]


@pytest.mark.usefixtures("bound_by_permissions")
def test_a_failed_opening_outlives_no_event_loop(path: Path, clock: Clock) -> None:
    """The driver's thread would report to a closed loop, which pytest turns into a failure."""

    async def fail() -> None:
        async with Library(path, clock=clock) as library:
            with pytest.raises(LibraryError, match="cannot be opened"):
                await library.listing()

    path.touch(mode=0)
    for _ in range(40):
        asyncio.run(fail())


async def test_a_library_that_is_emptied_or_set_back_in_place(
    library: Library, draft: Any, raw: Callable[..., list[tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    await library.save(draft())
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "known", lambda: len(migrations.MIGRATIONS) + 1)
        for attempt in (library.listing(), library.save(draft(text="two"))):
            with pytest.raises(LibraryError, match="replaced by an older one"):
                await attempt
    tables = raw("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_index_%'")
    for (table,) in tables:
        raw(f"DROP TABLE {table}")
    raw("PRAGMA application_id = 0")
    assert (await library.listing()).templates == ()
    with pytest.raises(LibraryError, match="emptied"):
        await library.save(draft(text="two"))


@pytest.mark.usefixtures("bound_by_permissions")
async def test_a_log_that_cannot_be_copied_is_not_left_out_in_silence(left: Path, clock: Clock) -> None:
    (left / "library.db-wal").chmod(0)
    left.chmod(0o500)
    async with Library(left / "library.db", clock=clock) as library:
        with pytest.raises(LibraryError, match="cannot be read: Permission denied") as raised:
            await library.listing()
        assert str(left / "library.db") in raised.value.what
    assert list(left.with_name("scratch").iterdir()) == []


@pytest.mark.usefixtures("bound_by_permissions")
async def test_a_library_that_was_read_only_for_a_while_can_be_written_again(
    path: Path, clock: Clock, draft: Any
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    path.chmod(0o444)
    async with Library(path, clock=clock) as library:
        assert len((await library.listing()).templates) == 1
        path.chmod(0o600)
        async with Library(path, clock=clock) as other:
            await other.save(draft("b"))
    async with Library(path, clock=clock) as library:
        await library.save(draft("c"))
        assert beside(path, "-shm").stat().st_mode & 0o777 == 0o600
