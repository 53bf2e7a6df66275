"""The differences between two versions as text to read from top to bottom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from warmtui.curation.diff import Change
from warmtui.curation.editing.fields import field_label, position_label
from warmtui.curation.editing.state import find_item
from warmtui.model.template import Seed
from warmtui.tui.list.text_rows import Piece
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, WARNING

VALUE_LENGTH = 4_000
"""Characters of an old or new value that are shown."""
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_ITEM = re.compile(r"(?:recoveries|tool_examples|context_markers)\[(?P<item>[^\]]+)\]\.?(?P<field>.*)")


def change_pieces(
    title: str, changes: Sequence[Change], seeds: Sequence[Seed], both: Collection[str] = frozenset()
) -> Iterator[Piece]:
    """Yield the text of changes.

    Args:
        title: which versions they are between.
        changes: the changes.
        seeds: of the newer and the older version; they name the items.
        both: places that the other side changed too, each in another way.
    """
    count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
    yield Piece(f"{title}: {count}", ACCENT)
    for change in changes:
        conflict = "  changed by both" if change.place in both else ""
        words = f"{SIGNS[change.kind]} {change.kind} {place_in_words(change.place, seeds)}{conflict}"
        yield Piece(words, WARNING if conflict else MUTED)
        for sign, value, style in (("-", change.before, ERROR), ("+", change.after, OK)):
            if value is not None:
                yield Piece(f"{sign} {value[:VALUE_LENGTH]}", style, 2)
                if len(value) > VALUE_LENGTH:
                    yield Piece(f"… {len(value) - VALUE_LENGTH:,} characters more", FAINT, 2)
    yield Piece("")


def changed_by_both(theirs: Sequence[Change], mine: Sequence[Change]) -> frozenset[str]:
    """Return the places that two sides changed, each to something else."""
    after = {change.place: change.after for change in theirs}
    return frozenset(
        change.place for change in mine if change.place in after and after[change.place] != change.after
    )


def place_in_words(place: str, seeds: Sequence[Seed]) -> str:
    """Return the place of a change in words: `closing of example 2` for `tool_examples[ID].closing`.

    Args:
        place: as `diff_versions` gives it.
        seeds: where the item is looked up, in this order.

    Returns:
        The place as it was given if no seed has the item.
    """
    found = _ITEM.fullmatch(place)
    for seed in seeds if found else ():
        if found and find_item(seed, found["item"]) is not None:
            field = found["field"].replace("[", ".").replace("]", "")
            return field_label(seed, found["item"], field) if field else position_label(seed, found["item"])
    return place
