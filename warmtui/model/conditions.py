"""What a list can ask of its sessions: conditions as data, so that whoever keeps sessions can answer them.

A filter is understood in `analysis.filters`; the profile index turns the conditions into a query.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Comparison = Literal[":", "<", "<=", ">", ">="]
"""`:` is "exactly"."""
Figure = Literal["errors", "messages", "calls", "score"]
TextField = Literal["agent", "channel", "model", "title", "cwd", "type", "tool"]


class FigureIs(NamedTuple):
    """A figure compares so with a bound; one that is not known (a score below five calls) never does."""

    figure: Figure
    comparison: Comparison
    bound: float


class ErrorShareIs(NamedTuple):
    """errors / (ok + errors) compares so with `percent / scale` per cent; never without a judged call.

    In whole numbers, because 1 − 0.95 is more than 0.05.
    """

    comparison: Comparison
    percent: int
    scale: int


class Holds(NamedTuple):
    """A field, or the name of a tool that was used, holds a text, in any case."""

    field: TextField
    text: str
    """Case-folded."""


class IsEmpty(NamedTuple):
    """A field is empty or not known; of tools: none was used."""

    field: TextField


class InFolder(NamedTuple):
    """The path of the working folder begins so, or the name of a folder in it."""

    text: str
    """Case-folded, with the home folder written out."""


class ActiveSince(NamedTuple):
    """It was last active, or else began, at a moment or after; never without a time."""

    at: float
    """Unix seconds."""


class ActiveUntil(NamedTuple):
    """It was last active, or else began, before a moment, or at it; never without a time."""

    at: float
    """Unix seconds; infinite at the end of the calendar."""
    inclusive: bool


class AnyOf(NamedTuple):
    """One of some conditions holds."""

    conditions: tuple[Condition, ...]


class Not(NamedTuple):
    """A condition does not hold."""

    condition: Condition


Condition: TypeAlias = (
    FigureIs | ErrorShareIs | Holds | IsEmpty | InFolder | ActiveSince | ActiveUntil | AnyOf | Not
)
