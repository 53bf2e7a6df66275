"""Reviewing what is masked in a draft: each place is left masked, or what stood there is put back."""

from __future__ import annotations

from typing import NamedTuple

from textual import work
from textual.timer import Timer

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
from warmtui.tui.curate.autosave import DELAY
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.list.row_list import RowList
from warmtui.tui.preview.actions import PreviewDeeds
from warmtui.tui.preview.masking_rows import MaskingRows
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.workspace.drafting import Drafted
from warmtui.workspace.masked_originals import originals


class Looked(NamedTuple):
    """A state of the draft with what there is to know of it."""

    state: DraftState
    drafted: Drafted
    places: tuple[ReviewedPlace, ...]


class PreviewMasks(PreviewDeeds):
    """Changing what is masked, with undo; use `PreviewScreen`.

    Args:
        draft: the draft.
    """

    def __init__(self, draft: DraftSession) -> None:
        super().__init__(draft)
        self.looked: Looked | None = None
        self.masks = MaskingRows(glyphs_of(self))
        self._keep_timer: Timer | None = None

    @property
    def places_list(self) -> RowList:
        """The list of masked places."""
        return self.query_one("#maskings", RowList)

    def unmasked_words(self) -> str:
        """Say which secrets stand unmasked because the person wants it so; empty without any."""
        loud = [one for one in (self.looked.places if self.looked is not None else ()) if one.unmasked]
        if not loud:
            return ""
        where = field_label(self.draft.state.seed, loud[0].item, loud[0].field)
        more = f" and {len(loud) - 1} more" if len(loud) > 1 else ""
        stands = "stands" if len(loud) == 1 else "stand"
        return f"{loud[0].kind} in {where}{more} {stands} unmasked"

    @work(exclusive=True, group="originals")
    async def _read_originals(self) -> None:
        """Read what masked places stood for from their sessions, as far as that is not known yet."""
        looked = self.looked
        if looked is None:
            return
        missing = [one for one in looked.places if one.key not in self.masks.originals]
        self.masks.originals |= await originals(self.workspace, looked.state, missing)
        if self.places_list.display:
            self.places_list.refresh_rows()

    def _place(self) -> ReviewedPlace | None:
        return self.masks.place(self.places_list.cursor)

    def _edit(self, edit: Edit) -> None:
        if self.draft.apply(edit):
            self._changed()

    def _changed(self) -> None:
        """Draw the draft anew, and keep it soon."""
        self.show()
        if self._keep_timer is not None:
            self._keep_timer.stop()
        self._keep_timer = self.set_timer(DELAY, self._keep)

    @work(exclusive=True, group="keep")
    async def _keep(self) -> None:
        await self.draft.autosave()
        if self.draft.autosave_error:
            self.say(self.draft.autosave_error, "warning")

    def on_unmount(self) -> None:
        """Nothing is lost by leaving: what was not kept yet is kept now."""
        if self.draft.unsaved:
            self.app.run_worker(self.draft.autosave())

    def action_accept(self) -> None:
        """Leave a place masked, or mask it again, and go on to the next."""
        one = self._place()
        if one is None:
            return
        if one.standing == "masked":
            self._edit(Accept(one.item, one.field, one.ordinal))
        elif one.standing != "accepted":
            self._edit(Remask(one.item, one.field, self.workspace.known_secrets(), one.ordinal))
            self.say("masked again · z takes it back")
        self.places_list.action_step(1)

    def action_restore(self) -> None:
        """Put back what stood there."""
        one = self._place()
        if one is None:
            return
        known = self.workspace.known_secrets()
        if one.standing == "restored":
            self.say("it stands unmasked already; a masks it")
            return
        if one.standing == "open":
            self._edit(Keep(one.item, one.field, one.ordinal, known))
        else:
            found = self.masks.originals.get(one.key)
            if found is None:
                self.say("the session it came from is still being read")
                return
            if found.text is None:
                self.say(f"it stays masked: {found.why}", "warning")
                return
            before = self.draft.history
            self._edit(Restore(one.item, one.field, one.ordinal, found.text, known))
            if self.draft.history is before:
                self.say("it stays masked: the original cannot stand there any more", "warning")
                return
        self.say(f"{one.kind} will be saved and sent unmasked · z takes it back", "warning")

    def action_undo(self) -> None:
        """Take the last change back."""
        self.say(f"undone: {self.draft.undo()}")
        self._changed()

    def action_redo(self) -> None:
        """Do it again."""
        self.say(f"done again: {self.draft.redo()}")
        self._changed()
