"""The two lists of the Curate screen, with the keys that mean something in each."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from warmtui.tui.commands import Command, bindings
from warmtui.tui.curate.draft_rows import CandidateRows, DraftRows
from warmtui.tui.curate.pane_keys import DOWN, EDIT, OUTSIDE, PICK, REMOVE, SHOWN, UP
from warmtui.tui.list.row_list import RowList


class CandidateList(RowList):
    """What the sessions offer, ticked where it is picked.

    Args:
        rows: the candidates.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (PICK, EDIT, OUTSIDE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, rows: CandidateRows, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(
            rows,
            markable=True,
            mark=("[x]", "[ ]"),
            id=id,
            classes=classes,
            empty="These sessions offer nothing to keep.",
        )


class DraftList(RowList):
    """The template as it stands.

    Args:
        rows: its items.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (UP, DOWN, REMOVE, SHOWN, EDIT, OUTSIDE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, rows: DraftRows, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(
            rows,
            id=id,
            classes=classes,
            empty="Nothing is picked yet.\nspace picks, a takes the suggestion.",
        )
