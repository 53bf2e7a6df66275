"""One side of a comparison: a session with everything found in it, and its calls taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from warmtui.analysis.call_shape import CallShape, shape_of
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.model.outcome import JudgedCall
from warmtui.model.profile import Profile
from warmtui.model.session import Session


@dataclass(frozen=True)
class Side:
    """What is compared."""

    session: Session
    calls: Sequence[JudgedCall]
    """Its judged calls, all of them, in order."""
    recoveries: Sequence[FoundRecovery]
    """What `find_recoveries` gave for them."""
    profile: Profile
    """The figures of the same calls, so that both commands say the same."""

    @cached_property
    def shapes(self) -> tuple[CallShape, ...]:
        """The calls taken apart, in the order of `calls`."""
        cwd = self.session.header.cwd or ""
        return tuple(shape_of(one.call.tool, one.call.arguments, cwd) for one in self.calls)


def names_of(flags: Sequence[bool]) -> str:
    """Name the sessions for which something holds: `both`, `the first`, `the first and the third`.

    >>> names_of([True, True]), names_of([False, True]), names_of([True, False, True, True])
    ('both', 'the second', 'the first, the third and the fourth')
    """
    if all(flags):
        return "both" if len(flags) == 2 else f"all {len(flags)}"
    named = [f"the {ordinal(number)}" for number, flag in enumerate(flags, 1) if flag]
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else "".join(named)


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def ordinal(number: int) -> str:
    """Return an ordinal in words, from 10 on in digits.

    >>> ordinal(2), ordinal(12)
    ('second', '12th')
    """
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
