"""Masked places, row by row: which, what stood there, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from warmtui.curation.editing import ReviewedPlace, field_label
from warmtui.model.template import Seed
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clean, clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, OK, WARNING, Line
from warmtui.workspace.masked_originals import Original

STANDINGS = {
    "masked": ("not reviewed", WARNING),
    "accepted": ("reviewed, stays masked", OK),
    "restored": ("unmasked, as you wanted", ERROR),
    "open": ("saving masks it", MUTED),
}
READING = "reading the session it came from …"


class MaskingRows(RowSource):
    """Each place with what it is and where, what stood there, and the words around it.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.places: tuple[ReviewedPlace, ...] = ()
        self.originals: dict[str, Original] = {}
        """What stood there, by the place's key; what is not in it is still being read."""
        self._seed = Seed()
        self._index: Mapping[str, int] = {}

    def put(self, places: Sequence[ReviewedPlace], seed: Seed) -> None:
        """Show other places.

        Args:
            places: in the order of the seed.
            seed: for the names of their items.
        """
        self.places, self._seed = tuple(places), seed
        self._index = {one.key: index for index, one in enumerate(self.places)}

    def place(self, index: int) -> ReviewedPlace | None:
        """Return the place at a position."""
        return self.places[index] if 0 <= index < len(self.places) else None

    def __len__(self) -> int:
        return len(self.places)

    def key(self, index: int) -> str:
        """Return what names the place."""
        return self.places[index].key

    def index_of(self, key: str) -> int | None:
        """Return where a place is listed."""
        return self._index.get(key)

    def height(self, index: int) -> int:
        """Return the lines of a place: what and where, what stood there, the words around it, a blank."""
        return 4

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a place's lines."""
        one = self.places[index]
        words, style = STANDINGS[one.standing]
        where = f"{clean(one.kind)}  {field_label(self._seed, one.item, one.field)}"
        head = Text(clip(where, max(10, width - len(words) - 2), self.glyphs.more), "bold")
        head.append(" " * max(1, width - head.cell_len - len(words)))
        head.append(words, style)
        return [head, self._stood(one, width), self._around(one, width), Text()]

    def _stood(self, one: ReviewedPlace, width: int) -> Text:
        if one.unmasked or one.standing == "open":
            line, text = Text("  is   ", FAINT), one.value
        else:
            found = self.originals.get(one.key)
            line = Text("  was  ", FAINT)
            if found is None:
                return line.append(READING, FAINT)
            if found.text is None:
                return line.append(clip(f"not known: {found.why}", width - 7, self.glyphs.more), MUTED)
            text = found.text
        return line.append(clip(text, max(4, width - 7), self.glyphs.more), ERROR if one.unmasked else "")

    def _around(self, one: ReviewedPlace, width: int) -> Text:
        room = max(10, width - 7)
        slot = clip(one.slot, room // 2, self.glyphs.more)
        side = max(2, (room - len(slot)) // 2)
        before = clean(one.before)[-side:]
        line = Text("  in   ", FAINT).append(before, MUTED)
        line.append(slot, WARNING if not one.unmasked else ERROR)
        return line.append(clip(one.after, side, self.glyphs.more), MUTED)
