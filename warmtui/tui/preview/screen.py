"""The Preview screen: what exactly will be sent?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal, NamedTuple

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var
from textual.widgets import Input, Static

from warmtui.curation.bootstrap import ACKNOWLEDGED, OPENING
from warmtui.curation.diff import Change
from warmtui.curation.editing import Accept, DraftState, Edit, Keep, Remask, Restore, ReviewedPlace, review
from warmtui.curation.tokens import list_tokens
from warmtui.errors import WarmtuiError
from warmtui.exchange.messages import to_bytes, to_dicts
from warmtui.exchange.targets import TARGETS, Target, refusals
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.template import Seed
from warmtui.tui import delivery
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.curate.draft_session import Autosave, DraftSession
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.text_list import Piece, TallRowList, TextRows
from warmtui.tui.preview.masking import MaskingRows, unmasked_words
from warmtui.tui.preview.rows import (
    MessageRows,
    Zones,
    change_pieces,
    check_lines,
    cost_line,
    invalid_lines,
    masked_lines,
)
from warmtui.tui.preview.save import save_draft
from warmtui.tui.text.text_view import COPIED
from warmtui.tui.ui_state import PreviewChoices, recall_preview, remember_preview
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING, content
from warmtui.workspace.drafts import Rendered, changes_since, export_draft

REQUEST_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Numbers of requests that the cost can be shown for."""
Mode = Literal["messages", "json", "diff", "maskings"]
LIST_IDS: dict[Mode, str] = {"messages": "messages", "json": "text", "diff": "text", "maskings": "maskings"}
"""The list that shows a mode."""


class DraftView(NamedTuple):
    """A state of the draft with what is shown of it."""

    state: DraftState
    rendered: Rendered
    places: tuple[ReviewedPlace, ...]
    """The places that are masked, or were."""


class SavedBase(NamedTuple):
    """The version that the draft was opened from."""

    seed: Seed
    changes: tuple[Change, ...]
    """What the draft changed since."""
    newest: int
    """The number of the template's newest version."""


class PreviewScreen(BaseScreen):
    """The exact message list in its zones, checks, cost and masked places; saves, exports, starts an agent.

    Args:
        draft: the draft.
    """

    DEFAULT_CSS = """
    PreviewScreen .list { display: none; padding: 0 1 0 0; }
    PreviewScreen .list.-shown { display: block; }
    PreviewScreen #try { border: none; height: 1; padding: 0 1; background: $boost; }
    PreviewScreen .status { height: auto; max-height: 5; padding: 0 1; background: $panel; }
    """
    KEYS: ClassVar = (
        key("preview.accept", "a", "accept", "Leave it masked, and go on to the next", "keep masked"),
        key("preview.restore", "r", "restore", "Put the original back", "restore"),
        key("preview.save", "w", "save", "Save as a template", "save"),
        key("preview.export", "x", "export", "Write it to a file", "export", also=("X",)),
        key("preview.launch", "R", "launch", "Start the agent with it", "run", also=("L",)),
        key("preview.edit", "e", "edit", "Edit what the message is made of", "edit"),
        key("preview.maskings", "m", "mode('maskings')", "Review what is masked", "masked"),
        key("preview.json", "o", "mode('json')", "The exact JSON of the export", "JSON"),
        key("preview.diff", "d", "mode('diff')", "What changed since the last version", "diff"),
        key("preview.target", "t", "target(1)", "Next target", "target"),
        key("preview.target_back", "T", "target(-1)", "Previous target"),
        key("preview.try", "i", "try", "Type the message to try", "try"),
        key("preview.more", "plus", "requests(1)", "Count with more requests", also=("equals_sign",)),
        key("preview.fewer", "minus", "requests(-1)", "Count with fewer requests"),
        key("preview.next_refused", "right_square_bracket", "refused(1)", "Next message that is refused"),
        key(
            "preview.previous_refused",
            "left_square_bracket",
            "refused(-1)",
            "Previous message that is refused",
        ),
        key("preview.install", "I", "install", "Make it Hermes' default prefill", "install"),
        key("preview.uninstall", "U", "uninstall", "Undo install"),
        key("preview.undo", "z", "undo", "Undo"),
        key("preview.redo", "Z", "redo", "Redo"),
        key("preview.copy", "y", "copy", "Copy what an export would write"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    mode: var[Mode] = var[Mode]("messages", init=False)
    """What is shown."""

    def __init__(self, draft: DraftSession) -> None:
        super().__init__()
        self.draft = draft
        self.choices = PreviewChoices()
        """Target, requests and command, as they were left."""
        self.started_at = 0.0
        """The start time of an exported session: one moment, so that what is shown is what is written."""
        self.view: DraftView | None = None
        self.base: SavedBase | None = None
        self.findings: tuple[CheckFinding, ...] = ()
        self.rows, self.texts = MessageRows(glyphs_of(self)), TextRows()
        self.masking_rows = MaskingRows(glyphs_of(self))
        self.masking_list = RowList(
            self.masking_rows,
            id="maskings",
            classes="list",
            empty="Nothing to mask was recognised.\nThat is no proof: read it before you share it.",
        )
        self._try_input = Input(
            placeholder="the message to try it with (i)", id="try", classes="-line", select_on_focus=False
        )
        self._autosave = Autosave(self, draft)

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, the lists (one is shown at a time), the message to try, checks and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield TallRowList(self.rows, id="messages", classes="list -shown")
        yield TallRowList(self.texts, id="text", classes="list")
        yield self.masking_list
        yield self._try_input
        yield Static("", classes="status", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the messages."""
        self.started_at = self.workspace.context.now()
        self.shown_list.focus()
        self._recall()

    def on_unmount(self) -> None:
        """Autosave what is still waiting, so that leaving loses nothing."""
        self._autosave.close()

    @property
    def target(self) -> Target:
        """The chosen target."""
        return TARGETS.get(self.choices.target, next(iter(TARGETS.values())))

    @property
    def shown_list(self) -> RowList:
        """The list that is shown."""
        return self.query_one(f"#{LIST_IDS[self.mode]}", RowList)

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """The messages made from the draft."""
        return self.view.rendered.messages if self.view is not None else ()

    @property
    def _unmasked(self) -> str:
        return unmasked_words(self.view.places if self.view is not None else (), self.draft.state.seed)

    @work(exclusive=True, group="recall")
    async def _recall(self) -> None:
        self.choices = await recall_preview(self.workspace)
        self.show()

    @work(exclusive=True, group="remember")
    async def _remember(self) -> None:
        await remember_preview(self.workspace, self.choices)

    # drawing

    @work(exclusive=True, group="show")
    async def show(self) -> None:
        """Show the draft as it is now."""
        state, known = self.draft.state, self.workspace.context.known_secrets()

        def render() -> DraftView:
            return DraftView(state, self.draft.rendered(), review(state, known))

        # States are immutable: the same object means that nothing changed.
        if self.view is None or self.view.state is not state:
            self.view = await self.workspace.drafts.compute(render)
        self._draw()
        self.base = await self._compare()
        self._update_crumbs()
        if self.mode == "diff":
            self.texts.put(self._diff())
            self.shown_list.refresh_rows()
        await self.draft.check()
        self._update_status()
        self.regrey()

    async def _compare(self) -> SavedBase | None:
        base, library = self.draft.state.base, self.workspace.library
        if base is None or self.view is None:
            return None
        try:
            old = await library.get_version(base.template_id, base.version)
            newest = (await library.get(base.template_id)).version.number
        except WarmtuiError as error:
            self.say(str(error), "warning")
            return None
        return SavedBase(old.seed, changes_since(old, self.view.rendered.draft), newest)

    def _draw(self) -> None:
        view = self.view
        if view is None:
            return
        self.findings = refusals(self.messages, self.target)
        unmasked = frozenset(place.value for place in view.places if place.restored)
        tried, configured = self._try_input.value, self._configured_prefill()
        seed = view.rendered.draft.seed
        self.rows.put(Zones(self.target, self.messages, tried, configured, self.findings, seed, unmasked))
        self.masking_rows.put(view.places, view.state.seed)
        if self.mode in ("json", "diff"):
            self.texts.put(self._diff() if self.mode == "diff" else self._json())
        # A hidden list has no width to wrap to; it is drawn when it comes into view.
        self.shown_list.refresh_rows()
        self._update_crumbs()
        self._update_status()

    def _configured_prefill(self) -> str:
        if not self.target.after_system:
            return ""
        configured = self.workspace.agents.configured_prefill()
        if configured is None or configured.path is None:
            return ""
        if list(configured.messages) == to_dicts(self.draft.rendered().messages):
            return "Hermes sends this by default already: U undoes that"
        number = len(configured.messages)
        count = f"{number} message{'s' * (number != 1)}"
        return (
            f"a prefill is configured already, {configured.path}: {count}; R asks whether they go before ours"
        )

    def _json(self) -> Iterator[Piece]:
        yield Piece(f"before ours: {self.target.before}", FAINT)
        invented = [str(number) for number, message in enumerate(self.messages, 1) if message.invented]
        if invented:
            plural = "s" if len(invented) > 1 else ""
            yield Piece(f"written by warmtui: message{plural} {', '.join(invented)}", WARNING)
        try:
            yield Piece(self.exported(self.target).decode().removesuffix("\n"))
        except WarmtuiError as error:
            yield Piece(str(error), MUTED)
        yield Piece(f"after ours: {self.target.after}", FAINT)
        if tried := self._try_input.value:
            yield Piece(to_bytes([ChatMessage("user", tried)]).decode().strip("[]\n"))

    def _diff(self) -> Iterator[Piece]:
        base = self.draft.state.base
        if base is None:
            yield Piece("It was not saved yet, so there is nothing to compare it with.", MUTED)
        elif self.base is None:
            yield Piece(
                f"Version {base.version} cannot be read, so there is nothing to compare it with.", MUTED
            )
        else:
            seeds = (self.draft.state.seed, self.base.seed)
            yield from change_pieces(f"since version {base.version}", self.base.changes, seeds)

    def _update_crumbs(self) -> None:
        state, base = self.draft.state, self.base
        crumbs = Text(f" warmtui › {state.name or 'a new template'} › Preview")
        crumbs.append(" › masked" if self.mode == "maskings" else "")
        crumbs.append(f"   {self.target.title.partition(':')[0]}", MUTED)
        if state.base is None:
            crumbs.append("   not saved yet", FAINT)
        else:
            crumbs.append(f"   v{state.base.version}", FAINT)
            if base is not None and base.newest > state.base.version:
                crumbs.append(f", v{base.newest} saved elsewhere", WARNING)
            elif base is not None:
                count = len(base.changes)
                crumbs.append(f", {count} change{'s' * (count != 1)} since" if count else " saved", FAINT)
        self.crumbs = crumbs

    def _update_status(self) -> None:
        flags = sum(problem.kind == "flag" for problem in self.draft.problems())
        places = self.view.places if self.view is not None else ()
        glyphs = glyphs_of(self)
        lines = (
            *invalid_lines(self.draft.invalid_texts()),
            cost_line(list_tokens(self.messages), self.choices.requests, glyphs),
            *check_lines(self.findings, self.target.refusers, glyphs),
            *masked_lines(places, self._unmasked, flags, glyphs),
        )
        self.status = Text("\n").join(lines)

    def watch_status(self, status: Text) -> None:
        """Draw the status and lay out the screen, as the number of its lines varies."""
        self.query_one(".status", Static).update(content(status))

    # what is shown

    def watch_mode(self, mode: Mode) -> None:
        """Show the list of a mode and wrap it to its width."""
        for list_id in set(LIST_IDS.values()):
            self.query_one(f"#{list_id}").set_class(list_id == LIST_IDS[mode], "-shown")
        self._try_input.display = mode in ("messages", "json")
        self.shown_list.focus()
        self._draw()
        self.call_after_refresh(self._wrap, mode)
        if mode == "maskings" and self.view is not None:
            self._read_originals(self.view.state)
        self.refresh_bindings()

    def _wrap(self, mode: Mode) -> None:
        if self.mode == mode:
            self.shown_list.refresh_rows(keep_cursor=mode in ("messages", "maskings"))

    def action_mode(self, mode: Mode) -> None:
        """Show something else, or the messages again."""
        self.mode = "messages" if self.mode == mode else mode

    @on(Input.Changed, "#try")
    def _try_changed(self) -> None:
        self._draw()

    @on(Input.Submitted, "#try")
    def _try_submitted(self) -> None:
        self.shown_list.focus()

    def action_try(self) -> None:
        """Type a message to try the draft with."""
        if self.mode in ("diff", "maskings"):
            self.mode = "messages"
        self._try_input.focus()

    def action_back(self) -> None:
        """Leave the input, then what was opened over the messages, then the screen."""
        if self._try_input.has_focus:
            self.shown_list.focus()
        elif self.mode in ("diff", "maskings"):
            self.mode = "messages"
        else:
            self.shell.back()

    def action_refused(self, step: int) -> None:
        """Go to the next or previous message that a provider would refuse, wrapping around."""
        if self.mode == "messages":
            self._go_to_refused(step)
        else:
            self.mode = "messages"
            self.call_after_refresh(self._go_to_refused, step)

    def _go_to_refused(self, step: int) -> None:
        messages, count = self.query_one("#messages", RowList), len(self.rows)
        for distance in range(1, count + 1):
            index = (messages.cursor + step * distance) % count
            if self.rows.refused(index):
                messages.goto(index)
                return

    def action_target(self, step: int) -> None:
        """Choose the next or previous target."""
        names = [*TARGETS]
        name = names[(names.index(self.target.name) + step) % len(names)]
        self.choices = replace(self.choices, target=name)
        self._remember()
        self._draw()

    def action_requests(self, step: int) -> None:
        """Show the cost for more or fewer requests."""
        now = self.choices.requests
        others = [number for number in REQUEST_STEPS if (number > now if step > 0 else number < now)]
        if others:
            self.choices = replace(self.choices, requests=min(others) if step > 0 else max(others))
            self._remember()
            self._update_status()

    # what can run now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the keys for masked places only in their list."""
        if action in ("accept", "restore") and self.mode != "maskings":
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty if it can."""
        if action == "undo" and not self.draft.history.past:
            return "there is nothing to undo"
        if action == "redo" and not self.draft.history.future:
            return "there is nothing to do again"
        if action in ("save", "export", "copy", "launch", "install") and self.draft.state.seed.is_empty():
            return "the template is empty; pick something in Curate first"
        if action == "edit":
            return self._why_not_edit()
        if action == "refused" and not self.findings:
            return "no message would be refused"
        if action in ("accept", "restore") and not self.masking_rows.places:
            return "nothing is masked here"
        if action in ("launch", "install"):
            if self.draft.state.base is None:
                return "save it first: w"
            if self.base is not None and self.base.changes:
                return "it has changes that are not saved; save it first: w"
        return ""

    def _why_not_edit(self) -> str:
        if self.draft.invalid_texts() or self._part_at_cursor not in ("", ACKNOWLEDGED):
            return ""
        if self._part_at_cursor:
            return "this message is the same in every template"
        return "go to a message of the template first"

    @property
    def _part_at_cursor(self) -> str:
        """The `ChatMessage.part` of the message under the cursor; empty if there is none."""
        number = self.rows.message_at(self.shown_list.cursor) if self.mode == "messages" else None
        return self.messages[number].part if number is not None else ""

    # changing the draft

    def _draft_changed(self) -> None:
        self.show()
        self._autosave.schedule()

    def _apply(self, edit: Edit) -> bool:
        if changed := self.draft.apply(edit):
            self._draft_changed()
        return changed

    @work(exclusive=True, group="originals")
    async def _read_originals(self, state: DraftState) -> None:
        """Read the original texts of the masked places from their sessions, those that are not read yet."""
        rows = self.masking_rows
        missing = [place for place in rows.places if place.key not in rows.originals]
        rows.originals |= await self.workspace.drafts.originals(state, missing)
        if self.mode == "maskings":
            self.masking_list.refresh_rows()

    def action_accept(self) -> None:
        """Keep the place at the cursor masked, or mask it again, and go on to the next."""
        place = self.masking_rows.places[self.masking_list.cursor]
        if place.standing == "masked":
            self._apply(Accept(place.item, place.field, place.ordinal))
        elif place.standing != "accepted":
            known = self.workspace.context.known_secrets()
            self._apply(Remask(place.item, place.field, known, place.ordinal))
            self.say("masked again · z takes it back")
        self.masking_list.action_step(1)

    def action_restore(self) -> None:
        """Put the original text back at the place at the cursor."""
        place = self.masking_rows.places[self.masking_list.cursor]
        known = self.workspace.context.known_secrets()
        if place.standing == "restored":
            self.say("it stands unmasked already; a masks it")
            return
        if place.standing == "open":
            self._apply(Keep(place.item, place.field, place.ordinal, known))
        else:
            original = self.masking_rows.originals.get(place.key)
            if original is None:
                self.say("the session it came from is still being read")
                return
            if original.text is None:
                self.say(f"it stays masked: {original.why}", "warning")
                return
            if not self._apply(Restore(place.item, place.field, place.ordinal, original.text, known)):
                self.say("it stays masked: the original cannot stand there any more", "warning")
                return
        self.say(f"{place.kind} will be saved and sent unmasked · z takes it back", "warning")

    def action_undo(self) -> None:
        """Undo the last change."""
        self.say(f"undone: {self.draft.undo()}")
        self._draft_changed()

    def action_redo(self) -> None:
        """Redo the change undone last."""
        self.say(f"done again: {self.draft.redo()}")
        self._draft_changed()

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Ask for a name and save the draft as a template."""
        if await save_draft(self, self.draft, warning=self._unmasked):
            self.show()

    def action_edit(self) -> None:
        """Edit the first text that is not valid, else the item that the message under the cursor shows."""
        from warmtui.tui.curate.screen import CurateScreen

        invalid, part = self.draft.invalid_texts(), self._part_at_cursor
        below = self.app.screen_stack[-2]
        self.shell.back()
        if not (isinstance(below, CurateScreen) and below.draft is self.draft):
            below = CurateScreen(self.draft)
            self.app.push_screen(below)
        if invalid:
            self.app.call_after_refresh(below.edit_problem, invalid[0])
        else:
            self.app.call_after_refresh(below.edit_item, "" if part == OPENING else part)

    # delivery

    def exported(self, target: Target) -> bytes:
        """Return the file that an export writes; raises `WarmtuiError` if there is nothing to write."""
        return export_draft(self.draft.rendered(), target, self.workspace.context.folders(), self.started_at)

    def action_copy(self) -> None:
        """Copy what an export to this target would write."""
        try:
            text = self.exported(self.target).decode()
        except WarmtuiError as error:
            self.say(str(error), "warning")
            return
        if len(text) > COPIED:
            self.say("too long for the clipboard of a terminal; x writes it to a file", "warning")
            return
        self.app.copy_to_clipboard(text)
        if unmasked := self._unmasked:
            self.say(f"copied as JSON; {unmasked}", "warning")
        else:
            self.say("copied as JSON")

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Ask for a format and a file, and write it."""
        name = self.draft.rendered().draft.name or "template"
        target = await delivery.export(
            self, name, self.exported, target=self.choices.target, warning=self._unmasked
        )
        if target is not None:
            self.choices = replace(self.choices, target=target)
            self._remember()
            self.show()

    @work(exclusive=True, group="install")
    async def action_install(self) -> None:
        """Make the template Hermes' default prefill."""
        if base := self.draft.state.base:
            await delivery.install(self, base.template_id)
            self.show()

    @work(exclusive=True, group="install")
    async def action_uninstall(self) -> None:
        """Put back what Hermes sent before."""
        await delivery.uninstall(self)
        self.show()

    @work(exclusive=True, group="launch")
    async def action_launch(self) -> None:
        """Hand the terminal to the agent, started with the template."""
        if base := self.draft.state.base:
            command = await delivery.launch(self, base.template_id, self.choices.command)
            if command is not None:
                self.choices = replace(self.choices, command=command)
                self._remember()
