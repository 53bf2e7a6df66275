"""The masked places of a draft as rows to review."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.curation.editing import ReviewedPlace, field_label
from warmtui.model.template import Seed
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clean, clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, OK, WARNING, Line
from warmtui.workspace.drafts import Original

STANDINGS = {
    "masked": ("not reviewed", WARNING),
    "accepted": ("reviewed, stays masked", OK),
    "restored": ("unmasked, as you wanted", ERROR),
    "open": ("saving masks it", MUTED),
}
"""What became of a place, and the colour of these words."""
READING = "reading the session it came from …"


class MaskingRows(RowSource):
    """One row per place: what it is and where, the original text, and the words around it."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.places: tuple[ReviewedPlace, ...] = ()
        self.originals: dict[str, Original] = {}
        """The original texts by place key; those of missing places are still being read."""
        self._seed = Seed()

    def put(self, places: Sequence[ReviewedPlace], seed: Seed) -> None:
        """Show these places, in the order of the seed, which names the items that they are in."""
        self.places, self._seed = tuple(places), seed

    def __len__(self) -> int:
        return len(self.places)

    def key(self, index: int) -> str:
        """Return the key of a place."""
        return self.places[index].key

    def height(self, index: int) -> int:
        """Return four lines: what and where, the original, the words around it, a blank."""
        return 4

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return the lines of a place."""
        place = self.places[index]
        words, style = STANDINGS[place.standing]
        where = f"{clean(place.kind)}  {field_label(self._seed, place.item, place.field)}"
        head = Text(clip(where, max(10, width - len(words) - 2), self.glyphs.more), "bold")
        head.append(" " * max(1, width - head.cell_len - len(words)))
        head.append(words, style)
        return [head, self._original(place, width), self._context(place, width), Text()]

    def _original(self, place: ReviewedPlace, width: int) -> Text:
        if not place.masked:
            line, text = Text("  is   ", FAINT), place.value
        else:
            original = self.originals.get(place.key)
            line = Text("  was  ", FAINT)
            if original is None:
                return line.append(READING, FAINT)
            if original.text is None:
                words = f"not known: {original.why}"
                return line.append(clip(words, width - 7, self.glyphs.more), MUTED)
            text = original.text
        style = ERROR if place.restored else ""
        return line.append(clip(text, max(4, width - 7), self.glyphs.more), style)

    def _context(self, place: ReviewedPlace, width: int) -> Text:
        room = max(10, width - 7)
        slot = clip(place.slot, room // 2, self.glyphs.more)
        side = max(2, (room - len(slot)) // 2)
        line = Text("  in   ", FAINT).append(clean(place.before)[-side:], MUTED)
        line.append(slot, WARNING if not place.restored else ERROR)
        return line.append(clip(place.after, side, self.glyphs.more), MUTED)


def unmasked_words(places: Sequence[ReviewedPlace], seed: Seed) -> str:
    """Say which secrets of a draft a person left unmasked, and in which items of its seed; empty if none."""
    unmasked = [place for place in places if place.restored]
    if not unmasked:
        return ""
    first = unmasked[0]
    more = f" and {len(unmasked) - 1} more" if len(unmasked) > 1 else ""
    stands = "stands" if len(unmasked) == 1 else "stand"
    return f"{first.kind} in {field_label(seed, first.item, first.field)}{more} {stands} unmasked"
