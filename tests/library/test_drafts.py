from __future__ import annotations

import pytest
from kept_drafts import drafts_in

from warmtui.errors import UsageError
from warmtui.library.drafts import KeptDraft
from warmtui.library.library import Library


async def test_drafts_are_kept_replaced_and_dropped(library: Library) -> None:
    assert drafts_in(library.path) == []
    assert await library.get_draft("a") is None
    assert await library.drop_draft("a") is False
    assert not library.path.exists()
    await library.put_draft("a", '{"x": 1}')
    await library.put_draft("b", "not JSON at all")
    await library.put_draft("a", '{"x": 2}')
    kept = await library.get_draft("a")
    assert kept is not None
    assert kept.content == '{"x": 2}'
    assert kept.updated_at.endswith("Z")
    assert [draft.key for draft in drafts_in(library.path)] == ["a", "b"]
    assert await library.drop_draft("a") is True
    assert await library.drop_draft("a") is False
    assert [draft.key for draft in drafts_in(library.path)] == ["b"]


async def test_hostile_drafts(library: Library) -> None:
    big = "\0\x1b" + "ü" * 5_000_000
    await library.put_draft("big", big)
    await library.put_draft("half", "\ud800")
    assert [draft.content for draft in drafts_in(library.path)] == ["\ufffd", big]
    await library.put_draft("k\0\ud800'", "x")
    kept = await library.get_draft("k\0\ud800'")
    assert isinstance(kept, KeptDraft)
    assert kept.content == "x"
    for key in ("", "k" * 201):
        with pytest.raises(UsageError):
            await library.put_draft(key, "x")


async def test_several_are_kept_at_once_or_not_at_all(library: Library) -> None:
    assert await library.drafts("auto:") == ()
    assert not library.path.exists()
    assert await library.put_drafts({"auto:a": "1", "auto:b": "2", "other": "3"}, expected={"auto:a": None})
    assert [draft.key for draft in await library.drafts("auto:")] == ["auto:a", "auto:b"]
    for expected in ({"auto:a": "2"}, {"auto:a": "1", "auto:c": "x"}, {"other": None}):
        assert not await library.put_drafts({"auto:a": "9", "auto:c": "9"}, expected=expected)
    assert await library.put_drafts({"auto:a": "4", "auto:b": None}, expected={"auto:a": "1"})
    assert [(draft.key, draft.content) for draft in drafts_in(library.path)] == [
        ("auto:a", "4"),
        ("other", "3"),
    ]
    assert await library.newest_draft(besides=("app:", "other")) == "auto:a"
    assert await library.newest_draft(besides=("auto:", "other")) is None
    with pytest.raises(UsageError):
        await library.put_drafts({"c": "x", "": "x"})
    assert await library.get_draft("c") is None
