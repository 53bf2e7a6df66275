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
