"""Failure lines of shells and programs, and uncaught exceptions.

For example `rm: cannot remove 'x': No such file or directory`.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Literal, NamedTuple

from warmtui.analysis.patterns import any_of

_WINDOW = 32_768
"""Characters read from each end of a long output: programs print failures first or last."""

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

_SHELL_LINE = any_of(
    r"^(?:\S*/)?-?(?:ba|z|da|k|a|fi)?sh(?:\.exe)?: ?(?:(?:line )?\d+: ?)?(?P<message>\S.*)$",
    r"^\(eval\):\d+: (?P<eval>.+)$",
)
_SCRIPT_LINE = re.compile(r"^(?P<script>[^\s:]+): (?:line )?\d+: (?P<message>.+)$")
_SYNTAX = any_of(
    r"syntax error",
    r"unexpected (?:EOF|end of file)",
    r"bad substitution",
    r"parse error near",
    r"unmatched ['\"`]",
    r"unterminated quoted",
)
_BROKEN_QUOTE = re.compile(r"-c: line \d+: (?:unexpected EOF|syntax error)")
"""bash -c names itself by whatever a broken quote left in $0, so its line can begin with anything."""

_NOT_FOUND = any_of(r"^(?P<program>\S+): (?:command )?not found$", r"^command not found: (?P<zsh>\S+)")
_BARE_NOT_FOUND = any_of(
    r"^(?P<program>[\w.+/-]{1,80}): command not found$",
    r"^'(?P<windows>[^']{1,80})' is not recognized as an internal or external command",
    r"^(?:[\w.-]+ ?: )?The term '(?P<powershell>[^']{1,200})' is not recognized",
)
_HINT = re.compile(r"^Try ['`\"](\S{1,80}) (?:--help|-h)['\"] for more information")
_FAILING = any_of(
    r"no such|not found|no module|no space",
    r"no (?:input|files?|rule|route|tty|job|process|match|mount|package)",
    r"cannot|can't|can not|could ?n[o']t|does ?n[o']t|did ?n[o']t|unable",
    r"fail|error|fatal|abort|\*\*\*|refus|denied",
    r"invalid|illegal|malformed|ambiguous|unrecogni[sz]ed|unknown|undefined|unsupported|usage",
    r"missing|requires?\b|\bmust\b|expected|not specified|precede|omitting directory",
    r"unexpected|untermin|unmatched|unbalanced|too (?:many|few|long|large)|extra operand|\bbad\b",
    r"not (?:permitted|allowed|supported|recogni[sz]ed|empty|a |an |in )",
    r"exists|is a directory|read-only|busy",
    r"by zero|unset|unbound|time[d-]? ?out|reset by|unreachable|out of (?:memory|range)|overflow|corrupt",
    flags=re.IGNORECASE,
)
_HARMLESS = any_of(
    r"^(?:\S{1,80}: )?(?:warning|note|info|debug|hint)\b",
    r"binary file .{0,300}matches",
    r"removing leading",
    r"unable to resolve host",
    r"(?:entering|leaving) directory",
    r"nothing to be done|is up to date",
    flags=re.IGNORECASE,
)

_TRACEBACKS = ("Traceback (most recent call last)", "Exception Group Traceback (most recent call last)")
_EXCEPTION = any_of(
    r"^(?:[A-Za-z_][\w.]*\.)?[A-Z_]\w*(?:Error|Exception|Exit|Interrupt|Warning|Failure|Failed|Timeout|Group)\b"
    r"(?: \(.*\))?(?::|$)",
    # subprocess.CalledProcessError, re.error, socket.timeout
    r"^(?:[a-z_]\w*\.)+[A-Za-z_]\w*(?::|$)",
)
_SOURCE_LINE = re.compile(r'^\s+File "[^"\n]+", line \d+|^\s+at \S')
_AFTERWORD = any_of(
    r"^(?:note|hint): ",
    r"^\[end of output\]",
    r"^For further information",
    r"^\(Background on",
    r"^During handling",
    r"^make(?:\[\d+\])?: \*\*\*",
    r"^Exception ignored",
    r"^Command exited",
)
_HANDLED = re.compile(
    r"caught|handl|fail|error|exception|expected|recover|continu|skip|retry|fallback", re.IGNORECASE
)
"""Words with which a program that goes on speaks of the exception that it caught."""
_EXCEPTION_TAIL = 6_000
"""Characters at the end that must hold the exception itself; its traceback may begin before."""


class Failure(NamedTuple):
    """A line that reports a failure."""

    kind: Literal["program", "not-found", "syntax"]
    program: str
    """Name of the program that failed, without its path; empty for a syntax error."""


def readable(text: str) -> str:
    """Return a text without colours, and only the two ends of a long one."""
    if len(text) > 2 * _WINDOW:
        text = text[:_WINDOW] + "\n" + text[-_WINDOW:]
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def failure_in(line: str, programs: Set[str]) -> Failure | None:
    """Return the failure that a line reports.

    Args:
        line: a line without its line break.
        programs: names of the programs that ran. Only these, shells and scripts can report a failure; any
            other line of the form `word: text` is log or source text.
    """
    if ":" not in line and "not recognized" not in line:
        hint = _HINT.match(line)
        return Failure("program", hint[1]) if hint is not None and hint[1] in programs else None
    if _BROKEN_QUOTE.search(line):
        return Failure("syntax", "")
    shell = _SHELL_LINE.match(line)
    if shell is not None:
        return _of_shell(shell["message"] or shell["eval"])
    bare = _BARE_NOT_FOUND.match(line)
    if bare is not None:
        return Failure("not-found", _base(bare["program"] or bare["windows"] or bare["powershell"]))
    script = _SCRIPT_LINE.match(line)
    if script is not None and (found := _NOT_FOUND.match(script["message"])) is not None:
        return Failure("not-found", _base(found["program"] or found["zsh"]))
    if line.startswith("fatal: ") and "git" in programs:
        return Failure("program", "git")
    if line.startswith("parse error: ") and "jq" in programs:
        return Failure("program", "jq")
    head, separator, message = line.partition(": ")
    if not separator or not message:
        return None
    program = _base(head)
    if not is_among(program, programs):
        return None
    if _HARMLESS.search(message) or not _FAILING.search(message):
        return None
    return Failure("program", program)


def _of_shell(message: str) -> Failure | None:
    if _SYNTAX.search(message):
        return Failure("syntax", "")
    if message.startswith("no matches found: "):
        return Failure("program", "zsh")
    found = _NOT_FOUND.match(message)
    if found is not None:
        return Failure("not-found", _base(found["program"] or found["zsh"]))
    if _HARMLESS.search(message) or not _FAILING.search(message):
        return None
    return Failure("program", _base(message.partition(": ")[0]))


def _base(path: str) -> str:
    return path.strip("'\"`‘’").replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe")


def is_among(program: str, programs: Set[str]) -> bool:
    """Whether a program is one of those that ran; `python3.11` may be `python` or `python3`."""
    return program in programs or (
        program.startswith("python") and any(name.startswith("python") for name in programs)
    )


def uncaught_exception(text: str) -> str:
    """Return the exception line that ends an output without colours, else an empty text.

    An exception that is followed by more output was caught and printed, so it is no failure. Indented lines
    and notes belong to the message and may follow. If the traceback comes first, so may whatever does not
    speak of the exception: what a program printed before it crashed is often written behind.
    """
    if text.lstrip().startswith(_TRACEBACKS):
        lines = text.lstrip()[:_EXCEPTION_TAIL].splitlines()
        index = next((i for i, line in enumerate(lines) if line[:1].strip() and _EXCEPTION.match(line)), -1)
        if index > 0 and not _HANDLED.search("\n".join(lines[index + 1 :])):
            return lines[index]
    lines = [line for line in text[-_EXCEPTION_TAIL:].splitlines() if line.strip()]
    if not lines:
        return ""
    index = next(
        (
            i
            for i in range(len(lines) - 1, -1, -1)
            if not lines[i][0].isspace() and _EXCEPTION.match(lines[i])
        ),
        -1,
    )
    if index < 0:
        return ""
    after = lines[index + 1 :]
    belonging = sum(line[0].isspace() or _AFTERWORD.match(line) is not None for line in after)
    if 2 * belonging < len(after):
        return ""
    if any(sign in text for sign in _TRACEBACKS):
        return lines[index]
    # Python reports a syntax error in the script itself without a traceback header
    before = lines[max(0, index - 5) : index]
    return lines[index] if any(_SOURCE_LINE.match(line) for line in before) else ""
