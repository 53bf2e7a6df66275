"""The one line of a result that says what went wrong, and the type of its error."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from warmtui.analysis.outcomes.failure_lines import readable
from warmtui.analysis.patterns import any_of
from warmtui.analysis.results import MISSING, decode_json, decode_literal, unwrap

_EXCEPTION_LINE = re.compile(
    r"^(?:[A-Za-z_][\w.]*\.)?[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning|Failure|Timeout)\b(?::|$)"
)
_FAILURE_LINE = any_of(
    r"not found|no such file|no module named|cannot |can't |unable to|timed out|\*\*\*",
    r"\b(?:error|fatal|failed|invalid|panic)\b|denied|refused|unrecogni[sz]ed",
)
"""Words, in lower case, of a line that names a failure."""
_TRACEBACK = "Traceback (most recent call last)"
_MESSAGE_KEYS = ("error", "error_message", "errorMessage", "message", "detail", "reason")
_TEXT_KEYS = ("error", "error_message", "errorMessage", "stderr", "message", "detail", "reason")
_OUTPUT_KEYS = ("output", "stdout", "text")
_ENVELOPE_LINE = re.compile(
    r"^(?:Error: )?(?:Exit code|Process exited with code|Wall time|Chunk ID|Output|Command):?\b",
    re.IGNORECASE,
)

_SIGNS_OF_TYPE: dict[str, str] = {
    "UnknownTool": """
        unknown tool | no such tool | unsupported call | available tools: | tool name was empty
    """,
    "Timeout": """
        timed out | timeout | timeouterror | timeoutexpired | readtimeout | connecttimeout |
        deadline exceeded
    """,
    "ModuleNotFound": """
        no module named | modulenotfounderror | cannot find module | cannot import name | importerror |
        err_module_not_found | unresolved import | can't resolve ' | no required module provides |
        could not resolve import
    """,
    "CommandNotFound": """
        command not found | is not recognized as | executable file not found | : not found |
        is not a git command | no such command
    """,
    "NoMatch": """
        could not find a match | old_string | old_str | string to replace not found |
        did not appear verbatim | no replacement was performed | failed to find expected lines |
        failed to find context | patch does not apply | patch failed | verification failed |
        hunk failed | search block | matches of the string to replace
    """,
    "FileNotFound": """
        no such file or directory | file not found | filenotfounderror | enoent | file does not exist |
        can't open file | cannot find the file | cannot find the path | file or directory not found |
        path not found | path does not exist | directory does not exist | not a directory
    """,
    "Permission": """
        permission denied | permissionerror | eacces | eperm | operation not permitted | access denied |
        access is denied | forbidden | unauthorized | not authorized | status code 401 |
        status code 403 | http 401 | http 403 | read-only file system
    """,
    "Syntax": """
        syntaxerror | syntax error | indentationerror | taberror | unexpected eof |
        unexpected end of file | unexpected token | parse error | parseerror | in your sql syntax |
        unterminated | unmatched
    """,
    "Network": """
        connection refused | connection reset | connection aborted | connectionerror | econnrefused |
        econnreset | enotfound | could not resolve | couldn't connect | failed to connect |
        name or service not known | name resolution | getaddrinfo | network is unreachable |
        no route to host | max retries exceeded | socket hang up | fetch failed | ssl error |
        certificate verify failed | rate limit | too many requests | bad gateway | service unavailable |
        status code 5 | status code 429 | http 5 | http 429
    """,
    "InvalidArguments": """
        missing required | required parameter | required property | required argument |
        arguments are required | invalid json | inputvalidationerror | validation error |
        unrecognized option | unrecognized argument | invalid option | invalid argument |
        invalid parameter | illegal option | unknown option | unknown flag | unknown argument |
        unknown predicate | unexpected argument | unexpected keyword argument | missing argument |
        missing operand | extra operand | too many arguments | requires an argument | usage: | --help' |
        -32602 | must be a | must be one of | is required
    """,
    "NotFound": """
        not found | does not exist | doesn't exist | no such | unknown column | undefined column |
        no rule to make target | unknown revision | did not match any | 404 | e404
    """,
    "Killed": "segmentation fault | core dumped | out of memory | killed | memoryerror",
}
"""Error type → its signs, in lower case. An error line has the first type with a sign in it."""
_SIGNS = tuple(
    (sign.strip(), error_type) for error_type, signs in _SIGNS_OF_TYPE.items() for sign in signs.split("|")
)
_TOKEN = re.compile(r"[a-z0-9_']+")
_SIGNS_BY_TOKEN: dict[str, list[int]] = {}
"""The longest word of each sign → indexes in `_SIGNS`. A line has a sign only if this word stands alone in
it: `404` is no sign inside a longer number."""
for _index, (_sign, _) in enumerate(_SIGNS):
    _SIGNS_BY_TOKEN.setdefault(max(_TOKEN.findall(_sign), key=len), []).append(_index)
_BY_CODE = {124: "Timeout", 126: "Permission", 127: "CommandNotFound"}
_PARTS = 1_000
"""Parts of a list that are read."""
_LINE_LIMIT = 200
_CLASSIFIED = 400
"""Characters of the error line that are read."""


def error_line(result: str) -> str:
    """Return the one line of a failing result that says what went wrong.

    That is a structured result's `error` value, the first line of what a wrapper marks as an error, else the
    last exception line of a traceback, else the first line that names a failure, else the last line that is
    not empty. It has single spaces and at most 200 characters; it is empty for an empty result.
    """
    unwrapped = unwrap(result)
    text, is_message = _failing_text(unwrapped.text)
    line = " ".join(_line_of(text, is_message=is_message or unwrapped.marked_error).split())
    return line if len(line) <= _LINE_LIMIT else line[: _LINE_LIMIT - 1].rstrip() + "…"


def error_type_of(text: str, code: int | None = None, *, is_message: bool = False) -> str:
    """Return the type, one of `ERROR_TYPES`, of a failing output or error message.

    Args:
        text: the error value, or the whole output.
        code: the exit code, if there is one; the shell's own codes decide before the words.
        is_message: whether the text is an error value; its first line is the error.
    """
    if code is not None:
        by_code = _BY_CODE.get(code)
        if by_code:
            return by_code
        if code < -1 or 128 < code < 166:
            return "Killed"
    line = _line_of(text, is_message=is_message)
    error_type = _type_by_sign(line[:_CLASSIFIED].lower())
    if error_type:
        return error_type
    if _EXCEPTION_LINE.match(line):
        return "Exception"
    return "Other" if code is None else "ExitCode"


@lru_cache(maxsize=2_000)
def _type_by_sign(line: str) -> str:
    """Return the first type with a sign in an error line, else an empty text; cached, as errors repeat."""
    tokens = set(_TOKEN.findall(line)) & _SIGNS_BY_TOKEN.keys()
    candidates = sorted(index for token in tokens for index in _SIGNS_BY_TOKEN[token])
    return next((_SIGNS[index][1] for index in candidates if _SIGNS[index][0] in line), "")


def _failing_text(result: str) -> tuple[str, bool]:
    """Return the part of a result that describes the failure, and whether it is an error value."""
    is_message = False
    value: Any = MISSING
    if result[:1] in ("{", "["):
        value = decode_json(result)[0]
        if value is MISSING:
            value = decode_literal(result)
    for _ in range(4):
        if isinstance(value, dict):
            content = value.get("content")
            key = next((key for key in (*_TEXT_KEYS, *_OUTPUT_KEYS) if value.get(key)), None)
            inner = value[key] if key is not None else None
            is_message = is_message or key in _MESSAGE_KEYS
            if inner is None and isinstance(content, list | str):
                inner = content
            if inner is None:
                inner = value.get("result") or value.get("results")
            value = inner
        elif isinstance(value, list):
            value = next((part for part in value[:_PARTS] if isinstance(part, dict | str) and part), None)
        else:
            break
    if isinstance(value, str):
        return value, is_message
    return (str(value) if isinstance(value, int | float) else result), False


def _line_of(text: str, *, is_message: bool) -> str:
    """Return the line of a text that says what went wrong; for an error value the first line."""
    if "\n" not in text and len(text) <= _CLASSIFIED:
        return text
    text = readable(text)
    if _TRACEBACK in text:
        line = _last_exception(text)
        if line:
            return line
    lines = [line for line in text.splitlines() if line.strip()]
    if is_message and lines:
        return lines[0]
    for line in lines:
        words = line[:_CLASSIFIED].lower()
        if _FAILURE_LINE.search(words) and not _ENVELOPE_LINE.match(line):
            return line
    return lines[-1] if lines else ""


def _last_exception(text: str) -> str:
    """Return the last line after the last traceback header that names an exception."""
    last = ""
    for line in text[text.rfind(_TRACEBACK) :].splitlines()[1:]:
        if line and not line[0].isspace() and _EXCEPTION_LINE.match(line):
            last = line
    return last
