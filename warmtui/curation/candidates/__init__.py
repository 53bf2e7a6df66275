"""What a session offers to keep: found, ranked by evidence, selected and merged. Pure."""

from __future__ import annotations

from warmtui.curation.candidates.candidate import (
    Candidate,
    CandidateKind,
    CandidateRecord,
    SystemContext,
    with_findings,
    worth,
)
from warmtui.curation.candidates.session_candidates import find_candidates

__all__ = [
    "Candidate",
    "CandidateKind",
    "CandidateRecord",
    "SystemContext",
    "find_candidates",
    "with_findings",
    "worth",
]
