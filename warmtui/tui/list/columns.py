"""Columns that fit a width, and rows and a header laid out in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.text import Span, Text

from warmtui.tui.widgets.cells import PER_CELL, clean_in_place, clip, is_plain
from warmtui.tui.widgets.glyphs import UNICODE, Glyphs

Cell = str | Text
"""A cell; either may hold untrusted text of any length."""


class Column(NamedTuple):
    """A column and the widths it wants.

    Args:
        name: how cells and sorting name it.
        title: its head.
        minimum: the fewest cells in which it is useful.
        ideal: cells that show all it usually holds.
        priority: the lowest are kept longest when room is short; the first of them always shows.
        align: of head and cells.
        grow: whether it takes the room that is left over.
    """

    name: str
    title: str
    minimum: int
    ideal: int
    priority: float = 1
    align: Literal["left", "right"] = "left"
    grow: bool = False


class PlacedColumn(NamedTuple):
    """A column in its place."""

    column: Column
    x: int
    width: int


class Layout(NamedTuple):
    """The columns that show in one width; made by `fit`."""

    placed: tuple[PlacedColumn, ...]
    width: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that show, from the left."""
        return tuple(placed.column.name for placed in self.placed)

    def width_of(self, name: str) -> int:
        """Return a column's cells; 0 when it does not show."""
        return next((placed.width for placed in self.placed if placed.column.name == name), 0)

    def column_at(self, x: int) -> str | None:
        """Return the column at a cell, the gap right of it counted to it; for clicks on the header."""
        found = [placed.column.name for placed in self.placed if placed.x <= x < self.width]
        return found[-1] if found else None

    def header(self, sort: str = "", *, descending: bool = False, glyphs: Glyphs = UNICODE) -> Text:
        """Return the header, with a sign at the column that the rows are sorted by.

        Where the column is too narrow for both, its head takes a cell of the gap on its left.
        """
        sign = glyphs.descending if descending else glyphs.ascending
        heads: dict[str, Cell] = {}
        places: list[PlacedColumn] = []
        for column, x, width in self.placed:
            title = column.title
            if column.name == sort:
                if len(title) >= width and x > 0 and column.align == "right":
                    x, width = x - 1, width + 1
                title = clip(title, width - 1, "") + sign
            heads[column.name] = title
            places.append(PlacedColumn(column, x, width))
        return Layout(tuple(places), self.width).row(heads, glyphs=glyphs)

    def row(self, cells: Mapping[str, Cell], *, glyphs: Glyphs = UNICODE) -> Text:
        """Return a line with each cell in its column, clipped and padded; missing ones are blank.

        Args:
            cells: the cells by the name of their column; those of columns that do not show are ignored.
            glyphs: where the sign for cut text is taken from.

        Returns:
            A Text as wide as the layout at most, cleaned, spans kept.
        """
        parts: list[str] = []
        spans: list[Span] = []
        length = at = 0
        for column, x, width in self.placed:
            cell = cells.get(column.name, "")
            shown, in_place = _clipped(cell, width, glyphs.more)
            spare = width - (len(shown) if shown.isascii() else cell_len(shown))
            before = spare if column.align == "right" else 0
            parts += (" " * (x - at + before), shown, " " * (spare - before))
            start = length + x - at + before
            # spans count characters: where cleaning moved those, a style would be on the wrong ones
            if isinstance(cell, Text) and in_place:
                if cell.style:
                    spans.append(Span(start, start + len(shown), cell.style))
                spans += [
                    Span(start + span.start, start + min(span.end, len(shown)), span.style)
                    for span in cell.spans
                    if span.start < min(span.end, len(shown))
                ]
            length = start + len(shown) + spare - before
            at = x + width
        return Text("".join(parts), spans=spans)


def _clipped(cell: Cell, width: int, more: str) -> tuple[str, bool]:
    """Return the visible part of a cell, and whether spans still fit it."""
    if isinstance(cell, str):
        return clip(cell, width, more), False
    plain = cell.plain
    if len(plain) <= width and is_plain(plain):
        return plain, True
    plain = plain[: (width + 1) * PER_CELL + 1]
    placed = clean_in_place(plain)
    return clip(plain if placed is None else placed, width, more), placed is not None


def fit(columns: Sequence[Column], width: int, gap: int = 2) -> Layout:
    """Choose columns for a width and share it among them.

    Columns come in by priority until the next would not fit at its minimum, so that a narrower width always
    shows a part of what a wider one shows. Then each grows to its ideal, the most important first, and what
    is left goes to those that `grow`.

    Args:
        columns: in order, from left to right.
        width: cells for all of them and the gaps.
        gap: blank cells between two.

    Returns:
        The layout; it has at least one column, cut to the width if need be.
    """
    order = sorted(range(len(columns)), key=lambda index: columns[index].priority)
    widths: dict[int, int] = {}
    used = 0
    for index in order:
        needed = columns[index].minimum + (gap if widths else 0)
        if widths and used + needed > width:
            break
        widths[index] = columns[index].minimum
        used += needed
    spare = width - used
    if spare < 0:
        widths = {index: max(1, width) for index in widths}
    for index in widths:
        given = max(0, min(columns[index].ideal - widths[index], spare))
        widths[index] += given
        spare -= given
    growing = [index for index in sorted(widths) if columns[index].grow]
    if growing and spare > 0:
        share, rest = divmod(spare, len(growing))
        for number, index in enumerate(growing):
            widths[index] += share + (number < rest)
    placed, x = [], 0
    for index in sorted(widths):
        placed.append(PlacedColumn(columns[index], x, widths[index]))
        x += widths[index] + gap
    return Layout(tuple(placed), width)
