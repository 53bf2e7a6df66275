"""Curate: what should the next session know?"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Footer, Static

from warmtui.curation.editing import (
    Clear,
    Edit,
    MakeRelative,
    Move,
    Pick,
    Remove,
    SetField,
    ToggleShown,
    Unpick,
    fields_of,
    heading,
    is_picked,
    suggested,
)
from warmtui.tui.commands import bindings
from warmtui.tui.desk import SAVE_AFTER, Desk
from warmtui.tui.panes.item_editor import ItemEditor
from warmtui.tui.room import Room, key
from warmtui.tui.rows.draft_rows import FLAG, MASKED, CandidateRows, DraftRows
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING, content
from warmtui.tui.widgets.rows import RowList


class CurateScreen(Room):
    """Candidates on the left, the template as it stands in the middle, the editor on the right.

    Args:
        desk: the draft.
    """

    DEFAULT_CSS = """
    CurateScreen #candidates { width: 4fr; }
    CurateScreen #draft { width: 3fr; border-left: solid $panel; }
    CurateScreen ItemEditor { width: 4fr; border-left: solid $panel; padding: 0 1; }
    CurateScreen .status { height: 1; padding: 0 1; background: $panel; }
    .-narrow CurateScreen .pane { display: none; width: 1fr; border-left: none; }
    .-narrow CurateScreen .pane.-front { display: block; }
    CurateScreen.-narrow .pane { display: none; width: 1fr; border-left: none; }
    CurateScreen.-narrow .pane.-front { display: block; }
    """
    KEYS: ClassVar = (
        key("curate.suggest", "a", "suggest", "Take the suggestion within the budget", "suggest"),
        key("curate.clear", "X", "clear", "Take everything out"),
        key("curate.edit", "e", "edit", "Edit the item", "edit"),
        key("curate.editor", "E", "editor", "Edit the item in $EDITOR", "$EDITOR"),
        key("curate.up", "K", "move(-1)", "Move the item up", "move", show_key="K/J"),
        key("curate.down", "J", "move(1)", "Move the item down"),
        key("curate.remove", "x", "remove", "Take the item out", "remove", also=("delete",)),
        key("curate.shown", "m", "shown", "Show a recovery as a line or as messages"),
        key("curate.relative", "r", "relative", "Make paths relative to {cwd}", "relative"),
        key("curate.undo", "z", "undo", "Undo", "undo"),
        key("curate.redo", "Z", "redo", "Redo"),
        key("curate.preview", "p", "preview", "Preview exactly what is sent", "preview"),
        key("curate.save", "w", "save", "Save as a template", "save"),
        key("curate.next", "tab", "pane(1)", "Next pane", "panes", palette=False),
        key("curate.previous", "shift+tab", "pane(-1)", "Previous pane", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    PANES = ("candidates", "draft", "editor")

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.offers = CandidateRows(glyphs_of(self))
        self.draft = DraftRows(glyphs_of(self))
        self._front = "candidates"
        self._keep_timer: Timer | None = None
        self._marking = False
        self._showing = asyncio.Lock()
        self._before_editor, self._edited = "candidates", ""
        """Where the editor was come to from, and for which item."""

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, the three panes, the line of checks and the keys."""
        yield Static("", classes="crumbs", markup=False)
        with Horizontal(classes="panes"):
            yield RowList(
                self.offers,
                markable=True,
                mark=("[x]", "[ ]"),
                id="candidates",
                classes="pane -front",
                empty="These sessions offer nothing to keep.",
            )
            yield RowList(
                self.draft,
                id="draft",
                classes="pane",
                empty="Nothing is picked yet.\nspace picks, a takes the suggestion.",
            )
            editor = ItemEditor(id="editor")
            editor.add_class("pane")
            yield editor
        yield Static("", classes="status", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Show the draft; an empty one starts with the suggestion at hand."""
        self.offers.put(self.desk.candidates)
        self.candidates.refresh_rows()
        self.candidates.focus()
        self._changed()
        if self.desk.restored:
            self.say("a draft from before was found and is open again; X clears it")
        self.set_interval(1.0, self._draw_crumbs)

    @property
    def candidates(self) -> RowList:
        """The list of candidates."""
        return self.query_one("#candidates", RowList)

    @property
    def template(self) -> RowList:
        """The list of the draft's items."""
        return self.query_one("#draft", RowList)

    @property
    def editor(self) -> ItemEditor:
        """The editor."""
        return self.query_one(ItemEditor)

    # changes

    def do(self, edit: Edit, *, typing: bool = False) -> None:
        """Do one edit and show what it changed."""
        label = self.desk.do(edit, typing=typing)
        if label:
            self._changed()

    def _changed(self) -> None:
        """Show the draft as it stands now, and keep it soon."""
        state = self.desk.state
        problems = self.desk.problems()
        self.draft.put(self.desk.parts(), frozenset(one.item for one in problems if one.kind != "masked"))
        self.template.refresh_rows(keep_cursor=True)
        picked = {one for one, offer in self.desk.offers.items() if is_picked(state, offer)}
        self._marking = True
        self.candidates.mark(picked)
        self._marking = False
        self._draw_status()
        self._draw_crumbs()
        self._show_item()
        if self._keep_timer is not None:
            self._keep_timer.stop()
        self._keep_timer = self.set_timer(SAVE_AFTER, self._keep)

    @work(exclusive=True, group="keep")
    async def _keep(self) -> None:
        await self.desk.keep()
        self._draw_crumbs()
        if self.desk.trouble:
            self.say(self.desk.trouble, "warning")

    def on_unmount(self) -> None:
        """Nothing is lost by leaving: what was not kept yet is kept now."""
        if self.desk.unkept:
            self.app.run_worker(self.desk.keep())

    @on(RowList.Marked, "#candidates")
    def _marked(self) -> None:
        """Pick what was ticked, take out what was unticked."""
        if self._marking or self.candidates.ranging:
            return
        state, offers = self.desk.state, self.desk.offers
        ticked = self.candidates.marked
        new = tuple(offers[one] for one in ticked if one in offers and not is_picked(state, offers[one]))
        gone = tuple(offer for one, offer in offers.items() if one not in ticked and is_picked(state, offer))
        if gone:
            self.do(Unpick(gone))
        if new:
            self.do(Pick(new))

    @on(RowList.Moved)
    def _moved(self) -> None:
        self._show_item()
        self._draw_status()

    @on(RowList.Opened)
    def _opened(self) -> None:
        self.action_edit()

    def current_item(self) -> str:
        """Return the id of the item that the editor shows; empty when there is none."""
        if self._front == "editor":
            return self._edited
        if self._front == "candidates":
            candidate = self.offers.candidate(self.candidates.cursor)
            if candidate is None or candidate.id not in self.desk.offers:
                return ""
            if not is_picked(self.desk.state, self.desk.offers[candidate.id]):
                return ""
            record = candidate.record
            return getattr(record, "id", "") or {
                "user_patterns": "user_patterns",
                "system_context": "system_context",
            }.get(candidate.kind, "")
        return self.draft.item(self.template.cursor) or ""

    @work(group="editor")
    async def _show_item(self) -> None:
        """Show the item under the cursor; one after the other: half mounted widgets cannot be taken back."""
        async with self._showing:
            await self._show_current()

    async def _show_current(self) -> None:
        item = self.current_item()
        state = self.desk.state
        fields = fields_of(state, item) if item else ()
        notes = tuple(one.text for one in self.desk.problems() if one.item == item) if item else ()
        await self.editor.show(item, heading(state.seed, item) if item else "", fields, notes[:4])

    @on(ItemEditor.Typed)
    def _typed(self, event: ItemEditor.Typed) -> None:
        if event.item:
            self.do(SetField(event.item, event.field, event.text), typing=True)

    @on(ItemEditor.Left)
    def _left(self) -> None:
        self._to(self._before_editor)

    # what is always in sight

    def _draw_crumbs(self) -> None:
        state = self.desk.state
        tokens = self.desk.tokens()
        name = state.name or "a new template"
        text = Text(f" warmtui › Curate “{name}”  ")
        if self.desk.trouble:
            text.append("not kept  ", WARNING)
        elif self.desk.kept_at is not None:
            ago = int(time.monotonic() - self.desk.kept_at)
            text.append(f"draft kept {ago} s ago  " if ago else "draft kept  ", FAINT)
        text.append_text(
            bars.token_meter(tokens, self.workspace.settings.thresholds.tokens, glyphs=glyphs_of(self))
        )
        self.query_one(".crumbs", Static).update(content(text))

    def _draw_status(self) -> None:
        problems = self.desk.problems()
        counts = {
            kind: sum(one.kind == kind for one in problems)
            for kind in ("invalid", "check", "flag", "masked", "stale", "limit")
        }
        bad = counts["invalid"] + counts["check"] + counts["limit"] + counts["stale"]
        text = Text(" ✓ 0 problems" if not bad else f" ! {bad} to look at", WARNING if bad else "")
        text.append(f"   {MASKED} {counts['masked']} masked   {FLAG} {counts['flag']} flagged", MUTED)
        first = next((one for one in problems if one.kind != "masked"), None)
        candidate = self.offers.candidate(self.candidates.cursor)
        if first is not None:
            text.append(f"   {first.text}", WARNING)
        elif self._front == "candidates" and candidate is not None:
            text.append(f"   {', '.join(candidate.reasons)}", FAINT)
        self.query_one(".status", Static).update(content(text))

    # keys

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if action == "undo" and not self.desk.history.past:
            return "nothing was changed yet"
        if action == "redo" and not self.desk.history.future:
            return "nothing was undone"
        if action in ("preview", "save", "clear") and self.desk.state.seed.is_empty():
            return "nothing is picked yet; a takes the suggestion, space picks"
        if action in ("move", "remove", "shown", "editor") and not self.current_item():
            return "the cursor is on nothing that is picked; space picks"
        return ""

    def action_suggest(self) -> None:
        """Take the suggestion within the budget."""
        most = self.workspace.settings.thresholds
        chosen = suggested(
            self.desk.state,
            self.desk.candidates,
            budget=most.tokens,
            max_examples=most.examples,
            max_recoveries=most.recoveries,
            max_markers=most.markers,
        ).chosen
        offers = tuple(self.desk.offers[one] for one in chosen if one in self.desk.offers)
        if offers:
            self.do(Pick(offers, suggested=True))
            self.say(f"took {len(offers)} · z takes it back")
        else:
            self.say("there is nothing more to suggest within the budget")

    def action_clear(self) -> None:
        """Take everything out."""
        self.do(Clear())
        self.say("cleared · z brings it back")

    def action_edit(self) -> None:
        """Go to the editor; what is not picked yet is picked."""
        if self._front == "candidates" and not self.current_item():
            candidate = self.offers.candidate(self.candidates.cursor)
            if candidate is not None and candidate.id in self.desk.offers:
                self.do(Pick((self.desk.offers[candidate.id],)))
        self._to("editor")

    def action_move(self, by: int) -> None:
        """Move the item within its part."""
        if item := self.current_item():
            self.do(Move(item, by))

    def action_remove(self) -> None:
        """Take the item out."""
        if item := self.current_item():
            self.do(Remove((item,)))
            self.say("taken out · z brings it back")

    def action_shown(self) -> None:
        """Show a recovery as a line or as messages."""
        if item := self.current_item():
            self.do(ToggleShown((item,)))

    def action_relative(self) -> None:
        """Make absolute paths relative, everywhere."""
        before = self.desk.history
        self.do(MakeRelative(self.desk.folders))
        changed = self.desk.history is not before
        self.say("paths are relative now · z undoes it" if changed else "there are no absolute paths left")

    def action_undo(self) -> None:
        """Take the last change back."""
        label = self.desk.undo()
        self._changed()
        self.say(f"undone: {label}")

    def action_redo(self) -> None:
        """Do it again."""
        label = self.desk.redo()
        self._changed()
        self.say(f"done again: {label}")

    def action_pane(self, step: int) -> None:
        """Go to the next pane."""
        at = self.PANES.index(self._front)
        self._to(self.PANES[(at + step) % len(self.PANES)])

    def _to(self, name: str) -> None:
        if name == "editor" and self._front != "editor":
            self._before_editor, self._edited = self._front, self.current_item()
        self._front = name
        for pane in self.PANES:
            self.query_one(f"#{pane}").set_class(pane == name, "-front")
        if name == "editor":
            self.editor.edit()
        else:
            self.query_one(f"#{name}").focus()
        self._show_item()
        self._draw_status()

    def action_back(self) -> None:
        """Leave the editor, then the screen."""
        if self._front == "editor":
            self._to(self._before_editor)
        else:
            self.shell.back()

    def action_preview(self) -> None:
        """Show exactly what will be sent."""
        from warmtui.tui.screens.preview import PreviewScreen

        self.app.push_screen(PreviewScreen(self.desk))

    def action_save(self) -> None:
        """Save: asked for on the preview, where everything can be read first."""
        from warmtui.tui.screens.preview import PreviewScreen

        screen = PreviewScreen(self.desk)
        self.app.push_screen(screen)
        self.app.call_after_refresh(screen.action_save)

    def action_editor(self) -> None:
        """Edit the item's longest field in $EDITOR."""
        item = self.current_item()
        fields = fields_of(self.desk.state, item) if item else ()
        texts = [one for one in fields if one.kind in ("text", "json", "said", "lines")] or list(fields)
        if not texts:
            self.say("pick something first")
            return
        field = max(texts, key=lambda one: len(one.text))
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
        if not command:
            self.say("set EDITOR to edit outside, for example: export EDITOR=nano", "warning")
            return
        suffix = ".json" if field.kind == "json" else ".md"
        with tempfile.TemporaryDirectory(prefix="warmtui-") as folder:
            file = Path(folder) / f"{field.name.replace('.', '-')}{suffix}"
            file.write_text(field.text, encoding="utf-8")
            try:
                with self.app.suspend():
                    code = subprocess.call([*command, str(file)])
                text = file.read_text(encoding="utf-8", errors="replace")
            except SuspendNotSupported:
                self.say("this terminal cannot be handed to an editor", "warning")
                return
            except OSError as error:
                self.say(f"{command[0]} could not be started: {error.strerror or error}", "warning")
                return
        if code:
            self.say(f"{command[0]} returned {code}; nothing was changed", "warning")
        elif text.rstrip("\n") != field.text.rstrip("\n"):
            self.do(SetField(item, field.name, text.removesuffix("\n")))
