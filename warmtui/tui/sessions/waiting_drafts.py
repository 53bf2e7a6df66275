"""The drafts that `warmtui auto` made and that wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from warmtui.text import counted
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import FAINT, MUTED, Line
from warmtui.workspace.auto import WaitingDraft


class WaitingRows(RowSource):
    """Drafts that wait, the newest first."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.drafts: tuple[WaitingDraft, ...] = ()

    def __len__(self) -> int:
        return len(self.drafts)

    def key(self, index: int) -> str:
        """Return the draft's key."""
        return self.drafts[index].key

    def height(self, index: int) -> int:
        """Return two lines: which project, and what recurs there."""
        return 2

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a draft with its first lessons."""
        draft, more = self.drafts[index], self.glyphs.more
        about = f"{counted(len(draft.lessons), 'lesson')} from {counted(len(draft.sessions), 'session')}"
        first = Text(clip(draft.project, max(4, width - 60), more)).append(f"  {about}", MUTED)
        first.append(f"  {clip(draft.folder, max(4, width - first.cell_len - 2), more)}", FAINT)
        lessons = " · ".join(lesson.text for lesson in draft.lessons)
        return [first, Text(clip(f"  {lessons}", width, more), MUTED)]


class WaitingDraftsScreen(BaseScreen):
    """Which drafts wait; Enter opens one to look at, edit and save."""

    DEFAULT_CSS = """
    WaitingDraftsScreen #waiting { padding: 0 1; }
    """
    KEYS: ClassVar = (
        key("waiting.open", "enter", "open", "Open the draft", "open"),
        key("waiting.drop", "x", "drop", "Drop it; its lessons are not offered again", "drop"),
        key("waiting.list", "w", "back", "To the list of sessions"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    AUTO_FOCUS = "#waiting"

    def __init__(self) -> None:
        super().__init__()
        self.rows = WaitingRows(glyphs_of(self))
        self.table = RowList(self.rows, opens=False, id="waiting")
        self.table.empty = "No draft waits.\nwarmtui auto makes drafts of what recurs in your projects."

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, the drafts and the keys."""
        yield Static("", classes="crumbs", markup=False)
        yield self.table
        yield KeyFooter()

    def on_mount(self) -> None:
        """Read the drafts."""
        self.crumbs = Text(" warmtui › Drafts that wait  ").append(
            "nothing is saved before you say so", MUTED
        )

    def on_screen_resume(self) -> None:
        """Read the drafts again: one may have been saved meanwhile."""
        self._read()

    @work(exclusive=True, group="waiting")
    async def _read(self) -> None:
        drafts = await self.result_or_say(self.workspace.auto.waiting())
        if drafts is not None:
            self.rows.drafts = drafts
            self.table.refresh_rows()
            self.regrey()
        self.shell.count_waiting()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why there is nothing to open or drop; empty when there is."""
        return "no draft waits" if action in ("open", "drop") and not len(self.rows) else ""

    def _current(self) -> WaitingDraft | None:
        at = self.table.cursor
        return self.rows.drafts[at] if 0 <= at < len(self.rows) else None

    @on(RowList.Opened, "#waiting")
    def action_open(self) -> None:
        """Open the draft under the cursor."""
        if (draft := self._current()) is not None:
            self._open(draft)

    @work(exclusive=True, group="open_draft")
    async def _open(self, waiting: WaitingDraft) -> None:
        opening = partial(DraftSession.of_auto, self.workspace, waiting.key)
        if draft := await self.shell.wait_for_draft(opening, len(waiting.sessions)):
            self.shell.open_draft(draft)

    @work(exclusive=True, group="waiting")
    async def action_drop(self) -> None:
        """Drop the draft under the cursor."""
        if (draft := self._current()) is not None:
            await self.result_or_say(self.workspace.auto.drop(draft.key))
            self.say(f"dropped the draft of {draft.project}; it comes back only with something new")
            self._read()
