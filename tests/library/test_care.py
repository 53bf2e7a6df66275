from __future__ import annotations

import asyncio
import hashlib
import os
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import LibraryError, UsageError
from warmtui.library import Library

Clock = Callable[[], datetime]
Raw = Callable[..., list[tuple[Any, ...]]]


async def test_a_backup_is_a_library_of_its_own(
    library: Library, tmp_path: Path, clock: Clock, draft: Any
) -> None:
    first = await library.save(draft(tags=("a",)))
    await library.record_use(
        first.template.id,
        1,
        agent="hermes",
        session_id="s",
        source="x",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        command=(),
    )
    await library.put_draft("k", "open")
    target = tmp_path / "kept" / "backup #1.db"
    target.parent.mkdir()
    await library.backup(target)
    await library.save(draft(text="two"))
    assert [entry.name for entry in target.parent.iterdir()] == ["backup #1.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    async with Library.open(target, clock=clock) as copy:
        assert await copy.verify() == ()
        assert await copy.list(query="make") == (await copy.get("deploy"),)
        assert (await copy.get("deploy")).version == first.version
        assert len(await copy.uses("deploy")) == 1
        assert len(await copy.list_drafts()) == 1
        assert (await copy.save(draft(text="another"))).version.number == 2
    assert (await library.get("deploy")).version.seed.system_context == "two"


async def test_a_backup_never_replaces_a_file(library: Library, tmp_path: Path, draft: Any) -> None:
    await library.save(draft())
    target = tmp_path / "taken"
    target.write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        await library.backup(target)
    with pytest.raises(UsageError, match="exists already"):
        await library.backup(library.path)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists already"):
        await library.backup(tmp_path / "link")
    with pytest.raises(UsageError, match="NUL"):
        await library.backup(tmp_path / "a\0b")
    assert target.read_text() == "precious"


@pytest.mark.parametrize("hard_links", [True, False])
async def test_a_file_that_appears_while_the_backup_is_made_is_kept(
    library: Library, tmp_path: Path, draft: Any, monkeypatch: pytest.MonkeyPatch, hard_links: bool
) -> None:
    await library.save(draft())
    target = tmp_path / "to" / "backup.db"
    target.parent.mkdir()
    link = os.link

    def late(source: Path, name: Path) -> None:
        target.write_text("somebody else's")
        if not hard_links:
            raise PermissionError(1, "Operation not permitted")
        link(source, name)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(UsageError, match="exists already"):
        await library.backup(target)
    assert target.read_text() == "somebody else's"
    assert len(list(target.parent.iterdir())) == 1


async def test_a_backup_where_there_are_no_hard_links(
    library: Library, tmp_path: Path, draft: Any, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    await library.save(draft())

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    await library.backup(tmp_path / "backup.db")
    async with Library.open(tmp_path / "backup.db", clock=clock) as copy:
        assert len(await copy.list()) == 1


@pytest.mark.usefixtures("bound_by_permissions")
async def test_a_backup_that_cannot_be_written(library: Library, tmp_path: Path, draft: Any) -> None:
    await library.save(draft())
    with pytest.raises(LibraryError, match="No such file"):
        await library.backup(tmp_path / "missing" / "backup.db")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(LibraryError, match="Permission denied") as raised:
        await library.backup(closed / "backup.db")
    assert raised.value.remedy
    with pytest.raises(LibraryError, match="too long"):
        await library.backup(tmp_path / ("n" * 300))


async def test_a_cancelled_backup_leaves_nothing(library: Library, tmp_path: Path, draft: Any) -> None:
    await library.save(draft(text="x" * 2_000_000))
    target = tmp_path / "to" / "backup.db"
    target.parent.mkdir()
    stopped = 0
    for turns in range(1, 40, 2):
        task = asyncio.create_task(library.backup(target))
        await asyncio.sleep(turns / 5_000)
        task.cancel()
        try:
            await task
            assert target.exists()
            target.unlink()
        except asyncio.CancelledError:
            stopped += 1
        assert list(target.parent.iterdir()) == []
    assert stopped
    assert await library.verify() == ()


async def test_a_whole_library_has_nothing_wrong(library: Library, draft: Any) -> None:
    await library.save(draft(tags=("a",)))
    await library.save(draft(text="two"))
    await library.delete("deploy")
    assert await library.verify() == ()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            "UPDATE versions SET content = replace(content, 'two', 'TWO')",
            "version 2: the content is not what",
        ),
        ("UPDATE versions SET content_hash = 'x' WHERE number = 1", "version 1: the content is not what"),
        ("UPDATE versions SET content = x'ff'", "version 1: the content is not what"),
        ("DELETE FROM versions WHERE number = 1", "1 versions up to 2"),
        ("UPDATE versions SET number = 7 WHERE number = 1", "2 versions up to 7"),
        ("UPDATE templates SET current_version = 1", "the current one being 1"),
        ("UPDATE templates SET current_version = 9", "refers to a missing row of versions"),
        ("DELETE FROM templates", "refers to a missing row of templates"),
        ("DELETE FROM search_text", "cannot be found by searching"),
        ("UPDATE templates SET name = ' x@3'", "' x@3' cannot be a name"),
        ("UPDATE templates SET name = x'ff00'", "cannot be a name"),
        ("UPDATE templates SET updated_at = x'00'", "one of its times is no text"),
        ("UPDATE tags SET tag = ''", "'' cannot be a tag"),
    ],
)
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
    (problem,) = await library.verify()
    assert problem.endswith("version 1: 5 wrong fields")


async def test_text_that_is_no_utf8_is_found_and_does_not_stop_the_listing(
    library: Library, draft: Any, raw: Raw
) -> None:
    await library.save(draft())
    raw("UPDATE templates SET name = CAST(x'61ff' AS TEXT)")
    assert [template.name for template in await library.list()] == ["a\ufffd"]


async def test_damaged_pages_are_found(path: Path, clock: Clock, draft: Any) -> None:
    async with Library.open(path, clock=clock) as library:
        for number in range(20):
            await library.save(draft(name=f"n{number}", text="x" * 3_000))
    content = bytearray(path.read_bytes())
    connection = sqlite3.connect(path)
    ((page,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'versions'")
    ((size,),) = connection.execute("PRAGMA page_size")
    connection.close()
    content[(page - 1) * size : page * size] = b"\xa5" * size
    path.write_bytes(content)
    async with Library.open(path, clock=clock) as library:
        problems = await library.verify()
        assert problems
        assert all(problem.startswith("file: ") or "template" in problem for problem in problems)
        with pytest.raises(LibraryError, match="is damaged"):
            await library.get("n1")


@pytest.mark.usefixtures("bound_by_permissions")
async def test_a_read_only_library_can_be_verified_and_backed_up(
    path: Path, clock: Clock, draft: Any, tmp_path: Path
) -> None:
    async with Library.open(path, clock=clock) as library:
        await library.save(draft())
    path.chmod(0o400)
    async with Library.open(path, clock=clock) as library:
        assert await library.verify() == ()
        await library.backup(tmp_path / "backup.db")
    async with Library.open(tmp_path / "backup.db", clock=clock) as copy:
        assert (await copy.save(draft(text="two"))).version.number == 2
