"""Candidates and the draft, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from warmtui.curation.candidates import Candidate
from warmtui.curation.deduplicate import SHOWN_BY_RECOVERY
from warmtui.curation.editing import Part
from warmtui.curation.summaries import candidate_summary
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, Line

GROUPS = (
    ("recovery", "Recoveries"),
    ("tool_example", "Tool calls"),
    ("user_patterns", "How you ask"),
    ("marker", "Where things are"),
    ("system_context", "System context"),
)

TITLES = {"framing": "What warmtui says around it", "markers": "Where things are"}
"""Headings of parts whose name says too little."""


class CandidateRows(RowSource):
    """What sessions offer, in groups, best first: two lines each, the second says why.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.entries: list[Candidate | str] = []
        self._places: dict[str, int] = {}

    def put(self, candidates: Sequence[Candidate]) -> None:
        """Show these candidates."""
        self.entries = []
        for kind, title in GROUPS:
            group = [one for one in candidates if one.kind == kind]
            if group:
                worth = sum(map(_worth, group))
                self.entries += [f"{title}  {worth} of {len(group)} worth keeping", *group]
        self._places = {one.id: index for index, one in enumerate(self.entries) if isinstance(one, Candidate)}

    def candidate(self, index: int) -> Candidate | None:
        """Return the candidate at a position; None for a heading."""
        entry = self.entries[index] if 0 <= index < len(self.entries) else None
        return entry if isinstance(entry, Candidate) else None

    def __len__(self) -> int:
        return len(self.entries)

    def key(self, index: int) -> str:
        """Return the candidate's id, or the heading."""
        entry = self.entries[index]
        return entry if isinstance(entry, str) else entry.id

    def index_of(self, key: str) -> int | None:
        """Return where a candidate stands."""
        return self._places.get(key)

    def selectable(self, index: int) -> bool:
        """Headings cannot be picked."""
        return isinstance(self.entries[index], Candidate)

    def height(self, index: int) -> int:
        """Return two lines for a candidate, one for a heading."""
        return 2 if isinstance(self.entries[index], Candidate) else 1

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a heading, or a candidate with its reason."""
        entry = self.entries[index]
        if isinstance(entry, str):
            return [Text(clip(entry, width), ACCENT)]
        tokens = f"{entry.tokens:,}"
        signs = self.glyphs
        flag = f"{signs.flag} " if entry.flags else f"{signs.masked} " if entry.secrets else ""
        room = max(4, width - len(tokens) - 1)
        words = clip(f"{flag}{candidate_summary(entry.record)}", room, signs.more)
        first = Text(words, WARNING if entry.flags else "" if _worth(entry) else MUTED)
        first.append(" " * max(1, width - first.cell_len - len(tokens)))
        first.append(tokens, FAINT)
        why = ", ".join(entry.reasons) or "usable"
        if state.marked and SHOWN_BY_RECOVERY in entry.reasons:
            others = (one for one in entry.reasons if one != SHOWN_BY_RECOVERY)
            why = ", ".join(("shows the call that a recovery tells of", *others))
        if entry.flags:
            why = f"reads like an instruction: {entry.flags[0]}"
        return [first, Text(clip(why, width, signs.more), FAINT)]


def _worth(one: Candidate) -> bool:
    """Whether it is worth keeping; what a recovery shows already is, though it need not be picked too."""
    return one.worth_keeping or SHOWN_BY_RECOVERY in one.reasons


class DraftRows(RowSource):
    """The template as it stands, in order, with what each part costs.

    Args:
        glyphs: the signs to draw with.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self.entries: list[tuple[str, str, int, bool]] = []
        """Key, words, tokens, whether it is an item."""
        self._signs: Mapping[str, str] = {}

    def put(self, parts: Sequence[Part], signs: Mapping[str, str]) -> bool:
        """Show these parts.

        Args:
            parts: what the draft holds.
            signs: by item, what is put before one with something to look at.

        Returns:
            Whether anything differs from what is shown already.
        """
        before = self.entries, self._signs
        self._signs = signs
        self.entries = []
        for part in parts:
            if part.items or (part.name == "framing" and part.tokens):
                title = TITLES.get(part.name, part.name[0].upper() + part.name[1:])
                self.entries.append((f"part {part.name}", title, part.tokens, False))
                numbered = part.name in ("recoveries", "examples")
                for number, item in enumerate(part.items, 1):
                    words = f"{number} {item.words}" if numbered else item.words
                    self.entries.append((item.id, words, item.tokens, True))
        return before != (self.entries, self._signs)

    def item(self, index: int) -> str | None:
        """Return the id of the item at a position; None for a heading."""
        if not 0 <= index < len(self.entries):
            return None
        key, _, _, is_item = self.entries[index]
        return key if is_item else None

    def __len__(self) -> int:
        return len(self.entries)

    def key(self, index: int) -> str:
        """Return the item's id."""
        return self.entries[index][0]

    def selectable(self, index: int) -> bool:
        """Headings are passed over."""
        return self.entries[index][3]

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a part's heading or an item."""
        key, words, tokens, is_item = self.entries[index]
        count = f"{tokens:,}"
        sign = self._signs.get(key, "")
        room = max(4, width - len(count) - 1)
        shown = clip(f"{sign} {words}" if sign else words, room, self.glyphs.more)
        line = Text(shown, ("" if not sign else WARNING) if is_item else ACCENT)
        line.append(" " * max(1, width - line.cell_len - len(count)))
        return [line.append(count, FAINT)]
