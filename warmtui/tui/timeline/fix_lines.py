"""The fix of a call in words: what fixed it, that nothing did, or what it fixed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from warmtui.tui.timeline.entries import Entry
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.paint import FAINT, MUTED, OK
from warmtui.workspace.call_fixes import CallFix, CallFixes
from warmtui.workspace.reader import JudgedSession

NOT_FIXED = "nothing that fixed it was found in this session"
SHOWN = 5
"""Messages of failed calls that are named."""
LONGEST = 400
"""Characters of the change that are shown."""


def fix_of(entry: Entry, fixes: CallFixes | None) -> CallFix | None:
    """Return what fixed a call that failed, or what a call that worked fixed; None when nothing is known."""
    if fixes is None or entry.call is None:
        return None
    return fixes.of_failure(entry.call_index) if entry.failed else fixes.by(entry.call_index)


def other_end(entry: Entry, fix: CallFix) -> int:
    """Return the index of the call at the other end of a fix: what fixed it, or the last it fixed."""
    if entry.failed:
        return fix.fixed
    return max((index for index in fix.failures if index < fix.fixed), default=fix.failures[0])


def fix_lines(
    entry: Entry, fixes: CallFixes | None, judged: JudgedSession | None, width: int
) -> Iterator[Text]:
    """Yield lines that say what fixed a call or what it fixed.

    Args:
        entry: a call.
        fixes: of its session; None while they are searched for.
        judged: the session.
        width: cells.
    """
    if fixes is None or judged is None:
        if entry.failed:
            yield Text("what fixed it is being looked for …", FAINT)
        return
    fix = fix_of(entry, fixes)
    if fix is None or max(fix.fixed, *fix.failures) >= len(judged.calls):
        if entry.failed:
            yield Text(NOT_FIXED, MUTED)
        return
    positions = [judged.calls[index].position + 1 for index in fix.failures]
    if entry.failed:
        words = f"fixed by the call of message {judged.calls[fix.fixed].position + 1:,} (x)"
    else:
        shown = ", ".join(f"{position:,}" for position in positions[:SHOWN])
        more = f" and {len(positions) - SHOWN:,} more" if len(positions) > SHOWN else ""
        words = f"fixed what failed in message{'s' * (len(positions) > 1)} {shown}{more} (x)"
    words = f"{words}: {clean(fix.change[:LONGEST])}" if fix.change else words
    for start, end in wrap(words, width):
        yield Text(words[start:end].rstrip(), OK)
