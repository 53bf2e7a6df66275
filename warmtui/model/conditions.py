"""What a list of sessions shows, as data: conditions, order, and what was selected.

`analysis.filters` parses what a person types into conditions; `library.index` turns them into a query.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

Operator = Literal[":", "<", "<=", ">", ">="]
"""`:` means "exactly equal"."""
Figure = Literal["errors", "messages", "calls", "score", "tokens", "cost", "unread"]
TextField = Literal["agent", "channel", "model", "title", "cwd", "project", "type", "tool"]


class FigureIs(NamedTuple):
    """A figure compares with a bound; an unknown one (a score of fewer than five calls) never does."""

    figure: Figure
    operator: Operator
    bound: float


class ErrorShareIs(NamedTuple):
    """errors / (ok + errors) compares with `percent / scale` per cent; never without a judged call.

    Whole numbers, because in floating point 1 − 0.95 is more than 0.05.
    """

    operator: Operator
    percent: int
    scale: int


class Holds(NamedTuple):
    """A field, or the name of a tool that was used, contains a text, ignoring case."""

    field: TextField
    text: str
    """Case-folded."""


class IsEmpty(NamedTuple):
    """A field is empty or unknown; for `tool`: no tool was used."""

    field: TextField


class InFolder(NamedTuple):
    """The path of the working folder, or the name of a folder in that path, begins with a text."""

    text: str
    """Case-folded, with the home folder written out."""


class ActiveSince(NamedTuple):
    """The session was last active (else began) at or after a moment; never without a time."""

    at: float
    """Unix seconds."""


class ActiveUntil(NamedTuple):
    """The session was last active (else began) before a moment, or at it; never without a time."""

    at: float
    """Unix seconds; infinite at the end of the calendar."""
    inclusive: bool


class AnyOf(NamedTuple):
    """At least one of several conditions holds."""

    conditions: tuple[Condition, ...]


class Not(NamedTuple):
    """A condition does not hold."""

    condition: Condition


Condition: TypeAlias = (
    FigureIs | ErrorShareIs | Holds | IsEmpty | InFolder | ActiveSince | ActiveUntil | AnyOf | Not
)


Order = Literal[
    "age",
    "score",
    "title",
    "messages",
    "calls",
    "errors",
    "trend",
    "type",
    "tokens",
    "cost",
    "agent",
    "project",
    "channel",
    "model",
]
"""What a list can be sorted by."""


class Selection(NamedTuple):
    """Which sessions a list shows, and in which order."""

    conditions: tuple[Condition, ...] = ()
    """All must hold."""
    judged: bool = False
    """Only sessions that were judged, because a condition asks for a figure or a tool."""
    words: tuple[str, ...] = ()
    """Case-folded. Each is in the title, the first words or the id, unless the session is `found`."""
    found: Mapping[str, Iterable[str]] = MappingProxyType({})
    """Ids by source of the sessions whose messages hold the words."""
    empty: bool = True
    archived: bool = True
    subagents: bool = True
    """Whether empty, archived (or hidden by their agent) and subagent sessions are listed too."""
    order: Order = "age"
    reverse: bool = False


class Selected(NamedTuple):
    """The result of a selection."""

    numbers: array[int]
    """Their numbers in the index, in the order asked for."""
    kinds: Mapping[tuple[str, ...], int]
    """How many sessions there are, selected or not, of each mix of `empty`, `archived` and `subagents`."""

    @property
    def total(self) -> int:
        """How many sessions there are, selected or not."""
        return sum(self.kinds.values())
