"""A listing as JSON says what the records would."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warmtui.library import Library
from warmtui.library.content import StoredContent, content_of
from warmtui.library.kept_json import CONTENT, json_in
from warmtui.library.rows import TemplateRow
from warmtui.model.template import Draft, Record, Version

SPACED = json.dumps(json.loads(content_of(Draft(name="n", task_type="code", seed={})).text), indent=1)  # type: ignore[arg-type]


async def as_records(library: Library, **wish: Any) -> tuple[str, list[Any]]:
    listing = await library.listing(**wish)
    return json.dumps([one.model_dump(mode="json") for one in listing.templates]), list(listing.problems)


async def as_json(library: Library, **wish: Any) -> tuple[str, list[Any]]:
    listing = await library.json_listing(**wish)
    return json.dumps(listing.templates), list(listing.problems)


def shape_of(kind: Any) -> Any:
    """What `CONTENT` should hold for a field of this type."""
    if get_origin(kind) is Annotated:
        return shape_of(get_args(kind)[0])
    if get_origin(kind) is UnionType:
        (one,) = (inner for inner in get_args(kind) if inner is not NoneType)
        inner = shape_of(one)
        return None if inner is None else (inner,)
    if get_origin(kind) is tuple:
        inner = shape_of(get_args(kind)[0])
        return None if inner is None else [inner]
    if get_origin(kind) is not Literal and issubclass(kind, Record):
        return {name: shape_of(field.annotation) for name, field in kind.model_fields.items()}
    return None


def test_the_fields_and_their_order_are_those_of_the_records() -> None:
    shapes = shape_of(Version)
    kept = {name: shapes[name] for name in Version.model_fields if name in StoredContent.model_fields}
    assert repr(kept) == repr(CONTENT)


async def test_nothing_is_listed_of_a_library_that_is_not_there(library: Library) -> None:
    assert await library.json_listing() == ((), ())


async def test_everything_a_template_holds(library: Library, draft: Any) -> None:
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
        if thumb:
            await library.rate(session, thumb)  # type: ignore[arg-type]
    wishes: tuple[dict[str, Any], ...] = (
        {},
        {"type": "file"},
        {"tags": ("a",)},
        {"tags": ("b",)},
        {"query": "two"},
        {"query": "service deployed"},
        {"query": "nowhere"},
        {"deleted": True},
    )
    sizes = []
    for wish in wishes:
        listed = await as_json(library, **wish)
        assert listed == await as_records(library, **wish)
        sizes.append(len(json.loads(listed[0])))
    assert sizes == [2, 1, 1, 2, 1, 2, 0, 1]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE versions SET content = replace(content, 'two', 'TWO') WHERE number = 2",
        "UPDATE versions SET content = replace(content, '\"two\"', '2') WHERE number = 2",
        "UPDATE versions SET content = '[]'",
        "UPDATE versions SET content = 'no JSON'",
        "UPDATE versions SET content = x'ff'",
        "UPDATE versions SET content_hash = 'x'",
        "UPDATE versions SET content_hash = x'78'",
        "UPDATE versions SET created_at = x'00'",
        "DELETE FROM versions WHERE number = 2",
        "UPDATE templates SET current_version = 9",
        "UPDATE templates SET name = x'ff00' WHERE name = 'deploy'",
        "UPDATE templates SET name = CAST(x'61ff' AS TEXT) WHERE name = 'deploy'",
        "UPDATE templates SET created_at = x'00'",
        "UPDATE templates SET updated_at = x'00' WHERE name = 'deploy'",
        "UPDATE templates SET deleted_at = x'00'",
    ],
)
async def test_damage_changes_nothing(library: Library, draft: Any, raw: Any, damage: str) -> None:
    await library.save(draft())
    await library.save(draft(text="two"))
    await library.save(draft(name="whole", text="three"))
    raw("DROP TRIGGER versions_never_change")
    raw("DROP TRIGGER versions_never_go")
    raw(damage)
    for deleted in (False, True):
        assert await as_json(library, deleted=deleted) == await as_records(library, deleted=deleted)


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
async def test_what_has_a_right_hash_and_other_fields(
    library: Library, draft: Any, raw: Any, content: str
) -> None:
    await library.save(draft())
    raw("DROP TRIGGER versions_never_change")
    digest = hashlib.sha256(content.encode()).hexdigest()
    raw("UPDATE versions SET content = ?, content_hash = ?", content, digest)
    assert await as_json(library) == await as_records(library)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=())), name=st.text(min_size=1))
def test_any_text(draft: Any, text: str, name: str) -> None:
    content = content_of(draft(text=text, description=name))
    row = TemplateRow("t_a", "n", (), "x", "x", None, 1, 0, 0, 0, 1, content.text, content.hash, "x", 1)
    found = json_in(row)
    assert found is not None
    kept = StoredContent.model_validate_json(content.text).model_dump(mode="json")
    assert {key: found["version"][key] for key in kept} == kept
