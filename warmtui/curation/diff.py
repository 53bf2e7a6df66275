"""The differences of two versions, item by item and field by field."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeGuard, TypeVar

from warmtui.model.template import GROUPS, MaskedPlace, Record, SourceSession, Version

ChangeKind = Literal["added", "removed", "changed", "moved"]

_R = TypeVar("_R", bound=Record)


class Change(NamedTuple):
    """One difference."""

    place: str
    """Its path: `description`, `task_type`, `system_context`, `user_patterns.domains`,
    `tool_examples[ID]`, `tool_examples[ID].calls[0].result`, `sources[AGENT:ID]`, `masked[ITEM.FIELD]`."""
    kind: ChangeKind
    before: str | None
    """The old value: text as it is, anything else as JSON; None when it was added. For a move, the old
    position: `first`, `after ID` of the nearest item before it that did not move, or else `before ID`."""
    after: str | None
    """The new value, likewise; None when it was removed. For a move, the new position: `first`, or `after ID`
    of the item right before it."""


def diff_versions(before: Version, after: Version) -> tuple[Change, ...]:
    """Compare two versions.

    Items of a list are matched by id (the second of two with the same id is `ID#2`). A new order is explained
    by the fewest moves. Numbers, times and hashes are not compared: two versions have no differences exactly
    when their content is the same.

    Args:
        before: the older version.
        after: the newer one; it may belong to another template.

    Returns:
        The differences of description and task type, of the seed in its order, of sources and masked places.
        Within a list, first what was removed, then what was added or changed in the new order, then moves.
    """
    changes: list[Change] = []
    for field in ("description", "task_type"):
        changes += _values(field, getattr(before, field), getattr(after, field))
    old, new = before.seed, after.seed
    for field in ("system_context", "user_patterns"):
        changes += _values(field, getattr(old, field), getattr(new, field))
    for group in GROUPS.values():
        changes += _lists(group, old.group(group), new.group(group), _id)
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
    """Yield the differences of two values of the same field."""
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
    """Compare records without ids, such as the calls of an example, by their index."""
    for index in range(max(len(old), len(new))):
        yield from _values(
            f"{place}[{index}]",
            old[index] if index < len(old) else None,
            new[index] if index < len(new) else None,
        )


def _lists(place: str, old: Sequence[_R], new: Sequence[_R], key_of: Callable[[_R], str]) -> Iterator[Change]:
    """Yield the differences of two lists whose items have keys."""
    before, after = _keyed(old, key_of), _keyed(new, key_of)
    for key, item in before.items():
        if key not in after:
            yield Change(f"{place}[{key}]", "removed", _text(item), None)
    for key, item in after.items():
        if key not in before:
            yield Change(f"{place}[{key}]", "added", None, _text(item))
        else:
            yield from _values(f"{place}[{key}]", before[key], item)
    old_positions = {key: index for index, key in enumerate(before)}
    # the longest run in the old order stays, so the fewest items are said to have moved
    stayed = _in_order([key for key in after if key in before], old_positions)
    if not stayed:
        return
    old_places = _places_among(before, stayed)
    new_place = "first"
    for key in after:
        if key in before and key not in stayed:
            yield Change(f"{place}[{key}]", "moved", old_places[key], new_place)
        new_place = f"after {key}"


def _places_among(keys: Iterable[str], stayed: frozenset[str]) -> dict[str, str]:
    """Return where each key stood among those that stayed.

    Next to an item that moved along with it, an item would seem not to have moved.
    """
    places: dict[str, str] = {}
    place = "first"
    for key in keys:
        places[key] = place
        if key in stayed:
            place = f"after {key}"
        elif place == "first":
            place = f"before {next(other for other in keys if other in stayed)}"
    return places


def _keyed(items: Sequence[_R], key_of: Callable[[_R], str]) -> dict[str, _R]:
    """Return the items by key, in order; a repeated key gets a count."""
    seen: Counter[str] = Counter()
    keyed: dict[str, _R] = {}
    for item in items:
        key = key_of(item)
        seen[key] += 1
        label = key if seen[key] == 1 else f"{key}#{seen[key]}"
        # an id from elsewhere may itself end in `#2`
        while label in keyed:
            label += "'"
        keyed[label] = item
    return keyed


def _in_order(keys: Sequence[str], positions: dict[str, int]) -> frozenset[str]:
    """Return the longest increasing subsequence of keys by their old position (patience sorting)."""
    ends: list[int] = []
    last: list[str] = []
    previous: dict[str, str | None] = {}
    for key in keys:
        length = bisect_left(ends, positions[key])
        previous[key] = last[length - 1] if length else None
        ends[length : length + 1] = [positions[key]]
        last[length : length + 1] = [key]
    kept: set[str] = set()
    key_or_end = last[-1] if last else None
    while key_or_end is not None:
        kept.add(key_or_end)
        key_or_end = previous[key_or_end]
    return frozenset(kept)


def _text(value: object) -> str | None:
    """Return a value as a change shows it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, Record):
        return value.model_dump()
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value
