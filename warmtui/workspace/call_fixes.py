"""Which call of a session fixed which: what a timeline says of a call that failed."""

from __future__ import annotations

from typing import NamedTuple

from warmtui.workspace.reader import JudgedSession


class CallFix(NamedTuple):
    """A call that did right what others had failed at; calls by their index in the session's."""

    failures: tuple[int, ...]
    """Indexes of the failed calls in order, at least one."""
    fixed: int
    change: str
    """What changed, in words: `python -m pytest → python3 -m unittest`."""


class CallFixes(NamedTuple):
    """Every fix of a session."""

    fixes: tuple[CallFix, ...]

    def of_failure(self, index: int) -> CallFix | None:
        """Return what fixed a failed call; None if nothing did."""
        return next((fix for fix in self.fixes if index in fix.failures), None)

    def by(self, index: int) -> CallFix | None:
        """Return what a call fixed, the first found of several; None if it fixed nothing."""
        return next((fix for fix in self.fixes if index == fix.fixed), None)


def fixes_in(judged: JudgedSession) -> CallFixes:
    """Find which calls fixed which; for a session of 10,000 messages this takes a second."""
    # Opening a timeline needs none of the rules.
    from warmtui.analysis.recoveries import find_recoveries

    found = find_recoveries(judged.session, judged.calls)
    return CallFixes(
        tuple(CallFix(recovery.failures, recovery.fixed_index, recovery.change) for recovery in found)
    )
