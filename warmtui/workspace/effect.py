"""What became of the sessions that a template started. Pure.

This describes how those sessions went, not what the template caused: tasks differ, and nothing here is
compared with sessions that started without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from warmtui.model.session import SessionKey
from warmtui.model.stats import Rate, SessionRow, rate
from warmtui.model.template import Use


@dataclass(frozen=True, slots=True)
class Effect:
    """The judged calls of the sessions that a template started, added up."""

    started: int
    """How often it started an agent."""
    sessions: tuple[SessionRow, ...]
    """The sessions known to have been started, each once, as the uses name them."""
    missing: int
    """Sessions that are named but are not among those given: deleted, or of another source."""
    ok: int
    errors: int
    reliability: Rate | None
    """ok / (ok + errors) with its 95 % Wilson interval; None when nothing is judged (yet)."""


def effect_of(uses: Iterable[Use], rows: Mapping[SessionKey, SessionRow]) -> Effect:
    """Add up what became of the sessions that some uses started.

    A session counts once, even if it was resumed or has copies in several sources: the source that the use
    names is preferred, then any other.

    Args:
        uses: of one template; those that name no session count as started only.
        rows: all known sessions, with figures if they were judged.
    """
    started = list(uses)
    wanted = {use.session_id: use.source for use in started if use.session_id is not None}
    found: dict[str, SessionRow] = {}
    for key, row in list(rows.items()):
        if key.id in wanted and (key.id not in found or key.source == wanted[key.id]):
            found[key.id] = row
    sessions = tuple(found[session] for session in wanted if session in found)
    judged = [row.stats for row in sessions if row.stats is not None]
    ok, errors = sum(stats.ok for stats in judged), sum(stats.errors for stats in judged)
    return Effect(len(started), sessions, len(wanted) - len(sessions), ok, errors, rate(ok, ok + errors))
