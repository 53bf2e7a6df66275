"""What can be done to the draft on the Curate screen, apart from how it is shown."""

from __future__ import annotations

from typing import get_args

from textual import work

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    Clear,
    Describe,
    Edit,
    Field,
    MakeRelative,
    Move,
    Pick,
    Problem,
    Remove,
    Rename,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    fields_of,
    is_picked,
)
from warmtui.curation.editing.state import find_item
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.counts import counted
from warmtui.model.template import Provenance, Recovery, TemplateType
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.curate.item_text import item_of
from warmtui.tui.dialogs.choose import Answer, Choose
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.external_editor import edit_outside, editor_of
from warmtui.tui.list.row_list import RowList

NOT_PICKED = "the cursor is on nothing that is picked; space picks"
TYPES: tuple[TemplateType, ...] = get_args(TemplateType)
LETTERS = "abcdefghilmnopqrstuvwxyz"
"""For the fields that can be chosen; j and k move."""


class CurateDeeds(BaseScreen):
    """What changes the draft; use `CurateScreen`.

    Args:
        draft: the draft.
    """

    def __init__(self, draft: DraftSession) -> None:
        super().__init__()
        self.draft = draft
        self.problem_at = -1
        """Which problem was gone to last, from 0."""

    # what the screen gives

    def current_item(self) -> str:
        """Return the id of the item that the cursor is on; empty when there is none that is picked."""
        raise NotImplementedError

    def offered(self) -> Candidate | None:
        """Return the candidate that is read."""
        raise NotImplementedError

    def do(self, edit: Edit, *, typing: bool = False) -> bool:
        """Do one edit and show what it changed; return whether it changed anything."""
        raise NotImplementedError

    def changed(self) -> None:
        """Show the draft as it stands now, and keep it soon."""
        raise NotImplementedError

    def take_ticks(self) -> None:
        """Do what was ticked, should its message still be on its way: the next key comes after it."""
        raise NotImplementedError

    def go_to(self, problem: Problem) -> None:
        """Go to what a problem is about."""
        raise NotImplementedError

    def _bring(self, name: str) -> None:
        """Have a pane in front."""
        raise NotImplementedError

    async def _edit(self, item: str) -> None:
        """Go to an item's fields; to the one with the problem that was gone to."""
        raise NotImplementedError

    @work(exclusive=True, group="pane")
    async def mend(self, problem: Problem) -> None:
        """Edit what a problem is about; Esc then leads to it in the draft."""
        found = self.draft.problems()
        self.problem_at = found.index(problem) if problem in found else -1
        await self._edit_from_draft(problem.item)

    @work(exclusive=True, group="pane")
    async def edit_part(self, item: str) -> None:
        """Edit an item, Esc then leads to it in the draft; without one, go to the draft."""
        if item:
            await self._edit_from_draft(item)
            return
        self._bring("draft")
        self.query_one("#draft", RowList).focus()

    async def _edit_from_draft(self, item: str) -> None:
        self._bring("draft")
        self.query_one("#draft", RowList).goto_key(item)
        await self._edit(item)

    # keys

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
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
        seed = self.draft.state.seed
        if action == "shown" and not any(one.id == item for one in seed.recoveries):
            return "only a recovery can be shown as a line or as messages"
        if action == "move" and item in (SYSTEM_CONTEXT, USER_PATTERNS):
            return "there is one of these, and its place is fixed"
        return ""

    def action_suggest(self) -> None:
        """Take the suggestion within the budget."""
        self.take_ticks()
        offers = self.draft.suggestion()
        if offers:
            self.do(Pick(offers, suggested=True))
            self.say(f"took {counted(len(offers), 'item')} · z takes it back")
        else:
            self.say(self._why_no_suggestion())

    def _why_no_suggestion(self) -> str:
        draft, most = self.draft, self.workspace.settings.thresholds
        worth = [
            draft.offers[one.id] for one in draft.candidates if one.worth_keeping and one.id in draft.offers
        ]
        if all(is_picked(draft.state, offer) for offer in worth):
            return "nothing else here is worth keeping by itself; space picks by hand"
        limits = f"{most.tokens:,} tokens, {most.recoveries} recoveries, {most.examples} examples"
        return f"the rest is like what is picked, or over the limits: {limits}"

    def action_clear(self) -> None:
        """Take everything out."""
        self.take_ticks()
        self.do(Clear())
        self.say("cleared · z brings it back")

    def action_move(self, by: int) -> None:
        """Move the item within its part."""
        if not self.do(Move(self.current_item(), by)):
            self.say("it is the first of its part" if by < 0 else "it is the last of its part")

    def action_remove(self) -> None:
        """Take the item out."""
        self.do(Remove((self.current_item(),)))
        self.say("taken out · z brings it back")

    def action_shown(self) -> None:
        """Show a recovery as a line or as messages."""
        item = self.current_item()
        self.do(ToggleShown((item,)))
        now = next(
            (one.shown_as for one in self.draft.state.seed.recoveries if one.id == item),
            Recovery.model_fields["shown_as"].default,
        )
        self.say(
            "shown as messages: the call that failed, then the one that worked"
            if now == "messages"
            else "shown as a line"
        )

    def action_relative(self) -> None:
        """Make absolute paths relative, everywhere."""
        changed = self.do(MakeRelative(self.draft.folders))
        self.say("paths are relative now · z undoes it" if changed else "there are no absolute paths left")

    def action_undo(self) -> None:
        """Take the last change back."""
        self.take_ticks()
        label = self.draft.undo()
        self.changed()
        self.say(f"undone: {label} · Z does it again")

    def action_redo(self) -> None:
        """Do it again."""
        self.take_ticks()
        label = self.draft.redo()
        self.changed()
        self.say(f"done again: {label}")

    def action_problem(self, step: int) -> None:
        """Go to the next or previous thing to look at."""
        found = self.draft.problems()
        self.problem_at = (self.problem_at + step if self.problem_at >= 0 or step > 0 else -1) % len(found)
        self.go_to(found[self.problem_at])

    def origin(self) -> Provenance | None:
        """Return where the item under the cursor is from, or the candidate that is not picked."""
        item, draft = self.current_item(), self.draft
        found = find_item(draft.state.seed, item) if item else None
        if found is not None:
            return found[2].provenance
        candidate = self.offered()
        if item:
            candidate = next((one for one in draft.candidates if item_of(one) == item), None)
        if candidate is None or candidate.id not in draft.offers:
            return None
        source = draft.offers[candidate.id].source
        own: Provenance | None = getattr(candidate.record, "provenance", None)
        return own or Provenance(agent=source.agent, session_id=source.id)

    def action_source(self) -> None:
        """Read on in the session that it is from, at its message."""
        from warmtui.tui.timeline.screen import TimelineScreen

        origin, rows = self.origin(), self.workspace.feed.rows
        if origin is None:
            return
        named = [key for key in list(rows) if key.id == origin.session_id]
        session = next((key for key in named if rows[key].header.agent == origin.agent), None)
        if session is None:
            self.say("its session is not among those that are read now", "warning")
        else:
            self.app.push_screen(TimelineScreen(session, origin.message_id or ""))

    def action_preview(self) -> None:
        """Show exactly what will be sent."""
        from warmtui.tui.preview.screen import PreviewScreen

        self.app.push_screen(PreviewScreen(self.draft))

    def action_save(self) -> None:
        """Save: asked for on the preview, where everything can be read first."""
        from warmtui.tui.preview.screen import PreviewScreen

        screen = PreviewScreen(self.draft)
        self.app.push_screen(screen)
        self.app.call_after_refresh(screen.action_save)

    @work(exclusive=True, group="describe")
    async def action_describe(self) -> None:
        """Ask for name, description, tags and type."""
        state = self.draft.state
        kinds = (("", "what its calls tell"), *((one, one) for one in TYPES))
        answer = await self.app.push_screen_wait(
            Form(
                "What is this template?",
                [
                    Ask("name", "Name", state.name),
                    Ask("description", "Description", state.description),
                    Ask("tags", "Tags", ", ".join(state.tags), "between commas"),
                    Ask("type", "Type", state.task_type or "", options=kinds),
                ],
                answer="take over",
            )
        )
        if answer is None:
            return
        kind = next((one for one in TYPES if one == answer["type"]), None)
        edits: tuple[Edit, ...] = (
            Rename(answer["name"]),
            Describe(answer["description"]),
            SetTags(tuple(answer["tags"].split(","))),
            SetType(kind),
        )
        done = [self.do(edit) for edit in edits]
        if any(done):
            self.say("described · z takes it back")

    # $EDITOR

    @work(exclusive=True, group="outside")
    async def action_editor(self) -> None:
        """Edit a field of the item in $EDITOR; asks which where there are several."""
        item = self.current_item()
        fields = fields_of(self.draft.state, item) if item else ()
        texts = [one for one in fields if one.kind != "choice"]
        if not texts:
            self.say(NOT_PICKED)
            return
        field: Field | None = texts[0]
        if len(texts) > 1:
            answers = [Answer(letter, one.label) for letter, one in zip(LETTERS, texts, strict=False)]
            letter = await self.app.push_screen_wait(Choose("Which of its texts?", answers))
            field = next((one for one, each in zip(texts, answers, strict=False) if each.key == letter), None)
        if field is not None:
            self.edit_outside(item, field.name)

    def edit_outside(self, item: str, name: str) -> None:
        """Hand a field to $EDITOR and take what it makes of it.

        Args:
            item: the item's id.
            name: the field's.
        """
        field = next((one for one in fields_of(self.draft.state, item) if one.name == name), None)
        if field is None:
            return
        file = f"{name.replace('.', '-')}{'.json' if field.kind == 'json' else '.md'}"
        environ = self.workspace.environ
        edited = edit_outside(field.text, file, editor_of(environ), environ, self.app.suspend())
        if edited.text is None:
            if edited.trouble:
                self.say(edited.trouble, "warning")
            return
        self.do(SetField(item, name, edited.text))
        now = next((one for one in fields_of(self.draft.state, item) if one.name == name), None)
        if now is not None and now.error is not None:
            self.say(f"not valid yet, {now.error.in_words()}; the last valid text is used", "warning")
