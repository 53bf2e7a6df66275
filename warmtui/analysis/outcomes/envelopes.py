"""What agents write around a command's output, or leave in place of a result: exit codes, time limits."""

from __future__ import annotations

import re
from typing import NamedTuple

from warmtui.analysis.outcomes.call_kind import Call
from warmtui.analysis.outcomes.exit_codes import of_exit
from warmtui.analysis.outcomes.rules import decide, ok, unknown
from warmtui.analysis.patterns import any_of, begins
from warmtui.model.outcome import Verdict

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
    flags=re.IGNORECASE | re.MULTILINE,
)
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


class Envelope(NamedTuple):
    """An exit code that an agent wrote around an output."""

    code: int
    body: str
    """The output, without the agent's lines if they can be told apart."""


def exit_envelope(text: str) -> Envelope | None:
    """Return the exit code that an agent wrote into a command's result, None without one.

    Known forms: Claude Code (`Exit code 1`), Codex CLI (`Process exited with code 1`, `Exit code: 1`),
    mini-swe-agent (`<returncode>1</returncode>`), OpenHands (`[Command finished with exit code 1]`),
    Gemini CLI (`Exit Code: 1`), and a last line such as `exit status 1`.
    """
    first = _FIRST.match(text)
    if first is not None:
        return Envelope(int(first[1]), _after_header(text, first.end()))
    tag = _TAG.match(text)
    if tag is not None:
        return Envelope(int(tag[1]), text[tag.end() :].removeprefix("<output>").removesuffix("</output>"))
    head = text[:_HEAD]
    header = _HEADER.search(head)
    if header is not None:
        output = _HEADER_END.search(head)
        if output is None or header.start() < output.start():
            return Envelope(int(header[1]), _after_header(text, header.end()))
    start = max(0, len(text) - _TAIL)
    footers = [*_FOOTER.finditer(text, start)]
    if _GEMINI.match(text):
        footers += _HEADER.finditer(text, start)
    if footers:
        footer = max(footers, key=lambda match: match.start())
        return Envelope(int(footer[footer.lastindex or 1]), text[: footer.start()])
    return None


def ran_out_of_time(text: str) -> bool:
    """Whether an agent's own words at either end say that the command hit its time limit."""
    return _TIMEOUT_HEAD.match(text[:8_000]) is not None or _TIMEOUT_TAIL.search(text[-_TAIL:]) is not None


def _after_header(text: str, position: int) -> str:
    """Return the output after an agent's header lines."""
    output = _HEADER_END.search(text, position, position + _HEAD)
    return text[output.end() if output is not None else position :].lstrip("\n")


def of_summary(call: Call, text: str) -> Verdict | None:
    """Return the verdict of the one-line summary that Hermes leaves of a pruned result, else None.

    For example `[todo] updated task list`. A command's summary names its exit code and a search's its count;
    the others hold nothing that could decide.
    """
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


def _of_summary_code(digits: str, call: Call) -> Verdict:
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
