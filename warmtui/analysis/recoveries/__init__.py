"""Recoveries: a failed call and the later call that did the same job right.

pairs           which failed call goes with which later call, and which pairs teach the same
failures        how a call failed, and what it ran into
ways            the ways in which a failed call was set right, in order
argument_fixes  one argument changed
command_fixes   the same words and more, another program
circumstances   what was in the way, conflicts, outputs that were too long
changes         what changed between the two calls, in words
"""

from warmtui.analysis.recoveries.pairs import FoundRecovery, approach_of, find_recoveries

__all__ = ["FoundRecovery", "approach_of", "find_recoveries"]
