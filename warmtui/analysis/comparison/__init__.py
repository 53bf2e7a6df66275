"""Two or more sessions side by side: a description of these sessions, not a statistical test."""

from __future__ import annotations

from collections.abc import Sequence

from warmtui.analysis.comparison.figures import figures_of, task_types_of, tools_of
from warmtui.analysis.comparison.parts import errors_of, markers_of, patterns_of, recoveries_of
from warmtui.analysis.comparison.remarks import remarks_of
from warmtui.analysis.comparison.timeline import Side, timeline_of
from warmtui.model.comparison import ComparedSession, Comparison
from warmtui.model.profile import Profile

__all__ = ["READING", "Side", "compare"]

READING = (
    "A description of these sessions, not a test: the 95 % intervals (Wilson, differences by Newcombe) take "
    "calls as independent, which calls of one session are not, so they are narrower than what is known."
)
"""The calls of one session correlate: measured ICC .03-.08 within one agent."""


def compare(sides: Sequence[Side]) -> Comparison:
    """Put sessions side by side, in the order of the columns.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(sides) < 2:
        raise ValueError(f"a comparison needs two sessions, not {len(sides)}")
    profiles = [side.profile for side in sides]
    timeline = timeline_of(sides)
    errors = errors_of(profiles)
    return Comparison(
        schema="warmtui.comparison/1",
        reading=READING,
        sessions=tuple(map(_compared, profiles)),
        figures=figures_of(profiles),
        tools=tools_of(profiles),
        task_types=task_types_of(profiles),
        remarks=remarks_of(sides, timeline, errors.common),
        user_patterns=patterns_of(profiles),
        markers=markers_of(profiles),
        recoveries=recoveries_of(profiles),
        error_patterns=errors,
        timeline=timeline,
    )


def _compared(profile: Profile) -> ComparedSession:
    return ComparedSession.model_validate(profile, from_attributes=True)
