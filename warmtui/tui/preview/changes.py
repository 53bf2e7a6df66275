"""What differs between versions, to be read from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from warmtui.curation.diff import Change
from warmtui.curation.editing.labels import field_label, position_label
from warmtui.curation.editing.state import find_item
from warmtui.model.template import Seed
from warmtui.tui.list.text_rows import Piece
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, WARNING

VALUE = 4_000
"""Characters of an old or new value that are shown."""
_ITEM = re.compile(r"(?:recoveries|tool_examples|context_markers)\[(?P<item>[^\]]+)\]\.?(?P<field>.*)")
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


def change_pieces(
    title: str, changes: Sequence[Change], seeds: Sequence[Seed], both: Collection[str] = frozenset()
) -> Iterator[Piece]:
    """Write changes.

    Args:
        title: of which versions.
        changes: what differs.
        seeds: the newer and the older, for the names of items.
        both: places that the other side changed too, each in another way.
    """
    count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
    yield Piece(f"{title}: {count}", ACCENT)
    for one in changes:
        also = "  changed by both" if one.place in both else ""
        yield Piece(
            f"{SIGNS[one.kind]} {one.kind} {place_in_words(one.place, seeds)}{also}",
            WARNING if also else MUTED,
        )
        for sign, value, style in (("-", one.before, ERROR), ("+", one.after, OK)):
            if value is not None:
                yield Piece(f"{sign} {value[:VALUE]}", style, 2)
                if len(value) > VALUE:
                    yield Piece(f"… {len(value) - VALUE:,} characters more", FAINT, 2)
    yield Piece("")


def changed_by_both(theirs: Sequence[Change], mine: Sequence[Change]) -> frozenset[str]:
    """Return the places that two sides changed, each to something else."""
    there = {one.place: one.after for one in theirs}
    return frozenset(one.place for one in mine if one.place in there and there[one.place] != one.after)


def place_in_words(place: str, seeds: Sequence[Seed]) -> str:
    """Name the place of a change: `closing of example 2` for `tool_examples[ID].closing`.

    Args:
        place: as `diff_versions` gives it.
        seeds: in which the item is looked for, one after the other.

    Returns:
        The place as it was given where no seed has the item.
    """
    found = _ITEM.fullmatch(place)
    for seed in seeds if found else ():
        if found and find_item(seed, found["item"]) is not None:
            field = found["field"].replace("[", ".").replace("]", "")
            return field_label(seed, found["item"], field) if field else position_label(seed, found["item"])
    return place
