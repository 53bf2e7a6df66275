"""Picking one call of a session: the candidate that shows it goes into the session's draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import Pick
from warmtui.curation.summaries import candidate_summary
from warmtui.model.session import SessionKey
from warmtui.model.template import Recovery, ToolExample
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.widgets.cells import clip
from warmtui.workspace import Workspace
from warmtui.workspace.findings import Findings

SUMMARY_WIDTH = 60
"""Cells of a call's summary in a message: enough to recognise the call."""


class CallPick(NamedTuple):
    """What became of a call that was to be picked."""

    draft: DraftSession | None
    """The draft that has it; None if the call is not offered."""
    words: str
    """What was done, or why not."""
    changed: bool = False
    """Whether the draft was changed."""


async def pick_call(
    workspace: Workspace, drafts: Sequence[DraftSession], key: SessionKey, findings: Findings, index: int
) -> CallPick:
    """Pick a call for a draft, and autosave the draft.

    Args:
        workspace: the open workspace.
        drafts: open drafts. The first one made from the session, perhaps among others, gets the call;
            without one it goes into the draft of the session alone.
        key: the session.
        findings: of the session.
        index: of the call among the session's judged calls.

    Raises:
        WarmtuiError: the session could not be read any more.
    """
    candidate = candidate_of(findings, index)
    if candidate is None:
        return CallPick(None, f"not offered: {_why_not_offered(findings, index)}")
    draft = next((each for each in drafts if _offers_session(each, findings)), None)
    if draft is None:
        draft = await DraftSession.of_sessions(workspace, [key])
        draft = next((each for each in drafts if each.name == draft.name), draft)
    if candidate.id not in draft.offers:
        # A draft of several sessions offers what they share only once, perhaps from another session.
        await draft.add_sessions([key], only=candidate.id)
    offer = draft.offers.get(candidate.id)
    if offer is None:
        return CallPick(None, "not offered: the session has many calls that speak for themselves more")
    words = clip(candidate_summary(offer.record), SUMMARY_WIDTH)
    if draft.is_picked(candidate.id):
        return CallPick(draft, f"the draft has it already: {words}")
    draft.apply(Pick((offer,)))
    await draft.autosave()
    return CallPick(draft, draft.autosave_error or f"in the draft: {words} · 2 opens it", changed=True)


def candidate_of(findings: Findings, index: int) -> Candidate | None:
    """Return the candidate that a session offers for one of its calls, given by its index.

    Returns:
        The recovery whose failure the call is. For a call that worked, its example, else the example of a
        call with the same tool and arguments, else the recovery whose fix it is. Otherwise None.
    """
    for recovery in findings.recoveries:
        if index in recovery.failures:
            return _candidate_from(findings, recovery.failed_index, Recovery)
    call = findings.judged.calls[index]
    if call.verdict.outcome != "ok":
        return None
    if (example := _candidate_from(findings, index, ToolExample)) is not None:
        return example
    arguments = canonical(call.call.arguments)
    for other_index, other in enumerate(findings.judged.calls):
        if other.call.tool == call.call.tool and canonical(other.call.arguments) == arguments:
            example = _candidate_from(findings, other_index, ToolExample)
            if example is not None:
                return example
    for recovery in findings.recoveries:
        if recovery.fixed_index == index:
            return _candidate_from(findings, recovery.failed_index, Recovery)
    return None


def _candidate_from(findings: Findings, index: int, kind: type[Recovery | ToolExample]) -> Candidate | None:
    call = findings.judged.calls[index]
    for candidate in findings.candidates:
        if isinstance(candidate.record, kind):
            origin = candidate.record.provenance
            if origin.message_id == call.message_id and origin.call_id == call.call.id:
                return candidate
    return None


def _why_not_offered(findings: Findings, index: int) -> str:
    call = findings.judged.calls[index]
    if call.verdict.outcome == "error":
        return "it failed, and nothing after it is seen to have fixed it"
    if call.verdict.outcome != "ok":
        return f"only calls that worked are kept; this one is {call.verdict.outcome}"
    if call.housekeeping:
        return "it is the agent's housekeeping, which teaches nothing about the project"
    return "its tool teaches nothing about a project, or its arguments are not fit to be shown again"


def _offers_session(draft: DraftSession, findings: Findings) -> bool:
    header = findings.judged.session.header
    sources = {(offer.source.agent, offer.source.id) for offer in draft.offers.values()}
    return (header.agent, header.id) in sources
