"""Outcomes of plain results of other tools: APIs, readers, editors, queries, code."""

from __future__ import annotations

from warmtui.analysis.outcomes.call_kind import Kind
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exceptions import uncaught_exception
from warmtui.analysis.outcomes.failure_lines import readable
from warmtui.analysis.outcomes.rules import decide, ok
from warmtui.analysis.patterns import any_of, begins
from warmtui.model.outcome import Verdict

_READ_LIMIT = 1_500
"""Characters up to which a reader's result is taken for a message about itself; longer ones are content."""
_SHORT = 600
"""Characters up to which a result that only sounds like a failure is taken for one."""

_HEAD = 2_000
"""Characters in which an error message shows that it is one."""
_MARK = r"(?:[❌✗⚠]\ufe0f?\s*+)?\[?"
_ERROR_START = begins(
    # Error: …  Database error: …  ERROR 1045 (28000): …  Error executing tool 'x': …  [error] …
    _MARK + r"(?:(?!No )[A-Z]\w* )?(?:Error|ERROR|error)\b(?: \d+| code \w+)?(?: ?[\[(][^\])\n]{1,60}[\])])?"
    r"\s?(?:[:\]]| [-–—] )",
    _MARK + r"(?:Error|ERROR) (?:occurred|while|when|during|in|from|(?!handl|log|report|check)\w+ing)\b"
    r"[^:\n]{0,120}:",
    _MARK + r"MCP error -?\d+",
    _MARK + r"HTTP (?:Error )?[45]\d\d\b",
    _MARK + r"(?:Request|Fetch|Query) failed\b",
    _MARK + r"Traceback \(most recent call last\)",
    _MARK + r"(?:[A-Za-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception): ",
)
"""How a result begins that is an error message."""

_COMPLAINT = begins(
    r"(?:Failed|Unable) to \w",
    r"(?:Could not|Couldn't|Cannot|Can't) \w",
    r"(?:Invalid|Unknown|Unsupported|Malformed|malformed) \w",
    r"Missing (?:required )?\w",
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
    # SWE-agent's and Anthropic's editor, Codex's patches
    r"No replacement was performed|Your proposed edit has introduced",
    r"apply_patch verification failed|failed to \w|execution error: ",
)
"""How a short result begins that complains instead of answering."""

_INSIDE = any_of(
    r"missing required (?:parameter|argument|property|field)",
    r"'\w{1,80}' object has no attribute '",
)
"""Words inside a short result that only an error has."""

_NOT_EXECUTED = begins(
    r"Error executing", r"Execution (?:failed|error)", r"Failed to execute", r"Kernel died"
)


def of_tool_text(text: str, kind: Kind, *, marked: bool = False) -> Verdict:
    """Return the verdict of a plain result that no command printed.

    Args:
        text: the result.
        kind: of the tool; content that a reader returns is never read for failures, only a short message in
            its place is.
        marked: whether the result is already marked as an error, so that only its group is asked for.
    """
    if marked:
        return decide("error", "error-marked", error_type=error_type_of(text))
    if kind == "code":
        return _of_code_text(text)
    limit = _READ_LIMIT if kind == "reader" else len(text)
    if len(text) <= limit and _ERROR_START.match(text[:_HEAD]):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    if len(text) <= _SHORT and (_COMPLAINT.match(text) or _INSIDE.search(text)):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    return ok("no-failure-sign")


def _of_code_text(text: str) -> Verdict:
    """Return the verdict of what source code printed: only an exception that ends it is a failure."""
    exception = uncaught_exception(readable(text))
    if exception:
        return decide("error", "traceback", error_type=error_type_of(exception))
    if len(text) <= _SHORT and _NOT_EXECUTED.match(text):
        return decide("error", "tool-error-text", error_type=error_type_of(text))
    return ok("no-failure-sign")
