"""Calls that a session makes more than once."""

from __future__ import annotations

from collections.abc import Sequence

from warmtui.analysis.call_arguments import canonical
from warmtui.model.outcome import JudgedCall
from warmtui.model.profile import RepeatRecord


def repeats(calls: Sequence[JudgedCall]) -> tuple[RepeatRecord, ...]:
    """Count the calls that a session makes more than once: the same tool, the same arguments.

    Housekeeping calls do not count. The most frequent come first, ties go to the earlier.
    """
    groups: dict[tuple[str, str], list[JudgedCall]] = {}
    for call in calls:
        if not call.housekeeping:
            groups.setdefault((call.call.tool, canonical(call.call.arguments)), []).append(call)
    repeated = sorted((item for item in groups.items() if len(item[1]) > 1), key=lambda item: -len(item[1]))
    return tuple(
        RepeatRecord(
            tool=tool,
            arguments=arguments,
            count=len(group),
            failed=sum(call.verdict.outcome == "error" for call in group),
        )
        for (tool, arguments), group in repeated
    )
