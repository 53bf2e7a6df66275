"""Calls of the tools that an application gives its agent: which show something beyond one customer's case.

Such an application serves customers: most of its calls look up a record by its number, or change one. What
holds for the next customer too is the form of the arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from warmtui.analysis.patterns import word_set

MAX_FORM = 300
"""Characters of the form of a call's arguments that a line may hold."""
_MANY_KEYS = 12
_MAX_DEPTH = 4

_UNDONE_BY_NOBODY = word_set(
    "cancel book pay purchase buy delete remove refund exchange return charge withdraw transfer"
)
"""First words of tools whose effect stays: money is moved, or a record is gone."""
_PAYS = word_set("payment payments pay amount price")
"""Words in the names of arguments that say what is paid, and with what."""
_ASKS = word_set("get list search find show view read check query lookup fetch describe count calculate")
_RECORD_WORDS = word_set(
    "id ids key uuid guid number numbers phone email username user customer account token session"
)
"""Last words in the names of arguments that only say which record is meant."""
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_CAPITALS = re.compile(r"[A-Z]")
_SMALL = re.compile(r"[a-z]")
_DIGITS = re.compile(r"\d")
_SIGNS = frozenset("#@$%&")
_PLAIN = re.compile(r"[a-z][a-z_-]{0,30}\Z")
"""A word like `economy`, which is a choice of the tool and not a customer's data."""


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case.

    >>> words_of("find_userById"), words_of("mcp__shop__cancelOrder")[-2:]
    (['find', 'user', 'by', 'id'], ['cancel', 'order'])
    """
    return [word.lower() for word in _WORDS.findall(name[:200])]


def asks(tool: str) -> bool:
    """Whether a tool only asks for something, by the first word of its name.

    >>> asks("get_order"), asks("mcp__shop__cancel_order")
    (True, False)
    """
    return _verb(tool) in _ASKS


def _verb(tool: str) -> str:
    return next(iter(words_of(tool.rsplit("__", 1)[-1])), "")


def cannot_be_taken_back(tool: str, values: Mapping[str, object]) -> bool:
    """Whether a call moves money or ends a record, by the tool's name and the names of its arguments.

    >>> cannot_be_taken_back("cancel_order", {}), cannot_be_taken_back("get_order", {"payment_id": "x"})
    (True, False)
    """
    if asks(tool):
        return False
    return _verb(tool) in _UNDONE_BY_NOBODY or any(not _PAYS.isdisjoint(words_of(key)) for key in values)


def is_nested(values: Mapping[str, object]) -> bool:
    """Whether one of several arguments is a list or an object."""
    return len(values) > 1 and any(isinstance(value, (list, dict)) and value for value in values.values())


def telling_arguments(values: Mapping[str, object]) -> int:
    """Return how many arguments say more than which record is meant.

    >>> telling_arguments({"user_id": "u7", "origin": "DEN", "date": "2024-05-27"})
    2
    """
    return sum(words_of(key)[-1:] == [] or words_of(key)[-1] not in _RECORD_WORDS for key in values)


def form_of(values: Mapping[str, object]) -> str | None:
    """Return the form of a call's arguments as JSON, without the values of its one case.

    Digits become 0 and letters a, because a number often holds a customer's name; of a list the first item
    stays. None if that is too long.

    >>> form_of({"order": "#W72", "items": [{"size": "small", "name": "Ann Lee"}], "count": 3})
    '{"order": "#A00", "items": [{"size": "small", "name": "…"}], "count": 0}'
    """
    if len(values) > _MANY_KEYS:
        return None
    text = json.dumps(_form(dict(values)), ensure_ascii=False)
    return text if len(text) <= MAX_FORM and "`" not in text else None


def has_marked_number(values: Mapping[str, object]) -> bool:
    """Whether the number of a record begins with a sign, which who calls may leave out: `#W72`."""
    texts = [value for value in values.values() if isinstance(value, str)]
    return any(value[:1] in _SIGNS and _is_number(value) for value in texts)


def _form(value: object, depth: int = 0) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return 0
    if isinstance(value, str):
        if _PLAIN.match(value):
            return value
        # a name or a sentence has no form; a number does
        if not _is_number(value):
            return "…"
        return _SMALL.sub("a", _CAPITALS.sub("A", _DIGITS.sub("0", value)))
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, list):
        return [_form(item, depth + 1) for item in value[:1]]
    if isinstance(value, dict):
        return {key: _form(inner, depth + 1) for key, inner in list(value.items())[:_MANY_KEYS]}
    return "…"


def _is_number(value: str) -> bool:
    """Whether a text is one word with digits or in capitals: the number of an order, a date."""
    one_word = len(value) <= 40 and " " not in value and "@" not in value
    return one_word and (value.isupper() or _DIGITS.search(value) is not None)
