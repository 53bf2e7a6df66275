"""The Curate screen: what should the next session know?"""

from __future__ import annotations

import time
from typing import ClassVar, get_args

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import var
from textual.widgets import Static

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    AddNote,
    Clear,
    Describe,
    DraftProblem,
    DraftState,
    Edit,
    EditorField,
    MakeRelative,
    Move,
    Pick,
    Remove,
    Rename,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    Unpick,
    fields_of,
    heading,
)
from warmtui.curation.editing.state import find_item
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import BY_HAND, NoteKind, Provenance, Recovery, TemplateType
from warmtui.text import counted
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.curate.draft_session import Autosave, DraftSession
from warmtui.tui.curate.item_editor import ItemEditor, item_id_of, item_text
from warmtui.tui.curate.lists import (
    CandidateList,
    CandidateRows,
    ItemList,
    ItemRows,
    crumbs_line,
    meter_line,
    problems_line,
)
from warmtui.tui.dialogs import Answer, Choose, Form, FormField
from warmtui.tui.external_editor import edit_outside, editor_of
from warmtui.tui.list.row_list import RowList
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import content

NOT_PICKED = "the cursor is on nothing that is picked; space picks"
TYPES: tuple[TemplateType, ...] = get_args(TemplateType)
FIELD_KEYS = "abcdefghilmnopqrstuvwxyz"
"""Letters that choose a field in a dialog; j and k move there."""
PANES = ("candidates", "draft", "editor")
"""The ids of the panes, from left to right."""
SPARED = frozenset(
    {
        "screen.editor",
        "screen.shown",
        "problem(1)",
        "relative",
        "source",
        "app.quit",
        "app.command_palette",
        "command_palette",
    }
)
"""Actions that a narrow footer leaves out; the line above it names the key for the problems."""


class CurateScreen(BaseScreen):
    """Candidates on the left, the items of the draft in the middle, the item at the cursor on the right."""

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
        key("curate.note", "A", "note", "Write a preference, convention, dead end or known noise by hand"),
        key("curate.describe", "d", "describe", "Name, description, tags and type"),
        key("curate.source", "o", "source", "Read on in the session that it is from", "source"),
        key("curate.clear", "X", "clear", "Take everything out"),
        key("curate.next", "tab", "pane(1)", "Next pane", "pane", palette=False),
        key("curate.previous", "shift+tab", "pane(-1)", "Previous pane", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    front: var[str] = var("candidates", init=False)
    """The id of the pane in use; a narrow screen shows no other."""
    problem_index: var[int] = var(-1, init=False)
    """Which problem was gone to last; negative for none."""
    meter: var[Text] = var(Text, init=False)
    """The token meter."""

    def __init__(self, draft: DraftSession) -> None:
        super().__init__()
        self.draft = draft
        self.candidate_rows = CandidateRows(glyphs_of(self))
        self.item_rows = ItemRows(glyphs_of(self))
        self.candidate_list, self.item_list = CandidateList(self.candidate_rows), ItemList(self.item_rows)
        self.editor = ItemEditor()
        self._autosave = Autosave(self, draft, self._update_crumbs)
        self._left_list = "candidates"
        """The list that the editor was entered from."""
        self._shown_state: DraftState | None = None
        self._shown_problems: tuple[DraftProblem, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, token meter, the three panes, the line of problems and the keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Static("", classes="meter", markup=False)
        with Horizontal(id="panes", classes="panes"):
            yield self.candidate_list.add_class("-front")
            yield self.item_list
            yield self.editor
        yield Static("", classes="status", markup=False)
        yield KeyFooter(self._spared)

    def _spared(self, action: str) -> bool:
        return action in SPARED or (action == "suggest" and self.front != "candidates")

    def on_mount(self) -> None:
        """Show the draft."""
        self.candidate_list.focus()
        self._show_candidates()
        self._show_draft()
        if self.draft.restored:
            self.say("a draft from before was found and is open again; X clears it")
        self.set_interval(1.0, self._update_crumbs)  # They show how long ago the draft was autosaved.
        # Styled text keeps the colours of the theme it was made under.
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._redraw())

    def on_screen_resume(self) -> None:
        """Show what another screen changed in the draft meanwhile."""
        if self._shown_state is not None and self._shown_state is not self.draft.state:
            self._show_candidates()
            self.draft_changed()

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self._draw)

    def on_unmount(self) -> None:
        """Autosave changes that are still waiting."""
        self._autosave.close()

    # changes

    def apply(self, edit: Edit, *, typing: bool = False) -> bool:
        """Apply an edit, show what it changed, and return whether it changed anything.

        Args:
            edit: the change.
            typing: it was typed in the editor, which shows it already.
        """
        if not self.draft.apply(edit, typing=typing):
            return False
        self.draft_changed(edit.field if typing and isinstance(edit, SetField) else "")
        return True

    def draft_changed(self, typed_field: str = "") -> None:
        """Show the draft as it is now, and autosave it soon; the editor shows a typed field already."""
        self._show_draft(typed_field)
        self._autosave.schedule()

    @on(RowList.Marked, "#candidates")
    def apply_ticks(self) -> None:
        """Pick the candidates that were ticked, remove those that were unticked.

        Actions call this first, as the message about a tick may still be on its way.
        """
        if self.candidate_list.ranging or self._shown_state is not self.draft.state:
            return
        ticked, offers = self.candidate_list.marked, self.draft.offers
        picked = {name for name in offers if self.draft.is_picked(name)}
        if unticked := tuple(offers[name] for name in offers if name in picked - ticked):
            self.apply(Unpick(unticked))
        names = (candidate.id for candidate in self.draft.candidates)
        if fresh := tuple(offers[name] for name in names if name in offers and name in ticked - picked):
            self.apply(Pick(fresh))

    # showing

    def _show_candidates(self) -> None:
        self.candidate_rows.put(self.draft.candidates)
        self.candidate_list.refresh_rows()

    def _show_draft(self, typed_field: str = "") -> None:
        self._shown_state = self.draft.state
        self._show_items()
        picked = {name for name in self.draft.offers if self.draft.is_picked(name)}
        if picked != self.candidate_list.marked:
            self.candidate_list.mark(picked)
        if self.editor.editing:
            fields = fields_of(self.draft.state, self.editor.item)
            if fields:
                title = heading(self.draft.state.seed, self.editor.item)
                self.editor.update_fields(title, fields, typed_field)
            else:
                self.go_to_pane(self._left_list)
        self._draw()
        self._check()  # The problems follow when they are found.

    def _show_items(self) -> None:
        glyphs, signs = glyphs_of(self), dict[str, str]()
        self._shown_problems = self.draft.problems()
        for problem in self._shown_problems:
            sign = {"masked": glyphs.masked, "flag": glyphs.flag}.get(problem.kind, "!")
            # What is masked needs no attention, so any other problem takes its place.
            if signs.get(problem.item, glyphs.masked) == glyphs.masked:
                signs[problem.item] = sign
        if self.item_rows.put(self.draft.parts(), signs):
            self.item_list.refresh_rows(keep_cursor=True)

    @work(group="check")
    async def _check(self) -> None:
        await self.draft.check()
        if self.draft.problems() != self._shown_problems:
            self._show_items()
            self._draw()

    def _draw(self) -> None:
        """Draw what depends on the cursor, the width and the clock."""
        self._update_crumbs()
        self._update_status()
        self._draw_item()

    @on(RowList.Moved)
    def _cursor_moved(self) -> None:
        self._draw_item()
        self._update_status()

    def _update_crumbs(self) -> None:
        width, glyphs = self._line_width, glyphs_of(self)
        self.crumbs = crumbs_line(self.draft, width, time.monotonic(), glyphs)
        budget = self.workspace.settings.thresholds.tokens
        self.meter = meter_line(self.draft.parts(), budget, width, glyphs)

    def watch_meter(self, meter: Text) -> None:
        """Draw the token meter."""
        self.query_one(".meter", Static).update(content(meter), layout=False)

    def _redraw(self) -> None:
        self.watch_crumbs(self.crumbs)
        self.watch_meter(self.meter)
        self.watch_status(self.status)
        self._draw_item()

    def _update_status(self) -> None:
        candidate = self._candidate_at_cursor() if self.front == "candidates" else None
        why = ", ".join(candidate.reasons) if candidate is not None else ""
        problems, width = self.draft.problems(), self._line_width
        self.status = problems_line(problems, self.problem_index, why, width, glyphs_of(self))

    @property
    def _line_width(self) -> int:
        return max(20, self.size.width - 2)

    def _draw_item(self) -> None:
        if self.editor.editing:
            return
        item, candidate = self.current_item(), self.candidate()
        width, glyphs = self.editor.text_width, glyphs_of(self)
        subject = item or (item_id_of(candidate) if candidate is not None else "")
        self.editor.read(item_text(self.draft, item, candidate, width=width, glyphs=glyphs), subject)

    # what the cursor is on

    @property
    def _list_in_use(self) -> str:
        """The list whose row the editor pane shows."""
        return self._left_list if self.front == "editor" else self.front

    def _candidate_at_cursor(self) -> Candidate | None:
        candidate = self.candidate_rows.candidate(self.candidate_list.cursor)
        return candidate if candidate is not None and candidate.id in self.draft.offers else None

    def candidate(self) -> Candidate | None:
        """Return the candidate that the editor pane shows; None if it shows an item of the draft's list."""
        return self._candidate_at_cursor() if self._list_in_use == "candidates" else None

    def current_item(self) -> str:
        """Return the id of the item that is edited or under the cursor; empty if that is not picked."""
        if self.front == "editor" and self.editor.editing:
            return self.editor.item
        if self._list_in_use == "draft":
            return self.item_rows.item(self.item_list.cursor) or ""
        candidate = self._candidate_at_cursor()
        if candidate is None or not self.draft.is_picked(candidate.id):
            return ""
        return item_id_of(candidate)

    def origin(self) -> Provenance | None:
        """Return where the item or the candidate under the cursor is from."""
        item, draft = self.current_item(), self.draft
        found = find_item(draft.state.seed, item) if item else None
        if found is not None:
            return None if found.item.provenance == BY_HAND else found.item.provenance
        candidate = self.candidate()
        if item:
            candidate = next((each for each in draft.candidates if item_id_of(each) == item), None)
        if candidate is None or candidate.id not in draft.offers:
            return None
        source = draft.offers[candidate.id].source
        own: Provenance | None = getattr(candidate.record, "provenance", None)
        return own or Provenance(agent=source.agent, session_id=source.id)

    # panes

    def watch_front(self, before: str, front: str) -> None:
        """Mark the pane in use; only a narrow screen looks different."""
        if front == "editor":
            self._left_list = before
        for pane in PANES:
            self.query_one(f"#{pane}").set_class(pane == front, "-front")

    def watch_problem_index(self) -> None:
        """Name the problem in the line of problems."""
        self._update_status()

    @work(group="pane")
    async def go_to_pane(self, pane: str) -> None:
        """Go to a pane; the editor then shows the item under the cursor."""
        self.front = pane
        self.query_one(f"#{pane}").focus()
        if self.editor.editing:
            await self.editor.leave()
        self._draw()

    def action_pane(self, step: int) -> None:
        """Go to the next or previous pane."""
        self.go_to_pane(PANES[(PANES.index(self.front) + step) % len(PANES)])

    @on(RowList.Sideways)
    def _sideways(self, event: RowList.Sideways) -> None:
        index = PANES.index(self.front) + event.step
        if 0 <= index < len(PANES):
            self.go_to_pane(PANES[index])

    def action_back(self) -> None:
        """Leave the editor, then the screen."""
        if self.front == "editor":
            self.go_to_pane(self._left_list)
        else:
            self.shell.back()

    # editing an item

    @on(RowList.Opened)
    async def action_edit(self) -> None:
        """Edit the item under the cursor; a candidate is picked first."""
        candidate = self.candidate()
        if not self.current_item() and candidate is not None:
            self.apply(Pick((self.draft.offers[candidate.id],)))
        item = self.current_item()
        if not item:
            self.say("there is nothing here to edit; space picks, a takes the suggestion")
            return
        await self._edit(item)

    async def action_context(self) -> None:
        """Edit the context, even if there is none yet."""
        await self._edit(SYSTEM_CONTEXT)

    @work(exclusive=True, group="note")
    async def action_note(self) -> None:
        """Ask for a note in the person's own words, and add it."""
        kinds: dict[str, NoteKind] = {kind: kind for kind in get_args(NoteKind)}
        names = tuple((kind, kind.replace("_", " ")) for kind in kinds)
        asks = [
            FormField("text", "In one line", ""),
            FormField("kind", "It is", "preference", options=names),
        ]
        title = "What should the next session know?"
        answer = await self.app.push_screen_wait(Form(title, asks, answer="add it"))
        if answer is None:
            return
        if self.apply(AddNote(kinds[answer["kind"]], answer["text"])):
            self.go_to_pane("draft")
            self.item_list.goto_key(self.draft.state.seed.notes[-1].id)
            self.say("added · z takes it back")
        else:
            self.say("nothing was added: it is empty, or there already")

    async def _edit(self, item: str) -> None:
        """Show the form of an item and focus the field with its problem, if one was gone to."""
        # n may have gone to a later problem of the same item.
        problems = self.draft.problems()[max(0, self.problem_index) :]
        wrong = [problem.field for problem in problems if problem.item == item and problem.field]
        self.front = "editor"
        title, fields = heading(self.draft.state.seed, item), fields_of(self.draft.state, item)
        await self.editor.edit(item, title, fields, wrong[0] if wrong else "")

    @work(exclusive=True, group="pane")
    async def edit_problem(self, problem: DraftProblem) -> None:
        """Edit what a problem is about; Esc then leads to it in the draft."""
        problems = self.draft.problems()
        self.problem_index = problems.index(problem) if problem in problems else -1
        await self._edit_from_draft(problem.item)

    @work(exclusive=True, group="pane")
    async def edit_item(self, item: str) -> None:
        """Edit an item, or without one go to the draft; Esc then leads to it in the draft."""
        if item:
            await self._edit_from_draft(item)
        else:
            self.front = "draft"
            self.item_list.focus()

    async def _edit_from_draft(self, item: str) -> None:
        self.front = "draft"
        self.item_list.goto_key(item)
        await self._edit(item)

    @on(ItemEditor.Typed)
    def _typed(self, event: ItemEditor.Typed) -> None:
        if not self.apply(SetField(event.item, event.field, event.text), typing=True):
            title = heading(self.draft.state.seed, event.item)
            self.editor.update_fields(title, fields_of(self.draft.state, event.item), event.field)

    @on(ItemEditor.Left)
    def _editor_left(self) -> None:
        self.go_to_pane(self._left_list)

    @on(ItemEditor.ExternalEditorWanted)
    def _external_editor_wanted(self, event: ItemEditor.ExternalEditorWanted) -> None:
        self._edit_externally(event.item, event.field)

    @work(exclusive=True, group="editor")
    async def action_editor(self) -> None:
        """Edit a field of the item in $EDITOR; asks for the field if there are several."""
        item = self.current_item()
        fields = fields_of(self.draft.state, item) if item else ()
        texts = [field for field in fields if field.kind != "choice"]
        if not texts:
            self.say(NOT_PICKED)
            return
        chosen: EditorField | None = texts[0]
        if len(texts) > 1:
            by_letter = dict(zip(FIELD_KEYS, texts, strict=False))
            answers = [Answer(letter, field.label) for letter, field in by_letter.items()]
            letter = await self.app.push_screen_wait(Choose("Which of its texts?", answers))
            chosen = by_letter.get(letter) if letter is not None else None
        if chosen is not None:
            self._edit_externally(item, chosen.name)

    def _edit_externally(self, item: str, name: str) -> None:
        field = self._field(item, name)
        if field is None:
            return
        file = f"{name.replace('.', '-')}{'.json' if field.kind == 'json' else '.md'}"
        environ = self.workspace.context.environ
        edited = edit_outside(field.text, file, editor_of(environ), environ, self.app.suspend())
        if edited.text is None:
            if edited.trouble:
                self.say(edited.trouble, "warning")
            return
        self.apply(SetField(item, name, edited.text))
        field = self._field(item, name)
        if field is not None and field.error is not None:
            self.say(f"not valid yet, {field.error.in_words()}; the last valid text is used", "warning")

    def _field(self, item: str, name: str) -> EditorField | None:
        return next((field for field in fields_of(self.draft.state, item) if field.name == name), None)

    # actions on the draft

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty if it can."""
        if action == "undo" and not self.draft.history.past:
            return "nothing was changed yet"
        if action == "redo" and not self.draft.history.future:
            return "nothing was undone"
        if action in ("preview", "save", "clear", "relative") and self.draft.state.seed.is_empty():
            return "nothing is picked yet; a takes the suggestion, space picks"
        if action == "problem" and not self.draft.problems():
            return "there is nothing to look at"
        if action == "source" and self.origin() is None:
            return "the cursor is on nothing that is from a session"
        if action in ("move", "remove", "shown", "editor"):
            return self._why_not_item(action)
        return ""

    def _why_not_item(self, action: str) -> str:
        item = self.current_item()
        if not item:
            return NOT_PICKED
        recoveries = self.draft.state.seed.recoveries
        if action == "shown" and not any(recovery.id == item for recovery in recoveries):
            return "only a recovery can be shown as a line or as messages"
        if action == "move" and item in (SYSTEM_CONTEXT, USER_PATTERNS):
            return "there is one of these, and its place is fixed"
        return ""

    def action_suggest(self) -> None:
        """Pick the suggestion within the budget."""
        self.apply_ticks()
        offers = self.draft.suggestion()
        if offers:
            self.apply(Pick(offers, suggested=True))
            self.say(f"took {counted(len(offers), 'item')} · z takes it back")
        else:
            self.say(self.draft.why_no_suggestion())

    def action_clear(self) -> None:
        """Remove everything."""
        self.apply_ticks()
        self.apply(Clear())
        self.say("cleared · z brings it back")

    def action_move(self, by: int) -> None:
        """Move the item within its part."""
        if not self.apply(Move(self.current_item(), by)):
            self.say("it is the first of its part" if by < 0 else "it is the last of its part")

    def action_remove(self) -> None:
        """Remove the item."""
        self.apply(Remove((self.current_item(),)))
        self.say("taken out · z brings it back")

    def action_shown(self) -> None:
        """Show a recovery as a line or as messages."""
        item = self.current_item()
        self.apply(ToggleShown((item,)))
        recoveries = self.draft.state.seed.recoveries
        default = Recovery.model_fields["shown_as"].default
        shown_as = next((recovery.shown_as for recovery in recoveries if recovery.id == item), default)
        if shown_as == "messages":
            self.say("shown as messages: the call that failed, then the one that worked")
        else:
            self.say("shown as a line")

    def action_relative(self) -> None:
        """Make absolute paths relative, everywhere."""
        changed = self.apply(MakeRelative(self.draft.folders))
        self.say("paths are relative now · z undoes it" if changed else "there are no absolute paths left")

    def action_undo(self) -> None:
        """Undo the last change."""
        self.apply_ticks()
        label = self.draft.undo()
        self.draft_changed()
        self.say(f"undone: {label} · Z does it again")

    def action_redo(self) -> None:
        """Redo the change undone last."""
        self.apply_ticks()
        label = self.draft.redo()
        self.draft_changed()
        self.say(f"done again: {label}")

    def action_problem(self, step: int) -> None:
        """Go to the next or previous problem; e then edits the field that it is about."""
        problems, index = self.draft.problems(), self.problem_index
        self.problem_index = (index + step if index >= 0 or step > 0 else -1) % len(problems)
        problem = problems[self.problem_index]
        if problem.item:
            self.go_to_pane("draft")
            self.item_list.goto_key(problem.item)
        else:
            self.say(problem.text, "warning")

    def action_source(self) -> None:
        """Open the session that the item is from, at its message."""
        from warmtui.tui.timeline.screen import TimelineScreen

        origin, table = self.origin(), self.workspace.sessions.table
        if origin is None:
            return
        named = table.with_ids([origin.session_id])
        session = next((key for key, row in named.items() if row.header.agent == origin.agent), None)
        if session is None:
            self.say("its session is not among those that are read now", "warning")
        else:
            self.app.push_screen(TimelineScreen(session, origin.message_id or ""))

    def action_preview(self) -> None:
        """Show exactly what will be sent."""
        from warmtui.tui.preview.screen import PreviewScreen

        self.app.push_screen(PreviewScreen(self.draft))

    def action_save(self) -> None:
        """Save; the preview asks for the name, as everything can be read there first."""
        from warmtui.tui.preview.screen import PreviewScreen

        screen = PreviewScreen(self.draft)
        self.app.push_screen(screen)
        self.app.call_after_refresh(screen.action_save)

    @work(exclusive=True, group="describe")
    async def action_describe(self) -> None:
        """Ask for name, description, tags and type."""
        state = self.draft.state
        types = (("", "what its calls tell"), *((name, name) for name in TYPES))
        asks = [
            FormField("name", "Name", state.name),
            FormField("description", "Description", state.description),
            FormField("tags", "Tags", ", ".join(state.tags), "between commas"),
            FormField("type", "Type", state.task_type or "", options=types),
        ]
        answer = await self.app.push_screen_wait(Form("What is this template?", asks, answer="take over"))
        if answer is None:
            return
        edits: tuple[Edit, ...] = (
            Rename(answer["name"]),
            Describe(answer["description"]),
            SetTags(tuple(answer["tags"].split(","))),
            SetType(next((name for name in TYPES if name == answer["type"]), None)),
        )
        changed = [self.apply(edit) for edit in edits]
        if any(changed):
            self.say("described · z takes it back")
