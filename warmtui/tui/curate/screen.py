"""Curate: what should the next session know?"""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Static

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    DraftState,
    Edit,
    Pick,
    Problem,
    SetField,
    Unpick,
    fields_of,
    heading,
    is_picked,
)
from warmtui.curation.texts import SYSTEM_CONTEXT
from warmtui.tui.base_screen import key
from warmtui.tui.commands import bindings
from warmtui.tui.curate import status
from warmtui.tui.curate.actions import CurateDeeds
from warmtui.tui.curate.draft_rows import CandidateRows, DraftRows
from warmtui.tui.curate.draft_session import SAVE_AFTER, DraftSession
from warmtui.tui.curate.item_editor import ItemEditor
from warmtui.tui.curate.item_text import item_of, item_text, reading
from warmtui.tui.curate.lists import CandidateList, DraftList
from warmtui.tui.curate.pane_keys import SPARED
from warmtui.tui.list.row_list import RowList
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import content


class CurateScreen(CurateDeeds):
    """Candidates on the left, the template as it stands in the middle, the item at the cursor on the right.

    Args:
        draft: the draft.
    """

    DEFAULT_CSS = """
    CurateScreen #candidates { width: 4fr; }
    CurateScreen #draft { width: 3fr; border-left: solid $panel; }
    CurateScreen ItemEditor { width: 4fr; border-left: solid $panel; padding: 0 1; }
    CurateScreen .meter, CurateScreen .status { height: 1; padding: 0 1; background: $panel; }
    CurateScreen ToastRack { margin-bottom: 2; }
    CurateScreen.-narrow #candidates, CurateScreen.-narrow #draft, CurateScreen.-narrow #editor {
        display: none; width: 1fr; border-left: none;
    }
    CurateScreen.-narrow #panes .pane.-front { display: block; }
    """
    KEYS: ClassVar = (
        key("curate.suggest", "a", "suggest", "Take the suggestion within the budget", "suggest"),
        key("curate.undo", "z", "undo", "Undo", "undo"),
        key("curate.next_problem", "n", "problem(1)", "Go to the next thing to look at", "check"),
        key("curate.previous_problem", "N", "problem(-1)", "Go to the previous thing to look at"),
        key("curate.preview", "p", "preview", "Preview exactly what is sent, save, export", "preview"),
        key("curate.redo", "Z", "redo", "Redo"),
        key("curate.relative", "r", "relative", "Make paths relative to {cwd}", "relative"),
        key("curate.save", "w", "save", "Save as a template"),
        key("curate.context", "i", "context", "Write the context by hand"),
        key("curate.describe", "d", "describe", "Name, description, tags and type"),
        key("curate.source", "o", "source", "Read on in the session that it is from", "source"),
        key("curate.clear", "X", "clear", "Take everything out"),
        key("curate.next", "tab", "pane(1)", "Next pane", "pane", palette=False),
        key("curate.previous", "shift+tab", "pane(-1)", "Previous pane", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    PANES = ("candidates", "draft", "editor")

    def __init__(self, draft: DraftSession) -> None:
        super().__init__(draft)
        self.candidate_rows = CandidateRows(glyphs_of(self))
        self.item_rows = DraftRows(glyphs_of(self))
        self._front = "candidates"
        self._shown: DraftState | None = None
        """The state that is on the screen."""
        self._keep_timer: Timer | None = None
        self._looking = False
        self._came_from = "candidates"
        """The pane from which the editor was come to."""

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs with the token meter, the three panes, the line of checks and the keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Static("", classes="meter", markup=False)
        with Horizontal(id="panes", classes="panes"):
            yield CandidateList(self.candidate_rows, id="candidates", classes="pane -front")
            yield DraftList(self.item_rows, id="draft", classes="pane")
            yield ItemEditor(id="editor", classes="pane")
        yield Static("", classes="status", markup=False)
        yield KeyFooter(self._spared)

    def on_mount(self) -> None:
        """Show the draft."""
        self.candidate_list.focus()
        self._show_offers()
        self._show()
        if self.draft.restored:
            self.say("a draft from before was found and is open again; X clears it")
        self.set_interval(1.0, self._draw_crumbs)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._draw())

    def on_screen_resume(self) -> None:
        """Show what another screen put into the draft meanwhile."""
        if self._shown is not None and self._shown is not self.draft.state:
            self._show_offers()
            self.changed()

    def on_resize(self) -> None:
        """Lay out what is fitted to the width."""
        self.call_after_refresh(self._draw)

    @property
    def candidate_list(self) -> CandidateList:
        """The list of candidates."""
        return self.query_one("#candidates", CandidateList)

    @property
    def item_list(self) -> DraftList:
        """The list of the draft's items."""
        return self.query_one("#draft", DraftList)

    @property
    def editor(self) -> ItemEditor:
        """The item under the cursor."""
        return self.query_one(ItemEditor)

    # changes

    def do(self, edit: Edit, *, typing: bool = False) -> bool:
        """Do one edit and show what it changed; return whether it changed anything."""
        before = self.draft.state
        self.draft.apply(edit, typing=typing)
        if self.draft.state is before:
            return False
        self.changed(typed=edit.field if typing and isinstance(edit, SetField) else "")
        return True

    def changed(self, typed: str = "") -> None:
        """Show the draft as it stands now, and keep it soon.

        Args:
            typed: the field that it was changed in by typing, which shows what was typed already.
        """
        self._show(typed)
        if self._keep_timer is None:
            self._keep_timer = self.set_timer(SAVE_AFTER, self._keep)

    @work(group="keep")
    async def _keep(self) -> None:
        """Keep the draft; what is changed meanwhile is kept after it."""
        await self.draft.autosave()
        self._keep_timer = None
        if self.draft.autosave_error:
            self.say(self.draft.autosave_error, "warning")
        elif self.draft.unsaved:
            self._keep_timer = self.set_timer(SAVE_AFTER, self._keep)
        self._draw_crumbs()

    def on_unmount(self) -> None:
        """Nothing is lost by leaving: what was not kept yet is kept now."""
        if self.draft.unsaved:
            self.app.run_worker(self.draft.autosave())

    @on(RowList.Marked, "#candidates")
    def take_ticks(self) -> None:
        """Pick what was ticked, take out what was unticked."""
        if self.candidate_list.ranging or self._shown is not self.draft.state:
            return
        state, offers = self.draft.state, self.draft.offers
        ticked = self.candidate_list.marked
        new = tuple(offers[one] for one in ticked if one in offers and not is_picked(state, offers[one]))
        gone = tuple(offer for one, offer in offers.items() if one not in ticked and is_picked(state, offer))
        if gone:
            self.do(Unpick(gone))
        if new:
            ranked = [one.id for one in self.draft.candidates]
            self.do(Pick(tuple(sorted(new, key=lambda one: ranked.index(one.id)))))

    # showing

    def _show_offers(self) -> None:
        self.candidate_rows.put(self.draft.candidates)
        self.candidate_list.refresh_rows()

    def _show(self, typed: str = "") -> None:
        """Show the state as it is; what is to be looked at in it follows when it is known."""
        self._shown = self.draft.state
        self._put_rows()
        picked = {one for one, offer in self.draft.offers.items() if is_picked(self.draft.state, offer)}
        if picked != self.candidate_list.marked:
            self.candidate_list.mark(picked)
        if self.editor.editing:
            self._edited_elsewhere(typed)
        self._draw()
        self._look_over()

    def _put_rows(self) -> None:
        signs, glyphs = dict[str, str](), glyphs_of(self)
        for one in self.draft.problems():
            sign = {"masked": glyphs.masked, "flag": glyphs.flag}.get(one.kind, "!")
            if signs.get(one.item, glyphs.masked) == glyphs.masked:
                signs[one.item] = sign
        if self.item_rows.put(self.draft.parts(), signs):
            self.item_list.refresh_rows(keep_cursor=True)

    def _edited_elsewhere(self, typed: str) -> None:
        fields = fields_of(self.draft.state, self.editor.item)
        if fields:
            self.editor.take(fields, typed)
        else:
            self._to(self._came_from)

    @work(group="look")
    async def _look_over(self) -> None:
        """Find what is to be looked at, until it is that of the draft as it stands."""
        if self._looking:
            return
        self._looking, before = True, self.draft.problems()
        try:
            while not self.draft.checked:
                await self.draft.check()
        finally:
            self._looking = False
        if self.draft.problems() != before:
            self._put_rows()
            self._draw()

    def _draw(self) -> None:
        """Draw what depends on cursor, width and clock."""
        self._draw_crumbs()
        self._draw_status()
        self._read_item()

    @on(RowList.Moved)
    def _moved(self) -> None:
        self._read_item()
        self._draw_status()

    def candidate(self) -> Candidate | None:
        """Return the candidate under the cursor, as far as it is offered."""
        found = self.candidate_rows.candidate(self.candidate_list.cursor)
        return found if found is not None and found.id in self.draft.offers else None

    def current_item(self) -> str:
        """Return the id of the item that the cursor is on; empty when there is none that is picked."""
        front = self._front
        if front == "editor":
            if self.editor.editing:
                return self.editor.item
            front = self._came_from
        if front == "draft":
            return self.item_rows.item(self.item_list.cursor) or ""
        candidate = self.candidate()
        if candidate is None or not is_picked(self.draft.state, self.draft.offers[candidate.id]):
            return ""
        return item_of(candidate)

    def _read_item(self) -> None:
        """Lay out the item under the cursor, or what the candidate there would become."""
        if self.editor.editing:
            return
        candidate = self.offered()
        offer = self.draft.offers[candidate.id] if candidate is not None else None
        one = reading(self.draft.state, self.current_item(), self.draft.problems(), candidate, offer)
        text = item_text(one, width=self.editor.room, glyphs=glyphs_of(self))
        self.editor.read(text, one.item)

    def offered(self) -> Candidate | None:
        """Return the candidate that is read, while their list is in front or was before the editor."""
        fronts = self._front, self._came_from if self._front == "editor" else ""
        return self.candidate() if "candidates" in fronts else None

    # what is always in sight

    @property
    def _room(self) -> int:
        """Cells of a line across the screen."""
        return max(20, self.size.width - 2)

    def _draw_crumbs(self) -> None:
        width, budget = self._room, self.workspace.settings.thresholds.tokens
        crumbs = status.crumbs(self.draft, width, time.monotonic(), glyphs_of(self))
        self.query_one(".crumbs", Static).update(content(crumbs), layout=False)
        meter = status.meter(self.draft.parts(), budget, width, glyphs_of(self))
        self.query_one(".meter", Static).update(content(meter), layout=False)

    def _draw_status(self) -> None:
        candidate = self.candidate() if self._front == "candidates" else None
        why = ", ".join(candidate.reasons) if candidate is not None else ""
        text = status.checks(self.draft.problems(), self.problem_at, why, self._room, glyphs_of(self))
        self.query_one(".status", Static).update(content(text), layout=False)

    def _spared(self, action: str) -> bool:
        return action in SPARED or (action == "suggest" and self._front != "candidates")

    def go_to(self, problem: Problem) -> None:
        """Go to the item that a problem is about; e edits the field that it is about."""
        self._draw_status()
        if problem.item:
            self._to("draft")
            self.item_list.goto_key(problem.item)
        else:
            self.say(problem.text, "warning")

    # panes

    @on(RowList.Opened)
    async def action_edit(self) -> None:
        """Go to the editor; what is not picked yet is picked."""
        candidate = self.offered()
        if not self.current_item() and candidate is not None:
            self.do(Pick((self.draft.offers[candidate.id],)))
        item = self.current_item()
        if not item:
            self.say("there is nothing here to edit; space picks, a takes the suggestion")
            return
        await self._edit(item)

    async def action_context(self) -> None:
        """Edit the context, also where there is none yet."""
        await self._edit(SYSTEM_CONTEXT)

    async def _edit(self, item: str) -> None:
        """Go to an item's fields; to the one with the problem that was gone to."""
        found = self.draft.problems()
        here = [one for one in found[max(0, self.problem_at) :] if one.item == item and one.field]
        self._bring("editor")
        seed = self.draft.state.seed
        fields = fields_of(self.draft.state, item)
        await self.editor.edit(item, heading(seed, item), fields, here[0].field if here else "")

    @on(ItemEditor.Typed)
    def _typed(self, event: ItemEditor.Typed) -> None:
        if not self.do(SetField(event.item, event.field, event.text), typing=True):
            self.editor.take(fields_of(self.draft.state, event.item), event.field)

    @on(ItemEditor.Outside)
    def _outside(self, event: ItemEditor.Outside) -> None:
        self.edit_outside(event.item, event.field)

    @on(ItemEditor.Left)
    def _left(self) -> None:
        self._to(self._came_from)

    @on(RowList.Sideways)
    def _sideways(self, event: RowList.Sideways) -> None:
        at = self.PANES.index(self._front) + event.step
        if 0 <= at < len(self.PANES):
            self._to(self.PANES[at])

    def action_pane(self, step: int) -> None:
        """Go to the next pane."""
        self._to(self.PANES[(self.PANES.index(self._front) + step) % len(self.PANES)])

    def _bring(self, name: str) -> None:
        """Have a pane in front; where there is room, that changes nothing that is seen."""
        if name == "editor" and self._front != "editor":
            self._came_from = self._front
        self._front = name
        for pane in self.PANES:
            self.query_one(f"#{pane}").set_class(pane == name, "-front")

    @work(group="pane")
    async def _to(self, name: str) -> None:
        """Go to a pane; the editor then shows the item to be read."""
        self._bring(name)
        self.query_one(f"#{name}").focus()
        if self.editor.editing:
            await self.editor.leave()
        self._draw()

    def action_back(self) -> None:
        """Leave the editor, then the screen."""
        if self._front == "editor":
            self._to(self._came_from)
        else:
            self.shell.back()
