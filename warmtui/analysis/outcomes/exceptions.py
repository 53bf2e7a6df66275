"""Whether an output ends with an exception that nobody caught."""

from __future__ import annotations

import re

from warmtui.analysis.patterns import any_of

_TRACEBACKS = ("Traceback (most recent call last)", "Exception Group Traceback (most recent call last)")
_EXCEPTION = any_of(
    r"^(?:[A-Za-z_][\w.]*\.)?[A-Z_]\w*(?:Error|Exception|Exit|Interrupt|Warning|Failure|Failed|Timeout|Group)\b"
    r"(?: \(.*\))?(?::|$)",
    r"^(?:[a-z_]\w*\.)+[A-Z]\w*(?::|$)",
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
_TAIL = 6_000
"""Characters at the end in which the exception itself must stand; tracebacks may begin before."""


def uncaught_exception(text: str) -> str:
    """Return the exception line that ends an output, else an empty text.

    A traceback that is followed by more output was caught and printed, so it is no failure. Lines that belong
    to the message (indented ones, notes) may follow.

    Args:
        text: the output, without colours.
    """
    lines = [line for line in text[-_TAIL:].splitlines() if line.strip()]
    if not lines:
        return ""
    index = _last_exception(lines)
    if index < 0:
        return ""
    after = lines[index + 1 :]
    if after and 2 * sum(line[0].isspace() or _AFTERWORD.match(line) is not None for line in after) < len(
        after
    ):
        return ""
    if any(sign in text for sign in _TRACEBACKS):
        return lines[index]
    # a syntax error in the script itself is printed without the word Traceback
    before = lines[max(0, index - 5) : index]
    return lines[index] if any(_SOURCE_LINE.match(line) for line in before) else ""


def _last_exception(lines: list[str]) -> int:
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if not line[0].isspace() and _EXCEPTION.match(line):
            return index
    return -1
