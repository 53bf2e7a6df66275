"""A call's arguments: decoded, and in one canonical form."""

from __future__ import annotations

import json

import orjson

from warmtui.text import JSON_ERRORS, load_json

MAX_ARGUMENT_CHARACTERS = 200_000
"""Longer arguments are not decoded: they hold a file written inline."""


def arguments_of(text: str) -> dict[str, object] | None:
    """Decode a call's arguments; None if they are no JSON object or longer than `MAX_ARGUMENT_CHARACTERS`."""
    if len(text) > MAX_ARGUMENT_CHARACTERS or text.lstrip()[:1] != "{":
        return None
    try:
        # Two long ids must not become equal by rounding.
        value = load_json(text, exact=True)
    except JSON_ERRORS:
        return None
    return value if isinstance(value, dict) else None


def canonical(arguments: str) -> str:
    """Write arguments in one form, so that equal arguments are equal texts.

    >>> canonical('{"b": 1, "a": [1,  2]}')
    '{"a":[1,2],"b":1}'
    """
    values = arguments_of(arguments)
    if values is None:
        return " ".join(arguments.split()) if len(arguments) <= 10_000 else arguments
    try:
        return orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError):
        # orjson refuses integers past 64 bits and lone surrogates
        return json.dumps(values, sort_keys=True, separators=(",", ":"))
