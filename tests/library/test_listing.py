"""What a listing shows, and what becomes of damaged rows in it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from case_tables import cases

from warmtui.errors import LibraryError
from warmtui.library.library import Library
from warmtui.library.templates import content_of
from warmtui.model.template import Draft, Listing, Usage

SPACED = json.dumps(json.loads(content_of(Draft(name="n", task_type="code", seed={})).text), indent=1)  # type: ignore[arg-type]


async def test_nothing_is_listed_of_a_library_that_is_not_there(library: Library) -> None:
    assert await library.listing() == Listing((), ())


async def test_every_filter_and_the_counts_of_uses(library: Library, draft: Any, raw: Any) -> None:
    await library.save(draft(tags=("b", "a")))
    saved = await library.save(draft(text="two"))
    await library.save(draft(name="other", task_type="file", tags=("b",)))
    await library.save(draft(name="gone"))
    await library.delete("gone")
    for session, thumb in (("s1", "good"), ("s2", "bad"), ("s3", None)):
        await library.record_use(
            saved.template.id,
            2,
            agent="hermes",
            session_id=session,
            source="state.db",
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            command=("hermes",),
        )
        raw("UPDATE uses SET thumb = ? WHERE session_id = ?", thumb, session)
    wishes: tuple[dict[str, Any], ...] = (
        {},
        {"task_type": "file"},
        {"tags": ("a",)},
        {"tags": ("b",)},
        {"query": "two"},
        {"query": "service deployed"},
        {"query": "nowhere"},
        {"deleted": True},
    )
    sizes = [len((await library.listing(**wish)).templates) for wish in wishes]
    assert sizes == [2, 1, 1, 2, 1, 2, 0, 1]
    [template] = (await library.listing(query="two")).templates
    assert template.usage == Usage(started=3, thumbs_up=1, thumbs_down=1)
    assert template == await library.get("deploy")


@cases("library/data/damage_to_one.jsonl")
async def test_damage_to_one_hides_no_other(library: Library, draft: Any, raw: Any, damage: str) -> None:
    await library.save(draft())
    await library.save(draft(text="two"))
    await library.save(draft(name="whole", text="three"))
    raw("DROP TRIGGER versions_never_change")
    raw("DROP TRIGGER versions_never_go")
    raw(damage)
    listings = [await library.listing(deleted=deleted) for deleted in (False, True)]
    for listing in listings:
        assert len(listing.problems) == len(listing.damaged)
    assert sum(len(listing.templates) + len(listing.damaged) for listing in listings) == 2
    if "WHERE name = 'deploy'" in damage or "'two'" in damage or "number = 2" in damage:
        assert "whole" in [template.name for template in listings[0].templates]


async def test_what_is_damaged_is_named_and_never_given_out(library: Library, draft: Any, raw: Any) -> None:
    broken = (await library.save(draft(name="broken"))).template.id
    await library.save(draft(name="whole"))
    raw("DROP TRIGGER versions_never_change")
    raw("UPDATE versions SET content = replace(content, 'one', 'One') WHERE template_id = ?", broken)
    listing = await library.listing()
    assert [damaged.name for damaged in listing.damaged] == ["broken"]
    assert [problem.text for problem in listing.problems if broken in problem.text]
    assert [template.name for template in listing.templates] == ["whole"]
    with pytest.raises(LibraryError, match="is damaged"):
        await library.get("broken")


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "[]",
        "1",
        SPACED,
        SPACED.replace('"seed"', '"more": 1, "seed"'),
        SPACED.replace('"recoveries": []', '"recoveries": {}'),
        SPACED.replace('"recoveries": []', '"recoveries": [{}]'),
        SPACED.replace('"recoveries": [],', ""),
        SPACED.replace('"recoveries": []', '"recoveries": null'),
        SPACED.replace('"seed": {', '"seed": null, "more": {'),
        '{"description": "", "masked": [], "seed": null, "sources": [], "task_type": "code"}',
        SPACED.replace('"seed": {', '"seed": [{').replace("},", "}],"),
    ],
)
async def test_content_with_a_right_hash_and_other_fields_is_damaged(
    library: Library, draft: Any, raw: Any, content: str
) -> None:
    await library.save(draft())
    raw("DROP TRIGGER versions_never_change")
    digest = hashlib.sha256(content.encode()).hexdigest()
    raw("UPDATE versions SET content = ?, content_hash = ?", content, digest)
    listing = await library.listing()
    sound = content in (
        SPACED,
        SPACED.replace('"recoveries": [],', ""),
    )  # a field with a default may be missing
    assert (len(listing.templates), len(listing.damaged)) == ((1, 0) if sound else (0, 1))


async def test_a_save_or_an_older_version_replaces_a_damaged_one(
    library: Library, draft: Any, raw: Any
) -> None:
    await library.save(draft())
    await library.save(draft(text="two"))
    raw("DROP TRIGGER versions_never_change")
    raw("UPDATE versions SET content = replace(content, 'two', 'TWO') WHERE number = 2")
    reverted = await library.revert("deploy", 1)
    assert (reverted.version.number, reverted.version.seed.system_context) == (3, "one")
    raw("UPDATE versions SET content = replace(content, 'one', 'ONE') WHERE number = 3")
    saved = await library.save(draft())
    assert (saved.version.number, saved.unchanged) == (4, False)
    assert (await library.get("deploy")).version.seed.system_context == "one"
