"""Putting a call that is looked at into a draft: the open one where that is made from its session."""

from __future__ import annotations

from kept_drafts import drafts_in
from ui import MARATHON, TOTALS

from warmtui.curation.editing import is_picked
from warmtui.model.session import SessionKey
from warmtui.tui.curate.draft_session import DraftSession, candidate_of, pick_call
from warmtui.workspace import Workspace


async def two_keys(workspace: Workspace) -> tuple[SessionKey, SessionKey]:
    """Return the keys of the two recorded sessions."""
    await workspace.sessions.refresh()
    keys = {key.id: key for key in workspace.sessions.table}
    return keys[MARATHON], keys[TOTALS]


async def test_a_call_goes_into_the_open_draft_that_is_made_from_its_session_too(
    workspace: Workspace,
) -> None:
    first, second = await two_keys(workspace)
    both = await DraftSession.of_sessions(workspace, [first, second])
    found = await workspace.sessions.findings_of(first)
    for index in range(len(found.judged.calls)):
        candidate = candidate_of(found, index)
        if candidate is None:
            continue
        done = await pick_call(workspace, [both], first, found, index)
        if done.draft is not None:
            assert done.draft is both
            assert len(done.words) < 100, "it is said in a toast"
            assert is_picked(both.state, both.offers[candidate.id])
            assert candidate.id in [each.id for each in both.candidates], "and it is offered there"
    ids = [each.id for each in both.candidates]
    assert len(ids) == len(set(ids))
    assert both.state.seed.tool_examples
    [kept] = drafts_in(workspace.library.path)
    assert kept.key == both.name


async def test_a_call_of_another_session_goes_into_a_draft_of_its_own(workspace: Workspace) -> None:
    first, second = await two_keys(workspace)
    draft = await DraftSession.of_sessions(workspace, [second])
    found = await workspace.sessions.findings_of(first)
    index = next(at for at in range(len(found.judged.calls)) if candidate_of(found, at) is not None)
    done = await pick_call(workspace, [draft], first, found, index)
    assert done.draft is not None
    assert done.draft is not draft
    assert draft.state.seed.is_empty()
    assert len(done.words) < 100, "it is said in a toast"
    again = await pick_call(workspace, [done.draft], first, found, index)
    assert again.draft is done.draft
    assert "has it already" in again.words
