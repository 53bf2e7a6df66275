"""What agents write in place of a result or around it: refusals, summaries, exit codes, time limits."""

from __future__ import annotations

import re
from typing import NamedTuple

from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.exit_codes import of_exit
from warmtui.analysis.outcomes.rules import ResultText, UnjudgedCall, decide, ok, unknown
from warmtui.analysis.patterns import any_of, begins
from warmtui.model.outcome import Verdict

_REFUSAL_HEAD = 400
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
    r"Permission (?:to use .{1,200}?|for this action) (?:has been |was )?denied",
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
    r"(?:User aborted the command|Command aborted)\s*\Z",
    r"Tool execution cancelled by",
    r"(?:Wall time:[^\n]*\n)?aborted by (?:the )?user",
    r"(?:The )?(?:operation|command|request) (?:was )?(?:interrupted|aborted|cancell?ed) by (?:the )?user",
    r"Interrupted$",
)
_ENDS_ABORTED = (
    "[Command interrupted]",
    "[execution interrupted — user sent a new message]",
    "[interrupted]",
    # pi, opencode
    "\n\nCommand aborted",
    "User aborted the command",
    # Claude Code, behind what a killed command had printed
    "[Request interrupted by user for tool use]",
    "[Request interrupted by user]",
)
_NEVER_RUN = begins(
    r"Sibling tool call errored",  # Claude Code
    r"Skipped: (?:another|other) tool call",  # Hermes
)
_UNKNOWN_TOOL = begins(
    r"Tool '[^'\n]{0,200}' does not exist",
    r"Tool call rejected: the tool name",
    r"(?:Error: )?(?:Unknown tool\b|No such tool\b|Tool not found\b|unsupported call: )",
    r"(?:Error: )?(?:No such tool available|Unknown function|Tool) [`\"']?[\w.:/-]{1,100}[`\"']? "
    r"(?:not found|does not exist|is not available)",
    r"MCP error -32601",
)
_BLACKED_OUT = begins(
    r"(?:[\[<(‹]+(?:redacted|blacked out|masked|censored)\b[^\[\]<>\n]{0,100}[\])>›]+\s*+)++\Z",
    flags=re.IGNORECASE,
)
"""A result that holds nothing but the marks of what was taken out."""
_STILL_RUNNING = begins(
    # Codex
    r"Script running with (?:cell|session) ID\b",
    r"(?:Chunk ID:[^\n]*\n)?(?:Wall time:?[^\n]*\n)?Process running with session ID\b",
)
_NOTICE = begins(r"\[(?P<text>[\w…][^\[\]\n]{3,600})\]\s*\Z")
"""A result that is nothing but one remark in brackets."""
_NOTICE_OF_END = re.compile(r"interrupt|abort|cancel|did not (?:complete|finish|run)|orphan", re.IGNORECASE)
_NOTICE_OF_LOSS = re.compile(
    r"unavailable|cleared|removed|demoted|omitted|elided|dropped|pruned|compact|truncated|no longer"
    r"|not (?:kept|stored)|duplicate|offloaded|evicted|expired|hidden|stripped",
    re.IGNORECASE,
)
_NOTICE_OF_NOTHING = re.compile(r"(?:no|empty|none|nothing|done|ok|success)\b", re.IGNORECASE)
"""An answer in brackets: `[No matches found]`."""


class _Refusal(NamedTuple):
    """Words in place of a result, and the verdict that they give."""

    verdict: Verdict
    start: re.Pattern[str]
    ends: tuple[str, ...] = ()


_INTERRUPTION = decide("interrupted", "aborted")
_REFUSALS = (
    _Refusal(decide("denied", "refused-by-person"), _BY_PERSON),
    _Refusal(_INTERRUPTION, _ABORTED, _ENDS_ABORTED),
    _Refusal(decide("denied", "refused-by-guard"), _BY_GUARD),
    _Refusal(decide("error", "tool-unknown", error_type="UnknownTool"), _UNKNOWN_TOOL),
    _Refusal(decide("interrupted", "never-run"), _NEVER_RUN),
    _Refusal(unknown("blacked-out"), _BLACKED_OUT),
    _Refusal(unknown("still-running"), _STILL_RUNNING),
)
"""In order: the first that matches decides."""


def refusal(message: str) -> Verdict | None:
    """Return the verdict of a refusal, an interruption, a call never made or a removed text; else None.

    Args:
        message: an error value, or a whole plain result.
    """
    head = message[:_REFUSAL_HEAD].lstrip()
    tail = message[-_REFUSAL_HEAD:].rstrip()
    for row in _REFUSALS:
        if row.start.match(head) or (row.ends and tail.endswith(row.ends)):
            return row.verdict
    return None


def interruption(output: str) -> Verdict | None:
    """Return the verdict if an agent wrote behind an output that the person stopped it, else None."""
    return _INTERRUPTION if output[-_REFUSAL_HEAD:].rstrip().endswith(_ENDS_ABORTED) else None


_HEAD = 600
_TAIL = 600
"""Characters at each end that can hold an agent's own lines."""

_FIRST = begins(r"(?:Error: )?Exit code:? (-?\d{1,9})[ \t]*(?:\n|\Z)", flags=re.IGNORECASE)
_HEADER = any_of(
    r"^(?:Process exited with code|Exit code:|Exit status:|Return ?code:|exit_code:)[ \t]*(-?\d{1,9})[ \t]*$",
    flags=re.IGNORECASE | re.MULTILINE,
)
_GEMINI = re.compile(r"(?:Command|Output): ")
_HEADER_END = re.compile(r"^(?:Output|Stdout|Command output):", re.IGNORECASE | re.MULTILINE)
_TAG = begins(r"<(?:returncode|exit_code)>\s*+(-?\d{1,9})\s*+</(?:returncode|exit_code)>\s*")
_FOOTER = any_of(
    r"\[(?:The )?command (?:finished|completed|exited|failed) with (?:an? )?(?:exit )?(?:code|status):?"
    r" (-?\d{1,9})",
    r"^\[?\(?(?:exit code|exit status|return ?code)[:= ]+(-?\d{1,9})\)?\]?\.?[ \t]*$",
    r"^\W?(?:command|process|script|program) (?:exited|finished|completed|failed|terminated) with"
    r"(?: an?)?(?: non-zero)? (?:exit )?(?:code|status):? (-?\d{1,9})\b",
    r"^<exited with (?:exit )?code (-?\d{1,9})>",
    flags=re.IGNORECASE | re.MULTILINE,
)
_ASKS_CODE = any_of(r"\$\?|\$\{\?|PIPESTATUS|\$LASTEXITCODE|%ERRORLEVEL%")
"""A command that prints an exit code itself: `a; echo "exit code: $?"` ends with echo's, which is 0."""
_TIMEOUT_HEAD = begins(
    r"\[?(?:Error: )?(?:Command|Execution|Process) timed out",
    r"The last command .{0,4000}? timed out and has been killed",
    r"(?:EXECUTION|COMMAND) TIMED OUT",
    r"The command .{0,2000}? was cancelled because it took more than",
    r"command timed out after",
    flags=re.DOTALL,
)
_TIMEOUT_TAIL = any_of(
    r"\[Command timed out\b[^\]\n]{0,60}\]\s*\Z",
    r"^EXECUTION TIMED OUT",
    r"\[The command (?:has )?timed out after",
    r"^Command timed out after [^\n]{1,40}\s*\Z",
    r"^command timed out after \d+ milliseconds\s*\Z",
    r"⏰ Script timed out",
    r"tool terminated command after exceeding timeout",
    flags=re.MULTILINE,
)
_SUMMARY_LIMIT = 1_000
_EXIT_SUMMARY = re.compile(r"\[terminal\] ran `.*` -> exit (-?\d+|\?), \d+ lines output\Z", re.DOTALL)
_MATCHES_SUMMARY = re.compile(r"\[search_files\] .* -> (\d+|\?) matches\Z", re.DOTALL)
_OTHER_SUMMARY = re.compile(r"\[\w+\] .*(?:\([\d,]+ (?:chars|lines)[^()]*\)|\Z)", re.DOTALL)
_SUMMARY_WITHOUT_SIZE = (
    "[memory] ",
    "[todo] updated task list",
    "[clarify] asked user",
    "[cronjob] ",
    "[process] ",
)


_SANDBOX = re.compile(
    r"(?:(?:error|exec error): )?failed in sandbox \w+ with execution error: [^\n]{0,200}?"
    r"exit code: (-?\d{1,9})(?:, stdout: )?"
)
"""Codex: the code of a command that its sandbox may have stopped."""
_SCRIPT_HEADER = re.compile(r"Script (?P<end>completed|failed)\n(?:Wall time[^\n]*\n)?(?:Output:\n)?\s*+")
"""Codex: a script that calls its tools, and what it printed."""


class ExitNote(NamedTuple):
    """An exit code that an agent wrote around an output."""

    code: int
    body: str
    """The output, without the agent's lines if they can be told apart."""
    at_end: bool = False
    """Whether it stands behind output, where a command can print it too."""


def exit_note(text: str) -> ExitNote | None:
    """Return the exit code that an agent wrote into a command's result, None without one.

    Known forms: Claude Code (`Exit code 1`), Codex CLI (`Process exited with code 1`, `Exit code: 1`),
    mini-swe-agent (`<returncode>1</returncode>`), OpenHands (`[Command finished with exit code 1]`),
    Gemini CLI (`Exit Code: 1`), Codex' sandbox (`… exit code: 1, stdout: …`), and a last line such as
    `exit status 1`.
    """
    first = _FIRST.match(text)
    if first is not None:
        return ExitNote(int(first[1]), _after_header(text, first.end()))
    sandbox = _SANDBOX.match(text)
    if sandbox is not None:
        return ExitNote(int(sandbox[1]), text[sandbox.end() :])
    tag = _TAG.match(text)
    if tag is not None:
        return ExitNote(int(tag[1]), text[tag.end() :].removeprefix("<output>").removesuffix("</output>"))
    head = text[:_HEAD]
    header = _HEADER.search(head)
    if header is not None:
        output = _HEADER_END.search(head)
        if output is None or header.start() < output.start():
            at_end = output is None and header.start() > 0
            return ExitNote(int(header[1]), _after_header(text, header.end()), at_end)
    start = max(0, len(text) - _TAIL)
    footers = [*_FOOTER.finditer(text, start)]
    if _GEMINI.match(text):
        footers += _HEADER.finditer(text, start)
    if footers:
        footer = max(footers, key=lambda match: match.start())
        return ExitNote(int(footer[footer.lastindex or 1]), text[: footer.start()], at_end=True)
    return None


def of_time_limit(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return an error if an agent's own words at either end say that a command or code hit its time limit."""
    if call.kind not in ("shell", "code"):
        return None
    if _TIMEOUT_HEAD.match(result.text[:8_000]) or _TIMEOUT_TAIL.search(result.text[-_TAIL:]):
        return decide("error", "timeout-text", error_type="Timeout")
    return None


def of_script(_call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict that Codex wrote before what a script printed."""
    header = _SCRIPT_HEADER.match(result.text)
    if header is None:
        return None
    if header["end"] == "completed":
        return ok("script-completed")
    body = result.text[header.end() :]
    return refusal(body) or decide("error", "script-failed", error_type=error_type_of(body))


def of_exit_note(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of the exit code that an agent wrote into a command's or code's result."""
    note = exit_note(result.text) if call.kind in ("shell", "code") else None
    if note is None or (note.at_end and _ASKS_CODE.search(call.command)):
        return None
    return of_exit(note.code, note.body, call)


def _after_header(text: str, position: int) -> str:
    """Return the output after an agent's header lines."""
    output = _HEADER_END.search(text, position, position + _HEAD)
    return text[output.end() if output is not None else position :].lstrip("\n")


def of_refusal(_call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of a refusal in place of a result; see `refusal`."""
    return refusal(result.text)


def of_notice(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of a result that is nothing but one remark in brackets: it is no success.

    A command can print such a line itself, so only remarks on a lost or cut off result count for it.
    """
    notice = _NOTICE.match(result.text)
    if notice is None:
        return None
    text = notice["text"]
    if _NOTICE_OF_END.search(text):
        return decide("interrupted", "notice-of-end")
    if _NOTICE_OF_LOSS.search(text):
        return unknown("pruned")
    if (
        call.kind in ("shell", "code")
        or " " not in text
        or text[0].isdigit()
        or _NOTICE_OF_NOTHING.match(text)
    ):
        return None
    return unknown("notice-only")


def of_summary(call: UnjudgedCall, result: ResultText) -> Verdict | None:
    """Return the verdict of the one-line summary that Hermes leaves of a pruned result, else None.

    For example `[todo] updated task list`. A command's summary names its exit code and a search's its count;
    the others hold nothing that could decide.
    """
    text = result.text
    if not text.startswith(f"[{call.tool}]") or len(text) > _SUMMARY_LIMIT:
        return None
    ran = _EXIT_SUMMARY.match(text)
    if ran is not None:
        return _of_summary_code(ran[1], call)
    found = _MATCHES_SUMMARY.match(text)
    if found is not None:
        return ok("summary-count") if found[1] != "?" else unknown("pruned")
    if text.startswith(_SUMMARY_WITHOUT_SIZE) or _OTHER_SUMMARY.match(text):
        return unknown("pruned")
    return None


def _of_summary_code(digits: str, call: UnjudgedCall) -> Verdict:
    if digits == "?":
        return unknown("pruned")
    code = int(digits[:9])
    verdict = of_exit(code, "", call)
    if verdict.rule == "exit-code" and code < 100:
        # the summary does not tell whether a checker reported findings
        return unknown("pruned")
    if verdict.rule in ("exit-zero", "exit-code"):
        return decide(verdict.outcome, "summary-exit", code=code, error_type=verdict.error_type)
    return verdict
