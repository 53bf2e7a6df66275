"""Preview and export: what exactly will be sent?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal, NamedTuple

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input, Static

from warmtui.curation.diff import Change
from warmtui.curation.editing import review
from warmtui.curation.tokens import list_tokens
from warmtui.errors import WarmtuiError
from warmtui.exchange.base import Target
from warmtui.exchange.messages import to_bytes
from warmtui.exchange.targets import TARGETS
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.template import Seed
from warmtui.tui.base_screen import key
from warmtui.tui.commands import bindings
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.tall_row_list import TallRowList
from warmtui.tui.list.text_rows import Piece, TextRows
from warmtui.tui.preview.changes import change_pieces
from warmtui.tui.preview.masking import Looked, PreviewMasks
from warmtui.tui.preview.message_rows import PreviewRows, Zones
from warmtui.tui.preview.status import broken_lines, check_lines, cost_line, masked_lines
from warmtui.tui.ui_state import recall_preview, remember_preview
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED, WARNING, content
from warmtui.workspace.drafting import changes_since, refusals

STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
"""Requests of a session that can be counted with; each key goes to the next."""
Mode = Literal["messages", "json", "diff", "maskings"]
LISTS: dict[Mode, str] = {
    "messages": "messages",
    "json": "text",
    "diff": "text",
    "maskings": "maskings",
}


class Saved(NamedTuple):
    """How the draft stands to what is saved."""

    changes: tuple[Change, ...]
    """Since the version it was opened from."""
    seed: Seed
    """Of that version."""
    newest: int
    """The version the library has by now."""


class PreviewScreen(PreviewMasks):
    """The exact message list in its zones, checks, what it costs, maskings; save, export, start.

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
        key(
            "preview.more",
            "plus",
            "requests(1)",
            "Count with more requests",
            also=("equals_sign",),
        ),
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

    def __init__(self, draft: DraftSession) -> None:
        super().__init__(draft)
        self.mode: Mode = "messages"
        self.saved: Saved | None = None
        self.findings: tuple[CheckFinding, ...] = ()
        self.rows, self.texts = PreviewRows(glyphs_of(self)), TextRows()

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, the lists of which one is seen, the message to try, checks and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield TallRowList(self.rows, id="messages", classes="list -shown")
        yield TallRowList(self.texts, id="text", classes="list")
        yield RowList(
            self.masks,
            id="maskings",
            classes="list",
            empty="Nothing to mask was recognised.\nThat is no proof: read it before you share it.",
        )
        yield Input(
            placeholder="the message to try it with (i)", id="try", classes="-line", select_on_focus=False
        )
        yield Static("", classes="status", markup=False)
        yield KeyFooter()

    @property
    def target(self) -> Target:
        """The chosen target."""
        return TARGETS.get(self.place.target, next(iter(TARGETS.values())))

    @property
    def seen(self) -> RowList:
        """The list that is seen."""
        return self.query_one(f"#{LISTS[self.mode]}", RowList)

    @property
    def words(self) -> str:
        """The message to try."""
        return self.query_one("#try", Input).value

    @property
    def part_here(self) -> str:
        """What the message under the cursor stands for, as `ChatMessage.part`; empty where there is none."""
        number = self.rows.message_at(self.seen.cursor) if self.mode == "messages" else None
        return self._ours()[number].part if number is not None else ""

    def on_mount(self) -> None:
        """Show the messages."""
        self.started_at = self.workspace.now()
        self.seen.focus()
        self._recall()

    @work(exclusive=True, group="recall")
    async def _recall(self) -> None:
        self.place = await recall_preview(self.workspace)
        self.show()

    @work(exclusive=True, group="remember")
    async def remember(self) -> None:
        """Keep target, requests and command."""
        await remember_preview(self.workspace, self.place)

    # what is seen

    @work(exclusive=True, group="show")
    async def show(self) -> None:
        """Look at the draft as it stands now, and draw it."""
        state, known = self.draft.state, self.workspace.known_secrets()

        def look() -> Looked:
            return Looked(state, self.drafted(), review(state, known))

        if self.looked is None or self.looked.state is not state:
            self.looked = await self.workspace.drafting(look)
        self._draw()
        self.saved = await self._compare()
        self._draw_crumbs()
        if self.mode == "diff":
            self.texts.put(self._diff())
            self.seen.refresh_rows()
        if not self.draft.checked:
            await self.draft.check()
        self._draw_status()
        self.regrey()

    async def _compare(self) -> Saved | None:
        """Compare the draft with the version it was opened from; None when there is none."""
        base, library = self.draft.state.base, self.workspace.library
        if base is None or self.looked is None:
            return None
        try:
            old = await library.get_version(base.template_id, base.version)
            newest = (await library.get(base.template_id)).version.number
        except WarmtuiError as error:
            self.say(str(error), "warning")
            return None
        return Saved(changes_since(old, self.looked.drafted.draft), old.seed, newest)

    def _draw(self) -> None:
        looked = self.looked
        if looked is None:
            return
        ours = looked.drafted.messages
        self.findings = refusals(ours, self.target)
        unmasked = frozenset(one.value for one in looked.places if one.unmasked)
        self.rows.put(Zones(self.target, ours, self.words, self.added(), self.findings, unmasked))
        self.masks.put(looked.places, looked.state.seed)
        if self.mode in ("json", "diff"):
            self.texts.put(self._diff() if self.mode == "diff" else self._json())
        # a list that is not seen has no width to wrap to; it is drawn when it is shown
        self.seen.refresh_rows()
        self._draw_crumbs()
        self._draw_status()

    def _json(self) -> Iterator[Piece]:
        yield Piece(f"before ours: {self.target.before}", FAINT)
        invented = [str(number) for number, one in enumerate(self._ours(), 1) if one.invented]
        if invented:
            plural = "s" if len(invented) > 1 else ""
            yield Piece(f"written by warmtui: message{plural} {', '.join(invented)}", WARNING)
        try:
            yield Piece(self.data(self.target.name).decode().removesuffix("\n"))
        except WarmtuiError as error:
            yield Piece(str(error), MUTED)
        yield Piece(f"after ours: {self.target.after}", FAINT)
        if self.words:
            yield Piece(to_bytes([ChatMessage("user", self.words)]).decode().strip("[]\n"))

    def _diff(self) -> Iterator[Piece]:
        base = self.draft.state.base
        if base is None:
            yield Piece("It was not saved yet, so there is nothing to compare it with.", MUTED)
        elif self.saved is None:
            yield Piece(
                f"Version {base.version} cannot be read, so there is nothing to compare it with.", MUTED
            )
        else:
            seeds = (self.draft.state.seed, self.saved.seed)
            yield from change_pieces(f"since version {base.version}", self.saved.changes, seeds)

    def _ours(self) -> Sequence[ChatMessage]:
        return self.looked.drafted.messages if self.looked is not None else ()

    def _draw_crumbs(self) -> None:
        state, saved = self.draft.state, self.saved
        crumbs = Text(f" warmtui › {state.name or 'a new template'} › Preview")
        crumbs.append(" › masked" if self.mode == "maskings" else "")
        crumbs.append(f"   {self.target.title.partition(':')[0]}", MUTED)
        if state.base is None:
            crumbs.append("   not saved yet", FAINT)
        else:
            crumbs.append(f"   v{state.base.version}", FAINT)
            if saved is not None and saved.newest > state.base.version:
                crumbs.append(f", v{saved.newest} saved elsewhere", WARNING)
            elif saved is not None:
                count = len(saved.changes)
                crumbs.append(f", {count} change{'s' * (count != 1)} since" if count else " saved", FAINT)
        self.query_one(".crumbs", Static).update(content(crumbs))

    def _draw_status(self) -> None:
        flags = sum(one.kind == "flag" for one in self.draft.problems())
        places = self.looked.places if self.looked is not None else ()
        glyphs = glyphs_of(self)
        lines = (
            *broken_lines(self.broken()),
            cost_line(list_tokens(self._ours()), self.place.requests, glyphs),
            *check_lines(self.findings, self.target.refusers, glyphs),
            *masked_lines(places, self.unmasked_words(), flags, glyphs),
        )
        text = Text("\n").join(lines)
        self.query_one(".status", Static).update(content(text))

    # keys of what is seen

    @on(Input.Changed, "#try")
    def _try_changed(self) -> None:
        self._draw()

    @on(Input.Submitted, "#try")
    def _try_done(self) -> None:
        self.seen.focus()

    def action_try(self) -> None:
        """Type the message to try it with."""
        if self.mode in ("diff", "maskings"):
            self._to("messages")
        self.query_one("#try", Input).focus()

    def action_back(self) -> None:
        """Leave the input, then what was opened over the messages, then the screen."""
        if self.query_one("#try", Input).has_focus:
            self.seen.focus()
        elif self.mode in ("diff", "maskings"):
            self._to("messages")
        else:
            self.shell.back()

    def action_mode(self, mode: Mode) -> None:
        """Show something else, or the messages again."""
        self._to("messages" if self.mode == mode else mode)

    def _to(self, mode: Mode) -> None:
        self.mode = mode
        for name in set(LISTS.values()):
            self.query_one(f"#{name}").set_class(name == LISTS[mode], "-shown")
        self.query_one("#try").display = mode in ("messages", "json")
        self.seen.focus()
        self._draw()
        self.call_after_refresh(self._laid_out, mode)
        if mode == "maskings":
            self._read_originals()
        self.refresh_bindings()

    def _laid_out(self, mode: Mode) -> None:
        """Wrap what is shown now to its width."""
        if self.mode == mode:
            self.seen.refresh_rows(keep_cursor=mode in ("messages", "maskings"))

    def action_refused(self, step: int) -> None:
        """Go to the next or previous message that somebody would refuse, round at the ends."""
        if self.mode == "messages":
            self._to_refused(step)
        else:
            self._to("messages")
            self.call_after_refresh(self._to_refused, step)

    def _to_refused(self, step: int) -> None:
        rows, count = self.query_one("#messages", RowList), len(self.rows)
        for away in range(1, count + 1):
            index = (rows.cursor + step * away) % count
            if self.rows.refused(index):
                rows.goto(index)
                return

    def action_target(self, step: int) -> None:
        """Take the next or previous target."""
        names = [*TARGETS]
        at = (names.index(self.target.name) + step) % len(names)
        self.place = replace(self.place, target=names[at])
        self.remember()
        self._draw()

    def action_requests(self, step: int) -> None:
        """Count with more or fewer requests."""
        now = self.place.requests
        others = [one for one in STEPS if (one > now if step > 0 else one < now)]
        if others:
            self.place = replace(self.place, requests=min(others) if step > 0 else max(others))
            self.remember()
            self._draw_status()

    # what can be done now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is for maskings only there."""
        if action in ("accept", "restore") and self.mode != "maskings":
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if action == "undo" and not self.draft.history.past:
            return "there is nothing to undo"
        if action == "redo" and not self.draft.history.future:
            return "there is nothing to do again"
        if action in ("save", "export", "copy", "launch", "install") and self.draft.state.seed.is_empty():
            return "the template is empty; pick something in Curate first"
        if action == "edit":
            return self.why_not_edit()
        if action == "refused" and not self.findings:
            return "no message would be refused"
        if action in ("accept", "restore") and not self.masks.places:
            return "nothing is masked here"
        if action in ("launch", "install"):
            if self.draft.state.base is None:
                return "save it first: w"
            if self.saved is not None and self.saved.changes:
                return "it has changes that are not saved; save it first: w"
        return ""
