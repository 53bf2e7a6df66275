"""The one walk over every text of a seed: for masking, checking, editing and searching."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Note,
    Record,
    Recovery,
    Seed,
    ToolExample,
    UserPatterns,
)

SYSTEM_CONTEXT = "system_context"
USER_PATTERNS = "user_patterns"

_TEXTS: dict[type[Record], tuple[str, ...]] = {
    UserPatterns: ("corrections", "domains", "preferred_tools"),
    Recovery: ("error", "change", "before", "closing", "note", "failed", "fixed"),
    ToolExample: ("before", "closing", "note", "calls"),
    ExampleCall: ("arguments", "result", "tool"),
    ContextMarker: ("text",),
    Note: ("text",),
}
"""The fields of each record that hold text, in the order of the walk, in which masked places are saved."""

_R = TypeVar("_R", bound=Record)


class Place(NamedTuple):
    """The location of a text in a seed."""

    item: str
    """The id of the item, or `system_context`, `user_patterns`."""
    field: str
    """`before`, `failed.result`, `calls.0.arguments`, `corrections.2`, …"""
    is_json: bool
    """The text is JSON and must stay valid JSON."""


TextChange = Callable[[Place, str], str]


def map_texts(seed: Seed, change: TextChange) -> Seed:
    """Return the seed with every text passed through `change`, except empty ones.

    Texts are all that a person can edit: the words, arguments and results, but also tool names and domains.
    """

    def mapped(record: _R, item: str) -> _R:
        return _map_record(record, item, "", change)

    singles = Seed(
        system_context=_map_text(seed.system_context, SYSTEM_CONTEXT, SYSTEM_CONTEXT, change),
        user_patterns=mapped(seed.user_patterns, USER_PATTERNS) if seed.user_patterns else None,
    )
    return singles.with_items(mapped(item, item.id) for item in seed.items())


def _map_record(record: _R, item: str, prefix: str, change: TextChange) -> _R:
    update = {
        field: _map_value(getattr(record, field), item, f"{prefix}{field}", change)
        for field in _TEXTS[type(record)]
    }
    return record.model_copy(update=update)


def _map_value(value: object, item: str, field: str, change: TextChange) -> object:
    if isinstance(value, Record):
        return _map_record(value, item, f"{field}.", change)
    if isinstance(value, tuple):
        return tuple(_map_value(inner, item, f"{field}.{index}", change) for index, inner in enumerate(value))
    return _map_text(str(value), item, field, change)


def _map_text(text: str, item: str, field: str, change: TextChange) -> str:
    # nothing in an empty text can be masked, checked or found
    if not text:
        return text
    return change(Place(item, field, is_json=field.endswith(".arguments")), text)


def every_text(seed: Seed) -> Iterator[tuple[Place, str]]:
    """Yield every text that is not empty, with its place, in the order of the walk."""
    found: list[tuple[Place, str]] = []

    def keep(place: Place, text: str) -> str:
        found.append((place, text))
        return text

    map_texts(seed, keep)
    return iter(found)


def text_at(seed: Seed, item: str, field: str) -> tuple[Place, str] | None:
    """Return the text at one place, None when there is none."""
    for place, text in every_text(seed):
        if place.item == item and place.field == field:
            return place, text
    return None


def with_text(seed: Seed, at: Place, text: str) -> Seed:
    """Return the seed with `text` at one place."""
    return map_texts(seed, lambda place, old: text if place == at else old)


def without_index(field: str) -> str:
    """Return a field's name without its index in a list, because lists are reordered.

    >>> without_index("corrections.2"), without_index("calls.0.result")
    ('corrections', 'calls.0.result')
    """
    return re.sub(r"\.\d+\Z", "", field)
