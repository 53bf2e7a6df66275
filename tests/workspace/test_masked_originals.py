"""Originals of masked places come from the session they were in, and from nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import secret_session
from secret_session import MAIL, OTHER, SLOT, TOKEN

from warmtui.curation.editing import (
    DraftState,
    History,
    Pick,
    Restore,
    ReviewedPlace,
    SetField,
    apply,
    dump,
    review,
    to_draft,
)
from warmtui.workspace import Workspace
from warmtui.workspace.drafts import EDITED, Original


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return secret_session.write(tmp_path / "state.db")


@pytest.fixture
async def workspace(tmp_path: Path, database: Path) -> AsyncIterator[Workspace]:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(sources=[str(database)], environ=environ) as opened:
        await opened.sessions.refresh(force=True)
        yield opened


async def picked(workspace: Workspace) -> DraftState:
    offered = await workspace.sessions.candidates_of(list(workspace.sessions.table))
    return apply(DraftState(name="n"), Pick(tuple(offered.offers.values())))


async def by_place(workspace: Workspace, state: DraftState) -> list[tuple[ReviewedPlace, Original]]:
    found = await workspace.drafts.originals(state, review(state))
    return [(place, found[place.key]) for place in review(state)]


async def test_each_original_is_found_and_put_back_it_is_the_sessions(workspace: Workspace) -> None:
    state = await picked(workspace)
    assert not {TOKEN, OTHER, MAIL} & set(to_draft(state).model_dump_json().split())
    found = await by_place(workspace, state)
    assert {original.text for _, original in found} == {TOKEN, OTHER, MAIL}
    assert len(found) > 4
    for place, original in found:
        assert original.text is not None
        assert original.text not in dump(History(state))
        back = apply(state, Restore(place.item, place.field, place.ordinal, original.text))
        assert original.text in to_draft(back).model_dump_json()


async def test_what_was_edited_too_far_cannot_be_told(workspace: Workspace) -> None:
    state = await picked(workspace)
    place = next(mask for mask in review(state) if mask.field == "before")
    state = apply(state, SetField(place.item, "before", f"either {SLOT} or {SLOT}"))
    masks = [mask for mask in review(state) if mask.field == "before"]
    found = await workspace.drafts.originals(state, masks)
    assert set(found.values()) == {Original(None, EDITED)}


async def test_a_session_that_is_gone_is_said_so(workspace: Workspace, database: Path) -> None:
    state = await picked(workspace)
    secret_session.forget(database)
    await workspace.sessions.refresh(force=True)
    for _, original in await by_place(workspace, state):
        assert original.text is None
        assert "is not there any more" in original.why


async def test_without_any_session_it_says_that_none_is_known(workspace: Workspace) -> None:
    state = replace(await picked(workspace), sources=(), taken=())
    state = apply(state, SetField("system_context", "system_context", f"use {SLOT}"))
    [place] = [mask for mask in review(state) if mask.item == "system_context"]
    assert (await workspace.drafts.originals(state, [place]))[place.key].why.startswith("nothing says")
