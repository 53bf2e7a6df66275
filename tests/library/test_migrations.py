from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import LibraryError
from warmtui.library import migrations
from warmtui.library.library import Library
from warmtui.library.migrations import APPLICATION_ID, MIGRATIONS, Migration
from warmtui.model.template import Draft, Usage

Clock = Callable[[], datetime]

SECOND = Migration(
    MIGRATIONS[-1].number + 1,
    "experiments",
    ("CREATE TABLE experiments (id INTEGER PRIMARY KEY)", "ALTER TABLE templates ADD COLUMN pinned INTEGER"),
)


@pytest.fixture
def first_schema(path: Path) -> Path:
    """A library of the first schema, as the first warmtui left it; never edit what made it."""
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "v1.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


def _steps(path: Path) -> list[tuple[int, str]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT number, name FROM migrations ORDER BY number").fetchall()
    finally:
        connection.close()


def test_steps_are_counted_from_one_without_gaps() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


async def test_a_new_library_is_at_the_newest_step(library: Library, draft: Any) -> None:
    await library.save(draft())
    assert _steps(library.path) == [(migration.number, migration.name) for migration in MIGRATIONS]
    connection = sqlite3.connect(library.path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()


async def test_the_first_schema_is_read_and_written(first_schema: Path, clock: Clock, draft: Any) -> None:
    async with Library(first_schema, clock=clock) as library:
        assert await library.verify() == ()
        (template,) = (await library.listing(query="walrus")).templates
        assert (template.id, template.name, template.tags) == ("t_abcdefgh23", "Größe", ("a", "b"))
        assert template.usage == Usage(started=2, thumbs_up=1)
        assert template.version.number == 2
        assert [version.seed.system_context for version in await library.versions("Größe")] == [
            "one",
            "the walrus",
        ]
        assert [use.session_id for use in await library.uses("Größe")] == [None, "s1"]
        assert [gone.name for gone in (await library.listing(deleted=True)).templates] == ["gone"]
        kept = await library.get_draft("curate")
        assert kept is not None
        assert kept.content == '{"open": true}'
        fields = ("description", "task_type", "seed", "sources", "masked")
        same = {field: getattr(template.version, field) for field in fields}
        assert (await library.save(Draft(name="Größe", **same))).unchanged, "its hash is the one it had"
        assert (await library.save(draft(name="Größe"))).version.number == 3
        assert await library.verify() == ()
    assert _steps(first_schema)[-1] == (MIGRATIONS[-1].number, MIGRATIONS[-1].name)


async def test_reading_brings_an_older_library_up_to_date(
    first_schema: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, SECOND))
    async with Library(first_schema, clock=clock) as library:
        assert len((await library.listing()).templates) == 1
        assert _steps(first_schema)[-1] == (SECOND.number, "experiments")
        assert await library.verify() == ()


async def test_a_step_that_fails_leaves_nothing_of_itself(
    first_schema: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, draft: Any
) -> None:
    broken = SECOND._replace(statements=(*SECOND.statements, "INSERT INTO nowhere VALUES (1)"))
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, broken))
        async with Library(first_schema, clock=clock) as library:
            for attempt in (library.listing(), library.save(draft())):
                with pytest.raises(LibraryError, match="no such table: nowhere"):
                    await attempt
    assert _steps(first_schema) == [(migration.number, migration.name) for migration in MIGRATIONS]
    async with Library(first_schema, clock=clock) as library:
        assert len((await library.listing()).templates) == 1
        async with library._store.reading() as transaction:
            assert transaction is not None
            assert not await transaction.row("SELECT 1 FROM sqlite_master WHERE name = 'experiments'")


@pytest.mark.usefixtures("bound_by_permissions")
async def test_the_first_schema_is_read_where_it_cannot_be_written(first_schema: Path, clock: Clock) -> None:
    before = _steps(first_schema)
    first_schema.chmod(0o400)
    async with Library(first_schema, clock=clock) as library:
        assert len((await library.listing()).templates) == 1
    assert _steps(first_schema) == before


async def test_a_newer_library_is_left_alone(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, draft: Any
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, SECOND))
        async with Library(path, clock=clock) as library:
            await library.save(draft())
    before = path.read_bytes()
    async with Library(path, clock=clock) as library:
        for attempt in (library.listing(), library.save(draft(text="two")), library.verify()):
            with pytest.raises(LibraryError, match="newer warmtui") as raised:
                await attempt
            assert raised.value.remedy.startswith("upgrade warmtui")
    assert path.read_bytes() == before


async def test_a_library_that_another_warmtui_made_newer_while_it_was_open(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, draft: Any
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
        connection = sqlite3.connect(path)
        connection.execute("INSERT INTO migrations VALUES (99, 'later', 'x')")
        connection.commit()
        connection.close()
        with pytest.raises(LibraryError, match="newer warmtui"):
            await library.save(draft(text="two"))
        with pytest.raises(LibraryError, match="newer warmtui"):
            await library.listing()


@pytest.mark.usefixtures("bound_by_permissions")
async def test_an_older_library_that_cannot_be_written_says_what_to_do(
    first_schema: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, SECOND))
    first_schema.chmod(0o400)
    async with Library(first_schema, clock=clock) as library:
        with pytest.raises(LibraryError, match="older warmtui and read-only") as raised:
            await library.listing()
        assert "copy it" in raised.value.remedy


async def test_a_library_that_does_not_say_its_schema(path: Path, clock: Clock, draft: Any) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft())
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM migrations")
    connection.commit()
    connection.close()
    async with Library(path, clock=clock) as library:
        with pytest.raises(LibraryError, match="does not say which schema"):
            await library.listing()
