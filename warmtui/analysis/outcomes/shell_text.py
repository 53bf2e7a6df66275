"""Outcomes of what a command printed, where no exit code was kept."""

from __future__ import annotations

import re

from warmtui.analysis.outcomes.checkers import checker_that_reported
from warmtui.analysis.outcomes.command_line import READ_ONLY_COMMANDS, CommandLine, only_reads, read_command
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exceptions import uncaught_exception
from warmtui.analysis.outcomes.failure_lines import Failure, failure_in, readable
from warmtui.analysis.outcomes.program_text import program_failure
from warmtui.analysis.outcomes.rules import decide, ok
from warmtui.analysis.patterns import any_of, begins
from warmtui.model.outcome import Verdict

_SIGN = any_of(
    r"error|fail|fatal|fault|panic|exception|traceback|abort|killed|halted|core dumped|exit|\*\*\*",
    r"no such|not found|no module|no tests|not a |not recognized|cannot|can't|could ?n[o']t|unable|must",
    r"denied|refus|invalid|illegal|unrecogni|unknown|unsupported|undefined|unbound|missing|usage|operand",
    r"unexpected|unterminated|unmatched|syntax|precede|exist|is a dir|too many|exceeds|timed out|unreachable",
    r"out of mem|problem|reformat|issue|offense|require|rated at|vulnerab|violation|:\d+:\d+: [A-Z]",
    flags=re.IGNORECASE,
)
"""Without any of these a text shows no failure; with one it is read closely."""

_SHORT = 400
_NOT_RUN = begins(
    r"(?:Error|Failed)(?: while)?(?: to)? (?:executing|running|execute|run|start|spawn|create)\b",
    r"(?:Malformed|Invalid|Unsupported) (?:command|action|input)\b",
    r"execution error: ",
    r"MCP error ",
)
"""How a short result begins in which the agent, not the command, says that nothing could be run."""
_EDIT_REFUSED = begins(
    r"Your proposed edit has introduced new syntax error", r"(?:ERROR:?\s+)?No replacement was performed"
)
"""SWE-agent's editing commands go through its shell; these are their words for an edit that was not made."""


def of_shell_text(text: str, command: str) -> Verdict:
    """Return the verdict of a command's output by the failures that it shows.

    The commands that decide the exit code are the ones whose failures count; a failure line of an earlier
    stage of a pipeline does when there is nothing else.

    Args:
        text: what the command printed, both streams mixed.
        command: the command line.
    """
    text = readable(text)
    if _EDIT_REFUSED.match(text) or (len(text) <= _SHORT and _NOT_RUN.match(text)):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    if not _SIGN.search(text):
        return ok("no-failure-sign")
    line = read_command(command)
    deciding = frozenset().union(*(stage.names for stage in line.deciding))
    every = deciding.union(*(stage.names for stage in line.others))
    reads = only_reads(line.deciding)
    lines = [row for row in text.splitlines() if row.strip()]
    failures = [failure_in(row, every) for row in lines]
    verdict = _of_failures(line, deciding, lines, failures)
    if verdict is None:
        verdict = _all_failures(line, lines, every)
    if verdict is not None and (reads or verdict.rule == "shell-syntax" or failures[-1] is not None):
        return verdict
    if not (reads and only_reads(line.others or line.deciding)):
        checker = checker_that_reported(text)
        if checker:
            return decide("ok", "findings", checker=checker, findings=True)
    if verdict is not None:
        return verdict
    if reads:
        return ok("no-failure-sign")
    exception = uncaught_exception(text)
    if exception:
        return decide("error", "traceback", error_type=error_type_of(exception))
    failure = program_failure(lines, [stage.name for stage in line.deciding])
    if failure:
        return decide("error", "program-failure", error_type=error_type_of(failure))
    return ok("no-failure-sign")


def _of_failures(
    line: CommandLine, deciding: frozenset[str], lines: list[str], failures: list[Failure | None]
) -> Verdict | None:
    """Return the verdict of the lines that report failures.

    Where one program runs before and as the deciding command (`ls a; ls b`), only the last line is its.
    """
    earlier = frozenset().union(*(stage.names for stage in line.others))
    others = earlier - deciding
    for row, failure in zip(lines, failures, strict=True):
        if failure is None:
            continue
        if failure.kind == "syntax":
            return decide("error", "shell-syntax", error_type="Syntax")
        if failure.program not in others and (failure.program not in earlier or failures[-1] is not None):
            return decide("error", "shell-failure", program=failure.program, error_type=error_type_of(row))
    return None


def _all_failures(line: CommandLine, lines: list[str], programs: frozenset[str]) -> Verdict | None:
    """Return an error when the output is nothing but failures, whichever program printed them.

    A script or a remote shell runs programs that the command line does not name.
    """
    if line.forgiving or not lines:
        return None
    known = programs | READ_ONLY_COMMANDS
    if all(failure_in(row, known) is not None for row in lines):
        return decide("error", "only-failures", error_type=error_type_of(lines[0]))
    return None
