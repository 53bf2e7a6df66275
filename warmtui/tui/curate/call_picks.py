"""From a call that is looked at to the candidate that shows it, and into the draft of its session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import Pick, is_picked
from warmtui.curation.summaries import candidate_summary
from warmtui.model.template import Recovery, ToolExample
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.widgets.cells import clip
from warmtui.workspace import Workspace
from warmtui.workspace.findings import Findings
from warmtui.workspace.session_table import SessionKey

SAID = 60
"""Cells of a call's words where it is said what became of it: enough to know it again."""


class Picked(NamedTuple):
    """What became of it."""

    draft: DraftSession | None
    """The session's draft; None when nothing was picked."""
    words: str
    """What was done, or why not."""
    taken: bool = False
    """Whether the draft was changed."""


def candidate_of(found: Findings, index: int) -> Candidate | None:
    """Return what a session offers of one call.

    Args:
        found: the session with everything found in it.
        index: the call's place among the session's judged calls.

    Returns:
        The recovery when the call is its failure, the example of the call, or of one with the same tool and
        arguments that speaks for itself more; the recovery when the call is its fix; else None.
    """
    for recovery in found.recoveries:
        if index in recovery.failures:
            return _made_of(found, recovery.failed_index, Recovery)
    call = found.judged.calls[index]
    if call.verdict.outcome != "ok":
        return None
    if (example := _made_of(found, index, ToolExample)) is not None:
        return example
    asked = canonical(call.call.arguments)
    for other, one in enumerate(found.judged.calls):
        if one.call.tool == call.call.tool and canonical(one.call.arguments) == asked:
            example = _made_of(found, other, ToolExample)
            if example is not None:
                return example
    for recovery in found.recoveries:
        if recovery.fixed_index == index:
            return _made_of(found, recovery.failed_index, Recovery)
    return None


def _made_of(found: Findings, index: int, kind: type[Recovery | ToolExample]) -> Candidate | None:
    call = found.judged.calls[index]
    for one in found.candidates:
        if isinstance(one.record, kind):
            origin = one.record.provenance
            if origin.message_id == call.message_id and origin.call_id == call.call.id:
                return one
    return None


def why_none(found: Findings, index: int) -> str:
    """Say why a session offers nothing of a call."""
    call = found.judged.calls[index]
    if call.verdict.outcome == "error":
        return "it failed, and nothing after it is seen to have fixed it"
    if call.verdict.outcome != "ok":
        return f"only calls that worked are kept; this one is {call.verdict.outcome}"
    if call.housekeeping:
        return "it is the agent's housekeeping, which teaches nothing about the project"
    return "its tool teaches nothing about a project, or its arguments are not fit to be shown again"


async def pick_call(
    workspace: Workspace, drafts: Sequence[DraftSession], key: SessionKey, found: Findings, index: int
) -> Picked:
    """Put a call into a draft, and keep the draft.

    Args:
        workspace: the workspace.
        drafts: open drafts. The first one made from the session, perhaps among others, gets the call;
            without one it goes into the draft of the session alone.
        key: the session.
        found: everything found in it.
        index: the call's place among its judged calls.

    Raises:
        WarmtuiError: the session could not be read any more.
    """
    candidate = candidate_of(found, index)
    if candidate is None:
        return Picked(None, f"not offered: {why_none(found, index)}")
    draft = next((one for one in drafts if _is_made_from(one, found)), None)
    if draft is None:
        draft = await DraftSession.of_sessions(workspace, [key])
        draft = next((one for one in drafts if one.name == draft.name), draft)
    if candidate.id not in draft.offers:
        # a draft of several sessions offers what they have in common once: here this one is meant
        await draft.add_sessions([key], only=candidate.id)
    offer = draft.offers.get(candidate.id)
    if offer is None:
        return Picked(None, "not offered: the session has many calls that speak for themselves more")
    words = clip(candidate_summary(offer.record), SAID)
    if is_picked(draft.state, offer):
        return Picked(draft, f"the draft has it already: {words}")
    draft.apply(Pick((offer,)))
    await draft.autosave()
    words = f"in the draft: {words} · 2 opens it"
    return Picked(draft, draft.autosave_error or words, taken=True)


def _is_made_from(draft: DraftSession, found: Findings) -> bool:
    header = found.judged.session.header
    return any(
        (one.source.agent, one.source.id) == (header.agent, header.id) for one in draft.offers.values()
    )
