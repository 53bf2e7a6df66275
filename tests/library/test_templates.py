from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from warmtui.errors import ConflictError, LibraryError, NotFoundError, UsageError
from warmtui.library.library import Library
from warmtui.model.template import Draft, Seed, Usage

Raw = Callable[..., list[tuple[Any, ...]]]


async def test_a_new_template_is_kept_as_it_was_given(library: Library, draft: Any) -> None:
    given = draft(tags=("b", " a ", "b"))
    saved = await library.save(given)
    assert (saved.created, saved.unchanged, saved.version.number) == (True, False, 1)
    template = await library.get("deploy")
    assert template == saved.template
    assert template.version == saved.version
    assert template.tags == ("a", "b")
    assert template.versions == 1
    assert template.usage == Usage()
    assert template.deleted_at is None
    version = template.version
    assert (version.seed, version.description, version.task_type) == (
        given.seed,
        given.description,
        given.task_type,
    )
    assert (version.sources, version.masked) == (given.sources, given.masked)
    assert template.id.startswith("t_")
    assert len(template.id) == 12


async def test_a_name_in_use_gets_a_new_version_and_keeps_the_old(library: Library, draft: Any) -> None:
    first = await library.save(draft(text="one", tags=("mine",)))
    second = await library.save(draft(text="two", tags=("new",)))
    assert (second.created, second.unchanged) == (False, False)
    assert second.template.id == first.template.id
    assert second.template.versions == second.version.number == 2
    assert second.template.tags == ("mine", "new")
    assert second.template.created_at == first.template.created_at
    assert second.template.updated_at > first.template.updated_at
    assert await library.versions("deploy") == (first.version, second.version)
    assert await library.get_version("deploy", 1) == first.version
    assert (await library.get("deploy@1")).version == first.version


async def test_the_same_content_with_another_tag_changes_the_tags_only(library: Library, draft: Any) -> None:
    await library.save(draft())
    again = await library.save(draft(tags=("x",)))
    assert again.unchanged
    assert again.template.tags == ("x",)
    assert again.template.versions == 1


async def test_saving_to_a_template_under_a_name_of_another_is_a_conflict(
    library: Library, draft: Any
) -> None:
    await library.save(draft(name="taken"))
    saved = await library.save(draft(name="mine"))
    with pytest.raises(ConflictError, match="'taken' exists already"):
        await library.save(draft(name="taken", text="two"), template=saved.template.id)
    assert (await library.get("mine")).versions == 1


async def test_saving_to_one_version_makes_no_sense(library: Library, draft: Any) -> None:
    await library.save(draft())
    with pytest.raises(UsageError, match="whole template"):
        await library.save(draft(text="two"), template="deploy@1")


@pytest.mark.parametrize("expected", [0, 2, 5, -1])
async def test_an_unexpected_version_is_a_conflict(library: Library, draft: Any, expected: int) -> None:
    await library.save(draft())
    with pytest.raises(ConflictError) as raised:
        await library.save(draft(text="two"), expected_version=expected)
    assert raised.value.exit_code == 5
    assert raised.value.remedy
    assert (await library.get("deploy")).versions == 1


async def test_the_expected_version_is_saved_over(library: Library, draft: Any) -> None:
    await library.save(draft(), expected_version=0)
    saved = await library.save(draft(text="two"), expected_version=1)
    assert saved.version.number == 2


async def test_expecting_a_version_of_what_was_deleted_is_a_conflict(library: Library, draft: Any) -> None:
    await library.save(draft())
    await library.delete("deploy")
    with pytest.raises(ConflictError, match="any more"):
        await library.save(draft(text="two"), expected_version=1)


async def test_reverting_to_the_current_version_changes_nothing(library: Library, draft: Any) -> None:
    await library.save(draft(text="one"))
    await library.save(draft(text="two"))
    assert (await library.revert("deploy", 1)).version.content_hash == (
        await library.get_version("deploy", 1)
    ).content_hash
    assert (await library.revert("deploy", 3)).unchanged


@pytest.mark.parametrize("number", [0, -1, 2, 10**30])
async def test_revert_to_a_version_that_is_not_there(library: Library, draft: Any, number: int) -> None:
    await library.save(draft())
    with pytest.raises(NotFoundError, match="has no version"):
        await library.revert("deploy", number)
    with pytest.raises(NotFoundError, match="version 1 only"):
        await library.get_version("deploy", number)


async def test_revert_looks_at_the_expected_version(library: Library, draft: Any) -> None:
    await library.save(draft())
    await library.save(draft(text="two"))
    with pytest.raises(ConflictError):
        await library.revert("deploy", 1, expected_version=1)


async def test_a_deleted_template_is_out_of_the_way_and_comes_back(library: Library, draft: Any) -> None:
    first = await library.save(draft(tags=("a",)))
    deleted = await library.delete("deploy")
    assert deleted.deleted_at is not None
    assert (await library.listing()).templates == ()
    assert [template.id for template in (await library.listing(deleted=True)).templates] == [
        first.template.id
    ]
    with pytest.raises(NotFoundError, match="was deleted") as raised:
        await library.get("deploy")
    assert first.template.id in raised.value.remedy
    with pytest.raises(NotFoundError):
        await library.delete("deploy")
    back = await library.undelete("deploy")
    assert back.deleted_at is None
    assert (back.version, back.tags) == (first.version, ("a",))
    with pytest.raises(NotFoundError, match="no deleted template") as again:
        await library.undelete("deploy")
    assert "in use" in again.value.remedy


async def test_the_name_of_a_deleted_template_is_free(library: Library, draft: Any) -> None:
    old = await library.save(draft())
    await library.delete("deploy")
    new = await library.save(draft(text="two"), expected_version=0)
    assert new.created
    assert new.template.id != old.template.id
    with pytest.raises(ConflictError) as raised:
        await library.undelete("deploy")
    assert "rename" in raised.value.remedy
    await library.rename("deploy", "other")
    assert (await library.undelete("deploy")).id == old.template.id


async def test_rename(library: Library, draft: Any) -> None:
    first = await library.save(draft(tags=("a",)))
    await library.save(draft(name="taken"))
    renamed = await library.rename("deploy", "  release ")
    assert (renamed.id, renamed.name, renamed.versions) == (first.template.id, "release", 1)
    assert renamed.tags == ("a",)
    with pytest.raises(ConflictError):
        await library.rename("release", "taken")
    with pytest.raises(UsageError):
        await library.rename("release", "../x")
    assert await library.rename("release", "release") == renamed


async def test_tags_are_added_and_removed(library: Library, draft: Any) -> None:
    await library.save(draft(tags=("a", "b")))
    changed = await library.set_tags("deploy", add=("c", " d"), remove=("a", "d", "never there"))
    assert changed.tags == ("b", "c")
    assert (await library.get("deploy")).tags == ("b", "c")
    assert changed.versions == 1
    with pytest.raises(UsageError):
        await library.set_tags("deploy", add=("\n",))


async def test_duplicate_makes_a_template_of_its_own(library: Library, draft: Any) -> None:
    first = await library.save(draft(text="one", tags=("a",)))
    await library.save(draft(text="two"))
    copy = await library.duplicate("deploy@1", "copy")
    assert copy.created
    assert copy.template.id != first.template.id
    assert copy.template.tags == ("a",)
    assert copy.version.number == 1
    assert copy.version.content_hash == first.version.content_hash
    with pytest.raises(ConflictError):
        await library.duplicate("deploy", "copy")
    await library.save(draft(name="copy", text="three"))
    assert (await library.get("deploy")).version.seed.system_context == "two"


async def test_list_is_newest_updated_first_and_filters(library: Library, draft: Any) -> None:
    await library.save(draft(name="a", tags=("x", "y"), task_type="file"))
    await library.save(draft(name="b", tags=("x",)))
    await library.save(draft(name="c"))
    await library.save(draft(name="a", text="two", task_type="file"))

    async def names(**filters: Any) -> list[str]:
        return [template.name for template in (await library.listing(**filters)).templates]

    assert await names() == ["a", "c", "b"]
    assert await names(task_type="file") == ["a"]
    assert await names(task_type="research") == []
    assert await names(tags=("x",)) == ["a", "b"]
    assert await names(tags=("x", "y")) == ["a"]
    assert await names(tags=("X",)) == []
    assert await names(tags=("x",), task_type="code", query="service") == ["b"]


async def test_a_version_cannot_be_changed_or_removed(library: Library, draft: Any, raw: Raw) -> None:
    await library.save(draft())
    for statement in ("UPDATE versions SET content = ''", "DELETE FROM versions"):
        with pytest.raises(Exception, match="a version never"):
            raw(statement)


async def test_an_id_that_is_taken_is_not_given_again(
    path: Path, clock: Callable[[], datetime], draft: Any
) -> None:
    ids = chain(["t_aaaaaaaaaa", "t_aaaaaaaaaa", "t_bbbbbbbbbb"], repeat("t_bbbbbbbbbb"))
    async with Library(path, clock=clock, make_id=lambda: next(ids)) as library:
        assert (await library.save(draft(name="a"))).template.id == "t_aaaaaaaaaa"
        assert (await library.save(draft(name="b"))).template.id == "t_bbbbbbbbbb"
        with pytest.raises(LibraryError, match="no free id"):
            await library.save(draft(name="c"))
        assert await library.verify() == ()
        assert len((await library.listing()).templates) == 2


async def test_free_names_are_counted_up(library: Library, draft: Any) -> None:
    assert await library.free_name("warm") == "warm"
    await library.save(draft(name="warm"))
    await library.save(draft(name="warm_2"))
    assert await library.free_name(" warm ") == "warm_3"
    long = "n" * 200
    await library.save(draft(name=long))
    assert await library.free_name(long) == "n" * 198 + "_2"
    with pytest.raises(UsageError):
        await library.free_name("a/../b")


async def test_hostile_text_is_kept_or_mended_and_never_half_written(library: Library) -> None:
    nasty = "NUL \0 escape \x1b]52;c;\x07 half \ud800 pair \ud83d\ude00 quote \" ' % _ \u2028"
    saved = await library.save(
        Draft(
            name="nasty",
            description=nasty,
            task_type="general",
            seed=Seed(system_context=nasty * 100_000 + "the end"),
        )
    )
    mended = nasty.replace("\ud800", "\ufffd").replace("\ud83d\ude00", "\U0001f600")
    kept = await library.get("nasty")
    assert kept == saved.template
    assert kept.version.description == mended
    assert kept.version.seed.system_context == mended * 100_000 + "the end"
    assert await library.verify() == ()
