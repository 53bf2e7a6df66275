"""The review of masked places: each stays masked, or gets its original text back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.text import Text
from textual import work
from textual.message import Message

from warmtui.curation.editing import (
    Accept,
    DraftState,
    Edit,
    Keep,
    Remask,
    Restore,
    ReviewedPlace,
    field_label,
)
from warmtui.display import display_text
from warmtui.model.template import Seed
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.list.row_list import RowList
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
READING = "reading the session it came from …"


class MaskingRows(RowSource):
    """One row per place: what it is and where, the original text, and the words around it.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.places: tuple[ReviewedPlace, ...] = ()
        self.originals: dict[str, Original] = {}
        """The original texts by place key; those of missing places are still being read."""
        self._seed = Seed()

    def put(self, places: Sequence[ReviewedPlace], seed: Seed) -> None:
        """Show these places.

        Args:
            places: in the order of the seed.
            seed: names the items that the places are in.
        """
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
        return line.append(clip(text, max(4, width - 7), self.glyphs.more), ERROR if place.restored else "")

    def _context(self, place: ReviewedPlace, width: int) -> Text:
        room = max(10, width - 7)
        slot = clip(place.slot, room // 2, self.glyphs.more)
        side = max(2, (room - len(slot)) // 2)
        line = Text("  in   ", FAINT).append(clean(place.before)[-side:], MUTED)
        line.append(slot, WARNING if not place.restored else ERROR)
        return line.append(clip(place.after, side, self.glyphs.more), MUTED)


class MaskingList(RowList):
    """The masked places of a draft; a review of one changes the draft.

    Args:
        draft: the draft.
        rows: its places.
    """

    @dataclass
    class DraftChanged(Message):
        """A place was masked or unmasked in the draft."""

    def __init__(self, draft: DraftSession, rows: MaskingRows) -> None:
        super().__init__(
            rows,
            id="maskings",
            classes="list",
            empty="Nothing to mask was recognised.\nThat is no proof: read it before you share it.",
        )
        self._draft, self._rows = draft, rows

    @work(exclusive=True, group="originals")
    async def read_originals(self, state: DraftState) -> None:
        """Read the original texts of the places from their sessions, as far as they are not read yet.

        Args:
            state: the draft that the places are in.
        """
        missing = [place for place in self._rows.places if place.key not in self._rows.originals]
        self._rows.originals |= await self._draft.workspace.drafts.originals(state, missing)
        if self.display:
            self.refresh_rows()

    def accept(self) -> None:
        """Keep the place at the cursor masked, or mask it again, and go on to the next."""
        place = self._selected
        if place is None:
            return
        if place.standing == "masked":
            self._apply(Accept(place.item, place.field, place.ordinal))
        elif place.standing != "accepted":
            known = self._draft.workspace.context.known_secrets()
            self._apply(Remask(place.item, place.field, known, place.ordinal))
            self._say("masked again · z takes it back")
        self.action_step(1)

    def restore(self) -> None:
        """Put the original text back at the place at the cursor."""
        place = self._selected
        if place is None:
            return
        known = self._draft.workspace.context.known_secrets()
        if place.standing == "restored":
            self._say("it stands unmasked already; a masks it")
            return
        if place.standing == "open":
            self._apply(Keep(place.item, place.field, place.ordinal, known))
        else:
            original = self._rows.originals.get(place.key)
            if original is None:
                self._say("the session it came from is still being read")
                return
            if original.text is None:
                self._say(f"it stays masked: {original.why}", "warning")
                return
            if not self._apply(Restore(place.item, place.field, place.ordinal, original.text, known)):
                self._say("it stays masked: the original cannot stand there any more", "warning")
                return
        self._say(f"{place.kind} will be saved and sent unmasked · z takes it back", "warning")

    @property
    def _selected(self) -> ReviewedPlace | None:
        return self._rows.places[self.cursor] if self.cursor < len(self._rows) else None

    def _apply(self, edit: Edit) -> bool:
        changed = self._draft.apply(edit)
        if changed:
            self.post_message(self.DraftChanged())
        return changed

    def _say(self, words: str, severity: Literal["information", "warning"] = "information") -> None:
        self.notify(display_text(words), severity=severity, timeout=4, markup=False)


def unmasked_words(places: Sequence[ReviewedPlace], seed: Seed) -> str:
    """Say which secrets a person left unmasked; empty if there are none.

    Args:
        places: the places of a draft.
        seed: names the items that the places are in.
    """
    unmasked = [place for place in places if place.restored]
    if not unmasked:
        return ""
    first = unmasked[0]
    more = f" and {len(unmasked) - 1} more" if len(unmasked) > 1 else ""
    stands = "stands" if len(unmasked) == 1 else "stand"
    return f"{first.kind} in {field_label(seed, first.item, first.field)}{more} {stands} unmasked"
