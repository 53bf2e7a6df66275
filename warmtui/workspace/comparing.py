"""Sessions side by side: from the findings of each to their comparison."""

from __future__ import annotations

from collections.abc import Sequence

from warmtui.analysis.comparison import Side, compare
from warmtui.errors import UsageError
from warmtui.model.comparison import Comparison
from warmtui.workspace.findings import Findings, findings_of, profile_of
from warmtui.workspace.reader import Reader


def compare_named(reader: Reader, references: Sequence[str]) -> Comparison:
    """Read, judge and compare sessions, named as for `Reader.find`.

    Raises:
        UsageError: fewer than two are named, or one of them twice.
        NotFoundError: none or several are named so.
    """
    if len(references) < 2:
        raise UsageError("a comparison needs two sessions or more", "see: warmtui sessions")
    named: dict[tuple[str, str], str] = {}
    for reference in references:
        header = reader.find(reference)[1]
        place = (header.source, header.id)
        if place in named:
            raise UsageError(f"{named[place]!r} and {reference!r} are one session", "name different ones")
        named[place] = reference
    return compare_findings([findings_of(reader.one(reference)) for reference in references])


def compare_findings(found: Sequence[Findings]) -> Comparison:
    """Compare sessions whose findings are at hand already.

    Args:
        found: of two sessions or more, in the order of the columns.

    Raises:
        ValueError: fewer than two.
    """
    return compare(
        [Side(one.judged.session, one.judged.calls, one.recoveries, profile_of(one)) for one in found]
    )
