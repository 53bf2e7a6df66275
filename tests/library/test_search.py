from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warmtui.library.library import Library
from warmtui.library.search import fold_text

Raw = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(params=[True, False], ids=["fts5", "no-fts5"])
def with_fts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        _without_fts(monkeypatch)
    return bool(request.param)


def _without_fts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warmtui.library.sqlite.has_fts", lambda _: False)


async def _names(library: Library, query: str, **more: Any) -> list[str]:
    return sorted(template.name for template in (await library.listing(query=query, **more)).templates)


async def test_every_word_must_occur_somewhere(
    with_fts: bool, library: Library, draft: Any, raw: Raw
) -> None:
    await library.save(draft(name="alpha", text="Über die STRASSE\tgehen", tags=("blue-green",)))
    await library.save(draft(name="beta", text="100% of a_b", description="Straße"))
    assert raw("SELECT indexed FROM search_state") == [(int(with_fts),)]
    assert await _names(library, "straße") == ["alpha", "beta"]
    assert await _names(library, "ÜBER strasse") == ["alpha"]
    assert await _names(library, "alpha beta") == []
    assert await _names(library, "lph") == ["alpha"]
    assert await _names(library, "ue-gr") == ["alpha"]
    assert await _names(library, "blue") == ["alpha"]
    assert await _names(library, "make terminal") == ["alpha", "beta"]
    assert await _names(library, "%") == ["beta"]
    assert await _names(library, "a_b") == ["beta"]
    assert await _names(library, "a%b") == []
    assert await _names(library, "  ") == ["alpha", "beta"]
    assert await _names(library, "") == ["alpha", "beta"]


async def test_the_search_follows_changes(with_fts: bool, library: Library, draft: Any) -> None:
    await library.save(draft(name="alpha", text="walrus"))
    await library.save(draft(name="alpha", text="penguin"))
    assert await _names(library, "walrus") == []
    assert await _names(library, "penguin") == ["alpha"]
    await library.set_tags("alpha", add=("zebra",))
    assert await _names(library, "zebra") == ["alpha"]
    await library.rename("alpha", "omega")
    assert await _names(library, "alpha") == []
    assert await _names(library, "omega") == ["omega"]
    await library.revert("omega", 1)
    assert await _names(library, "walrus") == ["omega"]
    await library.delete("omega")
    assert await _names(library, "walrus") == []
    assert await _names(library, "walrus", deleted=True) == ["omega"]
    await library.undelete("omega")
    assert await _names(library, "walrus") == ["omega"]


async def test_an_index_left_behind_by_a_sqlite_without_fts5_is_made_anew(
    path: Path, clock: Callable[[], datetime], draft: Any, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft(name="first", text="walrus"))
    with monkeypatch.context() as patched:
        _without_fts(patched)
        async with Library(path, clock=clock) as library:
            await library.save(draft(name="second", text="walrus"))
            assert await _names(library, "walrus") == ["first", "second"]
    assert raw("SELECT indexed FROM search_state") == [(0,)]
    async with Library(path, clock=clock) as library:
        assert await _names(library, "walrus") == ["first", "second"]
        await library.save(draft(name="third", text="walrus"))
        assert raw("SELECT indexed FROM search_state") == [(1,)]
        assert raw("SELECT count(*) FROM search_index WHERE search_index MATCH 'walrus'") == [(3,)]
        assert await _names(library, "walrus") == ["first", "second", "third"]


async def test_more_finds_than_a_statement_takes_values(
    path: Path, clock: Callable[[], datetime], draft: Any, raw: Raw
) -> None:
    async with Library(path, clock=clock) as library:
        await library.save(draft(name="seed"))
        raw(
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1100) "
            "INSERT INTO templates (id, name, created_at, updated_at, current_version) "
            "SELECT printf('t_%010d', i), 'many' || i, 'x', printf('%05d', i), 1 FROM n"
        )
        raw(
            "INSERT INTO versions SELECT t.id, 1, v.content, v.content_hash, 'x' "
            "FROM templates t, versions v WHERE t.name LIKE 'many%'"
        )
        raw(
            "INSERT INTO search_text (template_id, text) "
            "SELECT id, name FROM templates WHERE name LIKE 'many%'"
        )
        raw("UPDATE search_state SET indexed = 0")
        found = (await library.listing(query="many")).templates
        assert [template.name for template in found] == [f"many{number}" for number in range(1100, 0, -1)]


@cases(
    "library/data/queries.jsonl",
    ("x" * 10_000_000, False),
    (" ".join(str(number) for number in range(20_000)), False),
    ("make " * 30_000, True),
)
async def test_no_query_is_refused(
    with_fts: bool, library: Library, draft: Any, query: str, found: bool
) -> None:
    await library.save(draft())
    assert await _names(library, query) == (["deploy"] if found else [])


@given(text=st.text(max_size=60), start=st.integers(0, 59), length=st.integers(1, 20))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_any_piece_of_a_text_finds_it(
    library: Library, draft: Any, text: str, start: int, length: int
) -> None:
    saved = await library.save(draft(name="piece", text=text))
    kept = saved.version.seed.system_context
    for word in fold_text(kept[start : start + length]).split():
        if word in fold_text(kept):
            assert await _names(library, word) == ["piece"]
    assert await library.verify() == ()
