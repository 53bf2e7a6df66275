"""What rules are given and what they return, and the sentence of every rule that a person reads.

A sentence never quotes the session: results are untrusted and may hold secrets. `error_line` gives a
failure's own words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from warmtui.analysis.outcomes.command_line import CommandLine, read_command
from warmtui.analysis.tools import ToolKind, ToolUse, group_of, tool_use_of
from warmtui.model.outcome import Outcome, Verdict

ERROR_TYPES: tuple[str, ...] = (
    *("FileNotFound", "CommandNotFound", "NoMatch", "Timeout", "Permission", "ModuleNotFound", "Syntax"),
    *("InvalidArguments", "UnknownTool", "Network", "NotFound", "Killed", "Findings", "Exception"),
    *("ExitCode", "Other"),
)
"""All error types. `NoMatch`: an edit did not find its text. `NotFound`: something named, but not a file,
does not exist. `Exception`: any other exception. `ExitCode`: a non-zero exit whose output says no more.
`Findings` appears only if findings count as errors."""

REASONS: dict[str, str] = {
    # evidence kept besides the text
    "denied-flag": "The session records that the call was refused.",
    "interrupted-flag": "The session records that the call was interrupted.",
    "error-flag": "The session marks the result as an error.",
    "no-error-flag": "The session marks the result as not an error.",
    # exit codes
    "exit-zero": "It exited with code 0.",
    "exit-code": "It exited with code {code}.",
    "exit-answer": "Exit code {code} of {program} is an answer, not a failure.",
    "exit-code-meaning": "The result itself says that its exit code is not an error.",
    "exit-interrupted": "It was interrupted while it ran (exit code {code}).",
    "exit-timeout": "It ran into its time limit (exit code {code}).",
    "exit-killed": "It was killed (exit code {code}).",
    "findings": "{checker} ran and reported findings, which is a result and not a failed call.",
    "findings-as-errors": "{checker} ran and reported findings, which are counted as errors here.",
    # values of a structured result
    "error-value": "The result carries an error value.",
    "success-false": "The result says that it did not succeed.",
    "success-true": "The result says that it succeeded.",
    "status-failed": "The result's status says that it failed.",
    "status-ok": "The result's status says that it worked.",
    "error-marked": "The result is marked as an error.",
    "http-status": "The result carries the HTTP status {code}.",
    "all-parts-failed": "Every part of the result carries an error.",
    "no-error-value": "The result is structured and carries no error.",
    "process-report": "It reported on a background process, which is what it was asked to do.",
    "summary-exit": "The result was shortened to a summary that still names exit code {code}.",
    "summary-count": "The result was shortened to a summary that still names what was found.",
    # refusals and interruptions
    "refused-by-guard": "A guard refused the call.",
    "refused-by-person": "A person refused the call.",
    "approval-pending": "It was not run, because it waits for approval.",
    "aborted": "The person interrupted it.",
    # plain text
    "tool-error-text": "The result begins with an error message.",
    "tool-refusal": "The tool says in one sentence that it did not do it.",
    "tool-unknown": "The agent has no tool of that name.",
    "never-run": "It was never run, because another call of the same message failed or was malformed.",
    "timeout-text": "The result says that it ran out of time.",
    "shell-syntax": "The shell could not parse the command.",
    "shell-failure": "{program}, which decides the exit code, printed a failure.",
    "last-failure": "The output ends with a failure message, as {program} printed one.",
    "only-failures": "The output is nothing but failure messages.",
    "traceback": "The output ends with an uncaught exception.",
    "program-failure": "The output ends with a failure message of the program.",
    "printed-error": "All that the program printed is a JSON object with an error.",
    "no-failure-sign": "Plain text without a sign of failure.",
    "script-completed": "The agent says that the script ran to its end.",
    "script-failed": "The agent says that the script failed.",
    "notice-of-end": "In place of a result there is a notice that the call did not end.",
    # nothing decides
    "blacked-out": "The result was blacked out.",
    "notice-only": "The result is nothing but a notice in place of what the tool returned.",
    "undecodable": "The result should be structured and cannot be decoded.",
    "cut-off": "The result was cut off where its outcome would be.",
    "pruned": "The result was removed to save context.",
    "contradiction": "The result contradicts itself.",
    "still-running": "It had not ended when its result came; a later call may tell how it ended.",
    "shared-result": "Its result stands together with those of other calls.",
    "result-not-kept": "The session keeps no result of such calls.",
    "result-unreadable": "There is no result, and lines of the file cannot be read.",
    # calls without a result
    "no-result-followed": "There is no result although the session went on.",
    "no-result-ended": "There is no result and the session has ended.",
    "no-result-old": "There is no result, and it is over an hour old or of unknown age.",
    "no-result-yet": "There is no result yet.",
}
"""OutcomeRule id → sentence. Ids are stable: stored profiles and scripts refer to them."""


def decide(
    outcome: Outcome,
    rule: str,
    *,
    findings: bool = False,
    error_type: str = "",
    code: int | None = None,
    program: str = "",
    checker: str = "",
) -> Verdict:
    """Return the verdict of a rule, with its sentence filled in.

    Args:
        outcome: what became of the call.
        rule: a key of `REASONS`.
        findings: whether a checker reported findings.
        error_type: one of `ERROR_TYPES` for an error, else empty.
        code: the exit code or HTTP status; it and the names below fill in the sentences that hold them.
        program: the program.
        checker: the test runner, linter or type checker.
    """
    reason = REASONS[rule]
    if "{" in reason:
        reason = reason.format(code=code, program=program, checker=checker)
    return Verdict(outcome, rule, reason, findings, error_type)


_OK = {rule: Verdict("ok", rule, reason) for rule, reason in REASONS.items() if "{" not in reason}


def ok(rule: str) -> Verdict:
    """Return the `ok` of a rule without details; most verdicts are one of these, so each is made once."""
    return _OK[rule]


def unknown(rule: str) -> Verdict:
    """Return the `unknown` verdict of a rule."""
    return Verdict("unknown", rule, REASONS[rule])


@dataclass
class UnjudgedCall:
    """A call whose result is judged; what its arguments hold is read on first access, which is rare."""

    tool: str
    arguments: str
    """The original text."""

    _use: ToolUse | None = field(default=None, init=False)

    @property
    def use(self) -> ToolUse:
        """How the tool is used."""
        if self._use is None:  # asked of half of all calls, and a cached property takes a lock in Python 3.11
            self._use = tool_use_of(self.tool, self.arguments)
        return self._use

    @property
    def kind(self) -> ToolKind:
        """The kind of the tool."""
        return self.use.kind

    @property
    def command(self) -> str:
        """The command line of a shell call; empty for any other kind."""
        return self.use.text if self.kind == "shell" else ""

    @cached_property
    def command_line(self) -> CommandLine:
        """The commands of a shell call, by their role."""
        return read_command(self.command)

    @property
    def is_process(self) -> bool:
        """Whether the tool reports on something that already runs."""
        return group_of(self.tool) == "process"

    @property
    def is_talk(self) -> bool:
        """Whether the tool returns the words of a person or of another agent."""
        return group_of(self.tool) in ("plan", "agent")


class ResultText(NamedTuple):
    """A result without its wrapper, as every rule reads it."""

    text: str
    cut: bool
    """Whether the wrapper says that this is only the beginning."""
    marked_error: bool
    """Whether the wrapper marks the result as a tool's error."""
    judge_inner: Callable[[str], Verdict]
    """Judges a text inside the result, such as an MCP server's JSON in a content block."""


OutcomeRule = Callable[[UnjudgedCall, ResultText], Verdict | None]
"""Returns the verdict if the rule applies to the result of the call, else None."""
