from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st

from warmtui.errors import AmbiguousError, NotFoundError, UsageError
from warmtui.library.library import Library
from warmtui.library.names import Ref, TemplateRef, check_name, check_tags, id_start, parse_ref

IDS = ("t_abcdaaaaaa", "t_abceaaaaaa", "t_zzzzaaaaaa")


@pytest.fixture
async def three(path: Path, clock: Callable[[], datetime], draft: Any) -> AsyncIterator[Library]:
    ids = iter(IDS)
    async with Library(path, clock=clock, make_id=lambda: next(ids)) as library:
        await library.save(draft(name="deploy"))
        await library.save(draft(name="release"))
        await library.save(draft(name="t_abcd"))
        await library.save(draft(name="deploy", text="two"))
        yield library


async def test_by_name_id_and_start_of_an_id(three: Library) -> None:
    for ref in ("deploy", "  deploy ", "t_abcdaaaaaa", "T_ABCDA"):
        assert await three.resolve(ref) == TemplateRef(IDS[0], "deploy", 2, pinned=False)
    assert await three.resolve("t_z") == TemplateRef(IDS[2], "t_abcd", 1, pinned=False)


async def test_a_name_goes_before_the_start_of_an_id(three: Library) -> None:
    assert (await three.resolve("t_abcd")).id == IDS[2]


async def test_versions_are_asked_for_after_an_at(three: Library) -> None:
    assert await three.resolve("deploy@1") == TemplateRef(IDS[0], "deploy", 1, pinned=True)
    assert (await three.resolve("t_abcda@2")).version == 2
    with pytest.raises(NotFoundError, match="no version 3") as raised:
        await three.resolve("deploy@3")
    assert raised.value.remedy == "it has the versions 1 to 2"
    with pytest.raises(NotFoundError):
        await three.resolve("deploy@" + "9" * 5_000)


async def test_a_start_that_several_share_is_ambiguous(three: Library) -> None:
    with pytest.raises(AmbiguousError) as raised:
        await three.resolve("t_abc")
    assert IDS[0] in raised.value.what
    assert "release" in raised.value.what
    assert raised.value.exit_code == 3


async def test_close_names_are_suggested(three: Library) -> None:
    with pytest.raises(NotFoundError) as raised:
        await three.resolve("Deplyo")
    assert raised.value.remedy == "did you mean 'deploy'?"
    with pytest.raises(NotFoundError, match="warmtui list"):
        await three.resolve("nothing like it")


@pytest.mark.parametrize(
    "ref", ["%", "_", "'; DROP TABLE templates; --", "\0", "\ud800", "*", "x" * 10_000_000]
)
async def test_hostile_references_are_not_found(three: Library, ref: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        await three.resolve(ref)
    assert len(str(raised.value)) < 300
    assert len((await three.listing()).templates) == 3


async def test_empty_references_make_no_sense(three: Library) -> None:
    with pytest.raises(UsageError):
        await three.resolve(" ")


async def test_several_deleted_of_one_name_are_told_apart(three: Library, draft: Any) -> None:
    await three.delete("deploy")
    await three.rename("release", "deploy")
    await three.delete("deploy")
    with pytest.raises(AmbiguousError, match="deleted 2026-") as raised:
        await three.undelete("deploy")
    assert IDS[0] in raised.value.what
    assert IDS[1] in raised.value.what
    assert (await three.undelete(IDS[1])).id == IDS[1]


async def test_whole_template_actions_refuse_a_version(three: Library) -> None:
    for action in (three.delete, three.versions, three.uses):
        with pytest.raises(UsageError, match="whole template"):
            await action("deploy@1")
    with pytest.raises(UsageError):
        await three.get_version("deploy@1", 1)
    with pytest.raises(UsageError):
        await three.rename("deploy@1", "x")


@cases("library/data/good_names.jsonl")
def test_names_that_can_be(name: str) -> None:
    assert check_name(name) == name


def test_names_are_stripped_and_composed() -> None:
    assert check_name("  Cafe\u0301 ") == "Café"


@cases("library/data/bad_names.jsonl", ("n" * 10_000_000, "characters"))
def test_names_that_cannot_be(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as raised:
        check_name(name)
    assert raised.value.exit_code == 2
    assert len(str(raised.value)) < 300


@given(st.text())
def test_a_checked_name_stays_what_it_is_and_names_no_version(text: str) -> None:
    try:
        name = check_name(text)
    except UsageError:
        return
    assert check_name(name) == name
    assert parse_ref(name) == Ref(name, None)
    assert parse_ref(f"{name}@7") == Ref(name, 7)


def test_tags() -> None:
    assert check_tags([" b ", "a", "b", "a/b", "1@2"]) == ("1@2", "a", "a/b", "b")
    for tag in ("", " ", "x" * 61, "a\x1fb", "\ud800"):
        with pytest.raises(UsageError, match="tag"):
            check_tags([tag])


def test_references() -> None:
    assert parse_ref(" deploy ") == Ref("deploy", None)
    assert parse_ref("deploy @2") == Ref("deploy", 2)
    assert parse_ref("a@b") == Ref("a@b", None)
    assert parse_ref("a@" + "9" * 1_000_000).version == 9_999_999_999
    assert parse_ref("x\ud800") == Ref("x\ufffd", None)
    for ref in ("", "  ", "@2", "deploy@0"):
        with pytest.raises(UsageError):
            parse_ref(ref)


def test_starts_of_ids() -> None:
    assert id_start("t_a") == "t_a"
    assert id_start("T_ABC") == "t_abc"
    for text in ("t_", "t", "", "t_a1", "x_abc", "t_aaaaaaaaaaa", "t_" + "a" * 10_000_000):
        assert id_start(text) is None
