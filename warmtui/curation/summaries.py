"""One-line summaries of calls, recoveries and candidates, for openings and for lists on screen."""

from __future__ import annotations

import re
from typing import Any

import orjson

from warmtui.analysis.tools import command_line
from warmtui.model.template import ContextMarker, Note, Recovery, ToolExample, UserPatterns

CALL_CHARACTERS = 160
"""The longest summary of a call; examples keep the exact arguments."""
ERROR_CHARACTERS = 120


def single_line(text: str) -> str:
    """Return `text` on one line, with runs of white space as one space."""
    return " ".join(text.split())


def truncate(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters, with an ellipsis where it is cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def call_summary(tool: str, arguments: str, limit: int = CALL_CHARACTERS) -> str:
    r"""Return a call in one line: the tool, and its arguments as a person would write them.

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
        return truncate(f"{tool} `{single_line(arguments)}`", limit)
    command = command_line(tool, values)
    if command or len(values) == 1:
        return truncate(f"{tool} {_value(command or next(iter(values.values())), limit)}", limit)
    share = max(24, (limit - len(tool)) // max(1, len(values)) - 8)
    pairs = (f"{name}={_value(value, share)}" for name, value in values.items())
    return truncate(" ".join([tool, *pairs]), limit)


def _value(value: object, limit: int) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return f"`{truncate(single_line(text), limit)}`"


def recovery_line(recovery: Recovery) -> str:
    """Return a recovery in one line: what failed, with which error, what worked, and what changed."""
    failed = call_summary(recovery.failed.tool, recovery.failed.arguments)
    fixed = call_summary(recovery.fixed.tool, recovery.fixed.arguments)
    error = truncate(single_line(recovery.error), ERROR_CHARACTERS).rstrip(".")
    change = truncate(single_line(recovery.change), CALL_CHARACTERS).rstrip(",")
    match recovery.error_type:
        case "Refused":
            line = f"{failed} was refused: “{error}”. What was done instead: {fixed}."
        case "FoundNothing":
            line = f"{failed} found nothing. What worked: {fixed}."
        case "TooLong":
            line = f"{failed} gave more than is shown. What worked: {fixed}."
        case error_type:
            did = "reported" if error_type == "Findings" else "failed"
            worked = f"What worked: {fixed}{_told(change, fixed)}."
            if failed == fixed and change:
                worked = f"What fixed it: {change}."
            line = f"{failed} {did}: {error}. {worked}"
    return f"{line} {single_line(recovery.note)}" if recovery.note.strip() else line


_IN_CALL = re.compile(r"(?:added|path|ran in|looked up first:) ")
"""How a part of a change begins whose rest stands in the call that worked."""


def _told(change: str, fixed: str) -> str:
    """Return a change in brackets; empty if each part of it can be seen in the call that worked."""
    parts = (part.rpartition(" → ")[2] for part in change.split(", "))
    is_seen = all(_IN_CALL.sub("", part, count=1).rstrip("…") in fixed for part in parts)
    return "" if is_seen else f" ({change})"


def note_line(note: Note) -> str:
    """Return a note in one line; a preference is quoted, because the words are the person's.

    >>> from warmtui.model.template import Provenance
    >>> words = Provenance(agent="hermes", session_id="s1")
    >>> note_line(Note(id="n1", kind="preference", text="never push to main", provenance=words))
    '“never push to main”'
    """
    text = single_line(note.text)
    return f"“{text}”" if note.kind == "preference" else text


def kind_in_words(kind: str) -> str:
    """Return the kind of a candidate as lists name it.

    >>> kind_in_words("tool_example"), kind_in_words("dead_end")
    ('example', 'dead end')
    """
    return kind.removeprefix("tool_").replace("_", " ")


def candidate_summary(record: object) -> str:
    """Return in one line what a candidate's record would add to a template."""
    match record:
        case Recovery():
            return recovery_line(record)
        case ToolExample():
            return " + ".join(call_summary(call.tool, call.arguments) for call in record.calls)
        case UserPatterns():
            request = record.request_style.replace("_", " ")
            feedback = record.feedback_style.replace("_", " ")
            return f"asks: {request}, answers: {feedback}"
        case Note():
            times = f" (seen in {record.seen} sessions)" if record.seen > 1 else ""
            return f"{note_line(record)}{times}"
        case ContextMarker():
            return f"{single_line(record.text)} ({record.kind}, used {record.uses}×)"
        case _:
            return single_line(str(getattr(record, "text", record)))
