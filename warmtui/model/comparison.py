"""Sessions side by side, as `warmtui compare --json` prints it (schema `warmtui.comparison/1`).

Tuples with one item per session are in the order of `Comparison.sessions`. A difference is the first
session's value minus another's, so tuples of differences have no item for the first session. Rates and
their differences are fractions.
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from pydantic import Field

from warmtui.model.outcome import Outcome
from warmtui.model.profile import RecoveryRecord
from warmtui.model.session import SessionKind
from warmtui.model.stats import Rate, TaskType
from warmtui.model.template import FeedbackStyle, MarkerKind, Record, RequestStyle

FigureKind = Literal["rate", "change", "count"]
"""A share from 0 to 1; a difference of two shares, -1 to 1; a number of things."""

Row = TypeVar("Row")


class ComparedSession(Record):
    """One of the compared sessions: a column of the comparison."""

    id: str
    agent: str
    channel: str | None
    source: str
    title: str | None
    model: str | None
    kind: SessionKind
    cwd: str | None
    started_at: str | None
    last_active_at: str | None
    task_type: TaskType | None


class FigureValue(Record):
    """One session's figure."""

    value: int | float
    low: float | None = None
    """Lower end of the 95 % interval; None for counts, which have none."""
    high: float | None = None
    n: int | None = None
    """For a rate: how many calls it was counted over."""


class Difference(Record):
    """The first session's figure minus another's."""

    value: int | float
    low: float | None = None
    """Lower end of the 95 % interval; None for counts."""
    high: float | None = None


class FigureRow(Record):
    """One figure of every session."""

    name: str
    """As the profile has it: `reliability`, `early_error_rate`, `gain`, `calls`, …"""
    kind: FigureKind
    values: tuple[FigureValue | None, ...]
    differences: tuple[Difference | None, ...]


class GroupCell(Record):
    """One session's calls of a tool or of a task type, housekeeping left out."""

    calls: int
    ok: int
    errors: int
    findings: int
    reliability: Rate | None


class GroupRow(Record):
    """The calls of one tool, or of all tools of one task type, in every session."""

    name: str
    task_type: TaskType
    cells: tuple[GroupCell | None, ...]
    """None where a session has no such call."""
    differences: tuple[Difference | None, ...]
    """The differences of the reliabilities."""


class Parted(Record, Generic[Row]):
    """What all sessions share, and what only some have."""

    common: tuple[Row, ...]
    apart: tuple[Row, ...]


class WordRow(Record):
    """A domain or a tool of the person's patterns."""

    text: str
    sessions: tuple[int, ...]
    """Indexes of the sessions that have it."""


class PatternsComparison(Record):
    """How the person asks, from all messages of each session."""

    request_styles: tuple[RequestStyle | None, ...]
    feedback_styles: tuple[FeedbackStyle | None, ...]
    domains: Parted[WordRow]
    preferred_tools: Parted[WordRow]
    corrections: tuple[tuple[str, ...], ...]
    """The person's own correcting words, per session."""


class MarkerRow(Record):
    """A context marker. Markers of two sessions are the same if their kind and text are equal."""

    text: str
    kind: MarkerKind
    uses: tuple[int, ...]
    """Uses in each session; 0 where it is not a marker."""


class RecoveryRow(Record):
    """Recoveries that count as the same: equal error type and equal change."""

    error_type: str
    change: str
    found: tuple[tuple[RecoveryRecord, ...], ...]
    """The recoveries of each session; empty where there are none."""


class ErrorRow(Record):
    """An error pattern. Patterns of two sessions are the same if error type and message shape are equal."""

    error_type: str
    shape: str
    counts: tuple[int, ...]
    """Occurrences in each session."""
    recovered: tuple[int, ...]
    message_ids: tuple[str | None, ...]
    """The message of the first occurrence in each session."""


class Remark(Record):
    """One notable thing in a plain sentence."""

    rule: str
    """Stable kebab-case id of what was looked at: `starts-by-guessing`, …"""
    sessions: tuple[int, ...]
    """Indexes of the sessions it is true of."""
    text: str


class StepCall(Record):
    """One call in a timeline."""

    index: int
    """Its index among all calls of its session, from 0."""
    message_id: str
    call_id: str
    tool: str
    about: str
    """What it is about, on one line: the command line, the names and files, or the arguments' beginning."""
    outcome: Outcome
    findings: bool
    error_type: str
    reason: str
    housekeeping: bool
    recovery: Literal["failed", "fixed"] | None
    """Which side of a recovery it is."""


class Step(Record):
    """What each session did at one point of the timeline: at most one call per session."""

    turn: int
    """Which of the person's messages it works for, from 0; -1 before the first."""
    in_step: bool
    """Whether its calls are attempts at the same thing: the same tool with a similar target."""
    calls: tuple[StepCall | None, ...]


class TurnRow(Record):
    """One turn of every session."""

    turn: int
    asked: tuple[str | None, ...]
    """The person's words, shortened; None where a session has no such turn."""
    message_ids: tuple[str | None, ...]
    first_step: int
    """Index into `Timeline.steps`."""
    steps: int
    """How many steps it has; may be 0."""


class DifferingStretch(Record):
    """Neighbouring steps of one turn that differ, so that a screen can go from one to the next."""

    step: int
    """Index of the first of them in `Timeline.steps`."""
    steps: int
    kind: Literal["calls", "outcomes"]
    """Whether the calls differ, or only the outcomes of calls that are in step."""


class Timeline(Record):
    """All calls of all sessions, aligned turn by turn; each call is in exactly one step, in order."""

    turns: tuple[TurnRow, ...]
    steps: tuple[Step, ...]
    differences: tuple[DifferingStretch, ...]


class Comparison(Record):
    """Two or more sessions side by side: a description of these sessions, never a test."""

    schema_: Literal["warmtui.comparison/1"] = Field("warmtui.comparison/1", alias="schema")
    reading: str
    """One sentence on how to read the intervals."""
    sessions: tuple[ComparedSession, ...]
    figures: tuple[FigureRow, ...]
    tools: tuple[GroupRow, ...]
    task_types: tuple[GroupRow, ...]
    remarks: tuple[Remark, ...]
    user_patterns: PatternsComparison
    markers: Parted[MarkerRow]
    recoveries: Parted[RecoveryRow]
    error_patterns: Parted[ErrorRow]
    timeline: Timeline
