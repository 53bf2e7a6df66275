"""The lists of the Curate screen, and the lines around them: breadcrumbs, token meter and problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.binding import BindingType

from warmtui.curation.candidates import Candidate
from warmtui.curation.candidates.deduplicate import SHOWN_BY_RECOVERY
from warmtui.curation.editing import DraftProblem, Part, total
from warmtui.curation.summaries import candidate_summary
from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, Line

# Each pane shows only the keys that mean something in it; the screen runs their actions.
PICK = key("curate.pick", "space", "mark", "Pick it, or take it out", "pick", palette=False)
EDIT = key("curate.edit", "e", "screen.edit", "Edit the item", "edit")
EDIT_EXTERNALLY = key("curate.editor", "E", "screen.editor", "Edit a field of the item in $EDITOR", "$EDITOR")
REMOVE = key("curate.remove", "x", "screen.remove", "Take the item out", "out", also=("delete",))
UP = key("curate.up", "K", "screen.move(-1)", "Move the item up", "move", show_key="K/J")
DOWN = key("curate.down", "J", "screen.move(1)", "Move the item down")
SHOWN = key("curate.shown", "m", "screen.shown", "Show a recovery as a line or as messages", "form")

GROUPS = (
    ("recovery", "Recoveries"),
    ("preference", "What you prefer"),
    ("convention", "How things are done here"),
    ("tool_example", "Tool calls"),
    ("dead_end", "Dead ends"),
    ("known_noise", "Known noise"),
    ("user_patterns", "How you ask"),
    ("marker", "Where things are"),
    ("system_context", "System context"),
)
TITLES = {
    "preferences": "What you prefer",
    "conventions": "How things are done here",
    "framing": "What warmtui says around it",
    "markers": "Where things are",
}
"""Headings of parts whose name says too little."""
BAR_WIDTH = 12
"""Cells of the token meter's bar, if there is room for it."""
MIN_BAR_WIDTH = 4
GAP = 3
"""Blanks between the counts of problems and the text of one."""
SHORT_NAMES = {
    "how I work": "style",
    "preferences": "wishes",
    "conventions": "ways",
    "recoveries": "fixes",
    "dead ends": "ends",
    "known noise": "noise",
    "examples": "calls",
    "framing": "ours",
}
"""Names of parts that fit a narrow meter."""


class CandidateRows(RowSource):
    """Candidates in groups, best first: two lines each, the second says why it is offered."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.rows: list[Candidate | str] = []

    def put(self, candidates: Sequence[Candidate]) -> None:
        """Show these candidates."""
        self.rows = []
        for kind, title in GROUPS:
            group = [candidate for candidate in candidates if candidate.kind == kind]
            if group:
                worthy = sum(map(_worth_keeping, group))
                self.rows += [f"{title}  {worthy} of {len(group)} worth keeping", *group]

    def candidate(self, index: int) -> Candidate | None:
        """Return the candidate at an index; None for a heading."""
        row = self.rows[index] if 0 <= index < len(self.rows) else None
        return row if isinstance(row, Candidate) else None

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """Return the candidate's id, or the heading."""
        row = self.rows[index]
        return row if isinstance(row, str) else row.id

    def selectable(self, index: int) -> bool:
        """Return whether the row is a candidate."""
        return isinstance(self.rows[index], Candidate)

    def height(self, index: int) -> int:
        """Return two lines for a candidate, one for a heading."""
        return 2 if isinstance(self.rows[index], Candidate) else 1

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a heading, or a candidate with its reasons."""
        row = self.rows[index]
        if isinstance(row, str):
            return [Text(clip(row, width), ACCENT)]
        glyphs, tokens = self.glyphs, f"{row.tokens:,}"
        flag = f"{glyphs.flag} " if row.flags else f"{glyphs.masked} " if row.secrets else ""
        words = clip(f"{flag}{candidate_summary(row.record)}", max(4, width - len(tokens) - 1), glyphs.more)
        first = Text(words, WARNING if row.flags else "" if _worth_keeping(row) else MUTED)
        why = ", ".join(row.reasons) or "usable"
        # The reason not to suggest it no longer holds once it is picked.
        if state.marked and SHOWN_BY_RECOVERY in row.reasons:
            others = (reason for reason in row.reasons if reason != SHOWN_BY_RECOVERY)
            why = ", ".join(("shows the call that a recovery tells of", *others))
        if row.flags:
            why = f"reads like an instruction: {row.flags[0]}"
        return [_with_count(first, tokens, width), Text(clip(why, width, glyphs.more), FAINT)]


def _worth_keeping(candidate: Candidate) -> bool:
    # A call that a recovery shows already is worth keeping too; it is only not suggested twice.
    return candidate.worth_keeping or SHOWN_BY_RECOVERY in candidate.reasons


def _with_count(line: Text, count: str, width: int) -> Text:
    line.append(" " * max(1, width - line.cell_len - len(count)))
    return line.append(count, FAINT)


class ItemRow(NamedTuple):
    """One row of the draft: the heading of a part, or an item."""

    key: str
    words: str
    tokens: int
    is_item: bool


class ItemRows(RowSource):
    """The items of the draft under the headings of their parts, with what each costs."""

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.rows: list[ItemRow] = []
        self._signs: Mapping[str, str] = {}

    def put(self, parts: Sequence[Part], signs: Mapping[str, str]) -> bool:
        """Show the parts of the draft, and return whether anything differs from what is shown already.

        Args:
            parts: in their order; empty ones are left out.
            signs: by item id, the sign to draw before an item that has a problem.
        """
        before = self.rows, self._signs
        self._signs = signs
        self.rows = []
        for part in parts:
            if part.items or (part.name == "framing" and part.tokens):
                title = TITLES.get(part.name, part.name[0].upper() + part.name[1:])
                self.rows.append(ItemRow(f"part {part.name}", title, part.tokens, is_item=False))
                numbered = part.name in ("recoveries", "examples")
                for number, item in enumerate(part.items, 1):
                    words = f"{number} {item.words}" if numbered else item.words
                    self.rows.append(ItemRow(item.id, words, item.tokens, is_item=True))
        return before != (self.rows, self._signs)

    def item(self, index: int) -> str | None:
        """Return the id of the item at an index; None for a heading."""
        if not 0 <= index < len(self.rows):
            return None
        row = self.rows[index]
        return row.key if row.is_item else None

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, index: int) -> str:
        """Return the item's id, or the part's name."""
        return self.rows[index].key

    def selectable(self, index: int) -> bool:
        """Return whether the row is an item."""
        return self.rows[index].is_item

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a part's heading or an item."""
        row = self.rows[index]
        count, sign = f"{row.tokens:,}", self._signs.get(row.key, "")
        words = f"{sign} {row.words}" if sign else row.words
        style = ACCENT if not row.is_item else WARNING if sign else ""
        line = Text(clip(words, max(4, width - len(count) - 1), self.glyphs.more), style)
        return [_with_count(line, count, width)]


class CandidateList(RowList):
    """The candidates; those in the draft are ticked."""

    KEYS: ClassVar[tuple[Command, ...]] = (PICK, EDIT, EDIT_EXTERNALLY)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, rows: CandidateRows) -> None:
        super().__init__(
            rows,
            markable=True,
            mark=("[x]", "[ ]"),
            id="candidates",
            classes="pane",
            empty="These sessions offer nothing to keep.",
        )


class ItemList(RowList):
    """The items of the draft."""

    KEYS: ClassVar[tuple[Command, ...]] = (UP, DOWN, REMOVE, SHOWN, EDIT, EDIT_EXTERNALLY)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, rows: ItemRows) -> None:
        super().__init__(
            rows,
            id="draft",
            classes="pane",
            empty="Nothing is picked yet.\nspace picks, a takes the suggestion.",
        )


def crumbs_line(draft: DraftSession, width: int, now: float, glyphs: Glyphs) -> Text:
    """Return the breadcrumbs, with when the draft was autosaved; `now` is in monotonic seconds."""
    autosave = Text()
    if draft.autosave_error:
        autosave.append("the draft could not be kept", WARNING)
    elif draft.autosaved_at is not None:
        ago = int(now - draft.autosaved_at)
        since = f" {ago // 60} min ago" if ago >= 100 else f" {ago} s ago" if ago else ""
        autosave.append(f"draft kept{since}", FAINT)
    name = clip(draft.state.name or "a new template", max(8, width - 24 - autosave.cell_len), glyphs.more)
    return Text(f"warmtui › Curate “{name}”  ").append_text(autosave)


def meter_line(parts: Sequence[Part], budget: int, width: int, glyphs: Glyphs) -> Text:
    """Return what a draft costs in all and by part, beside the budget of tokens it should not exceed."""
    tokens = total(parts)
    each = "  ".join(
        f"{SHORT_NAMES.get(part.name, part.name)} {part.tokens:,}" for part in parts if part.tokens
    )
    words = bars.token_meter(tokens, budget, 0, glyphs=glyphs).cell_len
    bar = min(BAR_WIDTH, width - words - len(each) - 3)
    text = bars.token_meter(tokens, budget, bar if bar >= MIN_BAR_WIDTH else 0, glyphs=glyphs)
    text.append("  ")
    return text.append(clip(each, width - text.cell_len, glyphs.more), MUTED)


def problems_line(problems: Sequence[DraftProblem], index: int, why: str, width: int, glyphs: Glyphs) -> Text:
    """Return the counts of problems, and the text of the problem that was gone to last.

    Args:
        problems: the problems of the draft.
        index: of the problem that was gone to; negative for none.
        why: shown if there is no problem to show.
        width: cells of the line; if they are few, the counts are shortened before the problem's text.
        glyphs: the signs to draw with.
    """
    masked, flagged = (sum(problem.kind == kind for problem in problems) for kind in ("masked", "flag"))
    others = len(problems) - masked - flagged
    text = Text(f"! {others} to look at", WARNING) if others else Text(f"{glyphs.fine} 0 problems")
    text.append(f"   {glyphs.masked} {masked} masked", MUTED)
    text.append(f"   {glyphs.flag} {flagged} flagged", WARNING if flagged else MUTED)
    words, style = why, FAINT
    if 0 <= index < len(problems):
        words, style = f"{index + 1} of {len(problems)}: {problems[index].text}", WARNING
        if text.cell_len + GAP + len(words) > width:
            text = Text(f"! {others}", WARNING) if others else Text(glyphs.fine)
            text.append(f" {glyphs.masked} {masked} {glyphs.flag} {flagged}", MUTED)
    elif problems:
        words = "n goes to the first"
    if words:
        text.append(" " * GAP).append(clip(words, width - text.cell_len, glyphs.more), style)
    return text
