"""Calls and recoveries in words, for the lines of an opening and for lists on screen."""

from __future__ import annotations

from typing import Any

import orjson

from warmtui.model.template import ContextMarker, Recovery, ToolExample, UserPatterns

CALL_CHARACTERS = 160
"""Longest a call is shown in a line; the exact arguments stay in the examples."""
ERROR_CHARACTERS = 120


def single_line(text: str) -> str:
    """Return `text` on one line, runs of white space as one space."""
    return " ".join(text.split())


def clipped(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, an ellipsis in place of what is cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def call_summary(tool: str, arguments: str, limit: int = CALL_CHARACTERS) -> str:
    r"""Show one call in a line: the tool, and its arguments as a person would say them.

    >>> call_summary("terminal", '{"command": "pytest -q"}')
    'terminal `pytest -q`'
    >>> call_summary("patch", '{"path": "a.py", "old_string": "x"}')
    'patch path=`a.py` old_string=`x`'
    """
    try:
        values: Any = orjson.loads(arguments)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        return clipped(f"{tool} `{single_line(arguments)}`", limit)
    if len(values) == 1:
        return clipped(f"{tool} {_value(next(iter(values.values())), limit)}", limit)
    share = max(24, (limit - len(tool)) // max(1, len(values)) - 8)
    pairs = (f"{name}={_value(value, share)}" for name, value in values.items())
    return clipped(" ".join([tool, *pairs]), limit)


def _value(value: object, limit: int) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return f"`{clipped(single_line(text), limit)}`"


def recovery_line(recovery: Recovery) -> str:
    """Say a recovery in one line: what failed, with which error, what worked."""
    failed = call_summary(recovery.failed.tool, recovery.failed.arguments)
    fixed = call_summary(recovery.fixed.tool, recovery.fixed.arguments)
    error = clipped(single_line(recovery.error), ERROR_CHARACTERS).rstrip(".")
    line = f"{failed} failed: {error}. What worked: {fixed}."
    return f"{line} {single_line(recovery.note)}" if recovery.note.strip() else line


def candidate_summary(record: object) -> str:
    """Say in a line what a candidate's record would add to a template."""
    match record:
        case Recovery():
            return recovery_line(record)
        case ToolExample():
            return " + ".join(call_summary(call.tool, call.arguments) for call in record.calls)
        case UserPatterns():
            request, feedback = (
                record.request_style.replace("_", " "),
                record.feedback_style.replace("_", " "),
            )
            return f"asks: {request}, answers: {feedback}"
        case ContextMarker():
            return f"{single_line(record.text)} ({record.kind}, used {record.uses}×)"
        case _:
            return single_line(str(getattr(record, "text", record)))
