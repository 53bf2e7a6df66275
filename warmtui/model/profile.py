"""One session's profile, as `warmtui profile --json` prints it (schema `warmtui.profile/1`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from warmtui.model.outcome import Outcome
from warmtui.model.session import SessionKind
from warmtui.model.stats import CurveBin, Rate, TaskType
from warmtui.model.template import MarkerKind, Record, UserPatterns
from warmtui.text import counted, dollars


class ToolStats(Record):
    """One tool's calls in a session."""

    tool: str
    task_type: TaskType
    calls: int
    ok: int
    errors: int
    denied: int
    interrupted: int
    unknown: int
    pending: int
    findings: int
    reliability: Rate | None


class CallReference(Record):
    """One call, identified by its place."""

    message_id: str
    call_id: str
    tool: str
    arguments: str
    """The exact text the agent wrote."""


class RecoveryRecord(Record):
    """A failed call and the later call that did the same job right."""

    failed: CallReference
    error: str
    error_type: str
    fixed: CallReference
    change: str
    used_after: int
    """How often the fixed shape worked again afterwards."""


class ErrorPatternRecord(Record):
    """Errors of one type whose messages differ only in names, paths and numbers."""

    error_type: str
    """One of `analysis.outcomes.ERROR_TYPES`."""
    shape: str
    """The message with slots: `‹path›: command not found`."""
    tools: tuple[str, ...]
    """The tools that met it, most frequent first."""
    count: int
    recovered: int
    """How many of them a later call fixed."""
    message_id: str
    """The assistant message of the first."""


class PatternsRecord(Record):
    """How the person asks: from the first ten messages, as the prototypes did, and from all."""

    messages: int
    """Number of messages the person wrote."""
    first_ten: UserPatterns | None
    """The patterns of the first ten messages and the calls made for them, which a template takes."""
    all: UserPatterns | None
    """The patterns of all messages, which a profile shows."""


class MarkerRecord(Record):
    """Something the session kept coming back to."""

    text: str
    kind: MarkerKind
    uses: int
    turns: int
    first_message_id: str


class RepeatRecord(Record):
    """A call that was made more than once with the same arguments."""

    tool: str
    arguments: str
    """The arguments in canonical form."""
    count: int
    failed: int
    """How many of them failed."""


class CompactionRecord(Record):
    """A compaction, and the reliability on each side of it."""

    before_message_id: str | None
    """The first message after it; None when nothing follows."""
    kept_messages: int
    into_child: bool
    reliability_before: Rate | None
    reliability_after: Rate | None


class UsageRecord(Record):
    """The tokens of a session as its provider counted them; None where it did not say."""

    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: int | None


class ProblemRecord(Record):
    """Something that was not understood, while the rest was."""

    place: str
    text: str


class Profile(Record):
    """Everything a session shows."""

    schema_: Literal["warmtui.profile/1"] = Field("warmtui.profile/1", alias="schema")
    id: str
    agent: str
    channel: str | None
    source: str
    title: str | None
    model: str | None
    kind: SessionKind
    parent_id: str | None
    cwd: str | None
    project: str | None
    """The name of that folder."""
    started_at: str | None
    last_active_at: str | None
    ended_at: str | None
    end_reason: str | None
    messages: int
    turns: int
    """How many messages are the person's."""
    calls: int
    outcomes: dict[Outcome, int]
    """How many calls had each outcome, housekeeping left out."""
    findings: int
    weak: int
    """Ok only because nothing in the result speaks of a failure (rule `no-failure-sign`)."""
    repeated: int
    housekeeping: dict[str, int]
    """Calls that are counted apart, by tool."""
    reliability: Rate | None
    score: int | None
    early_error_rate: float | None
    late_error_rate: float | None
    gain: float | None
    error_curve: tuple[CurveBin, ...]
    task_type: TaskType | None
    tokens: int
    """What its provider counted over all requests; else an estimate, in which each text counts once."""
    tokens_estimated: bool
    cost_usd: float | None
    """What its source says; never estimated."""
    usage: UsageRecord | None
    """How the tokens were used; None where the source does not store it."""
    unread: int
    """How many things in it were not understood; `problems` names them."""
    cut_results: int
    """Of how many results the agent kept only a part, which is all that its model saw of them."""
    research_score: float
    """The prototypes' formula with true outcomes, for comparison; it predicts nothing."""
    tools: tuple[ToolStats, ...]
    recoveries: tuple[RecoveryRecord, ...]
    error_patterns: tuple[ErrorPatternRecord, ...]
    user_patterns: PatternsRecord
    markers: tuple[MarkerRecord, ...]
    repeats: tuple[RepeatRecord, ...]
    compactions: tuple[CompactionRecord, ...]
    worth: int
    """Distinct candidates above the default bar, recoveries counted twice."""
    problems: tuple[ProblemRecord, ...]

    @property
    def tokens_and_cost(self) -> str:
        """Tokens with their parts, and cost, in words; an estimate is marked."""
        tokens = f"{'≈ ' if self.tokens_estimated else ''}{counted(self.tokens, 'token')}"
        if self.tokens_estimated and not self.tokens:
            tokens = "– tokens"  # nothing could be read
        if self.usage is not None and not self.tokens_estimated:
            parts = {
                "in": self.usage.input,
                "out": self.usage.output,
                "from the cache": self.usage.cache_read,
                "into it": self.usage.cache_write,
            }
            tokens += f": {', '.join(f'{count:,} {name}' for name, count in parts.items() if count)}"
        return tokens if self.cost_usd is None else f"{tokens} · {dollars(self.cost_usd)}"

    @property
    def rests_on_weak(self) -> bool:
        """Whether more than half of the judged calls count as ok only for want of a sign of failure."""
        return self.reliability is not None and 2 * self.weak > self.reliability.n
