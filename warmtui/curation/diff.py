"""What differs between two versions, item by item and field by field."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeGuard, TypeVar

from warmtui.model.template import MaskedPlace, Record, SourceSession, Version

ChangeKind = Literal["added", "removed", "changed", "moved"]

_R = TypeVar("_R", bound=Record)

_ITEMS = ("recoveries", "tool_examples", "context_markers")
"""The lists of a seed whose items have an id, in the order of the seed."""


class Change(NamedTuple):
    """One difference."""

    place: str
    """Where: `description`, `task_type`, `system_context`, `user_patterns.domains`,
    `tool_examples[ID]`, `tool_examples[ID].calls[0].result`, `sources[AGENT:ID]`, `masked[ITEM.FIELD]`."""
    kind: ChangeKind
    before: str | None
    """The old value: text as it is, anything else as JSON; of a move `after ID`, the nearest item before it
    that did not move, or `first`. None when it was added."""
    after: str | None
    """The new value, likewise. None when it was removed."""


def diff_versions(before: Version, after: Version) -> tuple[Change, ...]:
    """What has to change in one version to come to another.

    Items of a list are matched by id (the second of two with the same id is `ID#2`), so an item that only
    moved is one `moved`, and only the fewest items that explain a new order are called moved. Numbers,
    times and hashes have no part in it: versions with the same content have no differences, and versions
    without differences have the same content.

    Args:
        before: the older version.
        after: the newer one; they need not be of the same template.

    Returns:
        The differences: description, task type, then the seed in its order, sources, masked places.
        Within a list first what was removed, then added and changed in the new order, then moves.
    """
    changes: list[Change] = []
    for field in ("description", "task_type"):
        changes += _values(field, getattr(before, field), getattr(after, field))
    old, new = before.seed, after.seed
    for field in ("system_context", "user_patterns"):
        changes += _values(field, getattr(old, field), getattr(new, field))
    for field in _ITEMS:
        changes += _lists(field, getattr(old, field), getattr(new, field), _id)
    changes += _lists("sources", before.sources, after.sources, _session)
    changes += _lists("masked", before.masked, after.masked, _masked)
    return tuple(changes)


def _id(item: Record) -> str:
    return str(getattr(item, "id", ""))


def _session(source: SourceSession) -> str:
    return f"{source.agent}:{source.id}"


def _masked(place: MaskedPlace) -> str:
    return f"{place.item}.{place.field}"


def _values(place: str, old: object, new: object) -> Iterator[Change]:
    """The differences of two values that stand in the same field."""
    if old == new:
        return
    if isinstance(old, Record) and isinstance(new, Record):
        for field in type(old).model_fields:
            yield from _values(f"{place}.{field}", getattr(old, field), getattr(new, field))
    elif _has_records(old) and _has_records(new):
        yield from _by_place(place, old, new)
    else:
        kind: ChangeKind = "added" if old is None else "removed" if new is None else "changed"
        yield Change(place, kind, _text(old), _text(new))


def _has_records(value: object) -> TypeGuard[tuple[Record, ...]]:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Record)


def _by_place(place: str, old: tuple[Record, ...], new: tuple[Record, ...]) -> Iterator[Change]:
    """Records without an id, such as the calls of an example, are matched by where they stand."""
    for index in range(max(len(old), len(new))):
        yield from _values(
            f"{place}[{index}]",
            old[index] if index < len(old) else None,
            new[index] if index < len(new) else None,
        )


def _lists(place: str, old: Sequence[_R], new: Sequence[_R], key: Callable[[_R], str]) -> Iterator[Change]:
    """The differences of two lists whose items are known by a key."""
    was, now = _keyed(old, key), _keyed(new, key)
    for known, item in was.items():
        if known not in now:
            yield Change(f"{place}[{known}]", "removed", _text(item), None)
    for known, item in now.items():
        if known not in was:
            yield Change(f"{place}[{known}]", "added", None, _text(item))
        else:
            yield from _values(f"{place}[{known}]", was[known], item)
    old_places = {known: index for index, known in enumerate(was)}
    stayed = _in_order([known for known in now if known in was], old_places)
    old_stands, new_stands = _stands(was, stayed), _stands(now, stayed)
    for known in now:
        if known in was and known not in stayed:
            yield Change(f"{place}[{known}]", "moved", old_stands[known], new_stands[known])


def _stands(keys: Iterable[str], stayed: frozenset[str]) -> dict[str, str]:
    """Where each key stands among those that stayed; for one that moved, the two versions differ in it."""
    stands: dict[str, str] = {}
    where = "first"
    for key in keys:
        stands[key] = where
        if key in stayed:
            where = f"after {key}"
    return stands


def _keyed(items: Sequence[_R], key: Callable[[_R], str]) -> dict[str, _R]:
    """The items by key, in order; repeated keys are told apart by a count."""
    seen: Counter[str] = Counter()
    keyed: dict[str, _R] = {}
    for item in items:
        known = key(item)
        seen[known] += 1
        label = known if seen[known] == 1 else f"{known}#{seen[known]}"
        while label in keyed:
            label += "'"
        keyed[label] = item
    return keyed


def _in_order(keys: Sequence[str], places: dict[str, int]) -> frozenset[str]:
    """The longest run of keys, not necessarily adjacent, whose places rise (patience sorting)."""
    ends: list[int] = []
    last: list[str] = []
    previous: dict[str, str | None] = {}
    for key in keys:
        length = bisect_left(ends, places[key])
        previous[key] = last[length - 1] if length else None
        ends[length : length + 1] = [places[key]]
        last[length : length + 1] = [key]
    kept: set[str] = set()
    key_or_end = last[-1] if last else None
    while key_or_end is not None:
        kept.add(key_or_end)
        key_or_end = previous[key_or_end]
    return frozenset(kept)


def _text(value: object) -> str | None:
    """A value as a change shows it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Record):
        return value.model_dump()
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value
