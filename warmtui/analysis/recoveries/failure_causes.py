"""What a failed call ran into: a missing command, module, file or column, a refused option.

The verdict's error type tells timeouts, missing permissions and edits without a match. The result's own words
tell the rest, because only they name what was missing.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal, NamedTuple

from warmtui.analysis.call_shape import CallShape, normal_path
from warmtui.analysis.outcomes import error_line
from warmtui.analysis.results import readable_result
from warmtui.model.outcome import JudgedCall

CauseKind = Literal[
    "command", "module", "path", "timeout", "permission", "no-match", "unread", "schema", "usage", "argument",
    "other",
]  # fmt: skip


class Attempt(NamedTuple):
    """A call of the session with its shape."""

    call: JudgedCall
    shape: CallShape


class FailureCause(NamedTuple):
    """Why a call failed, judging by its result."""

    kind: CauseKind
    names: frozenset[str]
    """What was missing or refused: programs, modules, paths, columns, options, argument names."""
    line: str
    """The line of the result that says so."""


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
    r"unrecognized (?:arguments?|option)|unknown (?:option|argument|flag|switch|command|predicate)|"
    r"unknown subcommand|(?:invalid|illegal|bad|unexpected) (?:option|argument|flag|shell option)|"
    r"no such option|^usage:|missing (?:argument|operand)|too (?:many|few) arguments|syntax error|"
    r"unexpected (?:EOF|end of file|token)|paths must precede|expects? \w{1,20} arguments?|"
    r"requires (?:an|at least)|no rule to make target|missing script|unterminated|"
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


def _names(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(
        group.rstrip(".:") for match in pattern.finditer(text) for group in match.groups() if group
    )


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


def failure_cause_of(attempt: Attempt, cwd: str = "") -> FailureCause:
    """Return what a failed call ran into; `other` if the result names nothing known.

    The causes are tried from the surest to the vaguest. `cwd` is the session's working directory.
    """
    call, shape = attempt
    result = call.result.text if call.result is not None else ""
    text = readable_result(result)
    line = error_line(result)
    error_type = call.verdict.error_type
    if error_type == "Timeout":
        return FailureCause("timeout", frozenset(), line)
    if shape.sql:
        return _cause_of_statement(text, line)
    edits = shape.values is not None and any(key.startswith("old_str") for key in shape.values)
    if _UNREAD.search(text if edits else line):
        return FailureCause("unread", shape.files(), line)
    if edits and error_type == "NoMatch":
        return FailureCause("no-match", shape.files(), line)
    programs = _missing_programs(shape, text)
    if programs:
        return FailureCause("command", programs, line)
    if shape.steps or shape.code:
        modules = _names(_MODULE, text)
        if modules:
            return FailureCause("module", modules, line)
    if error_type == "Permission":
        return FailureCause("permission", frozenset(), line)
    paths = _missing_paths(shape, text, cwd)
    if paths:
        return FailureCause("path", paths, line)
    words = frozenset(_WORD.findall(line))
    if shape.steps:
        # a traceback is of the program's code, whatever words are in it
        refused = "Traceback (most recent call last)" not in text and _USAGE.search(text)
        return FailureCause("usage" if refused else "other", words, line)
    if shape.code:
        return FailureCause("other", words, line)
    if error_type == "NoMatch" and not shape.files():
        return FailureCause("other", frozenset(), line)
    return FailureCause("argument" if _ARGUMENT.search(line) else "other", words, line)


def _cause_of_statement(text: str, line: str) -> FailureCause:
    names = _names(_SCHEMA, text)
    if names:
        return FailureCause("schema", frozenset(name.rsplit(".", 1)[-1].lower() for name in names), line)
    return FailureCause("usage" if _USAGE.search(text) else "other", frozenset(), line)
