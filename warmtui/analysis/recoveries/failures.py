"""How a call failed, and what it ran into: a missing command, module, file or column, a refused option.

The verdict's error type tells timeouts, missing permissions and edits without a match. The result's own words
tell the rest, because only they name what was missing. For a lesson a call also fails when the person refuses
it, when a checker reports findings, when a pipe hides the failure, and when it succeeds with nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from warmtui.analysis.call_shape import CallShape, normal_path
from warmtui.analysis.command_purpose import LOOKS
from warmtui.analysis.outcomes import error_line
from warmtui.analysis.patterns import any_of
from warmtui.analysis.recoveries.changes import short
from warmtui.analysis.results import found_nothing, readable_result, was_cut
from warmtui.analysis.tools import group_of
from warmtui.model.outcome import JudgedCall

CauseKind = Literal[
    "command", "module", "path", "timeout", "permission", "no-match", "unread", "schema", "usage", "argument",
    "other",
]  # fmt: skip


How = Literal["failed", "refused", "findings", "nothing", "cut"]
"""`failed`: it did not do its job; `refused` by the person; `findings` of a checker; `nothing` was found;
`cut`: its output was too long for the model."""


@lru_cache(maxsize=8)
def _lowered(text: str) -> str:
    """Return a result in lower case; cached, as many words are looked for in one after the other."""
    return text.lower()


class Attempt(NamedTuple):
    """A call of the session with its shape."""

    call: JudgedCall
    shape: CallShape


class Failure(NamedTuple):
    """How and why a call failed, judging by its result."""

    kind: CauseKind
    names: frozenset[str]
    """What was missing or refused: programs, modules, paths, columns, options, argument names."""
    line: str
    """The line of the result that says so."""
    how: How = "failed"
    text: str = ""
    """The whole of the result, up to `MAX_TEXT` characters."""

    def mentions(self, word: str) -> bool:
        """Whether the result has a word in it, whatever its case; dashes around it do not count."""
        word = word.strip("-\"'`").lower()
        return len(word) > 1 and word in _lowered(self.text)


_COMMAND = re.compile(
    r"(?:^|[\s:`'\"])([\w./+-]{1,80})['\"]?: (?:command )?not found\b"
    r"|command not found: ([\w./+-]{1,80})"
    r"|'([\w./+-]{1,80})' is not recognized as"
    r"|exec: \"([\w./+-]{1,80})\": executable file not found",
    re.MULTILINE,
)
_MODULE = re.compile(
    r"No module named '?([\w.-]{1,80})'?|Cannot find (?:module|package) ['\"]([@\w./-]{1,80})['\"]"
    r"|no required module provides package ([\w./-]{1,80})|cannot load such file -- ([\w./-]{1,80})"
)
_NOT_FOUND = re.compile(
    r"no such file|file not found|not found|cannot access|can't open|can't read|cannot find|does not exist|"
    r"doesn't exist|not a directory|cannot open|ENOENT|no such directory|not exist",
    re.IGNORECASE,
)
_UNREAD = re.compile(
    r"has not been read|must (?:be )?read|read it first|read the file first|unexpectedly modified|"
    r"modified since (?:it was )?read",
    re.IGNORECASE,
)
_SCHEMA = re.compile(
    r"unknown column '([^'\n]{1,80})'|table '([^'\n]{1,80})' doesn't exist|"
    r"no such (?:table|column): ([\w.]{1,80})|(?:column|relation) \"?([\w.]{1,80})\"? does not exist|"
    r"unknown table '([^'\n]{1,80})'|column '([^'\n]{1,80})' in [\w ]{1,20} is ambiguous|"
    r"function ([\w.]{1,80}) does not exist",
    re.IGNORECASE,
)
_USAGE = re.compile(
    r"unrecognized (?:arguments?|option)|unknown json field|invalid search query|"
    r"unknown (?:option|argument|flag|switch|command|predicate)|"
    r"unknown subcommand|(?:invalid|illegal|bad|unexpected) (?:option|argument|flag|shell option)|"
    r"no such option|^usage:|missing (?:argument|operand)|too (?:many|few) arguments|syntax error|"
    r"unexpected (?:EOF|end of file|token)|paths must precede|expects? \w{1,20} arguments?|"
    r"requires (?:an|at least)|accepts (?:at most|at least|between|\d)|"
    r"no rule to make target|missing script|unterminated|"
    r"error in your SQL syntax|unmatched",
    re.IGNORECASE | re.MULTILINE,
)
_ARGUMENT = re.compile(
    r"missing \d{0,2} ?required|required (?:parameter|argument|property|field)|is required|"
    r"unexpected keyword argument|validation error|invalid (?:type|value|input|argument|parameter)|"
    r"is not (?:a valid|of type|one of)|should be|must (?:be|match|have)|should match|does not add up|"
    r"is not allowed|cannot be used|additional propert|unknown (?:parameter|field)|not a valid",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z_#][\w.-]{1,60}")
MAX_TEXT = 12_000
"""Characters of a result that are read."""
MAX_HEAD = 2_000
"""Characters at the head of a result in which usual lines are looked for."""
MANY_RESULTS = 4
"""Good results that begin with a line from which it is usual; fewer may be of one command."""
MAX_WORDS = 160
"""Characters of an error line, or of what the person said."""
MOST_LINES = 6
"""A result of more lines holds more than a failure."""
_SAID = re.compile(
    r"(?:the user (?:said|wrote|answered)|user'?s? (?:feedback|reason|message)"
    r"|with (?:the )?(?:reason|feedback)):\s{0,9}(\S.{0,600})",
    re.IGNORECASE | re.DOTALL,
)
"""How agents pass on what the person said when refusing a call."""
_FATAL = any_of(
    r"(?:fatal|error|Error|usage|Usage): ",
    r"(?:/\S{0,40}/)?(?:ba|z|da)?sh: (?:line )?\d{0,5}:? ?[^\n]{0,80}(?:not found|No such file|denied)",
    r"[\w./-]{1,40}: [^\n]{0,200}(?:No such file or directory|command not found|Permission denied)\s*\Z",
)
_REFUSED_WORD = re.compile(
    r"(?:error: )?(?:unknown|invalid|unrecognized) (?:flag|option|arguments?|command|subcommand|json field"
    r"|search query)\b",
    re.IGNORECASE,
)
"""What programs say first when they refuse how they are called."""
_FINDING = re.compile(
    r"^(?:E {2,}\S[^\n]{0,200}|[ \t]*[\w./-]{1,120}:\d{1,6}(?::\d{1,5})?:? [^\n]{3,200}"
    r"|error(?:\[\w{1,12}\])?: [^\n]{3,200})$",
    re.MULTILINE,
)
"""A line of a checker that says what is wrong, and where."""
_RAN_NOTHING = re.compile(
    r"no tests ran|collected 0 items|\bRan 0 tests|Found 0 test|No tests? (?:files )?found|\b0 passing\b"
    r"|no test files matched",
    re.IGNORECASE,
)


def _names(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(
        group.rstrip(".:") for match in pattern.finditer(text) for group in match.groups() if group
    )


def _line_of(pattern: re.Pattern[str], text: str) -> str:
    """Return the first line in which a pattern matches; empty without one."""
    found = pattern.search(text)
    if found is None:
        return ""
    # a match may begin with the line break before it
    at = found.end() - 1
    begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return short(text[begin : end if end >= 0 else None], MAX_WORDS)


def _missing_paths(shape: CallShape, text: str, cwd: str) -> frozenset[str]:
    """Return those of the call's own files that the result reports as missing."""
    lines = [line[:600] for line in text.splitlines()[:400] if _NOT_FOUND.search(line[:600])]
    missing = set()
    for path in shape.files():
        name = posixpath.basename(path)
        if any(
            path in line or normal_path(path, cwd=cwd) in line or (name and name in line) for line in lines
        ):
            missing.add(path)
    if not missing and lines and not shape.steps and not shape.code and len(shape.files()) == 1:
        # a tool that takes one file need not name it: "File does not exist."
        return shape.files()
    return frozenset(missing)


def _missing_programs(shape: CallShape, text: str) -> frozenset[str]:
    """Return those of the call's own programs that the result reports as missing."""
    used: set[str] = set()
    for command, invocation, _ in shape.steps:
        used |= {command.program, invocation.program, invocation.interpreter}
        used.add(posixpath.basename(invocation.program))
    return frozenset(posixpath.basename(name) for name in _names(_COMMAND, text)) & used


def usual_lines(calls: Iterable[JudgedCall]) -> frozenset[str]:
    """Return the lines at the head of so many good results that they say nothing about one that failed.

    A broken plug-in of an interpreter, for example, reports a missing module at every start.
    """
    counts: Counter[str] = Counter()
    for call in calls:
        if call.result is not None and call.verdict.outcome == "ok":
            counts.update(set(readable_result(call.result.text)[:MAX_HEAD].splitlines()))
    return frozenset(line for line, count in counts.items() if count >= MANY_RESULTS and line.strip())


def _own_result(result: str, usual: frozenset[str]) -> str:
    """Return a result without its usual lines; as it is where it has none or nothing else."""
    if not usual:
        return result
    text = readable_result(result)
    head = text[:MAX_HEAD].splitlines(keepends=True)
    kept = [line for line in head if line.rstrip("\r\n") not in usual]
    own = "".join(kept) + text[MAX_HEAD:]
    return own if len(kept) < len(head) and own.strip() else result


def failure_of(attempt: Attempt, cwd: str = "", usual: frozenset[str] = frozenset()) -> Failure | None:
    """Return how a call failed; None if it did its job, or if what became of it is unknown.

    Args:
        attempt: the call.
        cwd: the session's working directory.
        usual: the result of `usual_lines` for the session.
    """
    call = attempt.call
    if call.housekeeping or call.result is None:
        return None
    result = _own_result(call.result.text, usual)
    text = readable_result(result)[:MAX_TEXT]
    outcome = call.verdict.outcome
    if outcome == "denied":
        said = _SAID.search(text)
        if said is None:
            return None
        return Failure("other", frozenset(), short(said[1], MAX_WORDS), "refused", text)
    if outcome == "error":
        return _cause_of(attempt, result, cwd)._replace(text=text)
    if outcome == "ok" and is_hidden_failure(attempt):
        line = short(text.strip().partition("\n")[0], MAX_WORDS)
        return _cause_of(attempt, result, cwd)._replace(line=line, text=text)
    if outcome == "ok" and call.verdict.findings:
        cause = _cause_of(attempt, result, cwd)
        # a runner that could not load anything did not run
        how: How = "failed" if cause.kind in ("module", "command") else "findings"
        finding = _FINDING.search(text)
        line = cause.line if how == "failed" or finding is None else short(finding[0], MAX_WORDS)
        return cause._replace(line=line, how=how, text=text)
    if outcome == "ok" and _came_to_nothing(attempt, text):
        return Failure("other", frozenset(), "it found nothing", "nothing", text)
    if outcome == "ok" and looks_at(attempt.shape) and was_cut(call.result.text):
        return Failure("other", frozenset(), "its output was too long and was cut", "cut", text)
    return None


def worked(attempt: Attempt) -> bool:
    """Whether a call did its job; a checker with findings did."""
    return attempt.call.verdict.outcome == "ok" and not is_hidden_failure(attempt)


def is_hidden_failure(attempt: Attempt) -> bool:
    """Whether a command line printed a failure that its last part or `|| true` hides."""
    call, shape = attempt
    # without an exit code, and with one that a later command set, only the output tells
    is_weak = len(shape.steps) > 1 or call.verdict.rule == "no-failure-sign"
    if not shape.steps or not is_weak or call.result is None or call.verdict.findings:
        return False
    text = readable_result(call.result.text[:MAX_TEXT]).strip()
    # other commands of the line may have printed more than the one that was refused
    return _REFUSED_WORD.match(text) is not None or (
        text.count("\n") < MOST_LINES and _FATAL.match(text) is not None
    )


def looks_at(shape: CallShape) -> bool:
    """Whether a call only shows files, or looks for something in them."""
    return shape.purpose in LOOKS if shape.steps else group_of(shape.tool) in ("search", "read")


def searches(shape: CallShape) -> bool:
    """Whether a call looks for something by name or pattern."""
    return shape.purpose == "search" if shape.steps else group_of(shape.tool) == "search"


def _came_to_nothing(attempt: Attempt, text: str) -> bool:
    if searches(attempt.shape):
        return found_nothing(attempt.call)
    if not attempt.shape.steps:
        return False
    if _RAN_NOTHING.search(text):
        return True
    empty = text.count("[no tests to run]")
    return empty > 0 and 2 * empty > text.count("\nok ")


def _cause_of(attempt: Attempt, result: str, cwd: str) -> Failure:
    """Return what a call ran into; `other` if its result names nothing known.

    The causes are tried from the surest to the vaguest.
    """
    call, shape = attempt
    text = readable_result(result)
    line = error_line(result)
    error_type = call.verdict.error_type
    if error_type == "Timeout":
        return Failure("timeout", frozenset(), line)
    if shape.sql:
        return _cause_of_statement(text, line)
    edits = shape.values is not None and any(key.startswith("old_str") for key in shape.values)
    if _UNREAD.search(text if edits else line):
        return Failure("unread", shape.files(), line)
    if edits and error_type == "NoMatch":
        return Failure("no-match", shape.files(), line)
    programs = _missing_programs(shape, text)
    if programs:
        return Failure("command", programs, _line_of(_COMMAND, text) or line)
    if shape.steps or shape.code:
        modules = _names(_MODULE, text)
        if modules:
            return Failure("module", modules, _line_of(_MODULE, text) or line)
    if error_type == "Permission":
        return Failure("permission", frozenset(), line)
    paths = _missing_paths(shape, text, cwd)
    if paths:
        return Failure("path", paths, line)
    words = frozenset(_WORD.findall(line))
    if shape.steps:
        # a traceback is of the program's code, whatever words are in it
        refused = "Traceback (most recent call last)" not in text and _USAGE.search(text)
        if not refused:
            return Failure("other", words, line)
        return Failure("usage", words, _line_of(_USAGE, text))
    if shape.code:
        return Failure("other", words, line)
    if error_type == "NoMatch" and not shape.files():
        return Failure("other", frozenset(), line)
    return Failure("argument" if _ARGUMENT.search(line) else "other", words, line)


def _cause_of_statement(text: str, line: str) -> Failure:
    names = _names(_SCHEMA, text)
    if names:
        return Failure("schema", frozenset(name.rsplit(".", 1)[-1].lower() for name in names), line)
    return Failure("usage" if _USAGE.search(text) else "other", frozenset(), line)


class Trial(NamedTuple):
    """A failed call and a later one that may have set it right."""

    failed: Attempt
    failure: Failure
    later: Attempt
    between: Sequence[Attempt]
    """The calls between the two."""

    @property
    def same_tool(self) -> bool:
        """Whether both calls use the same tool."""
        return self.failed.call.call.tool == self.later.call.call.tool

    @property
    def same_call(self) -> bool:
        """Whether nothing changed in the call itself."""
        return self.same_tool and self.failed.shape.values == self.later.shape.values


def any_written(attempts: Sequence[Attempt]) -> bool:
    """Whether any of these calls changed a file."""
    return any(attempt.shape.files_written() for attempt in attempts)
