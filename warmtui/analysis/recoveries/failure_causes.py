"""What a failed call ran into: what was missing (a command, module, file, column), which option was refused.

Read from the words of the result, because only they name the thing; `Verdict.error_type` names the group.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal, NamedTuple

from warmtui.analysis.argument_targets import normal_path
from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.error_patterns import readable
from warmtui.analysis.outcomes import error_line
from warmtui.model.outcome import JudgedCall

TroubleKind = Literal[
    "command",
    "module",
    "path",
    "timeout",
    "permission",
    "no-match",
    "unread",
    "schema",
    "usage",
    "argument",
    "other",
]


class Trouble(NamedTuple):
    """Why a call failed, as far as its result says."""

    kind: TroubleKind
    things: frozenset[str]
    """What was missing or refused: programs, modules, paths, columns, options, argument names."""
    line: str
    """The line that says so."""


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
_TIMEOUT = re.compile(r"timed out|timeout (?:expired|exceeded)|deadline exceeded", re.IGNORECASE)
_PERMISSION = re.compile(r"permission denied|operation not permitted|EACCES|access denied", re.IGNORECASE)
_NO_MATCH = re.compile(
    r"could not find a match|string to replace not found|no match found|did not match|"
    r"not found in (?:the )?file|old_str\w* (?:not found|was not found)|failed to find expected lines|"
    r"hunk|multiple (?:matches|occurrences)|found \d{1,6} (?:matches|occurrences)|not unique|"
    r"matches of the string",
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


def _named(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(
        group.rstrip(".:") for found in pattern.finditer(text) for group in found.groups() if group
    )


def _missing_paths(shape: CallShape, text: str, cwd: str) -> frozenset[str]:
    """Return those of the call's own files that the result says are not there."""
    lines = [line[:600] for line in text.splitlines()[:400] if _NOT_FOUND.search(line[:600])]
    found = set()
    for path in shape.files():
        name = posixpath.basename(path)
        if any(
            path in line or normal_path(path, cwd=cwd) in line or (name and name in line) for line in lines
        ):
            found.add(path)
    if not found and lines and not shape.commands and not shape.code and len(shape.files()) == 1:
        # a tool for one file need not name it: "File does not exist."
        return shape.files()
    return frozenset(found)


def trouble_of(call: JudgedCall, shape: CallShape, cwd: str = "") -> Trouble:
    """Tell what a failed call ran into.

    Args:
        call: the failed call with its result.
        shape: the same call, taken apart.
        cwd: the session's working directory.

    Returns:
        The trouble; `other` when the result names nothing known.
    """
    raw = call.result.text if call.result is not None else ""
    text = readable(raw)
    line = error_line(raw)
    error_type = call.verdict.error_type
    if error_type == "Timeout" or _TIMEOUT.search(line):
        return Trouble("timeout", frozenset(), line)
    if shape.sql:
        things = _named(_SCHEMA, text)
        if things:
            return Trouble("schema", frozenset(t.rsplit(".", 1)[-1].lower() for t in things), line)
        return Trouble("usage" if _USAGE.search(text) else "other", frozenset(), line)
    if shape.values is not None and any(key.startswith("old_str") for key in shape.values):
        if _UNREAD.search(text):
            return Trouble("unread", shape.files(), line)
        if error_type == "NoMatch" or _NO_MATCH.search(text):
            return Trouble("no-match", shape.files(), line)
    elif _UNREAD.search(line):
        return Trouble("unread", shape.files(), line)
    if shape.commands:
        run = {
            name
            for how in shape.leads
            for name in (how.program, posixpath.basename(how.program), how.interpreter)
        }
        run |= {command.program for command in shape.commands}
        commands = frozenset(posixpath.basename(name) for name in _named(_COMMAND, text)) & run
        if commands:
            return Trouble("command", commands, line)
    if shape.commands or shape.code:
        modules = _named(_MODULE, text)
        if modules:
            return Trouble("module", modules, line)
    if _PERMISSION.search(line) or error_type == "Permission":
        return Trouble("permission", frozenset(), line)
    paths = _missing_paths(shape, text, cwd)
    if paths:
        return Trouble("path", paths, line)
    if shape.commands:
        if "Traceback (most recent call last)" not in text and _USAGE.search(text):
            return Trouble("usage", frozenset(_WORD.findall(line)), line)
        return Trouble("other", frozenset(_WORD.findall(line)), line)
    if shape.code:
        return Trouble("other", frozenset(_WORD.findall(line)), line)
    if _NO_MATCH.search(text) and not shape.files():
        return Trouble("other", frozenset(), line)
    named = frozenset(_WORD.findall(line))
    return Trouble("argument" if _ARGUMENT.search(line) else "other", named, line)
