"""Repeated identical calls (A12): the same tool with the same arguments, however they were spaced."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from warmtui.analysis.call_shape import arguments_of
from warmtui.model.outcome import JudgedCall


@dataclass(frozen=True, slots=True)
class Repeat:
    """One call that was made more than once."""

    tool: str
    arguments: str
    """The canonical arguments: keys in order, no spaces."""
    count: int
    """How often it was made in all."""
    failed: int
    """How many of those failed."""
    message_id: str
    """The assistant message of the first."""


def canonical(arguments: str) -> str:
    """Write arguments the one way, so that equal ones are equal texts.

    >>> canonical('{"b": 1, "a": [1,  2]}')
    '{"a":[1,2],"b":1}'
    """
    values = arguments_of(arguments)
    if values is None:
        return " ".join(arguments.split()) if len(arguments) <= 10_000 else arguments
    try:
        return orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError):
        # integers past 64 bits and lone surrogates are beyond orjson
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


def repeats(calls: Sequence[JudgedCall]) -> tuple[Repeat, ...]:
    """Count the identical calls of a session.

    Args:
        calls: the session's judged calls; housekeeping ones are left out.

    Returns:
        Those made at least twice, most frequent first, ties to the earlier.
    """
    groups: dict[tuple[str, str], list[JudgedCall]] = {}
    for call in calls:
        if not call.housekeeping:
            groups.setdefault((call.call.tool, canonical(call.call.arguments)), []).append(call)
    found = [
        Repeat(
            tool,
            arguments,
            len(group),
            sum(call.verdict.outcome == "error" for call in group),
            group[0].message_id,
        )
        for (tool, arguments), group in groups.items()
        if len(group) > 1
    ]
    return tuple(sorted(found, key=lambda repeat: -repeat.count))
