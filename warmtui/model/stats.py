"""One session's figures: the row of a list."""

from __future__ import annotations

from typing import NamedTuple

from warmtui.model.session import SessionHeader
from warmtui.model.words import TaskType


class Rate(NamedTuple):
    """A share with what it stands on."""

    value: float
    """From 0 to 1."""
    low: float
    """Lower end of the 95 % Wilson interval."""
    high: float
    n: int
    """How many it was counted over."""


class Figures(NamedTuple):
    """What `SessionSummary` says of a session's messages, light enough for processes and the index."""

    messages: int
    calls: int
    ok: int
    errors: int
    denied: int
    interrupted: int
    unknown: int
    pending: int
    findings: int
    weak: int
    housekeeping: int
    repeated: int
    early_error_rate: float | None
    late_error_rate: float | None
    gain: float | None
    score: int | None
    task_type: TaskType | None
    trend: tuple[float, ...]
    tools: frozenset[str]
    """Names of the tools that were called, housekeeping included."""
    words: str
    """The beginning of the person's first message."""


NO_FIGURES = Figures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None, None, None, None, (), frozenset(), "")
"""Of a session without a message that counts."""


class SessionSummary(NamedTuple):
    """The figures of one session, by the rules of `warmtui.analysis`.

    Every call that is not housekeeping has one outcome:
    `ok + errors + denied + interrupted + unknown + pending == calls - housekeeping`.
    """

    header: SessionHeader
    messages: int
    calls: int
    ok: int = 0
    errors: int = 0
    denied: int = 0
    interrupted: int = 0
    unknown: int = 0
    pending: int = 0
    findings: int = 0
    """Of the ok calls: test runners and linters that reported something."""
    weak: int = 0
    """Of the ok calls: those that rest on nothing but the absence of a sign of failure."""
    housekeeping: int = 0
    repeated: int = 0
    """Calls that repeat an earlier one exactly."""
    reliability: Rate | None = None
    score: int | None = None
    """round(100 × reliability), None below five judged calls."""
    early_error_rate: float | None = None
    late_error_rate: float | None = None
    gain: float | None = None
    """late − early; negative is better."""
    task_type: TaskType | None = None
    trend: tuple[float, ...] = ()
    """Error rate in up to eight near-equal stretches of the judged calls."""

    @property
    def id(self) -> str:
        """The session's id."""
        return self.header.id

    @property
    def error_rate(self) -> float | None:
        """Errors / (ok + errors); None when nothing is judged."""
        return None if self.reliability is None else 1 - self.reliability.value
