"""What differs between versions, to be read from top to bottom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from warmtui.curation.diff import Change
from warmtui.tui.rows.text_rows import Piece
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, WARNING

VALUE = 4_000
"""Characters of an old or new value that are shown."""
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


def change_pieces(
    title: str, changes: Sequence[Change], both: Collection[str] = frozenset()
) -> Iterator[Piece]:
    """Write changes.

    Args:
        title: of which versions.
        changes: what differs.
        both: places that the other side changed too, each in another way.
    """
    count = "1 change" if len(changes) == 1 else f"{len(changes)} changes"
    yield Piece(f"{title}: {count}", ACCENT)
    for one in changes:
        yield Piece(
            f"{SIGNS[one.kind]} {one.kind} {one.place}{'  changed by both' if one.place in both else ''}",
            WARNING if one.place in both else MUTED,
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
