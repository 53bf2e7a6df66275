"""Error patterns: errors grouped by type and message shape, with how often each was recovered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from warmtui.analysis.outcomes import error_line
from warmtui.analysis.recoveries import FoundRecovery
from warmtui.model.outcome import JudgedCall
from warmtui.model.profile import ErrorPatternRecord

MAX_LINE = 200
"""Characters of an error line that make its shape."""

_EXTENSIONS = (
    "py|js|ts|tsx|jsx|go|rs|java|rb|php|c|h|cc|cpp|md|txt|json|ya?ml|toml|ini|cfg|sh|sql|csv|log|html|css"
)
_SLOTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"https?://[^\s'\"<>]{1,300}"), "‹url›"),
    (re.compile(r"\"[^\"\n]{0,300}\""), "‹text›"),
    (re.compile(r"(?<!\w)'[^'\n]{0,300}'"), "‹text›"),
    (re.compile(r"`[^`\n]{0,300}`"), "‹text›"),
    (re.compile(r"(?<![\w/])[~.]{0,2}/?(?:[\w.@+-]{1,100}/){1,40}[\w.@+-]{0,100}"), "‹path›"),
    (re.compile(r"(?<![\w/])/[\w.@+-]{1,100}"), "‹path›"),
    (re.compile(rf"(?<![\w.])[\w-]{{1,100}}\.(?:{_EXTENSIONS})\b"), "‹path›"),
    # hexadecimal with a digit in it: hashes, UUIDs
    (re.compile(r"\b(?=[a-fA-F-]{0,64}\d)[0-9a-fA-F]{2,64}(?:-[0-9a-fA-F]{2,64}){1,6}\b"), "‹id›"),
    # letters and two digits or more in one word: HAT229, anya_garcia_5901, #W123; but not python3
    (re.compile(r"\b(?=[^\W\d]{1,60}\d\d|\d\d{1,60}[^\W\d])\w{1,120}\b|#\w{1,60}"), "‹id›"),
    (re.compile(r"(?<![^\W\d])\d+(?:[.,:]\d+)*"), "‹n›"),
)


def message_shape(line: str) -> str:
    """Return an error line with its names, paths and numbers replaced by slots.

    >>> message_shape("File not found: src/shop/cart.py")
    'File not found: ‹path›'
    >>> message_shape("/usr/bin/bash: line 3: python: command not found")
    '‹path›: line ‹n›: python: command not found'
    """
    shape = line[:MAX_LINE]
    for pattern, slot in _SLOTS:
        shape = pattern.sub(slot, shape)
    return shape


def error_patterns(
    calls: Sequence[JudgedCall], recoveries: Sequence[FoundRecovery]
) -> tuple[ErrorPatternRecord, ...]:
    """Group a session's errors by type and message shape, most frequent first, ties to the earlier.

    Args:
        calls: the session's judged calls; housekeeping ones are left out.
        recoveries: the result of `find_recoveries` for the same calls.
    """
    recovered = {index for recovery in recoveries for index in recovery.failures}
    groups: dict[tuple[str, str], list[int]] = {}
    for index, call in enumerate(calls):
        if call.verdict.outcome == "error" and not call.housekeeping:
            line = error_line(call.result.text) if call.result is not None else ""
            # an error without words is known by the rule that found it
            shape = message_shape(line or call.verdict.reason)
            groups.setdefault((call.verdict.error_type, shape), []).append(index)
    patterns = []
    for (error_type, shape), indexes in groups.items():
        tools = Counter(calls[index].call.tool for index in indexes)
        patterns.append(
            ErrorPatternRecord(
                error_type=error_type,
                shape=shape,
                tools=tuple(tool for tool, _ in tools.most_common()),
                count=len(indexes),
                recovered=sum(index in recovered for index in indexes),
                message_id=calls[indexes[0]].message_id,
            )
        )
    return tuple(sorted(patterns, key=lambda pattern: -pattern.count))
