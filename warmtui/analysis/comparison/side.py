"""One side of a comparison: a session with its findings and the shapes of its calls."""

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
    """A session that is compared."""

    session: Session
    calls: Sequence[JudgedCall]
    """All its judged calls, in order."""
    recoveries: Sequence[FoundRecovery]
    """The result of `find_recoveries` for them."""
    profile: Profile
    """The profile of the same calls, so that both commands show the same figures."""

    @cached_property
    def shapes(self) -> tuple[CallShape, ...]:
        """The shapes of `calls`, in the same order."""
        cwd = self.session.header.cwd or ""
        return tuple(shape_of(call.call.tool, call.call.arguments, cwd) for call in self.calls)
