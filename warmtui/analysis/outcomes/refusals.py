"""Results which say that the call was refused, interrupted or never made, or whose text was removed."""

from __future__ import annotations

from warmtui.analysis.outcomes.rules import decide, unknown
from warmtui.analysis.patterns import any_of, begins
from warmtui.model.outcome import Verdict

_HEAD = 400
"""Characters at the start that show a refusal."""

_BY_PERSON = begins(
    # Claude Code
    r"The user doesn't want to (?:proceed|take this action)",
    r"\[?user-rejected",
    r"(?:Error: )?(?:The )?[Uu]ser (?:has )?(?:rejected|denied|declined|refused)\b",
    # Codex CLI: exec command rejected by user
    r"(?:[Ee]rror: )?(?:[\w-]+ ){0,6}?(?:[Rr]ejected|denied|declined) by (?:the )?user\b",
    # Hermes
    r"BLOCKED: User denied",
    r"BLOCKED: (?:Action|Command|execute_code script) denied by user",
)
_BY_GUARD = begins(
    # Hermes: approvals, loop guards, file and URL safety, long-lived foreground commands
    r"BLOCKED\b",
    r"Blocked: ",
    r"Blocked \w+: (?:the same tool call|this read-only call)",
    r"Blocked by \w+ policy",
    r"Command denied: ",
    r"Access denied: \S+ is (?:an?|the) ",
    r"(?:Write|Read|Delete|Move) denied: ",
    r"Refusing to ",
    r"Foreground command uses ",
    r"This foreground command appears to start a long-lived",
    # Claude Code
    r"Permission to use .{1,200}? (?:has been )?denied",
    r"Claude requested permissions? to ",
    r"This command requires approval",
    r"This Bash command contains multiple operations",
    r".{1,200}? was blocked\. For security",
    r"(?:\w+:)?\w+ (?:hook (?:error|denied|blocked)|operation blocked by hook)",
    # MCP's file server
    r"Access denied - path outside allowed",
    # Codex CLI and others
    r"(?:[Ee]rror: )?(?:[\w-]+ ){0,6}?(?:rejected|denied|blocked|forbidden) by "
    r"(?:[\w-]+ ){0,2}(?:policy|sandbox|hook|guardrails?|rules?|approval)\b",
    r"approval policy is ",
    r"Tool (?:use|call) (?:was )?(?:blocked|denied|rejected)\b(?!: the tool name)",
    r"Operation '[^'\n]{1,200}' is not allowed",
)
_ABORTED = begins(
    r"\[Request interrupted",
    r"\[?(?:Tool |Command |MCP call )?(?:execution |call )?(?:interrupted|aborted)(?: by\b|:|\]|$)",
    r"\[Tool execution (?:cancelled|skipped)",
    r"Tool execution cancelled by",
    r"(?:Wall time:[^\n]*\n)?aborted by (?:the )?user",
    r"(?:The )?(?:operation|command|request) (?:was )?(?:interrupted|aborted|cancell?ed) by (?:the )?user",
    r"Interrupted$",
)
_ENDS_ABORTED = (
    "[Command interrupted]",
    "[execution interrupted — user sent a new message]",
    "[interrupted]",
)
_NOT_RUN = begins(r"Skipped: (?:another|other) tool call")
_UNKNOWN_TOOL = begins(
    r"Tool '[^'\n]{0,200}' does not exist",
    r"Tool call rejected: the tool name",
    r"(?:Error: )?(?:Unknown tool\b|No such tool\b|Tool not found\b|unsupported call: )",
    r"(?:Error: )?Tool [`\"']?[\w.:/-]{1,100}[`\"']? (?:not found|does not exist|is not available)",
    r"MCP error -32601",
)
_PRUNED = any_of(
    r"\[Duplicate tool output",
    r"\[Old tool (?:output|result content) cleared",
    r"\[screenshot removed",
)


def refusal(message: str) -> Verdict | None:
    """Return the verdict of a refusal, an interruption, a call never made or a removed text; else None.

    Args:
        message: an error value, or a whole plain result.
    """
    head = message[:_HEAD].lstrip()
    if _BY_PERSON.match(head):
        return decide("denied", "refused-by-person")
    if _ABORTED.match(head) or message[-_HEAD:].rstrip().endswith(_ENDS_ABORTED):
        return decide("interrupted", "aborted")
    if _BY_GUARD.match(head):
        return decide("denied", "refused-by-guard")
    if _UNKNOWN_TOOL.match(head):
        return decide("error", "tool-unknown", error_type="UnknownTool")
    if _NOT_RUN.match(head):
        return decide("error", "not-run", error_type="Other")
    if _PRUNED.match(head):
        return unknown("pruned")
    return None
