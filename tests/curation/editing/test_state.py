"""Items by id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from seeds import FROM

from warmtui.curation.editing import DraftState
from warmtui.curation.editing.state import (
    free_id,
    has_item,
    items_of,
    with_item,
    with_unique_ids,
    without_items,
)
from warmtui.model.template import ContextMarker, Seed


def marker(name: str) -> ContextMarker:
    return ContextMarker(id=name, text=name, kind="path", uses=1, provenance=FROM)


@given(st.lists(st.sampled_from(["a", "b", "", "opening", "message", "system_context", free_id("a", {"a"})])))
def test_every_item_gets_an_id_of_its_own(names: list[str]) -> None:
    seed = Seed(context_markers=tuple(map(marker, names)))
    own = with_unique_ids(seed)
    ids = [item.id for item in items_of(own)]
    assert len(set(ids)) == len(ids)
    assert not {"", "opening", "message", "system_context"} & set(ids)
    assert [marker.text for marker in own.context_markers] == names
    assert with_unique_ids(own) is own
    for name in ("a", "b"):
        assert (name in names) == (name in ids)


def test_what_is_not_there_is_not_replaced_or_taken_out(shop: DraftState) -> None:
    assert with_item(shop.seed, marker("gone")) is shop.seed
    assert without_items(shop.seed, {"gone"}) is shop.seed
    assert without_items(Seed(), {"system_context", "user_patterns"}) == Seed()


def test_what_is_there_is_found(shop: DraftState) -> None:
    assert all(has_item(shop.seed, item) for item in ("r1", "e2", "m1", "system_context", "user_patterns"))
    assert not has_item(Seed(system_context=" "), "system_context")
    assert not has_item(Seed(), "user_patterns")
    assert not has_item(shop.seed, "")
