"""Recoveries: a failed call and the later call that did the same job right.

pairs           which failed call goes with which later call, and which pairs teach the same
failure_causes  what a failed call ran into
fixes           whether a later call set a failed call right, by cause
changes         what changed between the two calls, in words
"""

from warmtui.analysis.recoveries.pairs import FoundRecovery, approach_of, find_recoveries

__all__ = ["FoundRecovery", "approach_of", "find_recoveries"]
