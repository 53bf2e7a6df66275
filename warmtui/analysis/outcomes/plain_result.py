"""Verdicts of plain text results: what a command printed without an exit code, what other tools return."""

from __future__ import annotations

import re

from warmtui.analysis.call_arguments import arguments_of
from warmtui.analysis.outcomes.checkers import checker_that_reported
from warmtui.analysis.outcomes.command_line import READ_ONLY_COMMANDS, CommandLine, only_reads
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.failure_lines import (
    Failure,
    failure_in,
    is_among,
    readable,
    uncaught_exception,
)
from warmtui.analysis.outcomes.json_result import printed_error
from warmtui.analysis.outcomes.last_words import crash_line, program_failure
from warmtui.analysis.outcomes.rules import ResultText, UnjudgedCall, decide
from warmtui.analysis.patterns import any_of, begins, word_set
from warmtui.model.outcome import Verdict

_SIGN = any_of(
    r"error|fail|fatal|fault|panic|exception|traceback|abort|killed|halted|core dumped|exit|\*\*\*",
    r"no such|not found|no module|no tests|not a |not recognized|cannot|can't|could ?n[o']t|unable|must",
    r"denied|refus|invalid|illegal|unrecogni|unknown|unsupported|undefined|unbound|missing|usage|operand",
    r"unexpected|unterminated|unmatched|syntax|precede|exist|is a dir|too many|exceeds|timed out|unreachable",
    r"out of mem|problem|reformat|issue|offense|require|rated at|vulnerab|violation|:\d+:\d+: [A-Z]",
    r"not [a-z]|ignored|accepts|in progress|conflict|reject|unauthori|forbidden|to commit|GraphQL|HTTP [45]",
    r"mods/funs|[✗✘✖❌│]|\bv\d+\.\d+\.\d+",
    r"specif|\bbad\b|by zero|unset|expecting|char \d|\bno [a-z]|^X |: \w+:",
    flags=re.IGNORECASE,
)
"""A text without any of these shows no failure; with one it is read closely."""

_SHORT_OUTPUT = 400
_CLIENTS = word_set("curl wget http https httpie xh")
"""Programs that print what a server answers, errors too, and so did what they were asked to."""
_COMMAND_NOT_RUN = begins(
    r"(?:Error|Failed)(?: while)?(?: to)? (?:executing|running|execute|run|start|spawn|create)\b",
    r"(?:Malformed|Invalid|Unsupported) (?:command|action|input)\b",
    r"execution error: ",
    r"MCP error ",
)
"""The start of a short result in which the agent, not the command, says that nothing could run."""
_EDIT_REFUSED = begins(
    r"Your proposed edit has introduced new syntax error", r"(?:ERROR:?\s+)?No replacement was performed"
)
"""SWE-agent's editing commands run in its shell; this is how they reject an edit."""

_READ_LIMIT = 1_500
"""A longer result of a reader is content, not a message."""
_SHORT = 600
"""A longer result that only sounds like a failure is not one."""

_HEAD = 2_000
"""Characters that show whether a text is an error message."""
_MARK = r"(?:[❌✗⚠]\ufe0f?\s*+)?\[?"
_ERROR_START = begins(
    # Error: …  Database error: …  ERROR 1045 (28000): …  Error executing tool 'x': …  [error] …
    _MARK + r"(?:(?!No )[A-Z]\w* )?(?:Error|ERROR|error)\b(?: \d+| code \w+)?(?: ?[\[(][^\])\n]{1,60}[\])])?"
    r"\s?(?:[:\]]| [-–—] )",
    _MARK + r"(?:Error|ERROR) (?:occurred|while|when|during|in|from|(?!handl|log|report|check)\w+ing)\b"
    r"[^:\n]{0,120}:",
    r"#{1,4} Error\b",
    _MARK + r"MCP error -?\d+",
    _MARK + r"HTTP (?:Error )?[45]\d\d\b",
    _MARK + r"(?:\w+ ){0,4}?(?:returned|responded|failed)(?: with)?(?: an?)?(?: HTTP)?(?: status| error)?"
    r"(?: code)?:? [45]\d\d\b",
    _MARK + r"[45]\d\d (?:Client Error|Server Error|Bad Request|Unauthorized|Forbidden|Not Found|Conflict)\b",
    _MARK + r"(?:Request|Fetch|Query) failed\b",
    _MARK + r"Traceback \(most recent call last\)",
    _MARK + r"(?:[A-Za-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception): ",
)
"""How an error message begins."""

_COMPLAINT = begins(
    r"(?:Failed|Unable) to \w",
    r"(?:Could not|Couldn't|Cannot|Can't) \w",
    r"(?:Invalid|Unknown|Unsupported|Malformed|malformed) [\w`'\"]",
    r"Missing (?:required )?[\w`'\"]",
    r"(?:Permission|Access) denied|Unauthorized\b|Forbidden\b|Not found\b|Bad Request\b",
    r"Internal [Ss]erver [Ee]rror",
    r"(?:File|Path|Directory|Folder) (?:\S+ )?(?:does not exist|not found|is not)",
    r"No such (?:file|tool|table|column)",
    r"(?:ENOENT|EACCES|EISDIR|EPERM|ECONNREFUSED|ETIMEDOUT)\b",
    r"\[(?:Errno|WinError) \d+\]",
    r"(?:The )?(?:command|operation|request|tool|call) (?:has )?(?:timed out|failed)",
    r"Timed out\b|Timeout\b|Rate limit",
    r".{0,120} (?:already exists|does not exist|not found)\.?\s*$",
    r"InputValidationError\b|Validation [Ee]rror\b",
    # Claude Code's editor
    r"File (?:has not been read|has been (?:unexpectedly )?modified|content \(.{1,40}\) exceeds)",
    r"String to replace not found|Found \d+ matches of the string to replace|No changes to make:",
    r"No changes (?:were )?made\b",
    r"[❌✗✘]\ufe0f?\s*\S",
    # SWE-agent's and Anthropic's editor, Codex's patches
    r"No replacement was performed|Your proposed edit has introduced",
    r"apply_patch verification failed|failed to \w|execution error: ",
)
"""The start of a short complaint in place of an answer."""

_INSIDE = any_of(
    r"missing required (?:parameter|argument|property|field)",
    r"'\w{1,80}' object has no attribute '",
)
"""Words that only a short error message has."""

_SENTENCE = 300
"""A longer text is no refusal of one sentence."""
_NOT_DONE = any_of(
    # not the state of a thing, which a tool may be asked for: unavailable, disabled, not connected
    r"\b(?:is|are|was|were) (?:required|mandatory|missing|out of range|malformed)\b",
    r"\b(?:is|are|was|were) not (?:found|allowed|supported|permitted|recogni[sz]ed|authori[sz]ed|valid)\b",
    r"\b(?:is|are) not an? (?:valid|file|directory|folder)\b|\bis an? (?:directory|folder|binary file)\b",
    r"\b(?:does|do|did) not exist\b|\balready exists\b",
    r"^\W?\w+(?: \w+){0,4} must (?:be|have|not|provide|specify)\b",
    r"\b(?:could not be|failed to|unable to|no permission to) [a-z]",
    r"\b(?:permission|access) denied\b|\bunauthorized\b|\bforbidden\b",
    flags=re.IGNORECASE,
)
"""Words with which one sentence in place of an answer says that nothing was done."""
_AGENT_FAILED = re.compile(r"collab (?:spawn|tool) failed: ")
"""What Codex says in place of another agent's answer."""
_WRONG = re.compile(
    r"\b(?:must|omit|required|requires?|invalid|cannot|may not|not allowed|unknown|unexpected|missing)\b",
    re.IGNORECASE,
)
"""Words with which a tool says that an argument that it names is wrong."""
_ASKS = re.compile(
    r"(?:^|_)(?:can|is|are|has|have|check|verify|validate|test|status)(?:_|$)|^(?:can|is|has|check)[A-Z]"
)
"""Names of tools for which such a sentence is an answer."""

_CODE_NOT_RUN = begins(
    r"Error executing", r"Execution (?:failed|error)", r"Failed to execute", r"Kernel died"
)


def of_command_output(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of a command's output, both streams mixed, by the failures in it.

    Failures of the commands that decide the exit code count; a failure line of an earlier stage of a pipeline
    counts if there is nothing else.
    """
    if call.kind != "shell":
        return None
    text = readable(result.text)
    if _EDIT_REFUSED.match(text) or (len(text) <= _SHORT_OUTPUT and _COMMAND_NOT_RUN.match(text)):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    if not _SIGN.search(text):
        return None
    line = call.command_line
    deciding = frozenset().union(*(stage.names for stage in line.deciding))
    every = deciding.union(*(stage.names for stage in line.others))
    # a program that only prints files repeats whatever errors they hold
    reads = only_reads(line.deciding)
    lines = [row for row in text.splitlines() if row.strip()]
    failures = [failure_in(row, every) for row in lines]
    verdict = _of_failures(line, deciding, lines, failures) or _all_failures(line, lines, every)
    # a failure that is not the last line may be an earlier command's, so a checker's summary outweighs it
    if verdict is not None and (reads or verdict.rule == "shell-syntax" or failures[-1] is not None):
        return verdict
    # what a log that is only read says of tests is not this call's finding
    if not (reads and only_reads(line.others or line.deciding)):
        checker = checker_that_reported(text)
        if checker:
            return decide("ok", "findings", checker=checker, findings=True)
    if verdict is not None:
        return verdict
    if reads:
        return _of_shortened(line, lines)
    exception = uncaught_exception(text)
    if exception:
        return decide("error", "traceback", error_type=error_type_of(exception))
    failure = program_failure(lines, line.deciding)
    if failure:
        return decide("error", "program-failure", error_type=error_type_of(failure))
    message = printed_error(text) if not any(stage.name in _CLIENTS for stage in line.deciding) else ""
    if message:
        return decide("error", "printed-error", error_type=error_type_of(message, is_message=True))
    return None


def _of_shortened(line: CommandLine, lines: list[str]) -> Verdict | None:
    """Return an error if `head`, `tail` or the like passed on, last, how the program before it crashed."""
    if not line.shortened or only_reads(line.shortened):
        return None
    crash = crash_line(lines[-1:])
    return decide("error", "program-failure", error_type=error_type_of(crash)) if crash else None


def _of_failures(
    line: CommandLine, deciding: frozenset[str], lines: list[str], failures: list[Failure | None]
) -> Verdict | None:
    """Return the verdict of the lines that report failures of a shell or a deciding command."""
    earlier = frozenset().union(*(stage.names for stage in line.others))
    ends_failing = bool(failures) and failures[-1] is not None
    for row, failure in zip(lines, failures, strict=True):
        if failure is None:
            continue
        if failure.kind == "syntax":
            return decide("error", "shell-syntax", error_type="Syntax")
        # before other output, it is the call's only if that command decides and did not run earlier too
        if is_among(failure.program, deciding) and (ends_failing or failure.program not in earlier):
            return decide("error", "shell-failure", program=failure.program, error_type=error_type_of(row))
        if ends_failing and failure.program not in earlier:
            return decide("error", "last-failure", program=failure.program, error_type=error_type_of(row))
    return None


def _all_failures(line: CommandLine, lines: list[str], programs: frozenset[str]) -> Verdict | None:
    """Return an error if the output is nothing but failures, whichever program printed them."""
    if line.forgiving or not lines:
        return None
    # a script or a remote shell runs programs that the command line does not name
    known = programs | READ_ONLY_COMMANDS | {"gzip", "dpkg-query"}
    if all(failure_in(row, known) is not None for row in lines):
        return decide("error", "only-failures", error_type=error_type_of(lines[0]))
    return None


def of_code_output(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of code's output: only an exception at its end is a failure."""
    if call.kind != "code":
        return None
    text = result.text
    exception = uncaught_exception(readable(text))
    if exception:
        return decide("error", "traceback", error_type=error_type_of(exception))
    if len(text) <= _SHORT and _CODE_NOT_RUN.match(text):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    return None


def of_error_message(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return an error if a tool that runs nothing answers with an error message.

    The content that a reader returns is not searched for failures; a short message in its place is.
    """
    if call.kind in ("shell", "code"):
        return None
    text = result.text
    may_be_message = call.kind != "reader" or len(text) <= _READ_LIMIT
    if (may_be_message and _ERROR_START.match(text[:_HEAD])) or (
        len(text) <= _SHORT and (_COMPLAINT.match(text) or _INSIDE.search(text))
    ):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    if _refuses(call, text):
        return decide("error", "tool-refusal", error_type=error_type_of(text))
    return None


def _refuses_argument(call: UnjudgedCall, text: str) -> bool:
    """Whether a sentence calls one of the call's own arguments wrong, by a name that is no ordinary word."""
    if _WRONG.search(text) is None:
        return False
    names = arguments_of(call.arguments) or {}
    return any("_" in name and re.search(rf"\b{re.escape(name)}\b", text) is not None for name in names)


def _refuses(call: UnjudgedCall, text: str) -> bool:
    """Whether a tool says in one sentence, or by its search program's own failures, that it did nothing."""
    if len(text) > _SENTENCE or call.is_process or _ASKS.search(call.tool):
        return False
    lines = text.strip().splitlines()
    if len(lines) == 1 and (_AGENT_FAILED.match(text) or _refuses_argument(call, text)):
        return True
    if call.is_talk:
        return False
    if len(lines) == 1:
        return _NOT_DONE.search(text) is not None
    return bool(lines) and all(failure_in(line, READ_ONLY_COMMANDS) is not None for line in lines)
