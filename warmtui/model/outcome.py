"""Outcomes: what became of one tool call, and the reason that decided it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from warmtui.model.session import Message, ToolCall

Outcome = Literal["ok", "error", "denied", "interrupted", "pending", "unknown"]

OUTCOMES: tuple[Outcome, ...] = ("ok", "error", "denied", "interrupted", "pending", "unknown")

SIGNS: dict[Outcome, str] = {
    "ok": "✓",
    "error": "✗",
    "denied": "⊘",
    "interrupted": "‖",
    "pending": "…",
    "unknown": "?",
}
"""The sign of each outcome, for places with no room for a word; the same everywhere."""


class Verdict(NamedTuple):
    """The outcome of one call with the rule that decided it."""

    outcome: Outcome
    rule: str
    """Stable kebab-case id of the rule: `exit-code`, `no-failure-sign`, …"""
    reason: str
    """One sentence for a person."""
    findings: bool = False
    """A test runner, linter or type checker ran and reported findings: a result, not a failed call."""
    error_type: str = ""
    """The group of an error: `FileNotFound`, `NoMatch`, `Timeout`, …; empty for other outcomes."""


class JudgedCall(NamedTuple):
    """A call with its result, wherever in the session that is, and its outcome."""

    call: ToolCall
    message_id: str
    """The assistant row that holds the call."""
    position: int
    """Index of that message in `Session.messages`."""
    turn: int
    """Which of the person's messages it works for, from 0; -1 before the first."""
    result: Message | None
    result_index: int
    """Index of the result message, -1 without one."""
    verdict: Verdict
    housekeeping: bool
    """Kept out of every rate (memory, todo, …)."""
