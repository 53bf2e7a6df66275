"""Which rows of a session another one holds too, so that every call counts once over all sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from warmtui.sources.claude_code.rows import call_ids, result_ids
from warmtui.sources.transcripts import Line


def left_out(
    lines: Sequence[Line], earlier: Sequence[Sequence[Line]], later: Iterable[Sequence[Line]]
) -> set[int]:
    """Return the indexes of rows that count in another session.

    A fork keeps the ids of the rows that it copies. They count in the original; but a call that had no result
    when it was copied counts where its result is.

    Args:
        lines: the session's records.
        earlier: those of the sessions that it was copied from, the original first.
        later: those of the sessions that copied it.
    """
    theirs = [line.value for records in earlier for line in records]
    uuids = {row["uuid"] for row in theirs if isinstance(row.get("uuid"), str)}
    answered_there = set().union(*map(result_ids, theirs))
    answered_here = set().union(*(result_ids(line.value) for line in lines))
    made_here = [call_ids(line.value) for line in lines]
    out = {
        place
        for place, line in enumerate(lines)
        if line.value.get("uuid") in uuids and not made_here[place] & (answered_here - answered_there)
    }
    open_calls = set().union(*made_here) - answered_here
    if open_calls:
        for records in later:
            open_calls -= set().union(*(result_ids(line.value) for line in records))
        lost = set().union(*made_here) - answered_here - open_calls
        out |= {place for place, calls in enumerate(made_here) if calls & lost}
    return out
